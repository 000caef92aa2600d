package oracle_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// record makes a few webhooks and returns them as they passed.
func record(t *testing.T) []sim.Exchange {
	t.Helper()
	gh := sim.New(sim.Options{})
	_, stop, err := gh.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	gh.SetHook(srv.URL)
	var mu sync.Mutex
	var all []sim.Exchange
	gh.OnExchange(func(x sim.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, x)
	})
	repo := gh.Org("acme").Repo("shop")
	gh.Org("acme").Install()
	if _, err := repo.Push(sim.Push{By: "alice", Branch: "b", Files: map[string]string{"a": "a\n"}}); err != nil {
		t.Fatal(err)
	}
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Head: "b"})
	if err != nil {
		t.Fatal(err)
	}
	pull.Approve("bob")
	pull.Comment("bob", "x")
	if err := gh.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	return all
}

// The watchman himself: what is right passes, and each required field of each
// webhook that goes missing is noticed.
func TestOracleMissesNoMissingField(t *testing.T) {
	for _, x := range record(t) {
		if bad, err := oracle.Check(x); err != nil || len(bad) > 0 {
			t.Fatalf("%s: %v %v", x.Event, bad, err)
		}
		for _, name := range []string{"repository", "pull_request", "review", "comment", "issue", "check_suite", "head_commit", "pusher"} {
			var body map[string]any
			if err := json.Unmarshal(x.RequestBody, &body); err != nil {
				t.Fatal(err)
			}
			if body[name] == nil {
				continue
			}
			delete(body, name)
			worse := x
			worse.RequestBody, _ = json.Marshal(body)
			if bad, _ := oracle.Check(worse); len(bad) == 0 {
				t.Errorf("%s without %s passes", x.Event, name)
			}
		}
	}
}

