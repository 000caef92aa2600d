package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// moving makes a change to a pull request. Others that share a head commit share
// its check-runs: if the change closes the pull request or moves its head, those
// at the head that it leaves are due, and those at the head that it comes to,
// which show a verdict already. A verdict on the head before says nothing to
// them of the new one, and is recorded anew should the head come back.
func (t *txn) moving(repoID int64, number int, now int64, change func() error) error {
	const where = `SELECT head, open FROM subjects WHERE repo_id = ? AND number = ?`
	var before, after string
	var wasOpen, isOpen bool
	found, err := t.row(where, []any{repoID, number}, &before, &wasOpen)
	if err != nil {
		return err
	}
	if err := change(); err != nil || !found {
		return err
	}
	if _, err := t.row(where, []any{repoID, number}, &after, &isOpen); err != nil {
		return err
	}
	moved, this := after != before, checks.Subject{RepoID: repoID, Number: number}
	if moved && before != "" {
		const forget = `UPDATE subjects SET own_state = 'waiting', summary = '', digest = '' WHERE repo_id = ? AND number = ?`
		if err := t.exec0(forget, repoID, number); err != nil {
			return fmt.Errorf("forget the verdict on %s: %w", before, err)
		}
	}
	if wasOpen && before != "" && (moved || !isOpen) {
		if err := t.touchSiblings(this, before, false, now); err != nil {
			return err
		}
	}
	if isOpen && after != "" && (moved || !wasOpen) {
		return t.touchSiblings(this, after, true, now)
	}
	return nil
}

// touchSiblings makes due the other open pull requests with a head commit, all
// or only those that were judged.
func (t *txn) touchSiblings(s checks.Subject, head string, judged bool, now int64) error {
	var others []checks.Subject
	err := t.rows(subjectColumns+`WHERE s.repo_id = ? AND s.head = ? AND s.open = 1 AND s.number <> ? AND s.judged >= ?`, []any{s.RepoID, head, s.Number, flag(judged)},
		func(scan func(...any) error) error {
			var o checks.Subject
			if err := scanSubject(scan, &o); err != nil {
				return err
			}
			others = append(others, o)
			return nil
		})
	if err != nil {
		return fmt.Errorf("find pull requests with the same commit: %w", err)
	}
	for _, o := range others {
		if err := t.touch(o, fmt.Sprintf("pull/%d", s.Number), now, now); err != nil {
			return err
		}
	}
	return nil
}

// AlsoAt are the other pull requests that have a head commit, or had it when
// they were closed, without those of which nothing was heard from a time (GitHub's
// clock) on: those had been closed by then.
func (s *Store) AlsoAt(ctx context.Context, this checks.Subject, head string, at time.Time) ([]int, error) {
	const others = `SELECT number FROM subjects WHERE repo_id = ? AND head = ? AND number <> ? AND (open = 1 OR updated_at >= ?) ORDER BY number`
	rows, err := s.read.QueryContext(ctx, others, this.RepoID, head, this.Number, millis(at))
	if err != nil {
		return nil, fmt.Errorf("find pull requests that had %s: %w", head, err)
	}
	defer func() { _ = rows.Close() }()
	var out []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("find pull requests that had %s: %w", head, err)
		}
		out = append(out, n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find pull requests that had %s: %w", head, err)
	}
	return out, nil
}
