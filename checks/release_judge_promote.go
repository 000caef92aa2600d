package checks

import (
	"slices"
	"time"
)

// promote decides whether the candidate is promoted, once everything else is judged.
func (x *releasing) promote() {
	if x.isPromoted() {
		x.promoted()
		x.refuseLate()
		x.hearAfter()
		return
	}
	at, what := x.ready()
	for i := range x.acts {
		a := &x.acts[i]
		switch {
		case a.Kind == ActPromote && x.grants(a):
			x.hearPromote(a, at, what)
		case a.Kind == ActEmergency && x.grants(a):
			x.hearEmergency(a)
		case a.Kind == ActFail || a.Kind == ActRollBack:
			x.refuse(a, "this candidate is not released", "")
		}
	}
	if x.v.Promote == nil && x.rules.Promote == PromoteApproved && x.approved() {
		if last := x.lastSign(); last != nil {
			x.v.Promote = x.promotionBy(last, false)
		}
	}
	if x.v.Observe {
		x.v.Promote = nil
	}
}

// approved says whether everything is there that the policy asks for.
func (x *releasing) approved() bool {
	whole := len(x.v.Stages) > 0
	for _, s := range x.v.Stages {
		whole = whole && s.State.Passes()
	}
	return whole && x.void.why == "" && x.v.State.Passes() && !x.v.Invalid && x.rejected() == nil &&
		x.passes(IDReleaseTag, IDReleaseEvidence, IDReleaseChecks, IDReleaseArtifacts, IDReleaseFreeze)
}

// askHeed is how long a request to promote is heeded, glassHeed how long an emergency is:
// neither is to come true by itself long after. Ours: it is longer than handrail is down.
const (
	askHeed   = day
	glassHeed = glassUsual
)

// hearPromote takes note of a request to promote, or refuses it. One promotes only if
// everything was there when it was made: what is missing then and comes later has to be
// looked at by whoever asks again. The last of it came at a moment, and was what.
func (x *releasing) hearPromote(a *Act, at time.Time, what string) {
	acc, can := x.may(x.rules.promotion(), a.By), "Somebody else can promote: "+x.rules.whose(x.rules.promotion())
	switch {
	case !acc.ok:
		x.refuse(a, acc.why, can)
	case x.barred(a.By) != "":
		x.refuse(a, x.barred(a.By), can)
	case !a.At.Add(askHeed).After(x.r.At):
		x.refuse(a, "it was made more than "+Duration(askHeed).String()+" ago", "Ask again")
	case !x.approved():
		x.refuse(a, "not everything is there: "+goingOn(missingWord)+list(missingIn(x.v.Results, nil), 6), "It does not promote by itself later: ask again once everything is there")
	case a.At.Before(at):
		x.refuse(a, "not everything was there when it was made: "+what+" on "+minute(at), "Ask again")
	case !x.frozenAt(a.At).IsZero():
		x.refuse(a, "it was made in a freeze, which ended on "+minute(x.frozenAt(a.At)), "Ask again")
	case x.v.Promote == nil || x.v.Promote.Emergency:
		x.v.Promote = x.promotionBy(a, false)
	}
}

// ready is when the last of what was missing came, and what that was.
func (x *releasing) ready() (at time.Time, what string) {
	later := func(t time.Time, text string) {
		if t.After(at) {
			at, what = t, text
		}
	}
	if s := x.lastSign(); s != nil {
		later(s.At, Plain(s.By.Login)+" signed")
	}
	if by := x.accepted(); by != nil {
		if _, accept, _ := x.exceptions(); len(accept) > 0 {
			later(by.act.At, Plain(by.act.By.Login)+" accepted the evidence")
		}
	}
	later(x.lifted, "a rejection was taken back")
	for i := range x.rules.Freeze {
		w := &x.rules.Freeze[i]
		if s, now := w.around(x.r.At); now {
			if by := x.letThrough(w, s.begin); by != nil {
				later(by.At, Plain(by.By.Login)+" let it through the freeze")
			}
		}
	}
	for i := range x.r.Runs {
		if r := &x.r.Runs[i]; x.restsOn(r) {
			later(r.Completed, Plain(r.Name)+" passed")
		}
	}
	return at, what
}

// restsOn says whether some result rests on a check-run.
func (x *releasing) restsOn(r *Run) bool {
	e := runEvidence(r, &x.pull)
	var in func([]Result) bool
	in = func(results []Result) bool {
		return slices.ContainsFunc(results, func(r Result) bool { return slices.Contains(r.Evidence, e) || in(r.Parts) })
	}
	return in(x.v.Results)
}

// lastSign is the last of the sign-offs that are counted, nil for none.
func (x *releasing) lastSign() *Act {
	var last *Act
	for i := range x.fills {
		for _, s := range x.fills[i].counted {
			if last == nil || s.act.At.After(last.At) {
				last = s.act
			}
		}
	}
	return last
}

// promotionBy is the promotion by an act.
func (x *releasing) promotionBy(a *Act, emergency bool) *Promotion {
	p := &Promotion{By: *a, Emergency: emergency}
	for _, s := range x.v.Stages {
		p.Signed = append(p.Signed, s.Signed...)
	}
	if by := x.accepted(); by != nil {
		if _, accept, _ := x.exceptions(); len(accept) > 0 {
			p.Accepted = by.act
		}
	}
	return p
}

// promoted says of a candidate that was promoted by whom, as far as that is known. What
// it rested on then is in the record.
func (x *releasing) promoted() {
	if !x.isPromoted() {
		return
	}
	by := Act{}
	kind := ActPromote
	if x.r.Memory.Emergency {
		kind = ActEmergency
	}
	for i := range x.acts {
		a := &x.acts[i]
		if a.Kind == kind && IsCandidate(a.Candidate, x.v.Digest) && !x.afterPromotion(a) {
			by = *a
		}
	}
	if last := x.lastSign(); by.Kind == "" && kind == ActPromote && last != nil {
		by = *last
	}
	x.v.Promote = x.promotionBy(&by, x.r.Memory.Emergency)
}

// refuseLate refuses what would promote again.
func (x *releasing) refuseLate() {
	for i := range x.acts {
		if a := &x.acts[i]; (a.Kind == ActPromote || a.Kind == ActEmergency) && x.grants(a) {
			x.late(a)
		}
	}
}
