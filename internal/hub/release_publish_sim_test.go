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

// approved is the plan of a release that is promoted: its runs succeed, then its draft
// is published.
func approved(r checks.Release) []checks.Action {
	run := func(name string) checks.Action {
		return checks.Action{Kind: checks.CreateRun, Run: checks.Output{
			Name: name, Head: r.Tag.Commit, Status: "completed", Conclusion: "success", Title: "t", Summary: "s", ExternalID: "hr1-" + name,
		}}
	}
	return []checks.Action{
		run(checks.RunStagePrefix + "production"), run(checks.RunRelease), {Kind: checks.PublishRelease, Page: r.Page.ID},
	}
}

func TestADraftIsPublishedInFourRequestsAfterItsRunsAreConfirmed(t *testing.T) {
	w := ship(t)
	r, _ := w.release(0)
	w.asked()
	out := w.carryOut(r, approved(r)...)
	if n := w.asked(); n != 4 {
		t.Errorf("%d requests", n)
	}
	if s := w.draft.Now(); s.Draft || s.Prerelease || out[2].At.IsZero() {
		t.Errorf("%+v, outcome %+v", s, out[2])
	}
}

func TestAPreReleaseBecomesAFullRelease(t *testing.T) {
	w := ship(t)
	w.draft.SetPrerelease("bob", true)
	w.draft.Publish("bob")
	r, _ := w.release(0)
	if !r.Page.Prerelease || r.Page.Draft {
		t.Fatalf("%+v", r.Page)
	}
	w.carryOut(r, approved(r)...)
	if s := w.draft.Now(); s.Prerelease || s.Draft {
		t.Errorf("%+v", s)
	}
}

// Between the last look and the writing somebody may change what everybody has signed.
func TestWhatChangedSinceItWasJudgedIsNotPublished(t *testing.T) {
	for name, change := range map[string]func(*shipping) error{
		"the tag was moved": func(w *shipping) error {
			w.push("main", map[string]string{"z.go": "package z\n"})
			return w.shop.Tag("bob", "v1.0.0", "main", true)
		},
		"the tag was made again at its commit": func(w *shipping) error {
			_, commit := w.shop.TagAt("v1.0.0")
			w.gh.Advance(time.Second)
			w.shop.DeleteTag("bob", "v1.0.0")
			return w.shop.Tag("bob", "v1.0.0", commit, true)
		},
		"the tag was deleted":   func(w *shipping) error { w.shop.DeleteTag("bob", "v1.0.0"); return nil },
		"a file was added":      func(w *shipping) error { w.upload("more.tar.gz", "evil"); return nil },
		"a file was replaced":   func(w *shipping) error { _, err := w.draft.Replace("bob", "app.tar.gz", []byte("evil")); return err },
		"a file was deleted":    func(w *shipping) error { return w.draft.DeleteAsset("bob", "app.tar.gz") },
		"the draft was deleted": func(w *shipping) error { w.draft.Delete("bob"); return nil },
		"another draft is there": func(w *shipping) error {
			w.draft.Delete("bob")
			_, err := w.shop.NewRelease(sim.NewRelease{By: "bob", Tag: "v1.0.0", Name: "One", Draft: true})
			return err
		},
		"it was published": func(w *shipping) error { w.draft.Publish("bob"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := ship(t)
			r, _ := w.release(0)
			if err := change(w); err != nil {
				t.Fatal(err)
			}
			before := w.draft.Now()
			w.gh.ClearRequests()
			out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{{Kind: checks.PublishRelease, Page: r.Page.ID}})
			if e, ok := errors.AsType[*hub.Error](err); !ok || !e.Moved || !strings.Contains(out[0].Error, "changed") {
				t.Errorf("%v, outcome %+v", err, out)
			}
			if w.gh.Writes() != 0 || !cmp.Equal(before, w.draft.Now()) {
				t.Errorf("%d writes, %+v", w.gh.Writes(), w.draft.Now())
			}
		})
	}
}

func TestNothingIsGrantedUnlessTheRunsAreConfirmed(t *testing.T) {
	for name, failure := range map[string]sim.Failure{
		"one run fails": sim.Partial("createCheckRun"), "no answer": sim.Cut(), "lost answer": sim.Cut().After(), "an error": sim.Status(500),
	} {
		t.Run(name, func(t *testing.T) {
			w := ship(t)
			w.shop.Guard("production")
			run := w.deploying("production")
			r, _ := w.release(0)
			plan := append(approved(r), checks.Action{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: run.ID(), Environment: "production", State: "approved", Comment: "yes"}},
				checks.Action{Kind: checks.StartWorkflow, Start: &checks.WorkflowStart{Workflow: "promote.yml", Ref: "v1.0.0"}})
			w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return q.Write }})
			out, err := w.hub.PublishRelease(t.Context(), w.subj, r, plan)
			if err == nil || out[2].Error == "" || out[3].Error == "" || out[4].Error == "" {
				t.Errorf("%v, %+v", err, out)
			}
			if !w.draft.Now().Draft || len(w.shop.WorkflowRuns()) != 1 || w.gate() != "waiting" {
				t.Errorf("%+v, %d runs, gate %s", w.draft.Now(), len(w.shop.WorkflowRuns()), w.gate())
			}
		})
	}
}

