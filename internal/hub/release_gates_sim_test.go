package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// deploying is a run of the tag whose job is to deploy to an environment.
func (s *shipping) deploying(environment string) *sim.WorkflowRun {
	s.t.Helper()
	run, err := s.shop.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Tag: "v1.0.0", By: "alice"})
	if err != nil {
		s.t.Fatal(err)
	}
	run.Deploy(environment)
	return run
}

// gate is how the only deployment's gate stands.
func (s *shipping) gate() string { return s.shop.Deployments()[0].Now().Gate }

func anywhere(string) bool { return true }

func answer(run *sim.WorkflowRun, state, comment string) checks.Action {
	return checks.Action{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: run.ID(), Environment: "production", State: state, Comment: comment}}
}

func TestAWaitingJobIsFoundAndToldWhatThePlanSays(t *testing.T) {
	w := ship(t)
	w.shop.Guard("production")
	run := w.deploying("production")
	w.gh.ClearRequests()
	gates, err := w.hub.WaitingGates(t.Context(), w.subj, anywhere)
	_, commit := w.shop.TagAt("v1.0.0")
	if err != nil || len(gates) != 1 || gates[0].RunID != run.ID() || gates[0].Environment != "production" || gates[0].Commit != commit || gates[0].Asked.IsZero() {
		t.Fatalf("%+v, %v", gates, err)
	}
	if n := w.asked(); n != 3 {
		t.Errorf("%d requests", n)
	}
	if gates, err = w.hub.WaitingGates(t.Context(), w.subj, func(sha string) bool { return sha != commit }); err != nil || len(gates) != 0 || w.asked() != 1 {
		t.Errorf("jobs at other commits: %+v, %v", gates, err)
	}
	r, _ := w.release(0)
	w.asked()
	out := w.carryOut(r, answer(run, "", strings.Repeat("ä", 2000)))
	if w.gate() != "waiting" || out[0].Gone || out[0].At.IsZero() || w.asked() != 1 {
		t.Errorf("gate %s, %+v", w.gate(), out)
	}
	w.carryOut(r, answer(run, "approved", "all signed"))
	if w.gate() != "approved" {
		t.Errorf("gate %s", w.gate())
	}
	if gates, err = w.hub.WaitingGates(t.Context(), w.subj, anywhere); err != nil || len(gates) != 0 {
		t.Errorf("%+v, %v", gates, err)
	}
}

func TestAnEnvironmentThatOthersGuardIsNoneOfOurs(t *testing.T) {
	w := ship(t)
	w.shop.Guard("production")
	w.deploying("production")
	w.shop.Unguard("production")
	if gates, err := w.hub.WaitingGates(t.Context(), w.subj, anywhere); err != nil || len(gates) != 0 {
		t.Errorf("%+v, %v", gates, err)
	}
}

// GitHub's word that it has had an answer is not one of ours that approved.
func TestAJobThatWaitsNoMoreIsSettledAndNotTakenForApproved(t *testing.T) {
	for name, end := range map[string]func(*sim.WorkflowRun, *sim.Deployment){
		"bypassed":  func(_ *sim.WorkflowRun, d *sim.Deployment) { d.Bypass("root") },
		"expired":   func(_ *sim.WorkflowRun, d *sim.Deployment) { d.Expire() },
		"cancelled": func(run *sim.WorkflowRun, _ *sim.Deployment) { run.Finish("cancelled") },
	} {
		w := ship(t)
		w.shop.Guard("production")
		run := w.deploying("production")
		r, _ := w.release(0)
		end(run, w.shop.Deployments()[0])
		out := w.carryOut(r, answer(run, "approved", "all signed"))
		if !out[0].Gone || !strings.Contains(out[0].Error, "did not approve") || w.gate() == "approved" {
			t.Errorf("%s: %+v, gate %s", name, out[0], w.gate())
		}
	}
	w := ship(t)
	w.shop.Guard("production")
	r, _ := w.release(0)
	gone := checks.Action{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: 99, Environment: "production", State: "approved"}}
	if out := w.carryOut(r, gone); !out[0].Gone {
		t.Errorf("%+v", out)
	}
}

func TestWhatIsNoAnswerIsNotSent(t *testing.T) {
	w := ship(t)
	r, _ := w.release(0)
	w.gh.ClearRequests()
	for i, g := range []*checks.GateAnswer{
		nil, {RunID: 7, Environment: "production", State: "Approved"}, {RunID: 7, Environment: "production", State: "yes"},
		{RunID: 7, Environment: "production"}, {RunID: 0, Environment: "production", State: "approved"}, {RunID: 7, State: "approved"},
	} {
		out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{{Kind: checks.AnswerGate, Gate: g}})
		if err == nil || out[0].Error == "" || w.asked() != 0 {
			t.Errorf("%d: %v, %+v", i, err, out)
		}
	}
}

