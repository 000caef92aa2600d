package store

import (
	"bytes"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// hashCursor reads the stored hashes in order.
type hashCursor struct {
	rows *sql.Rows
	idx  int64
	hash tlog.Hash
	read bool // idx and hash hold a row that was not asked for yet
	raw  sql.RawBytes
}

func (c *hashCursor) next() (tlog.Hash, bool, error) {
	if c.read {
		c.read = false
		return c.hash, true, nil
	}
	if !c.rows.Next() {
		return tlog.Hash{}, false, c.rows.Err()
	}
	if err := c.rows.Scan(&c.idx, &c.raw); err != nil {
		return tlog.Hash{}, false, err
	}
	c.hash = tlog.Hash{}
	copy(c.hash[:], c.raw)
	return c.hash, true, nil
}

// at is the hash with an index; indexes are asked for in order.
func (c *hashCursor) at(idx int64) (tlog.Hash, bool, error) {
	for {
		h, more, err := c.next()
		if err != nil || !more {
			return tlog.Hash{}, false, err
		}
		if c.idx == idx {
			return h, true, nil
		}
		if c.idx > idx {
			c.read = true
			return tlog.Hash{}, false, nil
		}
	}
}

// bodyRow is a body to be compared with its entry's hash.
type bodyRow struct {
	seq              int64
	salt, body, hash []byte
	deflated         bool
}

// bodies compares bodies beside the reading of the rows.
type bodies struct {
	batch  []bodyRow
	work   chan []bodyRow
	result chan bodiesResult
}

type bodiesResult struct {
	checked int64
	wrong   []string
}

func startBodies() *bodies {
	b := &bodies{work: make(chan []bodyRow, 4), result: make(chan bodiesResult, 1)}
	go func() {
		var r bodiesResult
		var f inflater
		for batch := range b.work {
			for i := range batch {
				r.checked++
				if why := batch[i].check(&f); why != "" && len(r.wrong) < problemsListed {
					r.wrong = append(r.wrong, why)
				}
			}
		}
		b.result <- r
	}()
	return b
}

func (b *bodies) add(r bodyRow) {
	if b.batch = append(b.batch, r); len(b.batch) == 64 {
		b.work <- b.batch
		b.batch = nil
	}
}

func (b *bodies) finish(v *verification) {
	b.work <- b.batch
	close(b.work)
	r := <-b.result
	v.report.Bodies = r.checked
	for _, w := range r.wrong {
		v.problem("%s", w)
	}
}

func (r *bodyRow) check(f *inflater) string {
	body := r.body
	if r.deflated {
		var err error
		if body, err = f.unpack(body); err != nil {
			return fmt.Sprintf("the body of entry %d cannot be read: %v", r.seq, err)
		}
	}
	if !bytes.Equal(bodyHash(r.salt, body), r.hash) {
		return fmt.Sprintf("the body of entry %d is not what was logged", r.seq)
	}
	return ""
}
