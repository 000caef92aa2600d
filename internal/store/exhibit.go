package store

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrExpunged says that an entry's body was removed, lawfully and on record.
var ErrExpunged = errors.New("its body was expunged, on record")

// ErrNoKey says that the log's signing key cannot be read, without which nothing can
// be signed.
var ErrNoKey = errors.New("the log's signing key cannot be read: it lies beside the database")

// saltSize is how many bytes are hashed before a body; were it not always the same, a
// part of one could be passed off as a part of the other.
const saltSize = 16

// Exhibit is a log entry with all that proves, to somebody who has only the log's
// verifier key, that it is in the log: its columns, the salt of its body, the way from
// its leaf to the root of a checkpoint, and that checkpoint, signed. It is handed out
// as JSON, so it is a format: fields are only ever added.
type Exhibit struct {
	Seq        int64  `json:"seq"`
	Time       int64  `json:"time"` // unix milliseconds
	Version    int64  `json:"version"`
	Kind       Kind   `json:"kind"`
	RepoID     int64  `json:"repo_id"`
	Subject    string `json:"subject"`
	ActorID    int64  `json:"actor_id"`
	ActorLogin string `json:"actor_login"`
	Source     string `json:"source"`
	Salt       []byte `json:"salt"`
	// Path are the hashes beside the way from the leaf to the root (RFC 6962, 2.1.1).
	Path tlog.RecordProof `json:"path"`
	// Checkpoint is a signed note (C2SP) of origin, size and root.
	Checkpoint string `json:"checkpoint"`
}

// Exhibit is a log entry with its proof, and its body. It fails with [ErrNoEntry], and
// with [ErrExpunged] where the body is no longer there.
func (s *Store) Exhibit(ctx context.Context, seq int64) (Exhibit, []byte, error) {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return Exhibit{}, nil, err
	}
	defer tx.Rollback()
	x, err := include(ctx, tx, seq)
	if err != nil {
		return Exhibit{}, nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	b := bodyRow{seq: seq, hash: x.row.bodyHash}
	var encoding string
	err = tx.QueryRowContext(ctx, `SELECT salt, encoding, body FROM entry_bodies WHERE seq = ?`, seq).Scan(&b.salt, &encoding, &b.body)
	if none(err) {
		err = ErrExpunged
	}
	if err == nil && encoding == "deflate" {
		var f inflater
		b.body, err = f.unpack(b.body)
	}
	if err != nil {
		return Exhibit{}, nil, fmt.Errorf("read the body of log entry %d: %w", seq, err)
	}
	r := x.row
	return Exhibit{
		Seq: r.seq, Time: r.time, Version: r.version, Kind: Kind(r.kind), RepoID: r.repoID, Subject: r.subject, ActorID: r.actorID,
		ActorLogin: r.actorLogin, Source: r.source, Salt: b.salt, Path: x.path, Checkpoint: x.note,
	}, b.body, nil
}

// Check says what is wrong with an exhibit and the body that is said to be the
// entry's: the hash of the body, the leaf and the root are computed anew, and the
// checkpoint must be signed by the key. It looks at nothing else, so that it works
// without the log.
func (e Exhibit) Check(key note.Verifier, body []byte) error {
	n, err := note.Open([]byte(e.Checkpoint), note.VerifierList(key))
	if err != nil {
		return fmt.Errorf("the log's checkpoint is not signed by the key: %w", err)
	}
	if !strings.HasPrefix(n.Text, key.Name()+"\n") {
		return fmt.Errorf("the checkpoint is of another log than the key's, %s", key.Name())
	}
	size, root, err := checkpointTree(n.Text)
	if err != nil {
		return err
	}
	if len(e.Salt) != saltSize {
		return fmt.Errorf("the salt of entry %d has %d bytes, not %d", e.Seq, len(e.Salt), saltSize)
	}
	if e.Seq < 1 || e.Seq > size {
		return fmt.Errorf("entry %d is not among the %d that the checkpoint is of", e.Seq, size)
	}
	r := row{
		seq: e.Seq, time: e.Time, version: e.Version, kind: string(e.Kind), repoID: e.RepoID, subject: e.Subject,
		actorID: e.ActorID, actorLogin: e.ActorLogin, source: e.Source, bodyHash: bodyHash(e.Salt, body),
	}
	leaf, _ := r.leaf(nil)
	if err := tlog.CheckRecord(e.Path, size, root, e.Seq-1, leaf); err != nil {
		return fmt.Errorf("entry %d is not what was logged: %w", e.Seq, err)
	}
	return nil
}

// Sign signs a message with the log's key, by Ed25519. What is signed must not begin
// as a checkpoint does, with the log's origin on a line: the key signs those, too. It
// fails with [ErrNoKey].
func (s *Store) Sign(message []byte) ([]byte, error) {
	if len(s.seed) != ed25519.SeedSize {
		return nil, ErrNoKey
	}
	return ed25519.Sign(ed25519.NewKeyFromSeed(s.seed), message), nil
}
