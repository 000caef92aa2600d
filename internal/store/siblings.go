package store

import (
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// moving makes a change to a pull request. If it closes it or moves its head,
// the others that have the head it leaves are due: they shared its check-runs,
// and may show another verdict now.
func (t *txn) moving(repoID int64, number int, now int64, change func() error) error {
	const where = `SELECT head, open FROM subjects WHERE repo_id = ? AND number = ?`
	var before, after string
	var wasOpen, isOpen bool
	found, err := t.row(where, []any{repoID, number}, &before, &wasOpen)
	if err != nil {
		return err
	}
	if err := change(); err != nil || !found || !wasOpen || before == "" {
		return err
	}
	if _, err := t.row(where, []any{repoID, number}, &after, &isOpen); err != nil {
		return err
	}
	if isOpen && after == before {
		return nil
	}
	return t.touchSiblings(checks.Subject{RepoID: repoID, Number: number}, before, now)
}

// touchSiblings makes due the other open pull requests with a head commit.
func (t *txn) touchSiblings(s checks.Subject, head string, now int64) error {
	var others []checks.Subject
	err := t.rows(subjectColumns+`WHERE s.repo_id = ? AND s.head = ? AND s.open = 1 AND s.number <> ?`, []any{s.RepoID, head, s.Number},
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
