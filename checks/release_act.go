package checks

import (
	"strings"
	"time"
)

// ActKind is what somebody did about a release.
type ActKind string

// The acts.
const (
	ActSign      ActKind = "sign"
	ActRevoke    ActKind = "revoke"    // takes back what the same person signed
	ActReject    ActKind = "reject"    // until the same person revokes it
	ActAccept    ActKind = "accept"    // exceptions in the evidence, by "/override release/evidence REASON"
	ActPromote   ActKind = "promote"   // asks for promotion
	ActEmergency ActKind = "emergency" // promotes at once, by "/break-glass REASON"
	ActFollowUp  ActKind = "follow-up" // somebody looked at it afterwards
	ActFail      ActKind = "fail"      // it was released and failed
	ActRollBack  ActKind = "roll-back" // this release, out before, is to be deployed again
)

// ActKinds are all kinds of acts.
func ActKinds() []ActKind {
	return []ActKind{ActSign, ActRevoke, ActReject, ActAccept, ActPromote, ActEmergency, ActFollowUp, ActFail, ActRollBack}
}

// ActNames are the kinds of acts in one line, as people write them.
func ActNames() string {
	var names []string
	for _, k := range ActKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// Ways by which people act.
const (
	ByButton  = "button"
	ByComment = "comment"
	ByCommand = "command" // the command line or the JSON interface
)

// Act is one thing that somebody did. It is bound to the candidate that they had
// before them.
type Act struct {
	Kind ActKind `json:"kind"`
	// Role that is signed or revoked; "" for whichever of the stage's the person holds.
	Role RoleName `json:"role,omitzero"`
	// Stage that a button was on; "" elsewhere.
	Stage string    `json:"stage,omitzero"`
	By    Actor     `json:"by"`
	At    time.Time `json:"at"` // GitHub's clock
	Via   string    `json:"via"`
	// Ref is what it came by: the comment's number, the check-run's, "" for others.
	Ref string `json:"ref,omitzero"`
	// Candidate is the digest of the candidate that the person had before them, or the
	// first 12 hexadecimal digits of it; "" where that cannot be told, which no
	// candidate is.
	Candidate string `json:"candidate,omitzero"`
	// Evidence is the digest of the evidence whose exceptions [ActAccept] accepts, as it
	// was when the act was heard; "" elsewhere, and where none was there.
	Evidence string `json:"evidence,omitzero"`
	Reason   string `json:"reason,omitzero"`
	// Edited: the comment was changed after it was written; it counts for nothing then.
	Edited bool `json:"edited,omitzero"`
	// Seq is the act's log entry, by which acts are told apart and ordered.
	Seq int64 `json:"seq,omitzero"`
}
