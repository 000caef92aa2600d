package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// rel is the release of a tag of acme/shop.
func rel(tag string) checks.Subject {
	s := pr(0)
	s.Kind, s.Name = checks.KindRelease, tag
	return s
}

var rosa, quinn = checks.Actor{Login: "rosa", ID: 11}, checks.Actor{Login: "quinn", ID: 12}

// releasing has the policy call the tags v* releases.
func (w *world) releasing(patterns ...string) {
	w.t.Helper()
	if patterns == nil {
		patterns = []string{"v*"}
	}
	w.ok(w.change(w.ctx, func(t *txn) error {
		if err := t.keepRepo(acme, installation); err != nil {
			return err
		}
		return t.keepWatching(acme.ID, Watching{Default: "main", Releases: patterns})
	}))
}

// put has somebody put a tag at a commit, and gives the job to look at its release.
func (w *world) put(tag, commit string, when float64) Job {
	w.t.Helper()
	w.deliver(at(when), []Touch{{Kind: checks.KindRelease, Name: tag}}, TagPut{Name: tag, OID: commit, Commit: commit, By: rosa, At: at(when)})
	return w.claimRelease(tag, when+1)
}

// claimRelease takes the job of a release, which must be the next that is due.
func (w *world) claimRelease(tag string, when float64) Job {
	w.t.Helper()
	job := w.claim(at(when))
	if job.Subject.Kind != checks.KindRelease || job.Subject.Name != tag {
		w.t.Fatalf("due is %s; want the release %s", job.Subject, tag)
	}
	return job
}

// release is a snapshot of a release with its tag at a commit.
func release(tag, commit string, now time.Time) checks.Release {
	repo := acme
	repo.DefaultBranch = "main"
	return checks.Release{At: now, Repo: repo, Tag: checks.Tag{Name: tag, OID: commit, Commit: commit}}
}

func candidate(r checks.Release) checks.PastCandidate {
	c := r.Candidate(checks.Policy{ReleaseDigest: "policy"})
	return checks.PastCandidate{Candidate: c, Digest: c.Digest(), Since: r.At}
}

// seen observes a release and keeps its candidate.
func (w *world) seen(job Job, r checks.Release) (digest string) {
	w.t.Helper()
	w.ok(w.ObserveRelease(w.ctx, job, &r, r.At))
	c := candidate(r)
	w.ok(w.SeeCandidate(w.ctx, job, c, "The tag was moved.", r.At))
	return c.Digest
}

func (w *world) knows(r checks.Release) ReleaseKnown {
	w.t.Helper()
	row, err := w.ReleaseOf(w.ctx, "acme/shop", r.Tag.Name)
	w.ok(err)
	k, err := w.ReleaseKnown(w.ctx, row.Subject, r.Tag.Commit, r.Tag.OID)
	w.ok(err)
	return k
}

// releaseRecord is a verdict on a release.
func releaseRecord(r checks.Release, phase checks.Phase, actions ...checks.Action) Record {
	c := candidate(r)
	v := checks.ReleaseVerdict{
		Verdict: checks.Verdict{State: checks.Unmet, Own: checks.Unmet, Head: r.Tag.Commit, At: r.At, Results: []checks.Result{
			{ID: "release/production", State: checks.Waiting, Since: r.At},
		}},
		Tag: r.Tag.Name, Candidate: c.Candidate, Digest: c.Digest, Phase: phase,
	}
	return Record{Release: &r, ReleaseVerdict: &v, Actions: actions, Digest: "digest-" + string(phase), Causes: []string{"guid-1"}, Version: "test"}
}

func TestATagIsLookedAtWhereThePolicyCallsItAReleaseAndNowhereElse(t *testing.T) {
	w := open(t)
	tag := []Touch{{Kind: checks.KindRelease, Name: "v1"}}
	w.deliver(at(0), tag, TagPut{Name: "v1", OID: sha("a"), By: rosa, At: at(0)}) // the policy was never read
	w.idle(at(10))
	w.releasing()
	w.deliver(at(20), []Touch{{Kind: checks.KindRelease, Name: "nightly"}})
	w.idle(at(30))
	w.deliver(at(40), tag)
	job := w.claimRelease("v1", 41)
	k, err := w.ReleaseKnown(w.ctx, job.Subject, sha("a"), sha("a"))
	w.ok(err)
	if k.Pusher != rosa || k.PusherOID != sha("a") || !k.Heard.Equal(at(0)) || k.HeardOID != sha("a") {
		t.Errorf("of who put it there before the policy was read is known %+v", k)
	}
	w.finish(job, FinishInfo{}, at(42))
	w.releasing([]string{}...)
	w.ok(w.change(w.ctx, func(t *txn) error { return t.keepWatching(acme.ID, Watching{Default: "main"}) }))
	w.deliver(at(50), []Touch{{Kind: checks.KindRelease, Name: "v2"}}, TagPut{Name: "v2", OID: sha("b"), By: rosa, At: at(50)})
	w.idle(at(60))
	if n := w.count(`SELECT count(*) FROM tag_puts WHERE tag = 'v2'`); n != 0 {
		t.Error("of a repository without releases it is kept who makes tags")
	}
	w.deliver(at(70), tag) // known as a release already: it may have to be said that it is none any more
	job = w.claimRelease("v1", 71)
	w.ok(w.RestRelease(w.ctx, job, at(72)))
	w.finish(job, FinishInfo{}, at(72))
}

