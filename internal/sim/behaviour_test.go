package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

func TestWrongCredentialsAreTaken(t *testing.T) {
	c, _, _ := shop(t)
	other := sim.New(sim.Options{OwnKey: true})
	now := time.Now().Unix()
	claims := func(change map[string]any) map[string]any {
		all := goodClaims(c.gh)
		for k, v := range change {
			all[k] = v
		}
		return all
	}
	good := jwt(t, c.gh, goodClaims(c.gh))
	for name, token := range map[string]string{
		"another key":       jwt(t, other, claims(nil)),
		"another App":       jwt(t, c.gh, claims(map[string]any{"iss": "1"})),
		"expired":           jwt(t, c.gh, claims(map[string]any{"exp": now - 1})),
		"too long":          jwt(t, c.gh, claims(map[string]any{"exp": now + 700})),
		"no expiry":         jwt(t, c.gh, claims(map[string]any{"exp": 0})),
		"from the future":   jwt(t, c.gh, claims(map[string]any{"iat": now + 100})),
		"cut short":         good[:len(good)-10],
		"no JWT":            "ghs_123",
		"an installation's": c.token,
	} {
		x := &client{t: t, gh: c.gh, url: c.url, token: token}
		if a, err := x.do("GET", "/app", nil); err != nil || a.status != 401 {
			t.Errorf("%s: status %d, %v", name, a.status, err)
		}
	}
	app := &client{t: t, gh: c.gh, url: c.url, token: good}
	app.must(200, "GET", "/app", nil)
	app.must(403, "GET", "/repos/acme/shop", nil)
	(&client{t: t, gh: c.gh, url: c.url}).must(401, "GET", "/app", nil)
	c.must(200, "GET", "/repos/acme/shop", nil)
	c.gh.RevokeTokens()
	c.must(401, "GET", "/repos/acme/shop", nil)
}

func TestInstallationReachesBeyondItsRepositories(t *testing.T) {
	c, _, _ := shop(t)
	c.gh.Org("rival").Repo("secret")
	c.must(404, "GET", "/repos/rival/secret", nil)
	a := c.must(200, "POST", "/graphql", map[string]any{"query": `{ repository(owner: "rival", name: "secret") { id } }`})
	if dig(a.body, "errors", 0, "type") != "NOT_FOUND" || dig(a.body, "errors", 0, "path", 0) != "repository" {
		t.Errorf("answer is %v", a.body)
	}
}

func TestMissingPermissionIsNotNoticed(t *testing.T) {
	c, repo, pull := shop(t)
	c.gh.SetPermission("checks", "read")
	body := map[string]any{"name": "R", "head_sha": pull.Head()}
	if msg := c.must(403, "POST", "/repos/acme/shop/check-runs", body).body["message"]; msg != "Resource not accessible by integration" {
		t.Errorf("message %q", msg)
	}
	id, _ := dig(c.query(`{ repository(owner: "acme", name: "shop") { id } }`, nil), "repository", "id").(string)
	a := c.must(200, "POST", "/graphql", map[string]any{"query": `mutation($r: ID!, $s: GitObjectID!) {
		x: createCheckRun(input: {repositoryId: $r, headSha: $s, name: "R"}) { checkRun { id } }
		y: createLabel(input: {repositoryId: $r, name: "ok", color: "fff"}) { label { name } } }`, "variables": map[string]any{"r": id, "s": pull.Head()}})
	if dig(a.body, "errors", 0, "type") != "FORBIDDEN" || dig(a.body, "data", "x") != nil || dig(a.body, "data", "y", "label", "name") != "ok" {
		t.Errorf("one of two mutations may not: %v", a.body)
	}
	if runs := repo.Runs(pull.Head()); len(runs) != 0 {
		t.Errorf("%d runs were made without permission", len(runs))
	}
}

func TestCompletedRunIsReopened(t *testing.T) {
	c, _, pull := shop(t)
	oracle.Watch(t, c.gh)
	a := c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "R", "head_sha": pull.Head(), "status": "completed", "conclusion": "success"})
	at := fmt.Sprintf("/repos/acme/shop/check-runs/%.0f", a.body["id"])
	c.must(422, "PATCH", at, map[string]any{"status": "in_progress"})
	c.must(422, "PATCH", at, map[string]any{"status": "completed", "conclusion": "failure"})
	c.must(200, "PATCH", at, map[string]any{"output": map[string]any{"title": "t", "summary": "s"}})
	repo, _ := dig(c.query(`{ repository(owner: "acme", name: "shop") { id } }`, nil), "repository", "id").(string)
	g := c.must(200, "POST", "/graphql", map[string]any{"query": `mutation($r: ID!, $c: ID!) { updateCheckRun(input: {repositoryId: $r, checkRunId: $c, status: IN_PROGRESS}) { checkRun { id } } }`,
		"variables": map[string]any{"r": repo, "c": a.body["node_id"]}})
	if dig(g.body, "errors", 0, "type") != "UNPROCESSABLE" {
		t.Errorf("GraphQL answers %v", g.body)
	}
	if run, _ := pull.Run("R"); run.Status != "completed" || run.Conclusion != "success" || run.Summary != "s" {
		t.Errorf("run is %+v", run)
	}
}

