package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

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
