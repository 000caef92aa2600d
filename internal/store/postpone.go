package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Postpone ends a lease because it is too early to look: GitHub's limit on calls
// is reached, its replica lags, or another pull request with the same head is
// being looked at. It counts neither as a failure nor as a success; the subject
// is due at until.
func (s *Store) Postpone(ctx context.Context, job Job, until, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		var text string
		found, err := t.row(`SELECT causes FROM work WHERE repo_id = ? AND number = ? AND lease = ?`,
			[]any{job.Subject.RepoID, job.Subject.Number, job.lease}, &text)
		if err != nil || !found {
			return fmt.Errorf("postpone %s: %w", job.Subject, errors.Join(err, lostUnless(found)))
		}
		due := max(millis(until), millis(now))
		t.woke = true
		const postpone = `UPDATE work SET due = ?, not_before = ?, causes = ?, lease = '', lease_until = 0, lease_head = ''
			WHERE repo_id = ? AND number = ?`
		causes := decodeCauses(text)
		return t.exec0(postpone, due, due, encodeCauses(causes[:min(len(causes), maxCauses)]), job.Subject.RepoID, job.Subject.Number)
	})
}
