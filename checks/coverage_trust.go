package checks

import (
	"slices"
	"strings"
)

// approvable says whether an approval makes self-declared reports count.
func (d SelfDeclared) approvable() bool {
	return d != SelfDeclaredAccept && d != SelfDeclaredRefuse
}

// trust says whether the reports may be believed. said is false when nothing
// speaks against it.
func (g *gathered) trust() (r Result, said bool) {
	why := g.distrusted()
	if why == "" {
		return Result{}, false
	}
	r = Result{ID: g.noun.id, Name: g.noun.name, State: Unmet}
	switch {
	case g.self == SelfDeclaredAccept:
		r.State, r.Summary = Met, "The reports are self-declared, since "+why+"; the policy accepts that."
		return r, true
	case g.self == SelfDeclaredRefuse:
		r.Summary = "The reports are self-declared, since " + why + "; the policy accepts none such."
		r.Can = []string{theAuthor, policyChangers}
		return r, true
	}
	by, f := g.approvals(nil)
	switch {
	case f.why != "":
		f.fill(&r)
	case len(by) == 0:
		r.State, r.Can = Waiting, []string{"anyone with write access"}
		r.Summary = "The reports are self-declared, since " + why + ": they count once somebody with write access who did not work on this change has approved " + g.head() + " itself."
	default:
		r.State, r.Summary = Met, "The reports are self-declared, since "+why+"; they count, since "+list(by, 3)+" approved "+g.head()+"."
	}
	return r, true
}

// distrusted is why the pull request may have had a hand in how its reports
// were made, as the end of a sentence; "" when it had none.
func (g *gathered) distrusted() string {
	var changed, strange []string
	makers := g.makers()
	for _, run := range makers {
		if run.HeadRepo == 0 || run.HeadRepo != g.pull.Repo.ID {
			strange = append(strange, workflowName(run.Path))
		}
	}
	if len(strange) > 0 {
		return list(sorted(strange), 3) + " ran for a fork"
	}
	for i := range g.pull.Files {
		f := &g.pull.Files[i]
		for _, file := range []string{f.Path, f.Previous} {
			if file != "" && g.hasSay(file, makers) {
				changed = append(changed, Plain(file))
			}
		}
	}
	if changed = sorted(changed); len(changed) > 0 {
		return "this pull request changes " + list(changed, 3) + ", which " + plural(len(changed), "has", "have") + " a say in how they are made"
	}
	return ""
}

// makers are the runs that reports are of.
func (g *gathered) makers() []WorkflowRun {
	var out []WorkflowRun
	for _, run := range g.state.Runs {
		if slices.ContainsFunc(g.got.Reports, func(q Report) bool { return q.Run == run.ID && !q.Foreign }) {
			out = append(out, run)
		}
	}
	return out
}

// hasSay says whether a file has a say in what the reports of some runs say: a
// workflow, or settings of what makes them.
func (g *gathered) hasSay(file string, makers []WorkflowRun) bool {
	return g.noun.sets(file) || slices.ContainsFunc(makers, func(r WorkflowRun) bool {
		return file == r.Path || slices.Contains(r.Uses, file)
	})
}

// approvals are who, of those with write access that did not work on the
// change, approved the head itself in GitHub's review form. What must be known
// of them and is not is added to w, unless that is nil.
func (g *gathered) approvals(w *Wants) ([]string, fault) {
	h := hearing{pull: g.pull, rules: &ReviewRules{}, wants: w}
	h.listen()
	h.gather()
	if f := h.cutFault(); f.why != "" {
		return nil, f
	}
	var by []string
	for i := range h.voices {
		v := &h.voices[i]
		r := v.latest
		if r == nil || r.State != "APPROVED" || r.Commit == "" || r.Commit != g.pull.Head.SHA || gone(v.key) || isApp(v.key) || h.contribution(v.key, v.id) != nil {
			continue
		}
		if !h.may(v.key, v.login, "write").ok {
			continue
		}
		by = append(by, v.login)
		g.proof = append(g.proof, Evidence{Kind: "review", ID: evidenceID(r.ID), Login: v.login, Commit: r.Commit, Text: "approved the self-declared reports"})
	}
	slices.SortFunc(by, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return by, fault{}
}
