package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// maxCauses is how many causes a subject's waiting work lists.
const maxCauses = 20

// touchedSubject is a subject that a delivery touches, and how soon it is due.
type touchedSubject struct {
	sub   checks.Subject
	delay time.Duration
}

// lookedAt holds for a subject that is being looked at.
const lookedAt = `EXISTS (SELECT 1 FROM work w WHERE w.repo_id = s.repo_id AND w.number = s.number AND w.lease_until > 0)`

const subjectColumns = `SELECT r.installation, s.repo_id, r.owner, r.name, s.number, coalesce(k.kind, ''), coalesce(k.name, '')
	FROM subjects s JOIN repos r ON r.id = s.repo_id LEFT JOIN subject_kinds k ON k.repo_id = s.repo_id AND k.number = s.number `

func scanSubject(scan func(...any) error, s *checks.Subject) error {
	return scan(&s.Installation, &s.RepoID, &s.Owner, &s.Repo, &s.Number, &s.Kind, &s.Name)
}

// touched is every subject that a delivery touches, once each, with the
// shortest delay asked for.
func (t *txn) touched(d *Delivery) ([]touchedSubject, error) {
	var out []touchedSubject
	at := map[[2]int64]int{}
	for _, touch := range d.Touches {
		subs, err := t.resolve(d, touch)
		if err != nil {
			return nil, fmt.Errorf("find what is touched: %w", err)
		}
		for _, s := range subs {
			key := [2]int64{s.RepoID, int64(s.Number)}
			if i, ok := at[key]; ok {
				out[i].delay = min(out[i].delay, touch.Delay)
				continue
			}
			at[key] = len(out)
			out = append(out, touchedSubject{sub: s, delay: touch.Delay})
		}
	}
	return out, nil
}

// resolve finds the subjects that a touch means, by what the store knows. Those
// of repositories that are gone are left out, since nobody could look at them.
func (t *txn) resolve(d *Delivery, touch Touch) ([]checks.Subject, error) {
	var where string
	var args []any
	switch {
	case touch.Kind == checks.KindRelease && touch.Name == "":
		return t.releasesAt(d.Repo.ID, touch.At)
	case touch.Kind != "" && touch.Name == "":
		where, args = `WHERE s.repo_id = ? AND k.kind = ? AND s.head = ?`, []any{d.Repo.ID, string(touch.Kind), touch.At}
	case touch.Branches:
		where, args = `WHERE s.repo_id = ? AND k.kind = 'branch' AND EXISTS (SELECT 1 FROM branches b WHERE b.repo_id = s.repo_id AND b.name = k.name)`, []any{d.Repo.ID}
	case touch.Kind != "":
		if watched, err := t.watched(d, touch); err != nil || !watched {
			return nil, err
		}
		sub := checks.Subject{RepoID: d.Repo.ID, Kind: touch.Kind, Name: touch.Name}
		if err := t.keepAny(&sub); err != nil {
			return nil, err
		}
		if touch.At != "" {
			if err := t.exec0(`UPDATE subjects SET head = ? WHERE repo_id = ? AND number = ?`, touch.At, sub.RepoID, sub.Number); err != nil {
				return nil, err
			}
		}
		where, args = `WHERE s.repo_id = ? AND s.number = ?`, []any{sub.RepoID, sub.Number}
	case touch.Number != 0:
		if err := t.keepSubject(d.Repo.ID, touch.Number); err != nil {
			return nil, err
		}
		where, args = `WHERE s.repo_id = ? AND s.number = ?`, []any{d.Repo.ID, touch.Number}
	case touch.Head != "":
		where, args = `WHERE s.repo_id = ? AND s.head = ? AND s.open = 1`, []any{d.Repo.ID, touch.Head}
	case touch.Base != "":
		where, args = `WHERE s.repo_id = ? AND s.base = ? AND s.open = 1`, []any{d.Repo.ID, touch.Base}
	case touch.LacksBase != "":
		// One that is being looked at may have looked for it just too early.
		where = `WHERE s.repo_id = ? AND s.base = ? AND s.open = 1 AND (s.lacks_base = 1 OR ` + lookedAt + `)`
		args = []any{d.Repo.ID, touch.LacksBase}
	case touch.Behind != "":
		where = `WHERE s.repo_id = ? AND s.base = ? AND s.open = 1 AND (s.asked_behind = 1 OR ` + lookedAt + `)`
		args = []any{d.Repo.ID, touch.Behind}
	case touch.Repo:
		where, args = `WHERE s.repo_id = ? AND s.open = 1`, []any{d.Repo.ID}
	case touch.Team != "":
		where = `JOIN subject_teams g ON g.repo_id = s.repo_id AND g.number = s.number WHERE g.team = ? AND s.open = 1`
		args = []any{strings.ToLower(touch.Team)}
	case touch.Owner != "":
		where, args = `WHERE lower(r.owner) = ? AND s.open = 1`, []any{strings.ToLower(touch.Owner)}
	case touch.Installation && d.Installation != 0:
		where, args = `WHERE r.installation = ? AND s.open = 1`, []any{d.Installation}
	default:
		return nil, nil
	}
	out, err := t.subjects(where+` AND r.gone = 0`, args...)
	if err != nil {
		return nil, err
	}
	more, err := t.liveReleases(d, touch)
	return append(out, more...), err
}

// keepAny makes sure that a subject that is no pull request has its rows.
func (t *txn) keepAny(sub *checks.Subject) error {
	if sub.Kind == checks.KindRelease {
		return t.keepRelease(sub)
	}
	return t.keepKind(sub)
}

