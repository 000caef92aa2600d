package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ErrNoEntry says that the log has no entry of that number.
var ErrNoEntry = errors.New("there is no such entry")

// ErrUnknown says that the store has never heard of a repository or pull
// request.
var ErrUnknown = errors.New("handrail has never heard of it")

const entryColumns = `SELECT e.seq, e.time, e.version, e.kind, e.repo_id, coalesce(r.owner || '/' || r.name, ''), e.subject,
	e.actor_id, e.actor_login, e.source, e.body_hash, coalesce(v.state, ''), x.seq IS NOT NULL
	FROM entries e LEFT JOIN repos r ON r.id = e.repo_id LEFT JOIN entry_states v ON v.seq = e.seq LEFT JOIN expunged x ON x.seq = e.seq `

func scanEntry(scan func(...any) error) (EntryRow, error) {
	var e EntryRow
	var at int64
	var hash []byte
	err := scan(&e.Seq, &at, &e.Version, &e.Kind, &e.RepoID, &e.Repo, &e.Subject, &e.Actor.ID, &e.Actor.Login, &e.Source, &hash, &e.State, &e.Expunged)
	e.Time, e.BodyHash = moment(at), hex.EncodeToString(hash)
	return e, err
}

// List is the log entries that a filter chooses, oldest first, a page at a
// time: the next page begins after the last row's Seq.
func (s *Store) List(ctx context.Context, f Filter) ([]EntryRow, error) {
	where, args, err := s.conditions(ctx, f)
	if err != nil {
		return nil, err
	}
	order, limit := "e.seq", f.Limit
	if f.Newest {
		order = "e.seq DESC"
	}
	if limit <= 0 {
		limit = 100
	}
	return s.entries(ctx, where+` ORDER BY `+order+` LIMIT ?`, append(args, limit)...)
}

// conditions turns a filter into SQL. Nothing of the filter's text goes into
// it, only into the arguments.
func (s *Store) conditions(ctx context.Context, f Filter) (string, []any, error) {
	var conds []string
	var args []any
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	if f.Newest && f.After > 0 {
		add(`e.seq < ?`, f.After)
	} else {
		add(`e.seq > ?`, f.After)
	}
	if f.Repo != "" {
		ids, err := s.repoIDs(ctx, f.Repo)
		if err != nil {
			return "", nil, err
		}
		add(`e.repo_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`, ids...)
	}
	if f.Pull != 0 {
		add(`e.subject = ?`, subjectName(checks.Subject{Number: f.Pull}))
	}
	if f.Release != "" {
		add(`e.subject = ?`, subjectName(checks.Subject{Kind: checks.KindRelease, Name: f.Release}))
	}
	if f.Kind != "" {
		add(`e.kind = ?`, string(f.Kind))
	}
	if f.Actor != "" {
		add(`lower(e.actor_login) = ? AND e.actor_login <> ''`, strings.ToLower(f.Actor))
	}
	if !f.Since.IsZero() || !f.Until.IsZero() {
		until := int64(math.MaxInt64)
		if !f.Until.IsZero() {
			until = millis(f.Until)
		}
		add(`e.time >= ? AND e.time < ?`, millis(f.Since), until)
	}
	if f.State != "" {
		add(`v.state = ?`, f.State)
	}
	return `WHERE ` + strings.Join(conds, ` AND `), args, nil
}

