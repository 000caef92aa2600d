package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// FindingKind says what a finding is of.
type FindingKind string

// The kinds of finding.
const (
	FindingBypass    FindingKind = "bypass"           // merged while not met
	FindingPush      FindingKind = "direct_push"      // commits that no merged pull request explains
	FindingForce     FindingKind = "force_push"       // a protected branch lost commits
	FindingDeleted   FindingKind = "branch_deleted"   // a protected branch is gone
	FindingDrift     FindingKind = "protection_drift" // the check is not required any more
	FindingTag       FindingKind = "tag_moved"        // a tag was moved, deleted or made off the branch
	FindingUnchecked FindingKind = "follow_up"        // nobody has looked at what was merged or released in an emergency

	FindingRelease    FindingKind = "unapproved_release"    // it was published by hand before it was approved
	FindingDeployment FindingKind = "unapproved_deployment" // a guarded environment has a commit that was not approved
)

// FindingKinds are all of them, in the order in which people read them.
var FindingKinds = []FindingKind{
	FindingBypass, FindingPush, FindingForce, FindingDeleted, FindingDrift, FindingTag, FindingUnchecked, FindingRelease, FindingDeployment,
}

// entryKind is the kind of the log entry that opens a finding.
func (k FindingKind) entryKind() Kind {
	switch k {
	case FindingBypass, FindingRelease:
		return KindBypass
	case FindingDrift:
		return KindProtection
	case FindingUnchecked:
		return KindWaiver
	case FindingDeployment:
		return KindDeployment
	}
	return KindRefMoved
}

// Finding is something that was found after the fact. It stays open until a named
// person closes it with a reason.
type Finding struct {
	ID      int64         `json:"id"`
	Kind    FindingKind   `json:"kind"`
	RepoID  int64         `json:"repo_id"`
	Repo    string        `json:"repo"`    // owner/name as it is called now
	Subject string        `json:"subject"` // as the log calls it: pull/7, branch/main, tags/tags, release/v1
	Detail  FindingDetail `json:"detail"`
	Opened  time.Time     `json:"opened"`     // our clock
	Entry   int64         `json:"opened_seq"` // the log entry that opened it
	// Closed is when, by our clock; zero while it is open. ClosedEntry is the log
	// entry, By who closed it and Reason why.
	Closed      time.Time `json:"closed,omitzero"`
	ClosedEntry int64     `json:"closed_seq,omitzero"`
	By          string    `json:"closed_by,omitzero"`
	Reason      string    `json:"reason,omitzero"`
}

// FindingDetail is what a finding says. It is a format: fields are only ever added.
type FindingDetail struct {
	// What is found, in one sentence for somebody who was not there.
	What string `json:"what"`
	// By did it; empty where nobody knows, since no event has told of it.
	By checks.Actor `json:"by,omitzero"`
	// At is when, by GitHub's clock; of what only a sweep has found, when it was
	// found.
	At     time.Time `json:"at,omitzero"`
	Branch string    `json:"branch,omitzero"`
	Tag    string    `json:"tag,omitzero"`
	Pull   int       `json:"pull,omitzero"`
	Before string    `json:"before,omitzero"` // commit
	After  string    `json:"after,omitzero"`  // commit
	// Commits that nothing explains, newest first. More says that there are others.
	Commits []string `json:"commits,omitzero"`
	More    bool     `json:"more,omitzero"`
	// Verdict is the log entry of the verdict that held, 0 where there is none, and
	// State what it was. Missing is what it says is missing.
	Verdict int64    `json:"verdict,omitzero"`
	State   string   `json:"state,omitzero"`
	Missing []string `json:"missing,omitzero"`
	// Late says that no event had told of it when it was found.
	Late bool `json:"late,omitzero"`
}

// Opening is a finding that is about to be opened.
type Opening struct {
	Kind FindingKind
	// Fact is what it is about: of one kind and repository, the same fact is the same
	// finding, however often it is found and also after it was closed.
	Fact   string
	Detail FindingDetail
	Source string // delivery GUID, "sweep" or "timer"
	// Past: an event told of it so late that what came after it was looked at before.
	// A finding of the same kind about the same branch of which no event has told is
	// the same one then.
	Past bool
}

// ErrNoFinding says that there is no finding of that number, or none that is open.
var ErrNoFinding = errors.New("there is no open finding of that number")

