package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// candidateRow is what is known of a candidate by its row.
type candidateRow struct {
	id          int64
	digest, oid string
	commit      string
}

// presentCandidate is the candidate that a release has now.
func (t *txn) presentCandidate(sub checks.Subject) (c candidateRow, found bool, err error) {
	const read = `SELECT id, digest, oid, commit_sha FROM release_candidates WHERE repo_id = ? AND number = ? AND ended = 0`
	found, err = t.row(read, []any{sub.RepoID, sub.Number}, &c.id, &c.digest, &c.oid, &c.commit)
	if err != nil {
		return c, false, fmt.Errorf("read the candidate of %s: %w", sub, err)
	}
	return c, found, nil
}

// ended is the body of a log entry of kind release.void.
type ended struct {
	Candidate string `json:"candidate"` // digest
	Why       string `json:"why"`
	Next      string `json:"next,omitzero"` // the digest of what took its place
	// At is when, by GitHub's clock, as what was said until then.
	At time.Time `json:"at,omitzero"`
}

// endCandidate ends a release's present candidate, on record: nothing that was signed
// holds any more. Others at its commit are due, which may have the check-runs now.
func (t *txn) endCandidate(sub checks.Subject, c candidateRow, why string, at time.Time, by checks.Actor, source string, now int64) error {
	return t.replaceCandidate(sub, c, ended{Candidate: c.digest, Why: why, At: at}, by, source, now)
}

func (t *txn) replaceCandidate(sub checks.Subject, c candidateRow, what ended, by checks.Actor, source string, now int64) error {
	if what.Why == "" {
		what.Why = "It is not the candidate any more."
	}
	if what.At.IsZero() {
		what.At = moment(now)
	}
	if err := t.exec0(`UPDATE release_candidates SET ended = ?, why = ? WHERE id = ?`, millis(what.At), what.Why, c.id); err != nil {
		return fmt.Errorf("end the candidate of %s: %w", sub, err)
	}
	if err := t.log(KindReleaseVoid, sub, by, source, what, moment(now), &Entry{}); err != nil {
		return err
	}
	return t.touchOthersAt(sub, c.commit, now)
}

// touchOthersAt makes due the other releases at a commit.
func (t *txn) touchOthersAt(sub checks.Subject, commit string, now int64) error {
	subs, err := t.releasesAt(sub.RepoID, commit)
	if err != nil {
		return err
	}
	for _, other := range subs {
		if other.Number == sub.Number {
			continue
		}
		if err := t.touch(other, subjectName(sub), now, now); err != nil {
			return err
		}
	}
	return nil
}

// log appends an entry whose body is made of a value.
func (t *txn) log(kind Kind, sub checks.Subject, by checks.Actor, source string, what any, now time.Time, e *Entry) error {
	body, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	d, err := t.s.draft(kind, sub, by, source, body, now)
	if err != nil {
		return err
	}
	return t.append(d, e)
}

// SeeCandidate keeps that a release has another candidate from now on, and why the one
// before is none any more: a sentence, such as "The tag was moved." One that it has
// already changes nothing; one without a digest only ends what there is. c needs the
// candidate, its digest, and Since, by GitHub's clock. It fails with [ErrLost].
func (s *Store) SeeCandidate(ctx context.Context, job Job, c checks.PastCandidate, why string, now time.Time) error {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		sub := job.Subject
		if err := t.keepRelease(&sub); err != nil {
			return err
		}
		return t.seeCandidate(sub, c, why, source(job), now)
	})
	if err != nil {
		return fmt.Errorf("keep the candidate of %s: %w", job.Subject, err)
	}
	return nil
}

func (t *txn) seeCandidate(sub checks.Subject, c checks.PastCandidate, why, source string, now time.Time) error {
	present, found, err := t.presentCandidate(sub)
	if err != nil || found && present.digest == c.Digest {
		return err
	}
	if found {
		if err := t.replaceCandidate(sub, present, ended{present.digest, why, c.Digest, c.Since}, checks.Actor{}, source, millis(now)); err != nil {
			return err
		}
	}
	if c.Digest == "" {
		return nil
	}
	c.Shown, c.Ended, c.Why = time.Time{}, time.Time{}, ""
	var e Entry
	if err := t.log(KindReleaseCandidate, sub, checks.Actor{}, source, c, now, &e); err != nil {
		return err
	}
	text, err := json.Marshal(c.Candidate)
	if err != nil {
		return fmt.Errorf("encode candidate: %w", err)
	}
	const keep = `INSERT INTO release_candidates (repo_id, number, digest, commit_sha, oid, candidate, seq, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	if err := t.exec0(keep, sub.RepoID, sub.Number, c.Digest, c.Commit, c.TagOID, string(text), e.Seq, millis(c.Since)); err != nil {
		return err
	}
	return t.touchOthersAt(sub, c.Commit, millis(now))
}

// ShownCandidate keeps since when GitHub has shown a release's present candidate, by
// GitHub's clock: what people write from then on is about it. The first time counts.
func (s *Store) ShownCandidate(ctx context.Context, job Job, digest string, at, now time.Time) error {
	return s.change(ctx, func(t *txn) error { return t.shownCandidate(job.Subject, digest, at) })
}

func (t *txn) shownCandidate(sub checks.Subject, digest string, at time.Time) error {
	const keep = `UPDATE release_candidates SET shown = ? WHERE repo_id = ? AND number = ? AND digest = ? AND ended = 0 AND shown = 0`
	if err := t.exec0(keep, millis(at), sub.RepoID, sub.Number, digest); err != nil {
		return fmt.Errorf("keep that the candidate of %s is shown: %w", sub, err)
	}
	return nil
}
