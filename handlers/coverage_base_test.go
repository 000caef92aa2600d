package handlers_test

import (
	"fmt"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// reported makes a commit on main with a report of lib.js, of which some lines are
// missed.
func (r *rig) reported(files map[string]string, missed ...int) string {
	r.t.Helper()
	sha := r.push("alice", "main", files)
	leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", SHA: sha, Started: true}), lcov("lib.js", 100, missed...))
	return sha
}

func TestCoverageIsComparedWithTheNearestCompleteReportOfTheBase(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	r.reported(map[string]string{"lib.js": lines(100, "lib")}, 1, 2, 3, 4, 5) // 95 %
	sha := r.reported(map[string]string{"x.md": "1"})                         // 100 %
	failing := r.push("alice", "main", map[string]string{"x.md": "2"})
	r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", SHA: failing, Started: true}).Finish("failure")
	r.push("alice", "main", map[string]string{"x.md": "3"}) // no run at all
	r.push("alice", "topic", map[string]string{"lib.js": lines(100, "lib") + "more\n"})
	p := r.open("topic")
	r.settle()
	leave(r.workflow(p), lcov("lib.js", 101, 1, 2, 3))
	r.settle()
	r.gauges(p, unmet, "drops by", sha[:7], "2 commits before")
	r.replays(p)
}

func TestAReportOfTheBaseComesOnlyFromAPushToItInThisRepository(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	sha := r.push("alice", "main", map[string]string{"lib.js": lines(100, "lib")})
	r.push("alice", "topic", map[string]string{"lib.js": lines(100, "lib") + "more\n"})
	for _, n := range []sim.NewWorkflowRun{
		{Workflow: ci, Branch: "main", SHA: sha, Event: "workflow_dispatch"}, {Workflow: ci, Branch: "other", SHA: sha},
		{Workflow: ".github/workflows/else.yml", Branch: "main", SHA: sha},
	} {
		n.Started = true
		leave(r.begin(n), lcov("lib.js", 100))
	}
	p := r.open("topic")
	r.settle()
	leave(r.workflow(p), lcov("lib.js", 101))
	r.settle()
	r.gauges(p, waiting, "main has no coverage report")
}

func TestABaseReportThatComesLaterWakesThosePullRequestsThatLackIt(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	sha := r.push("alice", "main", map[string]string{"lib.js": lines(100, "lib")})
	base := r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", SHA: sha, Started: true})
	r.push("alice", "topic", map[string]string{"lib.js": lines(100, "lib") + "more\n"})
	r.push("alice", "docs", map[string]string{"y.md": "y"})
	p, q := r.open("topic"), r.open("docs")
	r.settle()
	leave(r.workflow(p), lcov("lib.js", 101))
	r.settle()
	r.gauges(p, waiting, "main has no coverage report")
	r.gauges(q, met)
	r.evals = 0
	leave(base, lcov("lib.js", 100))
	r.settle()
	r.gauges(p, met, "does not drop")
	if r.evals != 1 {
		t.Errorf("%d evaluations, want that of %s alone", r.evals, p)
	}
}

func TestANearerBaseReportThatIsBeingMadeIsNotMissed(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	far := r.reported(map[string]string{"lib.js": lines(100, "lib")})
	near := r.push("alice", "main", map[string]string{"x.md": "1"})
	base := r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", SHA: near, Started: true})
	r.push("alice", "topic", map[string]string{"lib.js": lines(100, "lib") + "more\n"})
	p := r.open("topic")
	r.settle()
	leave(r.workflow(p), lcov("lib.js", 101, 1, 2, 3))
	r.settle()
	r.gauges(p, unmet, "drops by", far[:7])
	leave(base, lcov("lib.js", 100, 1, 2, 3)) // it was that commit that lost them
	r.settle()
	r.gauges(p, met, "does not drop", near[:7])
	if all, _ := r.requests(func() { p.Comment("carol", "nice"); r.settle() }); all != 2 {
		t.Errorf("afterwards a look takes %d requests", all)
	}
}

func TestABaseReportIsDownloadedOnceForAllPullRequests(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	r.reported(map[string]string{"lib.js": lines(100, "lib")})
	var pulls []*sim.Pull
	for _, branch := range []string{"one", "two", "three"} {
		r.push("alice", branch, map[string]string{"lib.js": lines(100, "lib") + branch + "\n"})
		p := r.open(branch)
		pulls = append(pulls, p)
		leave(r.workflow(p), lcov("lib.js", 101))
	}
	if n := r.asked("/zip", r.settle); n != 4 {
		t.Errorf("%d downloads, want one for each head and one for the base", n)
	}
	for _, p := range pulls {
		r.gauges(p, met, "does not drop")
	}
}

func TestUnusableBaseReportsAreDownloadedOnceAndNotAllAtATime(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	good := r.reported(map[string]string{"lib.js": lines(100, "lib")})
	const bad = 7
	for i := range bad {
		sha := r.push("alice", "main", map[string]string{"x.md": fmt.Sprint(i)})
		leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", SHA: sha, Started: true}), []byte("SF:lib.js\nDA:x\n"))
	}
	r.push("alice", "topic", map[string]string{"lib.js": lines(100, "lib") + "more\n"})
	p := r.open("topic")
	r.settle()
	leave(r.workflow(p), lcov("lib.js", 101))
	if n := r.asked("/zip", r.settle); n != 1+5 {
		t.Errorf("%d downloads at first", n)
	}
	r.gauges(p, waiting, "no coverage report")
	n := r.asked("/zip", func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	if n != bad-5+1 {
		t.Errorf("%d downloads then", n)
	}
	r.gauges(p, met, good[:7], "7 commits before")
}

func TestABaseReportKeptInAnotherFormIsReadAgain(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(dropPolicy)
	sha := r.reported(map[string]string{"lib.js": lines(100, "lib")})
	r.push("alice", "one", map[string]string{"lib.js": lines(100, "lib") + "one\n"})
	p := r.open("one")
	leave(r.workflow(p), lcov("lib.js", 101))
	r.settle()
	of, _ := r.gathered(p, dropPolicy)
	of.SHA, of.Number, of.Branch = sha, 0, "main"
	g, found, err := r.store.Gathered(t.Context(), of)
	if err != nil || !found {
		t.Fatalf("the base's report is not kept: %v", err)
	}
	g.Set = []byte("of an older handrail")
	if err := r.store.KeepGathered(t.Context(), of, g, r.now()); err != nil {
		t.Fatal(err)
	}
	r.push("alice", "two", map[string]string{"lib.js": lines(100, "lib") + "two\n"})
	q := r.open("two")
	leave(r.workflow(q), lcov("lib.js", 101))
	r.settle()
	r.gauges(q, met, "does not drop")
}
