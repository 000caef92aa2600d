package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Files is the difference between two commits, which never changes, as it was
// fetched before.
func (s *Store) Files(ctx context.Context, repoID int64, base, head string) ([]checks.File, bool, error) {
	var packed []byte
	err := s.read.QueryRowContext(ctx, `SELECT files FROM file_cache WHERE repo_id = ? AND base = ? AND head = ?`, repoID, base, head).Scan(&packed)
	if none(err) {
		return nil, false, nil
	}
	var files []checks.File
	if err == nil {
		err = unpackJSON(packed, &files)
	}
	if err != nil {
		return nil, false, fmt.Errorf("read files of %s...%s: %w", base, head, err)
	}
	return files, true, nil
}

// SaveFiles remembers the difference between two commits for [Store.Files].
func (s *Store) SaveFiles(ctx context.Context, repoID int64, base, head string, files []checks.File, now time.Time) error {
	packed, err := s.packer.packJSON(bare(files))
	if err != nil {
		return err
	}
	return s.change(ctx, func(t *txn) error { return t.keepFiles(repoID, base, head, packed, now) })
}

func (t *txn) keepFiles(repoID int64, base, head string, packed []byte, now time.Time) error {
	err := t.exec0(`INSERT INTO file_cache (repo_id, base, head, files, kept) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		repoID, base, head, packed, millis(now))
	if err != nil {
		return fmt.Errorf("keep files of %s...%s: %w", base, head, err)
	}
	return nil
}

// Modes is the git modes of files at a commit that were fetched before, by
// path. Paths that were not are absent.
func (s *Store) Modes(ctx context.Context, repoID int64, sha string, paths []string) (map[string]string, error) {
	out := map[string]string{}
	for _, path := range paths {
		var mode string
		err := s.read.QueryRowContext(ctx, `SELECT mode FROM mode_cache WHERE repo_id = ? AND sha = ? AND path = ?`, repoID, sha, path).Scan(&mode)
		if err != nil && !none(err) {
			return nil, fmt.Errorf("read modes at %s: %w", sha, err)
		}
		if err == nil {
			out[path] = mode
		}
	}
	return out, nil
}

// SaveModes remembers modes for [Store.Modes]. One that could not be read ("?")
// is not remembered.
func (s *Store) SaveModes(ctx context.Context, repoID int64, sha string, modes map[string]string, now time.Time) error {
	return s.change(ctx, func(t *txn) error { return t.keepModes(repoID, sha, modes, now) })
}

func (t *txn) keepModes(repoID int64, sha string, modes map[string]string, now time.Time) error {
	for path, mode := range modes {
		if mode == "" || mode == "?" {
			continue
		}
		err := t.exec0(`INSERT INTO mode_cache (repo_id, sha, path, mode, kept) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			repoID, sha, path, mode, millis(now))
		if err != nil {
			return fmt.Errorf("keep modes at %s: %w", sha, err)
		}
	}
	return nil
}
