package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// actKinds are the kinds of the log entries that acts are. An entry says that somebody
// did something; whether it counts, the verdicts say.
var actKinds = map[checks.ActKind]Kind{
	checks.ActSign: KindSigned, checks.ActRevoke: KindRevoked, checks.ActReject: KindRejected, checks.ActAccept: KindAccepted,
	checks.ActPromote: KindReleaseAsked, checks.ActEmergency: KindReleaseEmergency, checks.ActFollowUp: KindReleaseFollowUp,
	checks.ActFail: KindReleaseFailed, checks.ActRollBack: KindReleaseRollBack,
}

// KeepActs keeps acts that were heard, each once, with a log entry of its own, and that
// comments which were heard before are edited. It gives all acts of the release, the
// oldest first. It fails with [ErrLost].
func (s *Store) KeepActs(ctx context.Context, job Job, acts []checks.Act, now time.Time) ([]checks.Act, error) {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		sub := job.Subject
		if err := t.keepRelease(&sub); err != nil {
			return err
		}
		for _, a := range acts {
			if _, err := t.keepAct(sub, a, source(job), now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep what people did about %s: %w", job.Subject, err)
	}
	return s.acts(ctx, job.Subject)
}

// Act keeps what somebody did about a release by the command line or the interface, and
// makes the release due. With a Ref the same act is kept once. It fails with
// [ErrUnknown] for a release that nobody has looked at.
func (s *Store) Act(ctx context.Context, sub checks.Subject, a checks.Act, source string, now time.Time) (checks.Act, error) {
	err := s.change(ctx, func(t *txn) error {
		found, err := t.row(`SELECT number FROM releases WHERE repo_id = ? AND tag = ?`, []any{sub.RepoID, sub.Name}, &sub.Number)
		if err != nil {
			return err
		}
		if !found {
			return ErrUnknown
		}
		if a, err = t.keepAct(sub, a, source, now); err != nil {
			return err
		}
		return t.touch(sub, source, millis(now), millis(now))
	})
	if err != nil {
		return checks.Act{}, fmt.Errorf("keep what was done about %s: %w", sub, err)
	}
	return a, nil
}

// keepAct keeps one act, and gives it its number. One that came by a comment or button
// which is known is the same.
func (t *txn) keepAct(sub checks.Subject, a checks.Act, source string, now time.Time) (checks.Act, error) {
	kind, ok := actKinds[a.Kind]
	if !ok {
		return a, fmt.Errorf("%q is nothing that people do about a release", a.Kind)
	}
	if seq, known, err := t.knownAct(sub, a, source, now); err != nil || known {
		a.Seq = seq
		return a, err
	}
	a.Seq, a.At = 0, moment(millis(a.At))
	var e Entry
	if err := t.log(kind, sub, a.By, source, a, now, &e); err != nil {
		return a, err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return a, fmt.Errorf("encode act: %w", err)
	}
	a.Seq = e.Seq
	const keep = `INSERT INTO release_acts (seq, repo_id, number, kind, role, stage, by_login, at, via, ref, act, edited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	err = t.exec0(keep, a.Seq, sub.RepoID, sub.Number, string(a.Kind), string(a.Role), a.Stage, a.By.Login, millis(a.At), a.Via, a.Ref, string(text), flag(a.Edited))
	if err != nil {
		return a, fmt.Errorf("keep act: %w", err)
	}
	return a, nil
}

// knownAct finds an act that was kept before. That its comment is edited by now is
// written down: it counts for nothing from then on, whatever it says.
func (t *txn) knownAct(sub checks.Subject, a checks.Act, source string, now time.Time) (seq int64, known bool, err error) {
	if a.Ref == "" {
		return a.Seq, a.Seq != 0, nil
	}
	if a.Seq != 0 {
		const numbered = `SELECT seq FROM release_acts WHERE repo_id = ? AND number = ? AND seq = ?`
		known, err = t.row(numbered, []any{sub.RepoID, sub.Number, a.Seq}, &seq)
	} else {
		const same = `SELECT seq FROM release_acts WHERE repo_id = ? AND number = ? AND via = ? AND ref = ? AND kind = ? AND role = ? AND stage = ?
			AND lower(by_login) = lower(?) AND at = ?`
		known, err = t.row(same, []any{sub.RepoID, sub.Number, a.Via, a.Ref, string(a.Kind), string(a.Role), a.Stage, a.By.Login, millis(a.At)}, &seq)
	}
	if err != nil || !known || !a.Edited {
		return seq, known, err
	}
	n, err := t.exec(`UPDATE release_acts SET edited = 1 WHERE seq = ? AND edited = 0`, seq)
	if err != nil || n == 0 {
		return seq, true, err
	}
	what := map[string]any{"act": seq, "kind": a.Kind, "ref": a.Ref}
	return seq, true, t.log(KindActEdited, sub, checks.Actor{}, source, what, now, &Entry{})
}

// scanAct reads an act from the columns seq, act, edited.
func scanAct(scan func(...any) error, more ...any) (checks.Act, error) {
	var a checks.Act
	var seq int64
	var text string
	var edited bool
	err := scan(append([]any{&seq, &text, &edited}, more...)...)
	if err == nil {
		err = json.Unmarshal([]byte(text), &a)
	}
	a.Seq, a.Edited = seq, edited
	return a, err
}

// acts are all acts of a release, the oldest first.
func (s *Store) acts(ctx context.Context, sub checks.Subject) ([]checks.Act, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT seq, act, edited FROM release_acts WHERE repo_id = ? AND number = ? ORDER BY seq`, sub.RepoID, sub.Number)
	if err != nil {
		return nil, fmt.Errorf("list acts: %w", err)
	}
	var out []checks.Act
	err = eachRow(rows, func(scan func(...any) error) error {
		a, err := scanAct(scan)
		out = append(out, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list acts: %w", err)
	}
	return out, nil
}
