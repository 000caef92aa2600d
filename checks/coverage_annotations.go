package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

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
