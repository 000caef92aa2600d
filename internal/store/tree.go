package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of the log's Merkle tree: all that is needed to append
// to it and to say its root. peaks[l] is the hash of the last complete subtree
// of 2^l leaves, valid where bit l of size is set.
type tree struct {
	size  int64
	peaks [62]tlog.Hash
}

// append adds a leaf and returns the hashes to be stored for it, in the order
// of tlog.StoredHashIndex.
func (t *tree) append(leaf tlog.Hash, into []tlog.Hash) []tlog.Hash {
	h := leaf
	into = append(into, h)
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(t.peaks[level], h)
		into = append(into, h)
	}
	t.peaks[level] = h
	t.size++
	return into
}

// root is the tree's hash (RFC 6962, section 2.1); of no leaves, that of the
// empty string.
func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(uint64(t.size))
	h := t.peaks[level]
	for level++; level < len(t.peaks); level++ {
		if t.size>>level&1 == 1 {
			h = tlog.NodeHash(t.peaks[level], h)
		}
	}
	return h
}

// loadTree reads the right edge from the rows.
func (t *txn) loadTree() error {
	t.tree = tree{}
	if _, err := t.row(`SELECT coalesce(max(seq), 0) FROM entries`, nil, &t.tree.size); err != nil {
		return fmt.Errorf("read the log's size: %w", err)
	}
	for level := range t.tree.peaks {
		if t.tree.size>>level&1 == 0 {
			continue
		}
		var h []byte
		found, err := t.row(`SELECT hash FROM hashes WHERE idx = ?`,
			[]any{tlog.StoredHashIndex(level, t.tree.size>>level-1)}, &h)
		if err != nil {
			return fmt.Errorf("read the log's hashes: %w", err)
		}
		if !found || len(h) != tlog.HashSize {
			return fmt.Errorf("the log's hashes are not whole: run handrail audit verify")
		}
		copy(t.tree.peaks[level][:], h)
	}
	return nil
}

// freshTree makes sure, once a transaction, that nobody else has appended.
func (t *txn) freshTree() error {
	if t.treeRead {
		return nil
	}
	var size int64
	if _, err := t.row(`SELECT coalesce(max(seq), 0) FROM entries`, nil, &size); err != nil {
		return fmt.Errorf("read the log's size: %w", err)
	}
	if size != t.tree.size {
		if err := t.loadTree(); err != nil {
			return err
		}
	}
	t.treeRead = true
	return nil
}

// sign makes the checkpoint of what this transaction has appended, and hands it
// to those whose entries it covers.
func (t *txn) sign() error {
	if len(t.signed) == 0 {
		return nil
	}
	text := checkpointText(t.signer.Name(), t.tree.size, t.tree.root())
	msg, err := note.Sign(&note.Note{Text: text}, t.signer)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	const keep = `INSERT INTO checkpoint (id, size, time, note) VALUES (1, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET size = excluded.size, time = excluded.time, note = excluded.note`
	if err := t.exec0(keep, t.tree.size, t.signTime, string(msg)); err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	short := anchor(t.tree.size, t.tree.root())
	for _, e := range t.signed {
		e.Checkpoint, e.Note = short, string(msg)
	}
	return nil
}

// checkpointText is a C2SP checkpoint: origin, size, root.
func checkpointText(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

// anchor is a checkpoint in one line.
func anchor(size int64, root tlog.Hash) string {
	return fmt.Sprintf("%d %s", size, base64.StdEncoding.EncodeToString(root[:]))
}

// entryVersion is the format of entries: of the columns below and of bodies.
const entryVersion = 1

// leafTag keeps an entry's leaf apart from anything else that is ever hashed.
const leafTag = "handrail/entry/v1\x00"

// row is an entry's columns: exactly what its leaf says.
type row struct {
	seq        int64
	time       int64
	version    int64
	kind       string
	repoID     int64
	subject    string
	actorID    int64
	actorLogin string
	source     string
	bodyHash   []byte
}

// leaf is the RFC 6962 leaf hash over the tag and the columns, each with its
// length before it, numbers as eight bytes.
func (r *row) leaf(buf []byte) (tlog.Hash, []byte) {
	buf = append(buf[:0], leafTag...)
	number := func(n int64) {
		buf = binary.BigEndian.AppendUint32(buf, 8)
		buf = binary.BigEndian.AppendUint64(buf, uint64(n))
	}
	text := func(s string) {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(s)))
		buf = append(buf, s...)
	}
	number(r.seq)
	number(r.time)
	number(r.version)
	text(r.kind)
	number(r.repoID)
	text(r.subject)
	number(r.actorID)
	text(r.actorLogin)
	text(r.source)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(r.bodyHash)))
	buf = append(buf, r.bodyHash...)
	return tlog.RecordHash(buf), buf
}

// bodyHash is SHA-256(salt || body).
func bodyHash(salt, body []byte) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(body)
	return h.Sum(nil)
}

func (s *Store) salt() ([]byte, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(s.opt.Rand, salt); err != nil {
		return nil, fmt.Errorf("make salt: %w", err)
	}
	return salt, nil
}
