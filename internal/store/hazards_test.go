package store

import (
	"context"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// judge claims what is due, which must be a pull request's, and judges it at a
// head.
func (w *world) judge(number int, head string, own checks.State, now time.Time) {
	w.t.Helper()
	job := w.claim(now)
	if job.Subject.Number != number {
		w.t.Fatalf("claimed %s; want #%d", job.Subject, number)
	}
	p := pull(number, head, now)
	w.ok(w.Observe(w.ctx, job, &p, now))
	r := record(p, own)
	r.Digest += head
	_, err := w.Record(w.ctx, job, r, now)
	w.ok(err)
	w.finish(job, FinishInfo{}, now)
}

func (w *world) siblings(number int, head string, now time.Time) []checks.Sibling {
	w.t.Helper()
	p := pull(number, head, now)
	w.ok(w.Recall(w.ctx, pr(number), &p))
	return p.Siblings
}

func TestAVerdictOnAnotherCommitVouchesForNobody(t *testing.T) {
	for name, move := range map[string]func(*world){
		"pushed":  func(w *world) { w.deliver(at(10), nil, HeadMoved{Number: 2, SHA: sha("a"), At: at(10)}) },
		"swept":   func(w *world) { w.ok(w.Touch(w.ctx, pr(2), Known{Head: sha("a")}, "sweep", at(10), at(10))) },
		"read":    func(w *world) { w.read2(sha("a"), at(10)) },
		"twice":   func(w *world) { w.read2(sha("a"), at(10)); w.read2(sha("b"), at(12)); w.read2(sha("a"), at(14)) },
		"one day": func(w *world) { w.read2(sha("a"), at(86400)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.deliver(at(0), []Touch{{Number: 1}}, HeadMoved{Number: 1, SHA: sha("a"), At: at(0), Opened: true})
			w.judge(1, sha("a"), checks.Met, at(1))
			w.deliver(at(2), []Touch{{Number: 2}}, HeadMoved{Number: 2, SHA: sha("b"), At: at(2), Opened: true})
			w.judge(2, sha("b"), checks.Met, at(3))
			move(w)
			got := w.siblings(1, sha("a"), at(100000))
			if len(got) != 1 || got[0].State.Passes() {
				t.Errorf("#1 sees %+v: #2 was not judged on this commit", got)
			}
			var digest string
			w.ok(w.Store.read.QueryRow(`SELECT digest FROM subjects WHERE number = 2`).Scan(&digest))
			if digest != "" {
				t.Errorf("the verdict on another commit would pass for recorded: %q", digest)
			}
		})
	}
}

// read2 is a reading of #2, which must not be due yet.
func (w *world) read2(head string, now time.Time) {
	w.t.Helper()
	w.deliver(now, []Touch{{Number: 2}})
	jobs, err := w.Claim(w.ctx, 10, time.Minute, now)
	w.ok(err)
	for _, job := range jobs {
		if job.Subject.Number == 2 {
			p := pull(2, head, now)
			w.ok(w.Observe(w.ctx, job, &p, now))
		}
		w.finish(job, FinishInfo{}, now)
	}
}

func TestWhoeverComesToACommitMakesThoseOnItDue(t *testing.T) {
	for name, move := range map[string]func(*world){
		"swept":    func(w *world) { w.ok(w.Touch(w.ctx, pr(2), Known{Head: sha("a")}, "sweep", at(10), at(10))) },
		"read":     func(w *world) { w.read2(sha("a"), at(10)) },
		"reopened": func(w *world) { w.closed2(); w.deliver(at(9), nil, PullChanged{Number: 2, Open: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.deliver(at(0), []Touch{{Number: 1}}, HeadMoved{Number: 1, SHA: sha("a"), At: at(0), Opened: true})
			w.judge(1, sha("a"), checks.Met, at(1))
			head := sha("b")
			if name == "reopened" {
				head = sha("a")
			}
			w.deliver(at(2), []Touch{{Number: 2}}, HeadMoved{Number: 2, SHA: head, At: at(2), Opened: true})
			if name == "reopened" {
				w.judge(1, sha("a"), checks.Met, at(3)) // due for #2 has come
			}
			w.judge(2, head, checks.Unmet, at(3))
			move(w)
			if n := w.count(`SELECT count(*) FROM work WHERE number = 1 AND gen > done_gen`); n != 1 {
				t.Error("#1 keeps its label though #2, on the same commit, is unmet")
			}
		})
	}
}

// closed2 closes #2 and looks at everything that is due then.
func (w *world) closed2() {
	w.t.Helper()
	w.deliver(at(5), nil, PullChanged{Number: 2})
	jobs, err := w.Claim(w.ctx, 10, time.Minute, at(6))
	w.ok(err)
	for _, job := range jobs {
		w.finish(job, FinishInfo{}, at(6))
	}
}

func TestWhoeverLeavesACommitMakesThoseOnItDueThoughASweepSawItFirst(t *testing.T) {
	w := open(t)
	for n := 1; n <= 2; n++ {
		w.deliver(at(1), nil, HeadMoved{Number: n, SHA: sha("a"), At: at(1), Opened: true})
	}
	w.ok(w.Touch(w.ctx, pr(1), Known{Head: sha("b")}, "sweep", at(10), at(10)))
	if n := w.count(`SELECT count(*) FROM work WHERE number = 2 AND gen > done_gen`); n != 1 {
		t.Error("#2 is held to the verdict of #1 for ever")
	}
}

func TestWorkOfARepositoryThatIsGoneDoesNotWaitForEver(t *testing.T) {
	w := open(t)
	w.deliver(at(0), nil, HeadMoved{Number: 1, SHA: sha("a"), At: at(0), Opened: true})
	w.deliver(at(1), nil, ReposRemoved{Repos: []checks.Repo{acme}})
	w.n++
	fresh, err := w.Receive(w.ctx, Delivery{
		AppID: 1, GUID: "owner", Event: "organization", Body: []byte(`{}`), ReceivedAt: at(2), Installation: installation,
		Touches: []Touch{{Owner: acme.Owner}, {Installation: true}},
	})
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	q, err := w.Queue(w.ctx, at(3600))
	w.ok(err)
	if q.Depth != 0 {
		t.Errorf("%d wait, the oldest for %s, and nobody may look at them", q.Depth, q.Oldest)
	}
}

func TestARepositoryThatMovedToAnotherInstallationStays(t *testing.T) {
	removed := Delivery{
		AppID: 1, GUID: "removed", Event: "installation_repositories", Body: []byte(`{}`), ReceivedAt: at(5), Installation: installation,
		Facts: []Fact{ReposRemoved{Repos: []checks.Repo{acme}}},
	}
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 1}}, HeadMoved{Number: 1, SHA: sha("a"), At: at(0), Opened: true})
	job := w.claim(at(1))
	moved := acme
	moved.Owner = "umbrella"
	_, err := w.Receive(w.ctx, Delivery{
		AppID: 1, GUID: "added", Event: "installation_repositories", Body: []byte(`{}`), ReceivedAt: at(2), Installation: 100,
		Facts: []Fact{ReposAdded{Repos: []checks.Repo{moved}}},
	})
	w.ok(err)
	// Whoever began before looks through the old installation still.
	p := pull(1, sha("a"), at(3))
	w.ok(w.Observe(w.ctx, job, &p, at(3)))
	if n := w.count(`SELECT installation FROM repos WHERE id = ?`, acme.ID); n != 100 {
		t.Errorf("the repository is asked for through installation %d; want 100", n)
	}
	_, err = w.Receive(w.ctx, removed)
	w.ok(err)
	if n := w.count(`SELECT gone FROM repos WHERE id = ?`, acme.ID); n != 0 {
		t.Error("the old installation's removal, which came late, took it from the new one")
	}
}

