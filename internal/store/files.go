package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Fill answers from the record what a snapshot lacks and the record has. What
// it has not stays wanted.
func (s *Store) Fill(ctx context.Context, sub checks.Subject, pull *checks.Pull, w checks.Wants) error {
	if w.Files && !pull.FilesRead {
		files, found, err := s.Files(ctx, sub.RepoID, pull.Base.SHA, pull.Head.SHA)
		if err != nil {
			return err
		}
		// A list that is shorter than GitHub's own count was cut; ask again.
		if found && len(files) == pull.FileCount {
			pull.Files, pull.FilesRead = files, true
		}
	}
	if w.Behind && pull.Behind == nil {
		if err := s.fillBehind(ctx, sub, pull); err != nil {
			return err
		}
	}
	for _, sha := range w.Changes {
		c, found, err := s.change1(ctx, sub, sha, pull.Base.Name)
		if err != nil {
			return err
		}
		if found {
			setChange(pull, sha, c)
		}
	}
	for sha, paths := range w.Modes {
		modes, err := s.Modes(ctx, sub.RepoID, sha, paths)
		if err != nil {
			return err
		}
		setModes(pull, sha, modes)
	}
	return nil
}

// Keep remembers what was fetched because it was wanted. It may be called
// again with the same.
func (s *Store) Keep(ctx context.Context, sub checks.Subject, pull *checks.Pull, w checks.Wants, now time.Time) error {
	rows, err := s.changeRows(pull, w)
	if err != nil {
		return err
	}
	var files []byte
	if w.Files && whole(pull) {
		if files, err = s.packer.packJSON(bare(pull.Files)); err != nil {
			return err
		}
	}
	return s.change(ctx, func(t *txn) error {
		if files != nil {
			if err := t.keepFiles(sub.RepoID, pull.Base.SHA, pull.Head.SHA, files, now); err != nil {
				return err
			}
		}
		if w.Behind {
			if err := t.keepBehind(sub, pull.Behind, now); err != nil {
				return err
			}
		}
		for sha, paths := range w.Modes {
			if err := t.keepModes(sub.RepoID, sha, modesIn(pull, sha, paths), now); err != nil {
				return err
			}
		}
		if err := t.addTeams(sub, w.Teams); err != nil {
			return err
		}
		return t.keepChanges(sub, rows)
	})
}

// whole says whether the snapshot's files are all there are.
func whole(pull *checks.Pull) bool { return pull.FilesRead && len(pull.Files) == pull.FileCount }

// changeRow is a difference to be kept.
type changeRow struct {
	sha, base string
	whole     bool
	files     []byte
}

// changeRows is the differences that a snapshot holds: the head's, when its
// files are whole, and those that were wanted.
func (s *Store) changeRows(pull *checks.Pull, w checks.Wants) ([]changeRow, error) {
	var out []changeRow
	add := func(sha string, c checks.Change) error {
		packed, err := s.packer.packJSON(outline(c.Files))
		if err == nil {
			out = append(out, changeRow{sha, c.Base, c.Whole, packed})
		}
		return err
	}
	if whole(pull) && pull.Head.SHA != "" {
		if err := add(pull.Head.SHA, checks.Change{Base: pull.Base.Name, Files: pull.Files, Whole: true}); err != nil {
			return nil, err
		}
	}
	for _, sha := range w.Changes {
		if c, ok := pull.Memory.Changes[sha]; ok {
			if err := add(sha, c); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// bare leaves out the modes, which have a place of their own: a mode that could
// not be read today may be readable tomorrow.
func bare(files []checks.File) []checks.File {
	if len(files) == 0 {
		return nil
	}
	out := make([]checks.File, len(files))
	for i, f := range files {
		f.Mode = ""
		out[i] = f
	}
	return out
}

// outline leaves out which lines change: changes are compared by their content,
// and kept for long.
func outline(files []checks.File) []checks.File {
	out := bare(files)
	for i := range out {
		out[i].Added, out[i].Removed, out[i].LinesKnown = nil, nil, false
	}
	return out
}

// keepChanges keeps differences as they were first seen whole.
func (t *txn) keepChanges(s checks.Subject, rows []changeRow) error {
	for _, r := range rows {
		const keep = `INSERT INTO changes (repo_id, number, sha, base, whole, files) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, number, sha, base) DO UPDATE SET whole = excluded.whole, files = excluded.files
			WHERE changes.whole = 0 AND excluded.whole = 1`
		if err := t.exec0(keep, s.RepoID, s.Number, r.sha, r.base, flag(r.whole), r.files); err != nil {
			return fmt.Errorf("keep the change at %s: %w", r.sha, err)
		}
	}
	return nil
}

// change1 is the difference at one commit under one base branch.
func (s *Store) change1(ctx context.Context, sub checks.Subject, sha, base string) (checks.Change, bool, error) {
	c := checks.Change{Base: base}
	var packed []byte
	err := s.read.QueryRowContext(ctx, `SELECT whole, files FROM changes WHERE repo_id = ? AND number = ? AND sha = ? AND base = ?`,
		sub.RepoID, sub.Number, sha, base).Scan(&c.Whole, &packed)
	if none(err) {
		return c, false, nil
	}
	if err == nil {
		err = unpackJSON(packed, &c.Files)
	}
	if err != nil {
		return c, false, fmt.Errorf("read the change at %s: %w", sha, err)
	}
	return c, true, nil
}

func setChange(pull *checks.Pull, sha string, c checks.Change) {
	if pull.Memory.Changes == nil {
		pull.Memory.Changes = map[string]checks.Change{}
	}
	pull.Memory.Changes[sha] = c
}

// setModes puts modes where the snapshot holds the files of a commit: in Files
// for the head, in Memory.Changes for any.
func setModes(pull *checks.Pull, sha string, modes map[string]string) {
	put := func(files []checks.File) {
		for i := range files {
			if m, ok := modes[files[i].Path]; ok && files[i].Mode == "" {
				files[i].Mode = m
			}
		}
	}
	if sha == pull.Head.SHA {
		put(pull.Files)
	}
	put(pull.Memory.Changes[sha].Files)
}

// modesIn undoes setModes.
func modesIn(pull *checks.Pull, sha string, paths []string) map[string]string {
	wanted := map[string]bool{}
	for _, p := range paths {
		wanted[p] = true
	}
	out := map[string]string{}
	take := func(files []checks.File) {
		for _, f := range files {
			if wanted[f.Path] && f.Mode != "" {
				out[f.Path] = f.Mode
			}
		}
	}
	take(pull.Memory.Changes[sha].Files)
	if sha == pull.Head.SHA {
		take(pull.Files)
	}
	return out
}

// learn encodes what an evaluation leaves for the next.
func (s *Store) learn(info FinishInfo) (learned, error) {
	var l learned
	if info.Sources != nil {
		text, err := json.Marshal(info.Sources)
		if err != nil {
			return l, fmt.Errorf("encode sources: %w", err)
		}
		sum := sha256.Sum256(text)
		l.digest, l.sources = sum[:], s.packer.pack(text)
	}
	if info.Pull != nil {
		logins := []string{}
		for login := range info.Pull.People {
			logins = append(logins, strings.ToLower(login))
		}
		sort.Strings(logins)
		text, err := json.Marshal(logins)
		if err != nil {
			return l, fmt.Errorf("encode logins: %w", err)
		}
		l.logins, l.teams = string(text), teamsOf(info.Pull)
		if l.changes, err = s.changeRows(info.Pull, checks.Wants{}); err != nil {
			return l, err
		}
	}
	return l, nil
}
