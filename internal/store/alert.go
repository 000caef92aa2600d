package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// AlertsOf names what GitHub was asked: of which pull request, at which head and
// base.
type AlertsOf struct {
	RepoID int64
	Number int
	Head   string // commit
	Base   string // the base branch's name
	Kind   checks.AlertKind
}

// Alerts is what [Store.KeepAlerts] kept, if it was asked of the same head and
// base since a moment of our clock and after what an event has told last.
func (s *Store) Alerts(ctx context.Context, of AlertsOf, since time.Time) (a checks.Alerts, found bool, err error) {
	var packed []byte
	const read = `SELECT a.answer FROM alert_answers a LEFT JOIN repos r ON r.id = a.repo_id
		WHERE a.repo_id = ? AND a.number = ? AND a.kind = ? AND a.head = ? AND a.base = ? AND a.asked > ? AND a.asked > coalesce(r.alerted, 0)`
	err = s.read.QueryRowContext(ctx, read, of.RepoID, of.Number, string(of.Kind), of.Head, of.Base, millis(since)).Scan(&packed)
	if none(err) {
		return a, false, nil
	}
	if err == nil {
		err = unpackJSON(packed, &a)
	}
	if err != nil {
		return a, false, fmt.Errorf("read what GitHub said of alerts: %w", err)
	}
	return a, true, nil
}

// KeepAlerts remembers what GitHub said when it was asked at a moment of our
// clock.
func (s *Store) KeepAlerts(ctx context.Context, of AlertsOf, a checks.Alerts, asked time.Time) error {
	packed, err := s.packer.packJSON(a)
	if err != nil {
		return err
	}
	return s.change(ctx, func(t *txn) error {
		const keep = `INSERT INTO alert_answers (repo_id, number, kind, head, base, asked, answer) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, number, kind) DO UPDATE SET
				head = excluded.head, base = excluded.base, asked = excluded.asked, answer = excluded.answer`
		if err := t.exec0(keep, of.RepoID, of.Number, string(of.Kind), of.Head, of.Base, millis(asked), packed); err != nil {
			return fmt.Errorf("keep what GitHub said of alerts: %w", err)
		}
		return nil
	})
}

// store notes that what GitHub said of alerts until now may be out of date.
func (f AlertsChanged) store(t *txn, d *Delivery) error {
	return t.exec0(`UPDATE repos SET alerted = max(alerted, ?) WHERE id = ?`, millis(d.ReceivedAt), d.Repo.ID)
}
