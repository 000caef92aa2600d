package web

import (
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Row is a release in a list, as last judged.
type Row struct {
	Repo      string       `json:"repo"` // owner/name as it is called now
	RepoID    int64        `json:"repo_id"`
	Tag       string       `json:"tag"`
	Commit    string       `json:"commit,omitzero"`
	Gone      bool         `json:"gone,omitzero"`      // there is no such tag any more
	Candidate string       `json:"candidate,omitzero"` // digest of the present one, "" for none
	Phase     checks.Phase `json:"phase,omitzero"`
	// State is that of all requirements together. Observed says that the policy only
	// observes: nothing is written on GitHub.
	State     checks.State `json:"state"`
	Observed  bool         `json:"observed,omitzero"`
	Emergency bool         `json:"emergency,omitzero"` // promoted without all that was asked for
	Issue     int          `json:"issue,omitzero"`     // the tracking issue's number
	Promoted  time.Time    `json:"promoted,omitzero"`
	Released  time.Time    `json:"released,omitzero"`
}

// List is a page of releases, by repository and there the newest first. Next is given as ?after= for the next
// page; "" when there is none.
type List struct {
	Releases []Row  `json:"releases"`
	Next     string `json:"next,omitzero"`
}

// Release is how far one is, as last judged.
type Release struct {
	Row
	TagOID string `json:"tag_oid,omitzero"`
	// Judged is when, by GitHub's clock, and Verdict the log entry.
	Judged  time.Time `json:"judged,omitzero"`
	Verdict int64     `json:"verdict,omitzero"`
	// Stages are those of the policy, in order.
	Stages  []checks.StageStanding `json:"stages,omitzero"`
	Missing []Missing              `json:"missing,omitzero"`
	// Evidence is what it brings, in short; /changes has the list.
	Evidence  checks.DecidedEvidence     `json:"evidence"`
	Gathering string                     `json:"gathering,omitzero"` // how far the evidence is, "" when it is whole
	Artifacts []checks.CandidateArtifact `json:"artifacts,omitzero"`
	// Acts are what people did, the oldest first.
	Acts []Act `json:"acts,omitzero"`
	// Environments says whether a job may deploy there now.
	Environments map[string]checks.GateWord `json:"environments,omitzero"`
	Deployments  []checks.Deployment        `json:"deployments,omitzero"`
	// Candidates are those that it had, the oldest first.
	Candidates []checks.PastCandidate `json:"candidates,omitzero"`
	// Decision is the log entry of the decision, 0 for none, and PromotedCandidate the
	// digest of what it promoted. FollowUp is by when somebody must have looked at an
	// emergency.
	Decision          int64     `json:"decision,omitzero"`
	PromotedCandidate string    `json:"promoted_candidate,omitzero"`
	FollowUp          time.Time `json:"follow_up,omitzero"`
}

// About is the candidate that something done now is about: the present one or, for what
// is said of a release whose tag is gone since, the promoted one.
func (r *Release) About(kind checks.ActKind) string {
	if r.Candidate == "" && (kind == checks.ActFollowUp || kind == checks.ActFail) {
		return r.PromotedCandidate
	}
	return r.Candidate
}

// Act is what somebody did about a release.
type Act struct {
	checks.Act
	// Judged says that a verdict has looked at it since. CountsIn is the stage and role
	// for which a sign-off counts ("production/security"), Counts whether it counts for
	// anything now, Refused why it does not.
	Judged   bool   `json:"judged"`
	Counts   bool   `json:"counts"`
	CountsIn string `json:"counts_in,omitzero"`
	Refused  string `json:"refused,omitzero"`
}

// Missing is a requirement that is not met.
type Missing struct {
	ID      string       `json:"id"`
	State   checks.State `json:"state"`
	Summary string       `json:"summary,omitzero"`
	Can     []string     `json:"can,omitzero"` // who can act now
	Since   time.Time    `json:"since,omitzero"`
}

// Changes is what a release brings.
type Changes struct {
	Repo string `json:"repo"`
	Tag  string `json:"tag"`
	// BaseTag and Base, a commit, are where it begins; "" for none. Digest is over the
	// whole list, and Seq the log entry that holds it; 0 while nothing is on record.
	BaseTag string           `json:"base_tag,omitzero"`
	Base    string           `json:"base,omitzero"`
	Digest  string           `json:"digest,omitzero"`
	Seq     int64            `json:"seq,omitzero"`
	Changes []checks.Brought `json:"changes"`
}

// LogKey is the log's verifier key.
type LogKey struct {
	Key string `json:"key"`
}

// missing are the requirements below results that are not met, without parts.
func missing(results []checks.Result) (out []Missing) {
	for _, r := range results {
		switch {
		case r.State.Passes():
		case len(r.Parts) > 0:
			out = append(out, missing(r.Parts)...)
		default:
			out = append(out, Missing{ID: r.ID, State: r.State, Summary: r.Summary, Can: r.Can, Since: r.Since})
		}
	}
	return out
}
