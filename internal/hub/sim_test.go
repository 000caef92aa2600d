package hub_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// world is a stand-in for GitHub with one pull request, and a hub that asks it.
type world struct {
	t    *testing.T
	gh   *sim.GitHub
	hub  *hub.Hub
	acme *sim.Org
	shop *sim.Repo
	pr   *sim.Pull
	subj checks.Subject
}

// handrailURL is the audience of tokens.
const handrailURL = "https://handrail.test"

const policyText = "version: 1\nreview: {}\n"

func newWorld(t *testing.T) *world {
	t.Helper()
	gh := sim.New(sim.Options{Seed: 1})
	url, stop, err := gh.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	oracle.Watch(t, gh)
	leak.Over(t, gh, "")
	h, err := hub.New(hub.Config{WebURL: url, AppID: gh.App().ID, PrivateKey: gh.App().PrivateKey(), PublicURL: handrailURL, Timeout: 20 * time.Second, RESTPoints: -1, QueryPoints: -1})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, gh: gh, hub: h}
	w.acme = gh.Org("acme")
	w.acme.AddOwner("root")
	w.acme.Team("qa", "quinn", "alice")
	w.shop = w.acme.Repo("shop")
	w.shop.Allow("alice", "write")
	w.shop.Allow("bob", "maintain")
	install := w.acme.Install()
	w.push("main", map[string]string{"a.go": "package a\n", ".github/handrail.yml": policyText, ".github/CODEOWNERS": "* @bob @acme/qa\n"})
	w.push("feature", map[string]string{"b.go": "package b\n"})
	if w.pr, err = w.shop.OpenPull(sim.NewPull{By: "alice", Title: "feat: b", Head: "feature"}); err != nil {
		t.Fatal(err)
	}
	if w.subj, err = h.Find(t.Context(), "acme", "shop", w.pr.Number); err != nil {
		t.Fatal(err)
	}
	if w.subj.Installation != install.ID || w.subj.RepoID == 0 {
		t.Fatalf("found %+v", w.subj)
	}
	gh.ClearRequests()
	return w
}

