package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const anyPolicy = rigPolicy + "coverage:\n  patch: {min: 80%}\n"

// gathered is what is kept of a pull request's reports.
func (r *rig) gathered(p *sim.Pull, policy string) (store.CoverageOf, store.Gathered) {
	r.t.Helper()
	sel := checks.Selection{Reports: []checks.ReportRule{{Workflow: ci}}}
	if policy == dropPolicy {
		sel.Base = true
	}
	of := store.CoverageOf{RepoID: r.subject(p).RepoID, SHA: p.Head(), Number: p.Number, Key: sel.Key()}
	g, found, err := r.store.Gathered(r.t.Context(), of)
	if err != nil || !found {
		r.t.Fatalf("nothing is kept of %s: %v", p, err)
	}
	return of, g
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
	r.gauges(p, unmet, "run the workflow again")
}

func TestARunThatTestsTheBaseBranchIsNotTakenForTheHeads(t *testing.T) {
	r, p := measured(t, patchPolicy)
	leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Pull: p, Event: "pull_request_target", Started: true}), lcov("a.js", 10))
	r.settle()
	r.gauges(p, unmet, "pull\\_request\\_target")
}

func TestWhatWasKeptInAnotherFormIsReadAgain(t *testing.T) {
	r, p := measured(t, patchPolicy)
	leave(r.workflow(p), lcov("a.js", 10))
	r.settle()
	of, g := r.gathered(p, patchPolicy)
	g.Set, g.About = []byte("of an older handrail"), ""
	if err := r.store.KeepGathered(t.Context(), of, g, r.now()); err != nil {
		t.Fatal(err)
	}
	downloads := r.asked("/zip", func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	r.gauges(p, met)
	if downloads != 1 {
		t.Errorf("%d downloads", downloads)
	}
	if _, g := r.gathered(p, patchPolicy); strings.Contains(string(g.Set), "older") {
		t.Error("the older form is still kept")
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

func TestOfMoreWorkflowRunsThanAreListedNothingIsRead(t *testing.T) {
	r, p := measured(t, anyPolicy)
	r.gh.HoldDeliveries(true)
	for i := range 300 {
		r.begin(sim.NewWorkflowRun{Workflow: fmt.Sprintf(".github/workflows/w%d.yml", i), Pull: p}).Finish("success")
	}
	r.gh.DropDeliveries()
	r.gh.HoldDeliveries(false)
	r.workflow(p).Finish("success")
	n := r.asked("/artifacts", r.settle)
	r.gauges(p, unmet, "more workflows ran")
	if n != 0 {
		t.Errorf("%d questions about artifacts", n)
	}
}

func TestAnotherServersTokenIsNoWayIn(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	if a := to.send(run.TokenWith(audience, map[string]any{"iss": "https://evil.example"}), "x", strings.NewReader("x")); a.status != http.StatusUnauthorized {
		t.Errorf("another issuer: %+v", a)
	}
	if a := to.send(run.TokenWith(audience, map[string]any{"jti": nil}), "x", strings.NewReader("x")); a.status != http.StatusUnauthorized {
		t.Errorf("without an id: %+v", a)
	}
}
