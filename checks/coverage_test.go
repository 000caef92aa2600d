package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// measured is a pull request whose coverage is known: number 7, whose head "c1"
// adds lines 1 to 10 of src/a.go, of which 9 are covered, as are 900 of the
// project's 1000 lines. ci.yml has reported it.
type measured struct {
	*scene
	rules *CoverageRules
	cov   Coverage
}

func newMeasured() *measured {
	m := &measured{scene: newScene(), rules: NewCoverage()}
	m.rules.Reports = []ReportRule{{Workflow: "ci.yml"}}
	m.changed(File{Path: "src/a.go", Status: "modified", Additions: 10})
	m.cov = Coverage{
		Gathering: Gathering{
			Runs: []WorkflowRun{workflow(1, "ci.yml=success")}, Read: true, Tested: "c1", Resolved: 5,
			Reports: []Report{{Run: 1, Artifact: 11, Name: "coverage", File: "c.out", Format: "Go", Files: 5}},
		},
		Files: []FileCoverage{fileOf("src/a.go", "1-9", "", "10")},
		Total: Totals{All: 1000, Hit: 900},
	}
	return m
}

// workflow is a run on c1, "file" still running or "file=conclusion".
func workflow(id int64, spec string) WorkflowRun {
	name, conclusion, done := strings.Cut(spec, "=")
	r := WorkflowRun{ID: id, Attempt: 1, Number: int(id), Path: workflowDir + name, Event: "pull_request", SHA: "c1", HeadRepo: 1, Status: "in_progress"}
	if done {
		r.Status, r.Conclusion = "completed", conclusion
	}
	return r
}

// fileOf is a changed file of which these added lines are hit, partial, missed.
func fileOf(path, hit, partial, miss string) FileCoverage {
	f := FileCoverage{Path: path, Measured: true, AtHead: true, Hit: lines(hit), Partial: lines(partial), Miss: lines(miss)}
	f.Added = f.Hit.Len() + f.Partial.Len() + f.Miss.Len()
	return f
}

func lines(text string) Spans {
	var s Spans
	if err := s.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return s
}

// changed sets the difference.
func (m *measured) changed(files ...File) *measured {
	m.Files, m.FileCount = files, len(files)
	m.remember()
	return m
}

// project asks something of the project; a negative number asks nothing.
func (m *measured) project(min, drop int) *measured {
	m.rules.Project = &ProjectCoverage{}
	if min >= 0 {
		m.rules.Project.Min = new(Percent(min))
	}
	if drop >= 0 {
		m.rules.Project.MaxDrop = new(Percent(drop))
	}
	return m
}

// pull is the snapshot, with what the reports say.
func (m *measured) pull() Pull {
	p := m.Pull
	p.Coverage = map[string]Coverage{m.rules.selection().Key(): m.cov}
	return p
}

// judged judges, and says everything that is said: every result in one text.
func (m *measured) judged(t *testing.T) Result {
	t.Helper()
	r := m.rules.Eval(m.pull())
	var walk func(Result)
	walk = func(r Result) {
		if !r.State.Passes() && len(r.Can) == 0 {
			t.Errorf("%s is %s and names nobody who can act", r.ID, r.State)
		}
		for _, s := range append([]string{r.Summary}, r.Notes...) {
			if !strings.HasSuffix(s, ".") || strings.Contains(s, "..") || strings.Contains(s, "  ") || len([]rune(s)) > sentenceLimit {
				t.Errorf("%s does not speak in sentences: %q", r.ID, s)
			}
		}
		for _, p := range r.Parts {
			walk(p)
		}
	}
	walk(r)
	return r
}

// wantCoverage is what a test expects of a result: its state and, in order,
// pieces of what is said.
func wantCoverage(t *testing.T, name string, r Result, state State, said ...string) {
	t.Helper()
	if r.State != state {
		t.Errorf("%s: %s, not %s: %s", name, r.State, state, allText(r))
	}
	for _, s := range said {
		if !strings.Contains(allText(r), s) {
			t.Errorf("%s: %q is not said in\n%s", name, s, allText(r))
		}
	}
}

