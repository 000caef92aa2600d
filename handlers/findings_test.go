package handlers_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

const sarifPolicy = "version: 1\nroles:\n  security: {users: [bob], say: [\"security +1\"]}\n" +
	"security: {watch: {defaults: false}, sarif: {reports: [{workflow: ci.yml}], self_declared: accept}}\n"

// sarif is a report with an error at each place "file:line".
func sarif(places ...string) []byte {
	results := []any{}
	for _, place := range places {
		file, line, _ := strings.Cut(place, ":")
		n := 0
		fmt.Sscan(line, &n)
		results = append(results, map[string]any{
			"ruleId": "inject", "level": "error", "message": map[string]any{"text": "built from input"},
			"locations": []any{map[string]any{"physicalLocation": map[string]any{
				"artifactLocation": map[string]any{"uri": file}, "region": map[string]any{"startLine": n},
			}}},
		})
	}
	text, err := json.Marshal(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{
		"tool": map[string]any{"driver": map[string]any{"name": "looker"}}, "results": results,
	}}})
	if err != nil {
		panic(err) // texts and numbers only
	}
	return text
}

// found finishes a run that leaves what a scanner found.
func found(run *sim.WorkflowRun, report []byte) {
	run.Leave("looker-sarif", map[string][]byte{"out.sarif": report})
	run.Finish("success")
}

// based is a rig whose base branch has old.js, in which a scanner found places.
func based(t *testing.T, places ...string) *rig {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.policy(sarifPolicy)
	r.push("alice", "main", map[string]string{"old.js": lines(20, "old")})
	found(r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", Started: true}), sarif(places...))
	r.settle()
	return r
}

func TestAFindingIsNewUnlessTheBaseHasItWhereverItStandsNow(t *testing.T) {
	moved := "first\nsecond\n" + lines(20, "old")
	for name, c := range map[string]struct {
		push   sim.Push
		places []string
		state  string
		words  []string
	}{
		"new beside old":   {sim.Push{Files: map[string]string{"new.js": lines(5, "new")}}, []string{"old.js:7", "new.js:3"}, unmet, []string{"new.js:3", "inject"}},
		"moved lines":      {sim.Push{Files: map[string]string{"old.js": moved}}, []string{"old.js:9"}, met, nil},
		"a renamed file":   {sim.Push{Move: map[string]string{"old.js": "now.js"}}, []string{"now.js:7"}, met, nil},
		"one more of them": {sim.Push{Files: map[string]string{"old.js": moved}}, []string{"old.js:9", "old.js:1"}, unmet, []string{"old.js:1"}},
		"nothing":          {sim.Push{Files: map[string]string{"new.js": lines(5, "new")}}, nil, met, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := based(t, "old.js:7")
			c.push.By, c.push.Branch = "alice", "topic"
			if _, err := r.repo.Push(c.push); err != nil {
				t.Fatal(err)
			}
			p := r.open("topic")
			r.settle()
			r.secures(p, waiting, "ci.yml")
			found(r.workflow(p), sarif(c.places...))
			r.settle()
			r.secures(p, c.state, append(c.words, "compared with main")...)
			r.replays(p)
			all, _ := r.requests(func() {
				p.Comment("carol", "nice")
				r.settle()
			})
			if all != 2 {
				t.Errorf("another look takes %d requests, want 2", all)
			}
		})
	}
}

func TestAnEmptyReportOfTheBaseIsOneToCompareWith(t *testing.T) {
	r := based(t)
	r.push("alice", "topic", map[string]string{"new.js": lines(5, "new")})
	p := r.open("topic")
	found(r.workflow(p), sarif("old.js:7"))
	r.settle()
	r.secures(p, unmet, "old.js", "compared with main")
}

