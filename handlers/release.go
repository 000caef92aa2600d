package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

// releaseLook is one look at a release: what is known, what is, and what comes of it.
type releaseLook struct {
	f       *Flow
	job     store.Job
	r       checks.Release
	known   store.ReleaseKnown
	sources []checks.Source
	policy  checks.Policy
	digest  string // of the last recorded verdict
	// relations are how other commits stand to the tag's, by commit.
	relations map[string]checks.Relation
	more      bool // the range is to be gathered further at once
	writes    int
}

// evaluateRelease does one look at a release: read, gather what it brings, judge, record,
// write, confirm. Where the policy has no releases, or the tag is none, it does nothing.
func (f *Flow) evaluateRelease(ctx context.Context, job store.Job) (state string, writes int, err error) {
	l := &releaseLook{f: f, job: job, digest: job.Digest}
	is, err := l.read(ctx)
	if err != nil {
		return "", 0, err
	}
	if !is {
		if err := f.Store.RestRelease(ctx, job, f.Now()); err != nil {
			return "", 0, err
		}
		return "no release", 0, f.Store.Finish(ctx, job, store.FinishInfo{NotBefore: f.Now().Add(pace)}, f.Now())
	}
	for _, step := range []func(context.Context) error{l.see, l.gather, l.machines, l.complete, l.hear} {
		if err := step(ctx); err != nil {
			return "", 0, err
		}
	}
	v, again, err := l.decide(ctx)
	if err != nil {
		return "", l.writes, err
	}
	owed, err := l.owed(ctx, v)
	if err != nil {
		return "", l.writes, err
	}
	finish := store.FinishInfo{NotBefore: f.Now().Add(pace), Until: sooner(l.until(v, again), owed)}
	return v.State.String(), l.writes, f.Store.Finish(ctx, job, finish, f.Now())
}

// read takes the snapshot and what the record knows. is says whether there is a release
// of the policy's to judge.
func (l *releaseLook) read(ctx context.Context) (is bool, err error) {
	s := l.job.Subject
	issue, err := l.f.Store.ReleaseIssue(ctx, s)
	if err != nil {
		return false, err
	}
	if l.r, l.sources, err = l.f.Forge.Release(ctx, s, issue); err != nil {
		return false, fmt.Errorf("read %s: %w", s, err)
	}
	if err := l.recall(ctx); err != nil {
		return false, err
	}
	if l.lagging() {
		return false, errLagging
	}
	l.f.Inspector.redactRelease(&l.r)
	l.sources = l.f.Inspector.redactSources(l.sources, l.f.Defaults)
	l.policy = config.Policy(l.sources, l.f.Defaults)
	switch {
	case l.policy.Invalid() && l.policy.ReleaseRules() == nil:
		return false, fmt.Errorf("judge %s: the policy cannot be read, so that nobody knows what it says of releases: %s", s, l.policy.Problems[0].Message)
	case !l.policy.IsRelease(s.Name), l.r.Tag.Gone && len(l.r.Memory.Candidates) == 0:
		return false, nil
	}
	l.r.Artifacts = l.policy.NamedArtifacts(l.r.Page, l.known.Artifacts)
	return true, l.f.Store.ObserveRelease(ctx, l.job, &l.r, l.f.Now())
}

// lagging says whether GitHub's answer is older than what an event has told of the tag.
// That is believed for a moment only: events have no order, and GitHub's own word must
// win in the end.
func (l *releaseLook) lagging() bool {
	k := &l.known
	return !k.Heard.IsZero() && k.HeardOID != l.r.Tag.OID && l.f.Now().Sub(k.Heard) < lagMost
}

// recall puts what only the record knows into the snapshot.
func (l *releaseLook) recall(ctx context.Context) (err error) {
	r := &l.r
	l.known, err = l.f.Store.ReleaseKnown(ctx, l.job.Subject, r.Tag.Commit, r.Tag.OID)
	if err != nil {
		return err
	}
	k := &l.known
	r.Memory, r.Acts, r.Tag.Pusher = k.Memory, k.Acts, k.Pusher
	r.Deployments, r.Dispatched = k.Deployments, k.Dispatched
	r.SharedWith = k.SharedWith
	return nil
}

// until is when the release is to be looked at again without an event; our clock.
func (l *releaseLook) until(v checks.ReleaseVerdict, again bool) (at time.Time) {
	now := l.f.Now()
	if l.more || again {
		return now
	}
	for _, t := range []time.Time{v.Until, l.renewal(), l.polled(v)} {
		if !t.IsZero() {
			at = sooner(at, now.Add(t.Sub(l.r.At))) // those are GitHub's clock
		}
	}
	return at
}
