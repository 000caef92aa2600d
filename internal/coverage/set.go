package coverage

import (
	"github.com/handrail-bot/handrail/checks"
)

// Set is what all reports together say of a repository's files.
type Set struct {
	// Files are in order of path, one for each.
	Files []SetFile
	// Summary is set when the reports have totals and no lines at all.
	Summary *checks.Totals
}

// SetFile is what is known of one file of the repository.
type SetFile struct {
	Path string
	// Runs are in order and do not touch with the same state.
	Runs []Run
	// Stretches are of Go files, in order of place.
	Stretches []Stretch
}

// Stretch is Go statements from one line to another, all of them run or none.
type Stretch struct {
	Start, End int32 // lines
	Stmts      int32
	Hit        bool
}

// stretches are merged blocks without their columns. Those that have the same
// lines and fate are one.
func stretches(blocks []Block) []Stretch {
	out := make([]Stretch, 0, len(blocks))
	for _, k := range blocks {
		s := Stretch{k.Start, k.End, k.Stmts, k.Hit}
		if n := len(out); n > 0 && out[n-1].Start == s.Start && out[n-1].End == s.End && out[n-1].Hit == s.Hit &&
			out[n-1].Stmts <= maxLine {
			out[n-1].Stmts += s.Stmts
			continue
		}
		out = append(out, s)
	}
	return out
}

// lines are the states of the file's lines. A line that a hit stretch and a
// missed one share is covered in part.
func (f *SetFile) lines() []Run {
	if len(f.Stretches) == 0 {
		return f.Runs
	}
	runs := stretchLines(f.Stretches)
	if len(f.Runs) == 0 {
		return runs
	}
	return normal(append(runs, f.Runs...))
}

func stretchLines(all []Stretch) []Run {
	runs := make([]Run, len(all))
	for i, k := range all {
		runs[i] = Run{k.Start, k.End, Miss}
		if k.Hit {
			runs[i].State = Hit
		}
	}
	return join(sweep(runs, mixed))
}

// mixed is the state of a line on which so many hit and missed stretches lie.
func mixed(open *[Hit + 1]int) State {
	switch {
	case open[Hit] > 0 && open[Miss] > 0:
		return Partial
	case open[Hit] > 0:
		return Hit
	case open[Miss] > 0:
		return Miss
	}
	return Absent
}

// Totals count the lines of all files, and the statements of Go's, as go test
// -cover does. So does go tool cover -func, but it leaves out function literals
// outside of functions, which a profile does not tell from others.
func (s *Set) Totals() checks.Totals {
	if s.Summary != nil {
		return *s.Summary
	}
	var t checks.Totals
	for i := range s.Files {
		s.Files[i].count(&t, nil)
	}
	return t
}

// count adds the file's lines or statements to t: those that lie in within, or
// all of them when it is nil.
func (f *SetFile) count(t *checks.Totals, within checks.Spans) {
	if len(f.Stretches) > 0 {
		t.Statements = true
		f.countStatements(t, within)
		return
	}
	f.eachLine(within, func(n int, s State) {
		t.All += int64(n)
		if s >= Partial {
			t.Hit += int64(n)
		}
		if s == Partial {
			t.Partial += int64(n)
		}
	})
}

func (f *SetFile) countStatements(t *checks.Totals, within checks.Spans) {
	for _, k := range f.Stretches {
		for len(within) > 0 && within[0].End < int(k.Start) {
			within = within[1:]
		}
		if within != nil && (len(within) == 0 || within[0].Start > int(k.Start)) {
			continue
		}
		t.All += int64(k.Stmts)
		if k.Hit {
			t.Hit += int64(k.Stmts)
		}
	}
}

func (f *SetFile) eachLine(within checks.Spans, say func(n int, s State)) {
	if within != nil {
		overlap(f.Runs, within, func(from, to int, s State) { say(to-from+1, s) })
		return
	}
	for _, r := range f.Runs {
		say(int(r.End-r.Start)+1, r.State)
	}
}

// overlap says which lines of spans lie in runs. Both are in order.
func overlap(runs []Run, spans checks.Spans, say func(from, to int, s State)) {
	for len(runs) > 0 && len(spans) > 0 {
		from := max(int(runs[0].Start), spans[0].Start)
		to := min(int(runs[0].End), spans[0].End)
		if from <= to {
			say(from, to, runs[0].State)
		}
		if int(runs[0].End) < spans[0].End {
			runs = runs[1:]
		} else {
			spans = spans[1:]
		}
	}
}