func TestAnAnswerThatGitHubDidNotConfirmIsNoneUntilItHasIt(t *testing.T) {
	for i, failure := range []sim.Failure{sim.Status(500), sim.Cut(), sim.Cut().After(), sim.Status(502).After()} {
		w := ship(t)
		w.shop.Guard("production")
		run := w.deploying("production")
		r, _ := w.release(0)
		w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return q.Write }})
		out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{answer(run, "approved", "yes")})
		if err == nil || out[0].Error == "" || out[0].Gone {
			t.Errorf("%d: %v, %+v", i, err, out)
		}
		out = w.carryOut(r, answer(run, "approved", "yes"))
		if w.gate() != "approved" || out[0].Error != "" && !out[0].Gone {
			t.Errorf("%d: gate %s, %+v", i, w.gate(), out)
		}
	}
}

func TestDeploymentsOfACommitComeWithTheirLastWord(t *testing.T) {
	w := ship(t)
	d, err := w.shop.Deploy("alice", "staging", "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	d.SetStatus("alice", "in_progress")
	d.SetStatus("alice", "success")
	if _, err := w.shop.Deploy("alice", "production", "v1.0.0"); err != nil {
		t.Fatal(err)
	}
	_, commit := w.shop.TagAt("v1.0.0")
	w.gh.ClearRequests()
	list, err := w.hub.Deployments(t.Context(), w.subj, commit)
	got := map[string]string{}
	for _, d := range list {
		got[d.Environment] = d.State
		if d.ID == 0 || d.At.IsZero() {
			t.Errorf("%+v", d)
		}
	}
	if err != nil || w.asked() != 1 || got["staging"] != "success" || got["production"] != "pending" {
		t.Errorf("%v, %v", got, err)
	}
	w.gh.SetPermission("deployments", "")
	w.gh.RevokeTokens()
	if list, err = w.hub.Deployments(t.Context(), w.subj, commit); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func started(w *shipping) *checks.WorkflowStart {
	return &checks.WorkflowStart{Stage: "development", Candidate: shownDigest, Workflow: "promote.yml", Ref: "v1.0.0", Inputs: map[string]string{"digest": "sha256:x"}}
}

func TestAWorkflowIsStartedOnceAndItsRunFound(t *testing.T) {
	w := ship(t)
	w.shop.AddWorkflow(sim.WorkflowFile{Path: ".github/workflows/promote.yml", Inputs: map[string]bool{"digest": true}})
	r, _ := w.release(0)
	r.Memory.Candidates = []checks.PastCandidate{{Digest: shownDigest, Since: r.At}}
	w.gh.ClearRequests()
	act := checks.Action{Kind: checks.StartWorkflow, Start: started(w)}
	out := w.carryOut(r, act)
	runs := w.shop.WorkflowRuns()
	if len(runs) != 1 || out[0].Number != runs[0].ID() || runs[0].Inputs()["digest"] != "sha256:x" {
		t.Fatalf("%d runs, %+v", len(runs), out)
	}
	if n := w.asked(); n != 4 { // the tag again, who we are, whether it runs already, and the start
		t.Errorf("%d requests", n)
	}
	d := checks.Dispatched{Stage: "development", Candidate: shownDigest, Workflow: "promote.yml", At: r.At}
	for _, id := range []int64{0, out[0].Number} {
		d.RunID = id
		got, err := w.hub.StartedRun(t.Context(), w.subj, d)
		if err != nil || got.RunID != out[0].Number || got.Status == "completed" {
			t.Errorf("%+v, %v", got, err)
		}
	}
	runs[0].Finish("success")
	if got, err := w.hub.StartedRun(t.Context(), w.subj, d); err != nil || got.Status != "completed" || got.Conclusion != "success" {
		t.Errorf("%+v, %v", got, err)
	}
	// Its record lost, it is found and not started again; on record, another is.
	if again := w.carryOut(r, act); again[0].Number != out[0].Number || len(w.shop.WorkflowRuns()) != 1 {
		t.Errorf("%+v", again)
	}
	r.Dispatched = []checks.Dispatched{d}
	w.carryOut(r, act)
	if len(w.shop.WorkflowRuns()) != 2 {
		t.Errorf("%d runs", len(w.shop.WorkflowRuns()))
	}
}

func TestAWorkflowIsNotStartedForATagThatWasMovedOrTwiceForAnAnswerThatWasLost(t *testing.T) {
	w := ship(t)
	w.shop.AddWorkflow(sim.WorkflowFile{Path: ".github/workflows/promote.yml", Inputs: map[string]bool{"digest": true}})
	r, _ := w.release(0)
	r.Memory.Candidates = []checks.PastCandidate{{Digest: shownDigest, Since: r.At}}
	act := checks.Action{Kind: checks.StartWorkflow, Start: started(w)}
	w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{sim.Cut().After()}, When: func(q sim.Request) bool { return q.Write }})
	if _, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{act}); err == nil {
		t.Error("no error")
	}
	if out := w.carryOut(r, act); len(w.shop.WorkflowRuns()) != 1 || out[0].Number != w.shop.WorkflowRuns()[0].ID() {
		t.Errorf("%d runs, %+v", len(w.shop.WorkflowRuns()), out)
	}
	w.push("main", map[string]string{"z.go": "package z\n"})
	if err := w.shop.Tag("bob", "v1.0.0", "main", true); err != nil {
		t.Fatal(err)
	}
	r.Dispatched = []checks.Dispatched{{Workflow: "promote.yml", RunID: w.shop.WorkflowRuns()[0].ID()}}
	out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{act})
	if err == nil || !strings.Contains(out[0].Error, "changed") || len(w.shop.WorkflowRuns()) != 1 {
		t.Errorf("%v, %+v", err, out)
	}
}

