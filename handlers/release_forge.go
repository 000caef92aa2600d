package handlers

import (
	"context"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ReleaseForge is what the flow needs of GitHub for releases.
type ReleaseForge interface {
	// Release takes the snapshot of a release, whole or not at all, with its tracking
	// issue, 0 for none, and the policy texts of the default branch. That there is no
	// such tag is no error.
	Release(ctx context.Context, s checks.Subject, issue int) (checks.Release, []checks.Source, error)
	// GlimpseRelease reads just enough of it to say that it cannot be judged.
	GlimpseRelease(ctx context.Context, s checks.Subject, issue int) (checks.Release, error)
	// CompleteRelease is Complete of a release.
	CompleteRelease(ctx context.Context, s checks.Subject, r *checks.Release, w checks.Wants) error
	// RangePage lists up to a hundred commits of (base, head], or of everything up to
	// head; next is 0 after the last page. RangePulls says where commits came from.
	RangePage(ctx context.Context, s checks.Subject, base, head string, page int) (commits []checks.RangeCommit, total, next int, err error)
	RangePulls(ctx context.Context, s checks.Subject, shas []string) (map[string]checks.RangeCommit, error)
	// Published lists releases that are no drafts, the newest first.
	Published(ctx context.Context, s checks.Subject, after string) ([]checks.Out, string, error)
	// ReleaseGlances lists tags with their releases and the jobs that wait at them.
	ReleaseGlances(ctx context.Context, installation int64, repo checks.Repo) ([]checks.ReleaseGlance, error)
	// PublishRelease is Publish of a release. Before it publishes a draft or starts a
	// workflow it looks whether tag and release are still what the snapshot says.
	PublishRelease(ctx context.Context, s checks.Subject, r checks.Release, plan []checks.Action) ([]checks.Outcome, error)
	// WorkflowRun reads a run of the repository, StartedRun one that a stage started.
	WorkflowRun(ctx context.Context, s checks.Subject, id int64) (checks.WorkflowRun, error)
	StartedRun(ctx context.Context, s checks.Subject, d checks.Dispatched) (checks.Dispatched, error)
	// Skew is by how much GitHub's clock is ahead of ours, as far as is known.
	Skew() time.Duration
	// Deployments lists the deployments of a commit.
	Deployments(ctx context.Context, s checks.Subject, sha string) ([]checks.Deployment, error)
}
