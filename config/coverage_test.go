package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// coverageOf reads a policy of one section.
func coverageOf(t *testing.T, section string) *checks.CoverageRules {
	t.Helper()
	p := config.Policy([]checks.Source{repoFile("version: 1\n" + section)}, config.Defaults{})
	if p.Invalid() {
		t.Fatalf("%v", p.Problems)
	}
	for _, s := range p.Sections {
		if s.Name == "coverage" {
			return s.Checks[0].(*checks.CoverageRules)
		}
	}
	t.Fatalf("there is no section coverage in %q", section)
	return nil
}

func TestEveryKeyOfCoverageIsRead(t *testing.T) {
	percent := func(n int) *checks.Percent { p := checks.Percent(n); return &p }
	want := &checks.CoverageRules{
		Patch:   checks.PatchCoverage{Min: 9025, TolerateLines: 3},
		Project: &checks.ProjectCoverage{Min: percent(7950), MaxDrop: percent(50)},
		Reports: []checks.ReportRule{
			{Workflow: ".github/workflows/ci.yml", Artifacts: []checks.Glob{"coverage*"}, Files: []checks.Glob{"**/*.out"}, Checkout: "head"},
			{Workflow: "web.yaml", Checkout: "head"},
		},
		Ignore: []checks.Glob{"gen/**"}, Roots: []string{"services/shop"},
		Unmeasured: checks.Unmeasured{New: checks.Warns, Modified: checks.Blocks}, Indirect: checks.Blocks,
		Partial: checks.PartialMiss, SelfDeclared: checks.SelfDeclaredRefuse, Wait: checks.Duration(48 * time.Hour),
	}
	got := coverageOf(t, `coverage:
  patch: {min: 90.25%, tolerate_lines: 3}
  project: {min: 79.5%, max_drop: 0.5%}
  reports: [{workflow: .github/workflows/ci.yml, artifacts: ["coverage*"], files: ["**/*.out"], checkout: head}, {workflow: web.yaml, checkout: head}]
  ignore: ["gen/**"]
  roots: [services/shop]
  unmeasured: {new: warn, modified: block}
  indirect: block
  partial: miss
  self_declared: refuse
  wait: 2d
`)
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	// A key that this test does not set is one that it does not try.
	for i := range reflect.ValueOf(*got).NumField() {
		if reflect.ValueOf(*got).Field(i).IsZero() {
			t.Errorf("%s was not set", reflect.TypeOf(*got).Field(i).Name)
		}
	}
}

func TestCoverageHasItsDefaultsWhateverIsLeftOut(t *testing.T) {
	want := checks.NewCoverage()
	if want.Patch.Min != 8000 || want.Patch.TolerateLines != 0 || want.Project != nil || want.Wait != checks.Duration(time.Hour) {
		t.Errorf("the defaults are %+v", want)
	}
	for _, section := range []string{"coverage:\n", "coverage: {}\n", "coverage: {patch: {}}\n", "coverage: {unmeasured: {new: block}, indirect: warn}\n"} {
		if d := cmp.Diff(want, coverageOf(t, section)); d != "" {
			t.Errorf("%q: %s", section, d)
		}
	}
}