func TestWhatIsCoveredIsMet(t *testing.T) {
	r := newMeasured().judged(t)
	wantCoverage(t, "patch alone", r, Met, "90 % of the 10 added lines that can run are covered; 80 % needed.")
	if len(r.Parts) != 1 || len(r.Evidence) != 1 || r.Evidence[0] != (Evidence{Kind: "workflow-run", ID: "1/1", Commit: "c1", Text: "ci.yml: success"}) {
		t.Errorf("parts %v, evidence %v", r.Parts, r.Evidence)
	}
	m := newMeasured().project(9000, -1)
	wantCoverage(t, "with the project", m.judged(t), Met, "90 % of the project's lines are covered; 90 % needed.")
}

func TestAProducerThatIsNotDoneHoldsUpWithItsOwnText(t *testing.T) {
	for name, c := range map[string]struct {
		runs  []WorkflowRun
		named []string // none: the policy names no workflow
		since time.Duration
		state State
		said  string
		can   string
	}{
		"running":                  {[]WorkflowRun{workflow(1, "ci.yml")}, []string{"ci.yml"}, 0, Waiting, "The coverage report of ci.yml for c1 has not come yet.", "the machines that run the workflows"},
		"not started":              {nil, []string{"ci.yml"}, 59 * time.Minute, Waiting, "The coverage report of ci.yml for c1 has not come yet.", "the machines that run the workflows"},
		"never started":            {nil, []string{"ci.yml"}, 60 * time.Minute, Unmet, "ci.yml was not started for c1 within 60 minutes of its push", "the author, whoever runs ci.yml, whoever may change the policy"},
		"two never started":        {nil, []string{"ci.yml", "b.yml"}, 2 * time.Hour, Unmet, "b.yml and ci.yml were not started", "the author, whoever runs b.yml and ci.yml, whoever may change the policy"},
		"no workflow yet":          {nil, nil, 0, Waiting, "Not every workflow for c1 has finished", "the machines that run the workflows"},
		"no workflow ever":         {nil, nil, 61 * time.Minute, Unmet, "No workflow was started for c1 within 60 minutes", "the author, whoever may change the policy"},
		"another workflow only":    {[]WorkflowRun{workflow(1, "lint.yml=success")}, []string{"ci.yml"}, 2 * time.Hour, Unmet, "ci.yml was not started", "the author, whoever runs ci.yml, whoever may change the policy"},
		"failed":                   {[]WorkflowRun{workflow(1, "ci.yml=failure")}, []string{"ci.yml"}, 0, Unmet, "ci.yml has failed; the coverage of c1 is not known", "the author, whoever re-runs ci.yml"},
		"cancelled":                {[]WorkflowRun{workflow(1, "ci.yml=cancelled")}, []string{"ci.yml"}, 0, Unmet, "ci.yml was cancelled", "the author, whoever re-runs ci.yml"},
		"timed out":                {[]WorkflowRun{workflow(1, "ci.yml=timed_out")}, []string{"ci.yml"}, 0, Unmet, "ci.yml timed out", "the author, whoever re-runs ci.yml"},
		"not startable":            {[]WorkflowRun{workflow(1, "ci.yml=startup_failure")}, []string{"ci.yml"}, 0, Unmet, "ci.yml could not be started", "the author, whoever re-runs ci.yml"},
		"given up":                 {[]WorkflowRun{workflow(1, "ci.yml=stale")}, []string{"ci.yml"}, 0, Unmet, "ci.yml was given up by GitHub", "the author, whoever re-runs ci.yml"},
		"an unknown end":           {[]WorkflowRun{workflow(1, "ci.yml=odd")}, []string{"ci.yml"}, 0, Unmet, `ci.yml ended with "odd"`, "the author, whoever re-runs ci.yml"},
		"no word of the end":       {[]WorkflowRun{workflow(1, "ci.yml=")}, []string{"ci.yml"}, 0, Unmet, `ci.yml ended with ""`, "the author, whoever re-runs ci.yml"},
		"held for a newcomer":      {[]WorkflowRun{workflow(1, "ci.yml=action_required")}, []string{"ci.yml"}, 0, Waiting, "only once somebody with write access has let it run", "anyone with write access"},
		"one failed, one runs":     {[]WorkflowRun{workflow(1, "ci.yml=failure"), workflow(2, "b.yml")}, []string{"ci.yml", "b.yml"}, 0, Unmet, "ci.yml has failed", "the author, whoever re-runs ci.yml"},
		"any failed":               {[]WorkflowRun{workflow(1, "ci.yml=success"), workflow(2, "deploy.yml=failure")}, nil, 0, Unmet, "name those that do under coverage.reports", "the author, whoever re-runs deploy.yml, whoever may change the policy"},
		"any running":              {[]WorkflowRun{workflow(1, "ci.yml=success"), workflow(2, "deploy.yml")}, nil, 0, Waiting, "Not every workflow", "the machines that run the workflows"},
		"re-run":                   {[]WorkflowRun{workflow(1, "ci.yml=success"), {ID: 1, Attempt: 2, Number: 1, Path: workflowDir + "ci.yml", SHA: "c1", HeadRepo: 1, Status: "queued"}}, []string{"ci.yml"}, 0, Waiting, "has not come yet.", "the machines that run the workflows"},
		"a newer run":              {[]WorkflowRun{workflow(2, "ci.yml"), workflow(1, "ci.yml=success")}, []string{"ci.yml"}, 0, Waiting, "has not come yet.", "the machines that run the workflows"},
		"for another commit":       {[]WorkflowRun{with(workflow(1, "ci.yml=success"), func(r *WorkflowRun) { r.SHA = "c0" })}, []string{"ci.yml"}, 0, Waiting, "has not come yet.", "the machines that run the workflows"},
		"for another repository":   {[]WorkflowRun{with(workflow(1, "ci.yml=success"), func(r *WorkflowRun) { r.HeadRepo = 666 })}, []string{"ci.yml"}, 0, Waiting, "has not come yet.", "the machines that run the workflows"},
		"for another, not named":   {[]WorkflowRun{with(workflow(1, "ci.yml=success"), func(r *WorkflowRun) { r.SHA = "c0" })}, nil, 2 * time.Hour, Unmet, "No workflow was started for c1", "the author, whoever may change the policy"},
		"of a name alike":          {[]WorkflowRun{workflow(1, "CI.yml=success")}, []string{"ci.yml"}, 0, Waiting, "has not come yet.", "the machines that run the workflows"},
		"waiting for a deployment": {[]WorkflowRun{with(workflow(1, "ci.yml"), func(r *WorkflowRun) { r.Status = "waiting" })}, []string{"ci.yml"}, 0, Waiting, "has not come yet.", "the machines that run the workflows"},
	} {
		m := newMeasured()
		m.rules.Reports = nil
		for _, n := range c.named {
			m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: n})
		}
		m.Memory.Heads = []Head{{SHA: "c1", Since: m.At.Add(-c.since)}}
		m.cov.Runs = c.runs
		r := m.judged(t)
		wantCoverage(t, name, r, c.state, c.said)
		if can := strings.Join(r.Can, ", "); can != c.can {
			t.Errorf("%s: who can act is %q", name, can)
		}
		if p := Producers(m.rules.selection(), &m.Pull, c.runs, time.Hour); p.Done {
			t.Errorf("%s: the producers are done", name)
		}
	}
}

