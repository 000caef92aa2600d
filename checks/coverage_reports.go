package checks

import (
	"fmt"
	"slices"
	"strings"
)

// reportsID is the part about the reports themselves.
const reportsID = "coverage/reports"

// reports says whether the reports are there and can be used. The result is of
// use only where they cannot.
func (g *gauge) reports() (r Result, usable bool) {
	r = Result{ID: reportsID, Name: "Coverage reports", State: Unmet}
	for _, look := range [...]func(*Result) bool{
		g.unread, g.failed, g.late, g.held, g.awaited, g.unopened, g.stray, g.malformed, g.unreported, g.unplaced, g.unresolved,
	} {
		if look(&r) {
			return r, false
		}
	}
	return r, true
}

// unread: the runs are not known.
func (g *gauge) unread(r *Result) bool {
	switch {
	case !g.asked:
		fault{"the coverage reports have not been looked for yet", operators}.fill(r)
	case g.cov.RunsCut:
		fault{"more workflows ran for " + g.head() + " than GitHub lists, so some reports may be missing; push a new commit", theAuthor}.fill(r)
	default:
		return false
	}
	return true
}

// failed: a workflow ended in a way that leaves its reports incomplete.
func (g *gauge) failed(r *Result) bool {
	bad := g.state.in(producerFailed)
	if len(bad) == 0 {
		return false
	}
	var said []string
	for _, p := range bad {
		text := workflowName(p.workflow) + " " + ending(p.run.Conclusion)
		said = append(said, text)
		if len(bad) > 1 {
			r.Notes = append(r.Notes, text+".")
		}
	}
	r.Notes = limited(r.Notes, "workflows")
	names := list(workflows(bad), 3)
	r.Can = []string{theAuthor, "whoever re-runs " + names}
	if g.named() {
		r.Summary = list(said, 3) + "; the coverage of " + g.head() + " is not known. Mend what stopped " + itThem(bad) + ", or run " + itThem(bad) + " again."
		return true
	}
	r.Summary = list(said, 3) + ". The policy does not say which workflows leave coverage reports, so all of them are needed: mend " + itThem(bad) + ", or name those that do under coverage.reports."
	r.Can = append(r.Can, policyChangers)
	return true
}

// ending is how a workflow ended, as the end of a sentence.
func ending(conclusion string) string {
	if conclusion == "cancelled" {
		return "was cancelled"
	}
	if text, ok := endings[conclusion]; ok {
		return text
	}
	return fmt.Sprintf("ended with %q", Plain(conclusion))
}

// late: a workflow has not started in time.
func (g *gauge) late(r *Result) bool {
	late := g.state.in(producerLate)
	if len(late) == 0 {
		return false
	}
	within := " within " + Duration(g.rules.wait()).String() + " of its push"
	r.Can = []string{theAuthor, policyChangers}
	if !g.named() {
		r.Summary = "No workflow was started for " + g.head() + within + ", so there is no coverage report."
		r.Notes = []string{"Coverage is read from the artifacts of GitHub Actions workflows, or sent by them; there must be one that runs for this pull request."}
		return true
	}
	names := workflows(late)
	r.Summary = list(names, 3) + " " + was(late) + " never started for " + g.head() + within + ", so nothing is known of its coverage."
	r.Can = []string{theAuthor, "whoever runs " + list(names, 3)}
	r.Notes = []string{"A workflow that is never started may be misspelt in the policy, not be on this branch, not be for these files or branches, or be switched off."}
	return true
}

// held: GitHub asks a maintainer before it runs the workflow of somebody who
// has not contributed yet.
func (g *gauge) held(r *Result) bool {
	held := g.state.in(producerHeld)
	if len(held) == 0 {
		return false
	}
	r.State, r.Can = Waiting, []string{"anyone with write access"}
	r.Summary = "GitHub runs " + list(workflows(held), 3) + " only once somebody with write access has let it run, on the page of the pull request."
	return true
}

