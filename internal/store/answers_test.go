package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func TestWhatWasAnsweredIsKnownBeforeItIsWritten(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	p := pull(3, sha("a"), at(1))
	job := w.look(&p)
	answer := func(to int64, head checks.Pull) Entry {
		plan := []checks.Action{{Kind: checks.AddComment, Body: "x", ReplyTo: to}, {Kind: checks.CreateRun}}
		e, err := w.Record(w.ctx, job, record(head, checks.Met, plan...), at(2))
		w.ok(err)
		return e
	}
	recalled := func() []checks.Answered {
		q := pull(3, sha("a"), at(5))
		w.ok(w.Recall(w.ctx, pr(3), &q))
		return q.Memory.Answers
	}
	answer(11, p)
	if diff := cmp.Diff([]checks.Answered{{To: 11, At: at(1)}}, recalled()); diff != "" {
		t.Errorf("before it is written:\n%s", diff)
	}
	p.At = at(3)
	e := answer(12, p)
	plan := []checks.Action{{Kind: checks.CreateRun}, {Kind: checks.AddComment, ReplyTo: 12}}
	w.ok(w.Posted(w.ctx, job, e.Seq, plan, []checks.Outcome{{Kind: checks.CreateRun}, {Kind: checks.AddComment, Error: "no answer"}}, at(4)))
	if got := recalled(); len(got) != 2 || got[1].Done {
		t.Errorf("when GitHub did not answer: %+v", got)
	}
	w.ok(w.Posted(w.ctx, job, e.Seq, plan, []checks.Outcome{{Kind: checks.CreateRun}, {Kind: checks.AddComment}}, at(4)))
	if diff := cmp.Diff([]checks.Answered{{To: 11, At: at(1)}, {To: 12, At: at(3), Done: true}}, recalled()); diff != "" {
		t.Errorf("when it did:\n%s", diff)
	}
	w.ok(w.Prune(w.ctx, at(1).Add(91*24*time.Hour)))
	if got := recalled(); len(got) != 0 {
		t.Errorf("after 90 days: %+v", got)
	}
}
