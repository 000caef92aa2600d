package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// patch judges the added lines that a report knows.
func (g *gauge) patch(t *patchTally) Result {
	r := Result{ID: "coverage/patch", Name: "Patch coverage", Can: []string{theAuthor}}
	u := &g.rules.Unmeasured
	blocking, warning := t.unmeasured(u)
	r.Notes = append(warning, g.linelessNote()...)
	switch {
	case len(t.lost) > 0:
		r.Unknown = true
		r.Summary = "It is not known which lines are added in " + list(t.lost, 3) + ", so it cannot be said whether they are covered."
		r.Notes = append(limited(t.why, "files"), r.Notes...)
		return r
	case g.onlyTotals():
		r.Summary = "The reports hold totals only, so it is not known which lines are covered. Have the tests report lines, for example as LCOV or Cobertura."
		return r
	case len(blocking) > 0:
		r.Summary, r.Can = blocking[0], append(r.Can, policyChangers)
		r.Notes = append(blocking[1:], r.Notes...)
		if t.lines > 0 {
			r.Notes = append(r.Notes, g.patchText(t))
		}
	case t.lines == 0:
		r.State, r.Summary = Met, "None of the added lines is one that can run, as far as the reports know."
	case g.enough(t):
		r.State, r.Summary = Met, g.patchText(t)
	default:
		r.Summary = g.patchText(t)
	}
	if r.State == Met {
		r.Can = nil
	} else {
		r.Notes = append(r.Notes, g.missed()...)
	}
	g.annotate(&r)
	return r
}

// enough says whether enough of the added lines are covered.
func (g *gauge) enough(t *patchTally) bool {
	p := &g.rules.Patch
	return reaches(t.hits, t.lines, p.Min) || t.lines-t.hits <= int64(p.TolerateLines)
}

// patchText says how much is covered, in numbers that are cut off, never
// rounded, so that they never say other than the verdict.
func (g *gauge) patchText(t *patchTally) string {
	p := &g.rules.Patch
	have := share(t.hits, t.lines).String() + " of " + addedLines(t.lines) + " " + plural(int(min(t.lines, 2)), "is", "are") + " covered"
	if reaches(t.hits, t.lines, p.Min) {
		return have + "; " + p.Min.String() + " needed."
	}
	missed := t.lines - t.hits
	if missed <= int64(p.TolerateLines) {
		return have + "; " + p.Min.String() + " needed, but up to " + count(p.TolerateLines, "missed line") + " may be left, and " + countIs(missed) + "."
	}
	more := min(shortBy(t.hits, t.lines, p.Min), missed-int64(p.TolerateLines))
	return have + ", " + p.Min.String() + " needed: " + moreCovered(more, "line") + "."
}

func addedLines(n int64) string {
	if n == 1 {
		return "the 1 added line that can run"
	}
	return "the " + strconv.FormatInt(n, 10) + " added lines that can run"
}

func countIs(n int64) string {
	return strconv.FormatInt(n, 10) + " " + plural(int(min(n, 2)), "is", "are")
}

// moreCovered is what is shortBy: "3 more covered lines".
func moreCovered(n int64, noun string) string {
	if n == 1 {
		return "1 more covered " + noun
	}
	return strconv.FormatInt(n, 10) + " more covered " + noun + "s"
}

// onlyTotals says whether no report tells lines.
func (g *gauge) onlyTotals() bool {
	return !slices.ContainsFunc(g.cov.Reports, func(r Report) bool { return !r.SummaryOnly && r.Files > 0 })
}

// linelessNote says which reports say nothing of lines, where others do.
func (g *gauge) linelessNote() []string {
	n := 0
	for i := range g.cov.Reports {
		if g.cov.Reports[i].SummaryOnly {
			n++
		}
	}
	if n == 0 || g.onlyTotals() {
		return nil
	}
	return []string{plural(n, "1 report holds", strconv.Itoa(n)+" reports hold") + " totals only and say" + plural(n, "s", "") + " nothing of lines."}
}

// missed names the added lines that are not covered, file by file.
func (g *gauge) missed() []string {
	files := slices.Clone(g.cov.Files)
	slices.SortFunc(files, func(a, b FileCoverage) int { return strings.Compare(a.Path, b.Path) })
	var out []string
	for i := range files {
		f := &files[i]
		if len(f.Miss) > 0 {
			out = append(out, fmt.Sprintf("%s: %s not covered (%s).", Plain(f.Path), linesAre(f.Miss.Len()), g.numbers(f, f.Miss)))
		}
		if len(f.Partial) > 0 && g.rules.Partial == PartialMiss {
			out = append(out, fmt.Sprintf("%s: %s covered in part only (%s).", Plain(f.Path), linesAre(f.Partial.Len()), g.numbers(f, f.Partial)))
		}
	}
	return limited(out, "files")
}

// numbers are lines as they are numbered in what was tested.
func (g *gauge) numbers(f *FileCoverage, lines Spans) string {
	text := Plain(strings.ReplaceAll(lines.String(), ",", ", "))
	if !f.AtHead && g.cov.Onto != "" {
		text += " as merged with " + Plain(g.pull.Base.Name)
	}
	return text
}

func linesAre(n int) string { return plural(n, "1 added line is", strconv.Itoa(n)+" added lines are") }