func (w *world) push(branch string, files map[string]string) string {
	w.t.Helper()
	sha, err := w.shop.Push(sim.Push{By: "alice", Branch: branch, Files: files})
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

func (w *world) read(need checks.Need) (checks.Pull, []checks.Source) {
	w.t.Helper()
	pull, sources, err := w.hub.Read(w.t.Context(), w.subj, need, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return pull, sources
}

// plan is what a pull request that is met lacks.
func plan(pull checks.Pull, conclusion string) []checks.Action {
	var out []checks.Action
	has := len(pull.Labels) > 0
	if has && conclusion != "success" {
		out = append(out, checks.Action{Kind: checks.RemoveLabel, Label: checks.LabelMet})
	}
	all := true
	for _, name := range []string{"handrail/review", "handrail/status", checks.RunMerge} {
		o := checks.Output{Name: name, Head: pull.Head.SHA, Status: "completed", Conclusion: conclusion, Title: "t", Summary: "s", ExternalID: "hr1-" + conclusion}
		shown := false
		for _, r := range pull.Runs {
			shown = shown || r.Name == name && r.ExternalID == o.ExternalID && r.AppID == pull.AppID && r.Conclusion == conclusion
		}
		if !shown {
			all = false
			out = append(out, checks.Action{Kind: checks.CreateRun, Run: o})
		}
	}
	if conclusion == "success" && !has {
		out = append(out, checks.Action{Kind: checks.AddLabel, Label: checks.LabelMet})
	}
	if all && has == (conclusion == "success") {
		return nil
	}
	return out
}

func TestTheStandInsPullRequestIsReadAsItIs(t *testing.T) {
	w := newWorld(t)
	w.pr.RequestReview("alice", "acme/qa")
	rv := w.pr.RequestChanges("bob", "no")
	rv.Dismiss("root", "done")
	w.pr.Approve("bob")
	w.pr.Comment("quinn", "QA +1")
	w.pr.AddLabel("mallory", "bug")
	w.shop.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: "build", App: w.gh.OtherApp("github-actions")}}})
	run, err := w.shop.StartRun(sim.NewRun{Name: "build", SHA: w.pr.Head()})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Finish("failure"); err != nil {
		t.Fatal(err)
	}
	w.shop.SetStatus("ci-bot", w.pr.Head(), "ci/travis", "pending", "")
	pull, sources := w.read(checks.Need{Teams: []string{"acme/qa", "acme/none"}, Users: []string{"stranger"}})
	if n := w.gh.Count(nil); n != 1 {
		t.Errorf("%d requests", n)
	}
	for _, q := range w.gh.Requests() {
		if !q.Minting() && (q.Cost > 3 || q.Cost < 1) {
			t.Errorf("%s costs %d points", q.Operation, q.Cost)
		}
	}
	if d := cmp.Diff([]checks.Source{
		{Repo: "acme/shop", Path: checks.PolicyPath, Commit: w.shop.Branch("main"), Blob: sources[0].Blob, Text: policyText},
		{Repo: "acme/.github", Path: checks.FloorPath, Absent: true, Floor: true},
	}, sources); d != "" {
		t.Error(d)
	}
	if pull.Head.SHA != w.pr.Head() || pull.Base.SHA != w.shop.Branch("main") || !pull.Open || pull.Author.Login != "alice" ||
		pull.FileCount != 1 || pull.CommitCount != 1 || len(pull.Commits) != 1 || pull.Commits[0].Author.Login != "alice" ||
		pull.Owners.Text != "* @bob @acme/qa\n" || pull.Proposed != nil || !cmp.Equal(pull.Labels, []string{"bug"}) || pull.At.IsZero() {
		t.Errorf("%+v", pull)
	}
	if len(pull.Reviews) != 2 || pull.Reviews[0].State != "DISMISSED" || pull.Reviews[0].DismissedBy != "root" || pull.Reviews[1].Commit != pull.Head.SHA {
		t.Errorf("reviews %+v", pull.Reviews)
	}
	if len(pull.Runs) != 2 || pull.Runs[0].Conclusion != "failure" || pull.Runs[0].App != "github-actions" || pull.Runs[1].Status != "in_progress" {
		t.Errorf("runs %+v", pull.Runs)
	}
	if !cmp.Equal(pull.BranchRequires, []checks.Required{{Name: "build", AppID: w.gh.OtherApp("github-actions")}}) {
		t.Errorf("required %+v", pull.BranchRequires)
	}
	for login, want := range map[string]string{"alice": "write", "bob": "maintain", "root": "admin", "stranger": "none"} {
		if got := pull.People[login].Permission; got != want {
			t.Errorf("%s has %q, want %q", login, got, want)
		}
	}
	if qa := pull.Teams["acme/qa"]; !qa.Found || len(qa.Members) != 2 {
		t.Errorf("team %+v", qa)
	}
	if none, asked := pull.Teams["acme/none"]; none.Found || !asked {
		t.Errorf("team %+v", none)
	}
}

func TestANewHeadTakesFourRequestsAndALookAgainOne(t *testing.T) {
	w := newWorld(t)
	w.push("feature", map[string]string{"c.go": "package c\n"})
	w.gh.ClearRequests()
	pull, _ := w.read(checks.Need{})
	if err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Files: true}); err != nil {
		t.Fatal(err)
	}
	if len(pull.Files) != 2 || pull.Files[0].Status != "added" || pull.Files[0].SHA == "" {
		t.Errorf("files %+v", pull.Files)
	}
	if _, err := w.hub.Publish(t.Context(), w.subj, pull, plan(pull, "success")); err != nil {
		t.Fatal(err)
	}
	if n, writes := w.gh.Count(nil), w.gh.Writes(); n > 4 || writes != 2 {
		t.Errorf("%d requests, %d of them writes: %+v", n, writes, w.gh.Requests())
	}
	w.gh.ClearRequests()
	pull, _ = w.read(checks.Need{})
	if again := plan(pull, "success"); len(again) != 0 || w.gh.Count(nil) != 1 || !w.pr.HasLabel(checks.LabelMet) {
		t.Errorf("%d requests, still to do %+v", w.gh.Count(nil), again)
	}
}

