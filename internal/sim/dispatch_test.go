package sim_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestAWorkflowIsStartedByHand(t *testing.T) {
	c, repo, h := shelf(t)
	repo.AddWorkflow(sim.WorkflowFile{Path: ".github/workflows/promote.yml", Inputs: map[string]bool{"digest": true, "dry": false}})
	if err := repo.Tag("alice", "v1", "main", true); err != nil {
		t.Fatal(err)
	}
	_ = heard(t, c.gh, h)
	const at = "/repos/acme/shop/actions/workflows/promote.yml/dispatches"
	a := c.must(200, "POST", at, map[string]any{"ref": "v1", "inputs": map[string]any{"digest": "sha256:1", "dry": true}, "return_run_details": true})
	runs := repo.WorkflowRuns()
	run := runs[len(runs)-1]
	_, sha := repo.TagAt("v1")
	if run.Inputs()["digest"] != "sha256:1" || run.Inputs()["dry"] != "true" || run.Head() != sha || run.Ref() != "refs/tags/v1" || a.body["workflow_run_id"] != float64(run.ID()) {
		t.Errorf("the run has %v, head %s, ref %s; the answer is %v", run.Inputs(), run.Head(), run.Ref(), a.body)
	}
	run.Start()
	run.Finish("success")
	expect(t, "by hand", heard(t, c.gh, h), "workflow_dispatch", "workflow_run.requested", "check_run.created", "workflow_run.in_progress",
		"check_run.completed", "check_suite.completed", "workflow_run.completed")
	list := c.must(200, "GET", "/repos/acme/shop/actions/runs?event=workflow_dispatch&branch=v1&per_page=100", nil)
	if got := dig(list.body, "workflow_runs", 0, "actor", "login"); got != "handrail[bot]" || run.File() != ".github/workflows/promote.yml" {
		t.Errorf("%v started it", got)
	}
	c.must(200, "GET", "/repos/acme/shop/actions/workflows", nil)
	c.must(204, "POST", at, map[string]any{"ref": "main", "inputs": map[string]any{"digest": "x"}})
}

func TestAWorkflowThatCannotBeStartedIsNot(t *testing.T) {
	c, repo, _ := shelf(t)
	repo.AddWorkflow(sim.WorkflowFile{Path: ".github/workflows/promote.yml", Inputs: map[string]bool{"digest": true}})
	workflow(t, repo, sim.NewWorkflowRun{Workflow: ".github/workflows/ci.yml"})
	before := len(repo.WorkflowRuns())
	ask := func(inputs map[string]any) map[string]any { return map[string]any{"ref": "main", "inputs": inputs} }
	good := map[string]any{"digest": "x"}
	for _, bad := range []struct {
		file   string
		body   map[string]any
		status int
	}{
		{"none.yml", ask(good), http.StatusNotFound},
		{"ci.yml", ask(good), http.StatusUnprocessableEntity},
		{"promote.yml", ask(map[string]any{}), http.StatusUnprocessableEntity},
		{"promote.yml", ask(map[string]any{"digest": "x", "other": "y"}), http.StatusUnprocessableEntity},
		{"promote.yml", ask(map[string]any{"digest": strings.Repeat("x", 70000)}), http.StatusUnprocessableEntity},
		{"promote.yml", map[string]any{"ref": "nowhere", "inputs": good}, http.StatusUnprocessableEntity},
	} {
		c.must(bad.status, "POST", "/repos/acme/shop/actions/workflows/"+bad.file+"/dispatches", bad.body)
	}
	c.gh.SetPermission("actions", "read")
	c.must(403, "POST", "/repos/acme/shop/actions/workflows/promote.yml/dispatches", ask(good))
	if n := len(repo.WorkflowRuns()); n != before {
		t.Errorf("%d runs were started", n-before)
	}
}

