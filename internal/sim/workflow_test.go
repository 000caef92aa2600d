package sim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// workflow starts a run, or ends the test.
func workflow(t *testing.T, r *sim.Repo, n sim.NewWorkflowRun) *sim.WorkflowRun {
	t.Helper()
	if n.Workflow == "" {
		n.Workflow = ".github/workflows/ci.yml"
	}
	w, err := r.StartWorkflow(n)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// told is a run as REST tells it.
func told(c *client, w *sim.WorkflowRun) map[string]any {
	c.t.Helper()
	return c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/actions/runs/%d", w.ID()), nil).body
}

func TestRunOfAForkNamesAPullRequest(t *testing.T) {
	c, repo, pull := shop(t)
	fork := c.gh.User("eve").Fork(repo)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "p", Files: map[string]string{"e": "e"}}); err != nil {
		t.Fatal(err)
	}
	outside, err := repo.OpenPull(sim.NewPull{By: "eve", Head: "p", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[*sim.Pull]struct {
		pulls int
		from  string
	}{pull: {1, "acme/shop"}, outside: {0, "eve/shop"}} {
		w := workflow(t, repo, sim.NewWorkflowRun{Pull: p})
		run := told(c, w)
		if all, _ := run["pull_requests"].([]any); len(all) != want.pulls || dig(run, "head_repository", "full_name") != want.from ||
			run["head_sha"] != p.Head() || dig(run, "repository", "full_name") != "acme/shop" {
			t.Errorf("run is %v", run)
		}
		if p == outside {
			if at, _ := w.TokenRequest(); at != "" {
				t.Error("a fork's job may ask for tokens")
			}
			fork.Delete()
			if run := told(c, w); run["head_repository"] != nil {
				t.Errorf("head repository of a deleted fork is %v", run["head_repository"])
			}
		}
	}
}

func TestRerunTestsWhatIsNewer(t *testing.T) {
	c, repo, pull := shop(t)
	h := listen(t, c.gh, "sim-webhook-secret")
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Started: true, Name: "CI", Job: "test"})
	tested := w.Tested()
	if tested == pull.Head() || tested != pull.TestMerge() {
		t.Errorf("tests %s, not the test merge", tested)
	}
	w.Rerun("bob") // is not completed
	w.Finish("failure")
	w.Finish("success") // is completed
	if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"base": "1\n"}}); err != nil {
		t.Fatal(err)
	}
	w.Rerun("bob")
	if run := told(c, w); run["status"] != "queued" || run["conclusion"] != nil || run["run_attempt"] != 2.0 || run["previous_attempt_url"] == nil ||
		run["run_number"] != 1.0 || dig(run, "actor", "login") != "alice" || dig(run, "triggering_actor", "login") != "bob" {
		t.Errorf("rerun is %v", run)
	}
	if w.Tested() != tested || w.Attempt() != 2 || pull.TestMerge() == tested {
		t.Errorf("attempt %d tests %s, the first %s", w.Attempt(), w.Tested(), tested)
	}
	w.Finish("success")
	settle(t, c.gh)
	var events []string
	for _, d := range c.gh.Deliveries() {
		if d.Event == "workflow_run" {
			events = append(events, d.Action)
		}
	}
	if want := []string{"requested", "in_progress", "completed", "requested", "completed"}; len(h.bad) > 0 || !sameWords(events, want) {
		t.Errorf("told of %v, want %v", events, want)
	}
	var jobs []string
	for _, run := range repo.Runs(pull.Head()) {
		jobs = append(jobs, run.Name+" "+run.Conclusion)
	}
	if want := []string{"test failure", "test success"}; !slices.Equal(jobs, want) {
		t.Errorf("check-runs are %v, want %v", jobs, want)
	}
}

// sameWords compares without order: several workers deliver.
func sameWords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestHeldRunHasAJob(t *testing.T) {
	c, repo, pull := shop(t)
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, By: "eve"})
	w.Finish("action_required")
	if run := told(c, w); run["status"] != "completed" || run["conclusion"] != "action_required" || len(repo.Runs(pull.Head())) != 0 {
		t.Errorf("held run is %v with jobs %v", run, repo.Runs(pull.Head()))
	}
	w.Start() // somebody approves
	w.Start()
	if run := told(c, w); run["status"] != "in_progress" || run["conclusion"] != nil || len(repo.Runs(pull.Head())) != 1 {
		t.Errorf("approved run is %v with jobs %v", run, repo.Runs(pull.Head()))
	}
}

