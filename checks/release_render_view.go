package checks

import "slices"

// releaseView is a release as it is shown: the verdict on it, and what it was judged by.
type releaseView struct {
	policy *Policy
	rules  *ReleaseRules // never nil
	v      *ReleaseVerdict
	r      *Release
	tag    string // harmless as plain text
}

func viewOf(p *Policy, v *ReleaseVerdict, r *Release) *releaseView {
	w := &releaseView{policy: p, rules: p.ReleaseRules(), v: v, r: r, tag: Plain(r.Tag.Name)}
	if w.rules == nil {
		w.rules = &ReleaseRules{}
	}
	return w
}

// stageRun is the name of a stage's check-run.
func stageRun(s *Stage) string { return slug(RunStagePrefix, s.Name) }

// result is the verdict's result of an id, nil when there is none.
func (w *releaseView) result(id string) *Result {
	if i := slices.IndexFunc(w.v.Results, func(r Result) bool { return r.ID == id }); i >= 0 {
		return &w.v.Results[i]
	}
	return nil
}

func (w *releaseView) stage(i int) *Result { return w.result(w.rules.Stages[i].id("")) }

// standing is how far a stage is, nil when the verdict does not say.
func (w *releaseView) standing(s *Stage) *StageStanding {
	i := slices.IndexFunc(w.v.Stages, func(st StageStanding) bool { return st.Name == s.Name })
	if i < 0 {
		return nil
	}
	return &w.v.Stages[i]
}

// emergency says whether what is shown was promoted without all that was asked for, and
// that this is on record.
func (w *releaseView) emergency() bool {
	return w.v.Promote != nil && w.v.Promote.Emergency && w.promoted()
}

// promoted says whether this very candidate is on record as promoted.
func (w *releaseView) promoted() bool {
	return w.v.Digest != "" && w.r.Memory.Promoted == w.v.Digest
}

// asked is everything that was asked for, but that somebody promotes it.
func (w *releaseView) asked() []Result {
	return slices.DeleteFunc(slices.Clone(w.v.Results), func(r Result) bool { return r.ID == IDReleasePromotion || r.ID == IDReleaseFollowUp })
}

// state is what "Release Requirements" says: it passes only from when on everything is
// there but the promotion, or when an emergency is on record.
func (w *releaseView) state() State {
	s := worst(w.asked())
	switch w.v.Phase {
	case PhaseApproved, PhasePromoting, PhaseReleased, PhaseDeployed:
		if w.emergency() && !s.Passes() {
			return Overridden
		}
		return s
	case PhaseVoid, PhaseRejected, PhaseSuperseded, PhaseFailed:
		return Unmet
	}
	return worse(s, Waiting)
}

// met says whether everything that the policy asks for is there, which is what the label
// says. An emergency is not that.
func (w *releaseView) met() bool {
	return w.state().Passes() && worst(w.asked()).Passes() && !w.v.Observe && !w.v.Invalid
}
