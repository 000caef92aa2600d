package checks_test

import (
	"fmt"
	"math/rand"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// coverages are sections that random policies have, each stricter than the one
// before it.
var coverages = []string{
	"coverage: {patch: {min: 50%, tolerate_lines: 2}, unmeasured: {new: warn}, self_declared: accept}\n",
	"coverage: {patch: {min: 50%, tolerate_lines: 2}, project: {min: 40%, max_drop: 5%}, unmeasured: {new: warn}, self_declared: accept}\n",
	"coverage: {patch: {min: 50%, tolerate_lines: 1}, project: {min: 40%, max_drop: 1%}, unmeasured: {new: warn}}\n",
	"coverage: {patch: {min: 90%}, project: {min: 80%, max_drop: 1%}, partial: miss, indirect: block}\n",
	"coverage: {patch: {min: 90%}, project: {min: 80%, max_drop: 0%}, partial: miss, indirect: block, unmeasured: {modified: block}, self_declared: refuse}\n",
}

// namedCoverage asks for reports of one workflow.
const namedCoverage = "coverage: {patch: {min: 50%}, reports: [{workflow: ci.yml}], wait: 14d}\n"

// coverageKeys are the keys of all that those sections ask for.
var coverageKeys = sync.OnceValue(func() []string {
	var keys []string
	for _, section := range append([]string{namedCoverage}, coverages...) {
		p := config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: "version: 1\n" + section}}, config.Defaults{})
		for _, s := range p.Need().Coverage {
			keys = append(keys, s.Key())
		}
	}
	return distinct(keys, func(s string) string { return s })
})

// measure gives a snapshot something that coverage reports say, which is the
// same whoever asks.
func measure(t *rapid.T, p *checks.Pull) {
	for i := range p.Files {
		p.Files[i].Additions = rapid.IntRange(0, 9).Draw(t, "additions")
	}
	c := checks.Coverage{
		Gathering: checks.Gathering{
			Read: true, Tested: p.Head.SHA, Resolved: 4, RunsCut: rapid.IntRange(0, 19).Draw(t, "runs cut") == 0,
			Unresolved: pick(t, []int{0, 0, 3, 3, 5}, "unresolved"), Odd: some(t, 3, "odd", func() string { return pick(t, paths, "odd path") }),
		},
		Total: totals(t), Base: &checks.BaseCoverage{Start: "base", Searched: 3, Commit: pick(t, []string{"base", "base", ""}, "base commit"), Total: totals(t)},
	}
	c.Odd = distinct(c.Odd, func(s string) string { return s })
	c.Runs = distinct(some(t, 3, "workflow runs", func() checks.WorkflowRun { return workflowRun(t, p) }), func(r checks.WorkflowRun) string { return fmt.Sprint(r.ID) })
	if rapid.IntRange(0, 2).Draw(t, "runs are fine") > 0 {
		c.Runs = []checks.WorkflowRun{fineRun(p, 1, "ci.yml"), fineRun(p, 2, "web.yml")}
	}
	for _, r := range c.Runs {
		c.Reports = append(c.Reports, some(t, 2, "reports", func() checks.Report {
			return checks.Report{Run: r.ID, Artifact: rapid.Int64Range(0, 3).Draw(t, "artifact"), Name: "coverage", Format: "LCOV",
				Files: pick(t, []int{3, 3, 3, 0}, "report files"), Problem: pick(t, []string{"", "", "", "", "", "", "", "", "LCOV, line 3: no number"}, "problem")}
		})...)
	}
	for _, f := range p.Files {
		c.Files = append(c.Files, fileCoverage(t, f.Path))
	}
	p.Coverage = map[string]checks.Coverage{}
	for _, key := range coverageKeys() {
		p.Coverage[key] = c
	}
}

// cover makes what reports say of a snapshot as good as can be.
func cover(t *rapid.T, p *checks.Pull) {
	for key, c := range p.Coverage {
		c.RunsCut, c.Unresolved, c.Base.Commit = false, 0, "base"
		c.Runs = []checks.WorkflowRun{fineRun(p, 9, "ci.yml")}
		c.Reports = []checks.Report{{Run: 9, Name: "coverage", Format: "LCOV", Files: 4}}
		c.Total, c.Base.Total = checks.Totals{All: 100, Hit: 95}, checks.Totals{All: 100, Hit: rapid.Int64Range(90, 100).Draw(t, "base hit")}
		files := c.Files
		c.Files = nil
		for _, f := range files {
			c.Files = append(c.Files, checks.FileCoverage{Path: f.Path, Measured: true, AtHead: f.AtHead, Added: 5, Hit: checks.Spans{{Start: 1, End: 5}}})
		}
		p.Coverage[key] = c
	}
}

