package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

// owed looks for what is owed after a merge: the second look after an emergency, which
// is a finding once it is overdue. It hears those who close findings, too. until is
// when it is overdue.
func (f *Flow) owed(ctx context.Context, job store.Job, j *Judgement, known store.Merged) (until time.Time, err error) {
	held, found, err := f.Store.HeldAt(ctx, known.Verdict)
	if err != nil || !found {
		return until, err
	}
	pull := j.Pull
	pull.Comments = withDeleted(pull.Comments, held.Pull.Comments)
	if !speaksOf(held.Pull.Comments, "/break-glass") && !speaksOf(pull.Comments, "/break-glass", "/close-finding") {
		return until, nil
	}
	policy := config.Policy(held.Sources, f.Defaults)
	if err := f.knowThem(ctx, job, &pull, policy); err != nil {
		return until, err
	}
	if until, err = f.followUp(ctx, job, pull, policy, known); err != nil {
		return until, err
	}
	return until, f.closeByComment(ctx, job, checks.CloseOrders(policy, pull))
}

// withDeleted are the comments, with those that the merge rested on and that were
// deleted since.
func withDeleted(now, then []checks.Comment) []checks.Comment {
	out := slices.Clone(now)
	for _, c := range then {
		if !slices.ContainsFunc(now, func(d checks.Comment) bool { return d.ID == c.ID }) {
			out = append(out, c)
		}
	}
	return out
}

func speaksOf(comments []checks.Comment, commands ...string) bool {
	return slices.ContainsFunc(comments, func(c checks.Comment) bool {
		return slices.ContainsFunc(commands, func(w string) bool { return strings.Contains(strings.ToLower(c.Body), w) })
	})
}

// knowThem asks who may, of those who have commanded something.
func (f *Flow) knowThem(ctx context.Context, job store.Job, pull *checks.Pull, policy checks.Policy) error {
	a := archive{f.Store, job, f.Now}
	if err := a.Recall(ctx, job.Subject, pull); err != nil {
		return err
	}
	f.Inspector.redactSeen(pull)
	for range rounds {
		done := true
		for _, w := range []checks.Wants{checks.FollowUpWants(policy, *pull), checks.CloseWants(policy, *pull)} {
			if w.None() {
				continue
			}
			done = false
			if err := f.Forge.Complete(ctx, job.Subject, pull, w); err != nil {
				return fmt.Errorf("ask who may follow up on %s: %w", job.Subject, err)
			}
		}
		if done {
			return nil
		}
	}
	return fmt.Errorf("ask who may follow up on %s: it is never known", job.Subject)
}

func (f *Flow) followUp(ctx context.Context, job store.Job, pull checks.Pull, policy checks.Policy, known store.Merged) (until time.Time, err error) {
	due, done, by, owed := checks.FollowUp(policy, pull)
	switch {
	case !owed || known.Followed:
		return until, nil
	case done:
		return until, f.Store.FollowedUp(ctx, job, checks.Actor{Login: by}, f.Now())
	case pull.At.Before(due):
		return f.Now().Add(due.Sub(pull.At)), nil
	}
	d := store.FindingDetail{
		What: fmt.Sprintf("#%d was merged in an emergency, by %s, and nobody else has looked at it and said so until %s.", pull.Number, who(pull.MergedBy), due.UTC().Format("2006-01-02 15:04")+" UTC"),
		By:   pull.MergedBy, At: due, Branch: pull.Base.Name, Pull: pull.Number, Before: pull.Head.SHA, After: pull.MergeCommit, Verdict: known.Verdict,
	}
	id, err := f.Store.OpenFinding(ctx, job, store.Opening{Kind: store.FindingUnchecked, Fact: fmt.Sprint(pull.Number), Detail: d, Source: source(job)}, f.Now())
	if err == nil && id != 0 {
		f.announce(ctx, []int64{id})
	}
	return until, err
}

// closeByComment closes findings about the pull request. One that is closed already,
// or is about something else, is passed over.
func (f *Flow) closeByComment(ctx context.Context, job store.Job, orders []checks.CloseOrder) error {
	for _, o := range orders {
		c := store.Closing{ID: o.Finding, By: o.By, Reason: o.Reason, Source: fmt.Sprintf("comment/%d", o.Comment), Subject: job.Subject}
		_, err := f.Store.CloseFinding(ctx, c, f.Now())
		switch {
		case errors.Is(err, store.ErrNoFinding):
		case err != nil:
			return err
		default:
			zerolog.Ctx(ctx).Info().Int64("finding", o.Finding).Str("by", o.By.Login).Msg("a finding was closed by a comment")
		}
	}
	return nil
}
