package hub_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

const ciFile = ".github/workflows/ci.yml"

// measured is a world whose pull request was tested and left a report.
type measured struct {
	*world
	run *sim.WorkflowRun
	art checks.Artifact
}

func newMeasured(t *testing.T) *measured {
	t.Helper()
	w := &measured{world: newWorld(t)}
	w.run = w.start(sim.NewWorkflowRun{Workflow: ciFile, Pull: w.pr})
	w.run.Start()
	w.run.Leave("coverage", map[string][]byte{"cover.out": []byte("mode: set\n")})
	w.run.Finish("success")
	list, err := w.hub.Artifacts(t.Context(), w.subj, w.run.ID())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	w.art = list[0]
	w.gh.ClearRequests()
	return w
}

func (w *world) start(n sim.NewWorkflowRun) *sim.WorkflowRun {
	w.t.Helper()
	run, err := w.shop.StartWorkflow(n)
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

func TestTheNewestAttemptOfEachRunIsListed(t *testing.T) {
	w := newMeasured(t)
	other := w.start(sim.NewWorkflowRun{Workflow: ".github/workflows/lint.yml@main", Pull: w.pr, Uses: []string{".github/workflows/shared.yml"}})
	w.run.Rerun("bob")
	w.run.Start()
	runs, cut, err := w.hub.WorkflowRuns(t.Context(), w.subj, w.pr.Head())
	if err != nil || cut || len(runs) != 2 {
		t.Fatalf("%v, %v", runs, err)
	}
	slices.SortFunc(runs, func(a, b checks.WorkflowRun) int { return int(a.ID - b.ID) })
	ci, lint := runs[0], runs[1]
	if ci.ID != w.run.ID() || ci.Attempt != 2 || ci.Status != "in_progress" || ci.Conclusion != "" || ci.Path != ciFile || ci.Event != "pull_request" ||
		ci.SHA != w.pr.Head() || ci.HeadRepo != w.subj.RepoID || ci.Branch != "feature" || ci.Created.IsZero() {
		t.Errorf("%+v", ci)
	}
	if lint.ID != other.ID() || lint.Path != ".github/workflows/lint.yml" || !slices.Equal(lint.Uses, []string{".github/workflows/shared.yml"}) || lint.Status != "queued" {
		t.Errorf("%+v", lint)
	}
	one, err := w.hub.WorkflowRun(t.Context(), w.subj, w.run.ID())
	if d := cmp.Diff(ci, one); d != "" || err != nil {
		t.Error(d, err)
	}
	var missing interface{ Unusable() string }
	if _, err := w.hub.WorkflowRun(t.Context(), w.subj, 1); !errors.As(err, &missing) {
		t.Errorf("%#v", err)
	}
	if runs, _, err := w.hub.WorkflowRuns(t.Context(), w.subj, strings.Repeat("0", 40)); err != nil || len(runs) != 0 {
		t.Errorf("%v, %v", runs, err)
	}
}

func TestAForksRunForItsOwnMainIsNoBaseRun(t *testing.T) {
	w := newWorld(t)
	fork := w.gh.User("eve").Fork(w.shop)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "main", Files: map[string]string{"a.go": "package evil\n"}}); err != nil {
		t.Fatal(err)
	}
	pr, err := w.shop.OpenPull(sim.NewPull{By: "eve", Title: "fix", Head: "main", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	w.start(sim.NewWorkflowRun{Workflow: ciFile, Pull: pr, Event: "push"}).Finish("success")
	w.start(sim.NewWorkflowRun{Workflow: ciFile, Pull: pr}).Finish("success")
	own := w.start(sim.NewWorkflowRun{Workflow: ciFile, Branch: "main"})
	own.Finish("success")
	before := w.gh.Now().Add(time.Second)
	runs, err := w.hub.BranchRuns(t.Context(), w.subj, "main", before)
	if err != nil || len(runs) != 1 || runs[0].ID != own.ID() {
		t.Errorf("%+v, %v", runs, err)
	}
	if runs, err := w.hub.BranchRuns(t.Context(), w.subj, "main", before.Add(-time.Hour)); err != nil || len(runs) != 0 {
		t.Errorf("runs from after: %+v, %v", runs, err)
	}
}

func TestAnArtifactIsDownloadedFromTheOtherHost(t *testing.T) {
	w := newMeasured(t)
	data, err := w.hub.Download(t.Context(), w.subj, w.art)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != "cover.out" || int64(len(data)) != w.art.Size {
		t.Fatalf("%v, %v", z, err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(f); err != nil || string(text) != "mode: set\n" {
		t.Errorf("%q, %v", text, err)
	}
	if w.gh.Count(nil) != 2 { // where it is, and it
		t.Errorf("%+v", w.gh.Requests())
	}
	forged := w.art
	forged.Digest = "sha256:" + strings.Repeat("ab", 32)
	gone := w.run.Leave("old", map[string][]byte{"x": []byte("y")})
	gone.Expire()
	for name, a := range map[string]checks.Artifact{"not what it was": forged, "expired since it was listed": {ID: gone.ID()}, "never there": {ID: 1}} {
		var fault interface{ Unusable() string }
		if data, err := w.hub.Download(t.Context(), w.subj, a); !errors.As(err, &fault) || data != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
	list, err := w.hub.Artifacts(t.Context(), w.subj, w.run.ID())
	if i := slices.IndexFunc(list, func(a checks.Artifact) bool { return a.Name == "old" }); err != nil || i < 0 || !list[i].Expired {
		t.Errorf("%+v, %v", list, err)
	}
	w.gh.ClearRequests()
	for _, a := range list {
		if a.Expired {
			if _, err := w.hub.Download(t.Context(), w.subj, a); err == nil || w.gh.Count(nil) != 0 {
				t.Errorf("%v after %d requests", err, w.gh.Count(nil))
			}
		}
	}
}

func TestALinkThatIsTooOldIsAskedForAnew(t *testing.T) {
	w := newMeasured(t)
	w.gh.RedirectArtifacts(func(url string) string { return strings.Replace(url, "sig=", "sig=x", 1) })
	_, err := w.hub.Download(t.Context(), w.subj, w.art)
	if e, ok := errors.AsType[*hub.Error](err); !ok || e.Status != 403 || e.Gone() || strings.Contains(err.Error(), "sig=") || strings.Contains(err.Error(), "actions-results") {
		t.Errorf("%v", err)
	}
	w.gh.RedirectArtifacts(nil)
	if _, err := w.hub.Download(t.Context(), w.subj, w.art); err != nil {
		t.Error(err)
	}
}

// CI tests the merge of the head into a base that moved lines in the same file:
// there the added line has another number than at the head.
func TestLinesAreThoseOfTheMergeThatWasTested(t *testing.T) {
	w := newWorld(t)
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	w.push("main", map[string]string{"x.go": ten})
	w.push("main", map[string]string{"y.go": ten})
	if _, err := w.shop.Push(sim.Push{By: "alice", Branch: "next", Files: map[string]string{"x.go": ten + "new\n"}}); err != nil {
		t.Fatal(err)
	}
	pr, err := w.shop.OpenPull(sim.NewPull{By: "alice", Title: "feat: next", Head: "next"})
	if err != nil {
		t.Fatal(err)
	}
	w.pr, w.subj.Number = pr, pr.Number
	part := w.shop.Branch("main")
	w.push("main", map[string]string{"x.go": "0\n0\n0\n" + ten})
	merge := pr.TestMerge()
	pull, _ := w.read(checks.Need{})
	if want := (checks.TestMerge{SHA: merge, Onto: w.shop.Branch("main"), Head: pr.Head()}); pull.Merge != want {
		t.Fatalf("%+v, want %+v", pull.Merge, want)
	}
	if err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Files: true}); err != nil || len(pull.Files) != 1 || pull.Files[0].Added.String() != "11" {
		t.Fatalf("%+v, %v", pull.Files, err)
	}
	d, err := w.hub.Between(t.Context(), w.subj, pull.Merge.Onto, pull.Merge.SHA)
	if err != nil || !d.Whole || d.MergeBase != pull.Merge.Onto || d.MergeBaseAt.IsZero() || len(d.Files) != 1 || d.Files[0].Added.String() != "14" || !d.Files[0].LinesKnown {
		t.Errorf("%+v, %v", d, err)
	}
	d, err = w.hub.Between(t.Context(), w.subj, w.shop.Branch("main"), pr.Head())
	if err != nil || d.MergeBase != part || d.Files[0].Added.String() != "11" {
		t.Errorf("%+v, %v", d, err)
	}
	tree, err := w.hub.Tree(t.Context(), w.subj, pull.Merge.SHA)
	if err != nil || tree.Files["x.go"] == "" || tree.Files["x.go"] == pull.Files[0].SHA || tree.Cut {
		t.Errorf("%+v, %v", tree, err)
	}
	text, err := w.hub.Blob(t.Context(), w.subj, tree.Files["x.go"], 1000)
	if err != nil || string(text) != "0\n0\n0\n"+ten+"new\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAPatchThatGitHubDoesNotShowLeavesTheLinesUnknown(t *testing.T) {
	w := newWorld(t)
	w.push("feature", map[string]string{"long.go": strings.Repeat("x\n", 50), "short.go": "x\n", "\u00fc \"q\".go": "y\n"})
	w.gh.SetLimits(sim.Limits{PatchLines: 20})
	pull, _ := w.read(checks.Need{})
	if err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Files: true}); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range pull.Files {
		known[f.Path] = f.LinesKnown
	}
	if d := cmp.Diff(map[string]bool{"b.go": true, "long.go": false, "short.go": true, "\u00fc \"q\".go": true}, known); d != "" {
		t.Error(d)
	}
}

