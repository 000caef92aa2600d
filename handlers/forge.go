package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Forge is what the flow needs of GitHub.
type Forge interface {
	// Read takes the snapshot of a pull request, whole or not at all, with the
	// policy texts that hold for it. What need names is fetched with it; logins
	// are people whose permission is likely to matter.
	Read(ctx context.Context, s checks.Subject, need checks.Need, logins []string) (checks.Pull, []checks.Source, error)
	// Glimpse reads just enough of it to say that it cannot be judged.
	Glimpse(ctx context.Context, s checks.Subject) (checks.Pull, error)
	// Complete fetches what the snapshot lacks. Everything asked for gets an
	// answer, if only that it cannot be known.
	Complete(ctx context.Context, s checks.Subject, pull *checks.Pull, w checks.Wants) error
	// Publish carries out a plan, in its order, and says what became of each
	// action. There is an error unless GitHub confirmed them all.
	Publish(ctx context.Context, s checks.Subject, pull checks.Pull, plan []checks.Action) ([]checks.Outcome, error)

	// Group reads a merge group and tells which pull requests are in it, and nothing
	// more of those; GlimpseGroup reads just enough to say that it cannot be judged.
	Group(ctx context.Context, s checks.Subject) (checks.Group, error)
	GlimpseGroup(ctx context.Context, s checks.Subject) (checks.Group, error)
	// Groups lists a repository's merge groups.
	Groups(ctx context.Context, installation int64, repo checks.Repo) ([]checks.GroupGlance, error)

	Installations(ctx context.Context) ([]int64, error)
	Repos(ctx context.Context, installation int64) ([]checks.Repo, error)
	// OpenPulls lists a hundred open pull requests, and with the first where the
	// branches and tags are.
	OpenPulls(ctx context.Context, installation int64, repo checks.Repo, after string) ([]checks.Glance, *checks.RefGlance, string, error)
	Refs(ctx context.Context, s checks.Subject, kind, after string) ([]checks.TagState, string, time.Time, error)
	// Branch reads a branch and the policy texts that hold on it, Line its first
	// parents down to a commit, Relation how two commits stand to each other.
	Branch(ctx context.Context, s checks.Subject, name string) (checks.BranchState, []checks.Source, error)
	Line(ctx context.Context, s checks.Subject, from, until string, limit int) (checks.Line, error)
	Relation(ctx context.Context, s checks.Subject, base, head string) (checks.Relation, error)
	ReleaseForge

	// Budget is what is left of an installation's calls, as last heard.
	Budget(installation int64) (remaining, limit int, reset time.Time)
}

// gone says whether an error means that the pull request, its repository or the
// installation is not there for us any more.
func gone(err error) bool {
	var g interface{ Gone() bool }
	return errors.As(err, &g) && g.Gone()
}

// limitedUntil is when GitHub's limit on calls is over; zero when an error is
// not about a limit.
func limitedUntil(err error) time.Time {
	var l interface {
		LimitReached() bool
		RetryAt() time.Time
	}
	if errors.As(err, &l) && l.LimitReached() {
		return l.RetryAt()
	}
	return time.Time{}
}

// retryAt is when GitHub said to come back; zero when it did not.
func retryAt(err error) time.Time {
	var r interface{ RetryAt() time.Time }
	if errors.As(err, &r) {
		return r.RetryAt()
	}
	return time.Time{}
}

// moved says whether an error means that the pull request changed while it was
// read, or that GitHub's replicas do not agree about it yet.
func moved(err error) bool {
	var m interface{ HasMoved() bool }
	return errors.As(err, &m) && m.HasMoved()
}