// What fails after the effect has had it: the stand-in starts the run and nobody is
// told.
func TestAFaultComesBeforeOrAfterAnEffect(t *testing.T) {
	c, repo, _ := shelf(t)
	repo.AddWorkflow(sim.WorkflowFile{Path: ".github/workflows/promote.yml"})
	draft, err := repo.NewRelease(sim.NewRelease{By: "alice", Tag: "v0", Draft: true})
	if err != nil {
		t.Fatal(err)
	}
	issue := repo.OpenIssue("bob", "Release v0")
	_, d, at := deploying(t, repo)
	runs := len(repo.WorkflowRuns())
	for want, f := range []sim.Failure{sim.Status(502), sim.Status(502).After()} {
		stop := c.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return q.Write }, Do: []sim.Failure{f}})
		c.must(502, "POST", "/repos/acme/shop/actions/workflows/promote.yml/dispatches", map[string]any{"ref": "main"})
		c.must(502, "POST", "/repos/acme/shop/releases", map[string]any{"tag_name": "v9", "draft": true})
		c.must(502, "POST", "/repos/acme/shop/issues", map[string]any{"title": "x"})
		c.must(502, "PATCH", fmt.Sprintf("/repos/acme/shop/releases/%d", draft.ID), map[string]any{"draft": false})
		c.must(502, "PATCH", fmt.Sprintf("/repos/acme/shop/issues/%d", issue.Number), map[string]any{"body": "x"})
		c.must(502, "POST", at, says("approved", ""))
		stop()
		if !draft.Now().Draft != (want == 1) || (issue.Now().Body == "x") != (want == 1) || (d.Now().Gate == "approved") != (want == 1) {
			t.Errorf("fault %d: the draft is %+v, the issue %+v, the deployment %+v", want, draft.Now(), issue.Now(), d.Now())
		}
		if len(repo.WorkflowRuns())-runs != want || len(repo.Issues())-1 != want || (repo.Release("v9") != nil) != (want == 1) {
			t.Errorf("fault %d: %d runs, %d issues", want, len(repo.WorkflowRuns()), len(repo.Issues()))
		}
	}
	if n := c.gh.Writes(); n != 12 {
		t.Errorf("%d writes are logged", n)
	}
}

func TestAttestationsAreFoundByTheirDigest(t *testing.T) {
	c, repo, _ := shelf(t)
	digest := "sha256:" + strings.Repeat("ab", 32)
	for _, kind := range []string{"", "https://spdx.dev/Document/v2.3"} {
		if err := repo.Attest(sim.Attestation{Digest: digest, Name: "app", Workflow: ".github/workflows/build.yml", Ref: "refs/tags/v1", SHA: repo.Branch("main"), Type: kind}); err != nil {
			t.Fatal(err)
		}
	}
	at := "/repos/acme/shop/attestations/" + digest
	if n := len(c.must(200, "GET", at, nil).body["attestations"].([]any)); n != 2 {
		t.Errorf("%d attestations", n)
	}
	a := c.must(200, "GET", at+"?per_page=100&predicate_type=provenance", nil)
	payload, _ := dig(a.body, "attestations", 0, "bundle", "dsseEnvelope", "payload").(string)
	raw, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	var statement any
	if err := json.Unmarshal(raw, &statement); err != nil {
		t.Fatal(err)
	}
	if got := dig(statement, "predicate", "buildDefinition", "externalParameters", "workflow", "path"); got != ".github/workflows/build.yml" {
		t.Errorf("it is attested by %v", got)
	}
	if got := "sha256:" + fmt.Sprint(dig(statement, "subject", 0, "digest", "sha256")); got != digest {
		t.Errorf("it is about %s", got)
	}
	c.must(404, "GET", "/repos/acme/shop/attestations/sha256:"+strings.Repeat("cd", 32), nil)
	c.gh.SetPermission("attestations", "")
	c.must(403, "GET", at, nil)
	if repo.Attest(sim.Attestation{Digest: "md5:1"}) == nil {
		t.Error("a digest that is none is taken")
	}
}

func TestATokenOfSomebodysOwnSaysWhoTheyAre(t *testing.T) {
	c, _, _ := shelf(t)
	c.must(403, "GET", "/user", nil)
	c.token = c.gh.PersonToken("quinn")
	if a := c.must(200, "GET", "/user", nil); a.body["login"] != "quinn" || a.body["type"] != "User" {
		t.Errorf("it is of %v", a.body)
	}
	c.must(403, "GET", "/repos/acme/shop", nil)
	c.gh.RevokePersonToken(c.token)
	c.must(401, "GET", "/user", nil)
	c.token = c.gh.PersonToken("zoe")
	c.gh.User("zoe").Delete()
	c.must(401, "GET", "/user", nil)
}