// awaited: a workflow is not over. The sentence stays the same however many
// are, so that workflows that finish one by one cause no writes.
func (g *gauge) awaited(r *Result) bool {
	running, absent := g.state.in(producerRuns), g.state.in(producerAbsent)
	if len(running)+len(absent) == 0 {
		return false
	}
	r.State, r.Can = Waiting, []string{"the machines that run the workflows"}
	switch names := list(workflows(g.state.each), 5); {
	case !g.named():
		r.Summary = "Not every workflow for " + g.head() + " has finished, and any of them may leave a coverage report."
	case len(g.state.each) == 1:
		r.Summary = "The coverage report of " + names + " for " + g.head() + " has not come yet."
	default:
		r.Summary = "Not all coverage reports for " + g.head() + " have come yet; " + names + " leave them."
	}
	for _, p := range absent {
		if r.Until.IsZero() || p.until.Before(r.Until) {
			r.Until = p.until
		}
	}
	all := len(g.state.each)
	g.progress = fmt.Sprintf("%d of %s finished.", all-len(running)-len(absent), workflowsHave(all))
	if len(running) > 0 {
		g.progress += " Still running: " + list(workflows(running), 10) + "."
	}
	if len(absent) > 0 && g.named() {
		g.progress += " Not started yet: " + list(workflows(absent), 10) + "."
	} else if len(absent) > 0 {
		g.progress = "No workflow has started yet."
	}
	return true
}

// unopened: all is over, and what was left has not been read.
func (g *gauge) unopened(r *Result) bool {
	if g.cov.Read {
		return false
	}
	fault{"what the workflows left has not been read yet", operators}.fill(r)
	return true
}

// malformed: a report cannot be used. What is no report at all does not count as
// one, see emptyHanded.
func (g *gauge) malformed(r *Result) bool {
	var bad []string
	for i := range g.cov.Reports {
		if q := &g.cov.Reports[i]; q.Problem != "" && !q.Foreign {
			bad = append(bad, g.called(q)+" cannot be used: "+phrase(q.Problem)+".")
		}
	}
	if len(bad) == 0 {
		return false
	}
	bad = sorted(bad)
	r.Summary, r.Can = bad[0], []string{theAuthor}
	if len(bad) > 1 {
		r.Summary = fmt.Sprintf("%d of %s cannot be used: %s", len(bad), count(len(g.cov.Reports), "coverage report"), bad[0])
		r.Notes = limited(bad, "reports")
	}
	return true
}

// called is how a sentence names a report.
func (g *gauge) called(q *Report) string {
	from := ""
	if i := slices.IndexFunc(g.cov.Runs, func(w WorkflowRun) bool { return w.ID == q.Run }); i >= 0 {
		from = " of " + workflowName(g.cov.Runs[i].Path)
	}
	name, file := phrase(q.Name), phrase(q.File)
	switch {
	case q.Artifact == 0 && name != "":
		return "The report “" + name + "” that was sent by a run" + from
	case q.Artifact == 0:
		return "What a run" + from + " left"
	case file == "":
		return "The artifact “" + name + "”" + from
	}
	return "“" + file + "” in the artifact “" + name + "”" + from
}

// unreported: a workflow is over and left no report, or none that says anything.
func (g *gauge) unreported(r *Result) bool {
	var said, names []string
	for _, p := range g.state.each {
		if why := g.emptyHanded(p); why != "" {
			names = append(names, workflowName(p.workflow))
			said = append(said, workflowName(p.workflow)+" gave no coverage report for "+g.head()+": "+why+".")
		}
	}
	r.Can = []string{theAuthor, policyChangers}
	switch {
	case len(said) == 0, !g.named() && len(said) < len(g.state.each):
		r.Can = nil
		return false
	case !g.named() && len(g.cov.Reports) == 0:
		r.Summary = "No workflow that ran for " + g.head() + " left a coverage report: none has an artifact called " + g.artifacts("") + ", and none sent one."
	case len(said) == 1:
		r.Summary = said[0]
	default:
		r.Summary, r.Notes = list(names, 3)+" gave no coverage report for "+g.head()+".", limited(said, "workflows")
	}
	return true
}

