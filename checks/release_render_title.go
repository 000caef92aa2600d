package checks

import (
	"cmp"
	"slices"
	"strings"
)

// title is what "Release Requirements" is called: how far the release is, in one line.
func (w *releaseView) title() string {
	if w.v.Invalid {
		return mergeTitle(w.v.Verdict)
	}
	switch w.v.Phase {
	case PhaseGathering:
		if w.r.Evidence.Broken != "" {
			return "Cannot gather what it brings: " + Plain(w.r.Evidence.Broken)
		}
		return w.progress()
	case PhaseVoid:
		if w.r.Tag.Gone {
			return "Void: the tag is gone"
		}
		return "Void: the tag was moved after the release"
	case PhaseRejected:
		return w.rejectedTitle()
	case PhaseSuperseded:
		return "Superseded: " + cmp.Or(w.newer(), "a newer release") + ", which has this commit, is out"
	case PhaseFailed:
		return "Released, and marked as failed" + w.byAct(ActFail)
	case PhaseApproved:
		if w.v.Promote == nil && w.state().Passes() {
			return "Approved, and not promoted yet"
		}
		return "Approved"
	case PhasePromoting, PhaseReleased, PhaseDeployed:
		return w.outTitle()
	}
	return w.toDo()
}

// toDo names what is missing: what somebody must put right, what is waited for, and of
// the stages the first that is not whole, since the others come after it.
func (w *releaseView) toDo() string {
	var act, wait []string
	stage := ""
	for _, r := range w.asked() {
		switch {
		case r.Observed || r.State.Passes() || w.isStage(r.ID):
		case r.ID == IDReleasePublished:
			act = append(act, "look at what was published before it was approved")
		case r.State == Waiting:
			wait = append(wait, Plain(r.Name))
		default:
			act = append(act, Plain(r.Name))
		}
	}
	for i := range w.rules.Stages {
		if r := w.stage(i); r == nil || !r.State.Passes() {
			names := w.lacks(i)
			if len(names) > 0 {
				stage = list(names, 4) + " (" + Plain(w.rules.Stages[i].Name) + ")"
			}
			break
		}
	}
	waits := list(wait, 3)
	if stage != "" {
		waits = strings.TrimPrefix(waits+"; "+stage, "; ")
	}
	switch {
	case len(act) > 0 && waits != "":
		return "To do: " + list(act, 3) + "; waiting for " + waits
	case len(act) > 0:
		return "To do: " + list(act, 4)
	case waits != "":
		return "Waiting for " + waits
	}
	return "Not promoted"
}

func (w *releaseView) isStage(id string) bool {
	return slices.ContainsFunc(w.rules.Stages, func(s Stage) bool { return s.id("") == id })
}

// lacks names what a stage waits for: the roles that have not signed, and what else is
// not there.
func (w *releaseView) lacks(i int) []string {
	s := &w.rules.Stages[i]
	var names []string
	for _, so := range w.unsigned(s) {
		names = append(names, string(so.Role))
	}
	r := w.stage(i)
	if r == nil {
		return names
	}
	for k := range r.Parts {
		part := &r.Parts[k]
		role := slices.ContainsFunc(s.SignOffs, func(so StageSignOff) bool { return part.ID == s.id(string(so.Role)) })
		if !role && !part.State.Passes() && part.ID != s.id(partBefore) {
			names = append(names, Plain(part.Name))
		}
	}
	return names
}

// outTitle is the title of what is promoted.
func (w *releaseView) outTitle() string {
	word := map[Phase]string{PhasePromoting: "Being promoted", PhaseReleased: "Released", PhaseDeployed: "Released and deployed" + w.deployedTo()}[w.v.Phase]
	if w.emergency() {
		word += " in an emergency" + w.byAct(ActEmergency)
	}
	switch {
	case w.v.FollowUp.IsZero():
	case w.v.FollowedUp != nil:
		word += "; " + Plain(w.v.FollowedUp.By.Login) + " has looked at it since"
	default:
		word += "; a follow-up is due until " + minute(w.v.FollowUp)
	}
	return word
}

