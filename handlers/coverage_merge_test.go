package handlers_test

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
)

// moved is a pull request that adds lines 18 to 20 of a.js, behind which the
// base has put three lines at the top of the same file: the test merge has them
// at 21 to 23.
func moved(t *testing.T) (*rig, *sim.Pull, *sim.WorkflowRun) {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.policy(patchPolicy)
	base := lines(17, "old")
	r.push("alice", "main", map[string]string{"a.js": base})
	r.push("alice", "topic", map[string]string{"a.js": base + lines(3, "new"), "b.js": lines(2, "b")})
	p := r.open("topic")
	r.push("alice", "main", map[string]string{"a.js": lines(3, "top") + base})
	r.settle()
	run := r.workflow(p)
	if run.Tested() == p.Head() {
		t.Fatal("the stand-in tests the head itself")
	}
	return r, p, run
}

func TestLinesOfATestedMergeAreThoseOfTheMerge(t *testing.T) {
	both := func(missed ...int) []byte { return append(lcov("a.js", 23, missed...), lcov("b.js", 2)...) }
	r, p, run := moved(t)
	leave(run, both(18, 19, 20)) // in the merge these are old lines
	r.settle()
	r.gauges(p, met, "100")
	run.Rerun("bob")
	leave(run, both(21, 22))
	r.settle()
	r.gauges(p, unmet, "60")
	r.replays(p)
}

func TestAMergeThatNobodySawIsNotGuessed(t *testing.T) {
	r, p, run := moved(t)
	leave(run, lcov("a.js", 23))
	r.settle()
	f := &forge{Forge: r.hub, read: func(pull checks.Pull, sources []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		pull.Merge = checks.TestMerge{}
		return pull, sources, err
	}}
	j, err := handlers.Judge(t.Context(), f, handlers.NoRecord{}, handlers.Sources{Reports: r.flow.Coverage}, r.flow.Defaults, r.subject(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range j.Pull.Coverage {
		if !c.Read || !strings.Contains(c.Unplaced, "not known which merge") {
			t.Errorf("read %v, unplaced %q", c.Read, c.Unplaced)
		}
	}
	if len(j.Pull.Coverage) != 1 || j.Verdict.State.Passes() {
		t.Errorf("%d selections, the verdict is %s", len(j.Pull.Coverage), j.Verdict.State)
	}
}

func TestWorkflowsThatTestedDifferentCommitsCountTogetherOnlyWhereFilesAreTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		base  map[string]string // what the base changes meanwhile
		state string
		say   string
	}{
		"another file":  {map[string]string{"c.js": "c\n"}, met, "100"},
		"the same file": {map[string]string{"a.js": "top\n" + lines(10, "a")}, unmet, "tested different commits"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, sim.Options{})
			r.policy(anyPolicy)
			r.push("alice", "main", map[string]string{"a.js": lines(10, "a")})
			r.push("alice", "topic", map[string]string{"a.js": lines(10, "a") + lines(2, "b")})
			p := r.open("topic")
			r.push("alice", "main", c.base)
			r.settle()
			one := r.workflow(p)
			two := r.begin(sim.NewWorkflowRun{Workflow: ".github/workflows/push.yml", Branch: "topic", Started: true})
			leave(one, lcov("a.js", 12))
			leave(two, lcov("a.js", 12))
			r.settle()
			r.gauges(p, c.state, c.say)
		})
	}
}

func TestAWorkflowThatLeavesNoReportDoesNotDecideWhatWasTested(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(anyPolicy)
	base := lines(10, "a")
	r.push("alice", "main", map[string]string{"a.js": base})
	r.push("alice", "topic", map[string]string{"a.js": base + lines(2, "b")})
	p := r.open("topic")
	r.push("alice", "main", map[string]string{"a.js": "top\n" + base})
	r.settle()
	lint := r.begin(sim.NewWorkflowRun{Workflow: ".github/workflows/lint.yml", Branch: "topic", Started: true})
	lint.Finish("success")
	leave(r.workflow(p), lcov("a.js", 13, 12))
	r.settle()
	r.gauges(p, unmet, "50")
}

func TestATestedMergeIntoAnotherBaseDoesNotShortenWhatIsAdded(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(patchPolicy)
	base := lines(10, "a")
	r.push("alice", "main", map[string]string{"a.js": base})
	// The branch first has most of the change, and then its base more at the top.
	sha := r.push("alice", "side", map[string]string{"a.js": base + lines(9, "hidden")})
	if _, err := r.repo.Push(sim.Push{By: "alice", Branch: "topic", Message: "go on", Parents: []string{sha}, Files: map[string]string{"a.js": base + lines(9, "hidden") + lines(1, "b")}}); err != nil {
		t.Fatal(err)
	}
	p, err := r.repo.OpenPull(sim.NewPull{By: "alice", Title: "x", Head: "topic", Base: "side"})
	if err != nil {
		t.Fatal(err)
	}
	r.push("alice", "side", map[string]string{"a.js": "top\n" + base + lines(9, "hidden")})
	r.settle()
	leave(r.workflow(p), lcov("a.js", 21, 12, 13, 14, 15, 16, 17, 18, 19, 20))
	r.settle()
	r.gauges(p, met, "100") // one line is added to side
	if err := p.Retarget("alice", "main"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.gauges(p, unmet, "begin anew")
}

func TestARunThatTestsTheBaseBranchIsNotTakenForTheHeads(t *testing.T) {
	r, p := measured(t, patchPolicy)
	leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Pull: p, Event: "pull_request_target", Started: true}), lcov("a.js", 10))
	r.settle()
	r.gauges(p, unmet, "pull\\_request\\_target")
}
