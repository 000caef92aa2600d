package coverage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/report"
)

// maxEntry is how large a report may be, in bytes.
const maxEntry = 64 << 20

// maxRuns is how many runs of lines the reports of one Merge may hold together;
// what else they hold counts as the runs that it is as large as.
const maxRuns = 16_000_000

// Merge puts the reports of one commit together. Their order does not matter,
// nor does it matter whether one comes twice.
type Merge struct {
	sel     checks.Selection
	reports []*Report
	notes   []checks.Report
	seen    map[[sha256.Size]byte]bool
	left    int64 // bytes that may still be read
	runs    int   // runs that may still be kept
}

// NewMerge is one of nothing yet, for what a policy asks for.
func NewMerge(sel checks.Selection) *Merge {
	return &Merge{sel: sel, seen: map[[sha256.Size]byte]bool{}, left: report.MaxInAll, runs: maxRuns}
}

// Add reads an artifact or a file that was sent, and keeps of it only what it
// says of lines. What is wrong with it is kept as a Problem; the error is ctx's.
func (m *Merge) Add(ctx context.Context, s checks.ReportSource) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	id := report.Identity(s)
	if m.seen[id] {
		return nil
	}
	kept, noted := len(m.reports), len(m.notes)
	m.reader().Read(ctx, s)
	if err := ctx.Err(); err != nil {
		m.reports, m.notes = m.reports[:kept], m.notes[:noted]
		return err
	}
	m.seen[id] = true
	return nil
}

func (m *Merge) reader() report.Reader[Report] {
	return report.Reader[Report]{
		Bounds: report.Bounds{Each: maxEntry, Left: &m.left}, Kind: "coverage report", Note: m.note,
		Parse: Parse, Foreign: ErrNotReport, Alone: "it is no coverage report that handrail understands",
	}
}

// note keeps what was read of one file, or why it cannot be used.
func (m *Merge) note(n checks.Report, r *Report, err error) {
	if err == nil {
		err = m.keep(r)
	}
	if err != nil {
		n.Problem = report.Brief(err.Error())
		var fault *FormatError
		if errors.As(err, &fault) {
			n.Format = fault.Format
		}
	} else {
		n.Format, n.Files, n.SummaryOnly = r.Format, len(r.Files), r.Summary != nil
		if n.SummaryOnly {
			n.Files = 0
		}
	}
	m.notes = append(m.notes, n)
}

func (m *Merge) keep(r *Report) error {
	const file = 8 // a file takes as much memory as so many runs
	size := file * len(r.Files)
	for _, f := range r.Files {
		size += len(f.Runs) + 2*len(f.Blocks)
	}
	if size > m.runs {
		return fmt.Errorf("the reports hold more than %d stretches of lines together", maxRuns)
	}
	m.runs -= size
	m.reports = append(m.reports, r)
	return nil
}

// Done relates what was read to the files of the tested commit. It gives the
// set of what is known in a form to keep, see [Totals] and [Changed], and fills
// Reports, Resolved, Unresolved, Odd, Unplaced and Total. An error is a fault of
// ours.
func (m *Merge) Done(tree checks.Tree) (set []byte, got checks.Coverage, err error) {
	got.Reports = report.Ordered(m.notes)
	s, odd := m.merged(report.NewIndex(tree), &got)
	got.Odd = odd
	if len(tree.Files) == 0 && got.Unresolved > 0 {
		got.Unplaced = "GitHub lists no files of the tested commit"
	}
	got.Total = s.Totals()
	set, err = s.encode()
	return set, got, err
}

// merged is the set of all reports. It counts in got the files that were found
// and those that were not, and returns some of the latter.
func (m *Merge) merged(x *report.Index, got *checks.Coverage) (*Set, []string) {
	found := map[string][]*File{}
	odd := map[string]string{}
	for _, r := range m.reports {
		if r.Summary != nil {
			continue // it names files at most, and knows no line of them
		}
		for i, p := range x.Resolve(r.paths(), r.Roots, m.sel.Roots) {
			switch {
			case m.ignored(p):
			case p.File != "":
				found[p.File] = append(found[p.File], &r.Files[i])
			default:
				odd[p.Path] = max(odd[p.Path], p.Odd)
			}
		}
	}
	got.Resolved, got.Unresolved = len(found), len(odd)
	s := &Set{}
	for path, files := range found {
		s.Files = append(s.Files, union(path, files))
	}
	slices.SortFunc(s.Files, func(a, b SetFile) int { return strings.Compare(a.Path, b.Path) })
	s.Summary = m.summary()
	return s, report.Oddities(odd)
}

func (m *Merge) ignored(p report.Place) bool {
	path := cmp.Or(p.File, p.Path)
	return slices.ContainsFunc(m.sel.Ignore, func(g checks.Glob) bool { return g.Match(path) })
}

// union is what several reports say of one file.
func union(path string, files []*File) SetFile {
	var runs []Run
	var blocks []Block
	for _, f := range files {
		runs = append(runs, f.Runs...)
		blocks = append(blocks, f.Blocks...)
	}
	return SetFile{Path: path, Runs: fitted(normal(runs)), Stretches: stretches(mergeBlocks(blocks))}
}

// summary is the sum of the totals of reports without lines, where no report
// has lines: with lines, nobody can tell what of it was counted twice.
func (m *Merge) summary() *checks.Totals {
	var sum *checks.Totals
	for _, r := range m.reports {
		if r.Summary == nil {
			if hasLines(r) {
				return nil
			}
			continue
		}
		if sum == nil {
			sum = &checks.Totals{}
		}
		add(sum, *r.Summary)
	}
	return sum
}

func add(t *checks.Totals, o checks.Totals) {
	t.All += o.All
	t.Hit += o.Hit
	t.Partial += o.Partial
	t.Statements = t.Statements || o.Statements
}

func (r *Report) paths() []string {
	paths := make([]string, len(r.Files))
	for i, f := range r.Files {
		paths[i] = f.Path
	}
	return paths
}

func hasLines(r *Report) bool {
	return slices.ContainsFunc(r.Files, func(f File) bool { return len(f.Runs)+len(f.Blocks) > 0 })
}
