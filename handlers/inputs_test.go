package handlers_test

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// "Other inputs" of the review rules: what makes a pull request due besides
// reviews and pushes, tried from the webhook to what GitHub then shows.

const teamPolicy = `version: 1
roles:
  qa: {team: acme/qa, say: ["QA +1"]}
review:
  sign_offs:
    - {name: Code review, role: reviewer}
    - {name: QA, role: qa}
`

// reviewed is a pull request that bob has approved, under the ordinary policy.
func reviewed(r *rig) *sim.Pull {
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	return p
}

func TestInputsDraftIsWaitingAndReadyIsMet(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := reviewed(r)
	p.SetDraft("alice", true)
	r.settle()
	r.shows(p, waiting, "draft")
	p.SetDraft("alice", false)
	r.settle()
	r.shows(p, met)
}

func TestInputsRetargetingToAnotherBaseMakesApprovalsStaleUnlessTheContentIsTheSame(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.push("bob", "twin", map[string]string{"t.go": "package twin\n"})
	half := r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
	if err := r.repo.PushCommit("alice", "half", half); err != nil {
		t.Fatal(err)
	}
	r.push("alice", "topic", map[string]string{"b.go": "package b\n"})
	p := r.open("topic")
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	if err := p.Retarget("alice", "half"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, waiting, "bob")
	if err := p.Retarget("alice", "twin"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, met)
	if err := p.Retarget("alice", "main"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, met)
}

func TestInputsReopeningIsJudgedAnew(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := reviewed(r)
	p.Close("alice")
	r.settle()
	p.RequestChanges("carol", "wait")
	r.settle()
	if err := p.Reopen("alice"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, unmet, "carol")
}

func TestInputsForcePushBackToAnOlderUnapprovedCommitIsStale(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.push("alice", "topic", map[string]string{"a.go": "package old\n"})
	old := r.repo.Branch("topic")
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	if err := r.repo.PushCommit("alice", "topic", old); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, waiting, "a.go")
}

func TestInputsUpdatingTheBranchMakesNobodyAContributorAndKeepsApprovals(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := reviewed(r)
	r.push("carol", "main", map[string]string{"other.go": "package other\n"})
	r.settle()
	if _, err := p.UpdateBranch("bob"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, met)
}

func TestInputsAPushBySomebodyElseMakesThemAContributor(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := reviewed(r)
	if _, err := r.repo.Push(sim.Push{By: "bob", Author: "alice", Branch: "topic", Message: "more", Files: map[string]string{"b.go": "package b\n"}}); err != nil {
		t.Fatal(err)
	}
	p.Approve("bob")
	r.settle()
	r.shows(p, waiting, "bob")
}

func TestInputsSomebodyWhoLosesWriteAccessDoesNotCountAnyMore(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := reviewed(r)
	r.repo.Allow("bob", "read")
	r.settle()
	r.shows(p, waiting, "bob")
}

func TestInputsATeamsMembersAreJudgedNow(t *testing.T) {
	r := newRig(t, sim.Options{})
	qa := r.gh.Org("acme").Team("qa", "quinn", "rex")
	r.repo.Allow("rex", "write")
	r.policy(teamPolicy)
	p := r.topic()
	p.Approve("bob")
	r.settle()
	p.Comment("quinn", "QA +1")
	r.settle()
	r.shows(p, met)
	qa.Remove("quinn")
	r.settle()
	r.shows(p, waiting)
	qa.Add("quinn")
	r.settle()
	r.shows(p, met)
}

func TestInputsAPushToTheBaseThatChangesThePolicyJudgesByTheNewOne(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := reviewed(r)
	r.policy(rigPolicy + "compliance:\n  title: conventional\n")
	r.settle()
	r.shows(p, unmet, "title")
}

func TestInputsChecksOfAForkAreFoundByTheirHead(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(rigPolicy + "status:\n  require: [build]\n")
	fork := r.gh.User("eve").Fork(r.repo)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "patch", Files: map[string]string{"a.go": "package a\n"}}); err != nil {
		t.Fatal(err)
	}
	p, err := r.repo.OpenPull(sim.NewPull{By: "eve", Title: "fix", Head: "patch", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	p.Approve("bob")
	run, err := r.repo.StartRun(sim.NewRun{Name: "build", SHA: p.Head()})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, waiting)
	if err := run.Finish("success"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, met)
}

func TestInputsACheckThatTurnsRedTakesTheLabelAway(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(rigPolicy + "status:\n  require: [build, ci/travis]\n")
	p := r.topic()
	p.Approve("bob")
	if _, err := r.repo.StartRun(sim.NewRun{Name: "build", SHA: p.Head(), Conclusion: "success"}); err != nil {
		t.Fatal(err)
	}
	r.repo.SetStatus("ci-bot", p.Head(), "ci/travis", "success", "passed")
	r.settle()
	r.shows(p, met)
	if _, err := r.repo.StartRun(sim.NewRun{Name: "build", SHA: p.Head(), Conclusion: "failure"}); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, unmet, "build")
}

func TestInputsALabelOfOthersIsHeeded(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(rigPolicy + "compliance:\n  labels: {forbid: [hold]}\n")
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	p.AddLabel("carol", "hold")
	r.settle()
	r.shows(p, unmet, "hold")
	p.RemoveLabel("carol", "hold")
	r.settle()
	r.shows(p, met)
}

func TestInputsASpokenApprovalBelongsToTheHeadItWasSpokenAt(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	r.settle()
	c := p.Comment("bob", "+1")
	r.settle()
	r.shows(p, met)
	r.push("alice", "topic", map[string]string{"a.go": "package b\n"})
	r.settle()
	r.shows(p, waiting, "bob", "stale")
	p.Comment("bob", "LGTM")
	r.settle()
	r.shows(p, met)
	c.Edit("bob", "+1, and more")
	r.settle()
	r.shows(p, met)
}

func TestInputsTheLabelPutRightByHandIsLeftAfterThreeTimesAnHour(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	r.settle()
	for range 3 {
		p.AddLabel("carol", checks.LabelMet)
		r.settle()
		r.shows(p, waiting)
	}
	p.AddLabel("carol", checks.LabelMet)
	r.settle()
	if !p.HasLabel(checks.LabelMet) {
		t.Error("the label is fought over for ever")
	}
}
