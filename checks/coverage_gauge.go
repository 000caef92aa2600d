package checks

import (
	"slices"
	"strconv"
	"strings"
)

// gauge is one look at what coverage reports say of a pull request.
type gauge struct {
	rules *CoverageRules
	pull  *Pull
	sel   Selection
	cov   Coverage
	asked bool
	state ProducerState
	// patched is what the reports know of the added lines.
	patched patchTally

	notes    []string   // what concerns no single part
	progress string     // what machines are still at
	proof    []Evidence // besides the runs
}

func (c *CoverageRules) gauge(pull *Pull) *gauge {
	g := &gauge{rules: c, pull: pull, sel: c.selection()}
	g.cov, g.asked = pull.Coverage[g.sel.Key()]
	g.state = Producers(g.sel, pull, g.cov.Runs, c.wait())
	return g
}

// parts are the results: of the reports, when there is something to say about
// them, and of what they say, when they can be used.
func (g *gauge) parts() []Result {
	if r, usable := g.reports(); !usable {
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

// head is the head commit as people write it.
func (g *gauge) head() string { return short(g.pull.Head.SHA) }

// evidence is what the result rests on: the newest run of each workflow, and
// what the parts name besides.
func (g *gauge) evidence() []Evidence {
	var out []Evidence
	for _, r := range g.state.Runs {
		word := r.Conclusion
		if r.Status != "completed" {
			word = r.Status
		}
		out = append(out, Evidence{
			Kind: "workflow-run", ID: strconv.FormatInt(r.ID, 10) + "/" + strconv.Itoa(max(r.Attempt, 1)), Commit: r.SHA,
			Text: strings.TrimSuffix(workflowName(r.Path)+": "+word, ": "),
		})
	}
	return append(out, g.proof...)
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
