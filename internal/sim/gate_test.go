package sim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// deploying is a run of a tag whose job waits to deploy to production.
func deploying(t *testing.T, repo *sim.Repo) (*sim.WorkflowRun, *sim.Deployment, string) {
	t.Helper()
	if oid, _ := repo.TagAt("v1"); oid == "" {
		if err := repo.Tag("alice", "v1", "main", false); err != nil {
			t.Fatal(err)
		}
	}
	repo.Guard("production")
	run := workflow(t, repo, sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Tag: "v1", By: "alice"})
	return run, run.Deploy("production"), fmt.Sprintf("/repos/acme/shop/actions/runs/%d/deployment_protection_rule", run.ID())
}

func says(state, comment string) map[string]any {
	out := map[string]any{"environment_name": "production", "comment": comment}
	if state != "" {
		out["state"] = state
	}
	return out
}

func TestAJobWaitsForTheAppsAnswer(t *testing.T) {
	c, repo, h := shelf(t)
	run, d, at := deploying(t, repo)
	_ = heard(t, c.gh, h)
	_, sha := repo.TagAt("v1")
	waits := func() int {
		return int(c.must(200, "GET", "/repos/acme/shop/actions/runs?status=waiting", nil).body["total_count"].(float64))
	}
	if waits() != 1 {
		t.Error("no run waits")
	}
	pending := fmt.Sprintf("/repos/acme/shop/actions/runs/%d/pending_deployments", run.ID())
	if got := dig(c.must(200, "GET", pending, nil).list, 0, "environment", "name"); got != "production" {
		t.Errorf("%v is pending", got)
	}
	rules := c.must(200, "GET", "/repos/acme/shop/environments/production/deployment_protection_rules", nil)
	if got := dig(rules.body, "custom_deployment_protection_rules", 0, "app", "id"); got != float64(c.gh.App().ID) {
		t.Errorf("the rule is of App %v", got)
	}
	c.must(200, "GET", "/repos/acme/shop/environments", nil)
	c.must(204, "POST", at, says("", "waits for *qa*"))
	c.must(204, "POST", at, says("approved", "all signed"))
	if s := d.Now(); s.Gate != "approved" || s.State != "in_progress" || !slices.Equal(s.Comments, []string{"waits for *qa*", "all signed"}) || s.SHA != sha || s.Ref != "v1" {
		t.Errorf("the deployment is %+v", s)
	}
	run.Finish("success")
	expect(t, "approved", heard(t, c.gh, h), "deployment_status.created", "check_run.created", "workflow_run.in_progress",
		"check_run.completed", "check_suite.completed", "deployment_status.created", "workflow_run.completed")
	if waits() != 0 || len(c.must(200, "GET", pending, nil).list) != 0 || d.Now().State != "success" {
		t.Errorf("it waits on, or is %+v", d.Now())
	}
	all := c.must(200, "GET", "/repos/acme/shop/deployments?environment=production&sha="+sha, nil)
	id := fmt.Sprintf("/repos/acme/shop/deployments/%.0f", dig(all.list, 0, "id"))
	c.must(200, "GET", id, nil)
	if got := dig(c.must(200, "GET", id+"/statuses", nil).list, 0, "state"); got != "success" {
		t.Errorf("its last status is %v", got)
	}
	data := c.query(`query($oid: GitObjectID!) { repository(owner: "acme", name: "shop") { deployments(first: 5, environments: ["production"]) { totalCount }
		object(oid: $oid) { ... on Commit { deployments(first: 5, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount pageInfo { hasNextPage }
		nodes { id databaseId environment createdAt state latestStatus { state createdAt } statuses(first: 5) { nodes { id state } } creator { login } } } } } } }`, map[string]any{"oid": sha})
	if got := dig(data, "repository", "object", "deployments", "nodes", 0, "latestStatus", "state"); got != "SUCCESS" {
		t.Errorf("GraphQL says %v", got)
	}
}

