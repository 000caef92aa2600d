package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// restful are the phases of releases of which nothing becomes by itself any more.
var restful = map[checks.Phase]bool{
	checks.PhaseReleased: true, checks.PhaseDeployed: true, checks.PhaseVoid: true, checks.PhaseSuperseded: true, checks.PhaseFailed: true,
}

// recordRelease keeps what a record of a release brings besides its verdict.
func (t *txn) recordRelease(job Job, r *Record, seq int64, now time.Time) error {
	if err := t.keepReleaseVerdict(job.Subject, r, seq); err != nil || r.Decision == nil {
		return err
	}
	return t.promote(job, r.Decision, now)
}

// keepReleaseVerdict keeps what a recorded verdict on a release means for the next: its
// phase, what counts of what people did, and what is about to be done that must not be
// done twice.
func (t *txn) keepReleaseVerdict(sub checks.Subject, r *Record, seq int64) error {
	v := r.ReleaseVerdict
	if err := t.keepRelease(&sub); err != nil {
		return err
	}
	live := !restful[v.Phase] || !v.FollowUp.IsZero() && v.FollowedUp == nil
	const keep = `UPDATE releases SET phase = ?, live = ? WHERE repo_id = ? AND number = ?`
	if err := t.exec0(keep, string(v.Phase), flag(live), sub.RepoID, sub.Number); err != nil {
		return err
	}
	if err := t.weighActs(sub, v); err != nil {
		return err
	}
	logins, err := json.Marshal(slices.Sorted(maps.Keys(r.Release.People)))
	if err != nil {
		return fmt.Errorf("encode people: %w", err)
	}
	if r.Release.People == nil {
		logins = []byte("[]")
	}
	if err := t.keepAsked(sub, string(logins), releaseTeams(r.Release)); err != nil {
		return err
	}
	if err := t.keepApprovals(sub, r, seq); err != nil {
		return err
	}
	return t.keepReleasePlan(sub, r, seq)
}

func releaseTeams(r *checks.Release) []string {
	var out []string
	for name := range r.Teams {
		out = append(out, strings.ToLower(name))
	}
	return out
}

// weighActs keeps which acts count by a verdict, and why others do not.
func (t *txn) weighActs(sub checks.Subject, v *checks.ReleaseVerdict) error {
	const none = `UPDATE release_acts SET counts = 0, counts_in = '', refused = '' WHERE repo_id = ? AND number = ? AND (counts = 1 OR refused <> '')`
	if err := t.exec0(none, sub.RepoID, sub.Number); err != nil {
		return err
	}
	counts := func(seq int64, in string) error {
		return t.exec0(`UPDATE release_acts SET counts = 1, counts_in = ? WHERE repo_id = ? AND number = ? AND seq = ?`, in, sub.RepoID, sub.Number, seq)
	}
	for _, stage := range v.Stages {
		for _, s := range stage.Signed {
			if err := counts(s.Seq, s.Stage+"/"+string(s.Role)); err != nil {
				return err
			}
		}
	}
	if p := v.Promote; p != nil {
		if err := counts(p.By.Seq, ""); err != nil {
			return err
		}
		if p.Accepted != nil {
			if err := counts(p.Accepted.Seq, ""); err != nil {
				return err
			}
		}
	}
	if v.FollowedUp != nil {
		if err := counts(v.FollowedUp.Seq, ""); err != nil {
			return err
		}
	}
	for _, f := range v.Refused {
		const refuse = `UPDATE release_acts SET refused = ? WHERE repo_id = ? AND number = ? AND seq = ?`
		if err := t.exec0(refuse, f.Why, sub.RepoID, sub.Number, f.Act.Seq); err != nil {
			return err
		}
	}
	return nil
}

