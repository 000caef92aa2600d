package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// confession is how long saying that it could not be judged may take when the
// evaluation has used up its time. It fits into what the lease has left then.
const confession = 5 * time.Second

// confess shows on the pull request that it could not be judged, and why. It
// does what it can: the failure it reports may well keep it from reporting.
func (f *Flow) confess(ctx context.Context, job store.Job, why error) {
	if k := job.Subject.Kind; k == checks.KindBranch || k == checks.KindTags {
		return // nothing shows what is judged of it
	}
	log := zerolog.Ctx(ctx)
	if ctx.Err() != nil { // what failed is that time ran out
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), confession)
		defer cancel()
	}
	switch job.Subject.Kind {
	case checks.KindGroup:
		f.confessGroup(ctx, job, why)
		return
	case checks.KindRelease:
		f.confessRelease(ctx, job, why)
		return
	}
	pull, err := f.Forge.Glimpse(ctx, job.Subject)
	if err != nil {
		log.Warn().Err(f.Inspector.harmless(err)).Msg("could not show the failure on the pull request")
		return
	}
	plan := checks.PlanFailure(pull, why.Error(), job.Tries+1)
	if len(plan) == 0 || !job.Enforced {
		return
	}
	publish := func() ([]checks.Outcome, error) { return f.Forge.Publish(ctx, job.Subject, pull, plan) }
	if err := f.showFailure(ctx, job, pull.Head.SHA, why, plan, publish); err != nil {
		log.Warn().Err(f.Inspector.harmless(err)).Msg("could not show the failure on the pull request")
	}
}

// showFailure records what it is about to write, writes it, and records what
// became of it, as for a verdict.
func (f *Flow) showFailure(ctx context.Context, job store.Job, head string, why error, plan []checks.Action, publish func() ([]checks.Outcome, error)) error {
	body, err := json.Marshal(map[string]any{"why": why.Error(), "tries": job.Tries + 1, "head": head, "actions": plan})
	if err != nil {
		return err
	}
	if _, err := f.Store.Append(ctx, store.Append{Kind: store.KindCheck, Subject: job.Subject, Source: "failure", Body: body}, f.Now()); err != nil {
		return err
	}
	if held, err := f.Store.Held(ctx, job, f.Now()); err != nil || !held {
		return err
	}
	outcomes, err := publish()
	f.Inspector.redactOutcomes(outcomes)
	if len(outcomes) > 0 {
		err = errors.Join(err, f.Store.Confessed(context.WithoutCancel(ctx), job, why.Error(), plan, outcomes, f.Now()))
	}
	return err
}
