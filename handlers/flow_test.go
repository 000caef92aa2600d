package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	met     = "completed/success"
	unmet   = "completed/failure"
	waiting = "in_progress"
)

func TestAnEventBecomesAVerdictThatGitHubShowsAndTheRecordKeeps(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	r.settle()
	r.shows(p, waiting, "Code review")
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	r.push("alice", "topic", map[string]string{"a.go": "package b\n"})
	r.settle()
	r.shows(p, waiting, "a.go")
	p.Approve("bob")
	r.settle()
	r.shows(p, met)

	rows, err := r.store.List(t.Context(), store.Filter{Repo: "acme/shop", Pull: p.Number, Kind: store.KindVerdict})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, row := range rows {
		states = append(states, row.State)
	}
	if got := strings.Join(states, " "); got != "waiting met waiting met" {
		t.Errorf("the record holds the verdicts %q", got)
	}
	report, err := r.store.Verify(t.Context(), func(int64, int64) {})
	if err != nil || !report.OK() {
		t.Errorf("the log does not verify: %v %v", err, report.Problems)
	}
}

func TestANewHeadTakesFourRequestsAndALookAtAnUnchangedOneTakesOne(t *testing.T) {
	r := newRig(t, sim.Options{})
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("f%02d.go", i)] = "package a\n"
	}
	r.push("alice", "topic", files)
	p := r.open("topic")
	r.settle()
	p.Approve("bob")
	r.settle()
	all, writes := r.requests(func() {
		r.push("alice", "topic", map[string]string{"f00.go": "package b\n"})
		r.settle()
	})
	if all > 4 {
		t.Errorf("a new head took %d requests, %d of them writes", all, writes)
	}
	r.shows(p, waiting)
	all, writes = r.requests(func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	if all != 1 || writes != 0 {
		t.Errorf("an unchanged look took %d requests, %d writes", all, writes)
	}
}

func TestFiftyEventsWithinASecondAreAtMostThreeEvaluations(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	r.settle()
	r.evals = 0
	began := r.now()
	for i := range 50 {
		p.Comment("carol", fmt.Sprint("remark ", i))
		if err := r.gh.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(20 * time.Millisecond)
		r.step()
	}
	// A slow machine needs more than the one second of the rig's clock.
	seconds := max(1, int(r.now().Sub(began).Seconds()))
	r.settle()
	if r.evals > 2+seconds || r.evals == 0 {
		t.Errorf("50 events within %d s made %d evaluations", seconds, r.evals)
	}
}

func TestThirtyTwoChecksFinishingAreFewRequestsAndAtMostTwoWrites(t *testing.T) {
	r := newRig(t, sim.Options{})
	var names []string
	for i := range 32 {
		names = append(names, fmt.Sprintf("check-%02d", i))
	}
	r.policy(rigPolicy + "status:\n  require: [" + strings.Join(names, ", ") + "]\n")
	p := r.topic()
	p.Approve("bob")
	var runs []*sim.CheckRun
	for _, n := range names {
		run, err := r.repo.StartRun(sim.NewRun{Name: n, SHA: p.Head()})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	r.settle()
	r.shows(p, waiting)
	all, writes := r.requests(func() {
		for _, run := range runs {
			if err := run.Finish("success"); err != nil {
				t.Fatal(err)
			}
			if err := r.gh.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.pass(time.Second)
			r.step()
		}
		r.settle()
	})
	r.shows(p, met)
	if all > 20 || writes > 2 {
		t.Errorf("32 checks finishing, one a second: %d requests, %d writes", all, writes)
	}
}

func TestAHeadThatIsNotMetLosesSuccessAndLabelBeforeAnythingElse(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	review := p.Approve("bob")
	r.settle()
	r.shows(p, met)
	var order []string
	stop := r.gh.OnChange(func(c sim.Change) {
		if strings.HasPrefix(c.By, "handrail") && (c.Kind == "check_run" || strings.HasPrefix(c.Kind, "label")) {
			order = append(order, strings.TrimSpace(c.Kind+" "+c.Name+" "+c.Value))
		}
	})
	defer stop()
	review.Dismiss("carol", "not this way")
	r.settle()
	r.shows(p, waiting)
	want := []string{"label_removed " + checks.LabelMet, "check_run " + checks.RunMerge + " in_progress"}
	if len(order) < 2 || order[0] != want[0] || order[1] != want[1] {
		t.Errorf("what was written, in order: %q", order)
	}
}

func TestALabelSetByHandIsTakenAwayAndOneRemovedByHandComesBack(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	r.settle()
	p.AddLabel("carol", checks.LabelMet)
	r.settle()
	r.shows(p, waiting)
	p.Approve("bob")
	r.settle()
	p.RemoveLabel("carol", checks.LabelMet)
	r.settle()
	r.shows(p, met)
}

func TestEveryWriteFailingBeforeOrAfterItsEffectEndsInTheSamePlace(t *testing.T) {
	for _, f := range []sim.Failure{sim.Status(502), sim.Cut(), sim.Status(502).After(), sim.Cut().After(), sim.Partial("createCheckRun"), sim.Partial("addLabelsToLabelable").After()} {
		for n := range 4 {
			r := newRig(t, sim.Options{})
			p := r.topic()
			p.Approve("bob")
			seen := 0
			r.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{f}, When: func(q sim.Request) bool {
				if q.Minting() {
					return false
				}
				seen++
				return seen > n
			}})
			r.settle()
			r.shows(p, met)
		}
	}
}

