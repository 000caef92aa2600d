// Package store is the only one that talks SQL. It keeps what arrives, what is
// to be done, what GitHub forgets, and the log that auditors trust.
//
// Every change goes through one writer that groups the changes waiting for it
// into one transaction: state, log entry, Merkle hashes and checkpoint are
// committed together or not at all. When a call returns without error its
// change has reached the disk; when it returns an error nothing of it has,
// unless the commit itself failed, of which SQLite cannot always tell.
//
// Times are handed in by the caller and stored as unix milliseconds.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite" // the database
)

// Options are the settings of a Store. The zero value is usable.
type Options struct {
	// Origin names the log in its checkpoints, for example
	// "handrail.example.com/log". It is used when the signing key is made, and
	// stays with the key.
	Origin string
	// Rand is where salts, lease tokens and keys come from; nil means
	// crypto/rand.
	Rand io.Reader
	// Jitter chooses a point in [0, d) for back-off; nil means chance.
	Jitter func(d time.Duration) time.Duration
	// Now is used only by [Store.Wait]; nil means time.Now.
	Now func() time.Time
}

// Store is an open database. It may be used from many goroutines.
type Store struct {
	opt    Options
	read   *sql.DB
	write  *writer // nil when read-only
	packer *deflater
	vkey   string // of the log's signing key
	seed   []byte // of it; see Secret
	wake   *bell
}

// ErrReadOnly says that the store was opened by [OpenReadOnly].
var ErrReadOnly = errors.New("the database was opened for reading only")

// Open opens the SQLite database at path, making or migrating it first. The
// log's signing key lies beside it in path.key.
func Open(ctx context.Context, path string, opt Options) (*Store, error) {
	path, err := sqlitePath(path)
	if err != nil {
		return nil, err
	}
	if err := touchPrivate(path); err != nil {
		return nil, err
	}
	opt = opt.withDefaults()
	db, err := sql.Open("sqlite", dsn(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)")+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{opt: opt, packer: newDeflater(), wake: newBell()}
	if err := s.openWriter(ctx, db, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), db.Close())
	}
	if s.read, err = openReaders(path); err != nil {
		return nil, errors.Join(err, s.write.close())
	}
	return s, nil
}

// touchPrivate makes the file for its owner only, before SQLite makes it for
// everybody: it holds what private repositories send. SQLite gives the files
// beside it the same mode.
func touchPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return f.Close()
}

func (s *Store) openWriter(ctx context.Context, db *sql.DB, path string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	t := newTxn(s, conn)
	if err := t.loadTree(); err != nil {
		return errors.Join(err, conn.Close())
	}
	key, err := loadKey(path, s.opt.Origin, t.tree.size == 0, s.opt.Rand)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	s.vkey, s.seed = key.vkey, key.seed
	t.signer = key.signer
	s.write = startWriter(db, conn, t)
	return nil
}

// OpenReadOnly opens the database beside a running handrail, for people who
// look. The verifier key comes from the key file; without that file, signatures
// are checked only after [Store.Trust] has named a key.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	path, err := sqlitePath(path)
	if err != nil {
		return nil, err
	}
	read, err := openReaders(path)
	if err != nil {
		return nil, err
	}
	s := &Store{opt: Options{}.withDefaults(), read: read, packer: newDeflater(), wake: newBell()}
	if err := s.checkShape(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), read.Close())
	}
	if key, err := loadKey(path, "", false, nil); err == nil {
		s.vkey, s.seed = key.vkey, key.seed
	}
	return s, nil
}

func (s *Store) checkShape(ctx context.Context) error {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	have, err := shape(ctx, conn)
	if err != nil {
		return err
	}
	known, err := knownShape()
	if err != nil {
		return err
	}
	if have > known {
		return newer(have, known)
	}
	if have < known {
		return fmt.Errorf("the database has migration %d of %d: start handrail once, which brings it up to date", have, known)
	}
	return nil
}

// Close finishes the changes that have begun and closes the database.
func (s *Store) Close() error {
	var err error
	if s.write != nil {
		err = s.write.close()
	}
	return errors.Join(err, s.read.Close())
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	return nil
}

// VerifierKey is the public half of the log's signing key, as a note verifier
// key; "" when it is not known.
func (s *Store) VerifierKey() string { return s.vkey }

// Trust makes vkey the key that checkpoints must be signed with, in the place
// of the one beside the database: an auditor brings his own copy.
func (s *Store) Trust(vkey string) error {
	if _, err := note.NewVerifier(vkey); err != nil {
		return fmt.Errorf("read verifier key: %w", err)
	}
	s.vkey = vkey
	return nil
}

func openReaders(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)")+"&mode=rw")
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// Connections that idle hold memory; two are enough for the pages.
	db.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	db.SetMaxIdleConns(2)
	return db, nil
}

// dsn is the driver's name for a file, with the pragmas that hold on each of
// its connections. busy_timeout comes first, so that the others wait too.
func dsn(path string, pragmas ...string) string {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(5000)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

func sqlitePath(path string) (string, error) {
	if strings.HasPrefix(path, "postgres://") || strings.HasPrefix(path, "postgresql://") {
		return "", errors.New("PostgreSQL is not supported by this version: set HANDRAIL_DATABASE to the path of a SQLite file")
	}
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return "", errors.New("the database needs a file: set HANDRAIL_DATABASE to its path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find database: %w", err)
	}
	return abs, nil
}

func (o Options) withDefaults() Options {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Jitter == nil {
		o.Jitter = func(d time.Duration) time.Duration { return time.Duration(mathrand.Int64N(int64(max(d, 1)))) }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// millis is a time as it is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment undoes millis.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
