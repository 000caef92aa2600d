package store

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// approved is a release whose candidate somebody has signed, and asks to promote.
func (w *world) approved(tag string) (job Job, r checks.Release, digest string, acts []checks.Act) {
	w.t.Helper()
	w.releasing()
	job = w.put(tag, sha("a"), 0)
	r = release(tag, sha("a"), at(2))
	digest = w.seen(job, r)
	acts, err := w.KeepActs(w.ctx, job, []checks.Act{spoken(checks.ActSign, "qa", 5, 3), spoken(checks.ActPromote, "", 6, 4), spoken(checks.ActSign, "other", 7, 4)}, at(5))
	w.ok(err)
	return job, r, digest, acts
}

func promotion(r checks.Release, digest string, acts []checks.Act) Record {
	v := releaseRecord(r, checks.PhasePromoting)
	x := v.ReleaseVerdict
	x.State, x.Own = checks.Met, checks.Met
	x.Stages = []checks.StageStanding{{Name: "development", State: checks.Met, Signed: []checks.Sign{{Stage: "development", Role: "qa", By: quinn, Seq: acts[0].Seq}}}}
	x.Promote = &checks.Promotion{By: acts[1]}
	x.Refused = []checks.Refusal{{Act: acts[2], Why: "There is no role other."}}
	x.Environments = map[string]checks.GateWord{"production": {State: "approved"}, "staging": {}}
	v.Decision = &checks.Decision{Repo: "acme/shop", RepoID: acme.ID, Tag: r.Tag.Name, Digest: digest, At: r.At, By: acts[1]}
	return v
}

func TestTheDecisionIsOnRecordWithTheVerdictOnceForACandidate(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	v := promotion(r, digest, acts)
	entry, err := w.Record(w.ctx, job, v, at(6))
	w.ok(err)
	_, err = w.Record(w.ctx, job, v, at(7)) // a crash made it be judged again
	w.ok(err)
	if n := w.logged(KindReleasePromoted); n != 1 {
		t.Fatalf("it is promoted %d times", n)
	}
	k := w.knows(r)
	if m := k.Memory; m.Promoted != digest || m.PromotedSeq != entry.Seq+1 || !m.PromotedAt.Equal(at(6)) || m.Emergency || !m.Released.IsZero() ||
		m.Since["release/production"].State != checks.Waiting {
		t.Errorf("remembered is %+v", m)
	}
	seq, err := w.Decision(w.ctx, "acme", "shop", "v1")
	w.ok(err)
	x, body, err := w.Exhibit(w.ctx, seq)
	w.ok(err)
	var d checks.Decision
	w.ok(json.Unmarshal(body, &d))
	if diff := cmp.Diff(*v.Decision, d); diff != "" || x.Check(w.logKey(), body) != nil || x.ActorLogin != "quinn" || x.Subject != "release/v1" {
		t.Errorf("the decision is %s by %s: %s", x.Subject, x.ActorLogin, diff)
	}
	rows, err := w.SignOffs(w.ctx, ActFilter{})
	w.ok(err)
	if len(rows) != 3 || !rows[0].Counts || rows[0].CountsIn != "development/qa" || !rows[1].Counts || rows[2].Counts || rows[2].Refused == "" {
		t.Errorf("what counts is %+v", rows)
	}
	w.ok(w.MarkReleased(w.ctx, job, at(9)))
	w.ok(w.MarkReleased(w.ctx, job, at(10)))
	if m := w.knows(r).Memory; !m.Released.Equal(at(9)) || w.logged(KindReleaseReleased) != 1 {
		t.Errorf("it is released %s, with %d entries", m.Released, w.logged(KindReleaseReleased))
	}
	w.verifies()
}

func TestNoCandidateButThePresentOneIsPromoted(t *testing.T) {
	for name, change := range map[string]func(w *world, job Job){
		"another since": func(w *world, job Job) { w.seen(job, release("v1", sha("b"), at(5))) },
		"none any more": func(w *world, job Job) { w.ok(w.SeeCandidate(w.ctx, job, checks.PastCandidate{}, "", at(5))) },
		"tag deleted": func(w *world, _ Job) {
			w.deliver(at(5), nil, TagDeleted{Name: "v1", OID: sha("a"), By: quinn, At: at(5)})
		},
	} {
		w := open(t)
		job, r, digest, acts := w.approved("v1")
		change(w, job)
		before := w.count(`SELECT count(*) FROM entries`)
		if _, err := w.Record(w.ctx, job, promotion(r, digest, acts), at(6)); !errors.Is(err, ErrCandidate) {
			t.Errorf("%s: %v", name, err)
		}
		if k := w.knows(r); k.Memory.Promoted != "" || w.count(`SELECT count(*) FROM entries`) != before || w.count(`SELECT count(*) FROM approvals`) != 0 {
			t.Errorf("%s: something of it is on record", name)
		}
		w.verifies()
	}
}

