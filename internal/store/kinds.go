package store

import (
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// firstGiven is the first number of a subject that is no pull request; GitHub
// counts pull requests in 32 bits.
const firstGiven = 1 << 40

// keepKind makes sure that a subject that is no pull request has its row, and
// fills in its number.
func (t *txn) keepKind(sub *checks.Subject) error {
	if sub.RepoID == 0 || sub.Kind == "" || sub.Name == "" {
		return fmt.Errorf("%s of repository %d is not one", sub, sub.RepoID)
	}
	const known = `SELECT number FROM subject_kinds WHERE repo_id = ? AND kind = ? AND name = ?`
	found, err := t.row(known, []any{sub.RepoID, string(sub.Kind), sub.Name}, &sub.Number)
	if err != nil || found {
		return err
	}
	const next = `SELECT coalesce(max(number), ?) + 1 FROM subject_kinds WHERE repo_id = ?`
	if _, err := t.row(next, []any{firstGiven - 1, sub.RepoID}, &sub.Number); err != nil {
		return err
	}
	if err := t.exec0(`INSERT INTO subjects (repo_id, number, open) VALUES (?, ?, 0)`, sub.RepoID, sub.Number); err != nil {
		return fmt.Errorf("keep %s: %w", sub, err)
	}
	const keep = `INSERT INTO subject_kinds (repo_id, number, kind, name) VALUES (?, ?, ?, ?)`
	if err := t.exec0(keep, sub.RepoID, sub.Number, string(sub.Kind), sub.Name); err != nil {
		return fmt.Errorf("keep %s: %w", sub, err)
	}
	return nil
}

// subjectName is what the log calls a subject: "pull/7", "group/main/pr-7-SHA",
// "branch/main"; "" for none.
func subjectName(s checks.Subject) string {
	switch {
	case s.Kind != "":
		return string(s.Kind) + "/" + s.Name
	case s.Number == 0:
		return ""
	}
	return fmt.Sprintf("pull/%d", s.Number)
}
