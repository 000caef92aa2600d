package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// owed looks for what is owed after a release: the second look after an emergency, or
// after somebody published past handrail, which is a finding once it is overdue. until is
// when it is; our clock.
func (l *releaseLook) owed(ctx context.Context, v checks.ReleaseVerdict) (until time.Time, err error) {
	if v.Observe {
		return until, nil
	}
	if err := l.f.strangers(ctx, l.job.Subject.RepoID, l.environments(), source(l.job), l.open(ctx)); err != nil {
		return until, err
	}
	if err := l.byHand(ctx, v); err != nil {
		return until, err
	}
	switch {
	case v.FollowedUp != nil:
		return until, l.f.Store.ReleaseFollowedUp(ctx, l.job, *v.FollowedUp, l.f.Now())
	case v.FollowUp.IsZero():
		return until, nil
	case l.r.At.Before(v.FollowUp):
		return l.f.Now().Add(v.FollowUp.Sub(l.r.At)), nil
	}
	var by checks.Actor
	how := "was released without all that the policy asks for"
	if v.Promote != nil {
		by = v.Promote.By.By
		how = "was released in an emergency, by " + who(by)
	}
	d := store.FindingDetail{
		What: fmt.Sprintf("%s %s, and nobody else has looked at it and said so until %s UTC.",
			checks.Plain(l.r.Tag.Name), how, v.FollowUp.UTC().Format("2006-01-02 15:04")),
		By: by, At: v.FollowUp, Tag: l.r.Tag.Name, After: l.r.Tag.Commit,
	}
	o := store.Opening{Kind: store.FindingUnchecked, Fact: "release " + l.r.Tag.Name + " " + v.Digest, Detail: d, Source: source(l.job)}
	return until, l.f.opened(ctx, o, l.open(ctx))
}

// byHand opens a finding when somebody published the release before it was approved, or
// changed what is out.
func (l *releaseLook) byHand(ctx context.Context, v checks.ReleaseVerdict) error {
	i := slices.IndexFunc(v.Results, func(r checks.Result) bool { return r.ID == checks.IDReleasePublished })
	changed := l.r.Memory.Promoted != "" // of something else than what is there
	if i < 0 || v.Results[i].State.Passes() || v.Results[i].Observed && !changed || v.FollowedUp != nil {
		return nil
	}
	page := l.r.Page
	d := store.FindingDetail{
		What: fmt.Sprintf("%s was published on GitHub before it was approved.", checks.Plain(l.r.Tag.Name)),
		At:   page.Published, Tag: l.r.Tag.Name, After: l.r.Tag.Commit,
	}
	if changed {
		d.What, d.At = fmt.Sprintf("%s was changed on GitHub after its release, which nobody approved.", checks.Plain(l.r.Tag.Name)), l.r.At
	}
	o := store.Opening{Kind: store.FindingRelease, Fact: fmt.Sprintf("release %d %s", page.ID, v.Digest), Detail: d, Source: source(l.job)}
	return l.f.opened(ctx, o, l.open(ctx))
}

func (l *releaseLook) open(ctx context.Context) func(store.Opening) (int64, error) {
	return func(o store.Opening) (int64, error) { return l.f.Store.OpenFinding(ctx, l.job, o, l.f.Now()) }
}
