package sim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// hook is a webhook receiver that keeps what arrives.
type hook struct {
	mu     sync.Mutex
	events []string // name or name.action
	bodies [][]byte
	bad    []string // signatures that do not fit
	status int
	url    string
}

func listen(t *testing.T, gh *sim.GitHub, secret string) *hook {
	t.Helper()
	h := &hook{status: 202}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := readAll(r)
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.Header.Get("X-Hub-Signature-256") != sim.Sign(secret, body) {
			h.bad = append(h.bad, r.Header.Get("X-GitHub-Delivery"))
		}
		h.events = append(h.events, r.Header.Get("X-GitHub-Event"))
		h.bodies = append(h.bodies, body)
		w.WriteHeader(h.status)
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	gh.SetHook(srv.URL)
	return h
}

func (h *hook) names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

func settle(t *testing.T, gh *sim.GitHub) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := gh.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

// play does everything people can do, and returns what a client needs to look
// at it.
func play(t *testing.T, c *client) (*sim.Repo, *sim.Pull, *sim.Installation) {
	t.Helper()
	gh := c.gh
	gh.SetPermission("security_events", "read")
	gh.SetPermission("secret_scanning_alerts", "read")
	gh.SetPermission("vulnerability_alerts", "read")
	acme := gh.Org("acme")
	acme.AddOwner("root")
	in := acme.Install()
	acme.Team("engineering")
	repo := acme.Repo("shop")
	qa := acme.Team("qa", "quinn").Under(acme.Team("engineering")).Grant(repo, "write")
	repo.Allow("alice", "write")
	repo.Allow("bob", "write")
	repo.Allow("bob", "admin")
	repo.Allow("carl", "read")
	repo.Allow("carl", "")
	repo.SetRules("main", sim.Rules{Approvals: 1, CodeOwners: true, Checks: []sim.RequiredCheck{{Name: "build"}, {Name: "test", App: 15368}}})
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(repo.Push(sim.Push{By: "alice", Branch: "main", Files: map[string]string{"docs/a.md": "a\n", "old.txt": "1\n2\n3\n4\n5\n", "x": "y\n"}}))
	ok(repo.Push(sim.Push{By: "alice", Branch: "release", Files: map[string]string{"v": "1\n"}}))
	ok(repo.Push(sim.Push{By: "alice", Branch: "feature", Message: "Work\n\nCo-authored-by: Dan <dan@example.com>", Author: "Nobody <no@body>",
		Files: map[string]string{"b c.go": "package a\n", "bin": "\x00\x01"}, Move: map[string]string{"old.txt": "new.txt"},
		Delete: []string{"x"}, Modes: map[string]string{"docs/a.md": "100755"}}))
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Title: "feat", Body: "Closes #12", Head: "feature"})
	ok(nil, err)
	pull.RequestReview("alice", "bob")
	pull.RequestReview("alice", "acme/qa")
	pull.UnrequestReview("alice", "bob")
	pull.Approve("bob", "ok").Edit("bob", "okay")
	pull.RequestChanges("quinn", "no").Dismiss("bob", "yes")
	pull.CommentReview("eve", "hm")
	cm := pull.Comment("quinn", "QA +1")
	cm.Edit("quinn", "QA -1")
	pull.Comment("mallory", "x").Delete("root")
	pull.AddLabel("alice", "bug")
	pull.AddLabel("alice", "keep")
	pull.RemoveLabel("alice", "bug")
	pull.SetTitle("alice", "feat: it")
	pull.SetBody("alice", "")
	ok(nil, pull.Retarget("alice", "release"))
	ok(nil, pull.Retarget("alice", "main"))
	pull.SetDraft("alice", true)
	pull.SetDraft("alice", false)
	pull.Close("alice")
	ok(nil, pull.Reopen("alice"))
	ok(repo.Push(sim.Push{By: "alice", Branch: "feature", Files: map[string]string{"more": "1\n"}}))
	ok(repo.Push(sim.Push{By: "alice", Branch: "feature", Parents: []string{"main"}, Files: map[string]string{"other": "1\n"}}))
	ok(repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"base": "1\n"}}))
	ok(pull.UpdateBranch("alice"))
	run, err := repo.StartRun(sim.NewRun{Name: "build", SHA: pull.Head(), Summary: "going"})
	ok(nil, err)
	ok(nil, run.Finish("failure"))
	repo.SetStatus("ci", pull.Head(), "ci/x", "pending", "wait")
	push := workflow(t, repo, sim.NewWorkflowRun{Workflow: ".github/workflows/ci.yml@main", Started: true,
		Uses: []string{".github/workflows/test.yml", "acme/ci/.github/workflows/go.yaml@v1"}})
	push.Leave("coverage", map[string][]byte{"cover.out": []byte("mode: set\n")})
	push.Finish("success")
	push.Rerun("bob")
	push.Start()
	push.Leave("coverage", map[string][]byte{"cover.out": []byte("mode: set\n")}).Expire()
	push.Finish("failure")
	workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Name: "CI", Job: "test"}).Start()
	fork := gh.User("eve").Fork(repo)
	ok(fork.Push(sim.Push{By: "eve", Branch: "patch", Files: map[string]string{"e": "e\n"}}))
	outside, err := repo.OpenPull(sim.NewPull{By: "eve", Head: "patch", From: fork, Draft: true})
	ok(nil, err)
	_, err = repo.StartRun(sim.NewRun{Name: "build", SHA: outside.Head(), Conclusion: "success"})
	ok(nil, err)
	held := workflow(t, repo, sim.NewWorkflowRun{Pull: outside, Name: "CI"})
	held.Finish("action_required")
	held.Start()
	held.Finish("cancelled")
	workflow(t, repo, sim.NewWorkflowRun{Pull: outside, Event: "pull_request_target"}).Finish("startup_failure")
	gone := gh.User("zoe").Fork(repo)
	ok(gone.Push(sim.Push{By: "zoe", Branch: "z", Files: map[string]string{"z": "z\n"}}))
	left, err := repo.OpenPull(sim.NewPull{By: "zoe", Head: "z", From: gone})
	ok(nil, err)
	workflow(t, repo, sim.NewWorkflowRun{Pull: left, Started: true})
	gone.Delete()
	ok(repo.Push(sim.Push{By: "alice", Branch: "second", Files: map[string]string{"s": "s\n"}}))
	second, err := repo.OpenPull(sim.NewPull{By: "alice", Head: "second"})
	ok(nil, err)
	queue(t, repo, second)
	repo.DeleteBranch("alice", "second")
	repo.RerequestSuite("alice", pull.Head())
	in.RemoveRepo(acme.Repo("other"))
	in.AddRepo(acme.Repo("other"))
	in.Suspend(true)
	in.Suspend(false)
	qa.Remove("quinn")
	acme.RemoveMember("quinn")
	acme.Repo("old").Rename("root", "renamed")
	acme.Repo("other").Archive(true)
	scan(t, gh, repo, pull)
	gh.Ping()
	gh.User("mallory").Delete()
	return repo, pull, in
}