func TestWhatGitHubRefusesOfAnAnswerIsRefused(t *testing.T) {
	c, repo, _ := shelf(t)
	run, d, at := deploying(t, repo)
	elsewhere := says("approved", "")
	elsewhere["environment_name"] = "staging"
	for what, body := range map[string]map[string]any{
		"another environment": elsewhere, "a long comment": says("approved", strings.Repeat("x", 1025)), "an empty comment": says("", ""),
	} {
		if a, err := c.do("POST", at, body); err != nil || a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, %v", what, a.status, err)
		}
	}
	for range 10 {
		c.must(204, "POST", at, says("", strings.Repeat("ä", 1024)))
	}
	c.must(422, "POST", at, says("", "eleventh"))
	c.gh.SetPermission("deployments", "read")
	c.must(403, "POST", at, says("approved", ""))
	c.gh.SetPermission("deployments", "write")
	c.must(404, "POST", "/repos/acme/shop/actions/runs/1/deployment_protection_rule", says("approved", ""))
	c.must(204, "POST", at, says("rejected", "no"))
	c.must(422, "POST", at, says("approved", ""))
	if s := d.Now(); s.Gate != "rejected" || s.State != "failure" {
		t.Errorf("the deployment is %+v", s)
	}
	if got := c.must(200, "GET", strings.TrimSuffix(at, "/deployment_protection_rule"), nil).body["conclusion"]; got != "failure" {
		t.Errorf("run %d is %v", run.ID(), got)
	}
}

func TestAWaitEndsWithoutTheApp(t *testing.T) {
	c, repo, _ := shelf(t)
	for want, end := range map[string]func(*sim.WorkflowRun, *sim.Deployment){
		"bypassed in_progress": func(_ *sim.WorkflowRun, d *sim.Deployment) { d.Bypass("root") },
		"over failure":         func(_ *sim.WorkflowRun, d *sim.Deployment) { d.Expire() },
		"over error":           func(run *sim.WorkflowRun, _ *sim.Deployment) { run.Finish("cancelled") },
	} {
		run, d, at := deploying(t, repo)
		end(run, d)
		if s := d.Now(); s.Gate+" "+s.State != want {
			t.Errorf("it is %s %s, want %s", s.Gate, s.State, want)
		}
		c.must(422, "POST", at, says("approved", ""))
	}
}

func TestARunGoesOnOnlyOnceAllItsGatesAreOpen(t *testing.T) {
	c, repo, _ := shelf(t)
	run, first, at := deploying(t, repo)
	repo.Guard("eu")
	second := run.Deploy("eu")
	free := run.Deploy("docs")
	c.must(204, "POST", at, says("approved", ""))
	if first.Now().State != "" || free.Now().State != "in_progress" {
		t.Errorf("they are %+v, %+v", first.Now(), free.Now())
	}
	body := says("approved", "")
	body["environment_name"] = "eu"
	c.must(204, "POST", at, body)
	if first.Now().State != "in_progress" || second.Now().State != "in_progress" {
		t.Errorf("they are %+v, %+v", first.Now(), second.Now())
	}
	repo.Unguard("eu")
	if d := workflow(t, repo, sim.NewWorkflowRun{Tag: "v1"}).Deploy("eu"); d.Now().Gate != "" {
		t.Error("an environment that is not guarded has a gate")
	}
}

func TestSomebodyElsesDeploymentIsTold(t *testing.T) {
	c, repo, h := shelf(t)
	old, err := repo.Deploy("eve", "production", "main")
	if err != nil {
		t.Fatal(err)
	}
	old.SetStatus("eve", "success")
	expect(t, "deployed", heard(t, c.gh, h), "deployment.created", "deployment_status.created")
	if _, err := repo.Deploy("eve", "production", "nowhere"); err == nil {
		t.Error("a ref that is not there is deployed")
	}
	next, err := repo.Deploy("eve", "production", repo.Branch("main"))
	if err != nil {
		t.Fatal(err)
	}
	next.SetStatus("eve", "success")
	expect(t, "deployed again", heard(t, c.gh, h), "deployment.created", "deployment_status.created")
	if len(repo.Deployments()) != 2 || old.Now().State != "inactive" || next.Now().State != "success" {
		t.Errorf("they are %+v, %+v", old.Now(), next.Now())
	}
}

func TestACallbackCanBeForged(t *testing.T) {
	c, repo, h := shelf(t)
	c.gh.ForgeCallbacks(func(string) string { return "https://evil.example/answer" })
	_, _, _ = deploying(t, repo)
	settle(t, c.gh)
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, name := range h.events {
		if name == "deployment_protection_rule" && strings.Contains(string(h.bodies[i]), `"deployment_callback_url":"https://evil.example/answer"`) {
			return
		}
	}
	t.Error("no forged callback came")
}