func TestOversizedCheckRunIsTaken(t *testing.T) {
	c, _, pull := shop(t)
	long := func(n int) string { return strings.Repeat("x", n) }
	note := map[string]any{"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
	action := func(label, description, id string) map[string]any {
		return map[string]any{"label": label, "description": description, "identifier": id}
	}
	for name, part := range map[string]map[string]any{
		"summary":            {"output": map[string]any{"title": "t", "summary": long(65536)}},
		"text":               {"output": map[string]any{"title": "t", "summary": "s", "text": long(65536)}},
		"annotations":        {"output": map[string]any{"title": "t", "summary": "s", "annotations": slices.Repeat([]any{note}, 51)}},
		"actions":            {"actions": slices.Repeat([]any{action("a", "b", "c")}, 4)},
		"action label":       {"actions": []any{action(long(21), "b", "c")}},
		"action description": {"actions": []any{action("a", long(41), "c")}},
		"action identifier":  {"actions": []any{action("a", "b", long(21))}},
		"no conclusion":      {"status": "completed"},
	} {
		body := map[string]any{"name": name, "head_sha": pull.Head()}
		for k, v := range part {
			body[k] = v
		}
		c.must(422, "POST", "/repos/acme/shop/check-runs", body)
	}
	a := c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "R", "head_sha": pull.Head(),
		"output": map[string]any{"title": "t", "summary": long(65535), "annotations": slices.Repeat([]any{note}, 50)}})
	c.must(200, "PATCH", fmt.Sprintf("/repos/acme/shop/check-runs/%.0f", a.body["id"]), map[string]any{
		"output": map[string]any{"title": "t", "summary": "s", "annotations": slices.Repeat([]any{note}, 50)}})
	if run, _ := pull.Run("R"); run.Annotations != 100 {
		t.Errorf("%d annotations, want those of both requests", run.Annotations)
	}
}

// comments counts what the App wrote.
func comments(c *client, pull *sim.Pull) int {
	return len(c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/issues/%d/comments", pull.Number), nil).list)
}

func TestFailureHasTheWrongEffect(t *testing.T) {
	c, _, pull := shop(t)
	path := fmt.Sprintf("/repos/acme/shop/issues/%d/comments", pull.Number)
	want := 0
	for _, f := range []sim.Failure{sim.Status(500), sim.Status(502), sim.Status(401), sim.Cut(), sim.Hang(time.Millisecond), sim.Secondary(3 * time.Second)} {
		for _, after := range []bool{false, true} {
			do := f
			if after {
				do, want = f.After(), want+1
			}
			c.gh.Fail(sim.Fault{Times: 1, When: func(q sim.Request) bool { return q.Method == "POST" && q.Path == path }, Do: []sim.Failure{do}})
			a, err := c.do("POST", path, map[string]any{"body": "x"})
			if err == nil && a.status < 400 {
				t.Errorf("%v: status %d", do, a.status)
			}
			if a.status == 403 && a.header.Get("Retry-After") != "3" {
				t.Errorf("secondary limit without Retry-After: %v", a.header)
			}
			if got := comments(c, pull); got != want {
				t.Fatalf("%v: %d comments, want %d", do, got, want)
			}
		}
	}
	c.must(201, "POST", path, map[string]any{"body": "x"})
}

func TestPartialFailureSparesTheField(t *testing.T) {
	c, _, pull := shop(t)
	pull.Approve("bob")
	c.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{sim.Partial("reviews")}})
	q := map[string]any{"query": `query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) { title reviews(first: 5) { nodes { state } } } } }`,
		"variables": map[string]any{"n": pull.Number}}
	a := c.must(200, "POST", "/graphql", q)
	pr := dig(a.body, "data", "repository", "pullRequest")
	if dig(pr, "title") != "feat: a" || dig(pr, "reviews") != nil || dig(a.body, "errors", 0, "path", 2) != "reviews" {
		t.Errorf("answer is %v", a.body)
	}
	if a := c.must(200, "POST", "/graphql", q); a.body["errors"] != nil {
		t.Errorf("the failure stayed: %v", a.body)
	}
}

