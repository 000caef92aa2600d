package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// Nothing happens when a freeze begins or ends: handrail must look by itself.
func TestAFreezeBeginsAndEndsWithoutAnEvent(t *testing.T) {
	r := newRig(t, sim.Options{})
	from := r.gh.Now().Add(6 * time.Hour).UTC().Truncate(time.Minute)
	r.policy(rigPolicy + fmt.Sprintf("compliance:\n  freeze:\n    - {name: Audit, from: '%s', until: '%s', reason: Auditors are here, role: reviewer}\n",
		from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339)))
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met, "It begins on "+from.Format("2006-01-02 15:04")+" UTC")
	until := func(at time.Time) {
		r.pass(at.Sub(r.gh.Now()) + 2*time.Second)
		r.settle()
	}
	until(from)
	r.shows(p, waiting, "Frozen until "+from.Add(time.Hour).Format("2006-01-02 15:04")+" UTC: Auditors are here.", "given before the freeze began")
	p.Comment("carol", "+1")
	r.settle()
	r.shows(p, met, "Approved by carol.")
	q := func() *sim.Pull {
		r.push("alice", "late", map[string]string{"late.go": "package a\n"})
		return r.open("late")
	}()
	q.Approve("bob")
	r.settle()
	r.shows(q, met, "Approved by bob.")
	r.push("alice", "late", map[string]string{"late.go": "package b\n"})
	r.settle()
	r.shows(q, waiting, "Frozen until")
	until(from.Add(time.Hour))
	r.shows(q, waiting, "It was over on")
	q.Approve("bob")
	r.settle()
	r.shows(q, met)
	r.replays(q)
}

// A pull request could mark all that it brings as generated: only what the base
// branch says counts.
func TestAPullRequestCannotCallItsOwnFilesGenerated(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(rigPolicy + "compliance: {size: true}\n")
	r.push("alice", "main", map[string]string{".gitattributes": "*.pb.go linguist-generated\n"})
	lines := strings.Repeat("x := 1\n", 600)
	r.push("alice", "generated", map[string]string{"api/a.pb.go": lines})
	p := r.open("generated")
	p.Approve("bob")
	r.settle()
	r.shows(p, met, "0 changed lines in 0 files are not over the limits of 500 lines and 50 files", "1 file not counted")
	r.push("alice", "claimed", map[string]string{"api/b.go": lines, ".gitattributes": "* linguist-generated\n", "api/.gitattributes": "* linguist-generated\n"})
	q := r.open("claimed")
	q.Approve("bob")
	r.settle()
	r.shows(q, waiting, "603 changed lines in 3 files are over the limit of 500 lines. 1 of 2 approvals from people with write access.")
	q.Approve("carol")
	r.settle()
	r.shows(q, met)
	r.replays(q)
}

func TestAttributesCostOneRequestAndOnlyWhereAChangeIsLarge(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(rigPolicy + "compliance: {size: true}\n")
	r.settle()
	cost := func(branch, text string) int {
		all, _ := r.requests(func() {
			r.push("alice", branch, map[string]string{"a/b/c.go": text})
			r.open(branch)
			r.settle()
		})
		return all
	}
	small, large := cost("small", "x\n"), cost("large", strings.Repeat("x\n", 501))
	if large != small+1 {
		t.Errorf("a small change takes %d requests, a large one %d", small, large)
	}
}

func TestASignOffIsForTheFilesOfItsRule(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.gh.Org("acme").Team("platform", "carol", "alice")
	r.policy(strings.Replace(rigPolicy, "review:", "roles:\n  platform: {team: acme/platform, say: [Platform +1]}\nreview:", 1) +
		"compliance:\n  separation: true\n  paths:\n    - {name: Production, files: ['deploy/**'], role: platform}\n")
	r.push("alice", "topic", map[string]string{"deploy/app.yaml": "memory: 1Gi\n", "a.go": "package a\n"})
	p := r.open("topic")
	p.Approve("bob")
	r.settle()
	r.shows(p, waiting, "It changes deploy/app.yaml. Needs an approval from")
	p.Comment("alice", "Platform +1")
	r.settle()
	r.shows(p, waiting, "alice opened this pull request")
	p.Comment("carol", "Platform +1")
	r.settle()
	r.shows(p, met)
	r.push("alice", "topic", map[string]string{"a.go": "package b\n"})
	p.Approve("bob")
	r.settle()
	r.shows(p, met, "carried over")
	r.push("bob", "topic", map[string]string{"a.go": "package c\n"})
	r.settle()
	run, _ := p.Run(checks.RunPrefix + "compliance")
	if !strings.Contains(run.Summary, "bob's approval does not count") || strings.Contains(run.Title, "Production") {
		t.Errorf("%s\n%s", run.Title, run.Summary)
	}
	r.replays(p)
}

func TestASecretInAFileOfTheBaseBranchGoesNoFurther(t *testing.T) {
	r := newRig(t, sim.Options{})
	secret := token()
	r.policy(rigPolicy + "compliance: {size: true}\n")
	r.push("alice", "main", map[string]string{".gitattributes": "# " + secret + "\n*.go linguist-generated\n"})
	r.push("alice", "topic", map[string]string{"a.go": strings.Repeat("x := 1\n", 600)})
	p := r.open("topic")
	p.Approve("bob")
	r.settle()
	r.shows(p, waiting, "600 changed lines")
	if run, _ := p.Run(checks.RunPrefix + "compliance"); !strings.Contains(run.Summary, "The .gitattributes of the root could not be read") {
		t.Errorf("it does not say why: %s", run.Summary)
	}
	if where := r.holds(secret); len(where) > 0 {
		t.Errorf("the secret is in %v", where)
	}
	if strings.Contains(r.shown(p), secret) || strings.Contains(r.said.String(), secret) {
		t.Error("the secret is shown or logged")
	}
	r.replays(p)
}
