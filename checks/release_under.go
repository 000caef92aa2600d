package checks

import "slices"

// Under is these rules and the organisation floor's: both hold. Either may be nil.
//
// Stages of one name are one stage, in which every role of both signs; the floor's
// stages keep the floor's order. A role that both texts define is held by whoever holds
// it by both. What cannot be both, two different promoters, is a clash: nothing is
// promoted by such rules.
func (r *ReleaseRules) Under(floor *ReleaseRules) *ReleaseRules {
	switch {
	case r == nil:
		return floor
	case floor == nil:
		return r
	}
	j := joint{}
	out := &ReleaseRules{
		Tags:     united(r.Tags, floor.Tags),
		Baseline: j.one("the baseline", r.Baseline, floor.Baseline),
		Valid:    min(r.Valid, floor.Valid),
		Require:  slices.Concat(r.Require, floor.Require),
		Promoter: j.role("the promoter", r.Promoter, floor.Promoter),
		Publish:  r.Publish, Issue: r.Issue,
		BranchRules: r.BranchRules || floor.BranchRules,
		Freeze:      slices.Concat(r.Freeze, floor.Freeze),
		Artifacts:   united(r.Artifacts, floor.Artifacts),
		Observe:     r.Observe && floor.Observe,
		both:        []*ReleaseRules{r, floor},
	}
	out.Separation, out.Unattributed = r.Separation, r.Unattributed
	if floor.Separation == SeparationStrict {
		out.Separation = SeparationStrict
	}
	if floor.Unattributed != UnattributedAllow {
		out.Unattributed = UnattributedBlock
	}
	if out.Promote = r.Promote; floor.Promote != PromoteApproved {
		out.Promote = PromoteAsked
	}
	out.Evidence, out.Emergency = j.evidence(r.Evidence, floor.Evidence), j.emergency(r.Emergency, floor.Emergency)
	out.Stages = j.stages(r.Stages, floor.Stages)
	out.clashes = slices.Concat(r.clashes, floor.clashes, j.clashes)
	return out
}

// joint puts two texts together, and notes what cannot be both.
type joint struct{ clashes []string }

// one is what either says; both must say the same.
func (j *joint) one(what, own, floor string) string {
	switch {
	case floor == "":
		return own
	case own != "" && own != floor:
		j.clashes = append(j.clashes, "Of "+what+" the policy says "+quoted(own)+", and the organisation's floor "+quoted(floor)+".")
	}
	return floor
}

func (j *joint) role(what string, own, floor RoleName) RoleName {
	return RoleName(j.one(what, string(own), string(floor)))
}

func (j *joint) evidence(own, floor EvidenceRules) EvidenceRules {
	return EvidenceRules{
		Overridden: stricter(own.Overridden, floor.Overridden), Bypassed: stricter(own.Bypassed, floor.Bypassed),
		Unknown: stricter(own.Unknown, floor.Unknown), NoPullRequest: stricter(own.NoPullRequest, floor.NoPullRequest),
		Role: j.role("who accepts exceptions in the evidence", own.Role, floor.Role),
	}
}

// stricter is the word that lets less pass; what is no word lets nothing.
func stricter(a, b EvidenceWord) EvidenceWord {
	words := []EvidenceWord{EvidenceAccept, EvidenceShow} // what is not among them blocks
	switch i := min(slices.Index(words, a), slices.Index(words, b)); {
	case i < 0:
		return EvidenceBlock
	default:
		return words[i]
	}
}

// emergency is the floor's: it alone says who may let pass what it asks for. Where the
// repository names another role, nobody may.
func (j *joint) emergency(own, floor ReleaseEmergency) ReleaseEmergency {
	out := ReleaseEmergency{FollowUp: min(own.FollowUp, floor.FollowUp), Role: floor.Role}
	if own.Role != "" && own.Role != floor.Role {
		out.Role = ""
	}
	out.FollowUpRole = j.role("who follows up an emergency", own.FollowUpRole, floor.FollowUpRole)
	return out
}

// united is two lists, what is in both once.
func united[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// ReleaseRules are what a release needs by the policy and the organisation's floor; nil
// where neither has the section.
func (p Policy) ReleaseRules() *ReleaseRules { return p.Release.Under(p.FloorRelease) }

// IsRelease says whether a tag is a release by the policy.
func (p Policy) IsRelease(tag string) bool {
	if tag == "" {
		return false
	}
	for _, r := range []*ReleaseRules{p.Release, p.FloorRelease} {
		if r != nil && slices.ContainsFunc(r.Tags, func(g Glob) bool { return g.Match(tag) }) {
			return true
		}
	}
	return false
}

// texts are the rules of each policy text that these are made of.
func (r *ReleaseRules) texts() []*ReleaseRules {
	if r.both != nil {
		return r.both
	}
	return []*ReleaseRules{r}
}
