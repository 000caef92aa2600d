package handlers

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/internal/store"
)

// lease is how long a worker may be silent before its work is given to another.
// A request to GitHub must end well within it.
const lease = 2 * time.Minute

// Workers evaluates what is due, n at a time, until ctx is done; then it
// finishes what it has begun, within grace, and returns.
func (f *Flow) Workers(ctx context.Context, n int, grace time.Duration) {
	log := zerolog.Ctx(ctx)
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, stop) })
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				f.next(ctx, working)
			}
		})
	}
	log.Info().Int("workers", n).Msg("working")
	all.Wait()
}

// next does one job, or waits until there may be one.
func (f *Flow) next(ctx, working context.Context) {
	log := zerolog.Ctx(ctx)
	jobs, err := f.Store.Claim(ctx, 1, lease, f.Now())
	if err != nil {
		if ctx.Err() == nil {
			log.Error().Err(err).Msg("could not look for work")
			wait(ctx, time.Second)
		}
		return
	}
	if len(jobs) == 0 {
		f.Store.Wait(ctx)
		return
	}
	for _, job := range jobs {
		f.do(working, job)
	}
}

func (f *Flow) do(ctx context.Context, job store.Job) {
	// go-githubapp's keys, so that its log lines and ours are found together.
	log := zerolog.Ctx(ctx).With().
		Str("github_repository_owner", job.Subject.Owner).Str("github_repository_name", job.Subject.Repo).
		Int("github_pr_num", job.Subject.Number).Int64("github_installation_id", job.Subject.Installation).Logger()
	ctx = log.WithContext(ctx)
	bounded, cancel := context.WithTimeout(ctx, lease-10*time.Second)
	defer cancel()
	if err := f.Evaluate(bounded, job); err != nil {
		// The lease runs out and somebody takes it up again.
		log.Error().Err(err).Msg("could not settle the job")
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
