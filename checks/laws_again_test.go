package checks_test

import (
	"encoding/json"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// answersAgain holds a policy to its answer: the same for a snapshot that was stored
// and read, and for one in another order, of which the same is wanted; and every
// result is explained, and handed to each.
func answersAgain(t *rapid.T, p checks.Policy, pull, mixed checks.Pull, each func(checks.Result)) checks.Verdict {
	t.Helper()
	first := checks.Judge(p, pull)
	stored, err := json.Marshal(pull)
	if err != nil {
		t.Fatal(err)
	}
	var again checks.Pull
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatal(err)
	}
	same(t, first, checks.Judge(p, again))
	same(t, first, checks.Judge(p, mixed))
	if a, b := encode(p.Wants(pull)), encode(p.Wants(mixed)); a != b {
		t.Fatalf("in another order it wants %s, not %s", b, a)
	}
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			explained(t, r)
			each(r)
			walk(r.Parts)
		}
	}
	walk(first.Results)
	return first
}