func with[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

func TestItIsSaidWhenAProducerIsLate(t *testing.T) {
	m := newMeasured()
	m.cov.Runs = nil
	m.rules.Wait = Duration(3 * time.Hour)
	m.Memory.Heads = []Head{{SHA: "c1", Since: m.At.Add(-time.Hour)}, {SHA: "c0", Since: m.At.Add(-5 * time.Hour)}}
	r := m.judged(t)
	if r.State != Waiting || !r.Until.Equal(m.At.Add(2*time.Hour)) {
		t.Errorf("%s until %v", r.State, r.Until)
	}
	m.At = r.Until
	wantCoverage(t, "then", m.judged(t), Unmet, "within 3 hours of its push")
	m.Memory.Heads = nil
	if r := m.judged(t); r.State != Waiting || !r.Until.IsZero() {
		t.Errorf("since when it is the head is not known: %s until %v", r.State, r.Until)
	}
}

func TestWhetherProducersAreDoneDoesNotDependOnHowLongTheyAreWaitedFor(t *testing.T) {
	m := newMeasured()
	for _, runs := range [][]WorkflowRun{nil, {workflow(1, "ci.yml=success")}, {workflow(1, "ci.yml")}, {workflow(1, "ci.yml=failure")}, {workflow(2, "lint.yml=success")}} {
		for _, sel := range []Selection{{}, m.rules.selection()} {
			now := Producers(sel, &m.Pull, runs, 0)
			later := Producers(sel, &m.Pull, runs, 1000*time.Hour)
			if now.Done != later.Done || fmt.Sprint(now.Runs) != fmt.Sprint(later.Runs) {
				t.Errorf("%v: %v and %v", runs, now, later)
			}
		}
	}
	done := Producers(Selection{}, &m.Pull, []WorkflowRun{workflow(9, "b.yml=skipped"), workflow(3, "z.yml=neutral"), workflow(4, "a.yml=success"), workflow(2, "a.yml=failure")}, 0)
	if !done.Done || len(done.Runs) != 3 || done.Runs[0].ID != 3 || done.Runs[2].ID != 9 {
		t.Errorf("%+v", done)
	}
}

func TestWorkflowsThatFinishOneByOneChangeNothingThatIsWritten(t *testing.T) {
	for _, named := range []bool{true, false} {
		m := newMeasured()
		m.Memory.Heads = []Head{{SHA: "c1", Since: m.At.Add(-time.Minute)}}
		m.rules.Reports = nil
		for i := range 12 {
			if named {
				m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: fmt.Sprintf("w%02d.yml", i)})
			}
		}
		texts, progress := map[string]bool{}, map[string]bool{}
		for done := range 12 {
			for started := done; started <= 12; started++ {
				m.cov.Runs = nil
				for i := range started {
					spec := fmt.Sprintf("w%02d.yml", i)
					if i < done {
						spec += "=success"
					}
					m.cov.Runs = append(m.cov.Runs, workflow(int64(i+1), spec))
				}
				if !named && started > 0 && started == done {
					continue // all that have started are over
				}
				r := m.judged(t)
				p := r.Parts[0]
				texts[fmt.Sprint(r.State, r.Summary, r.Notes, r.Can, p.State, p.Summary, p.Notes, p.Can)] = true
				progress[r.Progress] = true
			}
		}
		if len(texts) != 1 || len(progress) < 70 {
			t.Errorf("named %v: what is written has %d forms, progress %d: %v", named, len(texts), len(progress), texts)
		}
	}
}

