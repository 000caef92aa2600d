package scan

import (
	"cmp"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// Base is what a set of findings is compared with: the set of a commit of the
// base branch, and what changes from that commit to the tested one. Whole says
// that Files are all files that change.
type Base struct {
	Set   []byte
	Files []checks.File
	Whole bool
}

// Compare tells the findings that a change brings from those that were there
// before, by the set of the tested commit and that of a base; see [Base]. Without
// a base a finding is new if it touches a line that the change adds: changed is
// then what the change does to the files of the tested commit. It fills New, the
// worst first, More and Old. The error is [ErrSet].
//
// A finding is old if there is one of the same tool and rule at the same line in
// the base, or one in the same file with the same text in its line; each of them
// makes one finding old. What cannot be known is new: a finding that is in no
// file of the repository is, without a base, and so is one without a line in a
// changed file.
func Compare(head []byte, base *Base, changed []checks.File) (checks.Findings, error) {
	var got checks.Findings
	all, err := decodeFindings(head)
	if err != nil {
		return got, err
	}
	ids := idsOf(all)
	var old []bool
	if base == nil {
		old = untouched(all, changed)
	} else {
		before, err := decodeFindings(base.Set)
		if err != nil {
			return got, err
		}
		old = matched(all, before, base)
	}
	for i := range all {
		if old[i] {
			got.Old++
		} else {
			got.New = append(got.New, all[i].finding(ids[i]))
		}
	}
	slices.SortStableFunc(got.New, worstFirst)
	if n := len(got.New); n > checks.FindingLimit {
		got.New, got.More = slices.Clone(got.New[:checks.FindingLimit]), n-checks.FindingLimit
	}
	return got, nil
}

// idsOf are the findings' ids, see [checks.Finding]. The findings are in the
// order of their places.
func idsOf(all []entry) []string {
	type alike struct {
		tool, rule, path string
		print            imprint
	}
	seen := map[alike]int{}
	ids := make([]string, len(all))
	for i := range all {
		e := &all[i]
		key := alike{e.tool, e.rule, e.path, e.print}
		ids[i] = idOf(e, seen[key])
		seen[key]++
	}
	return ids
}

func (e *entry) finding(id string) checks.Finding {
	return checks.Finding{
		ID: id, Tool: e.tool, Rule: e.rule, Text: e.text, Path: e.path, Line: e.line, End: e.end,
		Severity: int(e.severity.tenths), Rated: e.severity.rated, Level: e.level, URL: e.url,
	}
}

// worstFirst orders findings by how bad they are, by severity or by level,
// whichever is worse.
func worstFirst(a, b checks.Finding) int {
	return cmp.Or(cmp.Compare(weight(&b), weight(&a)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
}

// weight is a severity, or what stands for one: an error is as bad as 7.0, what
// nobody rated as 4.0.
func weight(f *checks.Finding) int {
	w := map[string]int{"error": 70, "warning": 40, "": 40, "note": 10}[f.Level]
	if f.Rated && f.Level != "error" {
		return f.Severity
	}
	return max(w, f.Severity)
}

// untouched says of each finding whether the change surely did not bring it.
func untouched(all []entry, changed []checks.File) []bool {
	files := map[string]*checks.File{}
	for i := range changed {
		files[changed[i].Path] = &changed[i]
	}
	old := make([]bool, len(all))
	for i := range all {
		e := &all[i]
		f, touched := files[e.path]
		old[i] = e.known && (!touched || f.LinesKnown && e.line > 0 && f.Status != "added" && !meets(f.Added, e.line, e.end))
	}
	return old
}

// meets says whether one of the lines is in spans.
func meets(spans checks.Spans, from, to int) bool {
	i, _ := slices.BinarySearchFunc(spans, from, func(s checks.Span, line int) int { return cmp.Compare(s.End, line) })
	return i < len(spans) && spans[i].Start <= to
}
