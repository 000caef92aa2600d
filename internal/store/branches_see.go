package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// watched says whether a touch of a branch, of tags or of a release is about something
// that is watched; other subjects always are.
func (t *txn) watched(d *Delivery, touch Touch) (bool, error) {
	switch {
	case touch.Anyhow:
		return true, nil
	case touch.Kind == checks.KindRelease:
		return t.releasing(d.Repo.ID, touch.Name)
	case touch.Kind != checks.KindBranch && touch.Kind != checks.KindTags:
		return true, nil
	}
	return t.watches(d.Repo.ID, touch.Kind, touch.Name, d.Repo.DefaultBranch)
}

// store keeps the move of a ref that is watched until it is looked at.
func (f RefMoved) store(t *txn, d *Delivery) error {
	sub := checks.Subject{RepoID: d.Repo.ID, Kind: checks.KindTags, Name: "tags"}
	if name, ok := strings.CutPrefix(f.Ref, "heads/"); ok {
		sub.Kind, sub.Name = checks.KindBranch, name
	}
	if watched, err := t.watched(d, Touch{Kind: sub.Kind, Name: sub.Name, Anyhow: f.Anyhow}); err != nil || !watched {
		return err
	}
	const keep = `INSERT INTO ref_moves (repo_id, ref, before, after, forced, by_login, by_id, bot, heard, guid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	err := t.exec0(keep, d.Repo.ID, f.Ref, f.Before, f.After, flag(f.Forced), f.By.Login, f.By.ID, flag(f.By.Bot), millis(d.ReceivedAt), d.GUID)
	if err != nil {
		return fmt.Errorf("keep move: %w", err)
	}
	return t.logMove(sub, RefMove{Ref: f.Ref, Before: f.Before, After: f.After, Forced: f.Forced, By: f.By, GUID: d.GUID}, d.ReceivedAt)
}

func (t *txn) logMove(sub checks.Subject, m RefMove, now time.Time) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode move: %w", err)
	}
	e, err := t.s.draft(KindRefMoved, sub, m.By, m.GUID, body, now)
	if err != nil {
		return err
	}
	return t.append(e, &Entry{})
}

// BranchSeen is what a look at a branch came to.
type BranchSeen struct {
	Now Branch // as it is
	At  time.Time
	// First: it was never looked at before.
	First bool
	// Moves are those that were looked at, by their ids; Late the ones that no event
	// has told of.
	Moves []int64
	Late  []RefMove
	// Was is the protection before, where it has changed.
	Was      Protection
	Findings []Opening
	// Sources are the policy texts that hold on it, kept where none are known.
	Sources []checks.Source
	// Watching is what the policy on the default branch says is watched; nil keeps
	// what is known.
	Watching *Watching
}

// SeeBranch keeps what a look at a branch came to, all together: how it is now, what
// is found, and in the log the moves that no event has told of and changes of its
// protection. opened are the findings that are new. It fails with [ErrLost].
func (s *Store) SeeBranch(ctx context.Context, job Job, b BranchSeen, now time.Time) (opened []int64, err error) {
	l, err := s.learn(FinishInfo{Sources: b.Sources})
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, func(t *txn) error {
		opened = nil
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		if err := t.logBranch(job, &b, now); err != nil {
			return err
		}
		if opened, err = t.openAll(job.Subject, b.Findings, b.Moves, now); err != nil {
			return err
		}
		if b.Sources != nil {
			const keep = `INSERT INTO last_sources (repo_id, base, digest, sources) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
			if err := t.exec0(keep, job.Subject.RepoID, b.Now.Name, l.digest, l.sources); err != nil {
				return fmt.Errorf("keep policy sources: %w", err)
			}
		}
		return t.keepBranch(job.Subject.RepoID, &b)
	})
	if err != nil {
		return nil, fmt.Errorf("keep what was seen of %s: %w", job.Subject, err)
	}
	return opened, nil
}

