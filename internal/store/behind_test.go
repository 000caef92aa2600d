package store

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

func TestAPushToTheBaseWakesOnlyThosePullRequestsWhoseLagMatters(t *testing.T) {
	w := open(t)
	lag := &checks.Behind{Base: sha("c"), Head: sha("1"), Known: true}
	for number, of := range map[int]struct {
		behind *checks.Behind
		base   string
		open   bool
	}{1: {lag, "main", true}, 2: {nil, "main", true}, 3: {lag, "next", true}, 4: {lag, "main", false}} {
		w.deliver(start, []Touch{{Number: number}}, PullChanged{Number: number, Open: true, Head: sha(string(rune('0' + number))), Base: of.base})
		p := pull(number, sha(string(rune('0'+number))), at(1))
		p.Behind, p.Base.Name, p.Open = of.behind, of.base, of.open
		w.finish(w.look(&p), FinishInfo{Pull: &p}, at(1))
	}
	w.deliver(at(2), []Touch{{Behind: "main"}})
	job := w.claim(at(2))
	if job.Subject.Number != 1 {
		t.Errorf("woken is %+v", job.Subject)
	}
	w.idle(at(2))
	// It is being looked at, and may have seen the base branch just too early.
	w.deliver(at(3), []Touch{{Behind: "main"}})
	p := pull(1, sha("1"), at(4))
	w.finish(job, FinishInfo{Pull: &p}, at(4))
	w.finish(w.claim(at(4)), FinishInfo{Pull: &p}, at(4))
	// The policy asks no more.
	w.deliver(at(5), []Touch{{Behind: "main"}})
	w.idle(at(5))
}

func TestAKnownLagIsRememberedForTheSameTwoCommits(t *testing.T) {
	w := open(t)
	want := checks.Wants{Behind: true}
	keep := func(base, head string, by int, known bool) {
		p := pull(1, sha(head), at(1))
		p.Base.SHA, p.Behind = sha(base), &checks.Behind{Base: sha(base), Head: sha(head), By: by, Known: known}
		w.ok(w.Keep(w.ctx, pr(1), &p, want, at(1)))
	}
	keep("b", "1", 4, true)
	keep("b", "1", 4, true)
	keep("c", "1", 0, false)
	keep("d", "1", 0, true)
	filled := func(base, head string, w2 checks.Wants) *checks.Behind {
		p := pull(1, sha(head), at(2))
		p.Base.SHA = sha(base)
		w.ok(w.Fill(w.ctx, pr(1), &p, w2))
		return p.Behind
	}
	if got := filled("b", "1", want); got == nil || *got != (checks.Behind{Base: sha("b"), Head: sha("1"), By: 4, Known: true}) {
		t.Errorf("of the same commits: %+v", got)
	}
	if got := filled("d", "1", want); got == nil || !got.Known || got.By != 0 {
		t.Errorf("of an answer of none: %+v", got)
	}
	for name, got := range map[string]*checks.Behind{
		"another base": filled("e", "1", want), "another head": filled("b", "2", want),
		"an answer that said nothing": filled("c", "1", want), "not wanted": filled("b", "1", checks.Wants{}),
	} {
		if got != nil {
			t.Errorf("of %s: %+v", name, got)
		}
	}
	w.ok(w.Prune(w.ctx, at(1).Add(cacheKept+time.Hour)))
	if got := filled("b", "1", want); got != nil {
		t.Errorf("after %s: %+v", cacheKept, got)
	}
}