func totals(t *rapid.T) checks.Totals {
	all := rapid.Int64Range(0, 200).Draw(t, "all")
	hit := rapid.Int64Range(all/2, all).Draw(t, "hit")
	return checks.Totals{All: all, Hit: hit, Partial: rapid.Int64Range(0, hit/4).Draw(t, "partial"), Statements: rapid.Bool().Draw(t, "statements")}
}

func fineRun(p *checks.Pull, id int64, file string) checks.WorkflowRun {
	return checks.WorkflowRun{ID: id, Path: ".github/workflows/" + file, SHA: p.Head.SHA, HeadRepo: p.Head.RepoID, Status: "completed", Conclusion: "success"}
}

func workflowRun(t *rapid.T, p *checks.Pull) checks.WorkflowRun {
	r := checks.WorkflowRun{
		ID: rapid.Int64Range(1, 5).Draw(t, "run id"), Number: rapid.IntRange(1, 3).Draw(t, "number"), SHA: pick(t, []string{p.Head.SHA, p.Head.SHA, p.Head.SHA, "old"}, "run sha"),
		Path: pick(t, []string{".github/workflows/ci.yml", ".github/workflows/web.yml"}, "workflow"), HeadRepo: pick(t, []int64{1, 1, 1, 2}, "head repository"),
		Status: pick(t, []string{"completed", "completed", "completed", "in_progress"}, "run status"),
	}
	if r.Status == "completed" {
		r.Conclusion = pick(t, []string{"success", "success", "success", "skipped", "failure", "action_required"}, "run conclusion")
	}
	return r
}

func fileCoverage(t *rapid.T, path string) checks.FileCoverage {
	f := checks.FileCoverage{Path: path, New: rapid.Bool().Draw(t, "new"), AtHead: rapid.Bool().Draw(t, "at head")}
	f.Unplaced = pick(t, []string{"", "", "", "its difference is too large to be shown"}, "unplaced")
	f.Added = rapid.IntRange(0, 12).Draw(t, "added")
	if f.Measured = rapid.IntRange(0, 3).Draw(t, "measured") > 0; !f.Measured {
		return f
	}
	for n := 1; n <= f.Added; n++ {
		switch rapid.IntRange(0, 6).Draw(t, "line") {
		case 0:
			f.Miss = f.Miss.Add(n)
		case 1:
			f.Partial = f.Partial.Add(n)
		case 2:
		default:
			f.Hit = f.Hit.Add(n)
		}
	}
	return f
}

// shuffledCoverage is the same in another order.
func shuffledCoverage(r *rand.Rand, in map[string]checks.Coverage) map[string]checks.Coverage {
	out := map[string]checks.Coverage{}
	for key, c := range in {
		c.Runs, c.Reports, c.Files, c.Odd = mixed(r, c.Runs), mixed(r, c.Reports), mixed(r, c.Files), mixed(r, c.Odd)
		out[key] = c
	}
	return out
}

func TestLawAStricterCoverageSectionNeverHelps(t *testing.T) {
	met := 0
	untilTried(t, &met, func(t *rapid.T) { met += stricterCoverage(t) })
	if met == 0 {
		t.Error("no coverage was ever met, so the law was not tried")
	}
}

// stricterCoverage returns 1 when the laxer section is met by measuring.
func stricterCoverage(t *rapid.T) int {
	pull := snapshot(t)
	at := rapid.IntRange(1, len(coverages)-1).Draw(t, "stricter")
	before, after := sectionState(t, coverages[at-1], pull), sectionState(t, coverages[at], pull)
	if after > before && !before.Passes() {
		t.Fatalf("with %sthe coverage is %s, with %s%s", coverages[at-1], before, coverages[at], after)
	}
	if before.Passes() && len(pull.Files) > 0 {
		return 1
	}
	return 0
}

func sectionState(t *rapid.T, section string, pull checks.Pull) checks.State {
	for _, r := range checks.Judge(policy(t, "version: 1\n"+section), pull).Results {
		if r.ID == "coverage" {
			return r.State
		}
	}
	t.Fatal("there is no coverage")
	return checks.Unmet
}