// scan has GitHub find something of every kind.
func scan(t *testing.T, gh *sim.GitHub, repo *sim.Repo, pull *sim.Pull) {
	t.Helper()
	found := sim.CodeAlert{Rule: "go/sql", Text: "built from input", Path: "b c.go", Line: 1, Severity: "error", Level: "critical"}
	for _, s := range []sim.CodeScan{
		{Ref: "refs/heads/main", Alerts: []sim.CodeAlert{{Rule: "go/old", Text: "old", Path: "docs/a.md", Line: 1}}},
		{Ref: "refs/heads/main"},
		{Ref: fmt.Sprintf("refs/pull/%d/head", pull.Number), Alerts: []sim.CodeAlert{found}},
		{Ref: "refs/heads/release", Alerts: []sim.CodeAlert{found}},
	} {
		if err := repo.UploadCodeScan(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range []sim.SecretAlert{
		{Places: []sim.SecretPlace{{Commit: pull.Head(), Path: "b c.go"}, {Pull: pull}}},
		{Places: []sim.SecretPlace{{Comment: pull.Comment("bob", "x")}}},
	} {
		if _, err := repo.AddSecretAlert(a); err != nil {
			t.Fatal(err)
		}
	}
	repo.ResolveSecretAlert(2)
	if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"go.mod": "module m\n\nrequire a.b/c v1.0.0\n"}}); err != nil {
		t.Fatal(err)
	}
	gh.AddVulnerability(sim.Vulnerability{Ecosystem: "gomod", Package: "a.b/c", Version: "v1.0.0", Advisory: "GHSA-x"})
}

