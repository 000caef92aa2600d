package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ActRow is an act with the release that it is about, and whether it counts.
type ActRow struct {
	checks.Act
	RepoID int64  `json:"repo_id"`
	Repo   string `json:"repo"`
	Tag    string `json:"tag"`
	// Counts: it does by the last verdict. CountsIn is the stage and role that a
	// sign-off counts for, stage/role; Refused why an act counts for nothing.
	Counts   bool   `json:"counts"`
	CountsIn string `json:"counts_in,omitzero"`
	Refused  string `json:"refused,omitzero"`
}

// ActFilter chooses acts. Zero fields choose all.
type ActFilter struct {
	Repo   string // owner/name
	Tag    string
	Kind   checks.ActKind
	By     string // login, any case
	Since  time.Time
	Until  time.Time // exclusive
	Counts bool      // only those that count
	After  int64     // seq of the last row of the page before
	Limit  int       // 0 means 100
}

// SignOffs is who did what about which release and when, by a filter, the oldest first,
// a page at a time.
func (s *Store) SignOffs(ctx context.Context, f ActFilter) ([]ActRow, error) {
	conds, args := []string{`a.seq > ?`}, []any{f.After}
	add := func(cond string, values ...any) { conds, args = append(conds, cond), append(args, values...) }
	if f.Repo != "" {
		ids, err := s.repoIDs(ctx, f.Repo)
		if err != nil {
			return nil, err
		}
		add(`a.repo_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`, ids...)
	}
	if f.Tag != "" {
		add(`x.tag = ?`, f.Tag)
	}
	if f.Kind != "" {
		add(`a.kind = ?`, string(f.Kind))
	}
	if f.By != "" {
		add(`lower(a.by_login) = ?`, strings.ToLower(f.By))
	}
	if !f.Since.IsZero() {
		add(`a.at >= ?`, millis(f.Since))
	}
	if !f.Until.IsZero() {
		add(`a.at < ?`, millis(f.Until))
	}
	if f.Counts {
		add(`a.counts = 1`)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	rows, err := s.read.QueryContext(ctx, `SELECT a.seq, a.act, a.edited, a.repo_id, coalesce(r.owner || '/' || r.name, ''), x.tag, a.counts, a.counts_in, a.refused
		FROM release_acts a JOIN releases x ON x.repo_id = a.repo_id AND x.number = a.number LEFT JOIN repos r ON r.id = a.repo_id
		WHERE `+strings.Join(conds, ` AND `)+` ORDER BY a.seq LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("list sign-offs: %w", err)
	}
	out := []ActRow{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var row ActRow
		var err error
		row.Act, err = scanAct(scan, &row.RepoID, &row.Repo, &row.Tag, &row.Counts, &row.CountsIn, &row.Refused)
		out = append(out, row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sign-offs: %w", err)
	}
	return out, nil
}
