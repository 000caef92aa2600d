package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// gatesAtOnce is how many waiting jobs one look answers; the others wait for the next.
	gatesAtOnce = 20
	// runPolled is how soon a workflow that a stage has started is asked about again,
	// should its events be lost.
	runPolled = 2 * time.Minute
)

// machines reads how the runs are that depend on the release: jobs that wait for an
// environment, workflows that stages have started, and deployments.
func (l *releaseLook) machines(ctx context.Context) error {
	for _, step := range []func(context.Context) error{l.gates, l.started, l.deployed} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// gates takes up the jobs that wait. Whatever an event or a list has said of one, its run
// is read: it must be of this repository and of the tag's commit, and not be over. What
// cannot be read is an error, and no answer.
func (l *releaseLook) gates(ctx context.Context) error {
	l.r.Gates = l.known.Gates
	for i, g := range l.known.Unverified {
		if i == gatesAtOnce {
			l.more = true
			break
		}
		why, err := l.waits(ctx, g)
		if err != nil {
			return err
		}
		if err := l.f.Store.VerifiedGate(ctx, l.job, g, why == "", l.f.Now()); err != nil {
			return err
		}
		if why == "" {
			l.r.Gates = append(l.r.Gates, g)
			continue
		}
		zerolog.Ctx(ctx).Warn().Int64("run", g.RunID).Str("environment", g.Environment).Str("why", why).Msg("a job that waits for an environment is not answered")
	}
	return nil
}

// waits says why a job is not one that waits for this release, "" where it is.
func (l *releaseLook) waits(ctx context.Context, g checks.Gate) (why string, err error) {
	run, err := l.f.Forge.WorkflowRun(ctx, l.job.Subject, g.RunID)
	why, never := unusable(err)
	switch {
	case never:
		return why, nil
	case err != nil:
		return "", fmt.Errorf("read run %d, which waits for %s: %w", g.RunID, checks.Plain(g.Environment), err)
	case run.ID != g.RunID:
		return "", fmt.Errorf("read run %d, which waits for %s: GitHub answers with run %d", g.RunID, checks.Plain(g.Environment), run.ID)
	case run.SHA != l.r.Tag.Commit:
		return "the run is of another commit", nil
	case run.HeadRepo != l.r.Repo.ID:
		return "the run is of another repository's commit", nil
	case strings.HasPrefix(run.Event, "pull_request"):
		return "the run is for a pull request, so that what it has checked out is a merge and not the commit", nil
	case run.Status == "completed":
		return "the run is over", nil
	}
	return "", nil
}

// started reads how the workflows are that stages have started for this candidate.
func (l *releaseLook) started(ctx context.Context) error {
	last, _ := present(l.r.Memory)
	for i, d := range l.r.Dispatched {
		if d.Candidate != last.Digest || d.Status == "completed" {
			continue
		}
		now, err := l.f.Forge.StartedRun(ctx, l.job.Subject, d)
		if err != nil {
			return fmt.Errorf("read the run of %s that %s has started: %w", checks.Plain(d.Workflow), checks.Plain(d.Stage), err)
		}
		if now != d {
			if err := l.f.Store.KeepDispatched(ctx, l.job, now, l.f.Now()); err != nil {
				return err
			}
		}
		l.r.Dispatched[i] = now
	}
	return nil
}

// polled is when something is to be asked about again of which an event may be lost;
// GitHub's clock.
func (l *releaseLook) polled(v checks.ReleaseVerdict) time.Time {
	for _, d := range l.r.Dispatched {
		if d.Candidate == v.Digest && d.Status != "completed" {
			return l.r.At.Add(runPolled)
		}
	}
	return time.Time{}
}