func TestAfterThreeFailedTriesThePullRequestSaysSoAndTheLabelIsOff(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	heal := r.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return q.Operation == "Verdict" }, Do: []sim.Failure{sim.Partial("reviews")}})
	p.Comment("carol", "hm")
	for range 400 {
		if err := r.gh.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.step()
		r.pass(500 * time.Millisecond)
	}
	r.shows(p, waiting, "could not find out", "reviews")
	failing, err := r.store.Failing(t.Context())
	if err != nil || len(failing) != 1 || failing[0].Tries < 3 {
		t.Errorf("failing: %+v, %v", failing, err)
	}
	heal()
	r.settle()
	r.shows(p, met)
}

func TestAnEventLostIsFoundByTheSweep(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
	r.gh.HoldDeliveries(true)
	p := r.open("topic")
	p.Approve("bob")
	r.gh.DropDeliveries()
	r.gh.HoldDeliveries(false)
	r.settle()
	r.shows(p, "none")
	r.flow.SweepOnce(t.Context())
	r.settle()
	r.shows(p, met)
	r.flow.SweepOnce(t.Context()) // our own label and runs are differences too, once
	r.settle()
	all, writes := r.requests(func() {
		r.flow.SweepOnce(t.Context())
		r.settle()
	})
	if writes != 0 || all > 3 {
		t.Errorf("a sweep over unchanged pull requests took %d requests and %d writes", all, writes)
	}
}

func TestDoubledLateAndReorderedDeliveriesChangeNothing(t *testing.T) {
	r := newRig(t, sim.Options{Seed: 3})
	r.gh.SetMishaps(sim.Mishaps{Double: 0.5, Reorder: 0.5})
	p := r.topic()
	for i := range 5 {
		r.push("alice", "topic", map[string]string{"a.go": fmt.Sprint("package a", i, "\n")})
		p.Approve("bob")
		p.Comment("carol", "+1")
	}
	r.settle()
	r.shows(p, met)
}

func TestAPullRequestThatChangesThePolicyHearsItsMistakesOnTheirLines(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.push("alice", "topic", map[string]string{checks.PolicyPath: strings.Replace(rigPolicy, "sign_offs", "sign_ofs", 1)})
	p := r.open("topic")
	p.Approve("bob")
	r.settle()
	r.shows(p, unmet, "sign\\_ofs", "sign\\_offs")
	if run, _ := p.Run(checks.RunMerge); run.Annotations != 1 {
		t.Errorf("%d annotations", run.Annotations)
	}
}

func TestAnInvalidPolicyOnTheBaseBranchLetsNothingPass(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	r.policy("version: 1\nrevew: {}\n")
	r.settle()
	r.shows(p, unmet, checks.PolicyPath+":2:1", "revew", "review")
}

func TestWithoutAPolicyNothingIsWritten(t *testing.T) {
	r := newRig(t, sim.Options{})
	other := r.gh.Org("acme").Repo("plain")
	other.Allow("alice", "write")
	if _, err := other.Push(sim.Push{By: "alice", Branch: "main", Files: map[string]string{"a": "a"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Push(sim.Push{By: "alice", Branch: "topic", Files: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	p, err := other.OpenPull(sim.NewPull{By: "alice", Title: "x", Head: "topic"})
	if err != nil {
		t.Fatal(err)
	}
	_, writes := r.requests(r.settle)
	if _, posted := p.Run(checks.RunMerge); posted || writes != 0 {
		t.Errorf("%d writes to a repository without a policy", writes)
	}
	rows, err := r.store.List(t.Context(), store.Filter{Repo: "acme/plain", Kind: store.KindVerdict})
	if err != nil || len(rows) != 1 {
		t.Errorf("%d verdicts recorded, want the one that was observed (%v)", len(rows), err)
	}
}

func TestTwoPullRequestsOnOneHeadBothShowTheStricterVerdict(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
	r.push("alice", "other", map[string]string{"b.go": "package b\n"})
	p := r.open("topic")
	q, err := r.repo.OpenPull(sim.NewPull{By: "alice", Title: "same head", Head: "topic", Base: "other"})
	if err != nil {
		t.Fatal(err)
	}
	p.Approve("bob")
	r.settle()
	r.shows(p, waiting, fmt.Sprint(q.Number))
	q.Close("alice")
	r.settle()
	r.shows(p, met)
}

func TestARerunByButtonMakesANewRun(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	p.Approve("bob")
	r.settle()
	before, _ := p.Run(checks.RunMerge)
	r.gh.FindRun(before.ID).Rerequest("carol")
	r.settle()
	after, _ := p.Run(checks.RunMerge)
	if after.ID == before.ID {
		t.Error("the button did nothing")
	}
	r.shows(p, met)
}

func TestALimitOnCallsIsWaitedForAndIsNoFailure(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	p.Approve("bob")
	r.gh.Fail(sim.Fault{Times: 2, When: func(q sim.Request) bool { return !q.Minting() }, Do: []sim.Failure{sim.Secondary(time.Second)}})
	shown := func() bool {
		run, ok := p.Run(checks.RunMerge)
		return ok && run.Conclusion == "success" && p.HasLabel(checks.LabelMet)
	}
	// GitHub's limits are in real time.
	for end := time.Now().Add(20 * time.Second); !shown() && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err := r.gh.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.step()
		failing, err := r.store.Failing(t.Context())
		if err != nil || len(failing) != 0 {
			t.Fatalf("failing: %+v, %v", failing, err)
		}
		r.pass(500 * time.Millisecond)
	}
	r.shows(p, met)
}
