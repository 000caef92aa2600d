package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// deployed asks what was deployed of a release that is out, as long as an environment is
// not known to have it: the event may be lost.
func (l *releaseLook) deployed(ctx context.Context) error {
	if l.r.Memory.Promoted == "" || !slices.ContainsFunc(l.environments(), l.lacks) {
		return nil
	}
	list, err := l.f.Forge.Deployments(ctx, l.job.Subject, l.r.Tag.Commit)
	if err != nil {
		return fmt.Errorf("list the deployments of %s: %w", l.job.Subject, err)
	}
	l.r.Deployments, err = l.f.Store.KeepDeployments(ctx, l.job, l.r.Tag.Commit, list, l.f.Now())
	return err
}

// environments are those that the policy's stages name.
func (l *releaseLook) environments() []string {
	var out []string
	for _, s := range l.policy.ReleaseRules().Stages {
		if s.Environment != "" && !slices.Contains(out, s.Environment) {
			out = append(out, s.Environment)
		}
	}
	return out
}

func (l *releaseLook) lacks(environment string) bool {
	return !slices.ContainsFunc(l.r.Deployments, func(d checks.Deployment) bool {
		return d.Environment == environment && d.State == "success"
	})
}

// strangeAfter is how long a deployment may be of a commit that no release is known of:
// its tag may be heard of later.
const strangeAfter = 2 * time.Minute

// strangers opens a finding for each deployment, to environments, of a commit that no
// release was promoted for.
func (f *Flow) strangers(ctx context.Context, repoID int64, environments []string, source string, open func(store.Opening) (int64, error)) error {
	list, err := f.Store.Strangers(ctx, repoID, environments, f.Now().Add(-strangeAfter))
	if err != nil {
		return err
	}
	for _, d := range list {
		what := fmt.Sprintf("%s was deployed to %s, and no release of that commit was promoted.", short(d.Commit), checks.Plain(d.Environment))
		o := store.Opening{
			Kind: store.FindingDeployment, Fact: store.StrangeFact(d.ID), Source: source,
			Detail: store.FindingDetail{What: what, At: d.At, After: d.Commit},
		}
		if err := f.opened(ctx, o, open); err != nil {
			return err
		}
	}
	return nil
}

// opened opens a finding and logs it when it is new.
func (f *Flow) opened(ctx context.Context, o store.Opening, open func(store.Opening) (int64, error)) error {
	id, err := open(o)
	if err == nil && id != 0 {
		f.announce(ctx, []int64{id})
	}
	return err
}
