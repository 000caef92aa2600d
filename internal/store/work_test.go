package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func TestARepeatedDeliveryChangesNothing(t *testing.T) {
	w := open(t)
	d := w.deliver(at(0), []Touch{{Number: 3}}, HeadMoved{Number: 3, SHA: sha("a"), At: at(0), Opened: true})
	before := w.dump()
	d.ReceivedAt = at(60)
	fresh, err := w.Receive(w.ctx, d)
	w.ok(err)
	if fresh {
		t.Error("the repeat counts as fresh")
	}
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("the repeat changed the database:\n%s", diff)
	}
	other := d
	other.AppID = 2
	if fresh, err = w.Receive(w.ctx, other); err != nil || !fresh {
		t.Errorf("another App's delivery with the same guid was taken for a repeat: %v %v", fresh, err)
	}
	w.verifies()
}

// dump is every row of every table, as text.
func (w *world) dump() []string {
	w.t.Helper()
	var out []string
	for _, table := range []string{"repos", "deliveries", "subjects", "work", "heads", "seen", "entries", "entry_bodies", "hashes", "checkpoint"} {
		rows, err := w.read.Query(`SELECT * FROM ` + table)
		w.ok(err)
		cols, err := rows.Columns()
		w.ok(err)
		w.ok(eachRow(rows, func(scan func(...any) error) error {
			vals := make([]any, len(cols))
			ptrs := make([]any, len(cols))
			for i := range vals {
				ptrs[i] = &vals[i]
			}
			err := scan(ptrs...)
			out = append(out, fmt.Sprintf("%s %x", table, vals))
			return err
		}))
	}
	return out
}

func TestManyEventsAreOneEvaluation(t *testing.T) {
	w := open(t)
	for i := range 50 {
		w.deliver(at(float64(i)/100), []Touch{{Number: 3, Delay: time.Second}, {Number: 3, Delay: time.Hour}})
	}
	w.idle(at(0.9))
	job := w.claim(at(1))
	if job.Gen != 50 || len(job.Causes) != maxCauses || job.Causes[0] != "guid-1" || !job.FirstTouched.Equal(at(0)) {
		t.Errorf("the job is %+v", job)
	}
	if diff := cmp.Diff(pr(3), job.Subject); diff != "" {
		t.Error(diff)
	}
	w.finish(job, FinishInfo{}, at(2))
	w.idle(at(100))
}

func TestATouchWhileLookingIsNotLost(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	job := w.claim(at(0))
	w.deliver(at(1), []Touch{{Number: 3, Delay: time.Second}})
	w.idle(at(5)) // held
	w.finish(job, FinishInfo{NotBefore: at(7)}, at(5))
	w.idle(at(6.9))
	again := w.claim(at(7))
	if diff := cmp.Diff([]string{"guid-2"}, again.Causes); diff != "" {
		t.Errorf("the second look has the wrong causes:\n%s", diff)
	}
	if !again.FirstTouched.Equal(at(1)) {
		t.Errorf("it waits since %s; want 1s", again.FirstTouched.Sub(start))
	}
	w.finish(again, FinishInfo{}, at(8))
	w.idle(at(100))
}

func TestASubjectTouchedByTheSameCauseAgainSaysSo(t *testing.T) {
	w := open(t)
	touch := func(now time.Time) { w.ok(w.Touch(w.ctx, pr(3), Known{}, "sweep", now, now)) }
	touch(at(0))
	touch(at(1))
	job := w.claim(at(2))
	for i := range 50 {
		touch(at(3 + float64(i)))
	}
	w.finish(job, FinishInfo{}, at(60))
	again := w.claim(at(60))
	if len(job.Causes) != 1 || len(again.Causes) == 0 || again.Causes[0] != "sweep" {
		t.Errorf("the causes are %v, then %v", job.Causes, again.Causes)
	}
}

func TestPaceHoldsHoweverOftenASubjectIsTouched(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	w.finish(w.claim(at(0)), FinishInfo{NotBefore: at(10)}, at(1))
	w.deliver(at(2), []Touch{{Number: 3}})
	w.idle(at(9))
	w.claim(at(10))
}

