package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// nextDue finds for each repository its oldest due subject that nobody looks at
// and whose head commit nobody works on, and puts first the repositories of
// which the least is being looked at, and among those the one that has waited
// longest for its turn. So none can keep the others waiting.
const nextDue = `SELECT repo_id, number FROM (
	SELECT r.id AS repo_id, r.turn AS turn,
		(SELECT w.number FROM work w JOIN subjects s ON s.repo_id = w.repo_id AND s.number = w.number
			WHERE w.repo_id = r.id AND w.gen > w.done_gen AND w.due <= ?1 AND w.lease_until <= ?1
			AND (s.head = '' OR NOT EXISTS (SELECT 1 FROM work l WHERE l.repo_id = r.id
				AND l.lease_until > 0 AND l.lease_until > ?1 AND l.lease_head = s.head))
			ORDER BY w.due, w.number LIMIT 1) AS number,
		(SELECT count(*) FROM work b WHERE b.repo_id = r.id AND b.lease_until > 0 AND b.lease_until > ?1) AS busy
	FROM repos r WHERE r.gone = 0) AS candidates
	WHERE number IS NOT NULL ORDER BY busy, turn, repo_id LIMIT 1`

// Claim takes up to n due subjects for as long as lease says. Two subjects with
// the same head commit in one repository are never held at once, since they
// share its check-runs.
func (s *Store) Claim(ctx context.Context, n int, lease time.Duration, now time.Time) ([]Job, error) {
	// Looking first costs no turn at the writer when there is nothing to do.
	var repo, number int64
	err := s.read.QueryRowContext(ctx, nextDue, millis(now)).Scan(&repo, &number)
	if none(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("claim work: %w", err)
	}
	var jobs []Job
	err = s.change(ctx, func(t *txn) error {
		jobs = nil
		for len(jobs) < n {
			found, err := t.row(nextDue, []any{millis(now)}, &repo, &number)
			if err != nil || !found {
				return err
			}
			job, err := t.claim(repo, number, millis(now.Add(lease)))
			if err != nil {
				return err
			}
			jobs = append(jobs, job)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim work: %w", err)
	}
	return jobs, nil
}

func (t *txn) claim(repo, number, until int64) (Job, error) {
	token := make([]byte, 16)
	if _, err := io.ReadFull(t.s.opt.Rand, token); err != nil {
		return Job{}, fmt.Errorf("make lease: %w", err)
	}
	job := Job{lease: hex.EncodeToString(token)}
	var first, updated int64
	var causes string
	var enforced bool
	const read = `SELECT r.installation, r.owner, r.name, w.gen, w.tries, s.head, w.first_touched, w.causes, s.digest,
			s.judged = 1 AND s.observed = 0, s.updated_at, coalesce(k.kind, ''), coalesce(k.name, '')
		FROM work w JOIN subjects s ON s.repo_id = w.repo_id AND s.number = w.number JOIN repos r ON r.id = w.repo_id
		LEFT JOIN subject_kinds k ON k.repo_id = w.repo_id AND k.number = w.number
		WHERE w.repo_id = ? AND w.number = ?`
	found, err := t.row(read, []any{repo, number}, &job.Subject.Installation, &job.Subject.Owner, &job.Subject.Repo,
		&job.Gen, &job.Tries, &job.Head, &first, &causes, &job.Digest, &enforced, &updated, &job.Subject.Kind, &job.Subject.Name)
	if err != nil || !found {
		return Job{}, errors.Join(err, fmt.Errorf("work of subject %d has no row", number))
	}
	job.Subject.RepoID, job.Subject.Number = repo, int(number)
	job.FirstTouched, job.Causes, job.Enforced = moment(first), decodeCauses(causes), enforced
	job.Updated = moment(updated)
	// Due moves to the end of the lease: if its holder dies it is taken up then.
	const take = `UPDATE work SET lease = ?, lease_until = ?, due = ?, lease_head = ?, touched_again = 0 WHERE repo_id = ? AND number = ?`
	if err := t.exec0(take, job.lease, until, until, job.Head, repo, number); err != nil {
		return Job{}, err
	}
	return job, t.exec0(`UPDATE repos SET turn = (SELECT max(turn) + 1 FROM repos) WHERE id = ?`, repo)
}

// Held says whether the job's lease still holds. It is asked before each write
// to GitHub, whose deadline must end within the lease.
func (s *Store) Held(ctx context.Context, job Job, now time.Time) (bool, error) {
	var one int
	err := s.read.QueryRowContext(ctx, `SELECT 1 FROM work WHERE repo_id = ? AND number = ? AND lease = ? AND lease_until > ?`,
		job.Subject.RepoID, job.Subject.Number, job.lease, millis(now)).Scan(&one)
	if none(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the lease of %s: %w", job.Subject, err)
	}
	return true, nil
}

// Extend makes the lease end later. It fails with [ErrLost] when it has ended.
func (s *Store) Extend(ctx context.Context, job Job, lease time.Duration, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		until := millis(now.Add(lease))
		n, err := t.exec(`UPDATE work SET due = CASE WHEN due = lease_until THEN ? ELSE due END, lease_until = ?
			WHERE repo_id = ? AND number = ? AND lease = ? AND lease_until > ?`,
			until, until, job.Subject.RepoID, job.Subject.Number, job.lease, millis(now))
		return t.lost(job, n, err)
	})
}

// hold fails unless the job's lease holds, and moves its lock to the commit
// that the subject's head turned out to be.
func (t *txn) hold(job Job, head string, now int64) error {
	n, err := t.exec(`UPDATE work SET lease_head = CASE WHEN ? = '' THEN lease_head ELSE ? END
		WHERE repo_id = ? AND number = ? AND lease = ? AND lease_until > ?`,
		head, head, job.Subject.RepoID, job.Subject.Number, job.lease, now)
	if err := t.lost(job, n, err); err != nil || head == "" || head == job.Head {
		return err
	}
	var other int
	busy, err := t.row(`SELECT number FROM work WHERE repo_id = ? AND number <> ? AND lease_until > 0 AND lease_until > ? AND lease_head = ?`,
		[]any{job.Subject.RepoID, job.Subject.Number, now, head}, &other)
	if err != nil {
		return fmt.Errorf("look for work on the same commit: %w", err)
	}
	if busy {
		return &BusyError{Subject: job.Subject, Other: other, retry: moment(now + second)}
	}
	return nil
}

func (t *txn) lost(job Job, n int64, err error) error {
	if err != nil {
		return fmt.Errorf("look at the lease of %s: %w", job.Subject, err)
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", job.Subject, ErrLost)
	}
	return nil
}

// BusyError says that another pull request with the same head commit is being
// looked at just now.
type BusyError struct {
	Subject checks.Subject
	Other   int // its number
	retry   time.Time
}

// Error names both.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%s has the head commit that #%d is being judged at", e.Subject, e.Other)
}

// RetryAt is when to try again.
func (e *BusyError) RetryAt() time.Time { return e.retry }
