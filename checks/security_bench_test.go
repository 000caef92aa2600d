package checks

import (
	"fmt"
	"testing"
)

// bigScan adds to the big pull request a scan in which much is watched, and the
// review of it.
func bigScan() (*scene, Policy) {
	s, r := bigPull()
	policy := bigPolicy(s, r)
	rules := NewSecurity()
	rules.UseRoles(demoRoles())
	rules.Watch.Files = []Glob{"src/core/**", "billing/**"}
	rules.SARIF = &SARIFRules{Reports: []ReportRule{{Workflow: "scan.yml"}}}
	run := workflow(1, "scan.yml=success")
	run.SHA = s.Head.SHA
	scan := Scan{Engine: "e1", Whole: &PatchScan{Files: 100, Lines: 4000}, Scanned: len(s.Commits), SARIF: &Findings{
		Gathering: Gathering{Runs: []WorkflowRun{run}, Read: true, Tested: s.Head.SHA, Reports: []Report{{Run: 1, Name: "sarif", Format: "SARIF"}}},
		Old:       200, Against: "ba5e", Tools: []ToolRun{{Tool: "gosec"}},
	}}
	for i := range 60 {
		scan.Whole.Watched = append(scan.Whole.Watched, Spot{Path: s.Files[i].Path, Line: i + 1, Kind: "function", What: "exec.Command"})
		scan.SARIF.New = append(scan.SARIF.New, Finding{ID: fmt.Sprint("f-", i), Tool: "gosec", Rule: "G101", Text: "It is bad", Path: s.Files[i].Path, Line: 1, Severity: 50, Rated: true, AtHead: true})
	}
	for _, kind := range alertKinds {
		scan.Alerts = append(scan.Alerts, Alerts{Kind: kind, Missing: "this App may not read them"})
	}
	s.Scans = map[string]Scan{rules.scanning().Key(): scan}
	s.team("acme/infosec", "sue").can("sue", "write").said("sue", "security +1")
	policy.Sections = append(policy.Sections, Section{Name: "security", Checks: []Check{rules}})
	return s, policy
}

func BenchmarkJudgeAndPlanWithAScan(b *testing.B) {
	s, policy := bigScan()
	if v := Judge(policy, s.Pull); v.State != Met || len(Plan(v, s.Pull)) != 6 {
		b.Fatalf("%s, %v", v.State, kinds(Plan(v, s.Pull)))
	}
	b.ReportAllocs()
	for b.Loop() {
		Plan(Judge(policy, s.Pull), s.Pull)
	}
}