func TestModesAndEarlierDifferencesComeFromTheCommitsThemselves(t *testing.T) {
	w := newWorld(t)
	old := w.pr.Head()
	if _, err := w.shop.Push(sim.Push{By: "alice", Branch: "feature", Files: map[string]string{"run.sh": "x\n", "b.go": "package b2\n"}, Modes: map[string]string{"run.sh": "100755"}}); err != nil {
		t.Fatal(err)
	}
	pull, _ := w.read(checks.Need{})
	ask := checks.Wants{
		Files: true, Changes: []string{old, strings.Repeat("0", 40)},
		Modes: map[string][]string{pull.Head.SHA: {"run.sh", "b.go"}, old: {"b.go", "nothing"}},
	}
	if err := w.hub.Complete(t.Context(), w.subj, &pull, ask); err != nil {
		t.Fatal(err)
	}
	modes := map[string]string{}
	for _, f := range pull.Files {
		modes[f.Path] = f.Mode
	}
	if !cmp.Equal(modes, map[string]string{"run.sh": "100755", "b.go": "100644"}) {
		t.Errorf("modes %v", modes)
	}
	ch := pull.Memory.Changes[old]
	if !ch.Whole || len(ch.Files) != 1 || ch.Files[0].Path != "b.go" || ch.Files[0].Mode != "100644" || ch.Base != "main" {
		t.Errorf("change %+v", ch)
	}
	if lost, ok := pull.Memory.Changes[strings.Repeat("0", 40)]; !ok || lost.Whole {
		t.Errorf("lost commit %+v", lost)
	}
}

func TestAPushBetweenReadingAndCompletingIsNoticed(t *testing.T) {
	w := newWorld(t)
	pull, _ := w.read(checks.Need{})
	w.push("feature", map[string]string{"evil.go": "package evil\n"})
	err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Files: true})
	if e, ok := errors.AsType[*hub.Error](err); !ok || !e.Moved || pull.FilesRead {
		t.Errorf("%v, read %v", err, pull.Files)
	}
}

func TestAPolicyThatThePullRequestBringsIsShownFromItsHead(t *testing.T) {
	w := newWorld(t)
	w.push("feature", map[string]string{".github/handrail.yml": "version: 9\n"})
	pull, sources := w.read(checks.Need{})
	if pull.Proposed == nil || pull.Proposed.Text != "version: 9\n" || sources[0].Text != policyText {
		t.Errorf("proposed %+v, judged by %q", pull.Proposed, sources[0].Text)
	}
	w.push("main", map[string]string{".github/handrail.yml": "version: 9\n"})
	if pull, _ = w.read(checks.Need{}); pull.Proposed != nil {
		t.Errorf("proposed what is in force: %+v", pull.Proposed)
	}
}

