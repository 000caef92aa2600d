package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// sliceRequests and sliceTime are how much of a range one evaluation gathers: the
	// rest is for the next, at once. The time leaves room for all else within a lease.
	sliceRequests = 50
	sliceTime     = 45 * time.Second
	// commitsAsked is of how many commits it is asked at once where they came from.
	commitsAsked = 150
)

// gather finds what the release brings: every commit from the last released tag to this
// one, and of each where it came from. What is found is kept, page by page, so that a
// crash goes on where it was.
func (l *releaseLook) gather(ctx context.Context) error {
	if l.r.Tag.Gone || l.r.Tag.Commit == "" {
		return nil
	}
	base, found, err := l.outs(ctx)
	if err != nil {
		return err
	}
	broken := ""
	if !found {
		if base, broken, err = l.baseline(ctx); err != nil {
			return err
		}
	}
	base.Head = l.r.Tag.Commit
	if broken != "" {
		l.r.Evidence = checks.ReleaseEvidence{BaseTag: base.Tag, Base: base.Base, Head: base.Head, Broken: broken}
		return nil
	}
	p, whole, err := l.gatherSome(ctx, base.Base)
	if err != nil {
		return err
	}
	base.Total = p.Total
	if !whole {
		l.more = true
		l.r.Evidence = checks.ReleaseEvidence{BaseTag: base.Tag, Base: base.Base, Head: base.Head, Total: p.Total, Gathered: p.Mapped}
		return nil
	}
	return l.weigh(ctx, base, p)
}

// gatherSome gathers as much as one evaluation may; whole says that all of it is there.
func (l *releaseLook) gatherSome(ctx context.Context, base string) (p store.RangeProgress, whole bool, err error) {
	repo, head, end := l.job.Subject.RepoID, l.r.Tag.Commit, l.f.Now().Add(sliceTime)
	if p, err = l.f.Store.Range(ctx, repo, base, head); err != nil {
		return p, false, err
	}
	for asked := 0; ; asked++ {
		if p.Whole {
			return p, true, nil
		}
		if asked == sliceRequests || !l.f.Now().Before(end) {
			return p, false, nil
		}
		if p.NextPage == 0 {
			p, err = l.origins(ctx, base, p)
		} else {
			p, err = l.page(ctx, base, p)
		}
		if err != nil {
			return p, false, err
		}
	}
}

// page reads and keeps the next page of commits.
func (l *releaseLook) page(ctx context.Context, base string, p store.RangeProgress) (store.RangeProgress, error) {
	s, head := l.job.Subject, l.r.Tag.Commit
	commits, total, next, err := l.f.Forge.RangePage(ctx, s, base, head, max(p.NextPage, 1))
	if err != nil {
		return p, fmt.Errorf("list what %s brings: %w", s, err)
	}
	l.f.Inspector.redactCommits(commits)
	if err := l.f.Store.KeepRangePage(ctx, l.job, base, head, total, next, commits, l.f.Now()); err != nil {
		return p, err
	}
	return l.f.Store.Range(ctx, s.RepoID, base, head)
}

// origins asks of some commits which pull requests they came by, and keeps that.
func (l *releaseLook) origins(ctx context.Context, base string, p store.RangeProgress) (store.RangeProgress, error) {
	s, head := l.job.Subject, l.r.Tag.Commit
	shas, err := l.f.Store.UnmappedCommits(ctx, s.RepoID, base, head, commitsAsked)
	if err != nil {
		return p, err
	}
	found, err := l.f.Forge.RangePulls(ctx, s, shas)
	if err != nil {
		return p, fmt.Errorf("ask where the commits of %s came from: %w", s, err)
	}
	for _, sha := range shas {
		if _, told := found[sha]; !told {
			return p, fmt.Errorf("ask where the commits of %s came from: GitHub says nothing of %s", s, sha)
		}
	}
	l.f.Inspector.redactOrigins(found)
	if err := l.f.Store.KeepRangePulls(ctx, l.job, base, head, found, l.f.Now()); err != nil {
		return p, err
	}
	return l.f.Store.Range(ctx, s.RepoID, base, head)
}

// weigh says of each commit what the record holds of it, and records the whole list.
func (l *releaseLook) weigh(ctx context.Context, base checks.RangeBase, p store.RangeProgress) error {
	s := l.job.Subject
	commits, err := l.f.Store.RangeCommits(ctx, s.RepoID, base.Base, base.Head)
	if err != nil {
		return err
	}
	records, err := l.f.Store.PullRecords(ctx, s.RepoID, mergedPulls(commits, s.RepoID))
	if err != nil {
		return err
	}
	base.Cut = len(commits) < p.Total
	evidence, brought := checks.Weigh(base, commits, records, l.r.Repo, l.r.Repo.DefaultBranch)
	evidence.Since = l.r.At
	if evidence.Seq, err = l.f.Store.KeepEvidence(ctx, l.job, evidence, brought, l.f.Now()); err != nil {
		return err
	}
	if evidence.Since, err = l.f.Store.EvidenceSince(ctx, s, evidence.Digest); err != nil {
		return err
	}
	evidence.Done = evidence.Broken == ""
	l.r.Evidence = evidence
	return nil
}

// mergedPulls are the numbers of the repository's pull requests that commits came by.
func mergedPulls(commits []checks.RangeCommit, repoID int64) []int {
	var out []int
	for _, c := range commits {
		for _, p := range c.Pulls {
			if p.Merged && (p.RepoID == 0 || p.RepoID == repoID) {
				out = append(out, p.Number)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
