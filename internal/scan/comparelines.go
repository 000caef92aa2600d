package scan

import (
	"sort"

	"github.com/handrail-bot/handrail/checks"
)

// lineMap says where the lines of a file are after a change to it.
type lineMap struct{ removed, added counted }

// counted are spans of lines, each with how many lines are in those before it.
type counted struct {
	spans  checks.Spans
	before []int
}

func newLineMap(f *checks.File) *lineMap { return &lineMap{count(f.Removed), count(f.Added)} }

func count(spans checks.Spans) counted {
	before, n := make([]int, len(spans)), 0
	for i, s := range spans {
		before[i] = n
		n += s.End - s.Start + 1
	}
	return counted{spans, before}
}

// line is the number that a line has after the change, and whether it is still
// there; if not, the number is that of the last one before it that is, or 0.
func (m *lineMap) line(old int) (line int, kept bool) {
	if old == 0 {
		return 0, true
	}
	// The nth of the lines that stay is the nth of those that were not added.
	n, kept := old, true
	if i := sort.Search(len(m.removed.spans), func(i int) bool { return m.removed.spans[i].Start > old }) - 1; i >= 0 {
		s := m.removed.spans[i]
		n -= m.removed.before[i] + min(old, s.End) - s.Start + 1
		kept = old > s.End
	}
	if n == 0 {
		return 0, kept
	}
	i := sort.Search(len(m.added.spans), func(i int) bool { return m.added.spans[i].Start-m.added.before[i] > n }) - 1
	if i >= 0 {
		s := m.added.spans[i]
		n += m.added.before[i] + s.End - s.Start + 1
	}
	return n, kept
}
