package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ReleaseBases is where the tags of a repository were when a sweep first looked at its
// releases. Who may move a tag must not be able to move where a release begins.
type ReleaseBases struct {
	Since   time.Time         // our clock; zero while there was no such sweep
	Commits map[string]string // by tag
}

// ReleaseBases reads where a repository's tags were.
func (s *Store) ReleaseBases(ctx context.Context, repoID int64) (ReleaseBases, error) {
	out := ReleaseBases{Commits: map[string]string{}}
	rows, err := s.read.QueryContext(ctx, `SELECT tag, commit_sha, at FROM release_bases WHERE repo_id = ?`, repoID)
	if err != nil {
		return out, fmt.Errorf("read where tags were: %w", err)
	}
	err = eachRow(rows, func(scan func(...any) error) error {
		var tag, commit string
		var at int64
		err := scan(&tag, &commit, &at)
		if tag == "" {
			out.Since = moment(at)
		} else {
			out.Commits[tag] = commit
		}
		return err
	})
	return out, err
}

// KeepReleaseBase keeps where a tag is from which a release begins, unless it was known
// before: that holds. It gives the commit that holds.
func (s *Store) KeepReleaseBase(ctx context.Context, job Job, tag, commit string, now time.Time) (string, error) {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		if err := t.keepBase(job.Subject.RepoID, tag, commit, millis(now)); err != nil {
			return err
		}
		_, err := t.row(`SELECT commit_sha FROM release_bases WHERE repo_id = ? AND tag = ?`, []any{job.Subject.RepoID, tag}, &commit)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("keep where the tag is that %s begins from: %w", job.Subject, err)
	}
	return commit, nil
}

func (t *txn) keepBase(repoID int64, tag, commit string, now int64) error {
	const keep = `INSERT INTO release_bases (repo_id, tag, commit_sha, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	if err := t.exec0(keep, repoID, tag, commit, now); err != nil {
		return fmt.Errorf("keep where the tag is: %w", err)
	}
	return nil
}

// keepBases keeps, once for a repository, where its tags are.
func (t *txn) keepBases(repoID int64, found []checks.ReleaseGlance, now int64) error {
	var one int
	if done, err := t.row(`SELECT 1 FROM release_bases WHERE repo_id = ? AND tag = ''`, []any{repoID}, &one); err != nil || done {
		return err
	}
	for _, g := range found {
		if g.Tag == "" || g.Commit == "" {
			continue
		}
		if err := t.keepBase(repoID, g.Tag, g.Commit, now); err != nil {
			return err
		}
	}
	return t.keepBase(repoID, "", "", now)
}
