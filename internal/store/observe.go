package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// said is a review or comment as a reading has it.
type said struct {
	key     string
	author  string
	text    string
	created int64
	head    string // the reviewed commit, of a review
}

func saidIn(pull *checks.Pull) []said {
	var out []said
	for _, r := range pull.Reviews {
		out = append(out, said{reviewKey(r.ID), r.Author.Login, r.Body, millis(r.Submitted), r.Commit})
	}
	for _, c := range pull.Comments {
		out = append(out, said{commentKey(c.ID), c.Author.Login, c.Body, millis(c.Created), ""})
	}
	return out
}

func reviewKey(id int64) string  { return fmt.Sprintf("review/%d", id) }
func commentKey(id int64) string { return fmt.Sprintf("comment/%d", id) }

// seenRow is one row of seen.
type seenRow struct {
	text, head, base, permission string
	created                      int64
	read, edited                 bool
}

const seenColumns = `SELECT key, text, head, base, permission, created, read, edited FROM seen WHERE repo_id = ? AND number = ?`

func scanSeen(scan func(...any) error, into map[string]seenRow) error {
	var key string
	var r seenRow
	if err := scan(&key, &r.text, &r.head, &r.base, &r.permission, &r.created, &r.read, &r.edited); err != nil {
		return err
	}
	into[key] = r
	return nil
}

// Observe keeps what a reading saw that GitHub will forget: the head and its
// test merge, the first texts, who could do what. A reading that is older than what an event has told
// within half a minute before is not kept; its head then differs from the last
// that [Store.Recall] gives.
// It fails with [ErrLost], or a [*BusyError] when another pull request with the
// same head commit is being looked at.
func (s *Store) Observe(ctx context.Context, job Job, pull *checks.Pull, now time.Time) error {
	return s.change(ctx, func(t *txn) error {
		if err := t.hold(job, pull.Head.SHA, millis(now)); err != nil {
			return err
		}
		err := t.moving(job.Subject.RepoID, job.Subject.Number, millis(now), func() error { return t.observe(job.Subject, pull) })
		if err != nil {
			return fmt.Errorf("keep the reading of %s: %w", job.Subject, err)
		}
		return nil
	})
}

func (t *txn) observe(s checks.Subject, pull *checks.Pull) error {
	if pull.Repo.ID == s.RepoID {
		// Through which installation is for events to say: since the job was
		// claimed the repository may have moved to another.
		if err := t.keepRepo(pull.Repo, 0); err != nil {
			return err
		}
	}
	var lastRead, lastUpdate int64
	_, err := t.row(`SELECT read_at, updated_at FROM subjects WHERE repo_id = ? AND number = ?`, []any{s.RepoID, s.Number}, &lastRead, &lastUpdate)
	if err != nil {
		return err
	}
	fresh, err := t.readHead(s, pull, lastRead, lastUpdate)
	if err != nil || !fresh {
		return err
	}
	const keep = `UPDATE subjects SET open = ?, head = ?, base = ?, title = ?, read_at = max(read_at, ?), updated_at = max(updated_at, ?)
		WHERE repo_id = ? AND number = ?`
	err = t.exec0(keep, flag(pull.Open), pull.Head.SHA, pull.Base.Name, pull.Title, millis(pull.At), millis(pull.UpdatedAt), s.RepoID, s.Number)
	if err != nil {
		return err
	}
	if err := t.addTeams(s, teamsOf(pull)); err != nil {
		return err
	}
	if err := t.keepMerge(s, pull); err != nil {
		return err
	}
	if pull.Queue {
		if err := t.keepQueue(s.RepoID); err != nil {
			return err
		}
	}
	return t.see(s, pull)
}

// see keeps the first texts of reviews and comments, and what was true then.
func (t *txn) see(s checks.Subject, pull *checks.Pull) error {
	have := map[string]seenRow{}
	err := t.rows(seenColumns, []any{s.RepoID, s.Number}, func(scan func(...any) error) error { return scanSeen(scan, have) })
	if err != nil {
		return err
	}
	for _, x := range saidIn(pull) {
		old, found := have[x.key]
		row := old
		if !found || isRest(x.text, old.text) {
			row.text = x.text // without a secret that was kept before its rule was there
		}
		row.edited = old.edited || !alike(row.text, x.text)
		if !old.read {
			row.read = true
			row.base = baseAt(pull, x.created)
		}
		if row.created == 0 {
			row.created = x.created
		}
		if row.head == "" {
			row.head = x.head
		}
		if row.permission == "" {
			row.permission = pull.People[strings.ToLower(x.author)].Permission
		}
		if found && row == old {
			continue
		}
		const keep = `INSERT INTO seen (repo_id, number, key, text, text_by, created, head, base, permission, read, edited)
			VALUES (?, ?, ?, ?, 'reading', ?, ?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, number, key) DO UPDATE SET text = excluded.text, created = excluded.created, head = excluded.head, base = excluded.base,
				permission = excluded.permission, read = excluded.read, edited = excluded.edited`
		err := t.exec0(keep, s.RepoID, s.Number, x.key, row.text, row.created, row.head, row.base, row.permission, flag(row.read), flag(row.edited))
		if err != nil {
			return err
		}
	}
	return nil
}

// baseAt is the base branch that something first seen now was written under: ""
// when the pull request may have been retargeted since.
func baseAt(pull *checks.Pull, created int64) string {
	if changed := millis(pull.BaseChangedAt); changed != 0 && changed >= created {
		return ""
	}
	return pull.Base.Name
}

func teamsOf(pull *checks.Pull) []string {
	var out []string
	for name := range pull.Teams {
		out = append(out, strings.ToLower(name))
	}
	return out
}

func (t *txn) addTeams(s checks.Subject, teams []string) error {
	for _, team := range teams {
		err := t.exec0(`INSERT INTO subject_teams (team, repo_id, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, team, s.RepoID, s.Number)
		if err != nil {
			return fmt.Errorf("keep team: %w", err)
		}
	}
	return nil
}

// keepAsked keeps which people and teams an evaluation asked about, in the
// place of those of the one before.
func (t *txn) keepAsked(s checks.Subject, logins string, teams []string) error {
	err := t.exec0(`UPDATE subjects SET logins = ? WHERE repo_id = ? AND number = ? AND logins <> ?`, logins, s.RepoID, s.Number, logins)
	if err != nil {
		return fmt.Errorf("keep people: %w", err)
	}
	asked := map[string]bool{}
	for _, team := range teams {
		asked[team] = true
	}
	var stale []string
	err = t.rows(`SELECT team FROM subject_teams WHERE repo_id = ? AND number = ?`, []any{s.RepoID, s.Number}, func(scan func(...any) error) error {
		var team string
		if err := scan(&team); err != nil {
			return err
		}
		if !asked[team] {
			stale = append(stale, team)
		}
		delete(asked, team)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read teams: %w", err)
	}
	for _, team := range stale {
		if err := t.exec0(`DELETE FROM subject_teams WHERE team = ? AND repo_id = ? AND number = ?`, team, s.RepoID, s.Number); err != nil {
			return fmt.Errorf("drop team: %w", err)
		}
	}
	var missing []string
	for team := range asked {
		missing = append(missing, team)
	}
	return t.addTeams(s, missing)
}