// open opens a finding unless it was opened before; id is 0 then.
func (t *txn) open(sub checks.Subject, o Opening, now time.Time) (id int64, err error) {
	var have int64
	found, err := t.row(`SELECT id FROM findings WHERE repo_id = ? AND kind = ? AND fact = ?`, []any{sub.RepoID, string(o.Kind), o.Fact}, &have)
	if err != nil || found {
		return 0, err
	}
	if known, err := t.knows(sub, &o); err != nil || known {
		return 0, err
	}
	detail, err := json.Marshal(o.Detail)
	if err != nil {
		return 0, fmt.Errorf("encode finding: %w", err)
	}
	if _, err := t.row(`SELECT coalesce(max(id), 0) + 1 FROM findings`, nil, &id); err != nil {
		return 0, err
	}
	body, err := json.Marshal(findingEntry{Finding: id, Kind: o.Kind, Detail: &o.Detail})
	if err != nil {
		return 0, fmt.Errorf("encode finding: %w", err)
	}
	d, err := t.s.draft(o.Kind.entryKind(), sub, o.Detail.By, o.Source, body, now)
	if err != nil {
		return 0, err
	}
	if err := t.append(d, &Entry{}); err != nil {
		return 0, err
	}
	const add = `INSERT INTO findings (id, repo_id, kind, subject, fact, detail, unheard, after_sha, opened, opened_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	err = t.exec0(add, id, sub.RepoID, string(o.Kind), subjectName(sub), o.Fact, string(detail), flag(o.Detail.Late), o.Detail.After, millis(now), d.seq)
	if err != nil {
		return 0, fmt.Errorf("open finding: %w", err)
	}
	for _, sha := range o.Detail.Commits {
		const keep = `INSERT INTO finding_commits (repo_id, branch, sha, finding) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
		if err := t.exec0(keep, sub.RepoID, o.Detail.Branch, sha, id); err != nil {
			return 0, fmt.Errorf("keep a finding's commits: %w", err)
		}
	}
	return id, nil
}

// knows says whether there is a finding about the same already, by whichever way it
// was found. Of commits, those that another finding is about are left out.
func (t *txn) knows(sub checks.Subject, o *Opening) (bool, error) {
	if o.Past {
		var id int64
		const same = `SELECT id FROM findings WHERE repo_id = ? AND kind = ? AND subject = ? AND unheard = 1 ORDER BY id LIMIT 1`
		found, err := t.row(same, []any{sub.RepoID, string(o.Kind), subjectName(sub)}, &id)
		if err != nil || found {
			return found, errors.Join(err, t.exec0(`UPDATE findings SET unheard = 0 WHERE id = ?`, id))
		}
	}
	if o.Kind != FindingPush {
		return false, nil
	}
	var left []string
	for _, sha := range o.Detail.Commits {
		var one int
		known, err := t.row(`SELECT 1 FROM finding_commits WHERE repo_id = ? AND branch = ? AND sha = ?`, []any{sub.RepoID, o.Detail.Branch, sha}, &one)
		if err != nil {
			return false, err
		}
		if !known {
			left = append(left, sha)
		}
	}
	o.Detail.Commits = left
	return len(left) == 0 && !o.Detail.More, nil
}

// findingEntry is the body of the log entries that open and close a finding.
type findingEntry struct {
	Finding int64          `json:"finding"`
	Kind    FindingKind    `json:"kind"`
	Detail  *FindingDetail `json:"detail,omitzero"`
	Closed  bool           `json:"closed,omitzero"`
	Reason  string         `json:"reason,omitzero"`
}

// Closing says who closes a finding, and why; both are required.
type Closing struct {
	ID     int64
	By     checks.Actor
	Reason string
	Source string // "command", or a comment's "comment/ID"
	// Subject, if set, is what the finding must be about.
	Subject checks.Subject
}

// CloseFinding closes an open finding, on record. It fails with [ErrNoFinding].
func (s *Store) CloseFinding(ctx context.Context, c Closing, now time.Time) (Finding, error) {
	c.By.Login, c.Reason = strings.TrimSpace(c.By.Login), strings.TrimSpace(c.Reason)
	if c.By.Login == "" || c.Reason == "" {
		return Finding{}, errors.New("close finding: who closes it, and why, must be said")
	}
	err := s.change(ctx, func(t *txn) error { return t.close(c, now) })
	if err != nil {
		return Finding{}, fmt.Errorf("close finding %d: %w", c.ID, err)
	}
	return s.Finding(ctx, c.ID)
}

func (t *txn) close(c Closing, now time.Time) error {
	var kind FindingKind
	var repo int64
	var subject string
	found, err := t.row(`SELECT kind, repo_id, subject FROM findings WHERE id = ? AND closed = 0`, []any{c.ID}, &kind, &repo, &subject)
	if err != nil {
		return err
	}
	if !found || c.Subject.RepoID != 0 && (c.Subject.RepoID != repo || subjectName(c.Subject) != subject) {
		return ErrNoFinding
	}
	body, err := json.Marshal(findingEntry{Finding: c.ID, Kind: kind, Closed: true, Reason: c.Reason})
	if err != nil {
		return fmt.Errorf("encode reason: %w", err)
	}
	d, err := t.s.draft(kind.entryKind(), checks.Subject{RepoID: repo}, c.By, c.Source, body, now)
	if err != nil {
		return err
	}
	d.subject = subject
	if err := t.append(d, &Entry{}); err != nil {
		return err
	}
	return t.exec0(`UPDATE findings SET closed = ?, closed_seq = ?, closed_by = ?, reason = ? WHERE id = ?`,
		millis(now), d.seq, c.By.Login, c.Reason, c.ID)
}