func TestWhatASweepSawIsForgottenWithTheRepository(t *testing.T) {
	for name, fact := range map[string]Fact{"repository": ReposRemoved{Repos: []checks.Repo{acme}}, "installation": ReposRemoved{All: true}} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.ok(w.Touch(w.ctx, pr(1), Known{Head: sha("a"), Glance: "g1"}, "sweep", at(0), at(0)))
			w.deliver(at(1), nil, fact) // drops the work
			w.deliver(at(2), nil, ReposAdded{Repos: []checks.Repo{acme}})
			glances, err := w.Glances(w.ctx, acme.ID)
			w.ok(err)
			if glances[1] != "" {
				t.Error("the next sweep finds nothing new, and nobody ever looks at the pull request")
			}
		})
	}
}

func TestAWorkerDoesNotSpinOverADeadOne(t *testing.T) {
	w := open(t)
	now := at(100)
	w.opt.Now = func() time.Time { return now }
	w.deliver(at(0), []Touch{{Number: 1}}, HeadMoved{Number: 1, SHA: sha("a"), At: at(0), Opened: true})
	w.claim(at(1)) // and its holder dies
	w.deliver(at(50), []Touch{{Number: 2}}, HeadMoved{Number: 2, SHA: sha("b"), At: at(50), Opened: true})
	other := w.claim(at(59))
	w.ok(w.Extend(w.ctx, other, time.Minute, at(59)))
	p := pull(2, sha("a"), at(62)) // it turns out to have the same commit
	w.ok(w.Observe(w.ctx, other, &p, at(62)))
	w.idle(now)
	ctx, cancel := context.WithTimeout(w.ctx, 50*time.Millisecond)
	defer cancel()
	w.Wait(ctx)
	if ctx.Err() == nil {
		t.Error("a worker is told to look again though there is nothing for it to do")
	}
}

