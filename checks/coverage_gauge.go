package checks

import (
	"slices"
	"strconv"
	"strings"
)

// gauge is one look at what coverage reports say of a pull request.
type gauge struct {
	gathered
	rules *CoverageRules
	cov   Coverage
	// patched is what the reports know of the added lines.
	patched patchTally
}

func (c *CoverageRules) gauge(pull *Pull) *gauge {
	sel := c.selection()
	cov, asked := pull.Coverage[sel.Key()]
	g := &gauge{rules: c, cov: cov}
	g.gathered = gather(pull, sel, &g.cov.Gathering, asked, &coverageNoun, c.wait(), c.SelfDeclared)
	return g
}

// parts are the results: of the reports, when there is something to say about
// them, and of what they say, when they can be used.
func (g *gauge) parts() []Result {
	if r, usable := g.reports(g.unsound, g.unresolved); !usable {
		return []Result{r}
	}
	var out []Result
	if r, said := g.trust(); said {
		out = append(out, r)
	}
	g.patched = g.tally()
	out = append(out, g.patch(&g.patched))
	if g.rules.Project != nil {
		out = append(out, g.project())
	}
	return out
}

// counted is how much of some totals counts as covered.
func (g *gauge) counted(t Totals) int64 {
	if g.rules.Partial == PartialMiss {
		return t.Hit - t.Partial
	}
	return t.Hit
}

// phrase is what somebody else wrote, as a part of one of our sentences.
func phrase(text string) string { return strings.TrimRight(Plain(text), " .") }

// limited is a list of notes of a length that people read.
func limited(notes []string, what string) []string {
	if len(notes) <= remarkLimit {
		return notes
	}
	return append(slices.Clip(notes[:remarkLimit]), strconv.Itoa(len(notes)-remarkLimit)+" more "+what+" are left out.")
}
