package store

import (
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// mergesRecalled is how many test merges of a head a snapshot holds besides the
// first: a base branch that moves often makes many, and a workflow run tested
// the first, or one that was new when it began.
const mergesRecalled = 20

// keepMerge keeps the test merge that a reading saw, when it is one of its head.
func (t *txn) keepMerge(s checks.Subject, pull *checks.Pull) error {
	m := pull.Merge
	if m.SHA == "" || m.Onto == "" || m.Head != pull.Head.SHA {
		return nil
	}
	const keep = `INSERT INTO merges (repo_id, number, head, merge, onto, since) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	if err := t.exec0(keep, s.RepoID, s.Number, m.Head, m.SHA, m.Onto, millis(pull.At)); err != nil {
		return fmt.Errorf("keep test merge: %w", err)
	}
	return nil
}

// merges are the test merges of the present head in the order in which they
// were first seen.
func (r *recall) merges() error {
	r.pull.Memory.Merges = nil
	return r.query(func(scan func(...any) error) error {
		var m checks.TestMerge
		var since int64
		if err := scan(&m.SHA, &m.Onto, &m.Head, &since); err != nil {
			return err
		}
		m.Since = moment(since)
		r.pull.Memory.Merges = append(r.pull.Memory.Merges, m)
		return nil
	}, `SELECT merge, onto, head, since FROM merges WHERE repo_id = ?1 AND number = ?2 AND head = ?3 AND (
			id IN (SELECT id FROM merges WHERE repo_id = ?1 AND number = ?2 AND head = ?3 ORDER BY since DESC, id DESC LIMIT ?4)
			OR id = (SELECT id FROM merges WHERE repo_id = ?1 AND number = ?2 AND head = ?3 ORDER BY since, id LIMIT 1))
		ORDER BY since, id`, r.sub.RepoID, r.sub.Number, r.pull.Head.SHA, mergesRecalled)
}
