package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// releasePatterns are which tags of a repository are releases, by its policy; known is
// false while that was never read.
func (t *txn) releasePatterns(repoID int64) (patterns []string, known bool, err error) {
	var text string
	known, err = t.row(`SELECT releases FROM watches WHERE repo_id = ?`, []any{repoID}, &text)
	if err == nil && known {
		err = json.Unmarshal([]byte(text), &patterns)
	}
	if err != nil {
		return nil, false, fmt.Errorf("read which tags are releases: %w", err)
	}
	return patterns, known, nil
}

// FoundReleases makes due what a sweep has found of a repository's releases: tags that
// are new, or not as they were last seen, and releases whose tag is there no more. found
// are its tags, all of them when whole; those count that its policy calls releases. The
// first sweep only keeps how they are, but for those that have a draft or a job that waits, or that
// are known as releases already. It says how many are due.
func (s *Store) FoundReleases(ctx context.Context, installation int64, repo checks.Repo, found []checks.ReleaseGlance, whole bool, now time.Time) (due int, err error) {
	err = s.change(ctx, func(t *txn) error {
		due = 0
		if err := t.keepRepo(repo, installation); err != nil {
			return err
		}
		f := foundReleases{t: t, repo: repo, installation: installation, now: millis(now)}
		if err := f.recall(); err != nil {
			return err
		}
		for i := range found {
			if !f.known[found[i].Tag] && !checks.AnyMatch(f.patterns, found[i].Tag) {
				continue
			}
			if err := f.see(&found[i]); err != nil {
				return err
			}
		}
		if whole {
			if err := errors.Join(f.missing(found), t.keepBases(repo.ID, found, f.now)); err != nil {
				return err
			}
		}
		due = f.due
		return t.exec0(`UPDATE watches SET releases_since = ? WHERE repo_id = ? AND releases_since = 0`, f.now, repo.ID)
	})
	if err != nil {
		return 0, fmt.Errorf("keep the releases of %s: %w", repo, err)
	}
	return due, nil
}

// foundReleases is one FoundReleases under way.
type foundReleases struct {
	t            *txn
	repo         checks.Repo
	installation int64
	now          int64
	first        bool              // nothing was looked for before
	seen         map[string]string // glances, by tag
	patterns     []string
	known        map[string]bool // releases that are there as far as is known, by tag
	due          int
}

func (f *foundReleases) recall() (err error) {
	if f.patterns, _, err = f.t.releasePatterns(f.repo.ID); err != nil {
		return err
	}
	var since int64
	if _, err := f.t.row(`SELECT releases_since FROM watches WHERE repo_id = ?`, []any{f.repo.ID}, &since); err != nil {
		return err
	}
	f.first, f.seen, f.known = since == 0, map[string]string{}, map[string]bool{}
	err = f.t.rows(`SELECT tag, glance FROM release_glances WHERE repo_id = ?`, []any{f.repo.ID}, func(scan func(...any) error) error {
		var tag, glance string
		err := scan(&tag, &glance)
		f.seen[tag] = glance
		return err
	})
	if err != nil {
		return err
	}
	return f.t.rows(`SELECT tag FROM releases WHERE repo_id = ? AND gone = 0`, []any{f.repo.ID}, func(scan func(...any) error) error {
		var tag string
		err := scan(&tag)
		f.known[tag] = true
		return err
	})
}

// see keeps how a tag is, and makes it due when it was otherwise.
func (f *foundReleases) see(g *checks.ReleaseGlance) error {
	waits, err := f.waits(g)
	if err != nil {
		return err
	}
	glance := glanceOf(g)
	was, seen := f.seen[g.Tag]
	if seen && was == glance && !waits {
		return nil
	}
	const keep = `INSERT INTO release_glances (repo_id, tag, glance) VALUES (?, ?, ?) ON CONFLICT (repo_id, tag) DO UPDATE SET glance = excluded.glance`
	if err := f.t.exec0(keep, f.repo.ID, g.Tag, glance); err != nil {
		return err
	}
	if f.first && !g.Draft && !waits && !f.known[g.Tag] {
		return nil
	}
	return f.touch(g.Tag)
}

func (f *foundReleases) touch(tag string) error {
	sub := checks.Subject{Installation: f.installation, RepoID: f.repo.ID, Owner: f.repo.Owner, Repo: f.repo.Name, Kind: checks.KindRelease, Name: tag}
	if err := f.t.keepRelease(&sub); err != nil {
		return err
	}
	f.due++
	return f.t.touch(sub, "sweep", f.now, f.now)
}

// waits keeps the jobs at a tag's commit that wait, and says whether one of them was not
// known, or was taken for answered. Of a run in a list no more is known than of one in an
// event: see [Store.VerifiedGate].
func (f *foundReleases) waits(g *checks.ReleaseGlance) (bool, error) {
	fresh := false
	for _, job := range g.Gates {
		const keep = `INSERT INTO gates (repo_id, run, environment, commit_sha, asked, verified) VALUES (?, ?, ?, ?, ?, 0)
			ON CONFLICT (repo_id, run, environment) DO UPDATE SET answered = '', commit_sha = excluded.commit_sha, verified = 0
			WHERE gates.answered <> '' OR gates.commit_sha <> excluded.commit_sha`
		n, err := f.t.exec(keep, f.repo.ID, job.RunID, job.Environment, g.Commit, f.now)
		if err != nil {
			return false, fmt.Errorf("keep that a job waits: %w", err)
		}
		fresh = fresh || n > 0
	}
	return fresh, nil
}

// missing makes due the releases whose tag was not found.
func (f *foundReleases) missing(found []checks.ReleaseGlance) error {
	there := map[string]bool{}
	for _, g := range found {
		there[g.Tag] = true
	}
	for tag := range f.seen {
		if there[tag] {
			continue
		}
		if err := f.t.exec0(`DELETE FROM release_glances WHERE repo_id = ? AND tag = ?`, f.repo.ID, tag); err != nil {
			return err
		}
	}
	for tag := range f.known {
		if there[tag] || !checks.AnyMatch(f.patterns, tag) {
			continue // what is no release any more may not be among them
		}
		if err := f.touch(tag); err != nil {
			return err
		}
	}
	return nil
}

// glanceOf is what of a glance makes a release due when it changes.
func glanceOf(g *checks.ReleaseGlance) string {
	return fmt.Sprintf("%s %s %d %t %t %d %d", g.OID, g.Commit, g.Page, g.Draft, g.Prerelease, g.Assets, millis(g.Updated))
}

// ReleaseFollowedUp closes the open findings about a release, since somebody who may
// has looked at it and said so. Once they are closed it does nothing. It fails with
// [ErrLost].
func (s *Store) ReleaseFollowedUp(ctx context.Context, job Job, act checks.Act, now time.Time) error {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		var ids []int64
		const open = `SELECT id FROM findings WHERE repo_id = ? AND subject = ? AND kind IN ('follow_up', 'unapproved_release') AND closed = 0 ORDER BY id`
		err := t.rows(open, []any{job.Subject.RepoID, subjectName(job.Subject)}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			reason := act.Reason
			if reason == "" {
				reason = "followed up on the release"
			}
			if err := t.close(Closing{ID: id, By: act.By, Reason: reason, Source: source(job)}, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record the follow-up of %s: %w", job.Subject, err)
	}
	return nil
}
