package store

import (
	"fmt"
	"math"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// second is the grain of GitHub's times: what it dates 12:00:05 happened before
// 12:00:06.
const second = int64(time.Second / time.Millisecond)

// eventBelieved is how long what an event told of the head is believed rather
// than a reading that is older: events of one second have no order, and what
// GitHub goes on to show is true.
const eventBelieved = 30 * second

// head is one row of heads. It may have become the head at earliest, and
// certainly was from since on.
type head struct {
	id              int64
	sha, before     string
	earliest, since int64
	sender          string
	senderID        int64
	bot             bool
	byEvent         bool
}

const headColumns = `SELECT id, sha, before, earliest, since, sender, sender_id, bot, seen_by = 'event' FROM heads
	WHERE repo_id = ? AND number = ? ORDER BY since, id`

func scanHead(scan func(...any) error, h *head) error {
	return scan(&h.id, &h.sha, &h.before, &h.earliest, &h.since, &h.sender, &h.senderID, &h.bot, &h.byEvent)
}

func (t *txn) heads(repoID int64, number int) ([]head, error) {
	var out []head
	err := t.rows(headColumns, []any{repoID, number}, func(scan func(...any) error) error {
		var h head
		if err := scanHead(scan, &h); err != nil {
			return err
		}
		out = append(out, h)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	return out, nil
}

func (t *txn) addHead(repoID int64, number int, h head) error {
	seenBy := "reading"
	if h.byEvent {
		seenBy = "event"
	}
	const add = `INSERT INTO heads (repo_id, number, sha, before, earliest, since, sender, sender_id, bot, seen_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if err := t.exec0(add, repoID, number, h.sha, h.before, h.earliest, h.since, h.sender, h.senderID, flag(h.bot), seenBy); err != nil {
		return fmt.Errorf("keep head: %w", err)
	}
	return nil
}

// store keeps a move of the head. Events come doubled and in any order, and a
// reading may have seen the head before its event came.
func (f HeadMoved) store(t *txn, d *Delivery) error {
	if err := t.keepSubject(d.Repo.ID, f.Number); err != nil {
		return err
	}
	all, err := t.heads(d.Repo.ID, f.Number)
	if err != nil {
		return err
	}
	at := millis(f.At)
	h := head{sha: f.SHA, before: f.Before, earliest: at, since: at + second, sender: f.Sender, senderID: f.SenderID, bot: f.Bot, byEvent: true}
	if f.Opened {
		h.since = at // nothing was the head before
	}
	if known := matching(all, h); known != nil {
		return t.refineHead(*known, h)
	}
	for _, later := range all {
		// The two moved within one second, and the second move is here already.
		if later.before == h.sha && later.since == h.since && later.sha != h.sha {
			h.since--
		}
	}
	if err := t.addHead(d.Repo.ID, f.Number, h); err != nil {
		return err
	}
	for _, later := range all {
		if later.since > h.since {
			return nil // old news
		}
	}
	const move = `UPDATE subjects SET head = ? WHERE repo_id = ? AND number = ?`
	return t.moving(d.Repo.ID, f.Number, millis(d.ReceivedAt), func() error {
		return t.exec0(move, f.SHA, d.Repo.ID, f.Number)
	})
}

// matching finds the row that tells of the same move already: of the same
// moment, a reading's that the moment falls into, or the one in force then.
func matching(all []head, h head) *head {
	var inForce *head
	for i := range all {
		k := &all[i]
		same := k.byEvent && k.earliest == h.earliest
		read := !k.byEvent && k.earliest <= h.earliest && h.earliest < k.since
		if k.sha == h.sha && (same || read) {
			return k
		}
		if k.since <= h.since {
			inForce = k
		}
	}
	if inForce != nil && inForce.sha == h.sha {
		return inForce
	}
	return nil
}

// refineHead adds to a head what a second source knows better.
func (t *txn) refineHead(k, h head) error {
	const refine = `UPDATE heads SET since = ?, earliest = ?, before = ?, sender = ?, sender_id = ?, bot = ?, seen_by = 'event' WHERE id = ?`
	if k.byEvent && k.before == "" {
		k.before = h.before
	}
	if k.sender == "" {
		k.sender, k.senderID, k.bot = h.sender, h.senderID, h.bot
	}
	if !k.byEvent {
		k.before = h.before
	}
	k.since = min(k.since, h.since)
	if h.earliest <= k.since {
		k.earliest = max(k.earliest, h.earliest)
	}
	return t.exec0(refine, k.since, k.earliest, k.before, k.sender, k.senderID, flag(k.bot), k.id)
}

// readHead keeps the head that a reading saw. It says false, and keeps nothing,
// when the reading is older than what an event has told.
func (t *txn) readHead(s checks.Subject, pull *checks.Pull, lastRead, lastUpdate int64) (bool, error) {
	all, err := t.heads(s.RepoID, s.Number)
	if err != nil || pull.Head.SHA == "" {
		return err == nil, err
	}
	h := head{sha: pull.Head.SHA, since: millis(pull.At) + second, earliest: max(millis(pull.CreatedAt), lastRead)}
	if len(all) > 0 {
		last := all[len(all)-1]
		if last.sha == pull.Head.SHA {
			return true, nil
		}
		updated, told := millis(pull.UpdatedAt), lastUpdate
		if last.byEvent {
			told = max(told, last.since)
		}
		if updated < told && millis(pull.At)-told < eventBelieved {
			return false, nil
		}
		h.earliest = max(h.earliest, last.earliest)
		h.since = max(h.since, last.since)
	}
	return true, t.addHead(s.RepoID, s.Number, h)
}

// headAt is the commit that certainly was the head when something dated created
// was written; "" when that is not certain. heads are in order.
func headAt(heads []head, created int64) string {
	// What is dated with the second in which the next head may have come could
	// have been written after it.
	next := int64(math.MaxInt64)
	for i := len(heads) - 1; i >= 0 && created > 0; i-- {
		if heads[i].since <= created && created < next {
			return heads[i].sha
		}
		next = min(next, heads[i].earliest)
	}
	return ""
}
