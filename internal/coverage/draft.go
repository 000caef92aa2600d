package coverage

import (
	"cmp"
	"slices"
	"sort"
)

// draft keeps what a report in JSON says of one source file until its end: its
// name, its lines and its branches may come in any order.
type draft struct {
	j    *jsonReader
	runs []Run
	full int // how many runs there may be before those told twice are made one
	// untaken are lines with a branch that was not taken.
	untaken []int32
	// beside are where branches begin that were not taken, when their condition
	// may be on the line before.
	beside []int32
	// excluded are lines that do not count, whatever else is said of them.
	excluded []int32
}

// line says whether a line was run.
func (d *draft) line(n int, hit bool) {
	state := Miss
	if hit {
		state = Hit
	}
	d.lines(n, n, state)
}

// lines are within 1 and maxLine.
func (d *draft) lines(from, to int, s State) {
	if i := len(d.runs) - 1; i >= 0 && d.runs[i].State == s && int(d.runs[i].End)+1 == from {
		d.runs[i].End = int32(to)
		return
	}
	if len(d.runs) >= max(d.full, unmerged) {
		d.runs = normal(d.runs)
		d.full = 2 * len(d.runs)
	}
	d.runs = append(d.runs, Run{int32(from), int32(to), s})
}

// lacks says that a branch on a line was not taken.
func (d *draft) lacks(n int) { d.untaken = mark(d.untaken, int32(n), cmp.Compare[int32]) }

// exclude says that a line does not count.
func (d *draft) exclude(n int) { d.excluded = mark(d.excluded, int32(n), cmp.Compare[int32]) }

// perhaps says that a branch was not taken that begins on a line, or whose
// condition is on the line before.
func (d *draft) perhaps(n int) { d.beside = mark(d.beside, int32(n), cmp.Compare[int32]) }

// mark adds to a set, in which much may be told twice: it is put in order, and
// grows only as that warrants, when its memory is used up.
func mark[E comparable](set []E, e E, order func(a, b E) int) []E {
	if i := len(set); i > 0 && set[i-1] == e {
		return set
	}
	if len(set) == cap(set) && len(set) >= unmerged {
		slices.SortFunc(set, order)
		set = slices.Compact(set)
		set = slices.Grow(set, len(set))
	}
	return append(set, e)
}

// into hands all on to a file, and begins anew.
func (d *draft) into(path string) {
	if !d.j.Stopped() {
		d.runs = normal(d.runs)
		for _, n := range d.beside {
			switch {
			case d.ran(n):
				d.untaken = append(d.untaken, n)
			case d.ran(n - 1):
				d.untaken = append(d.untaken, n-1)
			}
		}
		slices.Sort(d.excluded)
		d.runs = without(d.runs, d.excluded)
		slices.Sort(d.untaken)
		d.hand(d.j.b.open(path, d.j.Line), slices.Compact(d.untaken))
	}
	d.drop()
}

// drop begins anew.
func (d *draft) drop() {
	d.runs, d.full = d.runs[:0], 0
	d.untaken, d.beside, d.excluded = d.untaken[:0], d.beside[:0], d.excluded[:0]
}

// without is runs less some lines. Both are in order.
func without(runs []Run, lines []int32) (out []Run) {
	if len(lines) == 0 {
		return runs
	}
	for _, r := range runs {
		for ; len(lines) > 0 && lines[0] <= r.End; lines = lines[1:] {
			if lines[0] > r.Start {
				out = append(out, Run{r.Start, lines[0] - 1, r.State})
			}
			r.Start = max(r.Start, lines[0]+1)
		}
		if r.Start <= r.End {
			out = append(out, r)
		}
	}
	return out
}

// ran says whether a line was run. The runs are in order.
func (d *draft) ran(n int32) bool {
	i := sort.Search(len(d.runs), func(i int) bool { return d.runs[i].End >= n })
	return i < len(d.runs) && d.runs[i].Start <= n && d.runs[i].State == Hit
}

// hand gives f the runs, where a line that was run and lacks a branch is covered
// in part. Both are in order.
func (d *draft) hand(f *fileBuilder, untaken []int32) {
	at := d.j.Line
	for _, r := range d.runs {
		from := r.Start
		for ; len(untaken) > 0 && untaken[0] <= r.End; untaken = untaken[1:] {
			n := untaken[0]
			if n < r.Start || r.State != Hit {
				continue
			}
			if n > from {
				f.lines(int(from), int(n-1), Hit, at)
			}
			f.line(int(n), Partial, at)
			from = n + 1
		}
		if from <= r.End {
			f.lines(int(from), int(r.End), r.State, at)
		}
	}
}
