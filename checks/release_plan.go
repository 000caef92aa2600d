package checks

import (
	"slices"
	"strconv"
	"strings"
)

// PlanRelease is what remains to be written so that GitHub shows the verdict on a
// release, and what follows from it. It is empty when GitHub shows it and nothing
// follows. What takes away comes first, then what is only said, last what grants:
// check-runs and the label, the release's publication, workflows, and jobs that may
// deploy. What is granted is the candidate that the snapshot shows, never another.
//
// Nothing is written for a policy that observes, and in an archived repository. Of a tag
// that is gone only that is said.
func PlanRelease(p Policy, v ReleaseVerdict, r Release) []Action {
	w := viewOf(&p, &v, &r)
	if v.Observe || r.Repo.Archived || p.ReleaseRules() == nil || v.Tag != r.Tag.Name {
		return nil
	}
	var take, say, grant []Action
	if there := !r.Tag.Gone && r.Tag.Commit != ""; there {
		if c := r.Candidate(p); v.Head != r.Tag.Commit || v.Digest != c.Digest() {
			return nil // the verdict is about something else
		}
		take, grant = w.planRuns()
	}
	issue, how := w.planIssue()
	switch how {
	case takesAway:
		take = append([]Action{issue}, take...)
	case onlySays:
		say = append(say, issue)
	case grants:
		grant = append(grant, issue)
	}
	if r.Issue.Number > 0 || issue.Kind == CreateIssue {
		say = append(say, w.notices()...)
	}
	if !r.Tag.Gone && r.Tag.Commit != "" {
		grant = append(append(grant, w.publication()...), w.starts()...)
		if r.SharedWith == "" {
			approved, others := w.gateAnswers()
			take, grant = append(take, others...), append(grant, approved...)
		}
	}
	if len(grant) == 0 {
		take = append(take, w.voidRuns()...)
	}
	return slices.Concat(take, say, grant)
}

// planRuns is what is to be written of check-runs: what takes away, and what grants.
// "Release Requirements" is the first to lose success and the last to get it.
func (w *releaseView) planRuns() (takes, grants []Action) {
	if w.r.SharedWith != "" {
		return nil, nil
	}
	surface := w.r.Surface()
	outs := RenderRelease(*w.policy, *w.v, *w.r)
	if outs[0].Conclusion == "success" {
		outs = append(outs[1:], outs[0])
	}
	outs = append(outs, w.leftRuns(outs, &surface)...)
	for i := range outs {
		a, due := planRun(&outs[i], &surface)
		switch {
		case !due:
		case outs[i].Conclusion == "success":
			grants = append(grants, a)
		default:
			takes = append(takes, a)
		}
	}
	return takes, grants
}

// Surface is the release in the shape of a pull request, as far as writing check-runs on
// its commit needs one: it has neither number nor labels.
func (r *Release) Surface() Pull {
	return Pull{
		At: r.At, Repo: r.Repo, Open: !r.Tag.Gone, Head: Ref{Name: r.Tag.Name, SHA: r.Tag.Commit, RepoID: r.Repo.ID},
		Runs: r.Runs, AppID: r.AppID, Memory: Memory{Reruns: r.Memory.Reruns},
	}
}

// leftRuns is what becomes of runs of releases that are not shown any more: open ones of
// stages that the policy has no more end, and by a policy that cannot be used no stage
// passes.
func (w *releaseView) leftRuns(outs []Output, pull *Pull) []Output {
	var left []Output
	for i := range pull.Runs {
		r := &pull.Runs[i]
		named := func(o Output) bool { return o.Name == r.Name }
		if !own(r, pull) || !releaseName(r.Name) || slices.ContainsFunc(outs, named) || slices.ContainsFunc(left, named) {
			continue
		}
		o := Output{
			Name: r.Name, Head: pull.Head.SHA, Status: "completed", Conclusion: "neutral",
			Title: "No longer part of the policy", Summary: "The policy has no such stage any more.",
		}
		switch {
		case w.v.Invalid:
			o = outs[0]
			o.Name, o.Buttons = r.Name, nil
		case newest(r.Name, pull).Status == "completed":
			continue
		}
		o.digest(nil)
		left = append(left, o)
	}
	return left
}