func TestWebhooksAreAsGitHubDescribesThem(t *testing.T) {
	c := start(t, sim.Options{Secret: "s3cret"})
	h := listen(t, c.gh, "s3cret")
	oracle.Watch(t, c.gh)
	_, pull, in := play(t, c)
	c.login(in)
	for _, d := range []string{"queued", "completed"} {
		body := map[string]any{"name": "Merge Requirements", "head_sha": pull.Head(), "status": d, "actions": []any{
			map[string]any{"label": "Recheck", "description": "Look again", "identifier": "recheck"}}}
		if d == "completed" {
			body["conclusion"] = "success"
		}
		a := c.must(201, "POST", "/repos/acme/shop/check-runs", body)
		id, _ := a.body["id"].(float64)
		c.gh.FindRun(int64(id)).Rerequest("bob")
		c.gh.FindRun(int64(id)).Act("bob", "recheck")
	}
	in.Uninstall()
	settle(t, c.gh)
	if len(h.bad) > 0 {
		t.Errorf("%d deliveries with a wrong signature", len(h.bad))
	}
	names := h.names()
	for _, want := range []string{"pull_request", "push", "pull_request_review", "issue_comment", "check_run", "check_suite", "status", "membership",
		"workflow_run", "team", "member", "installation", "installation_repositories", "repository", "organization", "merge_group", "ping", "label",
		"code_scanning_alert", "secret_scanning_alert", "dependabot_alert"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s was delivered", want)
		}
	}
}

func TestRESTIsAsGitHubDescribesIt(t *testing.T) {
	c := start(t, sim.Options{})
	listen(t, c.gh, "sim-webhook-secret")
	oracle.Watch(t, c.gh)
	askAll(t, c)
}

