package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// FindingFilter chooses findings. Zero fields choose all.
type FindingFilter struct {
	Open  bool   // only those that nobody has closed
	Repo  string // owner/name
	Kind  FindingKind
	Pull  int   // about this pull request
	After int64 // id of the last of the page before
	Limit int   // 0 means 100
}

const findingColumns = `SELECT f.id, f.kind, f.repo_id, coalesce(r.owner || '/' || r.name, ''), f.subject, f.detail, f.opened, f.opened_seq,
	f.closed, f.closed_seq, f.closed_by, f.reason FROM findings f LEFT JOIN repos r ON r.id = f.repo_id `

func scanFinding(scan func(...any) error) (Finding, error) {
	var f Finding
	var detail string
	var opened, closed int64
	err := scan(&f.ID, &f.Kind, &f.RepoID, &f.Repo, &f.Subject, &detail, &opened, &f.Entry, &closed, &f.ClosedEntry, &f.By, &f.Reason)
	if err != nil {
		return f, err
	}
	f.Opened, f.Closed = moment(opened), moment(closed)
	return f, json.Unmarshal([]byte(detail), &f.Detail)
}

// Findings are those that a filter chooses, oldest first, a page at a time.
func (s *Store) Findings(ctx context.Context, f FindingFilter) ([]Finding, error) {
	conds, args := []string{`f.id > ?`}, []any{f.After}
	if f.Open {
		conds = append(conds, `f.closed = 0`)
	}
	if f.Repo != "" {
		ids, err := s.repoIDs(ctx, f.Repo)
		if err != nil {
			return nil, err
		}
		conds, args = append(conds, `f.repo_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`), append(args, ids...)
	}
	if f.Kind != "" {
		conds, args = append(conds, `f.kind = ?`), append(args, string(f.Kind))
	}
	if f.Pull != 0 {
		conds, args = append(conds, `f.subject = ?`), append(args, subjectName(checks.Subject{Number: f.Pull}))
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	return s.findings(ctx, `WHERE `+strings.Join(conds, ` AND `)+` ORDER BY f.id LIMIT ?`, append(args, limit)...)
}

func (s *Store) findings(ctx context.Context, rest string, args ...any) ([]Finding, error) {
	rows, err := s.read.QueryContext(ctx, findingColumns+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	out := []Finding{}
	err = eachRow(rows, func(scan func(...any) error) error {
		f, err := scanFinding(scan)
		out = append(out, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	return out, nil
}

// Finding is one finding, open or closed. It fails with [ErrNoFinding].
func (s *Store) Finding(ctx context.Context, id int64) (Finding, error) {
	f, err := scanFinding(s.read.QueryRowContext(ctx, findingColumns+`WHERE f.id = ?`, id).Scan)
	if none(err) {
		err = ErrNoFinding
	}
	if err != nil {
		return Finding{}, fmt.Errorf("read finding %d: %w", id, err)
	}
	return f, nil
}

// OpenFindings is how many findings of each kind are open, for metrics; a kind of
// which there are none has a zero.
func (s *Store) OpenFindings(ctx context.Context) (map[FindingKind]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT kind, count(*) FROM findings WHERE closed = 0 GROUP BY kind`)
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	out := map[FindingKind]int{}
	for _, k := range FindingKinds {
		out[k] = 0
	}
	err = eachRow(rows, func(scan func(...any) error) error {
		var k FindingKind
		var n int
		if err := scan(&k, &n); err != nil {
			return err
		}
		out[k] = n
		return nil
	})
	return out, err
}

// Unprotected is a watched branch that does not require "Merge Requirements" from
// our App alone.
type Unprotected struct {
	Repo   string
	Branch string
	// Required: it is required, but anybody may supply it.
	Required bool
}

// Unprotected are the watched branches that never required the check, or require it
// from anybody: not a finding, and good to know.
func (s *Store) Unprotected(ctx context.Context) ([]Unprotected, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT r.owner || '/' || r.name, b.name, b.protection = 'required' FROM branches b JOIN repos r ON r.id = b.repo_id
		WHERE r.gone = 0 AND b.sha <> '' AND b.protection IN ('none', 'required') AND b.guard LIKE '%"protection":true%' ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("list branches: %w", err)
	}
	var out []Unprotected
	err = eachRow(rows, func(scan func(...any) error) error {
		var u Unprotected
		if err := scan(&u.Repo, &u.Branch, &u.Required); err != nil {
			return err
		}
		out = append(out, u)
		return nil
	})
	return out, err
}