func TestUnknownFieldIsNull(t *testing.T) {
	c, _, _ := shop(t)
	a := c.must(200, "POST", "/graphql", map[string]any{"query": `{ repository(owner: "acme", name: "shop") { stargazerCount } }`})
	if got := dig(a.body, "errors", 0, "message"); got != "sim: field stargazerCount on Repository is not supported" || a.body["data"] != nil {
		t.Errorf("answer is %v", a.body)
	}
}

func TestBudgetIsNotKept(t *testing.T) {
	c, _, _ := shop(t)
	in := c.gh.Org("rival").Install() // another installation has a budget of its own
	first := c.must(200, "GET", "/repos/acme/shop", nil)
	second := c.must(200, "GET", "/repos/acme/shop", nil)
	if a, b := first.header.Get("X-RateLimit-Remaining"), second.header.Get("X-RateLimit-Remaining"); a <= b || second.header.Get("X-RateLimit-Resource") != "core" {
		t.Errorf("remaining %s, then %s", a, b)
	}
	id := c.gh.Requests()[len(c.gh.Requests())-1].Installation
	reset := time.Now().Add(time.Minute)
	c.gh.SetBudget(id, "core", 0, reset)
	a := c.must(403, "GET", "/repos/acme/shop", nil)
	if a.header.Get("X-RateLimit-Remaining") != "0" || a.header.Get("X-RateLimit-Reset") != fmt.Sprint(reset.Unix()) {
		t.Errorf("headers %v", a.header)
	}
	c.query(`{ viewer { login } }`, nil)
	c.gh.SetBudget(id, "graphql", 0, reset)
	g := c.must(200, "POST", "/graphql", map[string]any{"query": `{ viewer { login } }`})
	if dig(g.body, "errors", 0, "type") != "RATE_LIMITED" {
		t.Errorf("GraphQL answers %v", g.body)
	}
	if c.gh.Remaining(in.ID, "core") != 5000 {
		t.Error("another installation pays too")
	}
}

func TestCostIsNotByThePublishedFormula(t *testing.T) {
	c, _, pull := shop(t)
	data := c.query(verdictQuery(t), map[string]any{"owner": "acme", "name": "shop", "number": pull.Number, "policy": "main:x", "codeowners": "main:y"})
	// 311 requests and 2,720 nodes, of which verdict.graphql says 3 points.
	if cost, nodes := dig(data, "rateLimit", "cost"), dig(data, "rateLimit", "nodeCount"); cost != 3.0 || nodes != 2720.0 {
		t.Errorf("cost %v for %v nodes", cost, nodes)
	}
}

func TestGitHubsClockMovesTokens(t *testing.T) {
	c, _, pull := shop(t)
	c.gh.Advance(48 * time.Hour)
	a := c.must(200, "GET", "/repos/acme/shop", nil)
	when, err := time.Parse(time.RFC1123, a.header.Get("Date"))
	if err != nil || time.Until(when) < 47*time.Hour {
		t.Errorf("Date is %v: %v", a.header.Get("Date"), err)
	}
	pull.Approve("bob")
	data := c.query(`{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { reviews(first: 1) { nodes { submittedAt } } } } }`, nil)
	at, err := time.Parse(time.RFC3339, fmt.Sprint(dig(data, "repository", "pullRequest", "reviews", "nodes", 0, "submittedAt")))
	if err != nil || time.Until(at) < 47*time.Hour || at.Nanosecond() != 0 {
		t.Errorf("submitted at %v: %v", at, err)
	}
}

func TestMishapsLoseADeliveryForGood(t *testing.T) {
	c, repo, pull := shop(t)
	h := listen(t, c.gh, "sim-webhook-secret")
	c.gh.SetMishaps(sim.Mishaps{Lose: 1})
	pull.Comment("bob", "lost")
	settle(t, c.gh)
	if n := len(h.names()); n != 0 {
		t.Fatalf("%d deliveries arrived", n)
	}
	c.gh.SetMishaps(sim.Mishaps{})
	lost := c.gh.Deliveries()[0]
	if lost.Status != 0 || !c.gh.Redeliver(lost.ID) {
		t.Fatalf("lost delivery %+v cannot be had again", lost)
	}
	settle(t, c.gh)
	if got := h.names(); !slices.Equal(got, []string{"issue_comment"}) {
		t.Errorf("redelivered %v", got)
	}
	if all := c.gh.Deliveries(); all[1].GUID != lost.GUID || !all[1].Redelivery || all[1].Status != 202 {
		t.Errorf("redelivery is %+v", all[1])
	}
	c.gh.SetMishaps(sim.Mishaps{Double: 1, Reorder: 1, Delay: 0.5, MaxDelay: 20 * time.Millisecond})
	before := len(h.names())
	for i := range 20 {
		repo.SetStatus("ci", pull.Head(), fmt.Sprint(i), "success", "")
	}
	settle(t, c.gh)
	if n := len(h.names()) - before; n < 25 || n > 40 {
		t.Errorf("%d deliveries of 20 events, about half of them doubled", n)
	}
}

