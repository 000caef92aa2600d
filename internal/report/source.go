package report

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/handrail-bot/handrail/checks"
)

// Reader reads the reports of one kind out of what workflows left or sent.
type Reader[T any] struct {
	Bounds Bounds
	Kind   string // what one is called: "SARIF report"
	// Parse reads one; its error is Foreign for what is none. Alone is what is then
	// said of a file that was sent by itself.
	Parse   func(name string, in io.Reader) (*T, error)
	Foreign error
	Alone   string
	// Note keeps what was read of one file, or why it cannot be used.
	Note func(n checks.Report, got *T, err error)
}

// Read reads a file, or those files of an archive that are such reports. When ctx
// ends it stops, and what is noted is not all.
func (r Reader[T]) Read(ctx context.Context, s checks.ReportSource) {
	if s.Archive {
		r.archive(ctx, s)
		return
	}
	got, err := Bounded(ctx, bytes.NewReader(s.Data), r.Bounds, r.as(s.Name))
	if errors.Is(err, r.Foreign) {
		err = errors.New(r.Alone)
	}
	r.Note(Note(s, ""), got, err)
}

func (r Reader[T]) as(name string) func(io.Reader) (*T, error) {
	return func(in io.Reader) (*T, error) { return r.Parse(name, in) }
}

func (r Reader[T]) archive(ctx context.Context, s checks.ReportSource) {
	entries, others, err := Entries(s.Data, s.Files)
	if err != nil {
		r.Note(Note(s, ""), nil, err)
		return
	}
	found := false
	for _, f := range entries {
		got, err := Entry(ctx, f, r.Bounds, r.as(f.Name))
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, r.Foreign) {
			others = append(others, Slashes(f.Name))
			continue
		}
		found = true
		r.Note(Note(s, Slashes(f.Name)), got, err)
	}
	if !found {
		n := Note(s, "")
		n.Foreign = true
		r.Note(n, nil, None(r.Kind, others))
	}
}
