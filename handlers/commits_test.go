package handlers_test

import (
	"fmt"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// Controls on commits, branches and conversations, tried from the webhook to what
// GitHub then shows.

// ruled is a rig whose policy needs no approval and has some controls.
func ruled(t *testing.T, controls string) *rig {
	r := newRig(t, sim.Options{})
	r.policy("version: 1\nreview: {sign_offs: []}\ncompliance: {" + controls + "}\n")
	return r
}

func TestAPushToTheBaseIsHeededWhereTheLagMattersAndNowhereElse(t *testing.T) {
	for _, control := range []string{"up_to_date: true", "linear: true"} {
		r := ruled(t, control)
		p := r.topic()
		r.push("bob", "other", map[string]string{"o.go": "package o\n"})
		r.settle()
		r.shows(p, met)
		before := r.evals
		n := r.asked("compare", func() {
			r.push("bob", "main", map[string]string{"b.go": "package b\n"})
			r.settle()
		})
		r.shows(p, unmet, "lacks 1 commit of main")
		if r.evals == before || n != 1 {
			t.Errorf("%s: %d evaluations and %d comparisons after a push", control, r.evals-before, n)
		}
		if n := r.asked("compare", func() { p.Comment("bob", "well"); r.settle() }); n != 0 {
			t.Errorf("%s: the same commits are compared %d times more", control, n)
		}
		if control == "up_to_date: true" {
			if _, err := p.UpdateBranch("alice"); err != nil {
				t.Fatal(err)
			}
			r.settle()
			r.shows(p, met)
		}
	}
	r := ruled(t, "no_merge_commits: true, signed_commits: {github: true}}\ndetect: {bypass: false, direct_push: false, protection: false")
	r.topic()
	r.settle()
	before := r.evals
	all, _ := r.requests(func() {
		r.push("bob", "main", map[string]string{"b.go": "package b\n"})
		r.settle()
	})
	if r.evals != before || all != 0 {
		t.Errorf("%d evaluations and %d requests for a push that matters to nobody", r.evals-before, all)
	}
}

func TestAConversationHoldsUpAMergeUntilItIsResolved(t *testing.T) {
	r := ruled(t, "conversations_resolved: true")
	p := r.topic()
	r.settle()
	r.shows(p, met, "")
	thread, err := p.StartThread("bob", "a.go", 1, "why? "+r.planted("conversation"))
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, unmet, "1 conversation is not resolved: a.go line 1 \\(bob\\)")
	thread.Reply("alice", "because")
	r.settle()
	r.shows(p, unmet)
	if err := thread.Resolve("alice"); err != nil {
		t.Fatal(err)
	}
	if n := r.asked("Threads", r.settle); n != 0 {
		t.Errorf("conversations took %d requests more than the reading", n)
	}
	r.shows(p, met)
	if err := thread.Unresolve("bob"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, unmet)
}

func TestSignOffsAndSignaturesOfCommitsAreJudged(t *testing.T) {
	r := ruled(t, "sign_off: true, signed_commits: {github: false}")
	push := func(by, message string, signed bool, parents ...string) {
		t.Helper()
		if _, err := r.repo.Push(sim.Push{By: by, Branch: "topic", Message: message, Signed: signed, Parents: parents, Files: map[string]string{"a.go": message}}); err != nil {
			t.Fatal(err)
		}
	}
	push("alice", "Work\n\nSigned-off-by: bob <bob@example.com>", false)
	p := r.open("topic")
	r.settle()
	r.shows(p, unmet, "has no signature that counts", "is not signed off")
	push("alice", "Work\n\nSigned-off-by: alice <Alice@example.com>", true, "main")
	r.settle()
	r.shows(p, met)
}

func TestABotIsToldFromItsEMailOnlyWhereThatMatters(t *testing.T) {
	r := ruled(t, "sign_off: true")
	open := func(by, author, branch string, web bool) *sim.Pull {
		t.Helper()
		if _, err := r.repo.Push(sim.Push{By: by, Author: author, Branch: branch, Message: "Update", Web: web, Files: map[string]string{branch: "x\n"}}); err != nil {
			t.Fatal(err)
		}
		p, err := r.repo.OpenPull(sim.NewPull{By: by, Title: "update", Head: branch})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const listing = "/commits"
	var own, forged, person *sim.Pull
	if n := r.asked(listing, func() { own = open("renovate[bot]", "", "own", true); r.settle() }); n == 0 {
		t.Error("nobody asked whose the e-mail is")
	}
	r.shows(own, met)
	forged = open("alice", "renovate[bot]", "forged", false)
	if n := r.asked(listing, func() { person = open("alice", "", "person", true); r.settle() }); n != 0 {
		t.Errorf("%d requests for what could be no bot", n)
	}
	r.shows(forged, unmet, "is not signed off")
	r.shows(person, unmet, "is not signed off")
}

func TestAnIssueThatIsOnlyNamedIsATicketWhenItIsThere(t *testing.T) {
	r := ruled(t, "ticket: {references: true}")
	issue := r.repo.OpenIssue("bob", "Mend the door "+r.planted("issue"))
	p := r.topic()
	r.settle()
	r.shows(p, unmet, "No ticket is named")
	p.SetBody("alice", fmt.Sprintf("Like #%d.", p.Number+1))
	second := r.push("bob", "second", map[string]string{"s.go": "package s\n"})
	if other := r.open("second"); other.Number != p.Number+1 || second == "" {
		t.Fatalf("the other is number %d", other.Number)
	}
	r.settle()
	r.shows(p, unmet, "No ticket is named")
	p.SetBody("alice", fmt.Sprintf("For #%d.", issue.Number))
	r.settle()
	r.shows(p, met)
	p.SetBody("alice", fmt.Sprintf("Fixes #%d.", issue.Number))
	if n := r.asked("References", r.settle); n != 0 {
		t.Errorf("%d requests about an issue that is closed by it anyway", n)
	}
	r.shows(p, met)
}