// deployedTo names the environments of stages in which this commit is.
func (w *releaseView) deployedTo() string {
	var names []string
	for _, d := range w.r.Deployments {
		if d.State == "success" && w.guards(d.Environment) {
			names = append(names, Plain(d.Environment))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " to " + list(sorted(names), 3)
}

// guards says whether some stage names an environment. GitHub tells their names apart
// without regard to case.
func (w *releaseView) guards(environment string) bool {
	for i := range w.rules.Stages {
		if e := w.rules.Stages[i].Environment; e != "" && strings.EqualFold(e, environment) {
			return true
		}
	}
	return false
}

// rejectedTitle is what the verdict says about the rejection.
func (w *releaseView) rejectedTitle() string {
	for i := range w.v.Results {
		r := &w.v.Results[i]
		if r.ID == IDReleaseRejected && r.Summary != "" {
			return Plain(r.Summary)
		}
		for k := range r.Parts {
			if strings.HasSuffix(r.Parts[k].ID, "/"+partRejected) && r.Parts[k].Summary != "" {
				return Plain(r.Parts[k].Summary)
			}
		}
	}
	return "Rejected"
}

// byAct names who did something that counts, as the end of a sentence.
func (w *releaseView) byAct(kind ActKind) string {
	if a := w.last(kind); a != nil && a.By.Login != "" {
		return " by " + Plain(a.By.Login)
	}
	return ""
}

// newer is the released tag that has this one's commit, "" where none is known.
func (w *releaseView) newer() string {
	name := ""
	for _, o := range w.r.Outs {
		if o.Known && o.Contains && o.Tag != w.r.Tag.Name && o.Commit != w.r.Tag.Commit && (name == "" || o.Tag < name) {
			name = o.Tag
		}
	}
	return Plain(name)
}

// last is the newest act of a kind that counts for this candidate, nil for none.
func (w *releaseView) last(kind ActKind) *Act {
	var last *Act
	for i := range w.r.Acts {
		if a := &w.r.Acts[i]; a.Kind == kind && w.counts(a) && (last == nil || actAfter(a, last)) {
			last = a
		}
	}
	return last
}

// counts says whether an act is about this candidate, and neither refused nor taken
// back by the same person since. What takes something away counts in case of doubt.
func (w *releaseView) counts(a *Act) bool {
	switch about := IsCandidate(a.Candidate, w.v.Digest); a.Kind {
	case ActFail:
	case ActReject:
		if a.Candidate != "" && !about {
			return false
		}
	default:
		if a.Edited || !about {
			return false
		}
	}
	for i := range w.v.Refused {
		if sameAct(&w.v.Refused[i].Act, a) {
			return false
		}
	}
	for i := range w.r.Acts {
		if b := &w.r.Acts[i]; a.Kind == ActReject && b.Kind == ActRevoke && b.Role == rejectionWord && actAfter(b, a) && samePerson(a.By, b.By) {
			return false
		}
	}
	return true
}

// sameAct says whether two are one act: by the log entry, or else by all that tells
// them apart.
func sameAct(a, b *Act) bool {
	if a.Seq != 0 || b.Seq != 0 {
		return a.Seq == b.Seq
	}
	return a.Kind == b.Kind && a.Role == b.Role && a.At.Equal(b.At) && a.Ref == b.Ref && samePerson(a.By, b.By)
}

// actAfter orders acts by their log entries.
func actAfter(a, b *Act) bool {
	if a.Seq != b.Seq {
		return a.Seq > b.Seq
	}
	return a.At.After(b.At)
}

// progressSteps is in how many steps gathering is shown: each is a write, and a range of
// 5,000 commits is to take a request per 50 of them at most.
const progressSteps = 10

// progress says how far gathering is, in steps.
func (w *releaseView) progress() string {
	total := max(w.r.Evidence.Total, w.r.Evidence.Gathered)
	if total == 0 {
		return "Gathering what it brings"
	}
	step := max((total+progressSteps-1)/progressSteps, 1)
	if step > 100 {
		step = (step + 99) / 100 * 100
	}
	done := w.r.Evidence.Gathered / step * step
	return "Gathering: " + thousands(done) + " of " + thousands(total) + " commits"
}
