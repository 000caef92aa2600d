package handlers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

const readyTask = "- [ ] Alerts exist <!-- handrail:orr/alerts -->\n"

// A new service is told by a directory that the base branch does not have; the
// checklist is answered in the description, signed, and edited afterwards.
func TestANewServiceIsSignedOffAfterItsChecklistIsAnswered(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.gh.Org("acme").Team("platform", "carol", "alice")
	r.push("alice", "main", map[string]string{"docs/orr.md": readyTask, "services/old/main.go": "package old\n"})
	r.policy(strings.Replace(rigPolicy, "review:", "roles:\n  platform: {team: acme/platform, say: [ready]}\nreview:", 1) +
		"compliance:\n  checklist:\n    new_service: {directories: ['services/*']}\n    templates:\n      - {name: Readiness, file: docs/orr.md, when: {new_service: true}, role: platform}\n")
	r.push("alice", "old", map[string]string{"services/old/more.go": "package old\n"})
	old := r.open("old")
	old.Approve("bob")
	r.settle()
	r.shows(old, met, "Does not apply: it brings no new service.")

	r.push("alice", "new", map[string]string{"services/pay/main.go": "package pay\n"})
	p := r.open("new")
	p.Approve("bob")
	r.settle()
	r.shows(p, unmet, "1 of 1 task of docs/orr.md is not done.", "Put “Alerts exist” back into the description")
	p.Comment("carol", "ready")
	r.settle()
	r.shows(p, unmet, "Approved by carol.")
	r.pass(2 * time.Second)
	p.SetBody("alice", strings.Replace(readyTask, "[ ]", "[x]", 1))
	r.settle()
	r.shows(p, waiting, "Every task of docs/orr.md is done", "carol's sign-off does not count: it was given before the description was edited")
	r.pass(2 * time.Second)
	p.Comment("carol", "ready")
	r.settle()
	r.shows(p, met, "Approved by carol.")
	r.replays(p)
}

// The template of the pull request's own branch could ask for less.
func TestAChecklistIsTheOneOfTheBaseBranch(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.push("alice", "main", map[string]string{"PULL_REQUEST_TEMPLATE.md": readyTask})
	r.policy(rigPolicy + "compliance: {checklist: true}\n")
	r.push("alice", "topic", map[string]string{"PULL_REQUEST_TEMPLATE.md": "- [ ] Nothing <!-- handrail:orr/nothing -->\n", "a.go": "package a\n"})
	p := r.open("topic")
	p.Approve("bob")
	p.SetBody("alice", "- [x] Nothing <!-- handrail:orr/nothing -->")
	r.settle()
	r.shows(p, unmet, "Put “Alerts exist” back into the description")
	p.SetBody("alice", "- [ ] n/a: it has no alerts <!-- handrail:orr/alerts -->")
	r.settle()
	r.shows(p, met, "0 ticked, 1 with a reason why not")
	r.replays(p)
}

func TestAChecklistCostsOneRequest(t *testing.T) {
	cost := func(compliance string) int {
		r := newRig(t, sim.Options{})
		r.push("alice", "main", map[string]string{".github/pull_request_template.md": readyTask})
		r.policy(rigPolicy + compliance)
		all, _ := r.requests(func() {
			r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
			r.open("topic")
			r.settle()
		})
		return all
	}
	if plain, listed := cost("compliance: {wip: true}\n"), cost("compliance: {checklist: true}\n"); listed > plain+1 {
		t.Errorf("without a checklist it takes %d requests, with one %d", plain, listed)
	}
}
