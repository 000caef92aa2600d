package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// sweepShare is the part of an installation's call budget that a sweep may use
// before it waits for the next hour.
const sweepShare = 10

// Sweep looks at every open pull request at once and every interval, so that
// what no event told of is found all the same. Only those that differ from what
// the last sweep saw become due.
func (f *Flow) Sweep(ctx context.Context, interval time.Duration) {
	for ctx.Err() == nil {
		f.SweepOnce(ctx)
		wait(ctx, interval)
	}
}

// SweepOnce looks at every open pull request of every installation once.
func (f *Flow) SweepOnce(ctx context.Context) {
	log := zerolog.Ctx(ctx)
	installations, err := f.Forge.Installations(ctx)
	if err != nil {
		log.Warn().Err(err).Msg("sweep: could not list installations")
		return
	}
	for _, id := range installations {
		f.SweepInstallation(ctx, id)
	}
}

// SweepInstallation looks at every open pull request of one installation, such
// as one that is new.
func (f *Flow) SweepInstallation(ctx context.Context, id int64) {
	log := zerolog.Ctx(ctx)
	looked, due, err := f.sweep(ctx, id)
	if err != nil {
		log.Warn().Err(err).Int64("github_installation_id", id).Msg("sweep stopped early; the rest comes with the next")
	}
	log.Info().Int64("github_installation_id", id).Int("looked", looked).Int("due", due).Msg("swept")
}

func (f *Flow) sweep(ctx context.Context, installation int64) (looked, due int, err error) {
	repos, err := f.Forge.Repos(ctx, installation)
	if err != nil {
		return 0, 0, fmt.Errorf("list repositories: %w", err)
	}
	spent := 0
	for _, repo := range repos {
		if repo.Archived {
			continue
		}
		open := map[int]bool{}
		for after := ""; ; {
			if err := f.afford(ctx, installation, &spent); err != nil {
				return looked, due, err
			}
			var page []checks.Glance
			page, after, err = f.Forge.OpenPulls(ctx, installation, repo, after)
			if err != nil {
				return looked, due, fmt.Errorf("list open pull requests of %s: %w", repo, err)
			}
			n, err := f.compare(ctx, installation, repo, page, open)
			looked, due = looked+len(page), due+n
			if err != nil {
				return looked, due, err
			}
			if after == "" {
				break
			}
		}
		if err := f.Store.CloseOthers(ctx, repo.ID, open, f.Now()); err != nil {
			return looked, due, err
		}
	}
	return looked, due, nil
}

// compare makes due what differs from what the last sweep saw.
func (f *Flow) compare(ctx context.Context, installation int64, repo checks.Repo, page []checks.Glance, open map[int]bool) (due int, err error) {
	known, err := f.Store.Glances(ctx, repo.ID)
	if err != nil {
		return 0, err
	}
	for _, g := range page {
		open[g.Number] = true
		if known[g.Number] == GlanceKey(g) {
			continue
		}
		s := checks.Subject{Installation: installation, RepoID: repo.ID, Owner: repo.Owner, Repo: repo.Name, Number: g.Number}
		// Behind events: those are about now, this is about what was missed.
		if err := f.Store.Touch(ctx, s, store.Known{Head: g.Head, Base: g.BaseName, Glance: GlanceKey(g)}, "sweep", f.Now().Add(pace), f.Now()); err != nil {
			return due, err
		}
		due++
	}
	return due, nil
}

// afford waits while the sweep has used its share of the calls that GitHub
// grants an hour.
func (f *Flow) afford(ctx context.Context, installation int64, spent *int) error {
	remaining, limit, reset := f.Forge.Budget(installation)
	if limit > 0 && (*spent >= limit/sweepShare || remaining < limit/sweepShare) {
		zerolog.Ctx(ctx).Info().Time("until", reset).Msg("sweep waits for GitHub's call budget")
		wait(ctx, time.Until(reset)+time.Second)
		*spent = 0
	}
	*spent++
	return ctx.Err()
}

// GlanceKey stands for what a sweep sees of a pull request.
func GlanceKey(g checks.Glance) string {
	label := "-"
	if g.Labelled {
		label = "label"
	}
	return strings.Join([]string{g.Head, g.Base, g.UpdatedAt.UTC().Format(time.RFC3339), label, g.Rollup}, " ")
}