func TestAReportThatCannotBeUsedDoesNotPass(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*measured)
		said   string
	}{
		"no artifact":           {func(m *measured) { m.cov.Reports = nil }, "ci.yml gave no coverage report for c1: it left no artifact called coverage* or *lcov* and sent none."},
		"no artifact so called": {func(m *measured) { m.cov.Reports = nil; m.rules.Reports[0].Artifacts = []Glob{"cov-*", "x", "y"} }, "called cov-*, x or y and sent none."},
		"skipped":               {func(m *measured) { m.cov.Reports = nil; m.cov.Runs[0].Conclusion = "skipped" }, "ci.yml gave no coverage report for c1: it was skipped."},
		"no artifact of any":    {func(m *measured) { m.cov.Reports = nil; m.rules.Reports = nil }, "No workflow that ran for c1 left a coverage report"},
		"nothing in it":         {func(m *measured) { m.cov.Reports = []Report{{Run: 1, Artifact: 5, Name: "coverage-html"}} }, "the artifact “coverage-html” of ci.yml holds none of a known format."},
		"something else": {func(m *measured) {
			m.cov.Reports = []Report{{Run: 1, Artifact: 5, Name: "coverage-html", Foreign: true, Problem: "it holds no coverage report that handrail understands: found a.html, b.html"}}
		}, "ci.yml gave no coverage report for c1: the artifact “coverage-html” of ci.yml cannot be used: it holds no coverage report that handrail understands: found a.html, b.html."},
		"nothing in any":     {func(m *measured) { m.rules.Reports = nil; m.cov.Reports = []Report{{Run: 1, Artifact: 5, Name: "x"}} }, "the artifact “x” of ci.yml holds none"},
		"of no file":         {func(m *measured) { m.cov.Reports[0].Files = 0 }, "“c.out” in the artifact “coverage” of ci.yml speaks of no source file; the tests may have run without measuring anything."},
		"malformed":          {func(m *measured) { m.cov.Reports[0].Problem = "Go, line 3: a count is missing" }, "“c.out” in the artifact “coverage” of ci.yml cannot be used: Go, line 3: a count is missing."},
		"sent and malformed": {func(m *measured) { m.cov.Reports[0] = Report{Run: 1, Problem: "too large."} }, "What a run of ci.yml left cannot be used: too large."},
		"expired": {func(m *measured) {
			m.cov.Reports[0] = Report{Run: 1, Artifact: 9, Name: "coverage", Problem: "it has expired; run the workflow again"}
		}, "The artifact “coverage” of ci.yml cannot be used: it has expired; run the workflow again."},
		"one of two malformed": {func(m *measured) {
			m.cov.Reports = append(m.cov.Reports, Report{Run: 1, Artifact: 9, Name: "b", Problem: "no"})
		}, "of ci.yml cannot be used: no."},
		"two of three malformed": {func(m *measured) {
			m.cov.Reports = append(m.cov.Reports, Report{Run: 1, Name: "b", Problem: "no"}, Report{Run: 1, Name: "a", Problem: "no"})
		}, "2 of 3 coverage reports cannot be used: the report “a”"},
		"one of two workflows": {func(m *measured) {
			m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: "web.yml"})
			m.cov.Runs = append(m.cov.Runs, workflow(2, "web.yml=success"))
		}, "web.yml gave no coverage report for c1"},
		"two of two workflows": {func(m *measured) {
			m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: "web.yml"})
			m.cov.Runs, m.cov.Reports = append(m.cov.Runs, workflow(2, "web.yml=success")), nil
		}, "ci.yml and web.yml gave no coverage report for c1."},
		"paths of elsewhere": {func(m *measured) {
			m.cov.Unresolved, m.cov.Odd = 6, []string{"/build/x.go: no such file", "/build/a.go"}
		},
			"Paths do not match the repository: 6 of 11 files in the reports cannot be found in the repository."},
		"unplaced":          {func(m *measured) { m.cov.Unplaced = "the merge that was tested is not known" }, "Cannot be met: the merge that was tested is not known."},
		"of another commit": {func(m *measured) { m.cov.Tested = "deadbeef00" }, "the reports are of deadbee and not of the head c1"},
		"of an older run":   {func(m *measured) { m.cov.Reports[0].Run = 77 }, "a report is of a run that is not the newest of its workflow"},
		"too many runs":     {func(m *measured) { m.cov.RunsCut = true }, "more workflows ran for c1 than GitHub lists"},
		"not read":          {func(m *measured) { m.cov.Read = false }, "what the workflows left has not been read yet"},
		"impossible totals": {func(m *measured) { m.cov.Total = Totals{All: 5, Hit: 6} }, "the totals of the reports make no sense"},
		"negative totals":   {func(m *measured) { m.cov.Total = Totals{All: 5, Hit: -1} }, "the totals of the reports make no sense"},
		"files not read":    {func(m *measured) { m.FilesRead = false }, "the changed files have not been read yet"},
		"files cut":         {func(m *measured) { m.FileCount = 2 }, "GitHub does not list every changed file"},
	} {
		m := newMeasured().project(0, -1)
		c.change(m)
		r := m.judged(t)
		wantCoverage(t, name, r, Unmet, c.said)
		if part(r, "coverage/patch").ID != "" {
			t.Errorf("%s: there are numbers nevertheless: %s", name, allText(r))
		}
	}
	m := newMeasured()
	pull := m.pull()
	pull.Coverage = nil
	wantCoverage(t, "never asked", m.rules.Eval(pull), Unmet, "the coverage reports have not been looked for yet")
	wantCoverage(t, "nothing at all", m.rules.Eval(Pull{}), Unmet)
}

