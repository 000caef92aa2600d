package main

import (
	"bytes"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/coverage"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/values"
)

// findingsKey is the purpose of the key that tells secrets apart; it stays the
// same as long as what is on record is to be known again.
const findingsKey = "findings"

// reportReaders is what reads reports, as the flow uses it. The scanner takes
// secrets out of what they say.
func reportReaders(scanner *scan.Scanner) handlers.Reports {
	redact := func(text string) string {
		clean, _ := scanner.Scrub(text)
		return clean
	}
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
		Findings: handlers.FindingReports{
			New: func() handlers.FindingMerge { return scanner.Reports() },
			Compare: func(head []byte, base *handlers.FindingBase, changed []checks.File) (checks.Findings, error) {
				found, err := compareFindings(head, base, changed)
				for i := range found.New {
					// Whoever makes a report also makes up the names in it.
					f := &found.New[i]
					f.Rule, f.Path = redact(f.Rule), redact(f.Path)
				}
				return found, err
			},
		},
		Redact: redact,
		Values: valueReader(),
	}
}

// scanReader is what counts what a scan of an artifact found.
func scanReader(i *handlers.Inspector) func(name string, data []byte) (map[string]int, []string, error) {
	return func(name string, data []byte) (map[string]int, []string, error) {
		return scan.Count(name, bytes.NewReader(data), i.Redact)
	}
}

// valueReader is what reads values of configuration files.
func valueReader() handlers.ValueReader {
	return handlers.ValueReader{Engine: values.Engine, Limit: values.SizeLimit, Read: func(name string, text []byte, keys []string) (string, []checks.Value, string) {
		f := values.Read(name, text, keys)
		return f.Format, f.Values, f.Fault
	}}
}

func compareFindings(head []byte, base *handlers.FindingBase, changed []checks.File) (checks.Findings, error) {
	if base == nil {
		return scan.Compare(head, nil, changed)
	}
	return scan.Compare(head, &scan.Base{Set: base.Set, Files: base.Files, Whole: base.Whole}, changed)
}