func TestAVerdictThatEndsIsLookedAtThen(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	w.finish(w.claim(at(0)), FinishInfo{Until: at(3600)}, at(1))
	q, err := w.Queue(w.ctx, at(100))
	w.ok(err)
	if q.Depth != 0 {
		t.Errorf("what is due in an hour counts as waiting: %+v", q)
	}
	w.idle(at(3599))
	if job := w.claim(at(3600)); job.Causes[0] != "timer" {
		t.Errorf("its causes are %v", job.Causes)
	}
}

func TestTwoSubjectsWithOneHeadAreNotLookedAtTogether(t *testing.T) {
	w := open(t)
	for n := 1; n <= 3; n++ {
		head := sha("a")
		if n == 3 {
			head = sha("b")
		}
		w.deliver(at(0), []Touch{{Number: n}}, HeadMoved{Number: n, SHA: head, At: at(0), Opened: true})
	}
	jobs, err := w.Claim(w.ctx, 10, time.Minute, at(1))
	w.ok(err)
	if len(jobs) != 2 || jobs[0].Subject.Number != 1 || jobs[1].Subject.Number != 3 {
		t.Fatalf("claimed %+v; want 1 and 3", jobs)
	}
	// 3 turns out to have the commit that 1 is being judged at.
	p := pull(3, sha("a"), at(2))
	var busy *BusyError
	if err := w.Observe(w.ctx, jobs[1], &p, at(2)); !errors.As(err, &busy) || busy.Other != 1 || !busy.RetryAt().After(at(2)) {
		t.Errorf("reading the head that another is judged at: %v", err)
	}
	w.finish(jobs[0], FinishInfo{}, at(3))
	if job := w.claim(at(3)); job.Subject.Number != 2 {
		t.Errorf("claimed %d; want 2, whose head is free now", job.Subject.Number)
	}
}

func TestABusyRepositoryDoesNotKeepOthersWaiting(t *testing.T) {
	w := open(t)
	for n := 1; n <= 50; n++ {
		w.ok(w.Touch(w.ctx, pr(n), Known{}, "sweep", at(0), at(0)))
	}
	small := checks.Subject{Installation: 1, RepoID: 8, Owner: "tiny", Repo: "one", Number: 1}
	w.ok(w.Touch(w.ctx, small, Known{}, "sweep", at(10), at(10)))
	first := w.claim(at(20))
	second := w.claim(at(20))
	if first.Subject.RepoID == second.Subject.RepoID {
		t.Errorf("claimed %s and %s though another repository waits", first.Subject, second.Subject)
	}
	// One worker alone takes turns, too.
	w.finish(first, FinishInfo{}, at(20))
	w.finish(second, FinishInfo{}, at(20))
	w.finish(w.claim(at(21)), FinishInfo{}, at(21))
	w.ok(w.Touch(w.ctx, small, Known{}, "sweep", at(21), at(21)))
	a := w.claim(at(22))
	w.finish(a, FinishInfo{}, at(22))
	if a.Subject.RepoID != small.RepoID {
		t.Errorf("claimed %s; it was the other repository's turn", a.Subject)
	}
}

func TestWhoeverLostTheLeaseChangesNothing(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}}, HeadMoved{Number: 3, SHA: sha("a"), At: at(0), Opened: true})
	late := w.claim(at(0))
	held, err := w.Held(w.ctx, late, at(59))
	if err != nil || !held {
		t.Fatalf("held = %v, %v", held, err)
	}
	now := w.claim(at(60)) // the lease has ended
	if held, err = w.Held(w.ctx, late, at(60)); err != nil || held {
		t.Errorf("a lease that has ended is held: %v, %v", held, err)
	}
	p := pull(3, sha("a"), at(61))
	_, recordErr := w.Record(w.ctx, late, record(p, checks.Met), at(61))
	for what, err := range map[string]error{
		"finish":  w.Finish(w.ctx, late, FinishInfo{}, at(61)),
		"fail":    w.Fail(w.ctx, late, "late", time.Time{}, at(61)),
		"forget":  w.Forget(w.ctx, late, at(61)),
		"extend":  w.Extend(w.ctx, late, time.Minute, at(61)),
		"observe": w.Observe(w.ctx, late, &p, at(61)),
		"record":  recordErr,
	} {
		if !errors.Is(err, ErrLost) {
			t.Errorf("%s without a lease: %v", what, err)
		}
	}
	if n := w.count(`SELECT count(*) FROM entries WHERE kind = 'verdict'`); n != 0 {
		t.Errorf("%d verdicts were recorded without a lease", n)
	}
	w.ok(w.Extend(w.ctx, now, time.Hour, at(62)))
	w.idle(at(600))
	w.finish(now, FinishInfo{}, at(601))
}

