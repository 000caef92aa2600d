package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Record writes a verdict and all it rests on into the log, and its state into
// the subject's row, before anything of it is written to GitHub. If it fails
// nothing may be posted. It fails with [ErrLost] when the lease has ended.
//
// Other open pull requests with the same head commit are made due when what
// they see of this one has changed.
func (s *Store) Record(ctx context.Context, job Job, r Record, now time.Time) (Entry, error) {
	var e Entry
	body, err := json.Marshal(r)
	if err != nil {
		return e, fmt.Errorf("encode record: %w", err)
	}
	source := ""
	if len(r.Causes) > 0 {
		source = r.Causes[0]
	}
	d, err := s.draft(KindVerdict, job.Subject, checks.Actor{}, source, body, now)
	if err != nil {
		return e, err
	}
	of, err := r.gist()
	if err != nil {
		return e, err
	}
	d.state = of.verdict.State.String()
	since, err := json.Marshal(sinceOf(of.verdict))
	if err != nil {
		return e, fmt.Errorf("encode since: %w", err)
	}
	info := FinishInfo{}
	if r.Release == nil {
		info = FinishInfo{Sources: r.Sources, Pull: &r.Pull}
	}
	learned, err := s.learn(info)
	if err != nil {
		return e, err
	}
	err = s.change(ctx, func(t *txn) error {
		if err := t.hold(job, of.lock, millis(now)); err != nil {
			return err
		}
		if err := t.append(d, &e); err != nil {
			return err
		}
		if err := t.keepVerdict(job.Subject, &r, of, d.seq, string(since), now); err != nil {
			return err
		}
		if err := t.markReruns(job.Subject, &r, of, d.seq); err != nil {
			return err
		}
		if r.Release != nil {
			return t.recordRelease(job, &r, d.seq, now)
		}
		if err := t.keepAnswers(job.Subject, &r, d.seq); err != nil {
			return err
		}
		return t.keepLearned(job.Subject, info, learned)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("record the verdict on %s: %w", job.Subject, err)
	}
	return e, nil
}

// gist is what a record says, of whatever it is.
type gist struct {
	verdict checks.Verdict
	at      time.Time
	head    string // commit that its check-runs are on
	lock    string // commit to hold; "" for the one that is held
	reruns  []checks.Rerun
}

func (r *Record) gist() (gist, error) {
	if (r.Release == nil) != (r.ReleaseVerdict == nil) || r.Decision != nil && r.Release == nil {
		return gist{}, errors.New("record: a release needs its snapshot and its verdict")
	}
	if r.Release != nil {
		x := r.Release
		return gist{r.ReleaseVerdict.Verdict, x.At, x.Tag.Commit, x.Tag.Commit, x.Memory.Reruns}, nil
	}
	return gist{r.Verdict, r.Pull.At, r.Pull.Head.SHA, "", r.Pull.Memory.Reruns}, nil
}

// sinceOf is, by result id, parts included, since when each has its state.
func sinceOf(v checks.Verdict) map[string]checks.Since {
	out := map[string]checks.Since{}
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			if r.ID != "" {
				out[r.ID] = checks.Since{State: r.State, At: r.Since}
			}
			walk(r.Parts)
		}
	}
	walk(v.Results)
	return out
}

// summaryOf is what siblings show of a verdict: the first thing that blocks.
func summaryOf(v checks.Verdict) string {
	for _, r := range v.Results {
		if !r.Observed && !r.State.Passes() && r.ID != checks.IDShared {
			return r.Summary
		}
	}
	return ""
}

func (t *txn) keepVerdict(s checks.Subject, r *Record, what gist, seq int64, since string, now time.Time) error {
	var own string
	var judged, observed bool
	_, err := t.row(`SELECT own_state, judged, observed FROM subjects WHERE repo_id = ? AND number = ?`,
		[]any{s.RepoID, s.Number}, &own, &judged, &observed)
	if err != nil {
		return err
	}
	v := what.verdict
	const keep = `UPDATE subjects SET judged = 1, observed = ?, state = ?, own_state = ?, summary = ?, digest = ?, since = ?,
		verdict = ?, verdict_at = ?, labelled = max(labelled, ?), reviewing = max(reviewing, ?) WHERE repo_id = ? AND number = ?`
	// A label counts as given from here on: should handrail die before it hears
	// that GitHub has set it, it knows it for its own.
	err = t.exec0(keep, flag(v.Observe), v.State.String(), v.Own.String(), summaryOf(v), r.Digest, since,
		seq, millis(what.at), flag(gives(r.Actions, checks.LabelMet)), flag(gives(r.Actions, checks.LabelSecurity)), s.RepoID, s.Number)
	if err != nil {
		return err
	}
	if s.Kind == checks.KindRelease || judged && own == v.Own.String() && observed == v.Observe {
		return nil
	}
	return t.touchSiblings(s, what.head, false, millis(now))
}

