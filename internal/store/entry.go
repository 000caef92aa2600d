package store

import (
	"encoding/json"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Kind is what a log entry tells of. The list is the one of the audit history.
type Kind string

// The kinds of log entry.
const (
	KindDelivery   Kind = "delivery"
	KindVerdict    Kind = "verdict"
	KindPosted     Kind = "posted"
	KindCheck      Kind = "check"
	KindLabel      Kind = "label"
	KindConfig     Kind = "config"
	KindHeartbeat  Kind = "heartbeat"
	KindReconciled Kind = "reconciled"
	KindExpunged   Kind = "expunged"
	KindKeyRotated Kind = "key.rotated"
	KindMerged     Kind = "merged"
	KindBypass     Kind = "bypass"
	KindRefMoved   Kind = "ref.moved"
	KindProtection Kind = "protection.changed"
	KindWaiver     Kind = "waiver"
	KindDeployment Kind = "deployment"

	KindReleaseCandidate Kind = "release.candidate" // a release has another candidate
	KindReleaseVoid      Kind = "release.void"      // a candidate is none any more, and why
	KindReleaseEvidence  Kind = "release.evidence"  // what it brings, the whole list
	KindReleasePromoted  Kind = "release.promoted"  // the decision
	KindReleaseReleased  Kind = "release.released"  // the promotion is done
	KindReleaseAsked     Kind = "release.asked"     // somebody asked for promotion
	KindReleaseEmergency Kind = "release.emergency" // somebody asked for it in an emergency
	KindReleaseFollowUp  Kind = "release.follow-up" // somebody looked at it afterwards
	KindReleaseFailed    Kind = "release.failed"    // somebody said that it failed
	KindReleaseRollBack  Kind = "release.roll-back" // somebody asked to deploy it again
	KindArtifact         Kind = "release.artifact"  // a run named an artifact by its digest
	KindArtifactScan     Kind = "release.scan"      // what a scan of an artifact found

	// What people did about a release. Whether it counts, the verdicts say.
	KindSigned    Kind = "sign-off.signed"
	KindRevoked   Kind = "sign-off.revoked"
	KindRejected  Kind = "sign-off.rejected"
	KindAccepted  Kind = "sign-off.accepted" // exceptions in the evidence
	KindActEdited Kind = "sign-off.edited"   // the comment of an act was edited
)

// Kinds are those that entries have.
var Kinds = []Kind{
	KindDelivery, KindVerdict, KindPosted, KindLabel, KindConfig, KindHeartbeat, KindReconciled, KindExpunged, KindKeyRotated,
	KindMerged, KindBypass, KindRefMoved, KindProtection, KindWaiver, KindDeployment,
	KindReleaseCandidate, KindReleaseVoid, KindReleaseEvidence, KindReleasePromoted, KindReleaseReleased, KindReleaseAsked,
	KindReleaseEmergency, KindReleaseFollowUp, KindReleaseFailed, KindReleaseRollBack, KindArtifact, KindArtifactScan,
	KindSigned, KindRevoked, KindRejected, KindAccepted, KindActEdited,
}

// Entry is a log entry that was just appended, with the checkpoint that covers
// it.
type Entry struct {
	Seq int64 // counts from 1
	// Checkpoint is "SIZE ROOT", the root in base64: what is posted as an
	// anchor. Size is at least Seq.
	Checkpoint string
	// Note is the checkpoint as a signed note (C2SP).
	Note string
}

// Record is a verdict and everything it rests on: with it, the verdict can be
// recomputed years later.
type Record struct {
	// Pull is the snapshot; of a merge group it is the Group's Surface, of a release
	// nothing.
	Pull  checks.Pull   `json:"pull,omitzero"`
	Group *checks.Group `json:"group,omitzero"`
	// Release is the snapshot of a release, and ReleaseVerdict the verdict on it;
	// Verdict is empty then.
	Release        *checks.Release        `json:"release,omitzero"`
	ReleaseVerdict *checks.ReleaseVerdict `json:"release_verdict,omitzero"`
	Sources        []checks.Source        `json:"sources"`
	Defaults       json.RawMessage        `json:"defaults,omitzero"`
	Verdict        checks.Verdict         `json:"verdict,omitzero"`
	// Digest stands for what the verdict says; [Job.Digest] gives it back.
	Digest  string          `json:"digest,omitzero"`
	Actions []checks.Action `json:"actions"`
	Causes  []string        `json:"causes,omitzero"`
	Version string          `json:"version,omitzero"` // of handrail
	// Decision promotes a release: it becomes a log entry of its own, together with the
	// verdict, unless the same candidate is promoted already.
	Decision *checks.Decision `json:"-"`
}

// Posted is the body of a log entry of kind "posted": what became of a plan.
type Posted struct {
	// Verdict is the seq of the verdict whose plan it was; 0 when the plan only
	// said that the pull request could not be judged, with the reason in Why.
	Verdict  int64            `json:"verdict,omitzero"`
	Why      string           `json:"why,omitzero"`
	Actions  []checks.Action  `json:"actions,omitzero"`
	Outcomes []checks.Outcome `json:"outcomes"`
}

// Append is an entry to be appended by [Store.Append].
type Append struct {
	Kind Kind
	// Subject may be zero: the entry is about the whole installation then.
	Subject checks.Subject
	Actor   checks.Actor
	Source  string // delivery GUID, "upload", "sweep", "command", "timer"
	Body    []byte // JSON
}

// EntryRow is a log entry as it is read.
type EntryRow struct {
	Seq     int64     `json:"seq"`
	Time    time.Time `json:"time"`
	Version int       `json:"version"` // of the entry's format
	Kind    Kind      `json:"kind"`
	RepoID  int64     `json:"repo_id,omitzero"`
	Repo    string    `json:"repo,omitzero"` // owner/name as it is called now
	// Subject is "pull/N"; "" for an entry about no pull request.
	Subject  string       `json:"subject,omitzero"`
	Actor    checks.Actor `json:"actor,omitzero"`
	Source   string       `json:"source,omitzero"`
	BodyHash string       `json:"body_hash"` // hex of SHA-256(salt || body)
	// State is the verdict's, of an entry of kind verdict.
	State string `json:"state,omitzero"`
	// Expunged says that the body was removed, lawfully and on record.
	Expunged bool `json:"expunged,omitzero"`
}

// Filter chooses log entries. Zero fields choose all.
type Filter struct {
	Repo    string // owner/name
	Pull    int
	Release string // tag
	Kind    Kind
	Actor   string // login, any case
	Since   time.Time
	Until   time.Time // exclusive
	State   string    // of verdicts
	After   int64     // seq of the last row of the page before
	Limit   int       // 0 means 100
	Newest  bool      // newest first; After then means "before this seq"
}

// Proof shows that an entry is in the log that a checkpoint stands for.
type Proof struct {
	Seq  int64 `json:"seq"`
	Size int64 `json:"size"`
	// Leaf is the entry's RFC 6962 leaf hash, Path the inclusion proof, Root the
	// tree's hash; all base64.
	Leaf string   `json:"leaf"`
	Path []string `json:"path"`
	Root string   `json:"root"`
	Note string   `json:"note"` // the signed checkpoint of Size
}

// Report is the answer of [Store.Verify].
type Report struct {
	Entries  int64  `json:"entries"`
	Bodies   int64  `json:"bodies"`   // whose hash was compared
	Expunged int64  `json:"expunged"` // bodies removed on record
	Size     int64  `json:"size"`     // of the checkpoint
	Root     string `json:"root"`     // recomputed from the rows, base64
	Note     string `json:"note"`     // the stored checkpoint
	// Problems is what is wrong, in words; empty when the log verifies. At most
	// 100 are listed.
	Problems []string `json:"problems,omitzero"`
}

// OK says whether the log verifies.
func (r Report) OK() bool { return len(r.Problems) == 0 }
