package store

import (
	"errors"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const queueName = "gh-readonly-queue/main/pr-2-base"

// made has a group come into being, and gives the job to judge it.
func (w *world) made(head string, when time.Time) Job {
	w.t.Helper()
	w.deliver(when, []Touch{{Kind: checks.KindGroup, Name: queueName, At: head}}, GroupMade{Name: queueName, Head: head})
	return w.claim(when.Add(time.Second))
}

func (w *world) keepGroup(job Job, head string, members ...int) {
	w.t.Helper()
	if open, err := w.KeepGroup(w.ctx, job, head, members, at(2)); err != nil || !open {
		w.t.Fatal(open, err)
	}
}

func (w *world) isOpen(job Job) bool {
	w.t.Helper()
	_, open, err := w.OpenGroup(w.ctx, job.Subject)
	w.ok(err)
	return open
}

func TestWhateverTouchesAPullRequestTouchesTheGroupsItIsInAndNoOthers(t *testing.T) {
	w := open(t)
	job := w.made(sha("a"), at(0))
	w.keepGroup(job, sha("a"), 1, 2)
	w.finish(job, FinishInfo{}, at(3))
	w.deliver(at(10), []Touch{{Number: 3}})
	w.finish(w.claim(at(11)), FinishInfo{}, at(11))
	w.idle(at(12))
	for i, touch := range []func(now time.Time){
		func(now time.Time) { w.deliver(now, []Touch{{Number: 1}}) },
		func(now time.Time) { w.ok(w.Touch(w.ctx, pr(2), Known{}, "sweep", now, now)) },
		func(now time.Time) { w.deliver(now, []Touch{{Kind: checks.KindGroup, At: sha("a")}}) }, // a button on its run
	} {
		now := at(float64(20 + 10*i))
		touch(now)
		found := false
		for range 2 - i/2 {
			job := w.claim(now.Add(time.Second))
			found = found || job.Subject.Name == queueName
			w.finish(job, FinishInfo{}, now.Add(time.Second))
		}
		if !found {
			t.Errorf("%d: the group is not due", i)
		}
		w.idle(now.Add(2 * time.Second))
	}
	// Those that are in it by now count, not those that were.
	w.deliver(at(60), []Touch{{Kind: checks.KindGroup, Name: queueName}})
	job = w.claim(at(61))
	w.keepGroup(job, sha("a"), 2)
	w.finish(job, FinishInfo{}, at(62))
	w.deliver(at(70), []Touch{{Number: 1}})
	if job := w.claim(at(71)); job.Subject.Number != 1 {
		t.Errorf("due is %s", job.Subject)
	}
	w.idle(at(72))
}

func TestADestroyedGroupStaysDestroyedUntilItIsMadeAgain(t *testing.T) {
	w := open(t)
	job := w.made(sha("a"), at(0))
	w.keepGroup(job, sha("a"), 1)
	w.deliver(at(3), nil, GroupDestroyed{Name: queueName, Head: sha("b")}) // of another commit of that name
	if !w.isOpen(job) {
		t.Fatal("the end of another group of that name ends it")
	}
	w.deliver(at(4), nil, GroupDestroyed{Name: queueName, Head: sha("a")})
	if w.isOpen(job) {
		t.Fatal("it is open")
	}
	if open, err := w.KeepGroup(w.ctx, job, sha("a"), []int{1}, at(5)); err != nil || open || w.isOpen(job) {
		t.Errorf("whoever had begun to look at it opens it again: %v %v", open, err)
	}
	w.finish(job, FinishInfo{}, at(6))
	w.deliver(at(10), []Touch{{Number: 1}})
	if job := w.claim(at(11)); job.Subject.Kind != "" {
		t.Errorf("due is %s, which is destroyed", job.Subject)
	}
	w.idle(at(12))
	job = w.made(sha("c"), at(20))
	if g, open, err := w.OpenGroup(w.ctx, job.Subject); err != nil || !open || g.Head != sha("c") || !g.Heard.Equal(at(20)) {
		t.Errorf("made again it is %+v %v %v", g, open, err)
	}
	w.ok(w.CloseGroup(w.ctx, job, sha("c"), at(22)))
	if w.isOpen(job) {
		t.Error("it is open")
	}
	w.verifies()
}

func TestNothingIsKeptOfAGroupWithoutItsLease(t *testing.T) {
	w := open(t)
	job := w.made(sha("a"), at(0))
	w.finish(job, FinishInfo{}, at(2))
	if _, err := w.KeepGroup(w.ctx, job, sha("a"), []int{1}, at(3)); !errors.Is(err, ErrLost) {
		t.Errorf("members: %v", err)
	}
	if err := w.CloseGroup(w.ctx, job, sha("a"), at(3)); !errors.Is(err, ErrLost) {
		t.Errorf("its end: %v", err)
	}
	if err := w.ObserveMember(w.ctx, job, pr(1), &checks.Pull{At: at(3)}, at(3)); !errors.Is(err, ErrLost) {
		t.Errorf("a reading: %v", err)
	}
}

func TestASweepMakesDueTheGroupsThatAreNewMovedOrGone(t *testing.T) {
	w := open(t)
	repo := acme
	found := func(now float64, groups ...checks.GroupGlance) (names []string) {
		t.Helper()
		n, err := w.FoundGroups(w.ctx, installation, repo, groups, at(now))
		w.ok(err)
		for range n {
			job := w.claim(at(now + 1))
			names = append(names, job.Subject.Name)
			w.finish(job, FinishInfo{}, at(now+1))
		}
		w.idle(at(now + 2))
		return names
	}
	if has, err := w.HasQueue(w.ctx, repo.ID); err != nil || has {
		t.Errorf("a queue is known: %v %v", has, err)
	}
	one, two := checks.GroupGlance{Name: queueName, Head: sha("a")}, checks.GroupGlance{Name: "gh-readonly-queue/main/pr-3-base", Head: sha("b")}
	if got := found(0, one, two); len(got) != 2 {
		t.Errorf("new are %q", got)
	}
	if got := found(10, one, two); len(got) != 0 {
		t.Errorf("as before are %q", got)
	}
	one.Head = sha("c")
	if got := found(20, one, two); len(got) != 1 || got[0] != one.Name {
		t.Errorf("moved is %q", got)
	}
	if got := found(30, one); len(got) != 1 || got[0] != two.Name {
		t.Errorf("gone is %q", got)
	}
	if has, err := w.HasQueue(w.ctx, repo.ID); err != nil || !has {
		t.Errorf("no queue is known: %v %v", has, err)
	}
}