func TestWithoutTheBasesReportsItIsComparedByLinesUntilTheyCome(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(sarifPolicy)
	r.push("alice", "main", map[string]string{"old.js": lines(20, "old")})
	p := r.openWith(map[string]string{"old.js": "first\n" + lines(20, "old")})
	found(r.workflow(p), sarif("old.js:8"))
	r.settle()
	r.secures(p, met, "compared by lines only")
	found(r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", Started: true}), sarif())
	r.settle()
	r.secures(p, unmet, "old.js:8", "compared with main")
}

// openWith opens a pull request of one commit.
func (r *rig) openWith(files map[string]string) *sim.Pull {
	r.push("alice", "topic", files)
	return r.open("topic")
}

func TestABaseReportOfAFailedScannerIsNoneToCompareWith(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(sarifPolicy)
	r.push("alice", "main", map[string]string{"old.js": lines(20, "old")})
	failed := strings.Replace(string(sarif("old.js:7")), `"tool"`, `"invocations":[{"executionSuccessful":false}],"tool"`, 1)
	found(r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", Started: true}), []byte(failed))
	p := r.openWith(map[string]string{"new.js": lines(5, "new")})
	found(r.workflow(p), sarif("old.js:7"))
	r.settle()
	r.secures(p, met, "compared by lines only")
}

func TestAFindingInATestMergeIsMarkedOnlyInFilesThatTheHeadHasAsWell(t *testing.T) {
	r := based(t, "old.js:7")
	r.push("alice", "topic", map[string]string{"new.js": lines(5, "new"), "old.js": lines(20, "old") + "last\n"})
	p := r.open("topic")
	r.push("bob", "main", map[string]string{"old.js": "first\n" + lines(20, "old")})
	r.settle()
	run := r.workflow(p)
	found(run, sarif("old.js:8", "old.js:22", "new.js:2"))
	r.settle()
	r.secures(p, unmet, "new.js:2", "old.js:22")
	check, _ := p.Run(runSecurity)
	if run.Tested() == p.Head() || check.Annotations != 1 {
		t.Errorf("tested %s, head %s, %d marks", run.Tested(), p.Head(), check.Annotations)
	}
}

func TestFindingsThatAnotherHandrailKeptAreReadAgain(t *testing.T) {
	r := based(t, "old.js:7")
	first := r.openWith(map[string]string{"new.js": lines(5, "new")})
	found(r.workflow(first), sarif("old.js:7"))
	r.settle()
	r.secures(first, met, "compared with main")
	db, err := sql.Open("sqlite", r.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE coverage_sets SET lines = x'7f'`); err != nil {
		t.Fatal(err)
	}
	r.push("alice", "topic", map[string]string{"new.js": lines(6, "new")})
	r.settle()
	found(r.workflow(first), sarif("old.js:7", "new.js:6"))
	r.settle()
	r.secures(first, unmet, "new.js:6", "compared with main")
}

// alerting is a rig whose App may read GitHub's own alerts.
func alerting(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.gh.SetPermission("security_events", "read")
	r.gh.SetPermission("secret_scanning_alerts", "read")
	r.policy(securityPolicy)
	return r
}

func TestGitHubsAlertsAreAskedForAgainOnlyAfterAWhileOrAnEvent(t *testing.T) {
	r := alerting(t)
	if err := r.repo.UploadCodeScan(sim.CodeScan{Ref: "refs/heads/main"}); err != nil {
		t.Fatal(err)
	}
	p := r.topic()
	clean := sim.CodeScan{Ref: fmt.Sprintf("refs/pull/%d/head", p.Number)}
	if err := r.repo.UploadCodeScan(clean); err != nil {
		t.Fatal(err)
	}
	if n := r.asked("/code-scanning/", r.settle); n == 0 {
		t.Error("they were not asked for")
	}
	r.secures(p, met)
	look := func() {
		p.Comment("carol", "nice")
		r.settle()
	}
	if n := r.asked("/code-scanning/", look); n != 0 {
		t.Errorf("%d requests for what was asked just now", n)
	}
	found := clean
	found.Alerts = []sim.CodeAlert{{Rule: "go/sql", Text: "built from input", Path: "a.go", Line: 1, Severity: "error", Level: "critical"}}
	if err := r.repo.UploadCodeScan(found); err != nil {
		t.Fatal(err)
	}
	if n := r.asked("/code-scanning/", r.settle); n == 0 {
		t.Error("an event told of an alert, and nobody asked")
	}
	r.secures(p, unmet, "go/sql")
	if err := r.repo.UploadCodeScan(clean); err != nil { // no event tells that it is gone
		t.Fatal(err)
	}
	r.pass(11 * time.Minute)
	look()
	r.secures(p, met)
}

func TestAlertsThatGitHubDoesNotHaveAreSaidAndNotAskedForAgain(t *testing.T) {
	r := alerting(t)
	for _, f := range []sim.Feature{sim.CodeScanning, sim.SecretScanning, sim.DependencyGraph} {
		r.repo.SetFeature(f, false)
	}
	p := r.topic()
	r.settle()
	r.secures(p, met, "not available")
	all, _ := r.requests(func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	if all != 1 {
		t.Errorf("another look takes %d requests", all)
	}
}

func TestTheLabelOfASecurityReviewComesGoesAndIsPutRight(t *testing.T) {
	r := secured(t, sim.Options{})
	p := r.openWith(map[string]string{"auth/a.js": "a\n"})
	r.settle()
	labelled := func(want bool) {
		t.Helper()
		if p.HasLabel(checks.LabelSecurity) != want {
			t.Errorf("the label is there: %v", !want)
		}
	}
	r.secures(p, waiting, "auth/a.js")
	labelled(true)
	p.RemoveLabel("mallory", checks.LabelSecurity)
	r.settle()
	labelled(true)
	if where := r.holds(checks.LabelSecurity); len(where) == 0 {
		t.Error("nothing is recorded")
	}
	p.Comment("bob", "security +1")
	r.settle()
	r.secures(p, met)
	labelled(false)
	p.AddLabel("mallory", checks.LabelSecurity)
	r.settle()
	labelled(false)
	r.push("alice", "topic", map[string]string{"auth/a.js": "b\n"})
	r.settle()
	r.secures(p, waiting)
	labelled(true)
	p.RemoveLabel("mallory", checks.LabelSecurity)
	r.settle()
	p.RemoveLabel("mallory", checks.LabelSecurity)
	r.settle()
	labelled(false) // the fourth time within the hour it is left
	r.pass(time.Hour)
	r.settle()
	labelled(true)
	r.replays(p)
}

func TestASweepSeesThatTheLabelOfASecurityReviewIsGone(t *testing.T) {
	r := secured(t, sim.Options{})
	p := r.openWith(map[string]string{"auth/a.js": "a\n"})
	r.settle()
	if !r.flow.SweepOnce(t.Context()) {
		t.Fatal("it was not swept")
	}
	r.settle()
	lost := r.gh.SetMishaps
	lost(sim.Mishaps{Lose: 1})
	p.RemoveLabel("mallory", checks.LabelSecurity)
	r.settle()
	lost(sim.Mishaps{})
	if p.HasLabel(checks.LabelSecurity) || !r.flow.SweepOnce(t.Context()) {
		t.Fatal("the event was not lost, or it was not swept")
	}
	r.settle()
	if !p.HasLabel(checks.LabelSecurity) {
		t.Error("the label is not put right")
	}
}

func TestAnybodyAsksForASecurityReviewByAComment(t *testing.T) {
	r := secured(t, sim.Options{})
	p := r.topic()
	r.settle()
	r.secures(p, met)
	asked := p.Comment("quinn", "security review required")
	r.settle()
	r.secures(p, waiting, "quinn")
	asked.Delete("mallory")
	r.settle()
	r.secures(p, waiting, "A comment that was deleted asks for one")
	p.Comment("bob", "security +1")
	r.settle()
	r.secures(p, met)
}