// askAll asks everything that REST answers.
func askAll(t *testing.T, c *client) {
	t.Helper()
	repo, pull, in := play(t, c)
	settle(t, c.gh)
	c.token = jwt(t, c.gh, goodClaims(c.gh))
	get := func(format string, v ...any) answer { return c.must(200, "GET", fmt.Sprintf(format, v...), nil) }
	get("/app")
	get("/app/installations?per_page=1")
	get("/app/installations/%d", in.ID)
	get("/repos/acme/shop/installation")
	get("/orgs/acme/installation")
	first := get("/app/hook/deliveries?per_page=5").list[0]
	id, _ := dig(first, "id").(float64)
	get("/app/hook/deliveries/%d", int64(id))
	c.must(202, "POST", fmt.Sprintf("/app/hook/deliveries/%d/attempts", int64(id)), nil)
	c.login(in)
	sha := pull.Head()
	get("/rate_limit")
	get("/installation/repositories")
	get("/repos/acme/shop")
	get("/orgs/acme/teams/qa")
	get("/orgs/acme/teams/engineering/members")
	c.must(404, "GET", "/orgs/acme/teams/qa/memberships/quinn", nil)
	get("/repos/acme/shop/pulls?state=all&per_page=2")
	get("/repos/acme/shop/pulls/%d", pull.Number)
	get("/repos/acme/shop/pulls/%d/files?per_page=100", pull.Number)
	get("/repos/acme/shop/pulls/%d/reviews", pull.Number)
	get("/repos/acme/shop/pulls/%d/commits", pull.Number)
	get("/repos/acme/shop/compare/%s...%s", repo.Branch("main"), sha)
	get("/repos/acme/shop/compare/main...feature?per_page=1&page=1")
	get("/repos/acme/shop/git/trees/%s?recursive=1", sha)
	blob, _ := get("/repos/acme/shop/contents/docs/a.md?ref=main").body["sha"].(string)
	get("/repos/acme/shop/git/blobs/%s", blob)
	if x, err := fetch(t, c.url+"/api/v3/repos/acme/shop/git/blobs/"+blob, "Authorization", "Bearer "+c.token, "Accept", "application/vnd.github.raw"); err != nil || string(x.body) != "a\n" {
		t.Errorf("a blob as it is: %q, %v", x.body, err)
	}
	get("/repos/acme/shop/contents/docs?ref=feature")
	get("/repos/acme/shop/commits?sha=feature&per_page=2")
	askActions(t, c)
	askAlerts(t, c, pull)
	get("/repos/acme/shop/commits/%s", sha)
	get("/repos/acme/shop/commits/%s/check-runs?filter=latest", sha)
	get("/repos/acme/shop/commits/%s/status", sha)
	get("/repos/acme/shop/collaborators/alice/permission")
	get("/repos/acme/shop/labels")
	get("/repos/acme/shop/labels/keep")
	c.must(201, "POST", "/repos/acme/shop/labels", map[string]any{"name": "Merge Requirements Met", "color": "0e8a16", "description": "all is met"})
	c.must(422, "POST", "/repos/acme/shop/labels", map[string]any{"name": "keep"})
	issue := fmt.Sprintf("/repos/acme/shop/issues/%d", pull.Number)
	c.must(200, "POST", issue+"/labels", []string{"Merge Requirements Met"})
	get("%s/labels", issue)
	c.must(200, "DELETE", issue+"/labels/"+url.PathEscape("Merge Requirements Met"), nil)
	c.must(404, "DELETE", issue+"/labels/keep2", nil)
	c.must(201, "POST", issue+"/comments", map[string]any{"body": "hello"})
	get("%s/comments", issue)
	c.must(201, "POST", "/repos/acme/shop/statuses/"+sha, map[string]any{"state": "success", "context": "x"})
	run := c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "R", "head_sha": sha, "status": "in_progress", "external_id": "e",
		"output": map[string]any{"title": "T", "summary": "S", "annotations": []any{map[string]any{"path": "a", "start_line": 1, "end_line": 1,
			"annotation_level": "warning", "message": "m"}}}})
	at := fmt.Sprintf("/repos/acme/shop/check-runs/%.0f", run.body["id"])
	get("%s", at)
	get("%s/annotations", at)
	c.must(200, "PATCH", at, map[string]any{"conclusion": "success", "status": "completed"})
}

// askActions asks everything that there is to ask of workflow runs.
func askActions(t *testing.T, c *client) {
	t.Helper()
	get := func(format string, v ...any) answer {
		return c.must(200, "GET", "/repos/acme/shop/actions"+fmt.Sprintf(format, v...), nil)
	}
	get("/runs?event=pull_request&status=in_progress&created=%s&per_page=5", url.QueryEscape(">=2026-01-01"))
	get("/runs?branch=main&exclude_pull_requests=true")
	run := dig(get("/runs?event=push").body, "workflow_runs", 0)
	id, _ := dig(run, "id").(float64)
	get("/runs/%.0f", id)
	all := get("/runs/%.0f/artifacts?name=coverage&per_page=10", id)
	for i, want := range []int{http.StatusGone, http.StatusFound} {
		artifact, _ := dig(all.body, "artifacts", i, "id").(float64)
		get("/artifacts/%.0f", artifact)
		c.must(want, "GET", fmt.Sprintf("/repos/acme/shop/actions/artifacts/%.0f/zip", artifact), nil)
	}
}

