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

// sweepRetry is how soon what could not be swept is tried again; then it
// doubles.
const sweepRetry = 5 * time.Second

// Sweep looks at every open pull request at once and every interval, so that
// what no event told of is found all the same. Only those that differ from what
// the last sweep saw become due. What could not be swept is tried again soon.
func (f *Flow) Sweep(ctx context.Context, interval time.Duration) {
	for ctx.Err() == nil {
		next := f.Now().Add(interval)
		left := []sweeping{{}}
		for pause := sweepRetry; ctx.Err() == nil; pause = min(2*pause, interval) {
			left = f.sweepThese(ctx, left)
			if len(left) == 0 || f.Now().Add(pause).After(next) {
				break
			}
			wait(ctx, pause)
		}
		wait(ctx, next.Sub(f.Now()))
	}
}

// SweepOnce looks at every open pull request of every installation once, and
// says whether it could look at all of them.
func (f *Flow) SweepOnce(ctx context.Context) bool {
	return len(f.sweepThese(ctx, []sweeping{{}})) == 0
}

// SweepInstallation looks at every open pull request of one installation, such
// as one that is new.
func (f *Flow) SweepInstallation(ctx context.Context, id int64) {
	left := []sweeping{{installation: id}}
	for pause := sweepRetry; len(left) > 0 && ctx.Err() == nil && pause < time.Hour; pause *= 2 {
		if left = f.sweepThese(ctx, left); len(left) > 0 {
			wait(ctx, pause)
		}
	}
}

// sweeping is a part of a sweep: all installations (zero), all repositories of
// one, or one repository.
type sweeping struct {
	installation int64
	repo         checks.Repo
}

// sweepThese sweeps, and returns what failed and is to be tried again.
func (f *Flow) sweepThese(ctx context.Context, todo []sweeping) (failed []sweeping) {
	log := zerolog.Ctx(ctx)
	looked, due := 0, 0
	spent := map[int64]int{}
	for len(todo) > 0 && ctx.Err() == nil {
		part := todo[0]
		todo = todo[1:]
		smaller, l, d, err := f.sweepPart(ctx, part, spent)
		looked, due = looked+l, due+d
		todo = append(todo, smaller...)
		if err != nil && !gone(err) && ctx.Err() == nil {
			log.Warn().Err(f.Inspector.harmless(err)).Int64("github_installation_id", part.installation).
				Str("github_repository_name", part.repo.Name).Msg("could not sweep; it is tried again")
			failed = append(failed, part)
		}
	}
	log.Info().Int("looked", looked).Int("due", due).Int("failed", len(failed)).Msg("swept")
	return append(failed, todo...)
}

func (f *Flow) sweepPart(ctx context.Context, s sweeping, spent map[int64]int) (smaller []sweeping, looked, due int, err error) {
	switch {
	case s.installation == 0:
		ids, err := f.Forge.Installations(ctx)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("list installations: %w", err)
		}
		for _, id := range ids {
			smaller = append(smaller, sweeping{installation: id})
		}
	case s.repo.ID == 0:
		repos, err := f.Forge.Repos(ctx, s.installation)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("list repositories: %w", err)
		}
		for _, r := range repos {
			if !r.Archived {
				smaller = append(smaller, sweeping{s.installation, r})
			}
		}
	default:
		looked, due, err = f.sweepRepo(ctx, s.installation, s.repo, spent)
	}
	return smaller, looked, due, err
}

func (f *Flow) sweepRepo(ctx context.Context, installation int64, repo checks.Repo, spent map[int64]int) (looked, due int, err error) {
	open := map[int]bool{}
	for after := ""; ; {
		if err := f.afford(ctx, installation, spent); err != nil {
			return looked, due, err
		}
		var page []checks.Glance
		var refs *checks.RefGlance
		page, refs, after, err = f.Forge.OpenPulls(ctx, installation, repo, after)
		if err != nil {
			return looked, due, fmt.Errorf("list open pull requests of %s: %w", repo, err)
		}
		if refs != nil {
			n, err := f.sweepRefs(ctx, installation, repo, refs, spent)
			if due += n; err != nil {
				return looked, due, err
			}
		}
		n, err := f.compare(ctx, installation, repo, page, open)
		looked, due = looked+len(page), due+n
		if err != nil {
			return looked, due, err
		}
		if after == "" {
			if err := f.Store.CloseOthers(ctx, repo.ID, open, f.Now()); err != nil {
				return looked, due, err
			}
			n, err := f.sweepGroups(ctx, installation, repo, spent)
			if due += n; err != nil {
				return looked, due, err
			}
			n, err = f.sweepReleases(ctx, installation, repo, spent)
			return looked, due + n, err
		}
	}
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
		seen := store.Known{Head: g.Head, Base: g.BaseName, Glance: GlanceKey(g), Updated: g.UpdatedAt}
		if err := f.Store.Touch(ctx, s, seen, "sweep", f.Now().Add(pace), f.Now()); err != nil {
			return due, err
		}
		due++
	}
	return due, nil
}

// afford waits while the sweep has used its share of the calls that GitHub
// grants an hour.
func (f *Flow) afford(ctx context.Context, installation int64, spent map[int64]int) error {
	remaining, limit, reset := f.Forge.Budget(installation)
	if limit > 0 && (spent[installation] >= limit/sweepShare || remaining < limit/sweepShare) && reset.After(f.Now()) {
		zerolog.Ctx(ctx).Info().Int64("github_installation_id", installation).Time("until", reset).Msg("sweep waits for GitHub's call budget")
		wait(ctx, min(reset.Sub(f.Now()), time.Hour)+time.Second) // an hour is GitHub's; the rest is our clock's
		spent[installation] = 0
	}
	spent[installation]++
	return ctx.Err()
}

// GlanceKey stands for what a sweep sees of a pull request.
func GlanceKey(g checks.Glance) string {
	label := "-"
	if g.Labelled {
		label = "label"
	}
	if g.Reviewing {
		label += "+review"
	}
	return strings.Join([]string{g.Head, g.Base, g.BaseName, g.UpdatedAt.UTC().Format(time.RFC3339), label, g.Rollup}, " ")
}
