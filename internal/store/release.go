package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ErrCandidate says that a release has another candidate by now than the one that was
// judged, or none: it is judged again.
var ErrCandidate = errors.New("the release has another candidate by now")

// keepRelease makes sure that a release has its row, and fills in its number.
func (t *txn) keepRelease(sub *checks.Subject) error {
	if sub.Kind != checks.KindRelease {
		return fmt.Errorf("%s is no release", sub)
	}
	if err := t.keepKind(sub); err != nil {
		return err
	}
	if err := t.exec0(`INSERT INTO releases (repo_id, number, tag) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, sub.RepoID, sub.Number, sub.Name); err != nil {
		return fmt.Errorf("keep %s: %w", sub, err)
	}
	return nil
}

// releasing says whether a tag is a release: its policy, as it was last read, says so,
// or it is known as one already.
func (t *txn) releasing(repoID int64, tag string) (bool, error) {
	var one int
	if known, err := t.row(`SELECT 1 FROM releases WHERE repo_id = ? AND tag = ?`, []any{repoID, tag}, &one); err != nil || known {
		return known, err
	}
	patterns, _, err := t.releasePatterns(repoID)
	return err == nil && checks.AnyMatch(patterns, tag), err
}

// ObserveRelease keeps what a reading saw of a release: where its tag is. From then on
// events at the commit make it due, and no other subject is looked at on it meanwhile.
// It fails with [ErrLost], or a [*BusyError].
func (s *Store) ObserveRelease(ctx context.Context, job Job, r *checks.Release, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, r.Tag.Commit, millis(now)); err != nil {
			return err
		}
		sub := job.Subject
		if err := t.keepRelease(&sub); err != nil {
			return err
		}
		if r.Repo.ID == sub.RepoID {
			if err := t.keepRepo(r.Repo, 0); err != nil {
				return err
			}
		}
		const keep = `UPDATE releases SET gone = ?, oid = ?, commit_sha = ? WHERE repo_id = ? AND number = ?`
		if err := t.exec0(keep, flag(r.Tag.Gone), r.Tag.OID, r.Tag.Commit, sub.RepoID, sub.Number); err != nil {
			return fmt.Errorf("keep the reading of %s: %w", sub, err)
		}
		const read = `UPDATE subjects SET head = ?, base = ?, read_at = max(read_at, ?) WHERE repo_id = ? AND number = ?`
		return t.exec0(read, r.Tag.Commit, r.Repo.DefaultBranch, millis(r.At), sub.RepoID, sub.Number)
	})
}

// RestRelease keeps that nothing will become of a release, since the policy does not
// call its tag one. Whatever names the tag makes it due again.
func (s *Store) RestRelease(ctx context.Context, job Job, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		return t.exec0(`UPDATE releases SET live = 0 WHERE repo_id = ? AND number = ?`, job.Subject.RepoID, job.Subject.Number)
	})
}

// liveReleases are the releases that a touch reaches which is not about one of them: of
// those something may still become.
func (t *txn) liveReleases(d *Delivery, touch Touch) ([]checks.Subject, error) {
	const live = `JOIN releases x ON x.repo_id = s.repo_id AND x.number = s.number AND x.live = 1 `
	var where string
	var args []any
	switch {
	case touch.Repo, touch.Base != "" && touch.Base == d.Repo.DefaultBranch:
		where, args = `WHERE s.repo_id = ?`, []any{d.Repo.ID}
	case touch.Team != "":
		where = `JOIN subject_teams g ON g.repo_id = s.repo_id AND g.number = s.number WHERE g.team = ?`
		args = []any{strings.ToLower(touch.Team)}
	case touch.Owner != "":
		where, args = `WHERE lower(r.owner) = ?`, []any{strings.ToLower(touch.Owner)}
	case touch.Installation && d.Installation != 0:
		where, args = `WHERE r.installation = ?`, []any{d.Installation}
	default:
		return nil, nil
	}
	return t.subjects(live+where+` AND r.gone = 0`, args...)
}

// releasesAt are the known releases at a commit.
func (t *txn) releasesAt(repoID int64, commit string) ([]checks.Subject, error) {
	return t.subjects(`JOIN releases x ON x.repo_id = s.repo_id AND x.number = s.number
		WHERE x.repo_id = ? AND x.commit_sha = ? AND x.commit_sha <> '' AND r.gone = 0`, repoID, commit)
}

// touchAll makes subjects due.
func (t *txn) touchAll(subs []checks.Subject, cause string, due, now int64) error {
	for _, sub := range subs {
		if err := t.touch(sub, cause, due, now); err != nil {
			return err
		}
	}
	return nil
}
