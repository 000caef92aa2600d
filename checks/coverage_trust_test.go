package checks

import (
	"fmt"
	"strings"
	"testing"
)

// forked makes the pull request one from a fork.
func (m *measured) forked() *measured {
	m.Head.RepoID, m.cov.Runs[0].HeadRepo = 2, 2
	return m
}

// changes adds a changed file.
func (m *measured) changes(file, previous string) *measured {
	return m.changed(append(m.Files, File{Path: file, Previous: previous, Status: "modified"})...)
}

func TestAReportIsTrustedUnlessThePullRequestMayHaveMadeIt(t *testing.T) {
	for _, file := range []string{
		".github/workflows/ci.yml", ".github/workflows/called.yml", ".github/actions/test/run.sh", "ci/act/action.yml", "action.yaml", ".github/handrail.yml",
		"codecov.yml", ".codecov.yml", ".coveragerc", "pkg/.nycrc.json", ".nycrc", "nyc.config.js", "jest.config.ts", "web/vitest.config.mts", "vite.config.js", ".simplecov",
		"setup.cfg", "tox.ini", "pyproject.toml", "pom.xml", "Makefile", "src/CMakeLists.txt", "Shop.csproj", "Taskfile.yaml", "build.gradle", "build.gradle.kts", "Package.json", "phpunit.xml.dist", "x.runsettings",
	} {
		m := newMeasured().changes(file, "")
		m.cov.Runs[0].Uses = []string{".github/workflows/called.yml"}
		wantCoverage(t, file, m.judged(t), Waiting, "The reports are self-declared, since this pull request changes "+file+", which has a say in how they are made: they count once somebody with write access who did not work on this change has approved c1 itself.", "anyone with write access")
		moved := newMeasured().changes("elsewhere.txt", file)
		moved.cov.Runs[0].Uses = []string{".github/workflows/called.yml"}
		wantCoverage(t, file+" moved away", moved.judged(t), Waiting, "this pull request changes "+file)
	}
	for _, file := range []string{"src/myjest.config.js", "jest.config", ".github/workflows/lint.yml", "docs/codecov.yml.md", "nycrc", ".github/handrail.yml.bak", "actions/x.go"} {
		wantCoverage(t, file, newMeasured().changes(file, "").judged(t), Met)
	}
	m := newMeasured().forked()
	wantCoverage(t, "a fork", m.judged(t), Waiting, "since ci.yml ran for a fork:")
	m = newMeasured()
	m.Head.RepoID, m.cov.Runs[0].HeadRepo = 0, 0
	wantCoverage(t, "a fork that is gone", m.judged(t), Waiting, "since ci.yml ran for a fork:")
	m = newMeasured().changes(".github/workflows/lint.yml", "")
	m.rules.Reports = nil
	m.cov.Runs = append(m.cov.Runs, workflow(2, "lint.yml=success"))
	wantCoverage(t, "a workflow that left no report", m.judged(t), Met)
}

func TestSelfDeclaredReportsCountOnceSomebodyElseHasApprovedTheHead(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*measured)
		state  State
		said   string
	}{
		"approved":              {func(m *measured) { m.approved("bob") }, Met, "they count, since bob approved c1."},
		"by two":                {func(m *measured) { m.approved("bob").approved("Al") }, Met, "since Al and bob approved c1."},
		"by the author":         {func(m *measured) { m.approved("ann") }, Waiting, "has approved c1 itself"},
		"by a contributor":      {func(m *measured) { m.push("c1", "bob").approved("bob") }, Waiting, "has approved c1 itself"},
		"without write access":  {func(m *measured) { m.can("bob", "triage").approved("bob") }, Waiting, "has approved c1 itself"},
		"of unknown access":     {func(m *measured) { m.can("bob", "").approved("bob") }, Waiting, "has approved c1 itself"},
		"by an App":             {func(m *measured) { m.approved("helper[bot]") }, Waiting, "has approved c1 itself"},
		"by a deleted account":  {func(m *measured) { m.approved("") }, Waiting, "has approved c1 itself"},
		"of an older commit":    {func(m *measured) { m.approved("bob"); m.Reviews[0].Commit = "c0" }, Waiting, "has approved c1 itself"},
		"of an unknown commit":  {func(m *measured) { m.approved("bob"); m.Reviews[0].Commit = "" }, Waiting, "has approved c1 itself"},
		"dismissed":             {func(m *measured) { m.review("bob", "DISMISSED", "") }, Waiting, "has approved c1 itself"},
		"then blocked":          {func(m *measured) { m.approved("bob").blocked("bob") }, Waiting, "has approved c1 itself"},
		"then commented":        {func(m *measured) { m.approved("bob").review("bob", "COMMENTED", "fine") }, Met, "since bob approved"},
		"in a comment":          {func(m *measured) { m.said("bob", "+1") }, Waiting, "has approved c1 itself"},
		"commits are cut":       {func(m *measured) { m.approved("bob"); m.CommitCount = 300 }, Unmet, "commits, so who wrote the others is not known"},
		"refused":               {func(m *measured) { m.approved("bob"); m.rules.SelfDeclared = SelfDeclaredRefuse }, Unmet, "the policy accepts none such"},
		"accepted":              {func(m *measured) { m.rules.SelfDeclared = SelfDeclaredAccept }, Met, "the policy accepts that"},
		"settings left out":     {func(m *measured) { m.rules.SelfDeclared = "" }, Waiting, "has approved c1 itself"},
		"approved, not covered": {func(m *measured) { m.approved("bob"); m.cov.Files[0] = fileOf("src/a.go", "", "", "1-10") }, Unmet, "0 % of the 10 added lines"},
	} {
		m := newMeasured().forked()
		c.change(m)
		r := m.judged(t)
		wantCoverage(t, name, r, c.state, c.said)
		if p := part(r, "coverage/patch"); p.ID == "" {
			t.Errorf("%s: nothing is said of the patch", name)
		}
		counts := strings.Contains(allText(r), "they count, since")
		if proven := strings.Contains(fmt.Sprint(r.Evidence), "approved the self-declared reports"); proven != counts {
			t.Errorf("%s: evidence %v", name, r.Evidence)
		}
	}
}

func TestWhoApprovedIsAskedForOnlyWhereItMatters(t *testing.T) {
	m := newMeasured().forked()
	m.approved("bob").approved("ann").approved("helper[bot]")
	delete(m.People, "bob")
	if w := m.rules.Wants(m.pull()); fmt.Sprint(w.Users) != "[bob]" {
		t.Errorf("wants %+v", w)
	}
	if r := m.judged(t); r.State.Passes() {
		t.Errorf("somebody who was not asked about counts: %s", allText(r))
	}
	m.can("bob", "none")
	if w := m.rules.Wants(m.pull()); !w.None() {
		t.Errorf("wants %+v again", w)
	}
	for name, change := range map[string]func(*measured){
		"trusted":  func(m *measured) { m.Head.RepoID, m.cov.Runs[0].HeadRepo = 1, 1 },
		"accepted": func(m *measured) { m.rules.SelfDeclared = SelfDeclaredAccept },
		"running":  func(m *measured) { m.cov.Runs[0].Status = "in_progress" },
	} {
		m := newMeasured().forked()
		m.approved("bob")
		delete(m.People, "bob")
		change(m)
		if w := m.rules.Wants(m.pull()); !w.None() {
			t.Errorf("%s: wants %+v", name, w)
		}
	}
}
