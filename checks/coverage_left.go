package checks

import (
	"slices"
	"strings"
)

// called is how a sentence names a report.
func (g *gathered) called(q *Report) string {
	from := ""
	if i := slices.IndexFunc(g.got.Runs, func(w WorkflowRun) bool { return w.ID == q.Run }); i >= 0 {
		from = " of " + workflowName(g.got.Runs[i].Path)
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
func (g *gathered) unreported(r *Result) bool {
	var said, names []string
	for _, p := range g.state.each {
		if why := g.emptyHanded(p); why != "" {
			names = append(names, workflowName(p.workflow))
			said = append(said, workflowName(p.workflow)+" gave no "+g.noun.one+" for "+g.head()+": "+why+".")
		}
	}
	r.Can = []string{theAuthor, policyChangers}
	switch {
	case len(said) == 0, !g.named() && len(said) < len(g.state.each):
		r.Can = nil
		return false
	case !g.named() && len(g.got.Reports) == 0:
		r.Summary = "No workflow that ran for " + g.head() + " left a " + g.noun.one + ": none has an artifact called " + g.artifacts("") + ", and none sent one."
	case len(said) == 1:
		r.Summary = said[0]
	default:
		r.Summary, r.Notes = list(names, 3)+" gave no "+g.noun.one+" for "+g.head()+".", limited(said, "workflows")
	}
	return true
}

// emptyHanded is why a producer has no report that says anything, as the end of
// a sentence; "" when it has one.
func (g *gathered) emptyHanded(p producer) string {
	var odd *Report
	for i := range g.got.Reports {
		switch q := &g.got.Reports[i]; {
		case q.Run != p.run.ID:
		case !q.Foreign && g.noun.says(q):
			return ""
		case odd == nil || q.Format > odd.Format || q.Format == odd.Format && g.called(q) < g.called(odd):
			odd = q // rather one that is a report
		}
	}
	switch {
	case odd != nil && odd.Format != "":
		return lowerFirst(g.called(odd)) + " " + g.noun.mute
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
	for _, word := range []string{"The ", "What ", "A ", "Commit ", "Not ", "More ", "Only "} {
		if rest, ok := strings.CutPrefix(s, word); ok {
			return strings.ToLower(word) + rest
		}
	}
	return s
}

// artifacts are the names that the artifacts of a workflow must have.
func (g *gathered) artifacts(workflow string) string {
	globs := g.sel.Rule(workflow).Artifacts
	words := make([]string, len(globs))
	for i, a := range globs {
		words[i] = Plain(string(a))
	}
	if len(words) == 2 {
		return words[0] + " or " + words[1]
	}
	return strings.Replace(list(words, 4), " and ", " or ", 1)
}