func TestTheSameCandidateIsPromotedAgainAfterItsTagWasDeletedAndMadeAgain(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	_, err := w.Record(w.ctx, job, promotion(r, digest, acts), at(6))
	w.ok(err)
	w.ok(w.SeeCandidate(w.ctx, job, checks.PastCandidate{}, "The tag was deleted.", at(7)))
	w.seen(job, r)
	_, err = w.Record(w.ctx, job, promotion(r, digest, acts), at(8))
	w.ok(err)
	if n := w.logged(KindReleasePromoted); n != 2 {
		t.Errorf("%d decisions are on record", n)
	}
}

func TestARecordWithoutItsVerdictIsRefused(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	for name, change := range map[string]func(*Record){
		"verdict": func(v *Record) { v.ReleaseVerdict = nil }, "snapshot": func(v *Record) { v.Release = nil },
		"both": func(v *Record) { v.Release, v.ReleaseVerdict = nil, nil },
	} {
		v := promotion(r, digest, acts)
		change(&v)
		if _, err := w.Record(w.ctx, job, v, at(6)); err == nil {
			t.Errorf("without its %s it is recorded", name)
		}
	}
}

func TestWhatIsDoneOnceIsNotedBeforeAndForgottenWhenGitHubRefusesIt(t *testing.T) {
	w := open(t)
	job, r, digest, _ := w.approved("v1")
	w.deliver(at(3), nil, GateAsked{RunID: 44, Environment: "production", Commit: sha("a")})
	w.ok(w.VerifiedGate(w.ctx, job, checks.Gate{RunID: 44, Environment: "production"}, true, at(4)))
	actions := []checks.Action{
		{Kind: checks.CommentIssue, Body: "qa is waited for", Remind: []string{"production/qa " + digest[:12] + " remind"}},
		{Kind: checks.StartWorkflow, Start: &checks.WorkflowStart{Stage: "development", Candidate: digest, Workflow: "promote.yml", Ref: "v1"}},
		{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: 44, Environment: "production", Comment: "It waits."}},
		{Kind: checks.CreateIssue, Issue: &checks.IssueText{Title: "Release v1"}},
	}
	outcomes := func(fail string) []checks.Outcome {
		out := make([]checks.Outcome, len(actions))
		for i, a := range actions {
			out[i] = checks.Outcome{Kind: a.Kind, Error: fail}
		}
		if fail == "" {
			out[1].Number, out[3].Number = 8001, 77
		}
		return out
	}
	record := func(now float64) int64 {
		r.At = at(now)
		e, err := w.Record(w.ctx, job, releaseRecord(r, checks.PhaseSigning, actions...), at(now))
		w.ok(err)
		return e.Seq
	}
	seq := record(10)
	k := w.knows(r)
	if len(k.Memory.Reminded) != 1 || len(k.Dispatched) != 1 || k.Dispatched[0].RunID != 0 || k.Issue != 0 || k.Gates[0].Comments != 0 {
		t.Errorf("before it is done is known %+v", k)
	}
	w.ok(w.Posted(w.ctx, job, seq, actions, outcomes("no"), at(11)))
	k = w.knows(r)
	if len(k.Memory.Reminded) != 0 || len(k.Dispatched) != 0 || k.Issue != 0 || k.Gates[0].Comments != 0 || k.Gates[0].Said != "" {
		t.Errorf("after it was refused is known %+v", k)
	}
	seq = record(12)
	w.ok(w.Posted(w.ctx, job, seq, actions, outcomes(""), at(13)))
	k = w.knows(r)
	if len(k.Memory.Reminded) != 1 || !k.Memory.Reminded[actions[0].Remind[0]].Equal(at(12)) || k.Dispatched[0].RunID != 8001 || k.Issue != 77 ||
		k.Gates[0].Comments != 1 || k.Gates[0].Said != GateSaid("It waits.") || k.Gates[0].Answered != "" {
		t.Errorf("after it was done is known %+v", k)
	}
	w.ok(w.Posted(w.ctx, job, 1, actions, outcomes("no"), at(14))) // of an older plan, come late
	if late := w.knows(r); len(late.Memory.Reminded) != 1 || len(late.Dispatched) != 1 {
		t.Errorf("what an older plan did is forgotten: %+v", late)
	}
	d := k.Dispatched[0]
	d.Status, d.Conclusion = "completed", "success"
	w.ok(w.KeepDispatched(w.ctx, job, d, at(15)))
	if got := w.knows(r).Dispatched; len(got) != 1 || got[0] != d {
		t.Errorf("the run is %+v", got)
	}
}