func TestWhateverHappensAtACommitTouchesTheReleasesThereAndNoOthers(t *testing.T) {
	w := open(t)
	w.releasing()
	r := release("v1", sha("a"), at(2))
	job := w.put("v1", sha("a"), 0)
	w.seen(job, r)
	w.ok(w.change(w.ctx, func(t *txn) error { return t.keepIssue(job.Subject, 77) }))
	w.finish(job, FinishInfo{}, at(3))
	other := w.put("v2", sha("b"), 4)
	w.seen(other, release("v2", sha("b"), at(6)))
	w.finish(other, FinishInfo{}, at(7))
	w.idle(at(9))
	for name, c := range map[string]struct {
		touches []Touch
		facts   []Fact
	}{
		"a run on it":           {touches: []Touch{{Kind: checks.KindRelease, At: sha("a")}}},
		"a comment":             {facts: []Fact{IssueSpoken{Issue: 77}}},
		"a deployment":          {facts: []Fact{Deployed{ID: 5, Environment: "production", State: "success", Commit: sha("a"), At: at(10)}}},
		"a button":              {facts: []Fact{ButtonPressed{Run: 9, Name: checks.RunStagePrefix + "qa", Head: sha("a"), Identifier: "sign:0123456789ab", By: quinn, At: at(10)}}},
		"two ways in one event": {touches: []Touch{{Kind: checks.KindRelease, At: sha("a")}, {Kind: checks.KindRelease, Name: "v1"}}, facts: []Fact{IssueSpoken{Issue: 77}}},
	} {
		w.deliver(at(10), c.touches, c.facts...)
		jobs, err := w.Claim(w.ctx, 10, time.Minute, at(20))
		w.ok(err)
		if len(jobs) != 1 || jobs[0].Subject.Name != "v1" {
			t.Errorf("%s: due are %+v", name, jobs)
		}
		for _, job := range jobs {
			w.finish(job, FinishInfo{}, at(20))
		}
	}
	w.deliver(at(30), nil, IssueSpoken{Issue: 78}, Deployed{ID: 6, Environment: "production", State: "success", Commit: sha("c"), At: at(30)})
	w.deliver(at(31), []Touch{{Kind: checks.KindRelease, At: sha("c")}, {Kind: checks.KindRelease, At: ""}})
	w.idle(at(40))
}

func TestWhatChangesPoliciesAndPeopleReachesReleasesInProgressOnly(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	r := release("v1", sha("a"), at(2))
	r.Teams = map[string]checks.Team{"acme/QA": {}}
	r.People = map[string]checks.Person{"quinn": {}}
	w.seen(job, r)
	_, err := w.Record(w.ctx, job, releaseRecord(r, checks.PhaseSigning), at(3))
	w.ok(err)
	w.finish(job, FinishInfo{}, at(3))
	if _, logins, err := w.Likely(w.ctx, job.Subject); err != nil || strings.Join(logins, " ") != "quinn" {
		t.Errorf("the next reading will need %q %v", logins, err)
	}
	touches := map[string]Touch{
		"rules": {Repo: true}, "default branch": {Base: "main"}, "team": {Team: "acme/qa"}, "organisation": {Owner: "ACME"}, "installation": {Installation: true},
	}
	send := func(touch Touch, now float64) []Job {
		d := Delivery{AppID: 1, GUID: "g" + at(now).String(), Event: "push", Body: []byte(`{}`), ReceivedAt: at(now), Installation: installation, Repo: r.Repo, Touches: []Touch{touch}}
		_, err := w.Receive(w.ctx, d)
		w.ok(err)
		jobs, err := w.Claim(w.ctx, 10, time.Minute, at(now+1))
		w.ok(err)
		for _, job := range jobs {
			w.finish(job, FinishInfo{}, at(now+1))
		}
		return jobs
	}
	now := 10.0
	for name, touch := range touches {
		if jobs := send(touch, now); len(jobs) != 1 || jobs[0].Subject.Name != "v1" {
			t.Errorf("%s: due are %+v", name, jobs)
		}
		now += 10
	}
	if jobs := send(Touch{Base: "develop"}, now); len(jobs) != 0 {
		t.Errorf("a push to another branch than the default makes due %+v", jobs)
	}
	w.deliver(at(now+5), []Touch{{Kind: checks.KindRelease, Name: "v1"}})
	job = w.claimRelease("v1", now+6)
	_, err = w.Record(w.ctx, job, releaseRecord(r, checks.PhaseDeployed), at(now+7))
	w.ok(err)
	w.finish(job, FinishInfo{}, at(now+7))
	for name, touch := range touches {
		now += 10
		if jobs := send(touch, now); len(jobs) != 0 {
			t.Errorf("%s: due is one that is out", name)
		}
	}
}