func TestWhatAClosedPullRequestBroughtDoesNotStayForEver(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 1}, {Number: 2}})
	for n := 1; n <= 2; n++ {
		job := w.claim(at(1))
		p := pull(job.Subject.Number, sha("a"), at(1))
		if job.Subject.Number == 2 {
			p.Head.SHA = sha("b")
		}
		p.Files, p.FilesRead, p.FileCount = []checks.File{{Path: "a.go"}}, true, 1
		p.Open = job.Subject.Number == 1
		w.ok(w.Observe(w.ctx, job, &p, at(1)))
		w.finish(job, FinishInfo{Pull: &p}, at(1))
	}
	w.ok(w.Prune(w.ctx, at(2).Add(89*24*time.Hour)))
	if n := w.count(`SELECT count(*) FROM changes`); n != 2 {
		t.Errorf("%d changes are left; a pull request may be reopened", n)
	}
	w.ok(w.Prune(w.ctx, at(2).Add(91*24*time.Hour)))
	if n := w.count(`SELECT count(*) FROM changes WHERE number = 1`); n != 1 {
		t.Error("what an open pull request brought is gone")
	}
	if n := w.count(`SELECT count(*) FROM changes WHERE number = 2`); n != 0 {
		t.Error("what a closed pull request brought stays for ever")
	}
}

func TestWhatGitHubGoesOnToShowIsBelievedInTheEnd(t *testing.T) {
	w := open(t)
	// Two pushes of one second, told in the wrong order.
	w.deliver(at(1), []Touch{{Number: 1}}, HeadMoved{Number: 1, SHA: sha("b"), At: at(1)})
	w.deliver(at(1), nil, HeadMoved{Number: 1, SHA: sha("a"), At: at(1)})
	head := func() (sha string) {
		w.ok(w.read.QueryRow(`SELECT head FROM subjects WHERE number = 1`).Scan(&sha))
		return sha
	}
	for _, c := range []struct {
		now  float64
		want string
	}{{5, sha("a")}, {40, sha("b")}} {
		job := w.claim(at(c.now))
		p := pull(1, sha("b"), at(c.now))
		p.UpdatedAt = at(1)
		w.ok(w.Observe(w.ctx, job, &p, at(c.now)))
		if got := head(); got != c.want {
			t.Errorf("after %v s the head is %.3s, want %.3s: events on that commit would find nobody", c.now, got, c.want)
		}
		w.ok(w.Postpone(w.ctx, job, at(c.now+1), at(c.now)))
	}
}