// voidLook is how long after a tag was moved away from a commit that is said there, where
// it could not be said at once.
const voidLook = day

// voidRuns put new check-runs on the commits at which the tag was before, once: what is
// there still says that the release may be promoted, or asks to sign it. Nothing that is
// granted waits for them.
func (w *releaseView) voidRuns() []Action {
	var out []Action
	done := []string{w.r.Tag.Commit}
	for i := len(w.r.Memory.Candidates) - 1; i >= 0; i-- {
		c := &w.r.Memory.Candidates[i]
		if c.Ended.IsZero() || w.r.At.Sub(c.Ended) > voidLook || c.Commit == "" || slices.Contains(done, c.Commit) {
			continue
		}
		done = append(done, c.Commit)
		key := "void-runs " + c.Commit + " " + strconv.FormatInt(c.Ended.Unix(), 10)
		if c.Shown.IsZero() || w.marked(key) || w.outAt(c.Commit) || slices.Contains(w.r.Taken, c.Commit) {
			continue
		}
		names := []string{RunRelease}
		for k := range w.rules.Stages {
			names = append(names, stageRun(&w.rules.Stages[k]))
		}
		for k, name := range names {
			a := Action{Kind: CreateRun, Run: w.voidRun(name, c)}
			if k == len(names)-1 {
				a.Remind = []string{key}
			}
			out = append(out, a)
		}
	}
	return out
}

// outAt says whether another tag that is released is at a commit, whose check-runs are
// about that one.
func (w *releaseView) outAt(commit string) bool {
	return slices.ContainsFunc(w.r.Outs, func(o Out) bool { return o.Commit == commit })
}

func (w *releaseView) voidRun(name string, c *PastCandidate) Output {
	o := Output{Name: name, Head: c.Commit, Status: "completed", Conclusion: "failure", Title: "Void: " + w.tag + " is not at this commit any more"}
	var b strings.Builder
	w.writeEnd(&b, c)
	b.WriteString("\n\nWhat is signed for a release counts for the commit at which its tag was then, and no longer than it is there.")
	if !w.r.Tag.Gone && w.r.Tag.Commit != "" {
		b.WriteString(" The tag is at ")
		w.writeCommit(&b, w.r.Tag.Commit)
		b.WriteString(" now.")
	}
	o.Summary = cut(b.String() + "\n")
	o.digest(nil)
	return o
}

// PlanReleaseFailure is what to write when a release could not be judged, again and
// again, for a reason that is handrail's or GitHub's. It never looks like a verdict:
// "Release Requirements" is open and says why, the label goes, and no job that waits is
// told anything by it.
func PlanReleaseFailure(r Release, why string, tries int) []Action {
	if r.Tag.Gone || r.Tag.Commit == "" || r.Repo.Archived || r.SharedWith != "" {
		return nil
	}
	const summary = "handrail could not find out whether this release has what it needs. This is no verdict on it, and nothing that was signed is lost.\n\n"
	text := summary + "The reason: " + Markdown(why) + "\n\n" +
		"If it stays like this, whoever runs handrail finds the same reason in its log and under `/metrics`. " +
		"Until then nothing is promoted, and jobs that wait for an environment go on waiting.\n"
	var out []Action
	if i := &r.Issue; i.Number > 0 && !i.Denied && releaseLabelled(i.Labels) {
		t := IssueText{Number: i.Number, Title: i.Title, Open: i.Open, Digest: issueDigest(i.Title, text)}
		t.Body = issueMark(r.Tag.Name, t.Digest) + "\n" + text
		out = append(out, Action{Kind: UpdateIssue, Issue: &t})
	}
	o := Output{
		Name: RunRelease, Head: r.Tag.Commit, Status: "in_progress", Title: "Could not be judged; handrail keeps trying",
		Summary: text, Footer: "Tried " + count(tries, "time") + " so far.",
	}
	o.digest(nil)
	surface := r.Surface()
	if a, due := planRun(&o, &surface); due {
		out = append(out, a)
	}
	return out
}

// releaseLabelled says whether our label is among those of an issue.
func releaseLabelled(labels []string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, LabelRelease) })
}
