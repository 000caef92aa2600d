package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/handrail-bot/handrail/checks"
)

// plainLimit is the size up to which a body is stored as it is: compressing
// less saves nothing.
const plainLimit = 512

// draft is an entry that is yet to be appended, made outside the writer: its
// body is hashed and compressed already.
type draft struct {
	row
	salt     []byte
	encoding string
	stored   []byte
	state    string // of a verdict
}

// draft prepares an entry.
func (s *Store) draft(kind Kind, sub checks.Subject, actor checks.Actor, source string, body []byte, now time.Time) (*draft, error) {
	salt, err := s.salt()
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	d := &draft{salt: salt, encoding: "plain", stored: body}
	if len(body) > plainLimit {
		d.encoding, d.stored = "deflate", s.packer.pack(body)
	}
	d.row = row{
		time: millis(now), version: entryVersion, kind: string(kind), repoID: sub.RepoID, subject: subjectName(sub),
		actorID: actor.ID, actorLogin: actor.Login, source: source, bodyHash: bodyHash(salt, body),
	}
	return d, nil
}

// append adds an entry to the log. e is filled in when the transaction is
// committed.
func (t *txn) append(d *draft, e *Entry) error {
	if err := t.freshTree(); err != nil {
		return err
	}
	d.seq = t.tree.size + 1
	leaf, _ := d.leaf(nil)
	first := tlog.StoredHashIndex(0, t.tree.size)
	const entry = `INSERT INTO entries (seq, time, version, kind, repo_id, subject, actor_id, actor_login, source, body_hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if err := t.exec0(entry, d.seq, d.time, d.version, d.kind, d.repoID, d.subject, d.actorID, d.actorLogin, d.source, d.bodyHash); err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	const body = `INSERT INTO entry_bodies (seq, salt, encoding, body) VALUES (?, ?, ?, ?)`
	if err := t.exec0(body, d.seq, d.salt, d.encoding, d.stored); err != nil {
		return fmt.Errorf("keep a log entry's body: %w", err)
	}
	for i, h := range t.tree.append(leaf, nil) {
		if err := t.exec0(`INSERT INTO hashes (idx, hash) VALUES (?, ?)`, first+int64(i), h[:]); err != nil {
			return fmt.Errorf("keep the log's hashes: %w", err)
		}
	}
	if d.state != "" {
		if err := t.exec0(`INSERT INTO entry_states (seq, state) VALUES (?, ?)`, d.seq, d.state); err != nil {
			return fmt.Errorf("keep a verdict's state: %w", err)
		}
	}
	e.Seq = d.seq
	t.signed = append(t.signed, e)
	t.signTime = d.time
	return nil
}

// Append adds an entry to the log.
func (s *Store) Append(ctx context.Context, a Append, now time.Time) (Entry, error) {
	var e Entry
	d, err := s.draft(a.Kind, a.Subject, a.Actor, a.Source, a.Body, now)
	if err != nil {
		return e, err
	}
	err = s.change(ctx, func(t *txn) error { return t.append(d, &e) })
	return e, err
}

// expungeSource marks, in the source of an entry of kind expunged, whose body
// it removed.
const expungeSource = "entry:"

// Expunge removes the body of one entry, because the law or a person's privacy
// asks for it. That it was removed, by whom and why is an entry of its own, and
// every proof stays as it was.
func (s *Store) Expunge(ctx context.Context, seq int64, actor checks.Actor, reason string, now time.Time) (Entry, error) {
	var e Entry
	body, err := json.Marshal(map[string]any{"entry": seq, "reason": reason})
	if err != nil {
		return e, fmt.Errorf("encode reason: %w", err)
	}
	d, err := s.draft(KindExpunged, checks.Subject{}, actor, expungeSource+strconv.FormatInt(seq, 10), body, now)
	if err != nil {
		return e, err
	}
	err = s.change(ctx, func(t *txn) error {
		found, err := t.row(`SELECT repo_id, subject FROM entries WHERE seq = ?`, []any{seq}, &d.repoID, &d.subject)
		if err != nil || !found {
			return errors.Join(err, fmt.Errorf("expunge entry %d: there is no such entry", seq))
		}
		if err := t.append(d, &e); err != nil {
			return err
		}
		if err := t.exec0(`INSERT INTO expunged (seq, by_seq) VALUES (?, ?)`, seq, d.seq); err != nil {
			return fmt.Errorf("expunge entry %d: %w", seq, err)
		}
		if err := t.exec0(`DELETE FROM entry_bodies WHERE seq = ?`, seq); err != nil {
			return fmt.Errorf("expunge entry %d: %w", seq, err)
		}
		return nil
	})
	return e, err
}
