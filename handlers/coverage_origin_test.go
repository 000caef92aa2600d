package handlers_test

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// sided is a pull request that adds a.js of 10 lines, opened onto the branch
// side, which main does not have: there whoever can push decides what the
// workflow does.
func sided(t *testing.T, policy string) (*rig, *sim.Pull) {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.policy(policy)
	r.push("alice", "side", map[string]string{ci: "echo everything is covered\n"})
	r.push("alice", "topic", map[string]string{"a.js": lines(10, "a")})
	p, err := r.repo.OpenPull(sim.NewPull{By: "alice", Title: "x", Head: "topic", Base: "side"})
	if err != nil {
		t.Fatal(err)
	}
	return r, p
}

func TestReportsOfARunForAnotherBaseBranchDoNotCount(t *testing.T) {
	head := patchPolicy[:len(patchPolicy)-3] + ", checkout: head}]\n"
	for name, c := range map[string]struct{ policy, event string }{
		"merge": {patchPolicy, "pull_request"}, "head": {head, "pull_request"}, "target": {head, "pull_request_target"},
	} {
		for when, settle := range map[string]bool{"judged there": true, "at once": false} {
			t.Run(name+" "+when, func(t *testing.T) {
				r, p := sided(t, c.policy)
				if settle {
					r.settle()
				}
				leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Pull: p, Event: c.event, Started: true}), lcov("a.js", 10))
				if settle {
					r.settle()
				}
				if err := p.Retarget("alice", "main"); err != nil {
					t.Fatal(err)
				}
				r.settle()
				r.gauges(p, unmet, "begin anew")
				r.pass(time.Minute)
				leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Pull: p, Event: c.event, Started: true}), lcov("a.js", 10))
				r.settle()
				r.gauges(p, met)
				r.replays(p)
			})
		}
	}
}

func TestARunForAnotherPullRequestWithTheSameHeadDoesNotCount(t *testing.T) {
	for name, closed := range map[string]bool{"open": false, "closed": true} {
		t.Run(name, func(t *testing.T) {
			r, other := sided(t, patchPolicy)
			p := r.open("topic")
			r.settle()
			leave(r.workflow(other), lcov("a.js", 10))
			if closed {
				other.Close("alice")
			}
			r.settle()
			r.gauges(p, unmet, "has the same head")
		})
	}
}

func TestAPullRequestThatWasClosedBeforeDoesNotHoldUpTheOneAfterIt(t *testing.T) {
	r, before := sided(t, patchPolicy)
	r.settle()
	before.Close("alice")
	r.settle()
	r.pass(time.Minute)
	p := r.open("topic")
	leave(r.workflow(p), lcov("a.js", 10))
	r.settle()
	r.gauges(p, met)
}

func TestARunForAPullRequestOfAnotherBranchAtTheSameCommitIsNotTakenForThisOnes(t *testing.T) {
	r, p := measured(t, patchPolicy)
	leave(r.workflow(p), lcov("a.js", 10, 1, 2, 3))
	r.push("alice", "side", map[string]string{ci: "echo everything is covered\n"})
	if err := r.repo.PushCommit("alice", "copy", p.Head()); err != nil {
		t.Fatal(err)
	}
	other, err := r.repo.OpenPull(sim.NewPull{By: "alice", Title: "x", Head: "copy", Base: "side"})
	if err != nil {
		t.Fatal(err)
	}
	leave(r.workflow(other), lcov("a.js", 10))
	r.push("alice", "copy", map[string]string{"b.js": "b"})
	r.settle()
	r.gauges(p, unmet, "70")
}
