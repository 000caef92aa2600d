package checks

import (
	"slices"
	"time"
)

// Ids of the results of a release that no stage makes. Those of a stage begin with
// "release/" and its name, in lower case with dashes.
const (
	IDReleaseTag       = "release/tag"
	IDReleaseEvidence  = "release/evidence"
	IDReleaseChecks    = "release/checks"
	IDReleaseArtifacts = "release/artifacts"
	IDReleaseFreeze    = "release/freeze"
	IDReleasePromotion = "release/promotion"
	IDReleasePublished = "release/published" // it was published by hand
	IDReleaseFollowUp  = "release/follow-up" // of an emergency
	IDReleaseRejected  = "release/rejected"  // but for a stage
)

// releasing is one look at a release while it is judged.
type releasing struct {
	p     *Policy
	rules *ReleaseRules
	r     *Release
	v     ReleaseVerdict
	pull  Pull       // the release in the shape of a pull request
	texts []*hearing // one for each policy text, by whose roles people are judged

	began  time.Time // since when the candidate is there again, where it was there before
	void   fault     // why nothing can be done about this tag any more
	people persons
	// newer is a release that is out and contains this one, unplaced one of which that is
	// not known.
	newer, unplaced *Out

	acts       []Act // in the order in which they count
	refused    []Refusal
	signs      []signature
	rejections []rejection
	accepts    []acceptance
	lifted     time.Time // when the last rejection was taken back
	last       *Act      // the last word about a release that is out
	fills      []roleFill
}

// JudgeRelease judges a release by a policy. It is total: whatever it is given, it
// answers, and what it cannot know promotes nothing.
//
// The verdict passes when the release may be promoted; how far it is, is its phase. The
// result about its promotion is shown and does not block.
func JudgeRelease(p Policy, r Release) ReleaseVerdict {
	x := newReleasing(p, r, nil)
	if x.v.Invalid {
		x.judgeInvalid()
	} else {
		x.judge()
	}
	x.finish()
	return x.v
}

// newReleasing gets ready to judge. w, if not nil, takes what would have to be asked to
// know more.
func newReleasing(p Policy, r Release, w *Wants) *releasing {
	x := &releasing{p: &p, r: &r, rules: p.ReleaseRules()}
	if x.rules == nil {
		x.rules = &ReleaseRules{clashes: []string{"The policy has no section release."}}
	}
	for _, clash := range x.rules.clashes {
		p.Problems = append(slices.Clip(p.Problems), Problem{Key: "release", Message: clash})
	}
	if p.ReleaseDigest == "" {
		p.Problems = append(slices.Clip(p.Problems), Problem{Key: "release", Message: "It is not known what the policy says about releases and roles."})
	}
	x.v = ReleaseVerdict{Tag: r.Tag.Name, Candidate: r.Candidate(p)}
	x.v.Verdict = Verdict{Observe: p.Observe || x.rules.Observe, SummaryOnly: p.Summary, Head: r.Tag.Commit, At: r.At, Invalid: p.Invalid()}
	x.v.Digest = x.v.Candidate.Digest()
	x.began = r.Memory.again(x.v.Digest, r.At)
	x.surface()
	for _, t := range x.rules.texts() {
		h := &hearing{pull: &x.pull, rules: &ReviewRules{roles: t.roles}, wants: w}
		x.texts = append(x.texts, h)
		h.worked(r.Tag.Pusher, pushed, r.Tag.Commit)
		h.worked(r.Tag.Named, pushed, r.Tag.Commit)
		if x.rules.Separation == SeparationStrict {
			for _, c := range r.Evidence.Contributors {
				h.worked(Actor{Login: c.Login, ID: c.ID}, committed, c.Commit)
			}
		}
	}
	x.void = x.voided()
	x.lookForNewer()
	x.gatherActs()
	return x
}

// surface makes the release look like a pull request, as far as the checks need one
// that are judged as there.
func (x *releasing) surface() {
	r := x.r
	x.pull = Pull{
		At: r.At, Repo: r.Repo, Author: r.Tag.Pusher, Head: Ref{Name: r.Tag.Name, SHA: r.Tag.Commit},
		Runs: r.Runs, BranchRequires: r.BranchRequires, AppID: r.AppID, People: r.People, Teams: r.Teams,
		Memory: Memory{Since: r.Memory.Since, Reruns: r.Memory.Reruns},
	}
	if since := x.seen(); !since.IsZero() {
		x.pull.Memory.Heads = []Head{{SHA: r.Tag.Commit, Since: since}}
	}
}

// seen is since when the candidate is there; zero when it was not seen before.
func (x *releasing) seen() time.Time {
	if n := len(x.r.Memory.Candidates); n > 0 && x.r.Memory.Candidates[n-1].Digest == x.v.Digest {
		return x.r.Memory.Candidates[n-1].Since
	}
	return time.Time{}
}

// judge fills in the verdict.
func (x *releasing) judge() {
	x.hearActs()
	v := &x.v
	v.Results = append(v.Results, x.tag(), x.evidence(), x.checks(), x.artifacts(), x.freeze())
	x.judgeStages()
	x.published()
	x.changed()
	v.Own = worst(v.Results)
	v.State = v.Own
	x.promote()
	x.followUp()
	v.State = worst(v.Results)
	v.Own = v.State
	v.Results = append(v.Results, x.promotion())
	x.phase()
	x.gates()
	x.remind()
	x.notes()
}

// judgeInvalid is the verdict by a policy that has mistakes: nothing passes, and what
// was done before is shown.
func (x *releasing) judgeInvalid() {
	r := invalidPolicy(*x.p)
	x.v.Results = []Result{r, x.tag()}
	for i := range x.acts {
		x.refuse(&x.acts[i], "the policy has mistakes, so nothing is done by it", "It counts, or not, once "+policyChangers+" has mended it")
	}
	x.promoted()
	x.v.Results = append(x.v.Results, x.promotion())
	x.phase()
	x.gates()
}

// finish puts what was found in order.
func (x *releasing) finish() {
	v := &x.v
	if v.Results == nil || v.Invalid {
		v.Own = Unmet
		v.State = Unmet
	}
	for i := range v.Results {
		v.finish(&v.Results[i], &x.pull)
	}
	v.Refused = x.refused
}

// until notes a moment at which the verdict changes.
func (x *releasing) until(at time.Time) {
	if at.After(x.r.At) && (x.v.Until.IsZero() || at.Before(x.v.Until)) {
		x.v.Until = at
	}
}

// passes says whether a result of an id is there and passes.
func (x *releasing) passes(ids ...string) bool {
	for _, id := range ids {
		i := slices.IndexFunc(x.v.Results, func(r Result) bool { return r.ID == id })
		if i < 0 || !x.v.Results[i].State.Passes() {
			return false
		}
	}
	return true
}
