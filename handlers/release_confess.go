package handlers

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

// confessRelease shows on a release that it could not be judged, and why. No job that
// waits for an environment is told anything by that.
func (f *Flow) confessRelease(ctx context.Context, job store.Job, why error) {
	if err := f.showReleaseFailure(ctx, job, why); err != nil {
		zerolog.Ctx(ctx).Warn().Err(f.Inspector.harmless(err)).Msg("could not show the failure on the release")
	}
}

func (f *Flow) showReleaseFailure(ctx context.Context, job store.Job, why error) error {
	if enforced, err := f.enforcesRelease(ctx, job); err != nil || !enforced {
		return err
	}
	issue, err := f.Store.ReleaseIssue(ctx, job.Subject)
	if err != nil {
		return err
	}
	r, err := f.Forge.GlimpseRelease(ctx, job.Subject, issue)
	if err != nil || r.Tag.Gone || r.Tag.Commit == "" {
		return err
	}
	known, err := f.Store.ReleaseKnown(ctx, job.Subject, r.Tag.Commit, r.Tag.OID)
	if err != nil {
		return err
	}
	r.Memory, r.SharedWith = known.Memory, known.SharedWith
	plan := checks.PlanReleaseFailure(r, why.Error(), job.Tries+1)
	if len(plan) == 0 {
		return nil
	}
	publish := func() ([]checks.Outcome, error) {
		return f.Forge.PublishRelease(ctx, job.Subject, r, f.Inspector.redactPosts(plan))
	}
	return f.showFailure(ctx, job, r.Tag.Commit, why, plan, publish)
}

// enforcesRelease says whether something may be written on a release. Before there was a
// verdict on it only its policy can tell.
func (f *Flow) enforcesRelease(ctx context.Context, job store.Job) (bool, error) {
	if job.Digest != "" {
		return job.Enforced, nil
	}
	_, sources, err := f.Forge.Release(ctx, job.Subject, 0)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", job.Subject, err)
	}
	policy := config.Policy(sources, f.Defaults)
	return policy.IsRelease(job.Subject.Name) && !policy.Observe && !policy.ReleaseRules().Observe, nil
}
