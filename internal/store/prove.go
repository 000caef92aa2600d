package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkpointTree is the tree that a checkpoint's text stands for.
func checkpointTree(text string) (size int64, root tlog.Hash, err error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 {
		return 0, root, fmt.Errorf("read checkpoint: it has %d lines", len(lines))
	}
	if _, err := fmt.Sscanf(lines[1], "%d", &size); err != nil {
		return 0, root, fmt.Errorf("read checkpoint's size: %w", err)
	}
	b, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(b) != tlog.HashSize {
		return 0, root, fmt.Errorf("read checkpoint's root: %q is no hash", lines[2])
	}
	return size, tlog.Hash(b), nil
}

// storedHashes reads the tree's hashes from their rows.
func storedHashes(ctx context.Context, q querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, idx := range indexes {
			var h []byte
			if err := q.QueryRowContext(ctx, `SELECT hash FROM hashes WHERE idx = ?`, idx).Scan(&h); err != nil {
				return nil, fmt.Errorf("read hash %d: %w", idx, err)
			}
			if len(h) != tlog.HashSize {
				return nil, fmt.Errorf("read hash %d: it is no hash", idx)
			}
			out[i] = tlog.Hash(h)
		}
		return out, nil
	})
}

// snapshot is a transaction for reading: what is read in it belongs together.
func (s *Store) snapshot(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin to read: %w", err)
	}
	return tx, nil
}

// Prove makes the proof that an entry is in the log of the last checkpoint.
func (s *Store) Prove(ctx context.Context, seq int64) (Proof, error) {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return Proof{}, err
	}
	defer tx.Rollback()
	x, err := include(ctx, tx, seq)
	if err != nil {
		return Proof{}, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	p := Proof{Seq: seq, Size: x.size, Note: x.note}
	p.Leaf, p.Root = base64.StdEncoding.EncodeToString(x.leaf[:]), base64.StdEncoding.EncodeToString(x.root[:])
	for _, h := range x.path {
		p.Path = append(p.Path, base64.StdEncoding.EncodeToString(h[:]))
	}
	return p, nil
}

// included is an entry's row, and the way from its leaf to the root of the last
// checkpoint.
type included struct {
	row  row
	leaf tlog.Hash
	path tlog.RecordProof
	size int64
	root tlog.Hash
	note string // the checkpoint, signed
}

// include finds the way of an entry to the last checkpoint, and tries it.
func include(ctx context.Context, tx querier, seq int64) (x included, err error) {
	if x.note, err = checkpointIn(ctx, tx); err != nil {
		return x, err
	}
	if x.note == "" {
		return x, ErrNoEntry
	}
	if x.size, x.root, err = checkpointTree(x.note); err != nil {
		return x, err
	}
	if seq < 1 || seq > x.size {
		return x, ErrNoEntry
	}
	err = scanRow(tx.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM entries e WHERE e.seq = ?`, seq).Scan, &x.row)
	if err != nil {
		return x, fmt.Errorf("read its row: %w", err)
	}
	x.leaf, _ = x.row.leaf(nil)
	if x.path, err = tlog.ProveRecord(x.size, seq-1, storedHashes(ctx, tx)); err != nil {
		return x, err
	}
	if err := tlog.CheckRecord(x.path, x.size, x.root, seq-1, x.leaf); err != nil {
		return x, fmt.Errorf("the log does not verify: %w", err)
	}
	return x, nil
}

const rowColumns = `e.seq, e.time, e.version, e.kind, e.repo_id, e.subject, e.actor_id, e.actor_login, e.source, e.body_hash`

func scanRow(scan func(...any) error, r *row, more ...any) error {
	return scan(append([]any{&r.seq, &r.time, &r.version, &r.kind, &r.repoID, &r.subject, &r.actorID, &r.actorLogin, &r.source, &r.bodyHash}, more...)...)
}