func TestFailuresBackOffAndStayVisible(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	now, want := at(0), time.Second
	for tries := range 12 {
		job := w.claim(now)
		if job.Tries != tries {
			t.Fatalf("tries = %d; want %d", job.Tries, tries)
		}
		w.ok(w.Fail(w.ctx, job, "GitHub is down", time.Time{}, now))
		w.idle(now.Add(want - time.Millisecond))
		now = now.Add(want)
		want = min(2*want, 15*time.Minute)
	}
	list, err := w.Failing(w.ctx)
	w.ok(err)
	if len(list) != 1 || list[0].Error != "GitHub is down" || list[0].Tries != 12 || !list[0].Since.Equal(at(0)) {
		t.Errorf("failing = %+v", list)
	}
	w.finish(w.claim(now), FinishInfo{}, now)
	q, err := w.Queue(w.ctx, now)
	w.ok(err)
	if q != (Queue{}) {
		t.Errorf("after a success the queue is %+v", q)
	}
}

func TestGitHubsRetryAfterIsHonouredThoughEventsCome(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	w.ok(w.Fail(w.ctx, w.claim(at(0)), "rate limit", at(300), at(1)))
	w.deliver(at(2), []Touch{{Number: 3}})
	w.idle(at(299))
	q, err := w.Queue(w.ctx, at(299))
	w.ok(err)
	if diff := cmp.Diff(Queue{Depth: 1, Oldest: 299 * time.Second, Failing: 1}, q); diff != "" {
		t.Error(diff)
	}
	w.claim(at(300))
}

func TestAnEventMakesAFailingSubjectDueAgainSoon(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	now := at(0)
	for range 8 {
		w.ok(w.Fail(w.ctx, w.claim(now), "odd", time.Time{}, now))
		now = now.Add(15 * time.Minute)
	}
	w.ok(w.Fail(w.ctx, w.claim(now), "odd", time.Time{}, now))
	w.deliver(now.Add(2*time.Second), []Touch{{Number: 3}})
	w.claim(now.Add(2 * time.Second))
}

func TestARestartTakesUpWhatWasBegun(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	w.claim(at(0))
	w.ok(w.Close())
	w.reopen()
	w.idle(at(1))
	w.ok(w.ReleaseAll(w.ctx, at(1)))
	if job := w.claim(at(1)); job.Causes[0] != "guid-1" {
		t.Errorf("the job taken up again has causes %v", job.Causes)
	}
}

func TestEachWayOfTouchingFindsItsPullRequests(t *testing.T) {
	w := open(t)
	open := func(n int, head, base string) {
		w.deliver(at(0), nil, HeadMoved{Number: n, SHA: head, At: at(0), Opened: true}, PullChanged{Number: n, Open: true, Base: base})
	}
	open(1, sha("a"), "main")
	open(2, sha("a"), "next")
	open(3, sha("b"), "main")
	w.deliver(at(0), nil, PullChanged{Number: 4, Open: false, Base: "main", Head: sha("a")})
	w.deliver(at(0), []Touch{{Number: 3}})
	job := w.claim(at(0))
	p := pull(3, sha("b"), at(1))
	p.Teams = map[string]checks.Team{"acme/qa": {}}
	p.People = map[string]checks.Person{"ann": {Login: "Ann"}}
	w.finish(job, FinishInfo{Pull: &p}, at(1))

	for _, c := range []struct {
		touch Touch
		want  []int
	}{
		{Touch{Number: 9}, []int{9}},
		{Touch{Head: sha("a")}, []int{1, 2}},
		{Touch{Base: "main"}, []int{1, 3}},
		{Touch{Repo: true}, []int{1, 2, 3, 9}},
		{Touch{Team: "Acme/QA"}, []int{3}},
		{Touch{Team: "acme/other"}, nil},
		{Touch{Owner: "ACME"}, []int{1, 2, 3, 9}},
		{Touch{Installation: true}, []int{1, 2, 3, 9}},
		{Touch{}, nil},
	} {
		w.deliver(at(2), []Touch{c.touch})
		jobs, err := w.Claim(w.ctx, 10, time.Minute, at(2))
		w.ok(err)
		// 1 and 2 have one head, so they come one after the other.
		var got []int
		for len(jobs) > 0 {
			got = append(got, jobs[0].Subject.Number)
			w.finish(jobs[0], FinishInfo{}, at(2))
			more, err := w.Claim(w.ctx, 10, time.Minute, at(2))
			w.ok(err)
			jobs = append(jobs[1:], more...)
		}
		if diff := cmp.Diff(c.want, sorted(got)); diff != "" {
			t.Errorf("%+v:\n%s", c.touch, diff)
		}
	}
}

