package checks

import (
	"cmp"
	"math/big"
	"slices"
)

// overrun is the search for what rises above one limit.
type overrun struct {
	limit *Limit
	pull  *Pull
	globs []shapedGlob
	found []excess
}

// excess is one value that somebody must sign for, or what cannot be told.
type excess struct {
	path, document, key string
	line                int
	before, after       string // as they are written; before is "" of a new one
	// why says, as the end of a sentence, why it cannot be told; "" if it is known to
	// be over the limit.
	why string
	// total: it is the sum of a file.
	total bool
}

// find looks for it. over says that there is something; otherwise the result is
// final.
func (x *overrun) find() (r Result, over bool) {
	r = Result{ID: slug(limitsID+"/", x.limit.Name), Name: cmp.Or(x.limit.Name, "Limit")}
	x.globs = shapes(x.limit.Files)
	files, bad := x.files()
	switch {
	case bad.why != "":
		bad.fill(&r)
		return r, false
	case len(files) == 0:
		r.State, r.Summary = Exempt, "Does not apply: no changed file matches "+globList(x.limit.Files)+"."
		return r, false
	}
	for i := range files {
		x.file(&files[i])
	}
	if len(x.found) == 0 {
		r.State, r.Summary = Met, "No value rises above "+x.limit.Over.String()+"."
		return r, false
	}
	slices.SortFunc(x.found, func(a, b excess) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.line, b.line), cmp.Compare(a.document, b.document), cmp.Compare(a.key, b.key),
			cmp.Compare(a.after, b.after), cmp.Compare(a.before, b.before), cmp.Compare(a.why, b.why))
	})
	return r, true
}

// files are the values of the changed files that the limit is about, or why they
// are not known.
func (x *overrun) files() ([]ValueFile, fault) {
	p := x.pull
	switch {
	case !x.limit.Over.known():
		return nil, fault{"the limit says no number", policyChangers}
	case !p.FilesRead:
		return nil, fault{"the changed files are not known", operators}
	case p.FileCount > len(p.Files):
		return nil, cutFilesFault
	}
	read, ok := p.Values[x.limit.valuation().Key()]
	if !ok {
		return nil, fault{"the values of the changed files were not read", operators}
	}
	var out []ValueFile
	unread := ""
	for i := range p.Files {
		f := &p.Files[i]
		if f.Status == "removed" || !anyGlob(x.globs, f.Path) {
			continue
		}
		v, ok := valuesOf(read.Files, f.Path)
		if !ok {
			if unread == "" || f.Path < unread {
				unread = f.Path
			}
			continue
		}
		if was := movedFrom(f); was != "" && !anyGlob(x.globs, was) || f.Status == "copied" || f.Status == "added" {
			v.Base = nil // it was not under the limit
		}
		if v.BaseFault != "" {
			v.Base = nil
		}
		out = append(out, v)
	}
	if unread != "" {
		return nil, fault{"the values of " + quoted(unread) + " were not read", operators}
	}
	return out, fault{}
}

func valuesOf(files []ValueFile, path string) (ValueFile, bool) {
	for i := range files {
		if files[i].Path == path {
			return files[i], true
		}
	}
	return ValueFile{}, false
}

// file looks at one file.
func (x *overrun) file(f *ValueFile) {
	switch {
	case f.HeadFault != "":
		x.found = append(x.found, excess{path: f.Path, line: 1, why: Plain(f.HeadFault)})
	case x.limit.Sum:
		x.sum(f)
	default:
		x.each(f)
	}
}

// valueIdentity tells values of a file apart.
type valueIdentity struct{ document, key string }

func byIdentity(values []Value) map[valueIdentity][]Value {
	out := map[valueIdentity][]Value{}
	for _, v := range values {
		id := valueIdentity{v.Document, v.Key}
		out[id] = append(out[id], v)
	}
	return out
}

// each holds every value by itself against the limit.
func (x *overrun) each(f *ValueFile) {
	base, head := byIdentity(f.Base), byIdentity(f.Head)
	for id, now := range head {
		x.compare(f.Path, base[id], now)
	}
}

// compare holds values of one identity, of which there are several where a file
// repeats itself, against those before: each needs one of its own that was as high.
func (x *overrun) compare(path string, before, now []Value) {
	before, now = slices.Clone(before), slices.Clone(now)
	sortValues(before)
	sortValues(now)
	known := 0
	for i := range now {
		v := &now[i]
		amount, told := amountOf(v.Amount)
		if told && !v.Unresolved {
			if old := nth(before, known); amount.Cmp(x.limit.Over.value) > 0 && !reachesAmount(old, amount) {
				x.found = append(x.found, x.excess(path, before, old, v))
			}
			known++
			continue
		}
		if j := slices.IndexFunc(before, func(b Value) bool { return b.Text == v.Text && b.Unresolved == v.Unresolved && b.Amount == v.Amount }); j >= 0 {
			before = slices.Delete(before, j, j+1)
			continue
		}
		e := x.excess(path, before, nth(before, 0), v)
		e.why = "it is no number that can be compared"
		if v.Unresolved {
			e.why = "what it comes to is known only elsewhere"
		}
		x.found = append(x.found, e)
	}
}

// sortValues puts the highest first, and last what is no number.
func sortValues(values []Value) {
	slices.SortFunc(values, func(a, b Value) int {
		x, okX := amountOf(a.Amount)
		y, okY := amountOf(b.Amount)
		switch {
		case okX && okY && x.Cmp(y) != 0:
			return y.Cmp(x)
		case okX != okY && okX:
			return -1
		case okX != okY:
			return 1
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Times, b.Times))
	})
}

// nth is the value at a place, nil where there is none.
func nth(values []Value, n int) *Value {
	if n < len(values) {
		return &values[n]
	}
	return nil
}

func reachesAmount(v *Value, amount *big.Rat) bool {
	if v == nil || v.Unresolved {
		return false
	}
	old, ok := amountOf(v.Amount)
	return ok && old.Cmp(amount) >= 0
}

func (x *overrun) excess(path string, before []Value, old, now *Value) excess {
	e := excess{path: path, document: now.Document, key: now.Key, line: now.Line, after: now.Text}
	if old == nil && len(before) == 1 && !slices.ContainsFunc(before, func(v Value) bool { _, ok := amountOf(v.Amount); return ok }) {
		old = &before[0]
	}
	if old != nil {
		e.before = old.Text
	}
	return e
}
