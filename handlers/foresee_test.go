package handlers_test

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

const needsTeams = `version: 1
roles:
  qa: {team: acme/qa}
  gone: {team: acme/gone}
review:
  sign_offs:
    - {name: QA, role: qa, count: 2}
    - {name: Gone, role: gone}
`

func TestAPolicyThatNobodyCouldMeetIsWarnedOfOnThePullRequestThatBringsIt(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.gh.Org("acme").Team("qa", "quinn")
	p := r.proposed(needsTeams)
	r.settle()
	const alone, gone = `2 approvals can never be given: only 1 may sign as "qa"`, `The team "acme/gone" is not there`
	r.shows(p, waiting, "The new policy is valid", alone, gone)
	if run, _ := p.Run(checks.RunMerge); run.Annotations != 2 {
		t.Errorf("%d annotations, want one for each:\n%s", run.Annotations, run.Summary)
	}

	// Whoever cannot push is not told who is in a team.
	fork := r.gh.User("eve").Fork(r.repo)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "policy", Message: "x", Files: map[string]string{checks.PolicyPath: needsTeams}}); err != nil {
		t.Fatal(err)
	}
	other, err := r.repo.OpenPull(sim.NewPull{By: "eve", Title: "policy", Head: "policy", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(other, waiting, "The new policy is valid")
	if run, _ := other.Run(checks.RunMerge); strings.Contains(run.Summary, "team") || run.Annotations != 0 {
		t.Errorf("a stranger is told of teams:\n%s", run.Summary)
	}
}

func TestAPolicyThatATighterFloorRefusesCanBeMendedByAPullRequest(t *testing.T) {
	r := newRig(t, sim.Options{})
	floor := r.gh.Org("acme").Repo(".github")
	if _, err := floor.Push(sim.Push{By: "alice", Branch: "main", Message: "floor", Files: map[string]string{checks.FloorPath: twoNeeded}}); err != nil {
		t.Fatal(err)
	}
	const weak = "version: 1\nreview: {sign_offs: [{name: Code review, role: reviewer, count: 1}]}\n"
	r.policy(weak)
	one := r.topic()
	one.Approve("bob")
	one.Approve("carol")
	r.settle()
	r.shows(one, unmet, ".github/handrail.yml:2:", "weaker than", "(acme/.github/handrail.yml:2:", "A pull request that mends this")

	worse := r.proposed(strings.Replace(weak, "count: 1", "self: true", 1))
	r.settle()
	r.shows(worse, unmet, "weaker than")

	r.push("alice", "mend", map[string]string{checks.PolicyPath: twoNeeded})
	mends := r.open("mend")
	r.settle()
	r.shows(mends, waiting, "The new policy is valid", "judged by both")
	mends.Approve("bob")
	r.settle()
	r.shows(mends, waiting)
	mends.Approve("carol")
	r.settle()
	r.shows(mends, met)
	if _, err := mends.Merge("alice"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(one, met)
}