func TestWhatIsNoWorkflowsFileIsNotStarted(t *testing.T) {
	w := ship(t)
	r, _ := w.release(0)
	w.gh.ClearRequests()
	for _, name := range []string{"", "../promote.yml", "promote", "a/b.yml", "promote.yml?x", "x%2f.yml"} {
		s := started(w)
		s.Workflow = name
		if out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{{Kind: checks.StartWorkflow, Start: s}}); err == nil || w.asked() != 0 {
			t.Errorf("%q: %+v", name, out)
		}
	}
	out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{{Kind: checks.StartWorkflow, Start: started(w)}})
	if err == nil || !strings.Contains(out[0].Error, "there is no workflow promote.yml") {
		t.Errorf("%v %+v", err, out)
	}
	w.shop.AddWorkflow(sim.WorkflowFile{Path: ".github/workflows/promote.yml", Inputs: map[string]bool{"digest": true}})
	w.gh.SetPermission("actions", "read")
	w.gh.RevokeTokens()
	out, err = w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{{Kind: checks.StartWorkflow, Start: started(w)}})
	if err == nil || !strings.Contains(out[0].Error, "actions: write") {
		t.Errorf("%v %+v", err, out)
	}
}

func TestASweepSeesTagsReleasesAndWaitingJobsInFewRequests(t *testing.T) {
	w := ship(t)
	repo := checks.Repo{ID: w.shop.ID, Owner: "acme", Name: "shop"}
	for i := range 150 {
		if err := w.shop.Tag("bob", fmt.Sprintf("old%03d", i), "main", false); err != nil {
			t.Fatal(err)
		}
	}
	w.shop.Guard("production")
	run := w.deploying("production")
	w.gh.ClearRequests()
	list, err := w.hub.ReleaseGlances(t.Context(), w.subj.Installation, repo)
	if err != nil || len(list) != 151 {
		t.Fatalf("%d, %v", len(list), err)
	}
	if n := w.asked(); n != 5 { // two pages, what waits, of which job, and whether the rule is ours
		t.Errorf("%d requests", n)
	}
	oid, commit := w.shop.TagAt("v1.0.0")
	for _, g := range list {
		if g.Tag == "v1.0.0" && (g.OID != oid || g.Commit != commit || g.Page != w.draft.ID || !g.Draft || g.Assets != 1 || g.Updated.IsZero() || len(g.Gates) != 1 || g.Gates[0].RunID != run.ID()) {
			t.Errorf("%+v", g)
		}
		if g.Tag == "old000" && (g.Page != 0 || g.OID == "") {
			t.Errorf("%+v", g)
		}
	}
	before := list
	w.gh.Advance(1e9)
	w.upload("more", "x")
	if list, err = w.hub.ReleaseGlances(t.Context(), w.subj.Installation, repo); err != nil {
		t.Fatal(err)
	}
	same := true
	for i := range list {
		same = same && list[i].Assets == before[i].Assets && list[i].Updated.Equal(before[i].Updated)
	}
	if same {
		t.Error("a file that was added is not seen")
	}
}

func TestWhatIsPublishedLeavesDraftsAndPreReleasesOut(t *testing.T) {
	w := ship(t)
	for tag, n := range map[string]sim.NewRelease{"v0.9.0": {}, "v1.0.0-rc1": {Prerelease: true}} {
		n.By, n.Tag, n.Target = "bob", tag, "main"
		if _, err := w.shop.NewRelease(n); err != nil {
			t.Fatal(err)
		}
	}
	w.gh.ClearRequests()
	list, next, err := w.hub.Published(t.Context(), w.subj, "")
	if err != nil || next != "" || len(list) != 1 || list[0].Tag != "v0.9.0" || list[0].Commit != w.shop.Branch("main") || list[0].At.IsZero() || w.asked() != 1 {
		t.Errorf("%+v %q %v", list, next, err)
	}
}
