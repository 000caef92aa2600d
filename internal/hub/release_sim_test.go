package hub_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

// shipping is a world with an annotated tag, its draft with a file, and an App that may
// do all that releases need.
type shipping struct {
	*world
	draft *sim.Release
}

func ship(t *testing.T) *shipping {
	t.Helper()
	w := newWorld(t)
	for _, name := range []string{"contents", "issues", "deployments", "actions"} {
		w.gh.SetPermission(name, "write")
	}
	w.gh.SetPermission("attestations", "read")
	w.gh.RevokeTokens()
	s := &shipping{world: w}
	if err := w.shop.PushTags("bob", sim.NewTag{Name: "v1.0.0", SHA: "main", Annotated: true, Tagger: "alice", Message: "One"}); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.draft, err = w.shop.NewRelease(sim.NewRelease{By: "bob", Tag: "v1.0.0", Name: "One", Draft: true}); err != nil {
		t.Fatal(err)
	}
	s.upload("app.tar.gz", "the program")
	w.subj.Kind, w.subj.Name, w.subj.Number = checks.KindRelease, "v1.0.0", 0
	s.release(0) // with it comes a token that permits it
	w.gh.ClearRequests()
	return s
}

func (s *shipping) upload(name, content string) *sim.Asset {
	s.t.Helper()
	a, err := s.draft.Upload("bob", name, []byte(content))
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *shipping) release(issue int) (checks.Release, []checks.Source) {
	s.t.Helper()
	r, sources, err := s.hub.Release(s.t.Context(), s.subj, issue)
	if err != nil {
		s.t.Fatal(err)
	}
	return r, sources
}

// carryOut publishes a plan, all of which must be confirmed.
func (s *shipping) carryOut(r checks.Release, plan ...checks.Action) []checks.Outcome {
	s.t.Helper()
	out, err := s.hub.PublishRelease(s.t.Context(), s.subj, r, plan)
	if err != nil {
		s.t.Fatalf("%v: %+v", err, out)
	}
	return out
}

// asked is how many requests were made since, tokens aside.
func (s *shipping) asked() int {
	n := s.gh.Count(func(q sim.Request) bool { return !q.Minting() })
	s.gh.ClearRequests()
	return n
}

const shownDigest = "9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c"

// issueText is a tracking issue's text of a title, by the mark of which it is known.
func issueText(title string) *checks.IssueText {
	r := checks.Release{
		Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop"}, Tag: checks.Tag{Name: "v1.0.0", OID: strings.Repeat("a", 40), Commit: strings.Repeat("b", 40)},
	}
	text := checks.ReleaseIssue(checks.Policy{Release: checks.NewReleaseRules()}, checks.ReleaseVerdict{Tag: "v1.0.0"}, r)
	text.Title, text.Open, text.Labels = title, true, nil
	return &text
}

func TestADraftIsReadWithItsTagItsFilesAndItsChecksInTwoRequests(t *testing.T) {
	w := ship(t)
	oid, commit := w.shop.TagAt("v1.0.0")
	w.shop.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: "build", App: w.gh.OtherApp("github-actions")}}})
	run, err := w.shop.StartRun(sim.NewRun{Name: "build", SHA: commit})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Finish("success"); err != nil {
		t.Fatal(err)
	}
	w.gh.ClearRequests()
	r, sources := w.release(0)
	if n := w.asked(); n != 2 {
		t.Errorf("%d requests", n)
	}
	if oid == commit || r.Tag.OID != oid || r.Tag.Commit != commit || !r.Tag.Annotated || r.Tag.Gone || r.Tag.Named.Login != "alice" || r.Tag.Named.ID == 0 {
		t.Errorf("tag %+v", r.Tag)
	}
	asset := w.draft.Now().Assets
	if p := r.Page; p.ID != w.draft.ID || !p.Draft || p.Hidden || p.Author.Login != "bob" || len(p.Assets) != 1 || p.Assets[0].Digest == "" || !p.Assets[0].Ready || len(asset) != 1 {
		t.Errorf("page %+v", p)
	}
	if len(r.Runs) != 1 || r.Runs[0].Conclusion != "success" || r.Runs[0].ID == "" {
		t.Errorf("runs %+v", r.Runs)
	}
	if !cmp.Equal(r.BranchRequires, []checks.Required{{Name: "build", AppID: w.gh.OtherApp("github-actions")}}) {
		t.Errorf("required %+v", r.BranchRequires)
	}
	if r.People["alice"].Permission != "write" || r.Repo.DefaultBranch != "main" || r.AppID == 0 || r.At.IsZero() {
		t.Errorf("%+v", r)
	}
	if len(sources) != 2 || sources[0].Text != policyText || sources[0].Commit != w.shop.Branch("main") || !sources[1].Floor || !sources[1].Absent {
		t.Errorf("sources %+v", sources)
	}
	if issue := r.Issue; issue.Number != 0 || issue.Denied {
		t.Errorf("issue %+v", issue)
	}
}