func TestWhateverFailsWhilePublishingTheNextLookFinishes(t *testing.T) {
	failures := []sim.Failure{sim.Status(502), sim.Cut(), sim.Status(403), sim.Secondary(time.Second), sim.Status(502).After(), sim.Cut().After(), sim.Short()}
	for i, failure := range failures {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			w := ship(t)
			r, _ := w.release(0)
			w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return q.Method == "PATCH" }})
			out, err := w.hub.PublishRelease(t.Context(), w.subj, r, approved(r))
			if err == nil || out[2].Error == "" || out[0].Error != "" {
				t.Fatalf("%v, %+v", err, out)
			}
			if e, ok := errors.AsType[*hub.Error](err); ok && e.Limited {
				w.wait(e.RetryAt())
			}
			r, _ = w.release(0)
			if r.Page.Draft {
				w.carryOut(r, checks.Action{Kind: checks.PublishRelease, Page: r.Page.ID})
			}
			if w.draft.Now().Draft {
				t.Error("it stays a draft")
			}
		})
	}
}

func (s *shipping) wait(until time.Time) {
	s.t.Helper()
	if d := time.Until(until); d > 0 && d < 5*time.Second {
		<-time.After(d)
	}
}

func TestEachMissingPermissionIsNamed(t *testing.T) {
	w := ship(t)
	w.shop.Guard("production")
	run := w.deploying("production")
	made := w.issue()
	w.draft.SetPrerelease("bob", true)
	w.draft.Publish("bob")
	r, _ := w.release(made)
	for _, name := range []string{"contents", "issues", "deployments", "actions"} {
		w.gh.SetPermission(name, "read")
	}
	w.gh.RevokeTokens()
	for want, a := range map[string]checks.Action{
		"contents: write":    {Kind: checks.PublishRelease, Page: r.Page.ID},
		"issues: write":      {Kind: checks.CommentIssue, Body: "hello"},
		"deployments: write": {Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: run.ID(), Environment: "production", State: "rejected", Comment: "no"}},
	} {
		out, err := w.hub.PublishRelease(t.Context(), w.subj, r, []checks.Action{a})
		if err == nil || !strings.Contains(out[0].Error, want) {
			t.Errorf("%s: %v, %+v", want, err, out)
		}
	}
	w.gh.SetPermission("checks", "read")
	w.gh.RevokeTokens()
	out, err := w.hub.PublishRelease(t.Context(), w.subj, r, approved(r)[:1])
	if err == nil || !strings.Contains(out[0].Error, "checks: write") {
		t.Errorf("%v, %+v", err, out)
	}
}

// issue makes the tracking issue.
func (s *shipping) issue() int {
	s.t.Helper()
	r, _ := s.release(0)
	return int(s.carryOut(r, checks.Action{Kind: checks.CreateIssue, Issue: issueText("Release v1.0.0")})[0].Number)
}

func TestAnIssueWhoseMakingWasNotToldIsNotMadeTwice(t *testing.T) {
	for _, failure := range []sim.Failure{sim.Cut(), sim.Cut().After(), sim.Partial("m0").After(), sim.Status(502).After()} {
		w := ship(t)
		r, _ := w.release(0)
		w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return q.Write }})
		plan := []checks.Action{{Kind: checks.CreateIssue, Issue: issueText("Release v1.0.0")}, {Kind: checks.CommentIssue, Body: "QA is waited for."}}
		if out, err := w.hub.PublishRelease(t.Context(), w.subj, r, plan); err == nil || out[0].Number != 0 {
			t.Errorf("%v, %+v", err, out)
		}
		out := w.carryOut(r, plan...)
		if len(w.shop.Issues()) != 1 || out[0].Number != int64(w.shop.Issues()[0].Number) {
			t.Errorf("%d issues, %+v", len(w.shop.Issues()), out)
		}
		// A comment of which nobody was told is there at the next look.
		r, _ = w.release(int(out[0].Number))
		w.carryOut(r, plan[1])
		if said := w.shop.Issues()[0].Comments(); len(said) != 1 {
			t.Errorf("%d comments", len(said))
		}
	}
}

func TestTheReleasesLabelNeverStandsWithoutItsRuns(t *testing.T) {
	w := ship(t)
	number := w.issue()
	r, _ := w.release(number)
	text := issueText("Release v1.0.0")
	text.Labels = []string{checks.LabelRelease}
	plan := append(approved(r)[:2], checks.Action{Kind: checks.UpdateIssue, Issue: text})
	w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{sim.Partial("createCheckRun")}, When: func(q sim.Request) bool { return q.Write }})
	if _, err := w.hub.PublishRelease(t.Context(), w.subj, r, plan); err == nil {
		t.Error("no error")
	}
	labels := func() int { return len(w.shop.Issue(number).Now().Labels) }
	if labels() != 0 {
		t.Error("labelled without its runs")
	}
	w.carryOut(r, plan...)
	if labels() != 1 {
		t.Error("not labelled")
	}
	r, _ = w.release(number)
	w.carryOut(r, checks.Action{Kind: checks.RemoveLabel, Label: checks.LabelRelease})
	if labels() != 0 {
		t.Error("the label stays")
	}
	r, _ = w.release(number)
	w.carryOut(r, checks.Action{Kind: checks.AddLabel, Label: checks.LabelRelease})
	if labels() != 1 {
		t.Error("not labelled")
	}
}
