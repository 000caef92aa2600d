// Package store is the only one that talks SQL. It keeps what arrives, what is
// to be done, what GitHub forgets, and the log that auditors trust.
//
// Every change goes through one writer that groups the changes waiting for it
// into one transaction: state, log entry, Merkle hashes and checkpoint are
// committed together or not at all. When a call returns without error its
// change has reached the disk.
//
// Times are handed in by the caller and stored as unix milliseconds.
package store

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/handrail-bot/handrail/checks"
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

// Store is an open database.
type Store struct{}

type txn struct{}

var errNotBuilt = errors.New("not built yet")

func Open(ctx context.Context, path string, opt Options) (*Store, error) { return nil, errNotBuilt }
func OpenReadOnly(ctx context.Context, path string) (*Store, error)      { return nil, errNotBuilt }
func (s *Store) Close() error                                            { return errNotBuilt }
func (s *Store) Ping(ctx context.Context) error                          { return errNotBuilt }
func (s *Store) Receive(ctx context.Context, d Delivery) (bool, error)   { return false, errNotBuilt }
func (s *Store) Prune(ctx context.Context, now time.Time) error          { return errNotBuilt }
func (s *Store) Claim(ctx context.Context, n int, lease time.Duration, now time.Time) ([]Job, error) {
	return nil, errNotBuilt
}
func (s *Store) Held(ctx context.Context, job Job, now time.Time) (bool, error) {
	return false, errNotBuilt
}
func (s *Store) Extend(ctx context.Context, job Job, lease time.Duration, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Finish(ctx context.Context, job Job, info FinishInfo, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Fail(ctx context.Context, job Job, why string, retryAt, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Forget(ctx context.Context, job Job, now time.Time) error { return errNotBuilt }
func (s *Store) Touch(ctx context.Context, sub checks.Subject, known Known, cause string, due, now time.Time) error {
	return errNotBuilt
}
func (s *Store) CloseOthers(ctx context.Context, repoID int64, open map[int]bool, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Glances(ctx context.Context, repoID int64) (map[int]string, error) {
	return nil, errNotBuilt
}
func (s *Store) ReleaseAll(ctx context.Context, now time.Time) error { return errNotBuilt }
func (s *Store) Wait(ctx context.Context)                            {}
func (s *Store) Queue(ctx context.Context, now time.Time) (Queue, error) {
	return Queue{}, errNotBuilt
}
func (s *Store) Failing(ctx context.Context) ([]Failing, error) { return nil, errNotBuilt }
func (s *Store) Observe(ctx context.Context, job Job, pull *checks.Pull, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Recall(ctx context.Context, sub checks.Subject, pull *checks.Pull) error {
	return errNotBuilt
}
func (s *Store) Fill(ctx context.Context, sub checks.Subject, pull *checks.Pull, w checks.Wants) error {
	return errNotBuilt
}
func (s *Store) Keep(ctx context.Context, sub checks.Subject, pull *checks.Pull, w checks.Wants, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Likely(ctx context.Context, sub checks.Subject) (sources []checks.Source, logins []string, err error) {
	return nil, nil, errNotBuilt
}
func (s *Store) Record(ctx context.Context, job Job, r Record, now time.Time) (Entry, error) {
	return Entry{}, errNotBuilt
}
func (s *Store) Posted(ctx context.Context, job Job, seq int64, plan []checks.Action, outcomes []checks.Outcome, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Confessed(ctx context.Context, job Job, why string, plan []checks.Action, outcomes []checks.Outcome, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Append(ctx context.Context, a Append, now time.Time) (Entry, error) {
	return Entry{}, errNotBuilt
}
func (s *Store) Expunge(ctx context.Context, seq int64, actor checks.Actor, reason string, now time.Time) error {
	return errNotBuilt
}
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (Report, error) {
	return Report{}, errNotBuilt
}
func (s *Store) List(ctx context.Context, f Filter) ([]EntryRow, error) { return nil, errNotBuilt }
func (s *Store) Entry(ctx context.Context, seq int64) (EntryRow, []byte, error) {
	return EntryRow{}, nil, errNotBuilt
}
func (s *Store) History(ctx context.Context, sub checks.Subject) ([]EntryRow, error) {
	return nil, errNotBuilt
}
func (s *Store) Checkpoint(ctx context.Context) (string, error)      { return "", errNotBuilt }
func (s *Store) Prove(ctx context.Context, seq int64) (Proof, error) { return Proof{}, errNotBuilt }
func (s *Store) VerifierKey() string                                 { return "" }
func (s *Store) Find(ctx context.Context, repo string, number int) (checks.Subject, error) {
	return checks.Subject{}, errNotBuilt
}

func (HeadMoved) store(t *txn, d *Delivery) error    { return errNotBuilt }
func (Said) store(t *txn, d *Delivery) error         { return errNotBuilt }
func (Unsaid) store(t *txn, d *Delivery) error       { return errNotBuilt }
func (RerunAsked) store(t *txn, d *Delivery) error   { return errNotBuilt }
func (PullChanged) store(t *txn, d *Delivery) error  { return errNotBuilt }
func (LabelChanged) store(t *txn, d *Delivery) error { return errNotBuilt }
func (ReposAdded) store(t *txn, d *Delivery) error   { return errNotBuilt }
func (ReposRemoved) store(t *txn, d *Delivery) error { return errNotBuilt }