func TestATagWithoutAReleaseAndOneThatIsGoneAreToldApart(t *testing.T) {
	w := ship(t)
	if err := w.shop.Tag("bob", "v2.0.0", "main", false); err != nil {
		t.Fatal(err)
	}
	w.subj.Name = "v2.0.0"
	r, _ := w.release(0)
	if r.Tag.Gone || r.Tag.Annotated || r.Tag.OID != r.Tag.Commit || r.Page.ID != 0 || r.Tag.Named.Login != "" {
		t.Errorf("%+v %+v", r.Tag, r.Page)
	}
	if n := w.asked(); n != 1 {
		t.Errorf("%d requests", n)
	}
	w.subj.Name = "v9"
	if r, _ = w.release(0); !r.Tag.Gone || r.Tag.OID != "" {
		t.Errorf("%+v", r.Tag)
	}
	w.subj.RepoID++
	_, _, err := w.hub.Release(t.Context(), w.subj, 0)
	if e, ok := errors.AsType[*hub.Error](err); !ok || !e.Gone() {
		t.Errorf("another repository of the name: %v", err)
	}
}

// Were a draft that cannot be seen taken for none, a file could be added to it after
// everybody has signed.
func TestADraftThatTheAppMayNotSeeIsHiddenNotNone(t *testing.T) {
	w := ship(t)
	w.gh.SetPermission("contents", "read")
	w.gh.SetPermission("issues", "read")
	w.gh.RevokeTokens()
	r, _ := w.release(0)
	if !r.Page.Hidden || r.Page.ID != 0 || !r.Issue.Denied {
		t.Errorf("page %+v, issue %+v", r.Page, r.Issue)
	}
	w.draft.Publish("bob")
	if r, _ = w.release(0); !r.Page.Hidden || r.Page.ID != w.draft.ID || r.Page.Draft || r.Page.Published.IsZero() {
		t.Errorf("page %+v", r.Page)
	}
}

func TestEveryFileOfALargeReleaseIsListed(t *testing.T) {
	w := ship(t)
	for i := range 120 {
		w.upload(fmt.Sprintf("part%03d", i), "x")
	}
	w.draft.Replace("bob", "part007", []byte("y"))
	late, err := w.draft.StartUpload("bob", "late")
	if err != nil {
		t.Fatal(err)
	}
	r, _ := w.release(0)
	ready := 0
	for _, a := range r.Page.Assets {
		if a.Ready && a.Digest != "" {
			ready++
		}
	}
	if len(r.Page.Assets) != 122 || ready != 121 || r.Page.AssetsCut {
		t.Errorf("%d files, %d of them ready, cut %v", len(r.Page.Assets), ready, r.Page.AssetsCut)
	}
	late.Finish([]byte("z"))
	if again, _ := w.release(0); again.Candidate(checks.Policy{}).Digest() == r.Candidate(checks.Policy{}).Digest() {
		t.Error("a file that came in late makes no other candidate")
	}
}

