package checks

import (
	"strings"
	"testing"
)

// left is an open run of handrail's that nothing asks for any more.
func left(name string, id int64) Run {
	return Run{ID: name, DatabaseID: id, Name: name, AppID: 99, Status: "in_progress", ExternalID: "hr1-x", Started: noon}
}

var bothKinds = []Run{left("handrail/gone", 1), left(RunRelease, 2), left(RunStagePrefix+"production", 3)}

func TestAPullRequestsPlanLeavesTheRunsOfAReleaseOnItsCommitAlone(t *testing.T) {
	pull := openPull()
	pull.Runs = bothKinds
	group := Group{At: noon, Repo: pull.Repo, Head: pull.Head.SHA, AppID: 99, Runs: bothKinds}
	policy := sections(Met)
	invalid := policy
	invalid.Problems = []Problem{{Message: "no"}}
	for name, plan := range map[string][]Action{
		"judged": Plan(Judge(policy, pull), pull), "invalid": Plan(Judge(invalid, pull), pull),
		"group": PlanGroup(JudgeGroup(group, nil), group), "failure": PlanFailure(pull, "why", 1),
	} {
		for _, a := range plan {
			if a.Run.Name == RunRelease || strings.HasPrefix(a.Run.Name, RunStagePrefix) || a.RunID == RunRelease {
				t.Errorf("%s: %s %s", name, a.Kind, a.Run.Name)
			}
		}
		if len(plan) == 0 {
			t.Errorf("%s plans nothing", name)
		}
	}
}

func TestAReleasesRunsAreNotRequiredOfAPullRequest(t *testing.T) {
	for name, own := range map[string]bool{
		RunRelease: true, RunStagePrefix + "production": true, RunMerge: true, "handrail/review": true,
		"Release Requirements (staging)": false, "release/production": false,
	} {
		s := Status{Require: []RequiredCheck{{Name: name}}, BranchRules: true}
		if faults := s.Faults(); own != (len(faults) == 1 && strings.Contains(faults[0].Message, "handrail's own")) {
			t.Errorf("require %q: %+v", name, faults)
		}
		pull := openPull()
		pull.BranchRequires = []Required{{Name: name}}
		if r := NewStatus().Eval(pull); own != (r.State == Exempt) {
			t.Errorf("the branch requires %q: %s", name, r.State)
		}
	}
}