// subjects are those that the end of a query chooses.
func (t *txn) subjects(rest string, args ...any) ([]checks.Subject, error) {
	var out []checks.Subject
	err := t.rows(subjectColumns+rest, args, func(scan func(...any) error) error {
		var s checks.Subject
		err := scanSubject(scan, &s)
		out = append(out, s)
		return err
	})
	return out, err
}

// touch makes a subject due, once more. It is not due before its pace allows,
// and one that is being looked at is due again after that.
func (t *txn) touch(s checks.Subject, cause string, due, now int64) error {
	var gen, done, oldDue, notBefore, leaseUntil, again int64
	var causes string
	found, err := t.row(`SELECT gen, done_gen, due, not_before, lease_until, touched_again, causes
		FROM work WHERE repo_id = ? AND number = ?`, []any{s.RepoID, s.Number},
		&gen, &done, &oldDue, &notBefore, &leaseUntil, &again, &causes)
	if err != nil {
		return fmt.Errorf("touch %s: %w", s, err)
	}
	t.woke = true
	due = max(due, notBefore)
	switch {
	case !found:
		err = t.exec0(`INSERT INTO work (repo_id, number, gen, due, first_touched, causes) VALUES (?, ?, 1, ?, ?, ?)`,
			s.RepoID, s.Number, due, now, encodeCauses([]string{cause}))
	case gen == done:
		err = t.exec0(`UPDATE work SET gen = gen + 1, due = ?, first_touched = ?, touched_again = 0, causes = ?
			WHERE repo_id = ? AND number = ?`, due, now, encodeCauses([]string{cause}), s.RepoID, s.Number)
	default:
		if leaseUntil > 0 && again == 0 {
			again = now
		}
		err = t.exec0(`UPDATE work SET gen = gen + 1, due = ?, first_touched = min(first_touched, ?), touched_again = ?, causes = ?
			WHERE repo_id = ? AND number = ?`, min(oldDue, due), now, again, addCause(causes, cause, leaseUntil > 0), s.RepoID, s.Number)
	}
	if err != nil {
		return fmt.Errorf("touch %s: %w", s, err)
	}
	return t.touchGroups(s, cause, due, now)
}

func encodeCauses(causes []string) string {
	text, _ := json.Marshal(append([]string{}, causes...)) // strings always encode
	return string(text)
}

func decodeCauses(text string) []string {
	var causes []string
	_ = json.Unmarshal([]byte(text), &causes) // our own text
	return causes
}

// addCause appends a cause to a list. While the subject is being looked at, the
// list holds the causes of that as well, and there is room for as many again.
func addCause(text, cause string, leased bool) string {
	causes := decodeCauses(text)
	limit := maxCauses
	if leased {
		limit *= 2
	}
	if len(causes) >= limit || !leased && slices.Contains(causes, cause) {
		return text
	}
	return encodeCauses(append(causes, cause))
}

// Touch makes a subject due because of something other than a delivery: a
// sweep, a command, a timer. It keeps what the caller knows of a pull request; of
// other subjects nothing is.
func (s *Store) Touch(ctx context.Context, sub checks.Subject, known Known, cause string, due, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		repo := checks.Repo{ID: sub.RepoID, Owner: sub.Owner, Name: sub.Repo}
		if err := t.keepRepo(repo, sub.Installation); err != nil {
			return err
		}
		if sub.Kind != "" {
			if err := t.keepAny(&sub); err != nil {
				return err
			}
			return t.touch(sub, cause, millis(due), millis(now))
		}
		if err := t.keepSubject(sub.RepoID, sub.Number); err != nil {
			return err
		}
		const keep = `UPDATE subjects SET open = 1,
			head = CASE WHEN ? = '' THEN head ELSE ? END,
			base = CASE WHEN ? = '' THEN base ELSE ? END,
			glance = CASE WHEN ? = '' THEN glance ELSE ? END,
			updated_at = max(updated_at, ?)
			WHERE repo_id = ? AND number = ?`
		if known != (Known{}) {
			err := t.moving(sub.RepoID, sub.Number, millis(now), func() error {
				return t.exec0(keep, known.Head, known.Head, known.Base, known.Base, known.Glance, known.Glance, millis(known.Updated),
					sub.RepoID, sub.Number)
			})
			if err != nil {
				return fmt.Errorf("keep what is known of %s: %w", sub, err)
			}
		}
		return t.touch(sub, cause, millis(due), millis(now))
	})
}

// CloseOthers makes due every pull request of a repository that the store holds
// to be open and that is not among open, which a sweep has found. Reading it
// shows whether it is closed.
func (s *Store) CloseOthers(ctx context.Context, repoID int64, open map[int]bool, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		var gone []checks.Subject
		err := t.rows(subjectColumns+`WHERE s.repo_id = ? AND s.open = 1`, []any{repoID}, func(scan func(...any) error) error {
			var sub checks.Subject
			if err := scanSubject(scan, &sub); err != nil {
				return err
			}
			if !open[sub.Number] {
				gone = append(gone, sub)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("list open pull requests: %w", err)
		}
		for _, sub := range gone {
			if err := t.touch(sub, "sweep", millis(now), millis(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Glances is what the last sweep or evaluation saw of each open pull request of
// a repository, by number.
func (s *Store) Glances(ctx context.Context, repoID int64) (map[int]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT number, glance FROM subjects WHERE repo_id = ? AND open = 1`, repoID)
	if err != nil {
		return nil, fmt.Errorf("read glances: %w", err)
	}
	out := map[int]string{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var n int
		var g string
		if err := scan(&n, &g); err != nil {
			return err
		}
		out[n] = g
		return nil
	})
	return out, err
}