func TestTheTrackingIssueIsMadeOnceReadWholeAndPutRight(t *testing.T) {
	w := ship(t)
	r, _ := w.release(0)
	w.asked()
	text := issueText("Release v1.0.0")
	made := w.carryOut(r, checks.Action{Kind: checks.CreateIssue, Issue: text})[0]
	if n := w.asked(); n != 2 || made.Number == 0 || made.At.IsZero() {
		t.Errorf("%d requests, %+v", n, made)
	}
	issue := w.shop.Issue(int(made.Number))
	for i := range 130 {
		w.gh.Advance(time.Second)
		issue.Comment("quinn", fmt.Sprint("word ", i))
	}
	issue.Comment("alice", "/sign-off qa").Edit("alice", "/sign-off security")
	w.gh.ClearRequests()
	r, _ = w.release(issue.Number)
	if n := w.asked(); n != 3 {
		t.Errorf("%d requests", n)
	}
	said := r.Issue.Comments
	if len(said) != 131 || r.Issue.Cut || !r.Issue.Open || r.Issue.Shown != text.Digest || r.Issue.Title != "Release v1.0.0" || r.Issue.NodeID == "" {
		t.Errorf("%d comments, %+v", len(said), r.Issue)
	}
	edited := 0
	for _, c := range said {
		if !c.Edited.IsZero() && c.Author.Login == "alice" && c.ID != 0 {
			edited++
		}
	}
	if edited != 1 {
		t.Errorf("%d comments are known to be edited", edited)
	}
	// The same plan after the record was lost finds what is there.
	again := w.carryOut(r, checks.Action{Kind: checks.CreateIssue, Issue: issueText("Release 1")})[0]
	if again.Number != made.Number || len(w.shop.Issues()) != 1 || issue.Now().Title != "Release 1" {
		t.Errorf("%+v, %d issues", again, len(w.shop.Issues()))
	}
	closed := issueText("Release one")
	closed.Open, closed.Labels = false, []string{checks.LabelRelease}
	w.carryOut(r, checks.Action{Kind: checks.UpdateIssue, Issue: closed})
	if s := issue.Now(); s.Open || !cmp.Equal(s.Labels, []string{checks.LabelRelease}) {
		t.Errorf("%+v", s)
	}
	issue.AddLabel("alice", "keep")
	r, _ = w.release(issue.Number)
	closed.Labels, closed.Title = nil, "Release 1.0"
	w.carryOut(r, checks.Action{Kind: checks.UpdateIssue, Issue: closed})
	if s := issue.Now(); !cmp.Equal(s.Labels, []string{"keep"}) || s.Title != "Release 1.0" {
		t.Errorf("%+v", s.Labels)
	}
}

func TestATrackingIssueThatSomebodyElseWroteIsNotTakenForOurs(t *testing.T) {
	w := ship(t)
	theirs := w.shop.OpenIssue("mallory", "Release v1.0.0")
	if err := theirs.SetBody("mallory", issueText("").Body); err != nil {
		t.Fatal(err)
	}
	theirs.Comment("mallory", "/sign-off qa")
	r, _ := w.release(theirs.Number)
	if r.Issue.Number != 0 || len(r.Issue.Comments) != 0 {
		t.Errorf("%+v", r.Issue)
	}
	made := w.carryOut(r, checks.Action{Kind: checks.CreateIssue, Issue: issueText("Release v1.0.0")})[0]
	if made.Number == int64(theirs.Number) {
		t.Error("somebody else's issue became ours")
	}
	ours := w.shop.Issue(int(made.Number))
	if err := ours.SetBody("mallory", issueText("").Body+"\nAll is signed."); err != nil {
		t.Fatal(err)
	}
	if r, _ = w.release(ours.Number); r.Issue.Shown != "" {
		t.Error("a text that somebody changed passes for what we showed")
	}
	ours.Delete("root")
	if r, _ = w.release(ours.Number); r.Issue.Number != 0 {
		t.Errorf("a deleted issue is there: %+v", r.Issue)
	}
}

