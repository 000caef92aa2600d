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

// UnmappedCommits are the first commits of a range of which it is not known by which
// pull requests they came, as listed.
func (s *Store) UnmappedCommits(ctx context.Context, repoID int64, base, head string, limit int) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.sha FROM range_commits c JOIN ranges g ON g.id = c.range_id
		WHERE g.repo_id = ? AND g.base = ? AND g.head = ? AND c.pulls IS NULL ORDER BY c.idx LIMIT ?`, repoID, base, head, limit)
	if err != nil {
		return nil, fmt.Errorf("list commits of a range: %w", err)
	}
	var out []string
	err = eachRow(rows, func(scan func(...any) error) error {
		var sha string
		err := scan(&sha)
		out = append(out, sha)
		return err
	})
	return out, err
}

// RangeCommits are the commits of a range that are kept, as listed.
func (s *Store) RangeCommits(ctx context.Context, repoID int64, base, head string) ([]checks.RangeCommit, error) {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	out, err := rangeCommits(ctx, tx, repoID, base, head)
	if err != nil {
		return nil, fmt.Errorf("read the commits of a range: %w", err)
	}
	return out, nil
}

// rangeCommits reads a range. The same people and pull requests come again and again:
// each text is decoded once.
func rangeCommits(ctx context.Context, q querier, repoID int64, base, head string) ([]checks.RangeCommit, error) {
	var id int64
	var listed int
	err := q.QueryRowContext(ctx, `SELECT g.id, (SELECT count(*) FROM range_commits c WHERE c.range_id = g.id) FROM ranges g
		WHERE g.repo_id = ? AND g.base = ? AND g.head = ?`, repoID, base, head).Scan(&id, &listed)
	if err != nil {
		if none(err) {
			err = nil
		}
		return nil, err
	}
	pulls, err := rangePulls(ctx, q, id)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, `SELECT sha, subject, people, nameless, coalesce(pulls, ''), cut FROM range_commits WHERE range_id = ? ORDER BY idx`, id)
	if err != nil {
		return nil, err
	}
	out := make([]checks.RangeCommit, 0, listed)
	seen := map[string][]checks.Actor{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var c checks.RangeCommit
		var people, keys string
		if err := scan(&c.SHA, &c.Subject, &people, &c.Nameless, &keys, &c.Cut); err != nil {
			return err
		}
		known, ok := seen[people]
		if !ok && people != "" {
			if err := json.Unmarshal([]byte(people), &known); err != nil {
				return err
			}
			seen[people] = known
		}
		c.People = known
		for key := range strings.SplitSeq(keys, ",") {
			if key != "" {
				c.Pulls = append(c.Pulls, pulls[key])
			}
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

// rangePulls are the pull requests of a range, by number and repository.
func rangePulls(ctx context.Context, q querier, id int64) (map[string]checks.RangePull, error) {
	rows, err := q.QueryContext(ctx, `SELECT pull FROM range_pulls WHERE range_id = ?`, id)
	if err != nil {
		return nil, err
	}
	out := map[string]checks.RangePull{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var text string
		var p checks.RangePull
		if err := scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return err
		}
		out[strconv.Itoa(p.Number)+":"+strconv.FormatInt(p.RepoID, 10)] = p
		return nil
	})
	return out, err
}

// Relations are how commits stand to a head, as far as it was asked, by commit.
func (s *Store) Relations(ctx context.Context, repoID int64, head string) (map[string]checks.Relation, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT base, relation FROM relation_cache WHERE repo_id = ? AND head = ?`, repoID, head)
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	out := map[string]checks.Relation{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var base, text string
		var r checks.Relation
		if err := scan(&base, &text); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(text), &r)
		out[base] = r
		return err
	})
	return out, err
}

// KeepRelation keeps how a commit stands to a head, which never changes, but for the
// commits in between.
func (s *Store) KeepRelation(ctx context.Context, repoID int64, base, head string, r checks.Relation, now time.Time) error {
	r.New = nil
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode relation: %w", err)
	}
	return s.change(ctx, func(t *txn) error {
		const keep = `INSERT INTO relation_cache (repo_id, base, head, relation, kept) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		return t.exec0(keep, repoID, base, head, string(text), millis(now))
	})
}
