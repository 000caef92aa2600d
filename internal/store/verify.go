package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// problemsListed bounds a report; a log with more problems is broken anyway.
const problemsListed = 100

// progressEvery is after how many entries progress is told.
const progressEvery = 10_000

// Verify reads the whole log and says whether it is what was signed. Each leaf
// is computed anew from its row and each hash from the leaves; what is stored
// is only compared. progress may be nil.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (Report, error) {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return Report{}, err
	}
	defer tx.Rollback()
	v := verification{ctx: ctx, tx: tx, progress: progress, missing: map[int64]bool{}, expunged: map[int64]bool{}}
	if v.report.Note, err = checkpointIn(ctx, tx); err != nil {
		return Report{}, err
	}
	if err := v.entries(); err != nil {
		return Report{}, fmt.Errorf("verify the log: %w", err)
	}
	root := v.tree.root()
	v.report.Root = base64.StdEncoding.EncodeToString(root[:])
	v.absentBodies()
	v.checkpoint(s.vkey, root)
	return v.report, nil
}

// verification is one Verify under way.
type verification struct {
	ctx      context.Context
	tx       *sql.Tx
	progress func(done, total int64)
	report   Report
	tree     tree
	inner    int64          // stored hashes above the leaves that are wrong
	missing  map[int64]bool // entries without a body
	expunged map[int64]bool // entries whose body an entry says was removed
}

func (v *verification) problem(format string, args ...any) {
	if len(v.report.Problems) < problemsListed {
		v.report.Problems = append(v.report.Problems, fmt.Sprintf(format, args...))
	}
}

// entries goes through the rows of entries and of hashes side by side.
func (v *verification) entries() error {
	var total int64
	if err := v.tx.QueryRowContext(v.ctx, `SELECT coalesce(max(seq), 0) FROM entries`).Scan(&total); err != nil {
		return err
	}
	hashes, err := v.tx.QueryContext(v.ctx, `SELECT idx, hash FROM hashes ORDER BY idx`)
	if err != nil {
		return err
	}
	defer hashes.Close()
	stored := hashCursor{rows: hashes}
	bodies := startBodies()
	defer bodies.finish(v)
	rows, err := v.tx.QueryContext(v.ctx, `SELECT `+rowColumns+`, b.salt, b.encoding, b.body
		FROM entries e LEFT JOIN entry_bodies b ON b.seq = e.seq ORDER BY e.seq`)
	if err != nil {
		return err
	}
	var buf []byte
	var into []tlog.Hash
	err = eachRow(rows, func(scan func(...any) error) error {
		var r row
		var b bodyRow
		var encoding sql.NullString
		if err := scanRow(scan, &r, &b.salt, &encoding, &b.body); err != nil {
			return err
		}
		for v.tree.size+1 < r.seq {
			v.problem("entry %d is missing", v.tree.size+1)
			if into, err = v.compare(tlog.Hash{}, true, &stored, into); err != nil {
				return err
			}
		}
		var leaf tlog.Hash
		leaf, buf = r.leaf(buf)
		if into, err = v.compare(leaf, false, &stored, into); err != nil {
			return err
		}
		v.report.Entries++
		v.note(&r, encoding.Valid)
		if encoding.Valid {
			b.seq, b.deflated, b.hash = r.seq, encoding.String == "deflate", r.bodyHash
			bodies.add(b)
		}
		if v.progress != nil && (v.report.Entries%progressEvery == 0 || r.seq == total) {
			v.progress(r.seq, total)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.rest(&stored)
}

// compare adds a leaf to the tree and holds what is stored for it to what
// follows from it. A missing entry's leaf is taken from the stored hashes, so
// that one gap does not hide what else is wrong.
func (v *verification) compare(leaf tlog.Hash, missing bool, stored *hashCursor, into []tlog.Hash) ([]tlog.Hash, error) {
	seq := v.tree.size + 1
	first := tlog.StoredHashIndex(0, v.tree.size)
	have, ok, err := stored.at(first)
	if err != nil {
		return into, err
	}
	if missing {
		leaf = have
	}
	into = v.tree.append(leaf, into[:0])
	switch {
	case missing:
	case !ok:
		v.problem("the stored hash of entry %d is missing", seq)
	case have != leaf:
		v.problem("entry %d is not what was logged: its row does not have the stored hash", seq)
	}
	for i, h := range into[1:] {
		have, ok, err := stored.at(first + 1 + int64(i))
		if err != nil {
			return into, err
		}
		if !ok || have != h {
			v.inner++
		}
	}
	return into, nil
}

// rest looks at hashes beyond the last entry.
func (v *verification) rest(stored *hashCursor) error {
	extra := int64(0)
	for {
		_, more, err := stored.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		extra++
	}
	if extra > 0 {
		v.problem("%d stored hashes belong to no entry: entries after %d are missing", extra, v.tree.size)
	}
	if v.inner > 0 {
		v.problem("%d stored hashes above the entries do not follow from the entries", v.inner)
	}
	return nil
}

// note remembers which bodies are not there, and which are said to be removed.
func (v *verification) note(r *row, hasBody bool) {
	if !hasBody {
		v.missing[r.seq] = true
	}
	if r.kind != string(KindExpunged) {
		return
	}
	if text, ok := strings.CutPrefix(r.source, expungeSource); ok {
		if seq, err := strconv.ParseInt(text, 10, 64); err == nil {
			v.expunged[seq] = true
		}
	}
}

func (v *verification) absentBodies() {
	for seq := range v.missing {
		if v.expunged[seq] {
			v.report.Expunged++
		} else {
			v.problem("the body of entry %d is missing and no entry says why", seq)
		}
	}
}

// checkpoint holds the tree to the last signed checkpoint.
func (v *verification) checkpoint(vkey string, root tlog.Hash) {
	if v.report.Note == "" {
		if v.tree.size > 0 {
			v.problem("the checkpoint is missing")
		}
		return
	}
	size, signed, err := checkpointTree(v.report.Note)
	if err != nil {
		v.problem("%v", err)
		return
	}
	v.report.Size = size
	if size != v.tree.size {
		v.problem("the checkpoint is of %d entries and the log has %d", size, v.tree.size)
	} else if signed != root {
		v.problem("the checkpoint's root is not that of the entries")
	}
	if vkey == "" {
		v.problem("the checkpoint's signature was not checked: there is no verifier key")
		return
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		v.problem("the verifier key cannot be used: %v", err)
		return
	}
	n, err := note.Open([]byte(v.report.Note), note.VerifierList(verifier))
	if err != nil {
		v.problem("the checkpoint's signature is wrong: %v", err)
	} else if !strings.HasPrefix(n.Text, verifier.Name()+"\n") {
		v.problem("the checkpoint is of another log than the key's, %s", verifier.Name())
	}
}
