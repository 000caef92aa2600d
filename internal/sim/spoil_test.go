package sim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// What the stand-in is held to must notice when it errs: one value of a wrong
// kind anywhere in a webhook, or in what is asked and answered over REST.
func TestOneValueOfAWrongKindIsNoticed(t *testing.T) {
	c := start(t, sim.Options{})
	listen(t, c.gh, "sim-webhook-secret")
	var mu sync.Mutex
	seen := map[string]sim.Exchange{}
	c.gh.OnExchange(func(x sim.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !x.Hook && !x.GraphQLRequest && strings.HasPrefix(x.AnswerHeader.Get("Content-Type"), "application/json"):
			seen[fmt.Sprintf("%s %s %d", x.Method, x.Path, x.Status)] = x
		case x.Event == "pull_request_review" && x.Action != "submitted": // of the others less is described
		case slices.Contains([]string{"pull_request", "pull_request_review", "issue_comment", "push"}, x.Event):
			seen[x.Event] = x
		case x.Event == "workflow_run":
			seen[x.Event+" "+x.Action] = x
		}
	})
	askAll(t, c)
	mu.Lock()
	defer mu.Unlock()
	spoilt := 0
	for name, x := range seen {
		check := func(at string, worse sim.Exchange) {
			if undescribed(name, at) {
				return
			}
			spoilt++
			if bad, err := oracle.Check(worse); err != nil || len(bad) == 0 {
				t.Errorf("%s passes with a wrong %s", name, at)
			}
		}
		spoil(t, x.Answer, func(at string, body []byte) {
			worse := x
			worse.Answer = body
			check("answer"+at, worse)
		})
		spoil(t, x.RequestBody, func(at string, body []byte) {
			worse := x
			worse.RequestBody = body
			check("request"+at, worse)
		})
	}
	if spoilt < 1000 {
		t.Errorf("only %d values were spoilt in %d exchanges", spoilt, len(seen))
	}
}

// undescribed tells the values of which GitHub's description says nothing.
func undescribed(exchange, at string) bool {
	switch {
	case strings.HasPrefix(exchange, "GET /app/hook/deliveries/"): // a delivery's body and headers may be anything
		return strings.HasPrefix(at, "answer/request/") || strings.HasPrefix(at, "answer/response/")
	case strings.HasSuffix(exchange, " 404"): // not every refusal has a described form
		return strings.Contains(exchange, "/memberships/")
	case strings.HasPrefix(exchange, "workflow_run ") && strings.HasSuffix(at, "/user_view_type"):
		return true
	case exchange == "pull_request_review" && strings.Contains(at, "/requested_teams/"):
		return true
	case exchange == "workflow_run in_progress":
		return at == "request/workflow_run/display_title"
	case strings.HasSuffix(exchange, " 422"):
		return at == "answer/status"
	}
	return strings.HasSuffix(at, "/permissions/merge_queues") || strings.HasSuffix(at, "/account/user_view_type")
}

// spoil puts a list in a list into the place of each value of a JSON document,
// one by one; of a list only into its first place. Of the many addresses in
// what GitHub tells, "url" stands for all that end so.
func spoil(t *testing.T, text []byte, each func(at string, spoilt []byte)) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(v any, at string)
	try := func(at string, set func(v any), was any) {
		set([]any{[]any{}})
		worse, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		each(at, worse)
		set(was)
		walk(was, at)
	}
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			for k, was := range v {
				if strings.HasSuffix(k, "_url") {
					continue
				}
				try(at+"/"+k, func(to any) { v[k] = to }, was)
			}
		case []any:
			if len(v) > 0 {
				try(at+"/0", func(to any) { v[0] = to }, v[0])
			}
		}
	}
	walk(root, "")
}
