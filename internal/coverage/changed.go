package coverage

import (
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// unshown is why the added lines of a file are not known.
const unshown = "GitHub shows no lines of it: its difference is too large or binary"

// Changed says what an encoded set knows of the lines that a change adds, for
// each file that is neither removed nor ignored. Whether such a file holds
// nothing that could run, and whether it is the same at the head, the caller
// knows. The error is [ErrSet].
func Changed(set []byte, files []checks.File, sel checks.Selection) ([]checks.FileCoverage, error) {
	s, err := decodeSet(set)
	if err != nil {
		return nil, err
	}
	var out []checks.FileCoverage
	for i := range files {
		f := &files[i]
		ignored := slices.ContainsFunc(sel.Ignore, func(g checks.Glob) bool { return g.Match(f.Path) })
		if f.Status != "removed" && !ignored {
			out = append(out, s.changed(f))
		}
	}
	return out, nil
}

// changed is what the set knows of what is added to one file.
func (s *Set) changed(f *checks.File) checks.FileCoverage {
	c := checks.FileCoverage{Path: f.Path, New: f.Status == "added" || f.Status == "copied"}
	known := s.file(f.Path)
	c.Measured = known != nil
	added := f.Added
	switch {
	case f.LinesKnown:
	case f.Status == "added" && f.Additions > 0:
		added = checks.Spans{{Start: 1, End: f.Additions}}
	default:
		c.Unplaced, c.Added = unshown, f.Additions
		return c
	}
	c.Added = added.Len()
	if known == nil {
		return c
	}
	overlap(known.lines(), added, func(from, to int, state State) {
		switch state {
		case Hit:
			c.Hit = extend(c.Hit, from, to)
		case Partial:
			c.Partial = extend(c.Partial, from, to)
		case Miss:
			c.Miss = extend(c.Miss, from, to)
		}
	})
	return c
}

// extend puts lines behind the others, which are lower.
func extend(s checks.Spans, from, to int) checks.Spans {
	if n := len(s); n > 0 && s[n-1].End == from-1 {
		s[n-1].End = to
		return s
	}
	return append(s, checks.Span{Start: from, End: to})
}

// file is what is known of a file, nil when it is none of the set's.
func (s *Set) file(path string) *SetFile {
	i, ok := slices.BinarySearchFunc(s.Files, path, func(f SetFile, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return nil
	}
	return &s.Files[i]
}

// Removed is how much of an encoded set's totals lies on lines that a change
// removes. Statements of Go count with the line on which they begin. The error
// is [ErrSet].
func Removed(set []byte, files []checks.File) (checks.Totals, error) {
	var t checks.Totals
	s, err := decodeSet(set)
	if err != nil {
		return t, err
	}
	for i := range files {
		f := &files[i]
		old := f.Path
		if f.Status == "renamed" && f.Previous != "" {
			old = f.Previous
		}
		known := s.file(old)
		switch {
		case known == nil || f.Status == "added" || f.Status == "copied":
		case f.Status == "removed":
			known.count(&t, nil)
		case len(f.Removed) > 0:
			known.count(&t, f.Removed)
		}
	}
	return t, nil
}
