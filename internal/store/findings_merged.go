package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// verdictsSearched is how many of a pull request's newest verdicts are looked
// through for the one that held when it was merged.
const verdictsSearched = 100

// Merge is the body of a log entry of kind "merged". It is a format: fields are only
// ever added.
type Merge struct {
	At     time.Time    `json:"at"` // GitHub's clock
	By     checks.Actor `json:"by"`
	Head   string       `json:"head"`
	Base   string       `json:"base"` // name of the branch
	Commit string       `json:"commit,omitzero"`
	// Compliant: it was met when it was merged. How says by what that is known, in
	// one sentence.
	Compliant bool   `json:"compliant"`
	How       string `json:"how"`
	// Enforced: the policy did more than observe.
	Enforced bool `json:"enforced"`
	// Verdict is the log entry of the last verdict on this head and base from before
	// the merge, 0 where there is none.
	Verdict int64 `json:"verdict,omitzero"`
	// Judged is what was judged afterwards, about the moment of the merge, where no
	// recorded verdict tells.
	Judged *Record `json:"judged,omitzero"`
}

// Merged is what is known of a pull request that was merged.
type Merged struct {
	Verdict  int64 // the log entry of the verdict that held, or that was judged afterwards; 0 for none
	Enforced bool
	// Followed: somebody has looked at what was merged in an emergency, on record.
	Followed bool
}

// Merged says whether a pull request's merge was looked at already.
func (s *Store) Merged(ctx context.Context, sub checks.Subject) (m Merged, found bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT verdict, enforced, followed FROM merged_pulls WHERE repo_id = ? AND number = ?`, sub.RepoID, sub.Number).
		Scan(&m.Verdict, &m.Enforced, &m.Followed)
	if none(err) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("look for the merge of %s: %w", sub, err)
	}
	return m, true, nil
}

// RecordMerge writes down that a pull request was merged, and opens the finding that
// follows from it, if any: once, however often it is called. opened is the finding's
// number, 0 when none was opened. It fails with [ErrLost].
func (s *Store) RecordMerge(ctx context.Context, job Job, m Merge, finding *Opening, now time.Time) (opened int64, err error) {
	body, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("encode merge: %w", err)
	}
	d, err := s.draft(KindMerged, job.Subject, m.By, source(job), body, now)
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, func(t *txn) error {
		opened = 0
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		state, err := t.stateAt(&m)
		if err != nil {
			return err
		}
		const keep = `INSERT INTO merged_pulls (repo_id, number, merged_at, seq, verdict, enforced, compliant, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		n, err := t.exec(keep, job.Subject.RepoID, job.Subject.Number, millis(m.At), t.tree.size+1, m.Verdict, flag(m.Enforced), flag(m.Compliant), state)
		if err != nil || n == 0 {
			return err
		}
		if err := t.append(d, &Entry{}); err != nil {
			return err
		}
		seq := m.Verdict
		if m.Judged != nil {
			seq = d.seq
		}
		const number = `UPDATE merged_pulls SET seq = ?, verdict = ? WHERE repo_id = ? AND number = ?`
		if err := t.exec0(number, d.seq, seq, job.Subject.RepoID, job.Subject.Number); err != nil {
			return err
		}
		if err := t.touchBringing(job.Subject, millis(now)); err != nil {
			return err
		}
		if finding != nil {
			opened, err = t.open(job.Subject, *finding, now)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("record the merge of %s: %w", job.Subject, err)
	}
	return opened, nil
}

// stateAt is the state that a pull request had when it was merged; "" where nothing
// tells.
func (t *txn) stateAt(m *Merge) (state string, err error) {
	if m.Judged != nil {
		return m.Judged.Verdict.Own.String(), nil
	}
	_, err = t.row(`SELECT state FROM entry_states WHERE seq = ?`, []any{m.Verdict}, &state)
	return state, err
}

// source is what an entry that a job makes says of its cause.
func source(job Job) string {
	if len(job.Causes) == 0 {
		return ""
	}
	return job.Causes[0]
}

// OpenFinding opens a finding unless it was opened before. opened is its number, 0
// when it is not new. It fails with [ErrLost].
func (s *Store) OpenFinding(ctx context.Context, job Job, o Opening, now time.Time) (opened int64, err error) {
	err = s.change(ctx, func(t *txn) error {
		opened = 0
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		opened, err = t.open(job.Subject, o, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("open a finding about %s: %w", job.Subject, err)
	}
	return opened, nil
}

// FollowedUp writes down that somebody has looked at what was merged in an
// emergency, and closes the finding that nobody had. It fails with [ErrLost].
func (s *Store) FollowedUp(ctx context.Context, job Job, by checks.Actor, now time.Time) error {
	body, err := json.Marshal(map[string]any{"follow_up": true})
	if err != nil {
		return err
	}
	d, err := s.draft(KindWaiver, job.Subject, by, source(job), body, now)
	if err != nil {
		return err
	}
	err = s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		n, err := t.exec(`UPDATE merged_pulls SET followed = 1 WHERE repo_id = ? AND number = ? AND followed = 0`, job.Subject.RepoID, job.Subject.Number)
		if err != nil || n == 0 {
			return err
		}
		if err := t.append(d, &Entry{}); err != nil {
			return err
		}
		var id int64
		found, err := t.row(`SELECT id FROM findings WHERE repo_id = ? AND subject = ? AND kind = ? AND closed = 0`,
			[]any{job.Subject.RepoID, subjectName(job.Subject), string(FindingUnchecked)}, &id)
		if err != nil || !found {
			return err
		}
		return t.close(Closing{ID: id, By: by, Reason: "followed up on the pull request", Source: source(job)}, now)
	})
	if err != nil {
		return fmt.Errorf("record the follow-up of %s: %w", job.Subject, err)
	}
	return nil
}

// VerdictAt is the last recorded verdict on a head and base branch that was read at
// or before a moment (GitHub's clock), with its number.
func (s *Store) VerdictAt(ctx context.Context, sub checks.Subject, head, base string, at time.Time) (r Record, seq int64, found bool, err error) {
	rows, err := s.entries(ctx, `WHERE e.repo_id = ? AND e.subject = ? AND e.kind = ? ORDER BY e.seq DESC LIMIT ?`,
		sub.RepoID, subjectName(sub), string(KindVerdict), verdictsSearched)
	if err != nil {
		return r, 0, false, err
	}
	for _, e := range rows {
		r, found, err := s.recordOf(ctx, e.Seq)
		if err != nil {
			return r, 0, false, err
		}
		if found && r.Pull.Head.SHA == head && r.Pull.Base.Name == base && !r.Pull.At.After(at) {
			return r, e.Seq, true, nil
		}
	}
	return Record{}, 0, false, nil
}

// HeldAt is the record of what held when a pull request was merged: of a verdict, or
// of what was judged afterwards.
func (s *Store) HeldAt(ctx context.Context, seq int64) (Record, bool, error) {
	return s.recordOf(ctx, seq)
}

// recordOf is the record of an entry; found is false for one that was expunged or
// that this version cannot read.
func (s *Store) recordOf(ctx context.Context, seq int64) (r Record, found bool, err error) {
	row, body, err := s.Entry(ctx, seq)
	if err != nil || body == nil {
		return r, false, err
	}
	if row.Kind == KindMerged {
		var m Merge
		if json.Unmarshal(body, &m) != nil || m.Judged == nil {
			return r, false, nil
		}
		return *m.Judged, true, nil
	}
	return r, json.Unmarshal(body, &r) == nil, nil
}