func plans(actions []checks.Action, kind checks.Kind) bool {
	for _, a := range actions {
		if a.Kind == kind {
			return true
		}
	}
	return false
}

func gives(actions []checks.Action, label string) bool {
	for _, a := range actions {
		if a.Kind == checks.AddLabel && a.Label == label {
			return true
		}
	}
	return false
}

// markReruns remembers which requests by button a plan answers.
func (t *txn) markReruns(s checks.Subject, r *Record, what gist, seq int64) error {
	if !plans(r.Actions, checks.CreateRun) {
		return nil
	}
	for _, q := range what.reruns {
		const mark = `UPDATE reruns SET verdict = ? WHERE repo_id = ? AND head = ? AND run = ? AND at = ? AND served = 0`
		if err := t.exec0(mark, seq, s.RepoID, what.head, q.Run, millis(q.At)); err != nil {
			return fmt.Errorf("mark requests: %w", err)
		}
	}
	return nil
}

// Posted writes into the log what became of the plan of the verdict seq. It
// asks for no lease: what was done was done.
func (s *Store) Posted(ctx context.Context, job Job, seq int64, plan []checks.Action, outcomes []checks.Outcome, now time.Time) error {
	return s.posted(ctx, job, Posted{Verdict: seq, Actions: plan, Outcomes: outcomes}, now)
}

// Confessed writes into the log that a pull request was told that it cannot be
// judged, and why.
func (s *Store) Confessed(ctx context.Context, job Job, why string, plan []checks.Action, outcomes []checks.Outcome, now time.Time) error {
	return s.posted(ctx, job, Posted{Why: why, Actions: plan, Outcomes: outcomes}, now)
}

func (s *Store) posted(ctx context.Context, job Job, p Posted, now time.Time) error {
	logged := p
	if p.Verdict != 0 {
		logged.Actions = nil // the verdict's entry has them
	}
	body, err := json.Marshal(logged)
	if err != nil {
		return fmt.Errorf("encode outcomes: %w", err)
	}
	source := ""
	if len(job.Causes) > 0 {
		source = job.Causes[0]
	}
	d, err := s.draft(KindPosted, job.Subject, checks.Actor{}, source, body, now)
	if err != nil {
		return err
	}
	err = s.change(ctx, func(t *txn) error {
		if err := t.append(d, &Entry{}); err != nil {
			return err
		}
		return t.confirm(job.Subject, p, now)
	})
	if err != nil {
		return fmt.Errorf("record what was posted on %s: %w", job.Subject, err)
	}
	return nil
}

// confirm keeps what outcomes mean for the next plan.
func (t *txn) confirm(s checks.Subject, p Posted, now time.Time) error {
	if err := t.confirmAnswers(s, p); err != nil {
		return err
	}
	if err := t.confirmRelease(s, p); err != nil {
		return err
	}
	failed := false
	for _, o := range p.Outcomes {
		failed = failed || o.Error != ""
		if o.Kind != checks.AddLabel && o.Kind != checks.RemoveLabel {
			continue
		}
		has := o.Kind == checks.AddLabel
		if o.Error != "" && !has {
			continue
		}
		set := `UPDATE subjects SET labelled = ? WHERE repo_id = ? AND number = ?`
		if o.Name == checks.LabelSecurity {
			set = `UPDATE subjects SET reviewing = ? WHERE repo_id = ? AND number = ?`
		}
		if err := t.exec0(set, flag(has && o.Error == ""), s.RepoID, s.Number); err != nil {
			return err
		}
		if o.Error != "" || !repairs(p.Actions, o) {
			continue
		}
		const repair = `INSERT INTO label_repairs (repo_id, number, label, at)
			SELECT repo_id, number, ?, CASE WHEN verdict_at = 0 THEN ? ELSE verdict_at END FROM subjects WHERE repo_id = ? AND number = ?`
		if err := t.exec0(repair, o.Name, millis(now), s.RepoID, s.Number); err != nil {
			return err
		}
	}
	if failed || p.Verdict == 0 {
		return nil
	}
	return t.exec0(`UPDATE reruns SET served = 1 WHERE repo_id = ? AND verdict = ?`, s.RepoID, p.Verdict)
}

func repairs(actions []checks.Action, o checks.Outcome) bool {
	for _, a := range actions {
		if a.Kind == o.Kind && a.Label == o.Name && a.Repair {
			return true
		}
	}
	return false
}
