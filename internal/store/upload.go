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

// UploadsTaken is how many reports one attempt of a run may send, and how many
// artifacts with their scans.
const UploadsTaken = 100

var (
	// ErrUsed says that a token was used before.
	ErrUsed = errors.New("the token was used before")
	// ErrCrowded says that an attempt of a run has sent as many reports as it
	// may.
	ErrCrowded = fmt.Errorf("this attempt of the run has sent %d reports, and no more are taken", UploadsTaken)
)

// Upload is a coverage report that a workflow run sent.
type Upload struct {
	RepoID  int64
	Run     int64
	Attempt int
	Name    string
	Digest  string // hex of the report's SHA-256; set by the store
	SHA     string // the head commit that the run is for
	Tested  string // the commit that was checked out
	Size    int
	// Format and Files are what the report turned out to be, for the log.
	Format string
	Files  int
}

// sent is the body of the log entry of an upload.
type sent struct {
	Event   string `json:"event"`
	Run     int64  `json:"run"`
	Attempt int    `json:"attempt"`
	Name    string `json:"name"`
	Commit  string `json:"commit"`
	Tested  string `json:"tested,omitzero"`
	Size    int    `json:"size"`
	SHA256  string `json:"sha256"`
	Format  string `json:"format,omitzero"`
	Files   int    `json:"files,omitzero"`
	Token   string `json:"token"` // its id
}

// Used says whether a token was used before.
func (s *Store) Used(ctx context.Context, token string) (bool, error) {
	var one int
	err := s.read.QueryRowContext(ctx, `SELECT 1 FROM used_tokens WHERE id = ?`, token).Scan(&one)
	if err != nil && !none(err) {
		return false, fmt.Errorf("look for a used token: %w", err)
	}
	return err == nil, nil
}

// Upload keeps a report, uses up the token that came with it, writes both into
// the log, and makes due the pull requests with the head. A report that is
// there already changes nothing, and fresh is false. It fails with [ErrUsed] or
// [ErrCrowded].
func (s *Store) Upload(ctx context.Context, u Upload, body []byte, token checks.RunToken, now time.Time) (fresh bool, err error) {
	sum := sha256.Sum256(body)
	u.Digest, u.Size = hex.EncodeToString(sum[:]), len(body)
	packed := s.packer.pack(body)
	text, err := json.Marshal(sent{"coverage report", u.Run, u.Attempt, u.Name, u.SHA, u.Tested, u.Size, u.Digest, u.Format, u.Files, token.ID})
	if err != nil {
		return false, fmt.Errorf("encode upload: %w", err)
	}
	d, err := s.draft(KindDelivery, checks.Subject{RepoID: u.RepoID}, checks.Actor{}, "upload", text, now)
	if err != nil {
		return false, err
	}
	err = s.change(ctx, func(t *txn) error {
		if err := t.useToken(token); err != nil {
			return err
		}
		fresh, err = t.keepUpload(u, sum[:], packed, millis(now))
		if err != nil || !fresh {
			return err
		}
		if err := t.append(d, &Entry{}); err != nil {
			return err
		}
		return t.touchHead(u.RepoID, u.SHA, millis(now))
	})
	if err != nil {
		return false, fmt.Errorf("keep report: %w", err)
	}
	return fresh, nil
}

func (t *txn) useToken(token checks.RunToken) error {
	n, err := t.exec(`INSERT INTO used_tokens (id, expires) VALUES (?, ?) ON CONFLICT DO NOTHING`, token.ID, millis(token.Expires))
	if err == nil && n == 0 {
		return ErrUsed
	}
	return err
}

func (t *txn) keepUpload(u Upload, digest, packed []byte, now int64) (fresh bool, err error) {
	var n int
	if _, err := t.row(`SELECT count(*) FROM uploads WHERE repo_id = ? AND run = ? AND attempt = ?`, []any{u.RepoID, u.Run, u.Attempt}, &n); err != nil {
		return false, err
	}
	const keep = `INSERT INTO uploads (repo_id, run, attempt, name, digest, sha, tested, size, body, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repo_id, run, attempt, name, digest) DO NOTHING`
	changed, err := t.exec(keep, u.RepoID, u.Run, u.Attempt, u.Name, digest, u.SHA, u.Tested, u.Size, packed, now)
	switch {
	case err != nil || changed == 0:
		return false, err
	case n >= UploadsTaken:
		return false, ErrCrowded
	}
	const replace = `UPDATE uploads SET body = NULL WHERE repo_id = ? AND run = ? AND attempt = ? AND name = ? AND digest <> ?`
	return true, t.exec0(replace, u.RepoID, u.Run, u.Attempt, u.Name, digest)
}

// touchHead makes due every open pull request with a head commit.
func (t *txn) touchHead(repoID int64, sha string, now int64) error {
	subs, err := t.resolve(&Delivery{Repo: checks.Repo{ID: repoID}}, Touch{Head: sha})
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if err := t.touch(sub, "upload", now, now); err != nil {
			return err
		}
	}
	return nil
}

// Uploads are the reports that runs for a commit have sent, the newest of each
// name, ordered by run, attempt and name.
func (s *Store) Uploads(ctx context.Context, repoID int64, sha string) ([]Upload, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT run, attempt, name, digest, tested, size FROM uploads
		WHERE repo_id = ? AND sha = ? AND body IS NOT NULL ORDER BY run, attempt, name`, repoID, sha)
	if err != nil {
		return nil, fmt.Errorf("list reports that were sent: %w", err)
	}
	var out []Upload
	err = eachRow(rows, func(scan func(...any) error) error {
		u := Upload{RepoID: repoID, SHA: sha}
		var digest []byte
		if err := scan(&u.Run, &u.Attempt, &u.Name, &digest, &u.Tested, &u.Size); err != nil {
			return err
		}
		u.Digest = hex.EncodeToString(digest)
		out = append(out, u)
		return nil
	})
	return out, err
}

// ErrReplaced says that a report was replaced by another of its name.
var ErrReplaced = errors.New("the report was replaced by a newer one")

// UploadBody is a report that was sent. It fails with [ErrReplaced] when another
// has come meanwhile.
func (s *Store) UploadBody(ctx context.Context, u Upload) ([]byte, error) {
	digest, err := hex.DecodeString(u.Digest)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var packed []byte
	err = s.read.QueryRowContext(ctx, `SELECT body FROM uploads WHERE repo_id = ? AND run = ? AND attempt = ? AND name = ? AND digest = ?`,
		u.RepoID, u.Run, u.Attempt, u.Name, digest).Scan(&packed)
	if none(err) || err == nil && packed == nil {
		return nil, ErrReplaced
	}
	var f inflater
	var body []byte
	if err == nil {
		body, err = f.unpack(packed)
	}
	if err != nil {
		return nil, fmt.Errorf("read report %s: %w", u.Name, err)
	}
	return body, nil
}

// Sender is the repository with an id as the subject of questions to GitHub,
// and the account that owns it, 0 while no event has told. found is false for
// one that no installation shows.
func (s *Store) Sender(ctx context.Context, repoID int64) (sub checks.Subject, owner int64, found bool, err error) {
	sub.RepoID = repoID
	const read = `SELECT installation, owner, name, owner_id FROM repos WHERE id = ? AND gone = 0 AND installation > 0`
	err = s.read.QueryRowContext(ctx, read, repoID).Scan(&sub.Installation, &sub.Owner, &sub.Repo, &owner)
	if none(err) {
		return sub, 0, false, nil
	}
	if err != nil {
		return sub, 0, false, fmt.Errorf("look for repository %d: %w", repoID, err)
	}
	return sub, owner, true, nil
}