func TestAnArtifactOfSomethingElseBesideAReportIsNoFault(t *testing.T) {
	m := newMeasured()
	m.cov.Reports = append(m.cov.Reports, Report{Run: 1, Artifact: 5, Name: "coverage-html", Foreign: true, Problem: "it holds no coverage report: found a.html"})
	wantCoverage(t, "beside", m.judged(t), Met)
	m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: "web.yml"})
	m.cov.Runs, m.cov.Reports[1].Run = append(m.cov.Runs, workflow(2, "web.yml=success")), 2
	wantCoverage(t, "of another workflow", m.judged(t), Unmet, "web.yml gave no coverage report for c1: the artifact “coverage-html” of web.yml cannot be used")
}

func TestAFewStrangePathsAreOnlyNoted(t *testing.T) {
	m := newMeasured()
	m.cov.Unresolved, m.cov.Odd = 5, []string{"gen/x.go: ambiguous"}
	r := m.judged(t)
	wantCoverage(t, "half", r, Met, "5 of 10 files in the reports cannot be found in the repository, for example gen/x.go: ambiguous.")
	m.cov.Unresolved = 6
	wantCoverage(t, "more than half", m.judged(t), Unmet, "coverage.roots")
}

func TestNothingMeasurableIsMetAtOnceAndAsksForNothing(t *testing.T) {
	for _, files := range [][]string{
		{"README.md"}, {"docs/a.rst", "docs/img/a.PNG", "LICENSE", "NOTICE", ".gitignore", ".github/CODEOWNERS"}, {"-old.md"}, {"a.md->b.adoc"}, {"gen/a.go", "x.md"}, {},
	} {
		m := newMeasured()
		m.rules.Ignore = []Glob{"gen/**"}
		m.files(files...)
		m.cov = Coverage{}
		p := m.Pull
		if w := m.rules.Wants(p); !w.None() {
			t.Errorf("%v: wants %+v", files, w)
		}
		wantCoverage(t, fmt.Sprint(files), m.rules.Eval(p), Met, "Nothing is changed that tests could cover.")
	}
	for _, files := range [][]string{
		{"README.md", "a.go"}, {"a.go->a.md"}, {"a.md->a.go"}, {"-a.go"}, {"unknown.kind"}, {"Makefile"}, {".github/workflows/ci.yml"}, {"gen2/a.go"}, {"data.json"}, {"gen/a.go->src/a.go"}, {"src/a.go->gen/a.go"},
	} {
		m := newMeasured()
		m.rules.Ignore = []Glob{"gen/**"}
		m.files(files...)
		p := m.Pull
		if w := m.rules.Wants(p); len(w.Coverage) != 1 || w.Coverage[0].Key() != m.rules.selection().Key() {
			t.Errorf("%v: wants %+v", files, w)
		}
		if r := m.rules.Eval(p); r.State.Passes() {
			t.Errorf("%v: %s without a report", files, r.State)
		}
	}
	m := newMeasured()
	m.files("README.md")
	m.FileCount = 2
	if r := m.rules.Eval(m.Pull); r.State.Passes() || !r.Unknown {
		t.Errorf("a list that is cut: %s", r.State)
	}
}

