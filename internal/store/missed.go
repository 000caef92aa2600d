package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// missedTries is how often a delivery is asked for. The wait after each is twice the
	// one before, so the last comes two days after the first.
	missedTries = 9
	missedWait  = 10 * time.Minute
	// missedKept is how long a delivery that does not come is remembered: GitHub makes
	// it for 3 days (7 on Enterprise Server), and lists each attempt as long.
	missedKept = 14 * 24 * time.Hour
	// missedListed is how many missed deliveries a log entry names; of the rest it has
	// the number.
	missedListed = 100
)

// missedLogged is the body of a log entry of kind "reconciled" about deliveries that
// GitHub could not make and that are asked for again. Those that come have entries of
// their own, with the same GUID.
type missedLogged struct {
	Missed []checks.MissedDelivery `json:"missed_deliveries"`
	More   int                     `json:"more,omitzero"` // besides these
}

// DeliveriesSince is the moment after which deliveries of an App are yet to be looked
// for, by GitHub's clock, the zero time for all there are; known is false when nobody
// has looked so far.
func (s *Store) DeliveriesSince(ctx context.Context, app int64) (since time.Time, known bool, err error) {
	var ms int64
	err = s.read.QueryRowContext(ctx, `SELECT since FROM delivery_looks WHERE app_id = ?`, app).Scan(&ms)
	switch {
	case none(err):
		return time.Time{}, false, nil
	case err != nil:
		return time.Time{}, false, fmt.Errorf("read until when deliveries were looked at: %w", err)
	}
	return moment(ms), true, nil
}

// KeepMissed keeps which deliveries GitHub could not make, and after which moment of
// GitHub's clock to look the next time. What has come meanwhile is left out and
// forgotten. fresh is how many were not known; a log entry names them.
func (s *Store) KeepMissed(ctx context.Context, app int64, list []checks.MissedDelivery, since, now time.Time) (fresh int, err error) {
	err = s.change(ctx, func(t *txn) error {
		fresh = 0
		if err := t.forgetCome(app, now); err != nil {
			return err
		}
		l := missedLogged{}
		for _, m := range list {
			isNew, err := t.keepMissed(app, m, now)
			if err != nil {
				return err
			}
			if !isNew {
				continue
			}
			if fresh++; fresh <= missedListed {
				l.Missed = append(l.Missed, m)
			}
		}
		l.More = fresh - len(l.Missed)
		if err := t.logMissed(l, now); err != nil {
			return err
		}
		const looked = `INSERT INTO delivery_looks (app_id, since) VALUES (?, ?)
			ON CONFLICT (app_id) DO UPDATE SET since = excluded.since WHERE delivery_looks.since < excluded.since`
		return t.exec0(looked, app, millis(since))
	})
	if err != nil {
		return 0, fmt.Errorf("keep missed deliveries: %w", err)
	}
	return fresh, nil
}

func (t *txn) forgetCome(app int64, now time.Time) error {
	const come = `DELETE FROM missed_deliveries WHERE app_id = ? AND (found < ? OR EXISTS
		(SELECT 1 FROM deliveries d WHERE d.app_id = missed_deliveries.app_id AND d.guid = missed_deliveries.guid))`
	return t.exec0(come, app, millis(now.Add(-missedKept)))
}

func (t *txn) keepMissed(app int64, m checks.MissedDelivery, now time.Time) (isNew bool, err error) {
	var one int
	have, err := t.row(`SELECT 1 FROM deliveries WHERE app_id = ? AND guid = ?`, []any{app, m.GUID}, &one)
	if err != nil || have {
		return false, err
	}
	const keep = `INSERT INTO missed_deliveries (app_id, guid, id, event, action, failed_at, found, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (app_id, guid) DO NOTHING`
	n, err := t.exec(keep, app, m.GUID, m.ID, m.Event, m.Action, millis(m.At), millis(now), millis(now))
	if err != nil || n > 0 {
		return n > 0, err
	}
	return false, t.exec0(`UPDATE missed_deliveries SET id = ?1 WHERE app_id = ?2 AND guid = ?3 AND id < ?1`, m.ID, app, m.GUID)
}

func (t *txn) logMissed(l missedLogged, now time.Time) error {
	if len(l.Missed) == 0 {
		return nil
	}
	body, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode missed deliveries: %w", err)
	}
	d, err := t.s.draft(KindReconciled, checks.Subject{}, checks.Actor{}, "timer", body, now)
	if err != nil {
		return err
	}
	return t.append(d, &Entry{})
}

// DueMissed are missed deliveries that are to be asked for now, at most limit. What no
// reading of GitHub would find comes first, then what was asked for least, then what has
// waited longest. more says that others are due besides.
func (s *Store) DueMissed(ctx context.Context, app int64, limit int, now time.Time) (list []checks.MissedDelivery, more bool, err error) {
	const due = `SELECT guid, id, event, action, failed_at, asked FROM missed_deliveries m
		WHERE app_id = ? AND asked < ? AND due <= ? AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.app_id = m.app_id AND d.guid = m.guid)
		ORDER BY CASE WHEN event = 'deployment_protection_rule' OR action = 'requested_action' THEN 0 ELSE 1 END, asked, failed_at, guid LIMIT ?`
	rows, err := s.read.QueryContext(ctx, due, app, missedTries, millis(now), limit+1)
	if err == nil {
		err = eachRow(rows, func(scan func(...any) error) error {
			var m checks.MissedDelivery
			var at, asked int64
			err := scan(&m.GUID, &m.ID, &m.Event, &m.Action, &at, &asked)
			m.At, m.Again = moment(at), asked > 0
			list = append(list, m)
			return err
		})
	}
	if err != nil {
		return nil, false, fmt.Errorf("list missed deliveries: %w", err)
	}
	return list[:min(len(list), limit)], len(list) > limit, nil
}

// AskForMissed counts that a missed delivery is asked for; it is called before that is
// done. It is due nine times at most, each time after twice the wait.
func (s *Store) AskForMissed(ctx context.Context, app int64, guid string, now time.Time) error {
	err := s.change(ctx, func(t *txn) error {
		var asked int
		found, err := t.row(`SELECT asked FROM missed_deliveries WHERE app_id = ? AND guid = ?`, []any{app, guid}, &asked)
		if err != nil || !found {
			return err
		}
		next := now.Add(missedWait << min(asked, missedTries))
		return t.exec0(`UPDATE missed_deliveries SET asked = asked + 1, due = ? WHERE app_id = ? AND guid = ?`, millis(next), app, guid)
	})
	if err != nil {
		return fmt.Errorf("count a missed delivery: %w", err)
	}
	return nil
}

// GiveUpMissed has a missed delivery not be asked for any more.
func (s *Store) GiveUpMissed(ctx context.Context, app int64, guid string) error {
	err := s.change(ctx, func(t *txn) error {
		return t.exec0(`UPDATE missed_deliveries SET asked = ? WHERE app_id = ? AND guid = ?`, missedTries, app, guid)
	})
	if err != nil {
		return fmt.Errorf("give up a missed delivery: %w", err)
	}
	return nil
}
