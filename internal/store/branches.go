package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Protection is how far a branch requires "Merge Requirements". More is stronger.
type Protection string

// What was seen of a branch's rules.
const (
	ProtectionUnknown  Protection = "unknown"
	ProtectionNone     Protection = "none"
	ProtectionRequired Protection = "required" // from anybody
	ProtectionPinned   Protection = "pinned"   // from our App alone
)

// Rank orders them: what has a lower one protects less. Of unknown it is 0.
func (p Protection) Rank() int {
	switch p {
	case ProtectionNone:
		return 1
	case ProtectionRequired:
		return 2
	case ProtectionPinned:
		return 3
	}
	return 0
}

// Branch is a branch as it was last looked at.
type Branch struct {
	Name string
	SHA  string // "" when it is not there
	// Since is when it was first looked at (GitHub's clock).
	Since      time.Time
	Guard      checks.Guard
	Protection Protection
	// Changed is the log entry of when its protection last became stronger.
	Changed int64
}

// Watching is which branches and tags of a repository are watched.
type Watching struct {
	Default  string   // name of the default branch
	Branches []string // patterns
	Tags     []string // patterns
	// TagsSince is when its tags were first listed (GitHub's clock); zero for never.
	TagsSince time.Time
	// Releases are patterns of the tags that are releases, and ReleasesSince when a sweep
	// first looked for those (our clock); zero for never.
	Releases      []string
	ReleasesSince time.Time
}

// movesAtOnce is how many moves of a ref are looked at together.
const movesAtOnce = 200

const branchColumns = `SELECT name, sha, since, guard, protection, changed FROM branches `

func scanBranch(scan func(...any) error) (Branch, error) {
	var b Branch
	var since int64
	var guard string
	if err := scan(&b.Name, &b.SHA, &since, &guard, &b.Protection, &b.Changed); err != nil {
		return b, err
	}
	b.Since = moment(since)
	return b, json.Unmarshal([]byte(guard), &b.Guard)
}

// Branch is what is known of a branch; found is false when it was never looked at.
func (s *Store) Branch(ctx context.Context, repoID int64, name string) (b Branch, found bool, err error) {
	b, err = scanBranch(s.read.QueryRowContext(ctx, branchColumns+`WHERE repo_id = ? AND name = ?`, repoID, name).Scan)
	if none(err) {
		return Branch{}, false, nil
	}
	if err != nil {
		return Branch{}, false, fmt.Errorf("read branch %s: %w", name, err)
	}
	return b, true, nil
}

// Branches are all of a repository that were looked at, by name.
func (s *Store) Branches(ctx context.Context, repoID int64) (map[string]Branch, error) {
	rows, err := s.read.QueryContext(ctx, branchColumns+`WHERE repo_id = ?`, repoID)
	if err != nil {
		return nil, fmt.Errorf("list branches: %w", err)
	}
	out := map[string]Branch{}
	err = eachRow(rows, func(scan func(...any) error) error {
		b, err := scanBranch(scan)
		out[b.Name] = b
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list branches: %w", err)
	}
	return out, nil
}

// Watching is what is watched of a repository; found is false when its policy was
// never read for that.
func (s *Store) Watching(ctx context.Context, repoID int64) (w Watching, found bool, err error) {
	var branches, tags, releases string
	var since, releasesSince int64
	err = s.read.QueryRowContext(ctx, `SELECT default_branch, branches, tags, tags_since, releases, releases_since FROM watches WHERE repo_id = ?`, repoID).
		Scan(&w.Default, &branches, &tags, &since, &releases, &releasesSince)
	if none(err) {
		return w, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(branches), &w.Branches)
	}
	if err == nil {
		err = json.Unmarshal([]byte(tags), &w.Tags)
	}
	if err == nil {
		err = json.Unmarshal([]byte(releases), &w.Releases)
	}
	if err != nil {
		return w, false, fmt.Errorf("read what is watched: %w", err)
	}
	w.TagsSince, w.ReleasesSince = moment(since), moment(releasesSince)
	return w, true, nil
}

// watches says whether a branch or the tags of a repository are to be looked at: what
// is not known yet is, of the default branch.
func (t *txn) watches(repoID int64, kind checks.SubjectKind, name, defaultBranch string) (bool, error) {
	var branches, tags string
	found, err := t.row(`SELECT branches, tags FROM watches WHERE repo_id = ?`, []any{repoID}, &branches, &tags)
	if err != nil {
		return false, err
	}
	if kind == checks.KindTags {
		return found && tags != "[]" && tags != "null", nil
	}
	if !found {
		return name == defaultBranch, nil
	}
	var one int
	if known, err := t.row(`SELECT 1 FROM branches WHERE repo_id = ? AND name = ? AND guard <> '{}'`, []any{repoID, name}, &one); err != nil || known {
		return known, err
	}
	var patterns []string
	err = json.Unmarshal([]byte(branches), &patterns)
	return checks.AnyMatch(patterns, name), err
}

// RefMove is one move of a branch or tag.
type RefMove struct {
	ID     int64        `json:"-"`
	Ref    string       `json:"ref"`             // heads/main, tags/v1
	Before string       `json:"before,omitzero"` // "" when it was made
	After  string       `json:"after,omitzero"`  // "" when it was deleted
	Forced bool         `json:"forced,omitzero"` // commits were lost by it
	Late   bool         `json:"late,omitzero"`   // no event has told of it
	By     checks.Actor `json:"-"`
	Heard  time.Time    `json:"-"` // our clock
	GUID   string       `json:"-"`
}

// RefMoves are the moves that events have told of and that nobody has looked at yet,
// in the order in which they were heard: of one ref, or of all below "tags/".
func (s *Store) RefMoves(ctx context.Context, repoID int64, ref string) ([]RefMove, error) {
	const list = `SELECT id, ref, before, after, forced, by_login, by_id, bot, heard, guid FROM ref_moves
		WHERE repo_id = ?1 AND (ref = ?2 OR ?2 = 'tags/' AND ref LIKE 'tags/%') ORDER BY id LIMIT ?3`
	rows, err := s.read.QueryContext(ctx, list, repoID, ref, movesAtOnce)
	if err != nil {
		return nil, fmt.Errorf("list moves: %w", err)
	}
	var out []RefMove
	err = eachRow(rows, func(scan func(...any) error) error {
		var m RefMove
		var heard int64
		if err := scan(&m.ID, &m.Ref, &m.Before, &m.After, &m.Forced, &m.By.Login, &m.By.ID, &m.By.Bot, &heard, &m.GUID); err != nil {
			return err
		}
		m.Heard = moment(heard)
		out = append(out, m)
		return nil
	})
	return out, err
}
