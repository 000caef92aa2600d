package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// confirmRelease keeps what became of a plan's actions about a release.
func (t *txn) confirmRelease(sub checks.Subject, p Posted) error {
	if sub.Kind != checks.KindRelease {
		return nil
	}
	for i, o := range p.Outcomes {
		if i >= len(p.Actions) || p.Actions[i].Kind != o.Kind {
			continue
		}
		a := p.Actions[i]
		var err error
		switch {
		case o.Kind == checks.CreateIssue && o.Error == "" && o.Number > 0:
			err = t.keepIssue(sub, int(o.Number))
		case o.Kind == checks.AnswerGate && a.Gate != nil:
			err = t.confirmGate(sub.RepoID, a.Gate, o)
		case o.Kind == checks.StartWorkflow && a.Start != nil:
			err = t.confirmStart(sub, a.Start, p.Verdict, o)
		}
		if err == nil {
			err = t.confirmReminders(sub, a.Remind, p.Verdict, o.Error == "")
		}
		if err != nil {
			return fmt.Errorf("keep what became of %s: %w", o.Kind, err)
		}
	}
	return nil
}

// GateSaid is the digest of a comment on a job that waits, by which a plan knows what
// was said last.
func GateSaid(comment string) string {
	sum := sha256.Sum256([]byte(comment))
	return hex.EncodeToString(sum[:8])
}

// confirmGate keeps what a job was told. It is answered only when GitHub has said so;
// one that waits no more is none to answer, which is no approval.
func (t *txn) confirmGate(repoID int64, g *checks.GateAnswer, o checks.Outcome) error {
	const at = ` WHERE repo_id = ? AND run = ? AND environment = ? AND answered = ''`
	switch {
	case o.Gone:
		return t.exec0(`UPDATE gates SET answered = 'gone'`+at, repoID, g.RunID, g.Environment)
	case o.Error != "":
		return nil
	case g.State == "":
		return t.exec0(`UPDATE gates SET said = ?, comments = comments + 1`+at, GateSaid(g.Comment), repoID, g.RunID, g.Environment)
	}
	return t.exec0(`UPDATE gates SET answered = ?, said = ?`+at, g.State, GateSaid(g.Comment), repoID, g.RunID, g.Environment)
}

// confirmStart keeps the run of a workflow that was started. One that GitHub did not
// start is forgotten, so that it is started again.
func (t *txn) confirmStart(sub checks.Subject, w *checks.WorkflowStart, verdict int64, o checks.Outcome) error {
	const of = ` WHERE repo_id = ? AND number = ? AND stage = ? AND candidate = ? AND workflow = ?`
	if o.Error != "" {
		return t.exec0(`DELETE FROM release_dispatches`+of+` AND verdict = ? AND run = 0`, sub.RepoID, sub.Number, w.Stage, w.Candidate, w.Workflow, verdict)
	}
	return t.exec0(`UPDATE release_dispatches SET done = 1, run = CASE WHEN ? > 0 THEN ? ELSE run END`+of, o.Number, o.Number, sub.RepoID, sub.Number, w.Stage, w.Candidate, w.Workflow)
}

// confirmReminders keeps that something was said, or forgets it so that it is said
// again.
func (t *txn) confirmReminders(sub checks.Subject, keys []string, verdict int64, said bool) error {
	for _, key := range keys {
		query := `DELETE FROM release_reminders WHERE repo_id = ? AND number = ? AND key = ? AND verdict = ?`
		if said {
			query = `UPDATE release_reminders SET done = 1 WHERE repo_id = ? AND number = ? AND key = ? AND verdict = ?`
		}
		if err := t.exec0(query, sub.RepoID, sub.Number, key, verdict); err != nil {
			return err
		}
	}
	return nil
}

// keepIssue keeps which issue is a release's tracking issue.
func (t *txn) keepIssue(sub checks.Subject, number int) error {
	if err := t.keepRelease(&sub); err != nil {
		return err
	}
	return t.exec0(`UPDATE releases SET issue = ? WHERE repo_id = ? AND number = ?`, number, sub.RepoID, sub.Number)
}

// KeepDispatched keeps how the run of a workflow that a stage has started stands. It
// fails with [ErrLost].
func (s *Store) KeepDispatched(ctx context.Context, job Job, d checks.Dispatched, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		const keep = `UPDATE release_dispatches SET run = ?, status = ?, conclusion = ? WHERE repo_id = ? AND number = ? AND stage = ? AND candidate = ? AND workflow = ?`
		return t.exec0(keep, d.RunID, d.Status, d.Conclusion, job.Subject.RepoID, job.Subject.Number, d.Stage, d.Candidate, d.Workflow)
	})
}

// VerifiedGate keeps that GitHub was asked about a job that is said to wait, and shows
// it at the commit; ok false drops it: it is none of ours. It fails with [ErrLost].
func (s *Store) VerifiedGate(ctx context.Context, job Job, g checks.Gate, ok bool, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		if !ok {
			return t.exec0(`DELETE FROM gates WHERE repo_id = ? AND run = ? AND environment = ?`, job.Subject.RepoID, g.RunID, g.Environment)
		}
		return t.exec0(`UPDATE gates SET verified = 1 WHERE repo_id = ? AND run = ? AND environment = ?`, job.Subject.RepoID, g.RunID, g.Environment)
	})
}
