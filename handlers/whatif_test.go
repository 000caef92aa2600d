package handlers_test

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

const twoNeeded = `version: 1
review: {sign_offs: [{name: Code review, role: reviewer, count: 2}]}
`

// proposed is a pull request that brings a policy.
func (r *rig) proposed(text string) *sim.Pull {
	r.push("alice", "policy", map[string]string{checks.PolicyPath: text})
	return r.open("policy")
}

func TestAProposedPolicySaysWhichOfTheNewestVerdictsItWouldChange(t *testing.T) {
	r := newRig(t, sim.Options{})
	one := r.topic()
	one.Approve("bob")
	r.push("alice", "other", map[string]string{"b.go": "package b\n"})
	two := r.open("other")
	two.Approve("bob")
	two.Approve("carol")
	r.settle()
	r.shows(one, met)
	r.shows(two, met)

	p := r.proposed(twoNeeded)
	r.settle()
	r.shows(p, waiting, "2 other pull requests", "1 would differ", "was met", "record 11", "would be waiting, for lack of: Code review")

	// What was said of a text stays, whatever is judged after it.
	said, _ := p.Run(checks.RunMerge)
	two.Comment("bob", "/revoke reviewer")
	r.settle()
	_, writes := r.requests(func() {
		p.Comment("carol", "Hm.")
		r.settle()
	})
	if now, _ := p.Run(checks.RunMerge); now.Summary != said.Summary || writes != 0 {
		t.Errorf("%d writes; it says now:\n%s", writes, now.Summary)
	}

	// Another text is judged anew.
	r.push("alice", "policy", map[string]string{checks.PolicyPath: strings.Replace(twoNeeded, "count: 2", "count: 3", 1)})
	r.settle()
	r.shows(p, waiting, "2 would differ")
}
