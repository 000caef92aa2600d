package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// bodyKept is how long deliveries' bodies are kept, digestKept how long the
	// key and digest are, by which a repeat is known. GitHub redelivers for 3
	// days (7 on Enterprise Server).
	bodyKept   = 3 * 24 * time.Hour
	digestKept = 30 * 24 * time.Hour
	// touchedListed is how many touched subjects a delivery's log entry names;
	// of the rest it has the number.
	touchedListed = 100
)

// received is the body of a log entry of kind "delivery".
type received struct {
	GUID    string   `json:"guid"`
	AppID   int64    `json:"app_id"`
	Event   string   `json:"event"`
	Action  string   `json:"action,omitzero"`
	Size    int      `json:"size"`
	SHA256  string   `json:"sha256"`
	Touched []string `json:"touched,omitzero"` // owner/name#number
	More    int      `json:"more,omitzero"`    // touched besides these
}

// Receive keeps a delivery: its body, the facts it tells, and the work that
// follows from it. A repeat changes nothing at all, and fresh is false. When
// Receive returns without error all of it is on disk, and GitHub may be
// answered.
func (s *Store) Receive(ctx context.Context, d Delivery) (fresh bool, err error) {
	if d.GUID == "" || d.Event == "" {
		return false, errors.New("keep delivery: it has no guid or no event")
	}
	digest := sha256.Sum256(d.Body)
	body := s.packer.pack(d.Body)
	salt, err := s.salt()
	if err != nil {
		return false, err
	}
	err = s.change(ctx, func(t *txn) error {
		fresh = false
		const keep = `INSERT INTO deliveries (app_id, guid, received, event, action, size, digest, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, guid) DO NOTHING`
		n, err := t.exec(keep, d.AppID, d.GUID, millis(d.ReceivedAt), d.Event, d.Action, len(d.Body), digest[:], body)
		if err != nil || n == 0 {
			return err
		}
		fresh = true
		touched, err := t.take(&d)
		if err != nil {
			return err
		}
		return t.logDelivery(&d, digest[:], salt, touched)
	})
	if err != nil {
		return false, fmt.Errorf("keep delivery %s: %w", d.GUID, err)
	}
	return fresh, nil
}

// take stores a delivery's facts and touches its subjects, in that order: a
// touch by head must find a pull request that the same delivery has opened.
func (t *txn) take(d *Delivery) ([]checks.Subject, error) {
	if d.Repo.ID != 0 {
		if err := t.keepRepo(d.Repo, d.Installation); err != nil {
			return nil, err
		}
		if err := t.keepOwner(d.Repo.ID, d.Owner); err != nil {
			return nil, err
		}
	}
	for _, f := range d.Facts {
		if err := f.store(t, d); err != nil {
			return nil, fmt.Errorf("keep %T: %w", f, err)
		}
	}
	touched, err := t.touched(d)
	if err != nil {
		return nil, err
	}
	if d.Pull != 0 {
		const heard = `UPDATE subjects SET updated_at = ?1 WHERE repo_id = ?2 AND number = ?3 AND updated_at < ?1`
		if err := t.exec0(heard, millis(d.PullUpdated), d.Repo.ID, d.Pull); err != nil {
			return nil, err
		}
	}
	var out []checks.Subject
	for _, x := range touched {
		if err := t.touch(x.sub, d.GUID, millis(d.ReceivedAt.Add(x.delay)), millis(d.ReceivedAt)); err != nil {
			return nil, err
		}
		out = append(out, x.sub)
	}
	return out, nil
}

func (t *txn) logDelivery(d *Delivery, digest, salt []byte, touched []checks.Subject) error {
	r := received{GUID: d.GUID, AppID: d.AppID, Event: d.Event, Action: d.Action, Size: len(d.Body), SHA256: hex.EncodeToString(digest)}
	var about checks.Subject
	about.RepoID = d.Repo.ID
	for i, sub := range touched {
		if i == touchedListed {
			r.More = len(touched) - i
			break
		}
		r.Touched = append(r.Touched, sub.String())
	}
	if len(touched) == 1 && touched[0].RepoID == d.Repo.ID {
		about = touched[0]
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode delivery: %w", err)
	}
	e := &draft{salt: salt, encoding: "plain", stored: body}
	e.row = row{
		time: millis(d.ReceivedAt), version: entryVersion, kind: string(KindDelivery), repoID: about.RepoID,
		subject: subjectName(about), actorID: d.Sender.ID, actorLogin: d.Sender.Login, source: d.GUID,
		bodyHash: bodyHash(salt, body),
	}
	return t.append(e, &Entry{})
}

// keepRepo keeps what a repository is called now, and that it can be seen. An
// installation of 0 keeps the one known.
func (t *txn) keepRepo(r checks.Repo, installation int64) error {
	const keep = `INSERT INTO repos (id, owner, name, installation) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, name = excluded.name, gone = 0,
			installation = CASE WHEN excluded.installation = 0 THEN repos.installation ELSE excluded.installation END
		WHERE repos.owner <> excluded.owner OR repos.name <> excluded.name OR repos.gone = 1
			OR (excluded.installation <> 0 AND repos.installation <> excluded.installation)`
	if err := t.exec0(keep, r.ID, r.Owner, r.Name, installation); err != nil {
		return fmt.Errorf("keep repository %s: %w", r, err)
	}
	return nil
}

// keepOwner keeps which account owns a repository; 0 keeps the one known.
func (t *txn) keepOwner(repoID, owner int64) error {
	err := t.exec0(`UPDATE repos SET owner_id = ?1 WHERE id = ?2 AND ?1 <> 0 AND owner_id <> ?1`, owner, repoID)
	if err != nil {
		return fmt.Errorf("keep the owner of repository %d: %w", repoID, err)
	}
	return nil
}

// keepSubject makes sure that a pull request has its row.
func (t *txn) keepSubject(repoID int64, number int) error {
	if repoID == 0 || number <= 0 {
		return fmt.Errorf("pull request %d of repository %d is not one", number, repoID)
	}
	if err := t.exec0(`INSERT INTO subjects (repo_id, number) VALUES (?, ?) ON CONFLICT DO NOTHING`, repoID, number); err != nil {
		return fmt.Errorf("keep pull request %d: %w", number, err)
	}
	return nil
}
