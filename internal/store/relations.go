package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Relations are how commits stand to a head, as far as it was asked, by commit.
func (s *Store) Relations(ctx context.Context, repoID int64, head string) (map[string]checks.Relation, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT base, relation FROM relation_cache WHERE repo_id = ? AND head = ?`, repoID, head)
	if err != nil {
		return nil, fmt.Errorf("read relations: %w", err)
	}
	out := map[string]checks.Relation{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var base, text string
		var r checks.Relation
		if err := scan(&base, &text); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(text), &r)
		out[base] = r
		return err
	})
	return out, err
}

// KeepRelation keeps how a commit stands to a head, which never changes, but for the
// commits in between.
func (s *Store) KeepRelation(ctx context.Context, repoID int64, base, head string, r checks.Relation, now time.Time) error {
	r.New = nil
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode relation: %w", err)
	}
	return s.change(ctx, func(t *txn) error {
		const keep = `INSERT INTO relation_cache (repo_id, base, head, relation, kept) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		return t.exec0(keep, repoID, base, head, string(text), millis(now))
	})
}
