// Package coverage reads coverage reports, whatever tool wrote them: bytes
// become, for each source file, which lines were run. It merges reports, finds
// the repository's files that they speak of, and says what they know of changed
// lines.
//
// Reports are hostile: whoever opens a pull request writes them. Everything is
// bounded by the size of the input and by [Limits], nothing is written to disk,
// and what cannot be read is an error that names file, line and format, never
// an empty report. Totals inside a report are not believed where it has lines.
package coverage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/report"
)

// State is what a report says of one line. The order is that of merging: of two
// reports the higher holds.
type State uint8

// The states of a line. A line that is absent cannot run, or the report does
// not speak of it.
const (
	Absent State = iota
	Miss
	Partial // run, but not in every branch
	Hit
)

// Run is some lines in a row, both ends included, of one state.
type Run struct {
	Start, End int32
	State      State
}

// Block is a stretch of Go statements as in a cover profile. Columns count
// bytes.
type Block struct {
	Start, End       int32 // lines
	StartCol, EndCol int32
	Stmts            int32
	Hit              bool
}

// File is what a report says of one source file: lines, or, from Go, blocks.
type File struct {
	// Path as the report has it, with slashes.
	Path string
	// Runs are in order and do not touch with the same state.
	Runs   []Run
	Blocks []Block
}

// Report is one report.
type Report struct {
	Format string
	// Roots are the source directories that the report names, with slashes: a
	// file may be at a root followed by its path.
	Roots []string
	// Files, one for each path, in order of path.
	Files []File
	// Summary is set when the report has totals and no lines at all.
	Summary *checks.Totals
}

// Limits that no report may pass.
const (
	maxLine  = 2_000_000
	maxFiles = 100_000
	maxRoots = 1_000
)

// FormatError says what is wrong with a report. Line counts from 1; 0 when it
// has none.
type FormatError struct {
	Format string
	Line   int
	What   string
}

// Error names format, line and mistake.
func (e *FormatError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.Format, e.Line, e.What)
	}
	return e.Format + ": " + e.What
}

// builder collects what a parser finds. The first fault sticks; a parser may
// stop at it.
type builder struct {
	format  string
	roots   []string
	files   map[string]*fileBuilder
	summary *checks.Totals
	err     error
}

// fileBuilder collects what is said of one file, in any order, any number of
// times.
type fileBuilder struct {
	b    *builder
	file File
	// runs and blocks are how many of each there may be before what was said
	// more than once is made one.
	runs, blocks int
}

// unmerged is how many runs or blocks of a file are kept before they are merged
// for the first time.
const unmerged = 4096

func newBuilder(format string) *builder {
	return &builder{format: format, files: map[string]*fileBuilder{}}
}

// fail keeps the first fault. line is the report's, 0 when unknown.
func (b *builder) fail(line int, format string, args ...any) {
	if b.err == nil {
		b.err = &FormatError{Format: b.format, Line: line, What: fmt.Sprintf(format, args...)}
	}
}

// root adds a source directory.
func (b *builder) root(dir string) {
	dir = report.Slashes(dir)
	if dir == "" || slices.Contains(b.roots, dir) {
		return
	}
	if len(b.roots) >= maxRoots {
		b.fail(0, "more than %d source directories", maxRoots)
		return
	}
	b.roots = append(b.roots, dir)
}

// open begins a file, or goes on with one of that path. line is the report's,
// for a fault.
func (b *builder) open(path string, line int) *fileBuilder {
	path = report.Slashes(path)
	f := b.files[path]
	if f == nil {
		if path == "" {
			b.fail(line, "a file without a name")
		}
		if len(b.files) >= maxFiles {
			b.fail(line, "more than %d files", maxFiles)
			return &fileBuilder{b: b}
		}
		f = &fileBuilder{b: b, file: File{Path: path}}
		b.files[path] = f
	}
	return f
}

// line says that a line of the source has a state. at is the report's line.
func (f *fileBuilder) line(n int, s State, at int) { f.lines(n, n, s, at) }

// lines says that some lines in a row have a state. at is the report's line.
func (f *fileBuilder) lines(from, to int, s State, at int) {
	if from < 1 || to < from || to > maxLine {
		f.b.fail(at, "lines %d to %d: a line is a number from 1 to %d", from, to, maxLine)
		return
	}
	if n := len(f.file.Runs); n > 0 {
		if last := &f.file.Runs[n-1]; last.State == s && int(last.End)+1 == from {
			last.End = int32(to)
			return
		}
	}
	if len(f.file.Runs) >= max(f.runs, unmerged) {
		f.file.Runs = normal(f.file.Runs)
		f.runs = 2 * len(f.file.Runs)
	}
	f.file.Runs = append(f.file.Runs, Run{int32(from), int32(to), s})
}

// block adds a stretch of Go statements.
func (f *fileBuilder) block(k Block) {
	if len(f.file.Blocks) >= max(f.blocks, unmerged) {
		f.file.Blocks = mergeBlocks(f.file.Blocks)
		f.blocks = 2 * len(f.file.Blocks)
	}
	f.file.Blocks = append(f.file.Blocks, k)
}

// totals adds to what a report without lines says it has in all.
func (b *builder) totals(all, hit int64) {
	if b.summary == nil {
		b.summary = &checks.Totals{}
	}
	b.summary.All += all
	b.summary.Hit += hit
}

// report is what was collected, in order and merged, or the first fault.
func (b *builder) report() (*Report, error) {
	if b.err != nil {
		return nil, b.err
	}
	r := &Report{Format: b.format, Roots: b.roots}
	lines := false
	for path, f := range b.files {
		f.file.Runs = fitted(normal(f.file.Runs))
		f.file.Blocks = fitted(mergeBlocks(f.file.Blocks))
		delete(b.files, path)
		lines = lines || len(f.file.Runs) > 0 || len(f.file.Blocks) > 0
		r.Files = append(r.Files, f.file)
	}
	slices.SortFunc(r.Files, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	if !lines {
		r.Summary = b.summary
	}
	return r, nil
}

// fitted is s in memory of its own size.
func fitted[E any](s []E) []E {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}
