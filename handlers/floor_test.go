package handlers_test

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// A floor that cannot be used blocks every repository of the organisation, so the
// pull request that brings one hears of it.
func TestAPullRequestThatBringsAFloorHearsItsMistakes(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.repo = r.gh.Org("acme").Repo(".github")
	r.repo.Allow("alice", "write")
	r.repo.Allow("bob", "write")
	r.push("alice", "main", map[string]string{checks.FloorPath: rigPolicy})
	r.push("alice", "topic", map[string]string{checks.FloorPath: strings.Replace(rigPolicy, "sign_offs", "sign_ofs", 1)})
	p := r.open("topic")
	p.Approve("bob")
	r.settle()
	r.shows(p, unmet, "every pull request of the organisation", checks.FloorPath, "sign\\_offs")

	// Weaker than the floor before is what only its owners decide.
	r.push("alice", "topic", map[string]string{checks.FloorPath: strings.Replace(rigPolicy, "role: reviewer", "role: reviewer, self: true", 1)})
	p.Approve("bob")
	r.settle()
	r.shows(p, met, "The new policy of the organisation is valid")

	r.push("alice", "other", map[string]string{"README.md": "hello\n"})
	other := r.open("other")
	r.settle()
	if run, _ := other.Run(checks.RunMerge); strings.Contains(run.Summary, "policy of the organisation") {
		t.Errorf("a pull request that does not touch the floor says:\n%s", run.Summary)
	}
}
