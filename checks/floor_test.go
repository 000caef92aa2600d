package checks_test

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// heldTo is a policy of a repository and of a floor that asks for two people.
func heldTo(own string) checks.Policy {
	return config.Policy([]checks.Source{
		{Repo: "acme/shop", Path: checks.PolicyPath, Text: "version: 1\n" + own},
		{Repo: "acme/.github", Path: checks.FloorPath, Floor: true, Text: "version: 1\nreview: {sign_offs: [{name: Two, role: reviewer, count: 2}]}\ncompliance: {labels: {forbid: [hold]}}\n"},
	}, config.Defaults{})
}

func TestOnlyWhatMendsAPolicyThatIsTooWeakIsJudgedByTheRestOfIt(t *testing.T) {
	const weak, wrong = "review: {sign_offs: [{name: Two, role: reviewer, count: 1}]}\ncompliance: {labels: {require: [ready]}}\n", "nonsense: 1\n"
	fine, bad := &checks.ProposedPolicy{Path: checks.PolicyPath}, &checks.ProposedPolicy{Path: checks.PolicyPath, Problems: []checks.Problem{{Message: "x"}}}
	warned := &checks.ProposedPolicy{Path: checks.PolicyPath, Problems: []checks.Problem{{Message: "x", Warning: true}}}
	for name, c := range map[string]struct {
		own      string
		proposed *checks.ProposedPolicy
		invalid  bool
	}{
		"no policy is brought": {weak, nil, true}, "one that is no better": {weak, bad, true}, "one that mends it": {weak, fine, false},
		"one that is warned of": {weak, warned, false}, "the policy is wrong besides": {weak + wrong, fine, true}, "the policy is wrong": {wrong, fine, true},
		"it takes the policy away": {weak, &checks.ProposedPolicy{Path: checks.PolicyPath, Removed: true}, false},
	} {
		p := checks.Pull{FilesRead: true, Proposed: c.proposed, Labels: []string{"hold"}, Author: checks.Actor{Login: "ann"}}
		v := checks.Judge(heldTo(c.own), p)
		ids := map[string]checks.State{}
		var walk func(results []checks.Result)
		walk = func(results []checks.Result) {
			for _, r := range results {
				ids[r.ID] = r.State
				walk(r.Parts)
			}
		}
		walk(v.Results)
		_, rest := ids["compliance/labels"]
		floor, judged := ids["compliance/floor/labels"]
		if v.Invalid != c.invalid || v.State.Passes() || rest == c.invalid || !judged || floor != checks.Unmet {
			t.Errorf("%s: invalid %v, %s; the floor is judged: %v (%s), the rest: %v", name, v.Invalid, v.State, judged, floor, rest)
		}
		for _, o := range checks.Render(v) {
			if c.invalid && o.Name != checks.RunMerge {
				t.Errorf("%s: a run %s of an invalid policy", name, o.Name)
			}
		}
	}
}