func TestOfALongTalkTheNewestFiveHundredCommentsAreRead(t *testing.T) {
	w := ship(t)
	r, _ := w.release(0)
	made := w.carryOut(r, checks.Action{Kind: checks.CreateIssue, Issue: issueText("Release v1.0.0")})[0]
	issue := w.shop.Issue(int(made.Number))
	for i := range 520 {
		issue.Comment("quinn", fmt.Sprint("word ", i))
	}
	w.gh.ClearRequests()
	r, _ = w.release(issue.Number)
	words := map[string]bool{}
	for _, c := range r.Issue.Comments {
		words[c.Body] = true
	}
	if n := w.asked(); n != 6 || len(words) != 500 || !r.Issue.Cut || !words["word 519"] || words["word 19"] {
		t.Errorf("%d requests, %d comments, cut %v", n, len(words), r.Issue.Cut)
	}
}

func TestMoreChecksThanAPageAndTheRunsOfAStageAreRead(t *testing.T) {
	w := ship(t)
	_, commit := w.shop.TagAt("v1.0.0")
	for i := range 130 {
		w.shop.SetStatus("ci-bot", commit, fmt.Sprint("ci/", i), "success", "")
	}
	r, _ := w.release(0)
	if len(r.Runs) != 130 {
		t.Errorf("%d runs", len(r.Runs))
	}
	stage := checks.Output{
		Name: checks.RunStagePrefix + "production", Head: commit, Status: "in_progress", Title: "t", Summary: "s", ExternalID: "hr1-x",
		Buttons: []checks.Button{{Label: "Sign off", Description: "as a role that you hold", Identifier: "sign:" + shownDigest[:12]}},
	}
	out := w.carryOut(r, checks.Action{Kind: checks.CreateRun, Run: stage})
	r, _ = w.release(0)
	var ours *checks.Run
	for i := range r.Runs {
		if r.Runs[i].AppID == r.AppID {
			ours = &r.Runs[i]
		}
	}
	if ours == nil || ours.ID != out[0].RunID || ours.ExternalID != "hr1-x" || ours.DatabaseID == 0 || out[0].At.IsZero() {
		t.Fatalf("%+v, outcome %+v", ours, out[0])
	}
	shown := func() []string {
		for _, run := range w.shop.Runs(commit) {
			if run.Name == stage.Name {
				return run.Actions
			}
		}
		return nil
	}
	if !cmp.Equal(shown(), []string{stage.Buttons[0].Identifier}) {
		t.Errorf("buttons %v", shown())
	}
	glimpsed, err := w.hub.GlimpseRelease(t.Context(), w.subj, 0)
	if err != nil || glimpsed.Tag.Commit != commit || len(glimpsed.Runs) != 1 || glimpsed.Runs[0].ID != ours.ID {
		t.Errorf("%+v %v", glimpsed, err)
	}
}

func TestPeopleTeamsAndLabelsOfAReleaseComeAsOfAPullRequest(t *testing.T) {
	w := ship(t)
	r, _ := w.release(0)
	w.asked()
	if err := w.hub.CompleteRelease(t.Context(), w.subj, &r, checks.Wants{Teams: []string{"acme/qa", "acme/none"}, Users: []string{"stranger", "bob"}}); err != nil {
		t.Fatal(err)
	}
	if n := w.asked(); n != 1 || r.People["bob"].Permission != "maintain" || r.People["stranger"].Permission != "none" ||
		len(r.Teams["acme/qa"].Members) != 2 || r.Teams["acme/none"].Found {
		t.Errorf("%d requests, %v %v", n, r.People, r.Teams)
	}
	if _, asked := r.Teams["acme/none"]; !asked {
		t.Error("a team that is not there has no entry, so it would be asked for again")
	}
}

func TestTheMembersOfChildTeamsAreMembers(t *testing.T) {
	w := ship(t)
	w.acme.Team("night", "zoe").Under(w.acme.Team("release", "bob"))
	r, _ := w.release(0)
	if err := w.hub.CompleteRelease(t.Context(), w.subj, &r, checks.Wants{Teams: []string{"acme/release"}}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Teams["acme/release"].Members, " "); got != "bob zoe" && got != "zoe bob" {
		t.Errorf("members %q", got)
	}
}
