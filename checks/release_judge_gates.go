package checks

import "strings"

// Answers to a job that waits for an environment.
const (
	gateApproved = "approved"
	gateRejected = "rejected"
)

// gates says of each environment whether a job may deploy this commit there. Nothing is
// approved but on a full yes.
func (x *releasing) gates() {
	x.v.Environments = map[string]GateWord{}
	add := func(environment string) {
		if environment != "" {
			x.v.Environments[environment] = x.gate(environment)
		}
	}
	for i := range x.rules.Stages {
		add(x.rules.Stages[i].Environment)
	}
	for i := range x.r.Gates {
		add(x.r.Gates[i].Environment)
	}
	if len(x.v.Environments) == 0 {
		x.v.Environments = nil
	}
}

// gate is the answer for one environment, which GitHub names in any case of letters. The
// last stage that is about it decides.
func (x *releasing) gate(environment string) GateWord {
	stage := -1
	for i := range x.rules.Stages {
		if strings.EqualFold(x.rules.Stages[i].Environment, environment) {
			stage = i
		}
	}
	newer := x.newer
	switch {
	case x.v.Invalid:
		return GateWord{Why: "The policy has mistakes, so nothing is deployed by it; " + policyChangers + " can mend it."}
	case x.v.Observe:
		return GateWord{Why: "The policy only observes, so handrail lets nothing through; whoever may bypass the environment's protection can."}
	case x.void.why != "":
		return GateWord{gateRejected, upperFirst(x.void.why) + "."}
	case stage < 0:
		return GateWord{Why: "No stage of the policy is about the environment " + quoted(environment) + "."}
	case x.isPromoted():
		return x.gateAfter(newer)
	case newer != nil:
		return GateWord{gateRejected, upperFirst(newer.supersedes()) + ", so this is released no more."}
	case x.v.Promote != nil:
		return GateWord{gateApproved, x.promotedText()}
	case x.rejected() != nil:
		return GateWord{gateRejected, x.rejected().text()}
	}
	return x.gateBefore(stage)
}

// gateAfter is the answer about a candidate that was promoted.
func (x *releasing) gateAfter(newer *Out) GateWord {
	switch failed := x.failed(); {
	case failed != nil:
		return GateWord{gateRejected, Plain(failed.By.Login) + " has said that it failed: " + phrase(failed.Reason) + "."}
	case x.rolledBack(newer):
		return GateWord{gateApproved, Plain(x.last.By.Login) + " has decided to roll back to it: " + phrase(x.last.Reason) + "."}
	case newer != nil:
		return GateWord{gateRejected, upperFirst(newer.supersedes()) + "; to deploy this one again takes a roll-back, by " + x.rules.whose(x.rules.promotion()) + "."}
	}
	return GateWord{gateApproved, x.promotedText()}
}

// gateBefore is the answer about a candidate that is not promoted: an earlier stage's
// environment is open once that stage and those before it are whole.
func (x *releasing) gateBefore(stage int) GateWord {
	var missing []string
	for _, r := range x.v.Results {
		switch {
		case r.Observed || r.State.Passes() || r.ID == IDReleasePublished || r.ID == IDReleaseFollowUp:
		case !x.later(r.ID, stage):
			missing = missingIn([]Result{r}, missing)
		}
	}
	for i := 0; i <= stage && i < len(x.v.Stages); i++ {
		if !x.v.Stages[i].State.Passes() && len(missing) == 0 {
			missing = append(missing, Plain(x.v.Stages[i].Name))
		}
	}
	switch {
	case len(missing) > 0:
		return GateWord{Why: missingWord + list(missing, 6) + "."}
	case len(x.v.Stages) <= stage || !x.passes(IDReleaseTag, IDReleaseEvidence, IDReleaseChecks, IDReleaseArtifacts, IDReleaseFreeze):
		return GateWord{Why: "It is not judged yet."}
	case x.rules.isLast(stage):
		return GateWord{Why: "Everything is there, and it is yet to be promoted, by " + x.rules.whose(x.rules.promotion()) + "."}
	}
	return GateWord{gateApproved, "The stage " + Plain(x.rules.Stages[stage].Name) + " is whole."}
}

// isLast says whether a stage is the last one, of these rules or of one of the texts
// that they are made of: stages that a repository adds behind those of the floor open
// nothing that the floor keeps closed until the promotion.
func (r *ReleaseRules) isLast(stage int) bool {
	for _, t := range append([]*ReleaseRules{r}, r.texts()...) {
		if n := len(t.Stages); n > 0 && t.Stages[n-1].FloorKey() == r.Stages[stage].FloorKey() {
			return true
		}
	}
	return false
}

// later says whether a result is that of a stage after one.
func (x *releasing) later(id string, stage int) bool {
	for i := stage + 1; i < len(x.rules.Stages); i++ {
		if x.rules.Stages[i].id("") == id {
			return true
		}
	}
	return false
}

// promotedText says that the candidate is promoted, and by whom.
func (x *releasing) promotedText() string {
	p := x.v.Promote
	switch by := Plain(p.By.By.Login); {
	case p.Emergency && by != "":
		return by + " has promoted it in an emergency: " + phrase(p.By.Reason) + "."
	case p.Emergency:
		return "It was promoted in an emergency."
	case by != "" && p.By.Kind == ActPromote:
		return by + " has promoted it."
	}
	return "It is promoted."
}

// promotion shows whether the candidate is promoted. It does not block: the release may
// be promoted when everything else passes.
func (x *releasing) promotion() Result {
	r := Result{ID: IDReleasePromotion, Name: "Promotion", State: Waiting, Observed: true, Can: []string{x.rules.whose(x.rules.promotion())}}
	m, earlier := &x.r.Memory, ""
	if m.Promoted != "" && !x.isPromoted() {
		earlier = "Candidate " + short12(m.Promoted) + " was promoted on " + minute(m.PromotedAt) + ", and is there no more."
		r.Notes = []string{earlier}
	}
	switch {
	case x.v.Promote != nil:
		r.State, r.Can, r.Summary = Met, nil, x.promotedText()
		if x.v.Promote.Emergency {
			r.State = Overridden
		}
	case earlier != "" && (x.v.Invalid || x.void.why != ""):
		r.State, r.Summary, r.Notes, r.Can = Unmet, earlier, nil, []string{tagPutters}
	case x.v.Invalid || x.void.why != "":
		r.State, r.Summary = Unmet, "It cannot be promoted."
	case x.approved() && x.v.Observe:
		r.Summary = "Everything is there. The policy only observes, so handrail promotes nothing."
	case x.approved():
		r.Summary = "Everything is there; it is yet to be promoted, by " + r.Can[0] + "."
	default:
		r.Summary = "It can be promoted once everything else is there."
		r.Can = []string{"whoever can act on the rest"}
	}
	return r
}

// short12 is a candidate's digest as people are shown it.
func short12(digest string) string { return digest[:min(len(digest), ShortCandidate)] }