// askAlerts asks everything that there is to ask of GitHub's own alerts.
func askAlerts(t *testing.T, c *client, pull *sim.Pull) {
	t.Helper()
	repo := c.gh.Repo("acme/shop")
	c.gh.AddVulnerability(sim.Vulnerability{Ecosystem: "pip", Package: "paint", Version: "1.0", Severity: "high", Advisory: "GHSA-aaaa-bbbb-cccc", Summary: "peels"})
	if _, err := repo.Push(sim.Push{By: "alice", Branch: "deps", Files: map[string]string{"requirements.txt": "paint==1.0\n", "go.mod": "module x\n\nrequire a.b/c v1.2.3\n"}}); err != nil {
		t.Fatal(err)
	}
	get := func(want int, format string, v ...any) answer {
		return c.must(want, "GET", "/repos/acme/shop"+fmt.Sprintf(format, v...), nil)
	}
	for want, path := range map[string]string{
		"fixed go/old": "/code-scanning/alerts?ref=main",
		"open go/sql":  fmt.Sprintf("/code-scanning/alerts?ref=refs/pull/%d/head&state=open&per_page=100", pull.Number),
	} {
		one := get(200, "%s", path).list
		if len(one) != 1 || fmt.Sprint(dig(one[0], "state"), " ", dig(one[0], "rule", "id")) != want {
			t.Errorf("%s: %v", path, one)
		}
	}
	if n := len(get(200, "/code-scanning/analyses?ref=refs/heads/main&per_page=100").list); n != 2 {
		t.Errorf("%d analyses of main", n)
	}
	if n := len(get(200, "/dependency-graph/compare/main...deps").list); n != 3 {
		t.Errorf("%d packages come and go", n)
	}
	get(200, "/secret-scanning/alerts?state=open&hide_secret=true&per_page=100")
	get(200, "/secret-scanning/alerts/1/locations")
	get(404, "/secret-scanning/alerts/9/locations")
	for f, paths := range map[sim.Feature]map[string]int{
		sim.CodeScanning:    {"/code-scanning/alerts": 403, "/code-scanning/analyses": 403},
		sim.DependencyGraph: {"/dependency-graph/compare/main...deps": 403},
		sim.SecretScanning:  {"/secret-scanning/alerts": 404, "/secret-scanning/alerts/1/locations": 404},
	} {
		repo.SetFeature(f, false)
		for path, want := range paths {
			get(want, "%s", path)
		}
		repo.SetFeature(f, true)
	}
}

func TestGraphQLIsAsGitHubDescribesIt(t *testing.T) {
	c := start(t, sim.Options{})
	oracle.Watch(t, c.gh)
	repo, pull, in := play(t, c)
	c.login(in)
	vars := map[string]any{"owner": "acme", "name": "shop", "number": pull.Number, "policy": "main:docs/a.md", "codeowners": repo.Branch("main") + ":x"}
	data := c.query(verdictQuery(t), vars)
	id, _ := dig(data, "repository", "id").(string)
	pr, _ := dig(data, "repository", "pullRequest", "id").(string)
	all := c.query(everything, map[string]any{"sha": pull.Head(), "n": pull.Number, "id": pr, "repo": id})
	label, _ := dig(all, "repository", "label", "id").(string)
	made := c.query(`mutation($repo: ID!, $sha: GitObjectID!, $pr: ID!, $label: ID!) {
		off: removeLabelsFromLabelable(input: {labelableId: $pr, labelIds: [$label]}) { clientMutationId labelable { ... on PullRequest { labels(first: 5) { nodes { name } } } } }
		a: createCheckRun(input: {repositoryId: $repo, headSha: $sha, name: "A", status: IN_PROGRESS, externalId: "x", startedAt: "2026-01-02T03:04:05Z",
			output: {title: "t", summary: "s", annotations: [{path: "a", location: {startLine: 1, endLine: 2}, annotationLevel: FAILURE, message: "m"}]},
			actions: [{label: "Re", description: "d", identifier: "i"}]}) { checkRun { id databaseId status } }
		l: createLabel(input: {repositoryId: $repo, name: "New", color: "00ff00"}) { label { id name } }
		c: addComment(input: {subjectId: $pr, body: "hi"}) { commentEdge { node { id body } } }
		on: addLabelsToLabelable(input: {labelableId: $pr, labelIds: [$label]}) { labelable { __typename } }
	}`, map[string]any{"repo": id, "sha": pull.Head(), "pr": pr, "label": label})
	run, _ := dig(made, "a", "checkRun", "id").(string)
	done := c.query(`mutation($repo: ID!, $run: ID!) { updateCheckRun(input: {repositoryId: $repo, checkRunId: $run, conclusion: SUCCESS, status: COMPLETED})
		{ checkRun { conclusion completedAt } } }`, map[string]any{"repo": id, "run": run})
	if got := dig(done, "updateCheckRun", "checkRun", "conclusion"); got != "SUCCESS" {
		t.Errorf("conclusion is %v after the update", got)
	}
}