func TestForkRunsNameAPullRequest(t *testing.T) {
	c, repo, pull := shop(t)
	fork := c.gh.User("eve").Fork(repo)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "p", Files: map[string]string{"e": "e"}}); err != nil {
		t.Fatal(err)
	}
	outside, err := repo.OpenPull(sim.NewPull{By: "eve", Head: "p", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[*sim.Pull]int{pull: 1, outside: 0} {
		a := c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "R", "head_sha": p.Head()})
		if all, _ := a.body["pull_requests"].([]any); len(all) != want {
			t.Errorf("run names %d pull requests, want %d", len(all), want)
		}
	}
}

func TestChangesAreSeenOutOfOrder(t *testing.T) {
	c, _, pull := shop(t)
	var mu sync.Mutex
	var seen []string
	stop := c.gh.OnChange(func(x sim.Change) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, strings.TrimSpace(x.Kind+" "+x.Name))
	})
	pull.AddLabel("bob", "x")
	pull.RemoveLabel("bob", "x")
	c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "R", "head_sha": pull.Head()})
	stop()
	pull.AddLabel("bob", "x")
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"label_added x", "pull", "label_removed x", "pull", "check_run R"}; !slices.Equal(seen, want) {
		t.Errorf("seen %v, want %v", seen, want)
	}
}

func TestGhostHasAName(t *testing.T) {
	c, _, pull := shop(t)
	pull.Approve("bob")
	c.gh.User("bob").Delete()
	data := c.query(`{ repository(owner: "acme", name: "shop") { collaborators(first: 9) { nodes { login } }
		pullRequest(number: 1) { reviews(first: 1) { nodes { author { login } authorCanPushToRepository } } } } }`, nil)
	rv := dig(data, "repository", "pullRequest", "reviews", "nodes", 0)
	if dig(rv, "author") != nil || dig(rv, "authorCanPushToRepository") != false {
		t.Errorf("review is %v", rv)
	}
}

func TestBurstIsTooMuch(t *testing.T) {
	c, repo, _ := shop(t)
	h := listen(t, c.gh, "sim-webhook-secret")
	begun := time.Now()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 40 {
				branch := fmt.Sprintf("b%d-%d", w, i)
				if _, err := repo.Push(sim.Push{By: "alice", Branch: branch, Files: map[string]string{branch: "x\n"}}); err != nil {
					t.Error(err)
					return
				}
				p, err := repo.OpenPull(sim.NewPull{By: "alice", Head: branch})
				if err != nil {
					t.Error(err)
					return
				}
				c.query(verdictQuery(t), map[string]any{"owner": "acme", "name": "shop", "number": p.Number, "policy": "main:x", "codeowners": "main:y"})
				c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "R", "head_sha": p.Head()})
			}
		})
	}
	wg.Wait()
	settle(t, c.gh)
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("320 pull requests took %v", took)
	} else {
		t.Logf("320 pull requests, %d deliveries, %d requests in %v", len(h.names()), c.gh.Count(nil), took)
	}
}

func TestMergedPullRequestForgetsWhatItBrought(t *testing.T) {
	c, repo, pull := shop(t)
	if _, err := pull.Merge("bob"); err != nil {
		t.Fatal(err)
	}
	if pull.State() != "merged" {
		t.Fatalf("state is %s", pull.State())
	}
	repo.DeleteBranch("alice", "feature")
	repo.Rename("root", "store")
	data := c.query(`{ repository(owner: "acme", name: "shop") { nameWithOwner pullRequest(number: 1) { state changedFiles headRef { name } headRefOid
		commits(first: 9) { totalCount } mergeCommit { oid } } } }`, nil)
	pr := dig(data, "repository", "pullRequest")
	if dig(data, "repository", "nameWithOwner") != "acme/store" || dig(pr, "state") != "MERGED" || dig(pr, "changedFiles") != 1.0 ||
		dig(pr, "commits", "totalCount") != 1.0 || dig(pr, "headRef") != nil || dig(pr, "mergeCommit", "oid") != repo.Branch("main") {
		t.Errorf("answer is %v", data)
	}
}
