package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	backoffBase = time.Second
	backoffCap  = 15 * time.Minute
	// failurePace is the least time between a failure and the next try, however
	// often the subject is touched.
	failurePace = time.Second
	// errorKept is how much of an error's text is kept.
	errorKept = 2000
)

// Finish settles a job: nothing is due any more, unless the subject was touched
// while it was looked at or info says when it is due again. It fails with
// [ErrLost] when somebody else has taken the subject up.
func (s *Store) Finish(ctx context.Context, job Job, info FinishInfo, now time.Time) error {
	learned, err := s.learn(info)
	if err != nil {
		return err
	}
	return s.change(ctx, func(t *txn) error {
		if err := t.keepLearned(job.Subject, info, learned); err != nil {
			return err
		}
		return t.settle(job, info, millis(now))
	})
}

// settle ends a lease. The touches up to the claim are done; later ones are due
// when the pace allows.
func (t *txn) settle(job Job, info FinishInfo, now int64) error {
	var gen, due, again int64
	var text string
	found, err := t.row(`SELECT gen, due, touched_again, causes FROM work WHERE repo_id = ? AND number = ? AND lease = ?`,
		[]any{job.Subject.RepoID, job.Subject.Number, job.lease}, &gen, &due, &again, &text)
	if err != nil {
		return fmt.Errorf("finish %s: %w", job.Subject, err)
	}
	if !found {
		return fmt.Errorf("finish %s: %w", job.Subject, ErrLost)
	}
	done, first, causes, notBefore := job.Gen, again, decodeCauses(text), millis(info.NotBefore)
	if gen == job.Gen {
		causes, due = nil, 0
		if until := millis(info.Until); until != 0 {
			gen++ // one more look, at a known time
			first, causes, due = max(until, notBefore), []string{"timer"}, until
		}
	} else {
		if causes = causes[min(len(job.Causes), len(causes)):]; len(causes) == 0 {
			causes = []string{"event"} // one of more than are listed
		}
		if until := millis(info.Until); until != 0 {
			due = min(due, until)
		}
	}
	const settle = `UPDATE work SET gen = ?, done_gen = ?, due = ?, not_before = ?, first_touched = ?, touched_again = 0, causes = ?,
		tries = 0, error = '', failing_since = 0, lease = '', lease_until = 0, lease_head = '' WHERE repo_id = ? AND number = ?`
	t.woke = true // the commit is free, too
	err = t.exec0(settle, gen, done, max(due, notBefore), notBefore, first, encodeCauses(causes), job.Subject.RepoID, job.Subject.Number)
	if err != nil {
		return fmt.Errorf("finish %s: %w", job.Subject, err)
	}
	return nil
}

// Forget settles a job whose pull request is not there for us any more. It is
// looked at again only when it is touched again.
func (s *Store) Forget(ctx context.Context, job Job, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.settle(job, FinishInfo{}, millis(now)); err != nil {
			return err
		}
		return t.moving(job.Subject.RepoID, job.Subject.Number, millis(now), func() error {
			return t.exec0(`UPDATE subjects SET open = 0 WHERE repo_id = ? AND number = ?`, job.Subject.RepoID, job.Subject.Number)
		})
	})
}

// Fail ends a lease because the evaluation failed. The subject stays due: after
// a random part of a time that doubles with each failure (exponential back-off
// with full jitter), and not before retryAt if GitHub named a time. Its error
// is kept where it can be seen.
func (s *Store) Fail(ctx context.Context, job Job, why string, retryAt, now time.Time) error {
	wait := s.opt.Jitter(backoff(job.Tries))
	return s.change(ctx, func(t *txn) error {
		var gen, due, since int64
		var text string
		found, err := t.row(`SELECT gen, due, failing_since, causes FROM work WHERE repo_id = ? AND number = ? AND lease = ?`,
			[]any{job.Subject.RepoID, job.Subject.Number, job.lease}, &gen, &due, &since, &text)
		if err != nil || !found {
			return fmt.Errorf("fail %s: %w", job.Subject, errors.Join(err, lostUnless(found)))
		}
		next := millis(now.Add(wait))
		if gen != job.Gen {
			next = min(next, due) // something happened meanwhile: perhaps it helps
		}
		notBefore := max(millis(retryAt), millis(now.Add(failurePace)))
		if since == 0 {
			since = millis(now)
		}
		t.woke = true
		const fail = `UPDATE work SET due = ?, not_before = ?, tries = ?, error = ?, failing_since = ?, causes = ?,
			lease = '', lease_until = 0, lease_head = '' WHERE repo_id = ? AND number = ?`
		causes := decodeCauses(text)
		return t.exec0(fail, max(next, notBefore), notBefore, job.Tries+1, strings.ToValidUTF8(why[:min(len(why), errorKept)], ""), since,
			encodeCauses(causes[:min(len(causes), maxCauses)]), job.Subject.RepoID, job.Subject.Number)
	})
}

func lostUnless(found bool) error {
	if found {
		return nil
	}
	return ErrLost
}

// backoff is the longest wait after so many failures before this one.
func backoff(tries int) time.Duration {
	if tries >= 16 {
		return backoffCap
	}
	return min(backoffBase<<max(tries, 0), backoffCap)
}

// ReleaseAll ends every lease. A single instance calls it at its start: whoever
// held them is gone.
func (s *Store) ReleaseAll(ctx context.Context, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		t.woke = true
		return t.exec0(`UPDATE work SET due = min(due, ?), lease = '', lease_until = 0, lease_head = '' WHERE lease_until > 0`, millis(now))
	})
}

// learned is what an evaluation leaves for the next, encoded.
type learned struct {
	digest  []byte
	sources []byte
	logins  string
	teams   []string
	changes []changeRow
}

func (t *txn) keepLearned(s checks.Subject, info FinishInfo, l learned) error {
	if info.Glance != "" {
		if err := t.exec0(`UPDATE subjects SET glance = ? WHERE repo_id = ? AND number = ?`, info.Glance, s.RepoID, s.Number); err != nil {
			return fmt.Errorf("keep glance: %w", err)
		}
	}
	if info.Pull != nil {
		if err := t.keepAsked(s, l.logins, l.teams); err != nil {
			return err
		}
		if err := t.keepChanges(s, l.changes); err != nil {
			return err
		}
		if err := t.keepLack(s, lacksBase(info.Pull)); err != nil {
			return err
		}
		if err := t.keepAskedBehind(s, info.Pull.Behind != nil); err != nil {
			return err
		}
	}
	if info.Sources == nil {
		return nil
	}
	const keep = `INSERT INTO last_sources (repo_id, base, digest, sources)
		SELECT repo_id, base, ?, ? FROM subjects WHERE repo_id = ? AND number = ?
		ON CONFLICT (repo_id, base) DO UPDATE SET digest = excluded.digest, sources = excluded.sources
		WHERE last_sources.digest <> excluded.digest`
	if err := t.exec0(keep, l.digest, l.sources, s.RepoID, s.Number); err != nil {
		return fmt.Errorf("keep policy sources: %w", err)
	}
	return nil
}