// everything asks for what the verdict's query does not.
const everything = `query($sha: GitObjectID!, $n: Int!, $id: ID!, $repo: ID!) {
  rateLimit { limit cost used remaining resetAt nodeCount }
  viewer { login }
  organization(login: "acme") { id login team(slug: "engineering") { id slug name databaseId combinedSlug
    members(first: 10, membership: ALL) { totalCount nodes { login databaseId } edges { role cursor } pageInfo { hasNextPage endCursor } } } }
  node(id: $id) { __typename id ... on PullRequest { number } }
  nodes(ids: [$id, $repo]) { __typename ... on Repository { name } ...P }
  repository(owner: "acme", name: "shop") {
    id name url isFork isDisabled owner { login __typename }
    defaultBranchRef { name target { oid } }
    label(name: "keep") { id name color description }
    labels(first: 10) { totalCount nodes { id name } edges { node { name } cursor } }
    ref(qualifiedName: "refs/heads/main") { name prefix target { oid ... on Commit { message } } }
    none: ref(qualifiedName: "refs/heads/none") { name }
    pull: object(expression: "refs/pull/1/head:b c.go") { ... on Blob { text } }
    tree: object(expression: "main:docs") { ... on Tree { entries { name mode type oid object { oid } } } }
    object(oid: $sha) { __typename oid ... on Commit { messageBody file(path: "docs/a.md") { mode oid type path }
      tree { oid }
      history(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { oid committedDate parents(first: 1) { totalCount nodes { oid } } } edges { cursor node { oid } } }
      associatedPullRequests(first: 10) { nodes { number state headRefOid baseRefName } }
      checkSuites(first: 10) { nodes { databaseId status conclusion workflowRun { id databaseId runNumber event url createdAt updatedAt workflow { id databaseId name state } checkSuite { id } } app { databaseId slug name } checkRuns(first: 50) { nodes { id name status conclusion title summary text permalink url isRequired(pullRequestNumber: $n) } } } }
      statusCheckRollup { state } } }
    collaborators(first: 10, query: "ali") { totalCount edges { permission node { login databaseId } } }
    alice: collaborators(first: 1, login: "alice") { edges { permission } }
    pullRequests(states: [OPEN], first: 2, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount pageInfo { hasNextPage endCursor } nodes { ...P } }
    pullRequest(number: $n) {
      mergeable mergeStateStatus potentialMergeCommit { oid parents(first: 2) { nodes { oid } } }
      url permalink mergedBy { login } mergeCommit { oid } closedAt headRef { target { oid } } repository { nameWithOwner }
      comments(first: 10) { totalCount nodes { id databaseId fullDatabaseId author { login } body createdAt lastEditedAt isMinimized authorAssociation } }
      baseRef { target { oid } }
      reviews(first: 10, states: [APPROVED]) { nodes { url databaseId createdAt } }
      commits(last: 1) { nodes { commit { abbreviatedOid statusCheckRollup { contexts(first: 5) { nodes { ... on CheckRun { id } ... on StatusContext { id } } } } } } }
    }
  }
}
fragment P on PullRequest { id number title updatedAt headRefOid baseRefName isDraft headRepository { databaseId } }`
