package main

import (
	"bytes"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/coverage"
)

// reportReaders is package coverage as the flow uses it.
func reportReaders() handlers.Reports {
	return handlers.Reports{
		NewMerge: func(sel checks.Selection) handlers.Merge { return coverage.NewMerge(sel) },
		Changed:  coverage.Changed,
		Removed:  coverage.Removed,
		Empty:    coverage.Empty,
		Read: func(name string, data []byte) (format string, files int, err error) {
			r, err := coverage.Parse(name, bytes.NewReader(data))
			if err != nil {
				return "", 0, err
			}
			return r.Format, len(r.Files), nil
		},
	}
}