func TestNothingIsKeptOfAReleaseWithoutItsLease(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	r := release("v1", sha("a"), at(2))
	digest := w.seen(job, r)
	w.finish(job, FinishInfo{}, at(3))
	before := w.count(`SELECT count(*) FROM entries`)
	v := releaseRecord(r, checks.PhaseApproved)
	v.Decision = &checks.Decision{Digest: digest}
	for name, do := range map[string]func() error{
		"a reading":   func() error { return w.ObserveRelease(w.ctx, job, &r, at(4)) },
		"a candidate": func() error { return w.SeeCandidate(w.ctx, job, checks.PastCandidate{}, "gone", at(4)) },
		"acts": func() error {
			_, err := w.KeepActs(w.ctx, job, []checks.Act{{Kind: checks.ActSign, Via: checks.ByComment, Ref: "1"}}, at(4))
			return err
		},
		"evidence": func() error {
			_, err := w.KeepEvidence(w.ctx, job, checks.ReleaseEvidence{Digest: "d"}, nil, at(4))
			return err
		},
		"a page": func() error {
			return w.KeepRangePage(w.ctx, job, "", sha("a"), 1, 0, []checks.RangeCommit{{SHA: sha("a")}}, at(4))
		},
		"pulls":         func() error { return w.KeepRangePulls(w.ctx, job, "", sha("a"), nil, at(4)) },
		"a run":         func() error { return w.KeepDispatched(w.ctx, job, checks.Dispatched{}, at(4)) },
		"a gate":        func() error { return w.VerifiedGate(w.ctx, job, checks.Gate{}, true, at(4)) },
		"deployments":   func() error { _, err := w.KeepDeployments(w.ctx, job, sha("a"), nil, at(4)); return err },
		"a verdict":     func() error { _, err := w.Record(w.ctx, job, v, at(4)); return err },
		"a release":     func() error { return w.MarkReleased(w.ctx, job, at(4)) },
		"a follow-up":   func() error { return w.ReleaseFollowedUp(w.ctx, job, checks.Act{}, at(4)) },
		"that it rests": func() error { return w.RestRelease(w.ctx, job, at(4)) },
	} {
		if err := do(); !errors.Is(err, ErrLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.count(`SELECT count(*) FROM entries`); after != before {
		t.Errorf("%d entries were written", after-before)
	}
	w.verifies()
}

func TestTwoReleasesAtOneCommitAreNotLookedAtAtOnceAndTheNewestHasTheCheckRuns(t *testing.T) {
	w := open(t)
	w.releasing()
	first := w.put("v1", sha("a"), 0)
	one := release("v1", sha("a"), at(2))
	w.seen(first, one)
	w.deliver(at(3), []Touch{{Kind: checks.KindRelease, Name: "v2", At: sha("a")}})
	w.idle(at(4))
	w.finish(first, FinishInfo{}, at(5))
	if got := w.knows(one).SharedWith; got != "" {
		t.Errorf("alone it is shared with %q", got)
	}
	second := w.claimRelease("v2", 6)
	two := release("v2", sha("a"), at(7))
	w.seen(second, two)
	if a, b := w.knows(one).SharedWith, w.knows(two).SharedWith; a != "v2" || b != "" {
		t.Errorf("v1 is shared with %q, v2 with %q", a, b)
	}
	w.finish(second, FinishInfo{}, at(8))
	w.finish(w.claimRelease("v1", 9), FinishInfo{}, at(9)) // since v2 has the runs now
	w.deliver(at(20), []Touch{{Kind: checks.KindRelease, Name: "v2"}}, TagDeleted{Name: "v2", OID: sha("a"), By: quinn, At: at(20)})
	if got := w.knows(one).SharedWith; got != "" {
		t.Errorf("it is shared with %q, whose tag was deleted", got)
	}
	if n := w.count(`SELECT count(*) FROM work WHERE gen > done_gen`); n != 2 {
		t.Errorf("%d are due; v1 has to have the runs again", n)
	}
}
