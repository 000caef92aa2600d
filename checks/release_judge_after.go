package checks

import "strings"

// hearAfter hears what people say about a candidate that was promoted: that it failed,
// and that it is to be deployed again. The last of the two holds.
func (x *releasing) hearAfter() {
	for i := range x.acts {
		a := &x.acts[i]
		if a.Kind != ActFail && a.Kind != ActRollBack {
			continue
		}
		acc, can := x.may(x.rules.promotion(), a.By), "Somebody else can: "+x.rules.whose(x.rules.promotion())
		stray := ""
		if a.Kind == ActRollBack {
			stray = x.stray(a)
		}
		switch {
		case a.Edited && a.Kind == ActRollBack:
			x.refuse(a, "the comment was edited, so that it is not known what was meant", "Write it anew")
		case strings.TrimSpace(a.Reason) == "":
			x.refuse(a, "a reason is required", "Write it anew with one")
		case !acc.ok:
			x.refuse(a, acc.why, can)
		case stray != "":
			x.refuse(a, stray, "Whoever has looked at what is there now can do it anew")
		case x.r.Memory.Released.IsZero() || !x.afterPromotion(a):
			x.refuse(a, "it is not released yet", "")
		default:
			x.last = a
		}
	}
}

// failed is the word that the release failed, nil where there is none or it was rolled
// back to since.
func (x *releasing) failed() *Act {
	if x.last == nil || x.last.Kind != ActFail {
		return nil
	}
	return x.last
}

// rolledBack says whether somebody has decided that this release is to be deployed
// again, since a newer one was out.
func (x *releasing) rolledBack(newer *Out) bool {
	return x.last != nil && x.last.Kind == ActRollBack && (newer == nil || x.last.At.After(newer.At))
}

// deployed says whether the candidate is where the last stage is about or, where that
// names no environment, anywhere. What was there and was replaced since reads inactive.
func (x *releasing) deployed() bool {
	last := ""
	for i := range x.rules.Stages {
		last = x.rules.Stages[i].Environment
	}
	for _, d := range x.r.Deployments {
		if (last == "" || strings.EqualFold(d.Environment, last)) && (d.State == "success" || d.State == "inactive") && !d.At.Before(x.r.Memory.PromotedAt) {
			return true
		}
	}
	return false
}

// phase says how far the release is.
func (x *releasing) phase() {
	v := &x.v
	switch {
	case x.void.why != "":
		v.Phase = PhaseVoid
	case x.isPromoted():
		v.Phase = x.promotedPhase()
	case x.newer != nil:
		v.Phase = PhaseSuperseded
	case v.Promote != nil:
		v.Phase = PhasePromoting
	case x.rejected() != nil:
		v.Phase = PhaseRejected
	case !x.gathered():
		v.Phase = PhaseGathering
	case !v.Invalid && x.approved():
		v.Phase = PhaseApproved
	default:
		v.Phase = PhaseCandidate
		for _, s := range v.Stages {
			if s.State.Passes() {
				v.Phase = PhaseSigning
			}
		}
	}
}

// promotedPhase is how far a candidate is that was promoted.
func (x *releasing) promotedPhase() Phase {
	switch {
	case x.failed() != nil:
		return PhaseFailed
	case x.r.Memory.Released.IsZero():
		return PhasePromoting
	case x.deployed():
		return PhaseDeployed
	}
	return PhaseReleased
}
