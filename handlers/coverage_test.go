package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/coverage"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// audience is handrail's own address, which tokens for it must name.
const audience = "https://handrail.example.com"

const (
	ci          = ".github/workflows/ci.yml"
	patchPolicy = rigPolicy + "coverage:\n  patch: {min: 80%}\n  reports: [{workflow: ci.yml}]\n"
	dropPolicy  = rigPolicy + "coverage:\n  patch: {min: 0%}\n  project: {max_drop: 1%}\n  reports: [{workflow: ci.yml}]\n"
	runCoverage = "handrail/coverage"
)

func readers() handlers.Reports {
	return handlers.Reports{
		NewMerge: func(sel checks.Selection) handlers.Merge { return coverage.NewMerge(sel) },
		Changed:  coverage.Changed, Removed: coverage.Removed, Empty: coverage.Empty,
		Read: func(name string, data []byte) (string, int, error) {
			r, err := coverage.Parse(name, bytes.NewReader(data))
			if err != nil {
				return "", 0, err
			}
			return r.Format, len(r.Files), nil
		},
		Values: valueReader(),
		Redact: func(text string) string {
			clean, _ := engine().Scrub(text)
			return clean
		},
		Findings: handlers.FindingReports{
			New: func() handlers.FindingMerge { return engine().Reports() },
			Compare: func(head []byte, base *handlers.FindingBase, changed []checks.File) (checks.Findings, error) {
				if base == nil {
					return scan.Compare(head, nil, changed)
				}
				return scan.Compare(head, &scan.Base{Set: base.Set, Files: base.Files, Whole: base.Whole}, changed)
			},
		},
	}
}

// lines is a source file of n lines, each with a word of its own.
func lines(n int, word string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %d\n", word, i+1)
	}
	return b.String()
}

// lcov is a report about one file of so many lines, of which some are missed.
func lcov(file string, n int, missed ...int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "SF:%s\n", file)
	for i := 1; i <= n; i++ {
		hits := 1
		if slices.Contains(missed, i) {
			hits = 0
		}
		fmt.Fprintf(&b, "DA:%d,%d\n", i, hits)
	}
	b.WriteString("end_of_record\n")
	return []byte(b.String())
}

// measured is a rig with a pull request that adds a.js of 10 lines.
func measured(t *testing.T, policy string) (*rig, *sim.Pull) {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.policy(policy)
	r.push("alice", "topic", map[string]string{"a.js": lines(10, "a")})
	p := r.open("topic")
	r.settle()
	return r, p
}

// workflow starts a run of ci.yml for a pull request.
func (r *rig) workflow(p *sim.Pull) *sim.WorkflowRun {
	r.t.Helper()
	return r.begin(sim.NewWorkflowRun{Workflow: ci, Pull: p, Started: true})
}

func (r *rig) begin(n sim.NewWorkflowRun) *sim.WorkflowRun {
	r.t.Helper()
	run, err := r.repo.StartWorkflow(n)
	if err != nil {
		r.t.Fatal(err)
	}
	return run
}

// leave finishes a run that leaves a report.
func leave(run *sim.WorkflowRun, report []byte) *sim.Artifact {
	a := run.Leave("coverage", map[string][]byte{"lcov.info": report})
	run.Finish("success")
	return a
}

// gauges checks the state of the run "handrail/coverage", and some words of it.
func (r *rig) gauges(p *sim.Pull, state string, words ...string) {
	r.t.Helper()
	run, _ := p.Run(runCoverage)
	if got := strings.Trim(run.Status+"/"+run.Conclusion, "/"); got != state {
		r.t.Errorf("%s shows %s, want %s: %s\n%s\n%s", p, got, state, run.Title, run.Summary, run.Text)
	}
	for _, w := range words {
		if all := run.Title + run.Summary + run.Text; !strings.Contains(all, w) {
			r.t.Errorf("%s does not say %q:\n%s", p, w, all)
		}
	}
}

// asked counts the requests of a kind while f runs, by a part of their paths or
// the name of their operation.
func (r *rig) asked(what string, f func()) (n int) {
	r.t.Helper()
	before := len(r.gh.Requests())
	f()
	for _, q := range r.gh.Requests()[before:] {
		if q.Operation == what || strings.Contains(q.Path, what) {
			n++
		}
	}
	return n
}