// emptyHanded is why a producer has no report that says anything, as the end of
// a sentence; "" when it has one.
func (g *gauge) emptyHanded(p producer) string {
	var odd *Report
	for i := range g.cov.Reports {
		switch q := &g.cov.Reports[i]; {
		case q.Run != p.run.ID:
		case !q.Foreign && (q.Files > 0 || q.SummaryOnly):
			return ""
		case odd == nil || q.Format > odd.Format || q.Format == odd.Format && g.called(q) < g.called(odd):
			odd = q // rather one that is a report
		}
	}
	switch {
	case odd != nil && odd.Format != "":
		return lowerFirst(g.called(odd)) + " speaks of no source file; the tests may have run without measuring anything"
	case odd != nil && odd.Problem != "":
		return lowerFirst(g.called(odd)) + " cannot be used: " + phrase(odd.Problem)
	case odd != nil:
		return lowerFirst(g.called(odd)) + " holds none of a known format"
	case p.run.Conclusion != "success":
		return "it was skipped"
	}
	return "it left no artifact called " + g.artifacts(p.workflow) + " and sent none"
}

// lowerFirst is a sentence's beginning as it goes on behind a colon.
func lowerFirst(s string) string {
	for _, word := range []string{"The ", "What "} {
		if rest, ok := strings.CutPrefix(s, word); ok {
			return strings.ToLower(word) + rest
		}
	}
	return s
}

// stray: a report is of a run that does not count.
func (g *gauge) stray(r *Result) bool {
	for i := range g.cov.Reports {
		run := g.cov.Reports[i].Run
		if !slices.ContainsFunc(g.state.Runs, func(w WorkflowRun) bool { return w.ID == run }) {
			fault{"a report is of a run that is not the newest of its workflow for " + g.head(), operators}.fill(r)
			return true
		}
	}
	return false
}

// artifacts are the names that the artifacts of a workflow must have.
func (g *gauge) artifacts(workflow string) string {
	globs := DefaultArtifacts
	for _, rule := range g.sel.Reports {
		if rule.Workflow == workflow && len(rule.Artifacts) > 0 {
			globs = rule.Artifacts
		}
	}
	words := make([]string, len(globs))
	for i, a := range globs {
		words[i] = Plain(string(a))
	}
	if len(words) == 2 {
		return words[0] + " or " + words[1]
	}
	return strings.Replace(list(words, 4), " and ", " or ", 1)
}

// unplaced: what the reports say cannot be related to the repository.
func (g *gauge) unplaced(r *Result) bool {
	switch c := &g.cov; {
	case c.Unplaced != "":
		fault{phrase(c.Unplaced), theAuthor}.fill(r)
	case c.Tested != "" && c.Tested != g.pull.Head.SHA && c.Onto == "":
		fault{"the reports are of " + Plain(short(c.Tested)) + " and not of the head " + g.head(), theAuthor}.fill(r)
	case !sound(c.Total):
		fault{"the totals of the reports make no sense", theAuthor}.fill(r)
	default:
		return false
	}
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
	text := fmt.Sprintf("%d of %s in the reports %s not in the repository", c.Unresolved, count(max(c.Resolved, 0)+c.Unresolved, "file"), plural(c.Unresolved, "is", "are"))
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

// named says whether the policy names the workflows.
func (g *gauge) named() bool { return len(g.sel.Reports) > 0 }

func workflows(ps []producer) []string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = workflowName(p.workflow)
	}
	return out
}

func workflowsHave(n int) string { return count(n, "workflow") + " " + plural(n, "has", "have") }

func itThem(ps []producer) string { return plural(len(ps), "it", "them") }

func was(ps []producer) string { return plural(len(ps), "was", "were") }

// plural is the form of a word that goes with a number.
func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