func TestWhatACrashMayHaveKeptFromBeingDoneIsPlannedAgainInTime(t *testing.T) {
	w := open(t)
	job, r, digest, _ := w.approved("v1")
	r.At = at(10)
	actions := []checks.Action{
		{Kind: checks.CommentIssue, Body: "qa is waited for", Remind: []string{"key"}},
		{Kind: checks.StartWorkflow, Start: &checks.WorkflowStart{Stage: "development", Candidate: digest, Workflow: "promote.yml", Ref: "v1"}},
	}
	_, err := w.Record(w.ctx, job, releaseRecord(r, checks.PhaseSigning, actions...), at(10))
	w.ok(err)
	for _, c := range []struct {
		after float64
		there int
	}{{10, 1}, {600, 1}, {615, 0}} {
		w.ok(w.Extend(w.ctx, job, 3600e9, at(11)))
		r.At = at(c.after)
		w.ok(w.ObserveRelease(w.ctx, job, &r, at(12)))
		if k := w.knows(r); len(k.Dispatched) != c.there || len(k.Memory.Reminded) != c.there {
			t.Errorf("after %v s %d and %d are taken for done", c.after, len(k.Dispatched), len(k.Memory.Reminded))
		}
	}
	// It was started after all: its run shows.
	w.ok(w.KeepDispatched(w.ctx, job, checks.Dispatched{Stage: "development", Candidate: digest, Workflow: "promote.yml", RunID: 5, Status: "queued"}, at(12)))
	if k := w.knows(r); len(k.Dispatched) != 1 {
		t.Error("a run that shows is not known")
	}
}

func TestAJobThatWaitsIsAnsweredOnceGitHubHasItAndWaitsAgainWhenItAsksAgain(t *testing.T) {
	w := open(t)
	job, r, _, _ := w.approved("v1")
	ask := GateAsked{RunID: 44, Environment: "production", Commit: sha("a")}
	w.deliver(at(3), nil, ask)
	if k := w.knows(r); len(k.Gates) != 0 || len(k.Unverified) != 1 {
		t.Fatalf("before GitHub was asked it is %+v", k)
	}
	gate := checks.Gate{RunID: 44, Environment: "production"}
	w.ok(w.VerifiedGate(w.ctx, job, gate, true, at(4)))
	w.deliver(at(5), nil, ask) // doubled, by another delivery
	if k := w.knows(r); len(k.Gates) != 1 || !k.Gates[0].Asked.Equal(at(3)) {
		t.Fatalf("once GitHub was asked it is %+v", k)
	}
	answer := func(state string, o checks.Outcome) {
		o.Kind = checks.AnswerGate
		plan := []checks.Action{{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: 44, Environment: "production", State: state, Comment: "yes"}}}
		w.ok(w.Posted(w.ctx, job, 1, plan, []checks.Outcome{o}, at(6)))
	}
	answer("approved", checks.Outcome{Error: "502"})
	if k := w.knows(r); k.Gates[0].Answered != "" {
		t.Error("it counts as answered though GitHub does not have the answer")
	}
	answer("approved", checks.Outcome{})
	if k := w.knows(r); k.Gates[0].Answered != "approved" {
		t.Errorf("it is %+v", k.Gates)
	}
	w.deliver(at(7), nil, ask) // the job was run again
	if k := w.knows(r); len(k.Gates) != 0 || len(k.Unverified) != 1 {
		t.Errorf("asked again it is %+v", k)
	}
	w.ok(w.VerifiedGate(w.ctx, job, gate, true, at(8)))
	answer("approved", checks.Outcome{Error: "there is nothing that waits", Gone: true})
	if k := w.knows(r); len(k.Gates)+len(k.Unverified) != 0 {
		t.Errorf("one that waits no more is %+v", k)
	}
	w.deliver(at(9), nil, GateAsked{RunID: 45, Environment: "production", Commit: sha("a")})
	w.ok(w.VerifiedGate(w.ctx, job, checks.Gate{RunID: 45, Environment: "production"}, false, at(9)))
	if k := w.knows(r); len(k.Gates)+len(k.Unverified) != 0 {
		t.Errorf("one that is none of ours is %+v", k)
	}
}
