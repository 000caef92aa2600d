package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// store keeps the first text of a comment or review. When a reading was there
// before its event, the event's text is still the first one.
func (f Said) store(t *txn, d *Delivery) error {
	if err := t.keepSubject(d.Repo.ID, f.Number); err != nil {
		return err
	}
	const keep = `INSERT INTO seen (repo_id, number, key, text, text_by, created, head) VALUES (?, ?, ?, ?, 'event', ?, ?)
		ON CONFLICT (repo_id, number, key) DO UPDATE SET
			edited = CASE WHEN seen.text <> excluded.text THEN 1 ELSE seen.edited END,
			text = excluded.text, text_by = 'event', created = excluded.created,
			head = CASE WHEN excluded.head = '' THEN seen.head ELSE excluded.head END
		WHERE seen.text_by = 'reading'`
	return t.exec0(keep, d.Repo.ID, f.Number, f.Key, f.Text, millis(f.Created), f.Commit)
}

// store marks a comment or review as edited or deleted. One that was not heard
// of before is kept with the oldest text that the event has.
func (f Unsaid) store(t *txn, d *Delivery) error {
	if err := t.keepSubject(d.Repo.ID, f.Number); err != nil {
		return err
	}
	const mark = `INSERT INTO seen (repo_id, number, key, text, text_by, edited, deleted) VALUES (?, ?, ?, ?, 'reading', ?, ?)
		ON CONFLICT (repo_id, number, key) DO UPDATE SET
			edited = max(seen.edited, excluded.edited), deleted = max(seen.deleted, excluded.deleted)`
	return t.exec0(mark, d.Repo.ID, f.Number, f.Key, f.Before, flag(!f.Deleted), flag(f.Deleted))
}

// store keeps a request to make check-runs anew until a plan has answered it.
func (f RerunAsked) store(t *txn, d *Delivery) error {
	if d.Repo.ID == 0 || f.Head == "" {
		return errors.New("it names no repository or no commit")
	}
	return t.exec0(`INSERT INTO reruns (repo_id, head, run, at) VALUES (?, ?, ?, ?)`, d.Repo.ID, f.Head, f.Run, millis(f.At))
}

// store keeps that a run is over, for a day.
func (f RunEnded) store(t *txn, d *Delivery) error {
	if d.Repo.ID == 0 || f.SHA == "" {
		return errors.New("it names no repository or no commit")
	}
	const keep = `INSERT INTO ended_runs (repo_id, sha, run, attempt, told) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (repo_id, sha, run) DO UPDATE SET attempt = excluded.attempt, told = excluded.told WHERE attempt < excluded.attempt`
	return t.exec0(keep, d.Repo.ID, f.SHA, f.Run, f.Attempt, millis(d.ReceivedAt))
}

// store keeps what an event says of a pull request. The head is taken only when
// none is known: when it moved is for HeadMoved to say.
func (f PullChanged) store(t *txn, d *Delivery) error {
	if err := t.keepSubject(d.Repo.ID, f.Number); err != nil {
		return err
	}
	const keep = `UPDATE subjects SET open = ?,
		head  = CASE WHEN head = '' THEN ? ELSE head END,
		base  = CASE WHEN ? = '' THEN base  ELSE ? END,
		title = CASE WHEN ? = '' THEN title ELSE ? END
		WHERE repo_id = ? AND number = ?`
	return t.moving(d.Repo.ID, f.Number, millis(d.ReceivedAt), func() error {
		return t.exec0(keep, flag(f.Open), f.Head, f.Base, f.Base, f.Title, f.Title, d.Repo.ID, f.Number)
	})
}

// store writes down who changed a label. Whether it is put right is for the
// plan to say.
func (f LabelChanged) store(t *txn, d *Delivery) error {
	body, err := json.Marshal(map[string]any{"label": f.Label, "added": f.Added, "at": f.At.UTC()})
	if err != nil {
		return fmt.Errorf("encode label: %w", err)
	}
	sub := checks.Subject{RepoID: d.Repo.ID, Number: f.Number}
	e, err := t.s.draft(KindLabel, sub, f.By, d.GUID, body, d.ReceivedAt)
	if err != nil {
		return err
	}
	return t.append(e, &Entry{})
}

func (f ReposAdded) store(t *txn, d *Delivery) error {
	if f.All {
		if d.Installation == 0 {
			return errors.New("it names no installation")
		}
		if err := t.exec0(`UPDATE repos SET gone = 0 WHERE installation = ?`, d.Installation); err != nil {
			return err
		}
	}
	for _, r := range f.Repos {
		if err := t.keepRepo(r, d.Installation); err != nil {
			return err
		}
	}
	return nil
}

// store drops the work on what cannot be seen any more, and what a sweep saw of
// it, so that the first sweep afterwards finds all of it new. A repository that
// another installation sees by now stays: events come in any order.
func (f ReposRemoved) store(t *txn, d *Delivery) error {
	if f.All {
		if d.Installation == 0 {
			return errors.New("it names no installation")
		}
		return t.dropRepos(`installation = ?`, d.Installation)
	}
	for _, r := range f.Repos {
		if err := t.dropRepos(`id = ?1 AND (installation IN (0, ?2) OR ?2 = 0)`, r.ID, d.Installation); err != nil {
			return err
		}
	}
	return nil
}

// dropRepos marks repositories as gone. which is a condition on repos.
func (t *txn) dropRepos(which string, args ...any) error {
	for _, drop := range []string{
		`UPDATE repos SET gone = 1 WHERE ` + which,
		`DELETE FROM work WHERE repo_id IN (SELECT id FROM repos WHERE ` + which + `)`,
		`UPDATE subjects SET glance = '' WHERE glance <> '' AND repo_id IN (SELECT id FROM repos WHERE ` + which + `)`,
	} {
		if err := t.exec0(drop, args...); err != nil {
			return err
		}
	}
	return nil
}