// keepApprovals keeps to which environments the commit may be deployed.
func (t *txn) keepApprovals(sub checks.Subject, r *Record, seq int64) error {
	for environment, word := range r.ReleaseVerdict.Environments {
		if word.State != "approved" || r.ReleaseVerdict.Observe || r.Release.Tag.Commit == "" {
			continue
		}
		const keep = `INSERT INTO approvals (repo_id, commit_sha, environment, at, verdict) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		if err := t.exec0(keep, sub.RepoID, r.Release.Tag.Commit, environment, millis(r.Release.At), seq); err != nil {
			return fmt.Errorf("keep approval: %w", err)
		}
	}
	return nil
}

// keepReleasePlan notes what must not be done twice, before it is done: reminders, and
// workflows that are started.
func (t *txn) keepReleasePlan(sub checks.Subject, r *Record, seq int64) error {
	at := millis(r.Release.At)
	for _, a := range r.Actions {
		for _, key := range a.Remind {
			const keep = `INSERT INTO release_reminders (repo_id, number, key, at, verdict) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (repo_id, number, key) DO UPDATE SET at = excluded.at, verdict = excluded.verdict, done = 0`
			if err := t.exec0(keep, sub.RepoID, sub.Number, key, at, seq); err != nil {
				return fmt.Errorf("keep reminder: %w", err)
			}
		}
		if a.Kind != checks.StartWorkflow || a.Start == nil {
			continue
		}
		const start = `INSERT INTO release_dispatches (repo_id, number, stage, candidate, workflow, at, verdict) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, number, stage, candidate, workflow) DO UPDATE SET at = excluded.at, verdict = excluded.verdict, run = 0, status = '', conclusion = '', done = 0`
		w := a.Start
		if err := t.exec0(start, sub.RepoID, sub.Number, w.Stage, w.Candidate, w.Workflow, at, seq); err != nil {
			return fmt.Errorf("keep the workflow that is started: %w", err)
		}
	}
	return nil
}

// promote writes down the decision that a release is promoted: once for a candidate,
// and only for the one that it has.
func (t *txn) promote(job Job, d *checks.Decision, now time.Time) error {
	sub := job.Subject
	c, found, err := t.presentCandidate(sub)
	if err != nil {
		return err
	}
	if !found || c.digest != d.Digest {
		return ErrCandidate
	}
	var one int
	const same = `SELECT 1 FROM releases WHERE repo_id = ? AND number = ? AND promoted = ? AND promoted_seq >
		(SELECT seq FROM release_candidates WHERE id = ?)`
	if done, err := t.row(same, []any{sub.RepoID, sub.Number, d.Digest, c.id}, &one); err != nil || done {
		return err
	}
	var e Entry
	if err := t.log(KindReleasePromoted, sub, d.By.By, source(job), d, now, &e); err != nil {
		return err
	}
	const keep = `UPDATE releases SET promoted = ?, promoted_seq = ?, promoted_at = ?, emergency = ?, released = 0, live = 1 WHERE repo_id = ? AND number = ?`
	return t.exec0(keep, d.Digest, e.Seq, millis(now), flag(d.Emergency), sub.RepoID, sub.Number)
}

// MarkReleased writes down that a release's promotion is done, once for each. One that
// is not promoted stays as it is. It fails with [ErrLost].
func (s *Store) MarkReleased(ctx context.Context, job Job, now time.Time) error {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		sub := job.Subject
		var digest string
		var seq int64
		const read = `SELECT promoted, promoted_seq FROM releases WHERE repo_id = ? AND number = ? AND promoted <> '' AND released = 0`
		found, err := t.row(read, []any{sub.RepoID, sub.Number}, &digest, &seq)
		if err != nil || !found {
			return err
		}
		if err := t.exec0(`UPDATE releases SET released = ? WHERE repo_id = ? AND number = ?`, millis(now), sub.RepoID, sub.Number); err != nil {
			return err
		}
		return t.log(KindReleaseReleased, sub, checks.Actor{}, source(job), map[string]any{"candidate": digest, "decision": seq}, now, &Entry{})
	})
	if err != nil {
		return fmt.Errorf("mark %s as released: %w", job.Subject, err)
	}
	return nil
}
