package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// fillBehind answers how far the head lags, if that was asked before of the same
// two commits.
func (s *Store) fillBehind(ctx context.Context, sub checks.Subject, pull *checks.Pull) error {
	b := checks.Behind{Base: pull.Base.SHA, Head: pull.Head.SHA, Known: true}
	err := s.read.QueryRowContext(ctx, `SELECT behind FROM behind_cache WHERE repo_id = ? AND base = ? AND head = ?`, sub.RepoID, b.Base, b.Head).Scan(&b.By)
	if none(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read how far %s lags behind %s: %w", b.Head, b.Base, err)
	}
	pull.Behind = &b
	return nil
}

// keepBehind remembers GitHub's answer. What it could not say it may say tomorrow.
func (t *txn) keepBehind(sub checks.Subject, b *checks.Behind, now time.Time) error {
	if b == nil || !b.Known || b.Base == "" || b.Head == "" {
		return nil
	}
	err := t.exec0(`INSERT INTO behind_cache (repo_id, base, head, behind, kept) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		sub.RepoID, b.Base, b.Head, b.By, millis(now))
	if err != nil {
		return fmt.Errorf("keep how far %s lags behind %s: %w", b.Head, b.Base, err)
	}
	return nil
}

// keepAskedBehind keeps whether an evaluation asked how far the head lags.
func (t *txn) keepAskedBehind(s checks.Subject, asked bool) error {
	err := t.exec0(`UPDATE subjects SET asked_behind = ?1 WHERE repo_id = ?2 AND number = ?3 AND asked_behind <> ?1`, flag(asked), s.RepoID, s.Number)
	if err != nil {
		return fmt.Errorf("keep that the lag was asked for: %w", err)
	}
	return nil
}