func TestWhatIsAskedForIsAskedOnceAndInOrder(t *testing.T) {
	m := newMeasured()
	p := m.Pull
	p.FilesRead = false
	if w := m.rules.Wants(p); !w.None() {
		t.Errorf("before the files: %+v", w)
	}
	policy := Policy{Sections: []Section{{Name: "coverage", Checks: []Check{Beside{Check: m.rules}, Floor{Check: m.rules}}}}}
	if w := policy.Wants(p); !w.Files || len(w.Coverage) != 0 {
		t.Errorf("the files come first: %+v", w)
	}
	if w := policy.Wants(m.Pull); len(w.Coverage) != 1 {
		t.Errorf("two checks of one selection: %+v", w.Coverage)
	}
	if w := policy.Wants(m.pull()); !w.None() {
		t.Errorf("once it is there: %+v", w)
	}
}

func TestTheOrderInWhichReportsComeDoesNotMatter(t *testing.T) {
	m := newMeasured().project(9000, 10).based(BaseCoverage{Commit: "base000000", Total: Totals{All: 10, Hit: 10}})
	m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: "web.yml"})
	m.cov.Runs = append(m.cov.Runs, workflow(2, "web.yml=success"))
	m.cov.Reports = append(m.cov.Reports, Report{Run: 2, Name: "a", Files: 1}, Report{Run: 2, Name: "b", Files: 1})
	m.cov.Unresolved, m.cov.Odd = 1, []string{"x", "y", "z", "w"}
	m.cov.Files = append(m.cov.Files, fileOf("b.go", "", "1", "2-9"), fileOf("c.go", "", "2", "3-9"), FileCoverage{Path: "n.go", New: true, Added: 1}, FileCoverage{Path: "m.go", New: true, Added: 1})
	for _, problem := range []string{"", "it is broken"} {
		m.cov.Reports[1].Problem, m.cov.Reports[2].Problem = problem, problem
		want := fmt.Sprintf("%+v", m.judged(t))
		slices.Reverse(m.cov.Runs)
		slices.Reverse(m.cov.Reports)
		slices.Reverse(m.cov.Files)
		slices.Reverse(m.cov.Odd)
		if got := fmt.Sprintf("%+v", m.judged(t)); got != want {
			t.Errorf("%s\nbecomes\n%s", want, got)
		}
		slices.Reverse(m.cov.Reports)
	}
}