func TestATreeThatIsNotListedAtOnceIsReadByDirectories(t *testing.T) {
	w := newWorld(t)
	files := map[string]string{}
	for i := range 40 {
		files[fmt.Sprintf("d%d/e%d/f%d.go", i%3, i%5, i)] = "package d\n"
	}
	sha := w.push("main", files)
	whole, err := w.hub.Tree(t.Context(), w.subj, sha)
	if err != nil || whole.Cut || len(whole.Files) < 43 {
		t.Fatalf("%d files, cut %v, %v", len(whole.Files), whole.Cut, err)
	}
	w.gh.SetLimits(sim.Limits{TreeEntries: 30})
	parts, err := w.hub.Tree(t.Context(), w.subj, sha)
	if d := cmp.Diff(whole, parts); d != "" || err != nil {
		t.Error(err, d)
	}
	w.gh.SetLimits(sim.Limits{TreeEntries: 1})
	if tree, err := w.hub.Tree(t.Context(), w.subj, sha); err != nil || !tree.Cut {
		t.Errorf("%d files are said to be all, %v", len(tree.Files), err)
	}
}

func TestTheBasesFirstParentsLeaveOutWhatWasMerged(t *testing.T) {
	w := newWorld(t)
	line := []string{w.shop.Branch("main")}
	for i := range 5 {
		line = append(line, w.push("main", map[string]string{"a.go": fmt.Sprint("package a\n// ", i)}))
	}
	if _, err := w.pr.Merge("bob"); err != nil {
		t.Fatal(err)
	}
	line = append(line, w.shop.Branch("main"))
	slices.Reverse(line)
	w.gh.ClearRequests()
	got, err := w.hub.FirstParents(t.Context(), w.subj, w.shop.Branch("main"), 50)
	if err != nil || len(got) != len(line)+1 { // and what the repository began with
		t.Fatalf("%v, %v", got, err)
	}
	if d := cmp.Diff(line, got[:len(line)]); d != "" {
		t.Error(d)
	}
	for _, q := range w.gh.Requests() {
		if q.Cost > 1 {
			t.Errorf("%s costs %d points", q.Operation, q.Cost)
		}
	}
	if got, err := w.hub.FirstParents(t.Context(), w.subj, line[0], 3); err != nil || !slices.Equal(got, line[:3]) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTheTokenOfARunVouchesForItUntilTheKeyChanges(t *testing.T) {
	w := newMeasured(t)
	got, err := w.hub.Verify(t.Context(), w.run.Token(handrailURL))
	if err != nil || got.Run != w.run.ID() || got.RepoID != w.subj.RepoID || got.OwnerID == 0 || got.Attempt != 1 || got.Event != "pull_request" ||
		got.SHA != w.run.Tested() || got.ID == "" || !got.Expires.After(time.Now()) {
		t.Errorf("%+v, %v", got, err)
	}
	var refusal interface{ Refused() string }
	for name, token := range map[string]string{
		"for somebody else": w.run.Token("https://codecov.io"), "for the owner": w.run.Token(""),
		"of no run": w.run.TokenWith(handrailURL, map[string]any{"run_id": nil}), "expired": w.run.TokenWith(handrailURL, map[string]any{"exp": 1}),
	} {
		if _, err := w.hub.Verify(t.Context(), token); !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := w.gh.Count(nil); n != 2 {
		t.Errorf("the issuer was asked %d times", n)
	}
}

// coverageReads are all readings of what coverage needs, each with what its
// requests' paths end with.
func (w *measured) coverageReads() map[string]struct {
	path string
	do   func(context.Context, *hub.Hub) error
} {
	type read = struct {
		path string
		do   func(context.Context, *hub.Hub) error
	}
	tree, err := w.hub.Tree(w.t.Context(), w.subj, w.pr.Head())
	if err != nil {
		w.t.Fatal(err)
	}
	head, main, blob, run := w.pr.Head(), w.shop.Branch("main"), tree.Files["b.go"], w.run.ID()
	s, art, token := w.subj, w.art, w.run.Token(handrailURL)
	return map[string]read{
		"runs": {"/actions/runs", func(ctx context.Context, h *hub.Hub) error { _, _, err := h.WorkflowRuns(ctx, s, head); return err }},
		"branch runs": {"/actions/runs", func(ctx context.Context, h *hub.Hub) error {
			_, err := h.BranchRuns(ctx, s, "main", time.Now())
			return err
		}},
		"run":               {fmt.Sprint("/actions/runs/", run), func(ctx context.Context, h *hub.Hub) error { _, err := h.WorkflowRun(ctx, s, run); return err }},
		"artifacts":         {"/artifacts", func(ctx context.Context, h *hub.Hub) error { _, err := h.Artifacts(ctx, s, run); return err }},
		"where it is":       {"/zip", func(ctx context.Context, h *hub.Hub) error { _, err := h.Download(ctx, s, art); return err }},
		"from storage":      {".zip", func(ctx context.Context, h *hub.Hub) error { _, err := h.Download(ctx, s, art); return err }},
		"tree":              {"/git/trees/" + head, func(ctx context.Context, h *hub.Hub) error { _, err := h.Tree(ctx, s, head); return err }},
		"difference":        {"/compare/" + main + "..." + head, func(ctx context.Context, h *hub.Hub) error { _, err := h.Between(ctx, s, main, head); return err }},
		"first parents":     {"/graphql", func(ctx context.Context, h *hub.Hub) error { _, err := h.FirstParents(ctx, s, head, 50); return err }},
		"blob":              {"/git/blobs/" + blob, func(ctx context.Context, h *hub.Hub) error { _, err := h.Blob(ctx, s, blob, 1000); return err }},
		"issuer":            {"/openid-configuration", func(ctx context.Context, h *hub.Hub) error { _, err := h.Verify(ctx, token); return err }},
		"the issuer's keys": {"/jwks", func(ctx context.Context, h *hub.Hub) error { _, err := h.Verify(ctx, token); return err }},
	}
}

func TestEveryFailureOfAReadIsAnErrorAndOverWhenGitHubIsWellAgain(t *testing.T) {
	failures := map[string]sim.Failure{
		"500": sim.Status(500), "502": sim.Status(502), "cut": sim.Cut(), "short": sim.Short(), "hang": sim.Hang(300 * time.Millisecond),
		"secondary limit": sim.Secondary(time.Minute), "limit": sim.Exhausted(),
	}
	for what := range newMeasured(t).coverageReads() {
		for name, failure := range failures {
			if what == "where it is" && name == "short" {
				continue // the address is in the header, which is whole
			}
			t.Run(what+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newMeasured(t)
				read := w.coverageReads()[what]
				cfg := hub.Config{WebURL: w.gh.URL(), AppID: w.gh.App().ID, PrivateKey: w.gh.App().PrivateKey(), PublicURL: handrailURL}
				if name == "hang" {
					cfg.Timeout = 200 * time.Millisecond
				}
				h, err := hub.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				remove := w.gh.Fail(sim.Fault{Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return strings.HasSuffix(q.Path, read.path) }})
				limit := strings.Contains(name, "limit")
				err = read.do(t.Context(), h)
				if e, ok := errors.AsType[*hub.Error](err); !ok || e.Gone() || limit && e.RetryAt().IsZero() {
					t.Errorf("%#v", err)
				}
				remove()
				if limit {
					return // it goes on for a minute
				}
				if err := read.do(t.Context(), w.hub); err != nil {
					t.Errorf("after it was over: %v", err)
				}
			})
		}
	}
}