func TestMistakesInCoverageAreNamedWithPlaceAndWhatWasMeant(t *testing.T) {
	text := `version: 1
coverage:
  patch: {min: 80, tolerate_lines: -1}
  project: {}
  reports:
    - ci.yml
    - {artifacts: [x]}
    - {workflow: .github/workflows/ci.txt}
    - {workflow: a.yml}
    - {workflow: .github/workflows/a.yml}
    - {workflow: b.yml, checkout: head}
    - {workflow: c.yml, checkout: haed}
    - {workflow: ../ci.yml}
  ignore: ["**", "[", "**/*"]
  roots: [/src, .., a/../../b, "", .]
  unmeasured: {new: blok, old: warn}
  indirect: true
  partial: half
  self_declared: yes
  wait: 60
`
	want := []string{
		`3:16: "80" lacks its percent sign: write 80%.`,
		`3:36: "tolerate_lines" must be a whole number, 0 or more, in decimal digits, not "-1".`,
		`4:12: Nothing is asked of the project: set min, max_drop or both.`,
		`6:7: "reports" must be a mapping, not "ci.yml". Write it as {workflow: ci.yml}.`,
		`7:7: A producer of reports needs its workflow, for example .github/workflows/ci.yml.`,
		`8:18: ".github/workflows/ci.txt" is no workflow: write its file, for example .github/workflows/ci.yml.`,
		`10:18: ".github/workflows/a.yml" is listed twice.`,
		`11:35: All workflows must test the same commit, since the line numbers of the head and of its merge with the base differ.`,
		`12:35: "haed" is none of merge, head. Did you mean "head"?`,
		`13:18: "../ci.yml" is no workflow: write its file, for example .github/workflows/ci.yml.`,
		`14:12: "**" ignores every file, so that nothing is measured.`,
		`14:18: "[" is not a valid glob.`,
		`14:23: "**/*" ignores every file, so that nothing is measured.`,
		`15:11: "/src" is no directory of the repository: write one such as services/shop.`,
		`15:17: ".." is no directory of the repository: write one such as services/shop.`,
		`15:21: "a/../../b" is no directory of the repository: write one such as services/shop.`,
		`15:32: "" is no directory of the repository: write one such as services/shop.`,
		`15:36: "." is no directory of the repository: write one such as services/shop.`,
		`16:21: "blok" is none of block, warn. Did you mean "block"?`,
		`16:27: Unknown key "old". Known here: modified, new.`,
		`17:13: "true" is none of block, warn.`,
		`18:12: "half" is none of hit, miss.`,
		`19:18: "yes" is none of approved, accept, refuse.`,
		`20:9: "60" lacks its unit: write 60m, or h for hours, d for days.`,
	}
	var got []string
	for _, q := range config.Check("handrail.yml", text) {
		got = append(got, strings.TrimPrefix(q.String(), "handrail.yml:"))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPercentagesAndDurationsAreReadInOneWayOnly(t *testing.T) {
	for text, want := range map[string]checks.Percent{"0%": 0, "100%": 10000, "100.00%": 10000, "79.5%": 7950, "79.50%": 7950, "0.05%": 5, "7.01%": 701} {
		var p checks.Percent
		if err := p.UnmarshalText([]byte(text)); err != nil || p != want {
			t.Errorf("%s is %d, %v", text, p, err)
		}
	}
	for _, text := range []string{"", "%", "80", "101%", "100.01%", "999%", "1000%", "80 %", "+80%", "-1%", "080%", "80.%", ".5%", "80.123%", "8e1%", "80,5%", "80%%", "80%\n", "½%", "٨٠%"} {
		var p checks.Percent
		if p.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is read as %v", text, p)
		}
	}
	for text, want := range map[string]time.Duration{"1m": time.Minute, "60m": time.Hour, "24h": 24 * time.Hour, "14d": 14 * 24 * time.Hour, "9999d": 9999 * 24 * time.Hour} {
		var d checks.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "60", "m", "0m", "-1h", "1.5h", "1h30m", "60s", "60 m", "1w", "10000d", "06h", "1H"} {
		var d checks.Duration
		if d.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

func TestRepositoryAndFloorEachHaveTheirCoverage(t *testing.T) {
	p := config.Policy([]checks.Source{
		repoFile("version: 1\ncoverage: {patch: {min: 90%}}\n"),
		floorFile("version: 1\ncoverage: {patch: {min: 60%}, project: {min: 50%}}\n"),
	}, config.Defaults{})
	pull := ready()
	pull.Files, pull.FileCount = []checks.File{{Path: "a.go", Status: "modified", Additions: 1}}, 1
	w := p.Wants(pull)
	if len(w.Coverage) != 1 {
		t.Fatalf("both ask for the same reports, so one selection is wanted: %+v", w.Coverage)
	}
	run := checks.WorkflowRun{ID: 5, Path: ".github/workflows/ci.yml", SHA: "c1", HeadRepo: 1, Status: "completed", Conclusion: "success"}
	pull.Coverage = map[string]checks.Coverage{w.Coverage[0].Key(): {
		Gathering: checks.Gathering{
			Runs: []checks.WorkflowRun{run}, Read: true, Tested: "c1", Resolved: 1,
			Reports: []checks.Report{{Run: 5, Artifact: 6, Name: "coverage", Files: 1}},
		},
		Total: checks.Totals{All: 100, Hit: 40},
		Files: []checks.FileCoverage{{Path: "a.go", Measured: true, Added: 10, Hit: checks.Spans{{Start: 1, End: 7}}, Miss: checks.Spans{{Start: 8, End: 10}}}},
	}}
	states := map[string]checks.State{}
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			states[r.ID] = r.State
			walk(r.Parts)
		}
	}
	walk(checks.Judge(p, pull).Results)
	for id, want := range map[string]checks.State{"coverage/patch": checks.Unmet, "coverage/floor/patch": checks.Met, "coverage/floor/project": checks.Unmet, "coverage": checks.Unmet} {
		if got, ok := states[id]; !ok || got != want {
			t.Errorf("%s: %v, there: %v, in %v", id, got, ok, states)
		}
	}
	if !slices.ContainsFunc(p.Sections, func(s checks.Section) bool { return s.Name == "coverage" && len(s.Checks) == 2 }) {
		t.Error("one of the two is lost")
	}
}

func TestWhatWasProbablyMeantIsSaid(t *testing.T) {
	for section, want := range map[string]string{
		"coverage:\n  patch: {min: 90}\n":        "write 90%",
		"coverage:\n  patch: {min: 0.9}\n":       "write 90%, or 0.9% if so little is meant",
		"coverage:\n  patch: {min: 0.05}\n":      "write 5%, or 0.05% if so little is meant",
		"coverage:\n  patch: {min: 0.0}\n":       "write 0.0%",
		"coverage:\n  reports: [ci.yml]\n":       "Write it as {workflow: ci.yml}.",
		"coverage:\n  reports: [[ci.yml]]\n":     "must be a mapping, not a list",
		"coverage:\n  unmeasured: block\n":       "Write it as {new: block}.",
		"coverage:\n  project: {max_drop: -1}\n": "write one such as",
	} {
		var said []string
		for _, q := range config.Proposed(checks.PolicyPath, "version: 1\n"+section, nil) {
			said = append(said, q.String())
		}
		if len(said) != 1 || !strings.Contains(said[0], want) {
			t.Errorf("%q: says %q, want %q", section, said, want)
		}
	}
}
