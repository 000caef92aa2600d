package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// idle is how long Wait sleeps when nothing is due at any time, as a net below
// the signals; soonest is how long it sleeps at least.
const (
	idle    = time.Minute
	soonest = 5 * time.Millisecond
)

// Wait returns when there may be work to claim, or when ctx ends. It sleeps
// until a change makes something due, or until the next moment at which
// something becomes due.
func (s *Store) Wait(ctx context.Context) {
	heard := s.wake.heard() // before looking, so that nothing is missed in between
	now := s.opt.Now()
	// Work on a commit that is locked is woken by whoever unlocks it.
	const next = `SELECT coalesce(min(at), 0) FROM (
		SELECT w.due AS at FROM work w JOIN subjects s ON s.repo_id = w.repo_id AND s.number = w.number
			JOIN repos r ON r.id = w.repo_id
			WHERE w.gen > w.done_gen AND w.lease_until <= ?1 AND r.gone = 0
			AND (s.head = '' OR NOT EXISTS (SELECT 1 FROM work l WHERE l.repo_id = w.repo_id
				AND l.lease_until > 0 AND l.lease_until > ?1 AND l.lease_head = s.head))
		UNION ALL SELECT lease_until FROM work WHERE lease_until > 0 AND lease_until > ?1) AS moments`
	var at int64
	d := idle
	if err := s.read.QueryRowContext(ctx, next, millis(now)).Scan(&at); err != nil {
		d = time.Second // the database is in trouble; whoever claims will say so
	} else if at != 0 {
		d = min(idle, moment(at).Sub(now))
	}
	// What is due already was claimed by somebody else, or will be by whoever
	// calls; either way there is no need to look again at once.
	sleepUntil(ctx, max(d, soonest), heard)
}

// Queue is the state of the work table. What is due only later, because a
// verdict said so, does not count.
func (s *Store) Queue(ctx context.Context, now time.Time) (Queue, error) {
	const count = `SELECT count(*), coalesce(min(first_touched), 0), coalesce(sum(CASE WHEN tries > 0 THEN 1 ELSE 0 END), 0)
		FROM work WHERE gen > done_gen AND (first_touched <= ?1 OR lease_until > 0)`
	var q Queue
	var first int64
	if err := s.read.QueryRowContext(ctx, count, millis(now)).Scan(&q.Depth, &first, &q.Failing); err != nil {
		return q, fmt.Errorf("count work: %w", err)
	}
	if first != 0 {
		q.Oldest = max(0, now.Sub(moment(first)))
	}
	return q, nil
}

// Failing lists the subjects whose last evaluation failed, the longest-failing
// first.
func (s *Store) Failing(ctx context.Context) ([]Failing, error) {
	const list = `SELECT r.installation, w.repo_id, r.owner, r.name, w.number, w.tries, w.error, w.failing_since, w.due,
			coalesce(k.kind, ''), coalesce(k.name, '')
		FROM work w JOIN repos r ON r.id = w.repo_id LEFT JOIN subject_kinds k ON k.repo_id = w.repo_id AND k.number = w.number WHERE w.gen > w.done_gen AND w.tries > 0 ORDER BY w.failing_since`
	rows, err := s.read.QueryContext(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("list failing work: %w", err)
	}
	var out []Failing
	err = eachRow(rows, func(scan func(...any) error) error {
		var f Failing
		var since, due int64
		u := &f.Subject
		if err := scan(&u.Installation, &u.RepoID, &u.Owner, &u.Repo, &u.Number, &f.Tries, &f.Error, &since, &due, &u.Kind, &u.Name); err != nil {
			return err
		}
		f.Since, f.Due = moment(since), moment(due)
		out = append(out, f)
		return nil
	})
	return out, err
}