func TestRunsOfTwoWorkflowsHideEachOther(t *testing.T) {
	c, repo, pull := shop(t)
	workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Job: "build"}).Finish("failure")
	workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Job: "build", Workflow: ".github/workflows/nightly.yml"}).Finish("success")
	if _, err := repo.StartRun(sim.NewRun{Name: "build", SHA: pull.Head(), Conclusion: "success"}); err != nil {
		t.Fatal(err)
	}
	list := c.must(200, "GET", "/repos/acme/shop/commits/"+pull.Head()+"/check-runs", nil)
	if list.body["total_count"] != 3.0 {
		t.Errorf("latest check-runs are %v", list.body)
	}
	suites := dig(c.query(`query($sha: GitObjectID!) { repository(owner: "acme", name: "shop") { object(oid: $sha) { ... on Commit {
		checkSuites(first: 9, filterBy: {appId: 15368}) { nodes { conclusion workflowRun { workflow { name } } } } } } } }`, map[string]any{"sha": pull.Head()}),
		"repository", "object", "checkSuites", "nodes")
	if got := fmt.Sprint(dig(suites, 0, "conclusion"), dig(suites, 0, "workflowRun", "workflow", "name"), dig(suites, 1, "conclusion"),
		dig(suites, 1, "workflowRun", "workflow", "name"), dig(suites, 2, "workflowRun")); got != "FAILUREciSUCCESSnightly<nil>" {
		t.Errorf("suites are %v", suites)
	}
}

func TestRunsAreFoundByWhatTheyAreNot(t *testing.T) {
	c, repo, pull := shop(t)
	first := c.gh.Now()
	workflow(t, repo, sim.NewWorkflowRun{Name: "A"}).Finish("success")
	c.gh.Advance(time.Hour)
	workflow(t, repo, sim.NewWorkflowRun{Name: "B", Pull: pull, Workflow: ".github/workflows/b.yml@main"}).Finish("failure")
	c.gh.Advance(time.Hour)
	workflow(t, repo, sim.NewWorkflowRun{Name: "C", Branch: "feature", By: "bob", Workflow: ".github/workflows/c.yml"})
	middle := first.Add(time.Hour)
	at := func(d time.Duration) string { return middle.Add(d).Format(time.RFC3339) }
	for query, want := range map[string]string{
		"":                              "CBA",
		"head_sha=" + pull.Head():       "CB",
		"branch=main":                   "A",
		"branch=feature&event=push":     "C",
		"event=pull_request":            "B",
		"status=completed":              "BA",
		"status=failure":                "B",
		"status=queued":                 "C",
		"actor=bob":                     "C",
		"per_page=1&page=2":             "B",
		"created=<=" + at(time.Minute):  "BA",
		"created=<" + at(-time.Minute):  "A",
		"created=>=" + at(-time.Minute): "CB",
		"created=>" + at(time.Minute):   "C",
		"created=" + at(-time.Minute) + ".." + at(time.Minute):           "B",
		"created=*.." + at(-time.Minute):                                 "A",
		"created=" + at(time.Minute) + "..*":                             "C",
		"created=>=" + first.Add(-24*time.Hour).Format(time.DateOnly):    "CBA",
		"created=<" + first.Format(time.DateOnly):                        "",
		"created=" + first.Add(-48*time.Hour).Format(time.DateOnly):      "",
		"head_sha=" + repo.Branch("main") + "&status=success&event=push": "A",
		"head_sha=" + strings.Repeat("0", 40):                            "",
	} {
		q, err := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
		if err != nil {
			t.Fatal(err)
		}
		list := c.must(200, "GET", "/repos/acme/shop/actions/runs?"+q.Encode(), nil)
		var got strings.Builder
		all, _ := list.body["workflow_runs"].([]any)
		for _, run := range all {
			fmt.Fprint(&got, dig(run, "name"))
		}
		if got.String() != want {
			t.Errorf("%s: runs %s, want %s", query, got.String(), want)
		}
		if total := list.body["total_count"]; !strings.HasPrefix(query, "per_page") && total != float64(len(want)) {
			t.Errorf("%s: total %v, want %d", query, total, len(want))
		}
	}
	c.must(422, "GET", "/repos/acme/shop/actions/runs?created=soon", nil)
}

func TestRunIsToldByItsFilesNameOnly(t *testing.T) {
	c, repo, _ := shop(t)
	for path, name := range map[string]string{".github/workflows/ci.yml@main": "ci", ".github/workflows/x@y.yaml": "x@y"} {
		w := workflow(t, repo, sim.NewWorkflowRun{Workflow: path, Uses: []string{".github/workflows/u.yml", "acme/ci/.github/workflows/go.yml@v1"}})
		run := told(c, w)
		if run["path"] != path || run["name"] != name || dig(run, "referenced_workflows", 0, "path") != "acme/shop/.github/workflows/u.yml@refs/heads/main" ||
			dig(run, "referenced_workflows", 1, "path") != "acme/ci/.github/workflows/go.yml@v1" {
			t.Errorf("run is %v", run)
		}
	}
}

func TestConflictStartsARun(t *testing.T) {
	_, repo, pull := shop(t)
	if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"a.go": "package b\n"}}); err != nil {
		t.Fatal(err)
	}
	if w, err := repo.StartWorkflow(sim.NewWorkflowRun{Workflow: "a.yml", Pull: pull}); err == nil {
		t.Errorf("run %d tests %s", w.ID(), w.Tested())
	}
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Event: "pull_request_target"})
	if w.Tested() != repo.Branch("main") {
		t.Errorf("pull_request_target tests %s", w.Tested())
	}
	if w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Event: "push"}); w.Tested() != pull.Head() {
		t.Errorf("push tests %s", w.Tested())
	}
}
