package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ScanOf names what was scanned: a difference by what it holds.
type ScanOf struct {
	RepoID int64
	Key    string // of the changed files' content and of what is looked for
	Engine string // version of the rules and of what applies them
}

// scanFresh is how long a scan that was kept counts as used just now.
const scanFresh = 24 * time.Hour

// Scan is what [Store.KeepScan] kept.
func (s *Store) Scan(ctx context.Context, of ScanOf) (found checks.PatchScan, used time.Time, ok bool, err error) {
	var packed []byte
	var at int64
	const read = `SELECT found, used FROM scans WHERE repo_id = ? AND key = ? AND engine = ?`
	err = s.read.QueryRowContext(ctx, read, of.RepoID, of.Key, of.Engine).Scan(&packed, &at)
	if none(err) {
		return found, used, false, nil
	}
	if err == nil {
		err = unpackJSON(packed, &found)
	}
	if err != nil {
		return found, used, false, fmt.Errorf("read what a scan found: %w", err)
	}
	return found, moment(at), true, nil
}

// KeepScan remembers what was found in a difference.
func (s *Store) KeepScan(ctx context.Context, of ScanOf, found checks.PatchScan, now time.Time) error {
	packed, err := s.packer.packJSON(found)
	if err != nil {
		return err
	}
	return s.change(ctx, func(t *txn) error {
		const keep = `INSERT INTO scans (repo_id, key, engine, found, used) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, key, engine) DO UPDATE SET found = excluded.found, used = excluded.used`
		if err := t.exec0(keep, of.RepoID, of.Key, of.Engine, packed, millis(now)); err != nil {
			return fmt.Errorf("keep what a scan found: %w", err)
		}
		return nil
	})
}

// CommitScans are those commits of a repository that one engine has scanned, with
// what it found. stale are the ones that were last used a day before now.
func (s *Store) CommitScans(ctx context.Context, repoID int64, engine string, shas []string, now time.Time) (out map[string]checks.CommitScan, stale []string, err error) {
	out = map[string]checks.CommitScan{}
	for _, sha := range shas {
		var packed []byte
		var used int64
		const read = `SELECT found, used FROM commit_scans WHERE repo_id = ? AND sha = ? AND engine = ?`
		err := s.read.QueryRowContext(ctx, read, repoID, sha, engine).Scan(&packed, &used)
		if none(err) {
			continue
		}
		found := checks.CommitScan{SHA: sha}
		if err == nil && packed != nil {
			err = unpackJSON(packed, &found)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read what a scan of %s found: %w", sha, err)
		}
		out[sha] = found
		if now.Sub(moment(used)) > scanFresh {
			stale = append(stale, sha)
		}
	}
	return out, stale, nil
}

// KeepCommitScan remembers what was found in a commit.
func (s *Store) KeepCommitScan(ctx context.Context, repoID int64, engine string, found checks.CommitScan, now time.Time) error {
	var packed []byte
	if len(found.Secrets)+len(found.Incomplete) > 0 {
		var err error
		if packed, err = s.packer.packJSON(found); err != nil {
			return err
		}
	}
	return s.change(ctx, func(t *txn) error {
		const keep = `INSERT INTO commit_scans (repo_id, sha, engine, found, used) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, sha, engine) DO UPDATE SET found = excluded.found, used = excluded.used`
		if err := t.exec0(keep, repoID, found.SHA, engine, packed, millis(now)); err != nil {
			return fmt.Errorf("keep what a scan of %s found: %w", found.SHA, err)
		}
		return nil
	})
}

// UsedCommitScans notes that scans of commits are still of use.
func (s *Store) UsedCommitScans(ctx context.Context, repoID int64, engine string, shas []string, now time.Time) error {
	if len(shas) == 0 {
		return nil
	}
	return s.change(ctx, func(t *txn) error {
		for _, sha := range shas {
			err := t.exec0(`UPDATE commit_scans SET used = ? WHERE repo_id = ? AND sha = ? AND engine = ?`, millis(now), repoID, sha, engine)
			if err != nil {
				return fmt.Errorf("note that a scan of %s is of use: %w", sha, err)
			}
		}
		return nil
	})
}
