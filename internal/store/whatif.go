package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// whatIfScan is how many verdicts are looked through at most for the newest ones
// of different pull requests.
const whatIfScan = 5000

// Newest calls each with the newest recorded verdict of other pull requests of the
// subject's repository, those recorded last first, at most limit of them. Bodies
// that were expunged are passed over.
func (s *Store) Newest(ctx context.Context, sub checks.Subject, limit int, each func(seq int64, r Record) error) error {
	seqs, err := s.newest(ctx, sub, limit)
	if err != nil {
		return fmt.Errorf("list verdicts of %s/%s: %w", sub.Owner, sub.Repo, err)
	}
	for _, seq := range seqs {
		_, body, err := s.Entry(ctx, seq)
		if err != nil && !errors.Is(err, ErrNoEntry) {
			return err
		}
		var r Record
		if body == nil || json.Unmarshal(body, &r) != nil {
			continue // of a version whose records this one cannot read
		}
		if err := each(seq, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) newest(ctx context.Context, sub checks.Subject, limit int) ([]int64, error) {
	const read = `SELECT seq, subject FROM entries WHERE repo_id = ? AND kind = ? AND subject LIKE 'pull/%' ORDER BY time DESC, seq DESC LIMIT ?`
	rows, err := s.read.QueryContext(ctx, read, sub.RepoID, string(KindVerdict), whatIfScan)
	if err != nil {
		return nil, err
	}
	var seqs []int64
	seen := map[string]bool{subjectName(sub): true}
	err = eachRow(rows, func(scan func(...any) error) error {
		var seq int64
		var subject string
		if err := scan(&seq, &subject); err != nil || seen[subject] || len(seqs) == limit {
			return err
		}
		seen[subject] = true
		seqs = append(seqs, seq)
		return nil
	})
	return seqs, err
}

// WhatIf is what was worked out for a proposed policy text before.
func (s *Store) WhatIf(ctx context.Context, sub checks.Subject, text [32]byte) (w checks.WhatIf, found bool, err error) {
	var packed []byte
	err = s.read.QueryRowContext(ctx, `SELECT answer FROM what_ifs WHERE repo_id = ? AND number = ? AND text = ?`, sub.RepoID, sub.Number, text[:]).Scan(&packed)
	if none(err) {
		return w, false, nil
	}
	if err == nil {
		err = unpackJSON(packed, &w)
	}
	if err != nil {
		return w, false, fmt.Errorf("read what a policy would change: %w", err)
	}
	return w, true, nil
}

// KeepWhatIf keeps what was worked out for a proposed policy text.
func (s *Store) KeepWhatIf(ctx context.Context, sub checks.Subject, text [32]byte, w checks.WhatIf, now time.Time) error {
	packed, err := s.packer.packJSON(w)
	if err != nil {
		return err
	}
	return s.change(ctx, func(t *txn) error {
		err := t.exec0(`INSERT INTO what_ifs (repo_id, number, text, answer, made) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			sub.RepoID, sub.Number, text[:], packed, millis(now))
		if err != nil {
			return fmt.Errorf("keep what a policy would change: %w", err)
		}
		return nil
	})
}