func TestTheSameProducersWrittenDifferentlyAreOneSelection(t *testing.T) {
	a, b := NewCoverage(), NewCoverage()
	a.Reports, a.Roots = []ReportRule{{Workflow: "ci.yml"}}, []string{"./shop/", "."}
	b.Reports, b.Roots = []ReportRule{{Workflow: ".github/workflows/ci.yml"}}, []string{"shop"}
	if a.selection().Key() != b.selection().Key() || a.selection().Key() == NewCoverage().selection().Key() {
		t.Errorf("%+v and %+v", a.selection(), b.selection())
	}
	a.Project = &ProjectCoverage{Min: new(Percent(1))}
	if a.selection().Base {
		t.Error("a minimum alone asks for the base")
	}
	if a.Project.MaxDrop = new(Percent(1)); !a.selection().Base {
		t.Error("a drop is not known without the base")
	}
	if !slices.Equal(a.Need().Coverage[0].Roots, []string{"shop"}) || !a.Need().Files {
		t.Errorf("%+v", a.Need())
	}
}

func TestALongListOfFaultsIsCutAndSaysSo(t *testing.T) {
	m := newMeasured()
	m.rules.Reports = nil
	for i := range 30 {
		m.cov.Reports = append(m.cov.Reports, Report{Run: 1, Artifact: 12, Name: "coverage", File: fmt.Sprintf("%02d.xml", i), Problem: "Cobertura, line 1: cut short"})
	}
	r := m.judged(t)
	wantCoverage(t, "30 reports", r, Unmet, "30 of 31 coverage reports cannot be used: “00.xml”", "10 more reports are left out.")
	if n := len(part(r, "coverage/reports").Notes); n != remarkLimit+1 {
		t.Errorf("%d notes", n)
	}
	m.cov.Runs = append(m.cov.Runs, workflow(2, "a.yml=failure"), workflow(3, "b.yml=timed_out"))
	wantCoverage(t, "two workflows", m.judged(t), Unmet, "a.yml has failed and b.yml timed out.", "mend them, or name those that do under coverage.reports.", "b.yml timed out.")
	m.cov.Runs, m.rules.Wait = nil, Duration(2*day)
	m.Memory.Heads = []Head{{SHA: "c1", Since: m.At.Add(-3 * day)}}
	wantCoverage(t, "a long wait", m.judged(t), Unmet, "within 2 days of its push")
	m.rules.Wait = 0
	wantCoverage(t, "no wait is the default", m.judged(t), Unmet, "within 60 minutes of its push")
}

func TestASkippedRunDoesNotStandForTheOneThatRan(t *testing.T) {
	m := newMeasured()
	runs := []WorkflowRun{workflow(1, "a.yml=success"), workflow(2, "a.yml=skipped")}
	s := Producers(Selection{}, &m.Pull, runs, 0)
	if !s.Done || len(s.Runs) != 1 || s.Runs[0].ID != 1 {
		t.Errorf("a run that was skipped afterwards: %+v", s.Runs)
	}
	runs[0].Conclusion = "failure"
	if s := Producers(Selection{}, &m.Pull, runs, 0); s.Done {
		t.Error("a failure is hidden by a run that was skipped")
	}
}
