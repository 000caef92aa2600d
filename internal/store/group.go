package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// GroupMade is a Fact: GitHub asks for checks of a merge group.
type GroupMade struct{ Name, Head string }

// GroupDestroyed is a Fact: a merge group is there no more. Nothing is posted on it
// from then on.
type GroupDestroyed struct{ Name, Head string }

func (f GroupMade) store(t *txn, d *Delivery) error {
	sub := checks.Subject{RepoID: d.Repo.ID, Kind: checks.KindGroup, Name: f.Name}
	return t.openGroup(&sub, f.Head, millis(d.ReceivedAt))
}

// store closes the group of that commit only: events come in any order, and a name
// may come again.
func (f GroupDestroyed) store(t *txn, d *Delivery) error {
	sub := checks.Subject{RepoID: d.Repo.ID, Kind: checks.KindGroup, Name: f.Name}
	if err := t.keepKind(&sub); err != nil {
		return err
	}
	return t.closeGroup(sub, f.Head)
}

// openGroup keeps that a group is there, and fills in its number.
func (t *txn) openGroup(sub *checks.Subject, head string, now int64) error {
	if err := t.keepKind(sub); err != nil {
		return err
	}
	if err := t.keepQueue(sub.RepoID); err != nil {
		return err
	}
	const keep = `INSERT INTO merge_groups (repo_id, number, head, heard) VALUES (?, ?, ?, ?)
		ON CONFLICT (repo_id, number) DO UPDATE SET head = excluded.head, heard = excluded.heard WHERE head <> excluded.head`
	if err := t.exec0(keep, sub.RepoID, sub.Number, head, now); err != nil {
		return fmt.Errorf("keep %s: %w", sub, err)
	}
	return t.exec0(`UPDATE subjects SET head = ? WHERE repo_id = ? AND number = ?`, head, sub.RepoID, sub.Number)
}

func (t *txn) closeGroup(sub checks.Subject, head string) error {
	for _, drop := range []string{
		`DELETE FROM group_members WHERE repo_id = ?1 AND number = ?2
			AND EXISTS (SELECT 1 FROM merge_groups WHERE repo_id = ?1 AND number = ?2 AND head = ?3)`,
		`DELETE FROM merge_groups WHERE repo_id = ?1 AND number = ?2 AND head = ?3`,
	} {
		if err := t.exec0(drop, sub.RepoID, sub.Number, head); err != nil {
			return fmt.Errorf("close %s: %w", sub, err)
		}
	}
	return nil
}

// keepQueue keeps that a repository has a merge queue.
func (t *txn) keepQueue(repoID int64) error {
	if err := t.exec0(`INSERT INTO merge_queues (repo_id) VALUES (?) ON CONFLICT DO NOTHING`, repoID); err != nil {
		return fmt.Errorf("keep that repository %d has a merge queue: %w", repoID, err)
	}
	return nil
}

// touchGroups makes due the groups that a pull request is in, which are judged by
// what it is.
func (t *txn) touchGroups(s checks.Subject, cause string, due, now int64) error {
	if s.Kind != "" {
		return nil
	}
	var groups []checks.Subject
	err := t.rows(subjectColumns+`JOIN group_members g ON g.repo_id = s.repo_id AND g.number = s.number WHERE g.repo_id = ? AND g.member = ?`,
		[]any{s.RepoID, s.Number}, func(scan func(...any) error) error {
			var g checks.Subject
			err := scanSubject(scan, &g)
			groups = append(groups, g)
			return err
		})
	if err != nil {
		return fmt.Errorf("find the merge groups of %s: %w", s, err)
	}
	for _, g := range groups {
		if err := t.touch(g, cause, due, now); err != nil {
			return err
		}
	}
	return nil
}

// OpenGroup is what is known of a merge group that is there.
type OpenGroup struct {
	Head  string
	Heard time.Time // when it was first heard of; our clock
	// Reruns are requests, by button, to make its check-runs anew.
	Reruns []checks.Rerun
	// Enforced says that the last recorded verdict on a pull request in it, or on
	// the one that it is named after, was not for information only.
	Enforced bool
}

// OpenGroup says whether a merge group is there as far as is known.
func (s *Store) OpenGroup(ctx context.Context, sub checks.Subject) (g OpenGroup, open bool, err error) {
	var heard int64
	const read = `SELECT g.head, g.heard, EXISTS (SELECT 1 FROM subjects s WHERE s.repo_id = g.repo_id AND s.judged = 1 AND s.observed = 0
			AND (s.number = ?3 OR s.number IN (SELECT m.member FROM group_members m WHERE m.repo_id = g.repo_id AND m.number = g.number)))
		FROM merge_groups g WHERE g.repo_id = ?1 AND g.number = ?2`
	err = s.read.QueryRowContext(ctx, read, sub.RepoID, sub.Number, checks.GroupPull(sub.Name)).Scan(&g.Head, &heard, &g.Enforced)
	if none(err) {
		return g, false, nil
	}
	if err == nil {
		pull := checks.Pull{Head: checks.Ref{SHA: g.Head}}
		r := recall{s: s, ctx: ctx, sub: sub, pull: &pull}
		err = r.reruns()
		g.Heard, g.Reruns = moment(heard), pull.Memory.Reruns
	}
	if err != nil {
		return g, false, fmt.Errorf("recall %s: %w", sub, err)
	}
	return g, true, nil
}

