package checks

import "fmt"

// failed: a workflow ended in a way that leaves its reports incomplete.
func (g *gathered) failed(r *Result) bool {
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
		r.Summary = list(said, 3) + "; " + g.noun.known + " " + g.head() + " is not known. Mend what stopped " + itThem(bad) + ", or run " + itThem(bad) + " again."
		return true
	}
	r.Summary = list(said, 3) + ". The policy does not say which workflows leave " + g.noun.one + "s, so all of them are needed: mend " + itThem(bad) + ", or name those that do under " + g.noun.key + ".reports."
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
func (g *gathered) late(r *Result) bool {
	late := g.state.in(producerLate)
	if len(late) == 0 {
		return false
	}
	within := " within " + Duration(g.wait).String() + " of its push"
	r.Can = []string{theAuthor, policyChangers}
	if !g.named() {
		r.Summary = "No workflow was started for " + g.head() + within + ", so there is no " + g.noun.one + "."
		r.Notes = []string{g.noun.are + " read from the artifacts of GitHub Actions workflows, or sent by them; there must be one that runs for this pull request."}
		return true
	}
	names := workflows(late)
	r.Summary = list(names, 3) + " " + was(late) + " not started for " + g.head() + within + ", so nothing is known of " + g.noun.of + "."
	r.Can = []string{theAuthor, "whoever runs " + list(names, 3), policyChangers}
	r.Notes = []string{"Perhaps its name is misspelt in the policy, it is missing on this branch or switched off, or its triggers leave out these files or branches."}
	return true
}

// held: GitHub asks a maintainer before it runs the workflow of somebody who
// has not contributed yet.
func (g *gathered) held(r *Result) bool {
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
func (g *gathered) awaited(r *Result) bool {
	running, absent := g.state.in(producerRuns), g.state.in(producerAbsent)
	if len(running)+len(absent) == 0 {
		return false
	}
	r.State, r.Can = Waiting, []string{"the machines that run the workflows"}
	switch names := list(workflows(g.state.each), 5); {
	case !g.named():
		r.Summary = "Not every workflow for " + g.head() + " has finished, and any of them may leave a " + g.noun.one + "."
	case len(g.state.each) == 1:
		r.Summary = "The " + g.noun.one + " of " + names + " for " + g.head() + " has not come yet."
	default:
		r.Summary = "Not all " + g.noun.one + "s for " + g.head() + " have come yet; " + names + " leave them."
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

// named says whether the policy names the workflows.
func (g *gathered) named() bool { return len(g.sel.Reports) > 0 }

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
