package checks

import (
	"fmt"
	"slices"
)

// reports says whether the reports are there and can be used, as far as all
// kinds have it in common, and then by more looks. The result is of use only
// where they cannot.
func (g *gathered) reports(more ...func(*Result) bool) (r Result, usable bool) {
	r = Result{ID: g.noun.id, Name: g.noun.name, State: Unmet}
	looks := []func(*Result) bool{
		g.unread, g.failed, g.late, g.held, g.awaited, g.unopened, g.stray, g.malformed, g.unreported, g.unplaced,
	}
	for _, look := range append(looks, more...) {
		if look(&r) {
			return r, false
		}
	}
	return r, true
}

// unread: the runs are not known.
func (g *gathered) unread(r *Result) bool {
	switch {
	case !g.asked:
		fault{"the " + g.noun.one + "s have not been looked for yet", operators}.fill(r)
	case g.got.RunsCut:
		fault{"more workflows ran for " + g.head() + " than GitHub lists, so some reports may be missing; push a new commit", theAuthor}.fill(r)
	default:
		return false
	}
	return true
}

// unopened: all is over, and what was left has not been read.
func (g *gathered) unopened(r *Result) bool {
	if g.got.Read {
		return false
	}
	fault{"what the workflows left has not been read yet", operators}.fill(r)
	return true
}

// malformed: a report cannot be used. What is no report at all does not count as
// one, see emptyHanded.
func (g *gathered) malformed(r *Result) bool {
	var bad []string
	for i := range g.got.Reports {
		if q := &g.got.Reports[i]; q.Problem != "" && !q.Foreign {
			bad = append(bad, g.called(q)+" cannot be used: "+phrase(q.Problem)+".")
		}
	}
	if len(bad) == 0 {
		return false
	}
	bad = sorted(bad)
	r.Summary, r.Can = bad[0], []string{theAuthor}
	if len(bad) > 1 {
		r.Summary = fmt.Sprintf("%d of %s cannot be used: %s", len(bad), count(len(g.got.Reports), g.noun.one), lowerFirst(bad[0]))
		r.Notes = limited(bad, "reports")
	}
	return true
}

// stray: a report is of a run that does not count.
func (g *gathered) stray(r *Result) bool {
	for i := range g.got.Reports {
		run := g.got.Reports[i].Run
		if !slices.ContainsFunc(g.state.Runs, func(w WorkflowRun) bool { return w.ID == run }) {
			fault{"a report is of a run that is not the newest of its workflow for " + g.head(), operators}.fill(r)
			return true
		}
	}
	return false
}

// unplaced: what the reports say cannot be related to the repository.
func (g *gathered) unplaced(r *Result) bool {
	switch c := g.got; {
	case c.Unplaced != "":
		fault{phrase(c.Unplaced), theAuthor}.fill(r)
	case c.Tested != "" && c.Tested != g.pull.Head.SHA && c.Onto == "":
		fault{"the reports are of " + Plain(short(c.Tested)) + " and not of the head " + g.head(), theAuthor}.fill(r)
	default:
		return false
	}
	return true
}

// unsound: the totals cannot be.
func (g *gauge) unsound(r *Result) bool {
	if sound(g.cov.Total) {
		return false
	}
	fault{"the totals of the reports make no sense", theAuthor}.fill(r)
	return true
}

// sound says whether totals can be: a part is never more than the whole.
func sound(t Totals) bool { return t.Partial >= 0 && t.Hit >= t.Partial && t.All >= t.Hit }

// unresolved: most of what the reports speak of is not in the repository. Of
// less than that a note is made.
func (g *gauge) unresolved(r *Result) bool {
	c := &g.cov
	if c.Unresolved <= 0 {
		return false
	}
	text := fmt.Sprintf("%d of %s in the reports cannot be found in the repository", c.Unresolved, count(max(c.Resolved, 0)+c.Unresolved, "file"))
	var odd []string
	for _, o := range c.Odd {
		odd = append(odd, phrase(o))
	}
	example := ""
	if odd = sorted(odd); len(odd) > 0 {
		example = "for example " + list(odd[:min(len(odd), 3)], 3)
	}
	if c.Unresolved <= c.Resolved {
		if example != "" {
			text += ", " + example
		}
		g.notes = append(g.notes, text+".")
		return false
	}
	r.Summary = "Paths do not match the repository: " + text + "."
	r.Can = []string{theAuthor, policyChangers}
	if example != "" {
		r.Notes = append(r.Notes, "F"+example[1:]+".")
	}
	r.Notes = append(r.Notes, "Run the tests at the top of the repository, or name the directories to which the paths are relative under coverage.roots.")
	return true
}
