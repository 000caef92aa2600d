package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ErrNoEvidence says that nothing was recorded of what a release brings.
var ErrNoEvidence = errors.New("what the release brings is not on record yet")

// EvidenceEntry is the body of a log entry of kind release.evidence: what a release
// brings, with the whole list. It is a format: fields are only ever added.
type EvidenceEntry struct {
	Evidence checks.ReleaseEvidence `json:"evidence"`
	Brought  []checks.Brought       `json:"brought"`
}

// presentEvidence reads the entry of what a release brings, by its digest, and whether it
// has brought nothing else since.
const presentEvidence = `SELECT e.seq, NOT EXISTS (SELECT 1 FROM release_evidence o WHERE o.repo_id = e.repo_id AND o.number = e.number
		AND o.digest <> e.digest AND o.at >= e.at)
	FROM release_evidence e WHERE e.repo_id = ? AND e.number = ? AND e.digest = ?`

// KeepEvidence writes what a release brings into the log, with the whole list: once for
// a digest, however often it is called. seq is the entry that holds it. Since is when it
// was read; now where that is not set. It fails with [ErrLost].
func (s *Store) KeepEvidence(ctx context.Context, job Job, e checks.ReleaseEvidence, brought []checks.Brought, now time.Time) (seq int64, err error) {
	if e.Digest == "" {
		return 0, fmt.Errorf("keep what %s brings: it has no digest", job.Subject)
	}
	// Most looks bring nothing new, and the list may be a megabyte.
	var present bool
	err = s.read.QueryRowContext(ctx, presentEvidence, job.Subject.RepoID, job.Subject.Number, e.Digest).Scan(&seq, &present)
	switch {
	case present:
		return seq, nil
	case err != nil && !none(err):
		return 0, fmt.Errorf("look for what %s brings: %w", job.Subject, err)
	}
	if e.Seq = 0; e.Since.IsZero() {
		e.Since = now
	}
	body, err := json.Marshal(EvidenceEntry{e, brought})
	if err != nil {
		return 0, fmt.Errorf("encode evidence: %w", err)
	}
	d, err := s.draft(KindReleaseEvidence, job.Subject, checks.Actor{}, source(job), body, now)
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		sub := job.Subject
		if err := t.keepRelease(&sub); err != nil {
			return err
		}
		known, err := t.row(presentEvidence, []any{sub.RepoID, sub.Number, e.Digest}, &seq, &present)
		if err != nil || known && present {
			return err
		}
		if !known {
			if err := t.append(d, &Entry{}); err != nil {
				return err
			}
			seq = d.seq
			const keep = `INSERT INTO release_evidence (repo_id, number, digest, seq, at) VALUES (?, ?, ?, ?, ?)`
			if err := t.exec0(keep, sub.RepoID, sub.Number, e.Digest, seq, millis(e.Since)); err != nil {
				return err
			}
		}
		// What was brought before may be brought again: it is there since then, and counts.
		if err := t.exec0(`UPDATE release_evidence SET at = ? WHERE repo_id = ? AND number = ? AND digest = ?`, millis(e.Since), sub.RepoID, sub.Number, e.Digest); err != nil {
			return err
		}
		return t.keepBrought(sub, brought)
	})
	if err != nil {
		return 0, fmt.Errorf("keep what %s brings: %w", job.Subject, err)
	}
	return seq, nil
}

// EvidenceSince is since when a release brings what a digest stands for, without having
// brought something else in between; zero where that is not on record.
func (s *Store) EvidenceSince(ctx context.Context, sub checks.Subject, digest string) (time.Time, error) {
	var at int64
	const read = `SELECT at FROM release_evidence WHERE repo_id = ? AND number = ? AND digest = ?`
	if err := s.read.QueryRowContext(ctx, read, sub.RepoID, sub.Number, digest).Scan(&at); err != nil && !none(err) {
		return time.Time{}, fmt.Errorf("look since when %s brings what it does: %w", sub, err)
	}
	return moment(at), nil
}

func (t *txn) keepBrought(sub checks.Subject, brought []checks.Brought) error {
	if err := t.exec0(`DELETE FROM release_pulls WHERE repo_id = ? AND number = ?`, sub.RepoID, sub.Number); err != nil {
		return err
	}
	for _, b := range brought {
		if b.Number == 0 {
			continue
		}
		const keep = `INSERT INTO release_pulls (repo_id, pull, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
		if err := t.exec0(keep, sub.RepoID, b.Number, sub.Number); err != nil {
			return err
		}
	}
	return nil
}

// touchBringing makes due the releases that bring a pull request and of which something
// may still become: what is on record of it has changed.
func (t *txn) touchBringing(sub checks.Subject, now int64) error {
	subs, err := t.subjects(`JOIN release_pulls p ON p.repo_id = s.repo_id AND p.number = s.number
		JOIN releases x ON x.repo_id = s.repo_id AND x.number = s.number AND x.live = 1
		WHERE p.repo_id = ? AND p.pull = ? AND r.gone = 0`, sub.RepoID, sub.Number)
	if err != nil {
		return err
	}
	return t.touchAll(subs, subjectName(sub), now, now)
}

// BroughtFilter chooses of what a release brings. Zero fields choose all.
type BroughtFilter struct {
	Odd   bool // only what is not met
	State checks.EvidenceState
	Any   bool // State says which ones; without it it says nothing
}

// BroughtIn is what a release brings, as it was recorded last: of a promoted one what
// was recorded when it was promoted. seq is the log entry. It fails with [ErrUnknown],
// [ErrNoEvidence] or [ErrExpunged].
func (s *Store) BroughtIn(ctx context.Context, repo, tag string, f BroughtFilter) (e checks.ReleaseEvidence, list []checks.Brought, seq int64, err error) {
	row, err := s.ReleaseOf(ctx, repo, tag)
	if err != nil {
		return e, nil, 0, err
	}
	entry, seq, err := s.evidenceOf(ctx, row)
	if err != nil {
		return e, nil, 0, fmt.Errorf("read what %s brings: %w", row.Subject, err)
	}
	entry.Evidence.Seq = seq
	list = []checks.Brought{}
	for _, b := range entry.Brought {
		if (!f.Odd || b.State != checks.EvidenceMet) && (!f.Any || b.State == f.State) {
			list = append(list, b)
		}
	}
	return entry.Evidence, list, seq, nil
}

func (s *Store) evidenceOf(ctx context.Context, row ReleaseRow) (e EvidenceEntry, seq int64, err error) {
	const read = `SELECT seq FROM release_evidence WHERE repo_id = ? AND number = ? ORDER BY at DESC, seq DESC LIMIT 1`
	err = s.read.QueryRowContext(ctx, read, row.Subject.RepoID, row.Subject.Number).Scan(&seq)
	if none(err) {
		return e, 0, ErrNoEvidence
	}
	if err != nil {
		return e, 0, err
	}
	if row.PromotedSeq != 0 {
		_, body, err := s.Entry(ctx, row.PromotedSeq)
		if err != nil {
			return e, 0, err
		}
		var d checks.Decision
		if body != nil && json.Unmarshal(body, &d) == nil && d.Evidence.Seq != 0 {
			seq = d.Evidence.Seq
		}
	}
	_, body, err := s.Entry(ctx, seq)
	if err != nil {
		return e, 0, err
	}
	if body == nil {
		return e, 0, ErrExpunged
	}
	return e, seq, json.Unmarshal(body, &e)
}
