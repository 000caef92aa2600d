package checks

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// patchTally is what the reports know of the lines that a change adds.
type patchTally struct {
	lines, hits int64
	partial     int64    // counted as hits or not, as the policy says
	lost        []string // files whose added lines are not known
	why         []string // the reasons, as sentences
	newFiles    []string // in no report
	oldFiles    []string // in no report
}

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
		r.Summary = blocking[0]
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

// tally counts the added lines, and finds the changed files of which too little
// is known.
func (g *gauge) tally() patchTally {
	var t patchTally
	exts := g.measuredExts()
	have, added := make(map[string]bool, len(g.cov.Files)), map[string]bool{}
	for i := range g.pull.Files {
		if f := &g.pull.Files[i]; f.Status == "added" || f.Status == "copied" {
			added[f.Path] = true
		}
	}
	for i := range g.cov.Files {
		f := &g.cov.Files[i]
		have[f.Path] = true
		hit, partial, miss := int64(f.Hit.Len()), int64(f.Partial.Len()), int64(f.Miss.Len())
		t.lines += hit + partial + miss
		t.hits += hit
		t.partial += partial
		t.lookAt(f, exts, f.New || added[f.Path])
	}
	if g.rules.Partial != PartialMiss {
		t.hits += t.partial
	}
	ignore := shapes(g.rules.Ignore)
	for i := range g.pull.Files {
		f := &g.pull.Files[i]
		if f.Status == "removed" || have[f.Path] || f.Additions == 0 || !expected(f.Path, exts) || anyGlob(ignore, f.Path) {
			continue
		}
		t.lost = append(t.lost, Plain(f.Path))
		t.why = append(t.why, Plain(f.Path)+" was not looked for in the reports.")
	}
	t.why, t.lost, t.newFiles, t.oldFiles = sorted(t.why), sorted(t.lost), sorted(t.newFiles), sorted(t.oldFiles)
	return t
}

// lookAt finds out whether enough is known of one changed file.
func (t *patchTally) lookAt(f *FileCoverage, exts []string, added bool) {
	wanted := expected(f.Path, exts)
	switch {
	case f.Unplaced != "" && (f.Measured || wanted):
		t.lost = append(t.lost, Plain(f.Path))
		t.why = append(t.why, Plain(f.Path)+": "+phrase(f.Unplaced)+".")
	case f.Measured || f.Empty || f.Added == 0 || !wanted:
	case added:
		t.newFiles = append(t.newFiles, Plain(f.Path))
	default:
		t.oldFiles = append(t.oldFiles, Plain(f.Path))
	}
}

// measuredExts are how the measured files among the changed ones end.
func (g *gauge) measuredExts() []string {
	var out []string
	for i := range g.cov.Files {
		f := &g.cov.Files[i]
		if ext := path.Ext(strings.ToLower(f.Path)); f.Measured && ext != "" && !slices.Contains(out, ext) {
			out = append(out, ext)
		}
	}
	return out
}

// unmeasured are the sentences about source files that no report speaks of:
// those that block, and those that only warn.
func (t *patchTally) unmeasured(u *Unmeasured) (blocking, warning []string) {
	add := func(files []string, kind string, c Consequence) {
		if len(files) == 0 {
			return
		}
		text := list(files, 5) + " " + plural(len(files), "is a "+kind+" file", "are "+kind+" files") + " and in no coverage report"
		if c == Warns {
			warning = append(warning, text+"; that is a warning here.")
		} else {
			blocking = append(blocking, text+": have "+plural(len(files), "it", "them")+" measured, or list "+plural(len(files), "it", "them")+" under coverage.ignore.")
		}
	}
	add(t.newFiles, "new", u.New)
	add(t.oldFiles, "changed", u.Modified)
	return blocking, warning
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
	text := Plain(lines.String())
	if !f.AtHead && g.cov.Onto != "" {
		text += " as merged with " + Plain(g.pull.Base.Name)
	}
	return text
}

func linesAre(n int) string { return plural(n, "1 added line is", strconv.Itoa(n)+" added lines are") }

// annotate points at the added lines that are not covered, where the numbers
// hold at the head.
func (g *gauge) annotate(r *Result) {
	level := "failure"
	if r.State == Met {
		level = "warning"
	}
	half := "notice"
	if g.rules.Partial == PartialMiss {
		half = level
	}
	for i := range g.cov.Files {
		if f := &g.cov.Files[i]; f.AtHead {
			point(r, f.Path, f.Miss, level, "Not covered by tests.")
			point(r, f.Path, f.Partial, half, "Not every branch is taken.")
		}
	}
	slices.SortFunc(r.Annotations, func(a, b Annotation) int {
		return cmp.Or(compareLevels(a.Level, b.Level), strings.Compare(a.Path, b.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), strings.Compare(a.Message, b.Message))
	})
	if len(r.Annotations) > annotationLimit {
		r.Notes = append(r.Notes, strconv.Itoa(len(r.Annotations)-annotationLimit)+" more places are not marked in the files.")
		r.Annotations = r.Annotations[:annotationLimit:annotationLimit]
	}
}

// point adds an annotation for each stretch of lines, neighbours joined.
func point(r *Result, file string, lines Spans, level, message string) {
	for i := 0; i < len(lines); i++ {
		s := lines[i]
		for i+1 < len(lines) && lines[i+1].Start == s.End+1 {
			i++
			s.End = lines[i].End
		}
		r.Annotations = append(r.Annotations, Annotation{Path: file, Start: s.Start, End: s.End, Level: level, Message: message})
	}
}

// compareLevels puts what matters more first.
func compareLevels(a, b string) int {
	levels := []string{"failure", "warning", "notice"}
	return cmp.Compare(slices.Index(levels, a), slices.Index(levels, b))
}
