package checks_test

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// TestTwoTagsAtOneCommitAreTwoCandidates: else what is signed of one would be signed of
// the other, by a button or in a decision.
func TestTwoTagsAtOneCommitAreTwoCandidates(t *testing.T) {
	at := func(tag string) string {
		const commit = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		r := checks.Release{Tag: checks.Tag{Name: tag, OID: commit, Commit: commit}}
		return r.Candidate(checks.Policy{ReleaseDigest: "p"}).Digest()
	}
	first := at("v1.2.0")
	if first == at("v1.2.1") {
		t.Error("v1.2.0 and v1.2.1 are one candidate")
	}
	if first != at("v1.2.0") {
		t.Error("one tag is two candidates")
	}
}