func TestAForksPullRequestIsRead(t *testing.T) {
	w := newWorld(t)
	fork := w.gh.User("eve").Fork(w.shop)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "patch", Files: map[string]string{"a.go": "package evil\n", ".github/handrail.yml": "version: 7\n"}}); err != nil {
		t.Fatal(err)
	}
	pr, err := w.shop.OpenPull(sim.NewPull{By: "eve", Title: "fix", Head: "patch", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	w.subj.Number = pr.Number
	pull, sources := w.read(checks.Need{})
	if pull.Head.RepoID == pull.Base.RepoID || pull.Proposed == nil || pull.Proposed.Text != "version: 7\n" || sources[0].Text != policyText {
		t.Errorf("%+v %+v", pull.Head, pull.Proposed)
	}
}

func TestAFullRepositoryIsReadToItsEnd(t *testing.T) {
	w := newWorld(t)
	for i := range 130 {
		w.shop.Allow(fmt.Sprint("dev", i), "write")
		w.pr.Comment(fmt.Sprint("dev", i), "hello")
		w.acme.Team("qa").Add(fmt.Sprint("dev", i))
		w.shop.SetStatus("ci-bot", w.pr.Head(), fmt.Sprint("ci/", i), "success", "")
	}
	w.shop.Allow("zoe", "write")
	for i := range 101 {
		w.pr.CommentReview(fmt.Sprint("dev", i), "hm")
		w.push("feature", map[string]string{"b.go": fmt.Sprint("package b", i)})
		w.shop.SetStatus("ci-bot", w.pr.Head(), fmt.Sprint("ci/", i), "success", "")
	}
	w.gh.ClearRequests()
	pull, _ := w.read(checks.Need{Teams: []string{"acme/qa"}})
	if len(pull.Comments) != 130 || len(pull.Reviews) != 101 || len(pull.Commits) != 102 || len(pull.Runs) == 0 || len(pull.Teams["acme/qa"].Members) != 132 {
		t.Errorf("%d comments, %d reviews, %d commits, %d runs, %d members", len(pull.Comments), len(pull.Reviews), len(pull.Commits), len(pull.Runs), len(pull.Teams["acme/qa"].Members))
	}
	if n := w.gh.Count(nil); n != 3 {
		t.Errorf("%d requests", n)
	}
	if _, known := pull.People["zoe"]; known {
		t.Error("somebody beyond the list is said to be known")
	}
	if err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Users: []string{"zoe", "mallory"}}); err != nil {
		t.Fatal(err)
	}
	if pull.People["zoe"].Permission != "write" || pull.People["mallory"].Permission != "none" {
		t.Errorf("people %v %v", pull.People["zoe"], pull.People["mallory"])
	}
	w.gh.ClearRequests()
	pull, _, err := w.hub.Read(t.Context(), w.subj, checks.Need{}, []string{"ZOE"})
	if err != nil || pull.People["zoe"].Permission != "write" {
		t.Errorf("%v %v", pull.People["zoe"], err)
	}
}

func TestWhateverFailsWhileWritingTheLabelNeverStandsAlone(t *testing.T) {
	failures := []sim.Failure{
		sim.Status(502), sim.Cut(), sim.Partial("createCheckRun"), sim.Partial("addLabelsToLabelable"), sim.Partial("createLabel"),
		sim.Secondary(time.Second), sim.Exhausted(), sim.Status(401), sim.Hang(100 * time.Millisecond),
	}
	for _, f := range failures[:5] {
		failures = append(failures, f.After())
	}
	for i, failure := range failures {
		for nth := range 2 { // the first or the second write fails
			t.Run(fmt.Sprintf("%d/%d", i, nth), func(t *testing.T) {
				w := newWorld(t)
				pull, _ := w.read(checks.Need{})
				seen := 0
				w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool {
					if q.Write {
						seen++
					}
					return q.Write && seen == nth+1
				}})
				out, err := w.hub.Publish(t.Context(), w.subj, pull, plan(pull, "success"))
				failed := false
				for _, o := range out {
					failed = failed || o.Error != ""
				}
				if (err != nil) != failed {
					t.Errorf("error %v, outcomes %+v", err, out)
				}
				for _, name := range []string{"handrail/review", "handrail/status", checks.RunMerge} {
					if run, ok := w.pr.Run(name); w.pr.HasLabel(checks.LabelMet) && (!ok || run.Conclusion != "success") {
						t.Errorf("labelled without %s", name)
					}
				}
				w.settle(t, "success")
			})
		}
	}
}

// settle does what a worker does until there is nothing left to do.
func (w *world) settle(t *testing.T, conclusion string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		pull, _, err := w.hub.Read(ctx, w.subj, checks.Need{}, nil)
		if err == nil {
			todo := plan(pull, conclusion)
			if len(todo) == 0 {
				break
			}
			_, err = w.hub.Publish(ctx, w.subj, pull, todo)
		}
		if ctx.Err() != nil {
			t.Fatalf("not settled: %v", err)
		}
		e, ok := errors.AsType[*hub.Error](err)
		switch {
		case err == nil || ok && !e.Limited:
		case ok && time.Until(e.RetryAt()) > 5*time.Second:
			return // a limit of an hour: it says so, and is not waited for here
		default:
			select {
			case <-time.After(time.Until(e.RetryAt())):
			case <-ctx.Done():
			}
		}
	}
	if w.pr.HasLabel(checks.LabelMet) != (conclusion == "success") {
		t.Errorf("labels %v", w.pr.Labels())
	}
	if run, ok := w.pr.Run(checks.RunMerge); !ok || run.Conclusion != conclusion {
		t.Errorf("run %+v", run)
	}
}

