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
	graph := func(query, answer string) sim.Exchange {
		body, err := json.Marshal(map[string]any{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		return sim.Exchange{Method: "POST", Path: "/graphql", GraphQLRequest: true, RequestBody: body, Status: 200, Answer: []byte(answer)}
	}
	post := func(path, body string) sim.Exchange {
		return sim.Exchange{Method: "POST", Path: path, RequestBody: []byte(body), Status: 404, Answer: []byte(`{"message":"Not Found"}`)}
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
		"a check-run as described":        {post("/repos/a/b/check-runs", `{"name":"x","head_sha":"s","status":"queued"}`), ""},
		"a check-run without its commit":  {post("/repos/a/b/check-runs", `{"name":"x","status":"queued"}`), "head_sha is missing"},
		"a check-run in an unknown state": {post("/repos/a/b/check-runs", `{"name":"x","head_sha":"s","status":"asleep"}`), "asleep"},
		"labels as a bare array":          {post("/repos/a/b/issues/1/labels", `["x"]`), ""},
		"a query GitHub does not take":    {sim.Exchange{Method: "GET", Path: "/repos/a/b/pulls", Query: "colour=red", Status: 404, Answer: []byte(`{}`)}, "colour"},
		"contents of a path with slashes": {sim.Exchange{Method: "GET", Path: "/repos/a/b/contents/x/y/z", Query: "ref=main", Status: 404, Answer: []byte(`{"message":"x"}`)}, ""},
		"a webhook GitHub does not send":  {sim.Exchange{Hook: true, Event: "pull_request", Action: "sneezed", RequestBody: []byte(`{}`)}, "not described"},
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
