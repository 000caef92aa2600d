package checks

import "time"

// Phase is how far a release is.
type Phase string

// The phases. The zero value is not known, which is none.
const (
	PhaseGathering  Phase = "gathering"
	PhaseCandidate  Phase = "candidate" // no stage is signed
	PhaseSigning    Phase = "signing"   // some stages are
	PhaseApproved   Phase = "approved"  // everything is there but that somebody promotes
	PhasePromoting  Phase = "promoting"
	PhaseReleased   Phase = "released"
	PhaseDeployed   Phase = "deployed"
	PhaseVoid       Phase = "void" // the tag is gone, or it was moved after the release
	PhaseRejected   Phase = "rejected"
	PhaseSuperseded Phase = "superseded" // a newer release that has this one's commit is out
	PhaseFailed     Phase = "failed"     // it was released, and somebody said that it failed
)

// ReleaseVerdict is the verdict on a release: the results, and what they mean for the
// candidate that is there now.
type ReleaseVerdict struct {
	Verdict
	Tag string `json:"tag"`
	// Candidate is what was judged, and Digest its digest.
	Candidate Candidate `json:"candidate"`
	Digest    string    `json:"digest"`
	Phase     Phase     `json:"phase,omitzero"`
	// Stages are those of the policy, in order.
	Stages []StageStanding `json:"stages,omitzero"`
	// Promote is set when the candidate is to be promoted now, or was: everything is
	// there and somebody who may has asked, or it is an emergency.
	Promote *Promotion `json:"promote,omitzero"`
	// Refused are the acts that count for nothing, and why.
	Refused []Refusal `json:"refused,omitzero"`
	// Reminders are those that are due.
	Reminders []Reminder `json:"reminders,omitzero"`
	// Environments says, by environment that a stage or the policy names, whether a job
	// may deploy this commit there.
	Environments map[string]GateWord `json:"environments,omitzero"`
	// FollowUp is when somebody must have looked at an emergency; zero for none due.
	FollowUp time.Time `json:"follow_up,omitzero"`
	// FollowedUp is who has.
	FollowedUp *Act `json:"followed_up,omitzero"`
}

// StageStanding is how far a stage is.
type StageStanding struct {
	Name   string `json:"name"`
	State  State  `json:"state"` // Met when everything that it asks for is there
	Signed []Sign `json:"signed,omitzero"`
	// Start: nothing is missing but the run of the stage's workflow, and none was started
	// for this candidate.
	Start bool `json:"start,omitzero"`
}

// Sign is an act that counts, for one role of one stage.
type Sign struct {
	Stage string    `json:"stage"`
	Role  RoleName  `json:"role"`
	By    Actor     `json:"by"`
	At    time.Time `json:"at"`
	Via   string    `json:"via"`
	Ref   string    `json:"ref,omitzero"`
	Seq   int64     `json:"seq,omitzero"`
}

// Promotion says why a candidate is promoted: by whom asked, signed by whom.
type Promotion struct {
	By        Act    `json:"by"`
	Emergency bool   `json:"emergency,omitzero"`
	Signed    []Sign `json:"signed,omitzero"`
	Accepted  *Act   `json:"accepted,omitzero"` // exceptions in the evidence
}

// Refusal says why an act counts for nothing.
type Refusal struct {
	Act Act    `json:"act"`
	Why string `json:"why"`
}

// Reminder is a role that is waited for too long.
type Reminder struct {
	Key      string   `json:"key"` // as in [ReleaseMemory.Reminded]
	Stage    string   `json:"stage"`
	Role     RoleName `json:"role"`
	Escalate bool     `json:"escalate,omitzero"`
}

// GateWord is what a job is told that waits for an environment. The zero value lets
// nothing through.
type GateWord struct {
	// State is approved, rejected, or "" for wait.
	State string `json:"state,omitzero"`
	Why   string `json:"why,omitzero"`
}
