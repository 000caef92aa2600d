package handlers

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// sweepReleases makes due the releases that are not as they were last seen, and finds
// those that no event told of. Repositories whose policy has no releases cost nothing.
//
// The first sweep that knows of the policy's releases makes none due but those with a
// draft that is not published, and those that events have told of: a repository may have
// hundreds of old tags.
func (f *Flow) sweepReleases(ctx context.Context, installation int64, repo checks.Repo, spent map[int64]int) (due int, err error) {
	watch, _, err := f.Store.Watching(ctx, repo.ID)
	if err != nil || len(watch.Releases) == 0 {
		return 0, err
	}
	if err := f.afford(ctx, installation, spent); err != nil {
		return 0, err
	}
	if due, err = f.listReleases(ctx, installation, repo); err != nil {
		return due, err
	}
	n, err := f.sweepLive(ctx, repo)
	if due += n; err != nil {
		return due, err
	}
	return due, f.sweepStrangers(ctx, repo)
}

// liveSwept is of how many releases a sweep looks, the newest of those of which something
// may still become. What is said on their issues and what runs at their commits shows in
// no list, and its events may be lost.
const liveSwept = 20

// sweepLive makes due the releases of which something may still become, and the newest
// one that is out and not known to be deployed.
func (f *Flow) sweepLive(ctx context.Context, repo checks.Repo) (due int, err error) {
	live, err := f.Store.Releases(ctx, store.ReleaseFilter{Repo: repo.String(), Live: true, Limit: liveSwept})
	if err != nil {
		return 0, err
	}
	out, err := f.Store.Releases(ctx, store.ReleaseFilter{Repo: repo.String(), Phase: checks.PhaseReleased, Limit: 1})
	if err != nil {
		return 0, err
	}
	for _, row := range append(live, out...) {
		if err := f.Store.Touch(ctx, row.Subject, store.Known{}, "sweep", f.Now().Add(pace), f.Now()); err != nil {
			return due, err
		}
		due++
	}
	return due, nil
}

// firstReleases lists the releases of a repository whose policy has just been read to
// have some.
func (f *Flow) firstReleases(ctx context.Context, of checks.Subject) error {
	watch, _, err := f.Store.Watching(ctx, of.RepoID)
	if err != nil || len(watch.Releases) == 0 || !watch.ReleasesSince.IsZero() {
		return err
	}
	_, err = f.listReleases(ctx, of.Installation, checks.Repo{ID: of.RepoID, Owner: of.Owner, Name: of.Repo})
	return err
}

func (f *Flow) listReleases(ctx context.Context, installation int64, repo checks.Repo) (due int, err error) {
	found, err := f.Forge.ReleaseGlances(ctx, installation, repo)
	if err != nil {
		return 0, fmt.Errorf("list releases of %s: %w", repo, err)
	}
	return f.Store.FoundReleases(ctx, installation, repo, found, true, f.Now())
}

// releases are the patterns of the tags that are releases. While the policy cannot be
// read they are what they were: what is tagged meanwhile is judged once it can.
func (f *Flow) releases(ctx context.Context, repoID int64, p checks.Policy) ([]string, error) {
	out := releaseTags(p)
	if len(out) > 0 || !p.Invalid() {
		return out, nil
	}
	was, _, err := f.Store.Watching(ctx, repoID)
	return was.Releases, err
}

// releaseTags are the patterns of the tags that are releases, by the policy and the
// organisation's floor.
func releaseTags(p checks.Policy) []string {
	var out []string
	for _, r := range []*checks.ReleaseRules{p.Release, p.FloorRelease} {
		if r == nil {
			continue
		}
		for _, g := range r.Tags {
			out = append(out, string(g))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sweepStrangers opens a finding for each deployment of a commit that no release was
// promoted for, to an environment that the policy guarded when it was last judged by.
func (f *Flow) sweepStrangers(ctx context.Context, repo checks.Repo) error {
	rows, err := f.Store.Releases(ctx, store.ReleaseFilter{Repo: repo.String(), Limit: 1})
	if err != nil || len(rows) == 0 {
		return err
	}
	last, found, err := f.Store.ReleaseRecord(ctx, rows[0])
	if err != nil || !found || last.ReleaseVerdict == nil || last.ReleaseVerdict.Observe {
		return err
	}
	open := func(o store.Opening) (int64, error) { return f.Store.OpenStrange(ctx, repo.ID, o, f.Now()) }
	return f.strangers(ctx, repo.ID, slices.Sorted(maps.Keys(last.ReleaseVerdict.Environments)), "sweep", open)
}
