package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// sieve is what new findings come to: those that block, those that ask for a
// review, and how many do neither.
type sieve struct {
	blocking, asking []string // texts without their full stop
	rest, passed     int      // passed are let pass by suppressions
	noun             string
	example          string // the id of one that blocks
	x                *scrutiny
}

// sift tells new findings apart by how bad they are, and points at their lines.
func (x *scrutiny) sift(noun string, found []Finding, block, review Severity) sieve {
	block, review = block.or(SeverityHigh), review.or(SeverityMedium)
	t := sieve{x: x, noun: noun}
	all := slices.Clone(found)
	slices.SortFunc(all, compareFindings)
	for i := range all {
		f := &all[i]
		if i > 0 && *f == all[i-1] {
			continue
		}
		tenths, known := ratingOf(f)
		text := findingText(f)
		switch blocks := known && block.reached(tenths); {
		case !blocks && !asksReview(tenths, known, block, review):
			t.rest++
		case x.pardoned(t.noun+" "+quoted(f.ID)+" ("+strings.TrimSpace(quotedTool(f)+" "+quoted(f.Rule))+" in "+place(f.Path, f.Line)+")", exhibit{f.ID, f.Rule, f.Path}):
			t.passed++
		case blocks:
			t.blocking = append(t.blocking, text)
			if t.example == "" {
				t.example = f.ID
			}
			x.markFinding(f, "failure")
		default:
			t.asking = append(t.asking, text)
			x.ask(f.Path, text)
			x.markFinding(f, "warning")
		}
	}
	return t
}

// asksReview says whether a finding that does not block asks for a review. One
// that nobody rated does, unless neither key means any finding.
func asksReview(tenths int, known bool, block, review Severity) bool {
	if !known {
		return review != SeverityOff || block != SeverityOff
	}
	return review.reached(tenths)
}

// compareFindings puts the worst first; one that is not rated comes behind those
// that block.
func compareFindings(a, b Finding) int {
	ra, ka := ratingOf(&a)
	rb, kb := ratingOf(&b)
	return cmp.Or(
		cmp.Compare(rb, ra), cmp.Compare(b2i(kb), b2i(ka)), strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), strings.Compare(a.Tool, b.Tool),
		strings.Compare(a.Rule, b.Rule), strings.Compare(a.ID, b.ID), strings.Compare(a.Text, b.Text), cmp.Compare(a.End, b.End),
		strings.Compare(a.Level, b.Level), strings.Compare(a.URL, b.URL), cmp.Compare(b2i(a.AtHead), b2i(b.AtHead)),
		cmp.Compare(b2i(a.Rated), b2i(b.Rated)), cmp.Compare(a.Severity, b.Severity),
	)
}

// findingText is a finding in one line: "api/query.go:14: SQL built from input
// (gosec G201, high, 7.5; f-12ab)".
func findingText(f *Finding) string {
	where := place(f.Path, f.Line)
	if f.Path == "" {
		where = "The whole project"
	}
	what := cmp.Or(strings.TrimRight(clean(f.Text, 120), " ."), "no text")
	return where + ": " + what + " (" + strings.TrimSpace(quotedTool(f)+" "+quoted(f.Rule)) + ", " + ratingText(f) + "; " + quoted(f.ID) + ")"
}

func quotedTool(f *Finding) string { return cmp.Or(quoted(f.Tool), "a scanner") }

// markFinding points at a finding where its lines hold at the head.
func (x *scrutiny) markFinding(f *Finding, level string) {
	if !f.AtHead || f.Path == "" || f.Line <= 0 {
		return
	}
	x.marks = append(x.marks, Annotation{
		Path: f.Path, Start: f.Line, End: max(f.End, f.Line), Level: level, Title: strings.TrimSpace(quotedTool(f) + " " + quoted(f.Rule)),
		Message: cmp.Or(strings.TrimRight(clean(f.Text, 150), " ."), "Found by a scanner") + " (" + ratingText(f) + ")",
	})
}

// conclude fills in what the findings come to. against is with what they were
// compared, "" where there is nothing to say.
func (t *sieve) conclude(r *Result, against string, more int) {
	end := "."
	if against != "" {
		end = "; " + against + end
	}
	if t.passed > 0 {
		end = "; " + countIs(int64(t.passed)) + " let pass" + end
	}
	switch n := len(t.blocking); {
	case n > 0:
		r.State, r.Can = Unmet, []string{theAuthor}
		r.Summary = "A new " + t.noun + " blocks: " + t.blocking[0] + end
		if n > 1 {
			r.Summary = strconv.Itoa(n) + " new " + t.noun + "s block, the worst: " + t.blocking[0] + end
			r.Notes = append(r.Notes, limited(stopped(t.blocking), t.noun+"s")...)
		}
		if t.example != "" {
			r.Notes = append(r.Notes, t.x.pardonHint(t.example))
		}
	case len(t.asking) > 0:
		r.State = Met
		r.Summary = "Nothing blocks; " + count(len(t.asking), "new "+t.noun) + " " + plural(len(t.asking), "asks", "ask") + " for a security review" + end
	case t.rest+more > 0:
		r.State, r.Summary = Met, "Nothing blocks; "+count(t.rest+more, "new "+t.noun)+" "+plural(t.rest+more, "is", "are")+" rated too low to ask for a security review"+end
	default:
		r.State, r.Summary = Met, "No new "+t.noun+"s"+end
	}
}
