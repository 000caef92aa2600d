package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// complete fetches what the policy says that the snapshot lacks.
func (l *releaseLook) complete(ctx context.Context) error {
	for range rounds {
		w := checks.ReleaseWants(l.policy, l.r)
		if w.None() {
			return nil
		}
		if err := l.f.Forge.CompleteRelease(ctx, l.job.Subject, &l.r, w); err != nil {
			return fmt.Errorf("complete %s: %w", l.job.Subject, err)
		}
	}
	return fmt.Errorf("read %s: still lacking %+v after %d rounds", l.job.Subject, checks.ReleaseWants(l.policy, l.r), rounds)
}

// hear keeps what people have said on the tracking issue, and asks who they are.
func (l *releaseLook) hear(ctx context.Context) (err error) {
	heard := append(checks.HearRelease(l.policy, l.r), l.edited()...)
	if l.r.Acts, err = l.f.Store.KeepActs(ctx, l.job, heard, l.f.Now()); err != nil {
		return err
	}
	return l.complete(ctx)
}

// edited are the acts that were heard before in comments which were edited since: what
// they are now says nothing of what was meant.
func (l *releaseLook) edited() (out []checks.Act) {
	for _, a := range l.r.Acts {
		if a.Via != checks.ByComment || a.Edited {
			continue
		}
		for _, c := range l.r.Issue.Comments {
			if !c.Edited.IsZero() && strconv.FormatInt(c.ID, 10) == a.Ref {
				a.Edited = true
				out = append(out, a)
			}
		}
	}
	return out
}

// decisions is how often a look may judge again because the record has more to go by:
// once because it promotes, once because the promotion is done.
const decisions = 4

// decide judges, records what follows, and writes it. That a candidate is promoted is on
// record before anything is written because of it. again says that what was written is to
// be looked at, since more depends on it.
func (l *releaseLook) decide(ctx context.Context) (v checks.ReleaseVerdict, again bool, err error) {
	for range decisions {
		v = checks.JudgeRelease(l.policy, l.r)
		plan := checks.PlanRelease(l.policy, v, l.r)
		m := &l.r.Memory
		promotes := v.Promote != nil && !v.Observe && v.Digest != ""
		switch {
		case promotes && !l.r.Promoted(v.Digest):
			d := checks.Decide(l.policy, v, l.r)
			_, err = l.record(ctx, v, nil, &d)
		case promotes && m.Released.IsZero() && len(plan) == 0:
			err = l.f.Store.MarkReleased(ctx, l.job, l.f.Now())
		default:
			return v, promotes && m.Released.IsZero(), l.show(ctx, v, plan)
		}
		if err == nil {
			err = l.remember(ctx)
		}
		if err != nil {
			return v, false, err
		}
	}
	return v, true, nil
}

// show records the verdict and carries out the plan, unless both are as they were. It
// keeps since when the tracking issue shows the candidate: what is said from then on is
// about that one.
func (l *releaseLook) show(ctx context.Context, v checks.ReleaseVerdict, plan []checks.Action) error {
	about := func(k checks.Kind) bool { return k == checks.CreateIssue || k == checks.UpdateIssue }
	if !slices.ContainsFunc(plan, func(a checks.Action) bool { return about(a.Kind) }) {
		if l.r.Issue.Number > 0 && l.r.Issue.Shown == checks.ReleaseIssue(l.policy, v, l.r).Digest {
			if err := l.shown(ctx, v, l.r.At); err != nil {
				return err
			}
		}
	}
	if len(plan) == 0 && ReleaseDigest(v) == l.digest {
		return nil
	}
	done, err := l.record(ctx, v, plan, nil)
	l.writes += len(done)
	for _, o := range done {
		if about(o.Kind) && o.Error == "" && !o.At.IsZero() {
			return errors.Join(err, l.shown(context.WithoutCancel(ctx), v, o.At))
		}
	}
	return err
}

func (l *releaseLook) shown(ctx context.Context, v checks.ReleaseVerdict, at time.Time) error {
	if last, there := present(l.r.Memory); !there || last.Digest != v.Digest || !last.Shown.IsZero() {
		return nil
	}
	return l.f.Store.ShownCandidate(ctx, l.job, v.Digest, at, l.f.Now())
}

func (l *releaseLook) record(ctx context.Context, v checks.ReleaseVerdict, plan []checks.Action, d *checks.Decision) ([]checks.Outcome, error) {
	digest := ReleaseDigest(v)
	l.digest = digest
	return l.f.carryOut(ctx, l.job, store.Record{
		Release: &l.r, ReleaseVerdict: &v, Decision: d, Sources: l.sources, Digest: digest, Actions: plan,
	})
}

// ReleaseDigest stands for what a verdict on a release says, as [Digest] does.
func ReleaseDigest(v checks.ReleaseVerdict) string {
	v.At, v.Until = time.Time{}, time.Time{}
	v.Results = timeless(v.Results)
	return fingerprint(v)
}

// renewal is when the oldest of our open runs is to be renewed; GitHub's clock.
func (l *releaseLook) renewal() time.Time {
	return renewal(Judgement{Pull: checks.Pull{At: l.r.At, AppID: l.r.AppID, Runs: l.r.Runs}})
}