func TestOracleRefusesWhatGitHubDoesNotDescribe(t *testing.T) {
	inJSON := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	graph := func(query, answer string) sim.Exchange {
		body, err := json.Marshal(map[string]any{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		return sim.Exchange{Method: "POST", Path: "/graphql", GraphQLRequest: true, RequestBody: body, Status: 200, Answer: []byte(answer)}
	}
	post := func(path, body string) sim.Exchange {
		return sim.Exchange{Method: "POST", Path: path, RequestBody: []byte(body), Status: 404, AnswerHeader: inJSON, Answer: []byte(`{"message":"Not Found"}`)}
	}
	get := func(path, query string, status int, answer string) sim.Exchange {
		return sim.Exchange{Method: "GET", Path: path, Query: query, Status: status, AnswerHeader: inJSON, Answer: []byte(answer)}
	}
	for name, c := range map[string]struct {
		x    sim.Exchange
		want string // "" passes
	}{
		"a field GitHub does not have": {graph(`{ viewer { shoeSize } }`, `{"data":null}`), "shoeSize"},
		"an answer as typed":           {graph(`{ viewer { login databaseId } }`, `{"data":{"viewer":{"login":"a","databaseId":1}}}`), ""},
		"null where it may not be":     {graph(`{ viewer { login } }`, `{"data":{"viewer":{"login":null}}}`), "is null"},
		"a number for a string":        {graph(`{ viewer { login } }`, `{"data":{"viewer":{"login":3}}}`), "no String"},
		"a field nobody asked for":     {graph(`{ viewer { login } }`, `{"data":{"viewer":{"login":"a","x":1}}}`), "not asked for"},
		"an enum's unknown value": {graph(`{ repository(owner:"a",name:"b") { pullRequest(number:1) { state } } }`,
			`{"data":{"repository":{"pullRequest":{"state":"AJAR"}}}}`), "AJAR"},
		"a path GitHub does not have":     {post("/repos/a/b/wishes", `{}`), "no such path"},
		"a method GitHub does not have":   {post("/rate_limit", `{}`), "no such path"},
		"a check-run as described":        {post("/repos/a/b/check-runs", `{"name":"x","head_sha":"s","status":"queued"}`), ""},
		"a check-run without its commit":  {post("/repos/a/b/check-runs", `{"name":"x","status":"queued"}`), `"head_sha" is missing`},
		"a check-run in an unknown state": {post("/repos/a/b/check-runs", `{"name":"x","head_sha":"s","status":"asleep"}`), "asleep"},
		"a check-run of a moment that is none": {post("/repos/a/b/check-runs", `{"name":"x","head_sha":"s","started_at":"noon"}`),
			"/started_at"},
		"a check-run with a button too many": {post("/repos/a/b/check-runs", `{"name":"x","head_sha":"s","actions":[`+
			strings.Repeat(`{"label":"l","description":"d","identifier":"i"},`, 3)+`{"label":"l","description":"d","identifier":"i"}]}`), "/actions"},
		"a body that is no JSON":       {post("/repos/a/b/check-runs", `{"name"`), "request"},
		"labels as an object":          {post("/repos/a/b/issues/1/labels", `{"labels":["x"]}`), ""},
		"labels as a bare array":       {post("/repos/a/b/issues/1/labels", `["x"]`), ""},
		"labels that are numbers":      {post("/repos/a/b/issues/1/labels", `[1]`), "request"},
		"a query as described":         {get("/repos/a/b/pulls", "state=all&per_page=2", 200, `[]`), ""},
		"a query GitHub does not take": {get("/repos/a/b/pulls", "colour=red", 200, `[]`), "colour"},
		"a query's unknown value":      {get("/repos/a/b/pulls", "state=ajar", 200, `[]`), "state"},
		"a query's word for a number":  {get("/repos/a/b/pulls", "per_page=many", 200, `[]`), "per_page"},
		"a range of dates":             {get("/repos/a/b/actions/runs", "created=%3E%3D2026-01-01", 404, `{"message":"x"}`), ""},
		"runs in an unknown state":     {get("/repos/a/b/actions/runs", "status=asleep", 404, `{"message":"x"}`), "asleep"},
		"a download that leads somewhere": {sim.Exchange{Method: "GET", Path: "/repos/a/b/actions/artifacts/1/zip", Status: 302,
			AnswerHeader: http.Header{"Location": {"https://x/y"}}}, ""},
		"an artifact that is gone":        {get("/repos/a/b/actions/artifacts/1/zip", "", 410, `{"message":"x"}`), ""},
		"an artifact without a name":      {get("/repos/a/b/actions/artifacts/1", "", 200, `{"id":1}`), `"name" is missing`},
		"a number in the path that is no": {get("/repos/a/b/pulls/one", "", 404, `{"message":"x"}`), "pull_number"},
		"contents of a path with slashes": {get("/repos/a/b/contents/x/y/z", "ref=main", 404, `{"message":"x"}`), ""},
		"contents as they are": {sim.Exchange{Method: "GET", Path: "/repos/a/b/contents/x", Status: 200,
			AnswerHeader: http.Header{"Content-Type": {"application/vnd.github.raw+json; charset=utf-8"}}, Answer: []byte("x\n")}, ""},
		"an answer of an undescribed media type": {sim.Exchange{Method: "GET", Path: "/repos/a/b/pulls", Status: 200,
			AnswerHeader: http.Header{"Content-Type": {"text/html"}}, Answer: []byte(`[]`)}, "text/html"},
		"commits of refs with slashes": {get("/repos/a/b/compare/x/y...z", "", 404, `{"message":"x"}`), ""},
		"an answer of the wrong kind":  {get("/repos/a/b/pulls", "", 200, `{}`), "array"},
		"an answer that is no JSON":    {get("/repos/a/b/pulls", "", 200, `oops`), "answer"},
		"an answer without what it must have": {get("/repos/a/b/labels/x", "", 200,
			`{"id":1,"node_id":"n","url":"https://x/y","name":"x","color":"ff0000","default":false}`), `"description" is missing`},
		"an answer's address that is none": {get("/repos/a/b/labels/x", "", 200,
			`{"id":1,"node_id":"n","url":"nowhere","name":"x","description":null,"color":"ff0000","default":false}`), "no uri"},
		"an answer's null where it may not be": {get("/repos/a/b/labels/x", "", 200,
			`{"id":null,"node_id":"n","url":"https://x/y","name":"x","description":null,"color":"ff0000","default":false}`), "/id"},
		"a status GitHub does not give":    {get("/repos/a/b/pulls", "", 206, `[]`), "status"},
		"a refusal in no form of GitHub's": {get("/repos/a/b/pulls", "", 403, `["no"]`), "object"},
		"a webhook GitHub does not send":   {sim.Exchange{Hook: true, Event: "pull_request", Action: "sneezed", RequestBody: []byte(`{}`)}, "not described"},
		"a wrong answer under an injected fault": {sim.Exchange{Method: "GET", Path: "/app", Status: 502, Fault: "status 502",
			Answer: []byte(`bad gateway`)}, ""},
	} {
		bad, err := oracle.Check(c.x)
		if err != nil {
			t.Fatalf("%v: run make tools", err)
		}
		got := strings.Join(bad, "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: oracle says %q, want %q", name, got, c.want)
		}
	}
}
