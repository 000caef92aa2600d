package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// RangeProgress is how far the commits between two are known.
type RangeProgress struct {
	Total  int // as GitHub says
	Listed int // that are kept
	Mapped int // of which it is known by which pull requests they came
	// NextPage is the page to ask for next, from 1 on; 0 when all are listed.
	NextPage int
	// Whole: all are listed, and mapped.
	Whole bool
}

// Range is how far the commits of (base, head] are known; base "" means everything that
// head is made of.
func (s *Store) Range(ctx context.Context, repoID int64, base, head string) (RangeProgress, error) {
	p := RangeProgress{NextPage: 1}
	const read = `SELECT g.total, g.next_page, (SELECT count(*) FROM range_commits c WHERE c.range_id = g.id),
		(SELECT count(*) FROM range_commits c WHERE c.range_id = g.id AND c.pulls IS NOT NULL) FROM ranges g WHERE g.repo_id = ? AND g.base = ? AND g.head = ?`
	err := s.read.QueryRowContext(ctx, read, repoID, base, head).Scan(&p.Total, &p.NextPage, &p.Listed, &p.Mapped)
	if none(err) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read how far a range is gathered: %w", err)
	}
	p.Whole = p.NextPage == 0 && p.Mapped == p.Listed
	return p, nil
}

// KeepRangePage keeps a page of the commits of a range, after those that are kept
// already, and which page is next, 0 for none. A commit that is there stays where it is.
// It fails with [ErrLost].
func (s *Store) KeepRangePage(ctx context.Context, job Job, base, head string, total, nextPage int, commits []checks.RangeCommit, now time.Time) error {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		id, err := t.keepRange(job.Subject, base, head, total, nextPage, millis(now))
		if err != nil {
			return err
		}
		var idx int
		if _, err := t.row(`SELECT coalesce(max(idx) + 1, 0) FROM range_commits WHERE range_id = ?`, []any{id}, &idx); err != nil {
			return err
		}
		for i := range commits {
			added, err := t.keepRangeCommit(id, idx, &commits[i])
			if err != nil {
				return err
			}
			idx += added
		}
		return t.dropOtherRanges(job.Subject, id)
	})
	if err != nil {
		return fmt.Errorf("keep the commits of %s: %w", job.Subject, err)
	}
	return nil
}

func (t *txn) keepRange(sub checks.Subject, base, head string, total, nextPage int, now int64) (id int64, err error) {
	const keep = `INSERT INTO ranges (repo_id, base, head, number, total, next_page, used) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repo_id, base, head) DO UPDATE SET number = excluded.number, total = excluded.total, next_page = excluded.next_page, used = excluded.used`
	if err := t.exec0(keep, sub.RepoID, base, head, sub.Number, total, nextPage, now); err != nil {
		return 0, err
	}
	_, err = t.row(`SELECT id FROM ranges WHERE repo_id = ? AND base = ? AND head = ?`, []any{sub.RepoID, base, head}, &id)
	return id, err
}

func (t *txn) keepRangeCommit(id int64, idx int, c *checks.RangeCommit) (added int, err error) {
	people, err := peopleText(c.People)
	if err != nil {
		return 0, err
	}
	const keep = `INSERT INTO range_commits (range_id, idx, sha, subject, people, nameless) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (range_id, sha) DO NOTHING`
	n, err := t.exec(keep, id, idx, c.SHA, c.Subject, people, flag(c.Nameless))
	if err != nil || n == 0 || c.Pulls == nil && !c.Cut {
		return int(n), err
	}
	return 1, t.mapCommit(id, c.SHA, *c)
}

func peopleText(people []checks.Actor) (string, error) {
	if len(people) == 0 {
		return "", nil
	}
	text, err := json.Marshal(people)
	return string(text), err
}

// KeepRangePulls keeps by which pull requests commits of a range came, by their SHAs,
// and who worked on them where People or Nameless says so. When nothing is left to ask,
// the other ranges of the release go. It fails with [ErrLost].
func (s *Store) KeepRangePulls(ctx context.Context, job Job, base, head string, pulls map[string]checks.RangeCommit, now time.Time) error {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		var id int64
		found, err := t.row(`SELECT id FROM ranges WHERE repo_id = ? AND base = ? AND head = ?`, []any{job.Subject.RepoID, base, head}, &id)
		if err != nil || !found {
			return err
		}
		for sha, c := range pulls {
			if err := t.mapCommit(id, sha, c); err != nil {
				return err
			}
		}
		if err := t.exec0(`UPDATE ranges SET used = ?, number = ? WHERE id = ?`, millis(now), job.Subject.Number, id); err != nil {
			return err
		}
		return t.dropOtherRanges(job.Subject, id)
	})
	if err != nil {
		return fmt.Errorf("keep the pull requests of the commits of %s: %w", job.Subject, err)
	}
	return nil
}

func (t *txn) mapCommit(id int64, sha string, c checks.RangeCommit) error {
	keys := make([]string, len(c.Pulls))
	for i, p := range c.Pulls {
		keys[i] = strconv.Itoa(p.Number) + ":" + strconv.FormatInt(p.RepoID, 10)
		text, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encode pull request: %w", err)
		}
		const keep = `INSERT INTO range_pulls (range_id, number, other, pull) VALUES (?, ?, ?, ?)
			ON CONFLICT (range_id, number, other) DO UPDATE SET pull = excluded.pull WHERE range_pulls.pull <> excluded.pull`
		if err := t.exec0(keep, id, p.Number, p.RepoID, string(text)); err != nil {
			return err
		}
	}
	if len(c.People) == 0 && !c.Nameless {
		return t.exec0(`UPDATE range_commits SET pulls = ?, cut = ? WHERE range_id = ? AND sha = ?`, strings.Join(keys, ","), flag(c.Cut), id, sha)
	}
	people, err := peopleText(c.People)
	if err != nil {
		return err
	}
	return t.exec0(`UPDATE range_commits SET pulls = ?, cut = ?, people = ?, nameless = ? WHERE range_id = ? AND sha = ?`,
		strings.Join(keys, ","), flag(c.Cut), people, flag(c.Nameless), id, sha)
}

// dropOtherRanges drops the other ranges of a release once one is whole.
func (t *txn) dropOtherRanges(sub checks.Subject, id int64) error {
	const drop = `DELETE FROM ranges WHERE repo_id = ?1 AND number = ?2 AND id <> ?3
		AND EXISTS (SELECT 1 FROM ranges g WHERE g.id = ?3 AND g.next_page = 0)
		AND NOT EXISTS (SELECT 1 FROM range_commits c WHERE c.range_id = ?3 AND c.pulls IS NULL)`
	return t.exec0(drop, sub.RepoID, sub.Number, id)
}
