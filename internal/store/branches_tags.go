package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Tag is a watched tag as it was last seen.
type Tag struct {
	checks.TagState
	Gone bool
}

// Tags are the watched tags of a repository, by name.
func (s *Store) Tags(ctx context.Context, repoID int64) (map[string]Tag, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, oid, sha, gone FROM tags WHERE repo_id = ?`, repoID)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	out := map[string]Tag{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var t Tag
		err := scan(&t.Name, &t.OID, &t.SHA, &t.Gone)
		out[t.Name] = t
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return out, nil
}

// TagsSeen is what a look at the tags of a repository came to.
type TagsSeen struct {
	At       time.Time // GitHub's clock
	Changed  []Tag
	Moves    []int64   // as in [BranchSeen]
	Late     []RefMove //
	Findings []Opening
}

// SeeTags keeps what a look at tags came to, all together. opened are the findings
// that are new. It fails with [ErrLost].
func (s *Store) SeeTags(ctx context.Context, job Job, seen TagsSeen, now time.Time) (opened []int64, err error) {
	err = s.change(ctx, func(t *txn) error {
		opened = nil
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		for _, m := range seen.Late {
			m.Late, m.GUID = true, source(job)
			if err := t.logMove(job.Subject, m, now); err != nil {
				return err
			}
		}
		if opened, err = t.openAll(job.Subject, seen.Findings, seen.Moves, now); err != nil {
			return err
		}
		for _, tag := range seen.Changed {
			const keep = `INSERT INTO tags (repo_id, name, oid, sha, gone) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (repo_id, name) DO UPDATE SET oid = excluded.oid, sha = excluded.sha, gone = excluded.gone`
			if err := t.exec0(keep, job.Subject.RepoID, tag.Name, tag.OID, tag.SHA, flag(tag.Gone)); err != nil {
				return fmt.Errorf("keep tag: %w", err)
			}
		}
		return t.exec0(`UPDATE watches SET tags_since = ? WHERE repo_id = ? AND tags_since = 0`, millis(seen.At), job.Subject.RepoID)
	})
	if err != nil {
		return nil, fmt.Errorf("keep what was seen of %s: %w", job.Subject, err)
	}
	return opened, nil
}