func (r *rig) subject(p *sim.Pull) checks.Subject {
	r.t.Helper()
	s, err := r.hub.Find(r.t.Context(), "acme", "shop", p.Number)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// replays checks that each verdict on record follows from its record alone.
func (r *rig) replays(p *sim.Pull) {
	r.t.Helper()
	rows, err := r.store.List(r.t.Context(), store.Filter{Repo: "acme/shop", Pull: p.Number, Kind: store.KindVerdict})
	if err != nil || len(rows) == 0 {
		r.t.Fatalf("no verdicts: %v", err)
	}
	for _, row := range rows {
		_, body, err := r.store.Entry(r.t.Context(), row.Seq)
		if err != nil {
			r.t.Fatal(err)
		}
		var rec store.Record
		if err := json.Unmarshal(body, &rec); err != nil {
			r.t.Fatal(err)
		}
		again := checks.Judge(config.Policy(rec.Sources, r.flow.Defaults), rec.Pull)
		if handlers.Digest(again) != rec.Digest {
			r.t.Errorf("record %d of %s does not give its verdict again", row.Seq, p)
		}
	}
}

// verdicts is how many are on record.
func (r *rig) verdicts(p *sim.Pull) int {
	r.t.Helper()
	rows, err := r.store.List(r.t.Context(), store.Filter{Repo: "acme/shop", Pull: p.Number, Kind: store.KindVerdict})
	if err != nil {
		r.t.Fatal(err)
	}
	return len(rows)
}

func TestReportsAreAwaitedThenReadAndARerunOpensTheQuestionAgain(t *testing.T) {
	r, p := measured(t, patchPolicy)
	r.gauges(p, waiting, "ci.yml")
	run := r.workflow(p)
	r.settle()
	r.gauges(p, waiting, "ci.yml")
	leave(run, lcov("a.js", 10, 3))
	r.settle()
	r.gauges(p, met, "90")
	run.Rerun("bob")
	run.Start()
	r.settle()
	r.gauges(p, waiting, "ci.yml")
	leave(run, lcov("a.js", 10, 1, 2, 3))
	r.settle()
	r.gauges(p, unmet, "70")
	r.replays(p)
	report, err := r.store.Verify(t.Context(), nil)
	if err != nil || !report.OK() {
		t.Errorf("the log does not verify: %v %v", err, report.Problems)
	}
}

func TestALookAtAHeadWhoseReportsAreReadTakesOneRequestMoreAndNoDownload(t *testing.T) {
	for name, policy := range map[string]string{"patch": patchPolicy, "drop": dropPolicy} {
		t.Run(name, func(t *testing.T) {
			r, p := measured(t, policy)
			leave(r.begin(sim.NewWorkflowRun{Workflow: ci, Branch: "main", Started: true}), lcov("README.md", 1))
			run := r.workflow(p)
			r.settle()
			leave(run, lcov("a.js", 10))
			// The pull request, its runs, the artifacts, where one is, itself, the
			// files; of the base where it begins, its line, runs twice, and the same; a write.
			all, writes := r.requests(r.settle)
			if most := map[string]int{"patch": 7, "drop": 14}[name]; all > most || writes != 1 {
				t.Errorf("reading takes %d requests, %d of them writes; want at most %d and 1", all, writes, most)
			}
			r.gauges(p, met)
			all, writes = r.requests(func() {
				p.Comment("carol", "nice")
				r.settle()
			})
			if all != 2 || writes != 0 {
				t.Errorf("a look takes %d requests, %d of them writes; want 2 and 0", all, writes)
			}
			downloads := r.asked("/zip", func() {
				p.Approve("bob")
				r.settle()
			})
			if downloads != 0 {
				t.Errorf("%d downloads of what was read", downloads)
			}
			r.gauges(p, met)
		})
	}
}

func TestDoubledAndReorderedEventsOfAWorkflowGiveOneVerdictAndOneWrite(t *testing.T) {
	r, p := measured(t, patchPolicy)
	run := r.workflow(p)
	r.settle()
	before := r.verdicts(p)
	r.gh.SetMishaps(sim.Mishaps{Double: 0.9, Reorder: 0.9})
	leave(run, lcov("a.js", 10))
	_, writes := r.requests(r.settle)
	r.gauges(p, met)
	if got := r.verdicts(p) - before; got != 1 || writes != 1 {
		t.Errorf("%d verdicts and %d writes", got, writes)
	}
}

// forked is a pull request from a fork.
func forked(t *testing.T) (*rig, *sim.Repo, *sim.Pull) {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.policy(patchPolicy)
	fork := r.gh.User("eve").Fork(r.repo)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "patch", Files: map[string]string{"a.js": lines(10, "a")}}); err != nil {
		t.Fatal(err)
	}
	p, err := r.repo.OpenPull(sim.NewPull{By: "eve", Title: "fix", Head: "patch", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	return r, fork, p
}

func TestAForksRunIsFoundByItsHead(t *testing.T) {
	r, _, p := forked(t)
	r.settle()
	run := r.workflow(p)
	r.settle()
	r.gauges(p, waiting, "ci.yml")
	leave(run, lcov("a.js", 10))
	r.settle()
	r.gauges(p, waiting, "approv") // self-declared
	p.Approve("bob")
	r.settle()
	r.gauges(p, met)
}

func TestAnArtifactThatHasExpiredIsSaidAndNotPassed(t *testing.T) {
	r, p := measured(t, patchPolicy)
	run := r.workflow(p)
	a := run.Leave("coverage", map[string][]byte{"lcov.info": lcov("a.js", 10)})
	a.Expire()
	run.Finish("success")
	r.settle()
	r.gauges(p, unmet, "expired")
}

func TestNothingIsDownloadedWhileGitHubMayNotShowAllThatWasLeft(t *testing.T) {
	policy := strings.Replace(patchPolicy, "[{workflow: ci.yml}]", "[{workflow: ci.yml}, {workflow: e2e.yml}]", 1)
	r, p := measured(t, policy)
	leave(r.workflow(p), lcov("a.js", 10))
	r.begin(sim.NewWorkflowRun{Workflow: ".github/workflows/e2e.yml", Pull: p, Started: true}).Finish("success")
	if n := r.asked("/zip", r.settle); n != 1 {
		t.Errorf("%d downloads of one artifact", n)
	}
	r.gauges(p, unmet, "e2e.yml gave no coverage report")
}

func TestAWorkflowThatLeavesNothingIsSaidAndNotPassed(t *testing.T) {
	r, p := measured(t, patchPolicy)
	run := r.workflow(p)
	run.Leave("screenshots", map[string][]byte{"lcov.info": lcov("a.js", 10)})
	run.Finish("success")
	r.settle()
	r.gauges(p, unmet, "left no artifact")
}

func TestADownloadThatFailsIsTriedAgainAndIsNoVerdict(t *testing.T) {
	for where, f := range map[string]sim.Failure{
		"/zip": sim.Status(503), "/artifacts": sim.Cut(), "/git/trees/": sim.Status(500).After(), "/actions/runs": sim.Cut().After(),
	} {
		r, p := measured(t, patchPolicy)
		run := r.workflow(p)
		r.settle()
		before := r.verdicts(p)
		r.gh.Fail(sim.Fault{Times: 2, Do: []sim.Failure{f}, When: func(q sim.Request) bool { return strings.Contains(q.Path, where) }})
		leave(run, lcov("a.js", 10))
		r.settle()
		r.gauges(p, met)
		if got := r.verdicts(p) - before; got != 1 {
			t.Errorf("%d verdicts after failures at %s", got, where)
		}
	}
}

// actions is the way to the stand-in with something in it.
type actions struct {
	handlers.Actions
	tree func() error
	runs func([]checks.WorkflowRun) []checks.WorkflowRun
}

func (a *actions) WorkflowRuns(ctx context.Context, s checks.Subject, sha string) ([]checks.WorkflowRun, bool, error) {
	runs, cut, err := a.Actions.WorkflowRuns(ctx, s, sha)
	if a.runs != nil {
		runs = a.runs(runs)
	}
	return runs, cut, err
}

func (a *actions) Tree(ctx context.Context, s checks.Subject, commit string) (checks.Tree, error) {
	if a.tree != nil {
		if err := a.tree(); err != nil {
			return checks.Tree{}, err
		}
	}
	return a.Actions.Tree(ctx, s, commit)
}

func TestWhatStopsBetweenDownloadingAndKeepingLeavesNothingHalf(t *testing.T) {
	for name, stop := range map[string]func() error{
		"a failure": func() error { return errors.New("stopped") },
		"a bug":     func() error { panic("stopped") },
	} {
		t.Run(name, func(t *testing.T) {
			r, p := measured(t, patchPolicy)
			stops := 1
			a := &actions{Actions: r.hub, tree: func() error {
				if stops--; stops >= 0 {
					return stop()
				}
				return nil
			}}
			r.flow.Coverage = handlers.NewGatherer(a, readers())
			leave(r.workflow(p), lcov("a.js", 10))
			downloads := r.asked("/zip", r.settle)
			r.gauges(p, met)
			if downloads != 2 {
				t.Errorf("%d downloads, want one for each reading", downloads)
			}
		})
	}
}

func TestEveryReadingMakesRoomForTheNext(t *testing.T) {
	r, p := measured(t, patchPolicy)
	for i := range 4 { // twice as many as at once
		r.push("alice", "topic", map[string]string{"a.js": lines(10, fmt.Sprint("v", i))})
		r.settle()
		leave(r.workflow(p), lcov("a.js", 10))
		r.settle()
		r.gauges(p, met)
	}
}

func TestANewFileInNoReportIsLookedInto(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(patchPolicy)
	r.push("alice", "topic", map[string]string{"a.js": lines(10, "a"), "doc.go": "// Package p says.\npackage p\n"})
	p := r.open("topic")
	r.settle()
	run := r.workflow(p)
	leave(run, lcov("a.js", 10))
	r.settle()
	r.gauges(p, met)
	r.push("alice", "topic", map[string]string{"doc.go": "package p\n\nfunc F() int { return 1 }\n"})
	r.settle()
	leave(r.workflow(p), lcov("a.js", 10))
	r.settle()
	r.gauges(p, unmet, "doc.go")
}

func TestOnlyTheNewestArtifactOfANameCounts(t *testing.T) {
	r, p := measured(t, patchPolicy)
	run := r.workflow(p)
	leave(run, lcov("a.js", 10))
	run.Rerun("bob")
	r.pass(time.Minute)
	leave(run, lcov("a.js", 10, 1, 2, 3, 4, 5))
	r.settle()
	r.gauges(p, unmet, "50")
}

// running is a list of runs from before they were over.
func running(runs []checks.WorkflowRun) []checks.WorkflowRun {
	for i := range runs {
		runs[i].Status, runs[i].Conclusion = "in_progress", ""
	}
	return runs
}

func TestAListOfRunsFromBeforeTheirEndIsNotBelieved(t *testing.T) {
	for name, older := range map[string]func([]checks.WorkflowRun) []checks.WorkflowRun{
		"while they ran": running, "before they began": func([]checks.WorkflowRun) []checks.WorkflowRun { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			r, p := measured(t, patchPolicy)
			run := r.workflow(p)
			r.settle()
			lag := 0
			r.flow.Coverage = handlers.NewGatherer(&actions{Actions: r.hub, runs: func(runs []checks.WorkflowRun) []checks.WorkflowRun {
				if lag++; lag <= 3 {
					return older(runs)
				}
				return runs
			}}, readers())
			leave(run, lcov("a.js", 10))
			r.settle()
			r.gauges(p, met)
			if lag <= 3 {
				t.Errorf("GitHub was asked %d times only", lag)
			}
		})
	}
}

func TestARunThatGitHubGoesOnToShowAsRunningIsBelievedInTheEnd(t *testing.T) {
	r, p := measured(t, patchPolicy)
	run := r.workflow(p)
	r.settle()
	r.flow.Coverage = handlers.NewGatherer(&actions{Actions: r.hub, runs: running}, readers())
	leave(run, lcov("a.js", 10))
	r.settle()
	r.gauges(p, waiting, "ci.yml")
}
