package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// refPages is how many further hundreds of branches a sweep lists, where watched ones
// may be among them.
const refPages = 50

// sweepRefs makes due the watched branches and tags that are not as they were last
// seen. Where they are came with the list of pull requests; only where a watched one
// may be beyond the first hundred branches are there further requests.
func (f *Flow) sweepRefs(ctx context.Context, installation int64, repo checks.Repo, refs *checks.RefGlance, spent map[int64]int) (due int, err error) {
	s := checks.Subject{Installation: installation, RepoID: repo.ID, Owner: repo.Owner, Repo: repo.Name, Kind: checks.KindBranch}
	known, err := f.Store.Branches(ctx, repo.ID)
	if err != nil {
		return 0, err
	}
	watch, _, err := f.Store.Watching(ctx, repo.ID)
	if err != nil {
		return 0, err
	}
	if d := refs.Default; d.Name != "" {
		refs.Heads[d.Name] = d.SHA
	}
	if err := f.moreHeads(ctx, s, refs, beyond(known, watch, refs), spent); err != nil {
		return 0, err
	}
	for _, name := range stale(known, watch, refs) {
		s.Name = name
		if err := f.Store.Touch(ctx, s, store.Known{}, "sweep", f.Now().Add(pace), f.Now()); err != nil {
			return due, err
		}
		due++
	}
	moved, err := f.tagsMoved(ctx, repo.ID, watch, refs)
	if err == nil && moved {
		due++
		err = f.touchTags(ctx, s, "sweep")
	}
	return due, err
}

// moreHeads lists the branches beyond the first hundred, where one of them matters.
func (f *Flow) moreHeads(ctx context.Context, s checks.Subject, refs *checks.RefGlance, matters bool, spent map[int64]int) error {
	for range refPages {
		if refs.HeadsAfter == "" || !matters {
			break
		}
		if err := f.afford(ctx, s.Installation, spent); err != nil {
			return err
		}
		page, next, _, err := f.Forge.Refs(ctx, s, "heads", refs.HeadsAfter)
		if err != nil {
			return fmt.Errorf("list branches of %s/%s: %w", s.Owner, s.Repo, err)
		}
		for _, b := range page {
			refs.Heads[b.Name] = b.OID
		}
		refs.HeadsAfter = next
	}
	return nil
}

// beyond says whether a watched branch may be among those beyond the first hundred.
func beyond(known map[string]store.Branch, watch store.Watching, refs *checks.RefGlance) bool {
	for name, b := range known {
		if _, there := refs.Heads[name]; !there && b.SHA != "" && b.Guard.Any() {
			return true
		}
	}
	return slices.ContainsFunc(watch.Branches, func(pattern string) bool {
		_, there := refs.Heads[pattern]
		return !there
	})
}

// stale are the watched branches that are not as they were last seen: those that were
// moved, made or deleted, and the others than the default branch whose rules the
// glance does not show.
func stale(known map[string]store.Branch, watch store.Watching, refs *checks.RefGlance) []string {
	var out []string
	for name, sha := range refs.Heads {
		b, seen := known[name]
		watched := name == refs.Default.Name || seen && b.Guard.Any() || checks.AnyMatch(watch.Branches, name)
		drifted := seen && b.Guard.Protection && name != refs.Default.Name
		if name == refs.Default.Name && seen {
			now := protectionOf(refs.Default)
			drifted = now != store.ProtectionUnknown && now != b.Protection
		}
		if watched && (!seen || b.SHA != sha || drifted) {
			out = append(out, name)
		}
	}
	for name, b := range known {
		if _, there := refs.Heads[name]; !there && refs.HeadsAfter == "" && b.SHA != "" && b.Guard.Any() {
			out = append(out, name)
		}
	}
	return out
}

// tagsMoved says whether a watched tag is not as it was last seen, or may not be.
func (f *Flow) tagsMoved(ctx context.Context, repoID int64, watch store.Watching, refs *checks.RefGlance) (bool, error) {
	if len(watch.Tags) == 0 {
		return false, nil
	}
	if watch.TagsSince.IsZero() || refs.TagsAfter != "" {
		return true, nil
	}
	known, err := f.Store.Tags(ctx, repoID)
	if err != nil {
		return false, err
	}
	for name, oid := range refs.Tags {
		if t, seen := known[name]; checks.AnyMatch(watch.Tags, name) && (!seen || t.Gone || t.OID != oid) {
			return true, nil
		}
	}
	for name, t := range known {
		if _, there := refs.Tags[name]; !there && !t.Gone {
			return true, nil
		}
	}
	return false, nil
}
