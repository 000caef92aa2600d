package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// TagPut is a Fact: somebody put a tag where it is. It is what the event of a push
// tells, not that of a creation, which names no object.
type TagPut struct {
	Name   string
	OID    string // of the tag object, or of the commit where there is none
	Commit string // "" where the event does not say
	By     checks.Actor
	At     time.Time
}

// TagDeleted is a Fact: somebody deleted a tag. The candidate that it was ends with it:
// one that is made again at the same commit is another.
type TagDeleted struct {
	Name string
	OID  string // where it was; "" where the event does not say
	By   checks.Actor
	At   time.Time
}

// IssueSpoken is a Fact: something was said or done on an issue. It makes due the
// release whose tracking issue it is.
type IssueSpoken struct{ Issue int }

// ButtonPressed is a Fact: somebody pressed a button on a check-run of a release. It
// becomes an act of the release that the button's candidate is of.
type ButtonPressed struct {
	Run        int64  // the check-run's database id
	Name       string // the check-run's
	Head       string // commit
	Identifier string // "sign:" and the beginning of the candidate's digest
	By         checks.Actor
	At         time.Time
}

// GateAsked is a Fact: a job waits for an environment. The commit is what the event
// says; see [Store.VerifiedGate].
type GateAsked struct {
	RunID       int64
	Environment string
	Commit      string
}

func (f TagPut) store(t *txn, d *Delivery) error {
	return t.keepPut(d, f.Name, f.OID, f.Commit, f.By)
}

// keepPut keeps where a tag is said to be now. Of a repository whose policy is known to
// have no releases nothing is kept.
func (t *txn) keepPut(d *Delivery, tag, oid, commit string, by checks.Actor) error {
	patterns, known, err := t.releasePatterns(d.Repo.ID)
	if err != nil || known && len(patterns) == 0 {
		return err
	}
	const keep = `INSERT INTO tag_puts (repo_id, tag, oid, commit_sha, by_login, by_id, bot, heard) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	if err := t.exec0(keep, d.Repo.ID, tag, oid, commit, by.Login, by.ID, flag(by.Bot), millis(d.ReceivedAt)); err != nil {
		return fmt.Errorf("keep who put the tag: %w", err)
	}
	return nil
}

func (f TagDeleted) store(t *txn, d *Delivery) error {
	if err := t.keepPut(d, f.Name, "", "", f.By); err != nil {
		return err
	}
	sub := checks.Subject{RepoID: d.Repo.ID, Kind: checks.KindRelease, Name: f.Name}
	found, err := t.row(`SELECT number FROM releases WHERE repo_id = ? AND tag = ?`, []any{d.Repo.ID, f.Name}, &sub.Number)
	if err != nil || !found {
		return err
	}
	c, present, err := t.presentCandidate(sub)
	if err != nil || !present || f.OID != "" && c.oid != f.OID {
		return err
	}
	why := "The tag was deleted."
	if f.By.Login != "" {
		why = checks.Plain(f.By.Login) + " deleted the tag."
	}
	return t.endCandidate(sub, c, why, f.At, f.By, d.GUID, millis(d.ReceivedAt))
}

func (f IssueSpoken) store(t *txn, d *Delivery) error {
	if f.Issue <= 0 {
		return nil
	}
	subs, err := t.subjects(`JOIN releases x ON x.repo_id = s.repo_id AND x.number = s.number WHERE x.repo_id = ? AND x.issue = ? AND r.gone = 0`,
		d.Repo.ID, f.Issue)
	if err != nil {
		return err
	}
	return t.touchAll(subs, d.GUID, millis(d.ReceivedAt), millis(d.ReceivedAt))
}

// buttons are what the identifiers of a release's buttons begin with.
var buttons = map[string]checks.ActKind{"sign": checks.ActSign, "reject": checks.ActReject, "promote": checks.ActPromote}

// store makes an act of the press. Of a button that is none of a release's, or that is
// on no commit of one, there is nothing to keep.
func (f ButtonPressed) store(t *txn, d *Delivery) error {
	word, candidate, _ := strings.Cut(f.Identifier, ":")
	kind, ok := buttons[word]
	if !ok {
		return nil
	}
	sub, found, err := t.pressedOf(d.Repo.ID, f.Head, candidate)
	if err != nil || !found {
		return err
	}
	a := checks.Act{Kind: kind, By: f.By, At: f.At, Via: checks.ByButton, Ref: strconv.FormatInt(f.Run, 10), Candidate: candidate}
	if stage, ok := strings.CutPrefix(f.Name, checks.RunStagePrefix); ok {
		a.Stage = stage
	}
	if _, err := t.keepAct(sub, a, d.GUID, d.ReceivedAt); err != nil {
		return err
	}
	return t.touchAll([]checks.Subject{sub}, d.GUID, millis(d.ReceivedAt), millis(d.ReceivedAt))
}

// pressedOf is the release that a button is of: of the candidate that it was shown for,
// else the one at the commit whose candidate is the newest. A button of a candidate
// that is none any more is an act, too, which is refused.
func (t *txn) pressedOf(repoID int64, commit, candidate string) (sub checks.Subject, found bool, err error) {
	const of = `JOIN release_candidates c ON c.repo_id = s.repo_id AND c.number = s.number WHERE c.repo_id = ?1 AND c.commit_sha = ?2 AND r.gone = 0
		ORDER BY CASE WHEN substr(c.digest, 1, ?3) = ?4 THEN 0 ELSE 1 END, c.id DESC LIMIT 1`
	subs, err := t.subjects(of, repoID, commit, len(candidate), candidate)
	if err != nil || len(subs) == 0 {
		return sub, false, err
	}
	return subs[0], true, nil
}

// store keeps that a job waits. One that asks again after it was answered waits again.
func (f GateAsked) store(t *txn, d *Delivery) error {
	const keep = `INSERT INTO gates (repo_id, run, environment, commit_sha, asked) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (repo_id, run, environment) DO UPDATE SET commit_sha = excluded.commit_sha, asked = excluded.asked, verified = 0,
			answered = '', said = '', comments = 0
		WHERE gates.answered <> '' OR gates.commit_sha <> excluded.commit_sha`
	if err := t.exec0(keep, d.Repo.ID, f.RunID, f.Environment, f.Commit, millis(d.ReceivedAt)); err != nil {
		return fmt.Errorf("keep that a job waits: %w", err)
	}
	return nil
}