func sorted(in []int) []int {
	for i := range in {
		for j := i; j > 0 && in[j] < in[j-1]; j-- {
			in[j], in[j-1] = in[j-1], in[j]
		}
	}
	return in
}

func TestARemovedRepositoryIsNotWorkedOnUntilItIsBack(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	w.deliver(at(1), nil, ReposRemoved{Repos: []checks.Repo{acme}})
	gone := w.count(`SELECT gone FROM repos WHERE id = 7`)
	if gone == 0 {
		// The delivery itself names the repository, which a real one of this kind
		// does not; what it says wins.
		t.Error("the repository is not marked as gone")
	}
	w.idle(at(2))
	w.deliver(at(3), []Touch{{Repo: true}}, ReposAdded{Repos: []checks.Repo{acme}})
	w.claim(at(4))
	w.deliver(at(5), nil, ReposRemoved{All: true})
	if n := w.count(`SELECT count(*) FROM work`); n != 0 {
		t.Errorf("%d rows of work are left of a removed installation", n)
	}
}

func TestAPullRequestThatIsGoneIsForgottenUntilItIsTouched(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	w.ok(w.Forget(w.ctx, w.claim(at(0)), at(1)))
	w.deliver(at(2), []Touch{{Repo: true}})
	w.idle(at(3))
}

func TestWhatASweepDoesNotFindIsLookedAt(t *testing.T) {
	w := open(t)
	for n := 1; n <= 3; n++ {
		w.ok(w.Touch(w.ctx, pr(n), Known{Head: sha("a"), Base: "main", Glance: fmt.Sprint("g", n)}, "sweep", at(0), at(0)))
		w.finish(w.claim(at(0)), FinishInfo{}, at(0))
	}
	glances, err := w.Glances(w.ctx, acme.ID)
	w.ok(err)
	if diff := cmp.Diff(map[int]string{1: "g1", 2: "g2", 3: "g3"}, glances); diff != "" {
		t.Error(diff)
	}
	w.ok(w.CloseOthers(w.ctx, acme.ID, map[int]bool{1: true, 3: true}, at(1)))
	if job := w.claim(at(1)); job.Subject.Number != 2 {
		t.Errorf("claimed %s", job.Subject)
	}
	w.idle(at(1))
}

func TestAWaitingWorkerHearsOfNewWork(t *testing.T) {
	w := open(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	got := make(chan Job)
	go func() {
		for ctx.Err() == nil {
			jobs, err := w.Claim(ctx, 1, time.Minute, time.Now())
			if err == nil && len(jobs) == 1 {
				got <- jobs[0]
				continue
			}
			w.Wait(ctx)
		}
	}()
	for range 20 {
		begin := time.Now()
		w.deliver(begin, []Touch{{Number: 3, Delay: 20 * time.Millisecond}})
		select {
		case job := <-got:
			if waited := time.Since(begin); waited < 20*time.Millisecond {
				t.Errorf("it was claimed after %s, before it was due", waited)
			}
			w.finish(job, FinishInfo{}, time.Now())
		case <-ctx.Done():
			t.Fatal("the worker slept on")
		}
	}
}