// openAll opens findings, and drops the moves that were looked at for them.
func (t *txn) openAll(sub checks.Subject, findings []Opening, moves []int64, now time.Time) (opened []int64, err error) {
	for _, o := range findings {
		id, err := t.open(sub, o, now)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			opened = append(opened, id)
		}
	}
	for _, id := range moves {
		if err := t.exec0(`DELETE FROM ref_moves WHERE id = ?`, id); err != nil {
			return nil, fmt.Errorf("drop move: %w", err)
		}
	}
	return opened, nil
}

// logBranch appends what no event has told of: that a branch is watched from now on,
// its moves, and changes of its protection.
func (t *txn) logBranch(job Job, b *BranchSeen, now time.Time) error {
	if b.First {
		if err := t.logSeen(job, KindReconciled, map[string]any{"watched_at": b.Now.SHA, "protection": b.Now.Protection}, now); err != nil {
			return err
		}
	}
	for _, m := range b.Late {
		m.Late, m.GUID = true, source(job)
		if err := t.logMove(job.Subject, m, now); err != nil {
			return err
		}
	}
	if b.Was != "" && b.Was != b.Now.Protection {
		if err := t.logSeen(job, KindProtection, map[string]any{"before": b.Was, "after": b.Now.Protection}, now); err != nil {
			return err
		}
		if b.Now.Protection.Rank() > b.Was.Rank() {
			b.Now.Changed = t.tree.size
		}
	}
	return nil
}

func (t *txn) logSeen(job Job, kind Kind, what map[string]any, now time.Time) error {
	body, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode what was seen: %w", err)
	}
	d, err := t.s.draft(kind, job.Subject, checks.Actor{}, source(job), body, now)
	if err != nil {
		return err
	}
	return t.append(d, &Entry{})
}

func (t *txn) keepBranch(repoID int64, b *BranchSeen) error {
	guard, err := json.Marshal(b.Now.Guard)
	if err != nil {
		return fmt.Errorf("encode guard: %w", err)
	}
	const keep = `INSERT INTO branches (repo_id, name, sha, since, guard, protection, changed) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repo_id, name) DO UPDATE SET sha = excluded.sha, guard = excluded.guard, protection = excluded.protection, changed = excluded.changed`
	n := b.Now
	if err := t.exec0(keep, repoID, n.Name, n.SHA, millis(b.At), string(guard), string(n.Protection), n.Changed); err != nil {
		return fmt.Errorf("keep branch: %w", err)
	}
	if b.Watching == nil {
		return nil
	}
	return t.keepWatching(repoID, *b.Watching)
}

// keepWatching keeps what is watched. When other tags are watched, or are releases, than
// until now, those that are there already are taken as they are.
func (t *txn) keepWatching(repoID int64, w Watching) error {
	branches, err := json.Marshal(append([]string{}, w.Branches...))
	if err != nil {
		return err
	}
	tags, err := json.Marshal(append([]string{}, w.Tags...))
	if err != nil {
		return err
	}
	releases, err := json.Marshal(append([]string{}, w.Releases...))
	if err != nil {
		return err
	}
	const keep = `INSERT INTO watches (repo_id, default_branch, branches, tags, releases) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (repo_id) DO UPDATE SET default_branch = excluded.default_branch, branches = excluded.branches, tags = excluded.tags,
			tags_since = CASE WHEN excluded.tags <> watches.tags THEN 0 ELSE watches.tags_since END, releases = excluded.releases,
			releases_since = CASE WHEN excluded.releases <> watches.releases THEN 0 ELSE watches.releases_since END`
	if err := t.exec0(keep, repoID, w.Default, string(branches), string(tags), string(releases)); err != nil {
		return fmt.Errorf("keep what is watched: %w", err)
	}
	if len(w.Releases) > 0 {
		return nil
	}
	if err := t.exec0(`DELETE FROM release_bases WHERE repo_id = ?`, repoID); err != nil {
		return err
	}
	return t.exec0(`DELETE FROM release_glances WHERE repo_id = ?`, repoID)
}
