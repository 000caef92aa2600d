package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/note"
)

// groupLimit is how many changes are committed together at most. It bounds how
// long a reader may see an old state and what a failed commit takes with it.
const groupLimit = 256

// change is one caller's change. Its answer comes when it is committed.
type change struct {
	ctx  context.Context
	do   func(*txn) error
	done chan error
}

// writer is the only one who changes the database. It takes all changes that
// wait, makes them in one transaction and commits once, so that many callers
// share one fsync.
type writer struct {
	db      *sql.DB
	queue   chan change
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
}

var errClosed = errors.New("the database is closed")

func startWriter(db *sql.DB, conn *sql.Conn, t *txn) *writer {
	w := &writer{db: db, queue: make(chan change), stop: make(chan struct{}), stopped: make(chan struct{})}
	go w.run(conn, t)
	return w
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.stopped
	return w.db.Close()
}

// change makes one change and waits until it is on disk. A change that has
// begun is waited for even when ctx ends, so that its outcome is never unknown.
func (s *Store) change(ctx context.Context, do func(*txn) error) error {
	if s.write == nil {
		return ErrReadOnly
	}
	c := change{ctx: ctx, do: do, done: make(chan error, 1)}
	select {
	case s.write.queue <- c:
		return <-c.done
	case <-ctx.Done():
		return ctx.Err()
	case <-s.write.stop:
		return errClosed
	}
}

func (w *writer) run(conn *sql.Conn, t *txn) {
	defer close(w.stopped)
	defer conn.Close()
	defer t.closeStatements()
	for {
		select {
		case <-w.stop:
			return
		case first := <-w.queue:
			w.commit(t, w.group(first))
		}
	}
}

// group takes what waits besides the first change.
func (w *writer) group(first change) []change {
	all := []change{first}
	for len(all) < groupLimit {
		select {
		case c := <-w.queue:
			all = append(all, c)
		default:
			return all
		}
	}
	return all
}

// commit makes the changes in one transaction and answers their callers.
func (w *writer) commit(t *txn, all []change) {
	before := t.tree
	t.begin()
	errs := make([]error, len(all))
	err := t.exec0(`BEGIN IMMEDIATE`)
	if err == nil {
		if err = t.tryAll(all, errs); err == nil {
			err = t.sign()
		}
		if err == nil {
			err = t.exec0(`COMMIT`)
		}
		if err != nil {
			// Fails where SQLite has rolled back by itself, which is as well.
			_ = t.exec0(`ROLLBACK`)
		}
	}
	if err != nil {
		t.tree = before
		err = fmt.Errorf("commit: %w", err)
	}
	for i, c := range all {
		c.done <- errors.Join(err, errs[i])
	}
	if err == nil && t.woke {
		t.s.wake.ring()
	}
}

// txn is the transaction that the writer is in. What it has prepared and knows
// of the log is kept from one to the next.
type txn struct {
	s      *Store
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	signer note.Signer
	tree   tree

	// of this transaction
	treeRead bool     // the tree was compared with the rows
	signed   []*Entry // entries that wait for the checkpoint
	signTime int64
	woke     bool // there may be work for somebody who waits
}

func newTxn(s *Store, conn *sql.Conn) *txn {
	return &txn{s: s, conn: conn, stmts: map[string]*sql.Stmt{}}
}

func (t *txn) begin() {
	t.treeRead, t.woke, t.signed = false, false, t.signed[:0]
}

// tryAll makes each change, so that the failure of one undoes nothing of the
// others. Its error is for what makes the whole transaction worthless.
func (t *txn) tryAll(all []change, errs []error) error {
	for i, c := range all {
		if errs[i] = c.ctx.Err(); errs[i] != nil {
			continue
		}
		tree, signed := t.tree, len(t.signed)
		if err := t.exec0(`SAVEPOINT change`); err != nil {
			return err
		}
		if errs[i] = c.do(t); errs[i] != nil {
			t.tree, t.signed = tree, t.signed[:signed]
			// When the disk is full SQLite rolls back the whole transaction, and
			// the savepoint is gone with it.
			if err := t.exec0(`ROLLBACK TO change`); err != nil {
				return errors.Join(errs[i], err)
			}
		}
		if err := t.exec0(`RELEASE change`); err != nil {
			return err
		}
	}
	return nil
}

// Statements run without the caller's context: a change that has begun is
// carried through.

func (t *txn) prepared(query string) (*sql.Stmt, error) {
	if st, ok := t.stmts[query]; ok {
		return st, nil
	}
	st, err := t.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	t.stmts[query] = st
	return st, nil
}

func (t *txn) closeStatements() {
	for _, st := range t.stmts {
		st.Close()
	}
}

func (t *txn) exec0(query string, args ...any) error {
	_, err := t.exec(query, args...)
	return err
}

// exec runs a statement and says how many rows it changed.
func (t *txn) exec(query string, args ...any) (int64, error) {
	st, err := t.prepared(query)
	if err != nil {
		return 0, err
	}
	res, err := st.Exec(args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row reads the only row of a query; it says whether there was one.
func (t *txn) row(query string, args []any, into ...any) (bool, error) {
	st, err := t.prepared(query)
	if err != nil {
		return false, err
	}
	err = st.QueryRow(args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows reads all rows of a query.
func (t *txn) rows(query string, args []any, each func(scan func(...any) error) error) error {
	st, err := t.prepared(query)
	if err != nil {
		return err
	}
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}

func eachRow(rows *sql.Rows, each func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