// repoIDs is every repository that has this name, since one may have been
// deleted and made anew. None is an error.
func (s *Store) repoIDs(ctx context.Context, name string) ([]any, error) {
	owner, repo, ok := strings.Cut(name, "/")
	if !ok {
		return nil, fmt.Errorf("find repository: %q is not owner/name", name)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT id FROM repos WHERE lower(owner) = ? AND lower(name) = ? ORDER BY gone, id DESC`,
		strings.ToLower(owner), strings.ToLower(repo))
	if err != nil {
		return nil, fmt.Errorf("find repository %s: %w", name, err)
	}
	var ids []any
	err = eachRow(rows, func(scan func(...any) error) error {
		var id int64
		if err := scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	if err == nil && len(ids) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("find repository %s: %w", name, err)
	}
	return ids, nil
}

func (s *Store) entries(ctx context.Context, rest string, args ...any) ([]EntryRow, error) {
	rows, err := s.read.QueryContext(ctx, entryColumns+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("list log entries: %w", err)
	}
	out := []EntryRow{}
	err = eachRow(rows, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list log entries: %w", err)
	}
	return out, nil
}

// History is every log entry about one pull request, oldest first.
func (s *Store) History(ctx context.Context, sub checks.Subject) ([]EntryRow, error) {
	return s.entries(ctx, `WHERE e.repo_id = ? AND e.subject = ? ORDER BY e.seq`, sub.RepoID, subjectName(sub))
}

// Entry is one log entry and its body (JSON); the body is nil when it was
// expunged. It fails with [ErrNoEntry].
func (s *Store) Entry(ctx context.Context, seq int64) (EntryRow, []byte, error) {
	e, err := scanEntry(s.read.QueryRowContext(ctx, entryColumns+`WHERE e.seq = ?`, seq).Scan)
	if none(err) {
		err = ErrNoEntry
	}
	if err != nil {
		return EntryRow{}, nil, fmt.Errorf("read log entry %d: %w", seq, err)
	}
	var encoding string
	var body []byte
	err = s.read.QueryRowContext(ctx, `SELECT encoding, body FROM entry_bodies WHERE seq = ?`, seq).Scan(&encoding, &body)
	if none(err) && e.Expunged {
		return e, nil, nil
	}
	if err == nil && encoding == "deflate" {
		var f inflater
		body, err = f.unpack(body)
	}
	if err != nil {
		return e, nil, fmt.Errorf("read the body of log entry %d: %w", seq, err)
	}
	return e, body, nil
}

// Find is the subject of a pull request by the repository's name (owner/name).
// It fails with [ErrUnknown].
func (s *Store) Find(ctx context.Context, repo string, number int) (checks.Subject, error) {
	ids, err := s.repoIDs(ctx, repo)
	if err != nil {
		return checks.Subject{}, err
	}
	sub := checks.Subject{Number: number}
	err = s.read.QueryRowContext(ctx, `SELECT installation, id, owner, name FROM repos WHERE id = ?`, ids[0]).
		Scan(&sub.Installation, &sub.RepoID, &sub.Owner, &sub.Repo)
	if err != nil {
		return checks.Subject{}, fmt.Errorf("find repository %s: %w", repo, err)
	}
	return sub, nil
}

// Status is a pull request's last recorded verdict.
type Status struct {
	Subject  checks.Subject
	Title    string
	Open     bool
	Head     string
	Judged   bool
	Observed bool
	State    checks.State
	Verdict  int64 // seq of its entry
	At       time.Time
}

// Statuses lists the open pull requests that the store knows, those judged last
// first.
func (s *Store) Statuses(ctx context.Context, limit int) ([]Status, error) {
	const list = `SELECT r.installation, s.repo_id, r.owner, r.name, s.number, s.title, s.open, s.head, s.judged, s.observed, s.state,
		s.verdict, s.verdict_at FROM subjects s JOIN repos r ON r.id = s.repo_id WHERE s.open = 1 ORDER BY s.verdict DESC LIMIT ?`
	rows, err := s.read.QueryContext(ctx, list, limit)
	if err != nil {
		return nil, fmt.Errorf("list pull requests: %w", err)
	}
	var out []Status
	err = eachRow(rows, func(scan func(...any) error) error {
		var x Status
		var state string
		var at int64
		u := &x.Subject
		if err := scan(&u.Installation, &u.RepoID, &u.Owner, &u.Repo, &u.Number, &x.Title, &x.Open, &x.Head, &x.Judged, &x.Observed, &state, &x.Verdict, &at); err != nil {
			return err
		}
		x.At = moment(at)
		out = append(out, x)
		return out[len(out)-1].State.UnmarshalText([]byte(state))
	})
	return out, err
}

// Checkpoint is the last checkpoint of the log as a signed note; "" when the
// log is empty.
func (s *Store) Checkpoint(ctx context.Context) (string, error) {
	text, err := checkpointIn(ctx, s.read)
	return text, err
}

// querier is a connection or a transaction for reading.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func checkpointIn(ctx context.Context, q querier) (string, error) {
	var text string
	err := q.QueryRowContext(ctx, `SELECT note FROM checkpoint WHERE id = 1`).Scan(&text)
	if err != nil && !none(err) {
		return "", fmt.Errorf("read checkpoint: %w", err)
	}
	return text, nil
}
