package store

import (
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// keepAnswers notes the answers of a plan before they are written.
func (t *txn) keepAnswers(s checks.Subject, r *Record, seq int64) error {
	if !plans(r.Actions, checks.AddComment) {
		return nil
	}
	for _, a := range r.Actions {
		if a.Kind != checks.AddComment {
			continue
		}
		const keep = `INSERT INTO answers (repo_id, number, comment, at, verdict) VALUES (?, ?, ?, ?, ?)`
		if err := t.exec0(keep, s.RepoID, s.Number, a.ReplyTo, millis(r.Pull.At), seq); err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
	}
	return nil
}

// confirmAnswers notes which answers GitHub has confirmed.
func (t *txn) confirmAnswers(s checks.Subject, p Posted) error {
	for i, o := range p.Outcomes {
		if o.Kind != checks.AddComment || o.Error != "" || i >= len(p.Actions) {
			continue
		}
		const done = `UPDATE answers SET done = 1 WHERE repo_id = ? AND number = ? AND verdict = ? AND comment = ?`
		if err := t.exec0(done, s.RepoID, s.Number, p.Verdict, p.Actions[i].ReplyTo); err != nil {
			return fmt.Errorf("confirm answer: %w", err)
		}
	}
	return nil
}

func (r *recall) answers() error {
	r.pull.Memory.Answers = nil
	return r.query(func(scan func(...any) error) error {
		var a checks.Answered
		var at int64
		if err := scan(&a.To, &at, &a.Done); err != nil {
			return err
		}
		a.At = moment(at)
		r.pull.Memory.Answers = append(r.pull.Memory.Answers, a)
		return nil
	}, `SELECT comment, at, done FROM answers WHERE repo_id = ? AND number = ? ORDER BY at, comment`, r.sub.RepoID, r.sub.Number)
}