// KeepGroup keeps where a merge group is and what is in it, before its members are
// looked at: what happens to them from then on makes it due again. It says false,
// and keeps nothing, when an event has told meanwhile that the group is there no
// more. It fails with [ErrLost] when the lease has ended.
func (s *Store) KeepGroup(ctx context.Context, job Job, head string, members []int, now time.Time) (open bool, err error) {
	err = s.change(ctx, func(t *txn) error {
		if err := t.hold(job, head, millis(now)); err != nil {
			return err
		}
		sub := job.Subject
		var one int
		var err error
		open, err = t.row(`SELECT 1 FROM merge_groups WHERE repo_id = ? AND number = ?`, []any{sub.RepoID, sub.Number}, &one)
		if err != nil || !open {
			return err
		}
		if err := t.openGroup(&sub, head, millis(now)); err != nil {
			return err
		}
		if err := t.exec0(`DELETE FROM group_members WHERE repo_id = ? AND number = ?`, sub.RepoID, sub.Number); err != nil {
			return fmt.Errorf("keep the members of %s: %w", sub, err)
		}
		for _, n := range members {
			if err := t.keepSubject(sub.RepoID, n); err != nil {
				return err
			}
			const keep = `INSERT INTO group_members (repo_id, member, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
			if err := t.exec0(keep, sub.RepoID, n, sub.Number); err != nil {
				return fmt.Errorf("keep the members of %s: %w", sub, err)
			}
		}
		return nil
	})
	return open, err
}

// CloseGroup keeps that a merge group is there no more.
func (s *Store) CloseGroup(ctx context.Context, job Job, head string, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		return t.closeGroup(job.Subject, head)
	})
}

// ObserveMember is [Store.Observe] of a pull request that is read as a member of a
// job's merge group. Nothing is written to it, so its own lease is not needed.
func (s *Store) ObserveMember(ctx context.Context, job Job, member checks.Subject, pull *checks.Pull, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		err := t.moving(member.RepoID, member.Number, millis(now), func() error { return t.observe(member, pull) })
		if err != nil {
			return fmt.Errorf("keep the reading of %s: %w", member, err)
		}
		return nil
	})
}

// Updated is the newest of GitHub's updated_at that an event, a sweep or a reading
// has told of a pull request; zero when none has.
func (s *Store) Updated(ctx context.Context, sub checks.Subject) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, `SELECT updated_at FROM subjects WHERE repo_id = ? AND number = ?`, sub.RepoID, sub.Number).Scan(&at)
	if err != nil && !none(err) {
		return time.Time{}, fmt.Errorf("look up %s: %w", sub, err)
	}
	return moment(at), nil
}

// HasQueue says whether a repository has, or had, a merge queue as far as is known.
func (s *Store) HasQueue(ctx context.Context, repoID int64) (bool, error) {
	var one int
	err := s.read.QueryRowContext(ctx, `SELECT 1 FROM merge_queues WHERE repo_id = ?`, repoID).Scan(&one)
	if none(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a merge queue: %w", err)
	}
	return true, nil
}

// FoundGroups makes due what a sweep has found of a repository's merge groups: those
// that no event told of, and those that are there no more. It says how many.
func (s *Store) FoundGroups(ctx context.Context, installation int64, repo checks.Repo, found []checks.GroupGlance, now time.Time) (due int, err error) {
	err = s.change(ctx, func(t *txn) error {
		due = 0
		if err := t.keepRepo(repo, installation); err != nil {
			return err
		}
		known, err := t.openGroups(repo.ID)
		if err != nil {
			return err
		}
		for _, g := range found {
			head, open := known[g.Name]
			delete(known, g.Name)
			if open && head == g.Head {
				continue
			}
			sub := checks.Subject{Installation: installation, RepoID: repo.ID, Owner: repo.Owner, Repo: repo.Name, Kind: checks.KindGroup, Name: g.Name}
			if err := t.openGroup(&sub, g.Head, millis(now)); err != nil {
				return err
			}
			known[g.Name] = g.Head
		}
		due = len(known)
		return t.touchNamed(installation, repo, known, millis(now))
	})
	return due, err
}

// openGroups are the heads of a repository's groups by their names.
func (t *txn) openGroups(repoID int64) (map[string]string, error) {
	out := map[string]string{}
	err := t.rows(`SELECT k.name, g.head FROM merge_groups g JOIN subject_kinds k ON k.repo_id = g.repo_id AND k.number = g.number WHERE g.repo_id = ?`,
		[]any{repoID}, func(scan func(...any) error) error {
			var name, head string
			err := scan(&name, &head)
			out[name] = head
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list merge groups: %w", err)
	}
	return out, nil
}

func (t *txn) touchNamed(installation int64, repo checks.Repo, groups map[string]string, now int64) error {
	for name := range groups {
		sub := checks.Subject{Installation: installation, RepoID: repo.ID, Owner: repo.Owner, Repo: repo.Name, Kind: checks.KindGroup, Name: name}
		if err := t.keepKind(&sub); err != nil {
			return err
		}
		if err := t.touch(sub, "sweep", now, now); err != nil {
			return err
		}
	}
	return nil
}