func TestAFifthOfCallsFailingStillEndsRight(t *testing.T) {
	w := newWorld(t)
	do := []sim.Failure{sim.Status(500), sim.Status(502).After(), sim.Cut(), sim.Cut().After(), sim.Partial("createCheckRun"), sim.Partial("reviews"), sim.Partial("addLabelsToLabelable").After()}
	w.gh.Fail(sim.Fault{Rate: 0.2, Do: do})
	for _, conclusion := range []string{"success", "failure", "success", "failure", "success"} {
		w.settle(t, conclusion)
	}
}

func TestATokenThatIsRevokedIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.read(checks.Need{})
	w.gh.RevokeTokens()
	w.read(checks.Need{})
	if n := w.gh.Count(sim.Request.Minting); n != 1 {
		t.Errorf("minted %d times", n)
	}
}

func TestWhatLeavesTheInstallationIsGone(t *testing.T) {
	w := newWorld(t)
	gone := func(s checks.Subject) {
		t.Helper()
		_, _, err := w.hub.Read(t.Context(), s, checks.Need{}, nil)
		if e, ok := errors.AsType[*hub.Error](err); !ok || !e.Gone() {
			t.Errorf("%+v: %v", s, err)
		}
	}
	s := w.subj
	s.Number = 999
	gone(s)
	s.Repo = "nothing"
	gone(s)
	s = w.subj
	s.Installation = 999999
	gone(s)
	w.shop.Rename("root", "store")
	w.subj.Repo = "store"
	if pull, _ := w.read(checks.Need{}); pull.Repo.Name != "store" {
		t.Errorf("after a rename it is %v", pull.Repo)
	}
}

func TestTheSweepSeesWhatChanged(t *testing.T) {
	w := newWorld(t)
	w.pr.AddLabel("mallory", checks.LabelMet)
	ids, err := w.hub.Installations(t.Context())
	if err != nil || !cmp.Equal(ids, []int64{w.subj.Installation}) {
		t.Fatal(ids, err)
	}
	repos, err := w.hub.Repos(t.Context(), ids[0])
	if err != nil || len(repos) != 1 || repos[0].ID != w.subj.RepoID {
		t.Fatal(repos, err)
	}
	list, _, next, err := w.hub.OpenPulls(t.Context(), ids[0], repos[0], "")
	if err != nil || next != "" || len(list) != 1 || !list[0].Labelled || list[0].Head != w.pr.Head() || list[0].Base != w.shop.Branch("main") {
		t.Fatal(list, next, err)
	}
	if a, err := w.hub.App(t.Context()); err != nil || a.Slug != "handrail" {
		t.Error(a, err)
	}
	if left, limit, _ := w.hub.Budget(ids[0]); limit != 5000 || left >= 5000 {
		t.Errorf("%d of %d", left, limit)
	}
}

func TestAGlimpseIsEnoughToSayThatAPullRequestCannotBeJudged(t *testing.T) {
	w := newWorld(t)
	pull, _ := w.read(checks.Need{})
	if _, err := w.hub.Publish(t.Context(), w.subj, pull, plan(pull, "success")); err != nil {
		t.Fatal(err)
	}
	got, err := w.hub.Glimpse(t.Context(), w.subj)
	if err != nil {
		t.Fatal(err)
	}
	if got.Head.SHA != w.pr.Head() || got.ID != pull.ID || !got.Open || !cmp.Equal(got.Labels, []string{checks.LabelMet}) ||
		len(got.Runs) != 1 || got.Runs[0].Name != checks.RunMerge || got.Runs[0].Conclusion != "success" {
		t.Errorf("%+v", got)
	}
	todo := []checks.Action{{Kind: checks.RemoveLabel, Label: checks.LabelMet}}
	if _, err := w.hub.Publish(t.Context(), w.subj, got, todo); err != nil || w.pr.HasLabel(checks.LabelMet) {
		t.Errorf("%v, labels %v", err, w.pr.Labels())
	}
}
