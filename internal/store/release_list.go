package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ErrNoDecision says that a release was not promoted.
var ErrNoDecision = errors.New("the release was not promoted")

// ReleaseRow is a release as it was last recorded.
type ReleaseRow struct {
	Subject   checks.Subject `json:"-"`
	RepoID    int64          `json:"repo_id"`
	Repo      string         `json:"repo"` // owner/name as it is called now
	Tag       string         `json:"tag"`
	OID       string         `json:"oid,omitzero"`
	Commit    string         `json:"commit,omitzero"`
	Gone      bool           `json:"gone,omitzero"` // there is no such tag any more
	Phase     checks.Phase   `json:"phase,omitzero"`
	State     checks.State   `json:"state"`              // of the last verdict
	Observed  bool           `json:"observed,omitzero"`  // for information only
	Candidate string         `json:"candidate,omitzero"` // digest
	Since     time.Time      `json:"since,omitzero"`     // of the candidate
	Issue     int            `json:"issue,omitzero"`
	// Verdict is the log entry of the last verdict, At when it was judged (GitHub's
	// clock).
	Verdict int64     `json:"verdict,omitzero"`
	At      time.Time `json:"at,omitzero"`
	// Promoted is the digest of the candidate that was promoted, PromotedSeq the log
	// entry of the decision, PromotedAt and Released our clock.
	Promoted    string    `json:"promoted,omitzero"`
	PromotedSeq int64     `json:"promoted_seq,omitzero"`
	PromotedAt  time.Time `json:"promoted_at,omitzero"`
	Emergency   bool      `json:"emergency,omitzero"`
	Released    time.Time `json:"released,omitzero"`
}

// ReleaseFilter chooses releases. Zero fields choose all.
type ReleaseFilter struct {
	Repo  string // owner/name
	Phase checks.Phase
	Live  bool   // only those of which something may still become
	Pull  int    // that bring this pull request; needs Repo
	Tag   string // needs Repo
	// After is where the page before ended: the last row's Cursor.
	After string
	Limit int // 0 means 100
}

// Cursor is where a page that ends with this row ends.
func (r ReleaseRow) Cursor() string { return fmt.Sprintf("%d/%d", r.RepoID, r.Subject.Number) }

const releaseColumns = `SELECT r.installation, x.repo_id, r.owner, r.name, x.number, x.tag, x.oid, x.commit_sha, x.gone, x.phase, s.state, s.observed,
	coalesce(c.digest, ''), coalesce(c.since, 0), x.issue, s.verdict, s.verdict_at, x.promoted, x.promoted_seq, x.promoted_at, x.emergency, x.released
	FROM releases x JOIN subjects s ON s.repo_id = x.repo_id AND s.number = x.number JOIN repos r ON r.id = x.repo_id
	LEFT JOIN release_candidates c ON c.repo_id = x.repo_id AND c.number = x.number AND c.ended = 0 `

func scanRelease(scan func(...any) error) (ReleaseRow, error) {
	var r ReleaseRow
	var state string
	var since, at, promotedAt, released int64
	u := &r.Subject
	err := scan(&u.Installation, &u.RepoID, &u.Owner, &u.Repo, &u.Number, &r.Tag, &r.OID, &r.Commit, &r.Gone, &r.Phase, &state, &r.Observed,
		&r.Candidate, &since, &r.Issue, &r.Verdict, &at, &r.Promoted, &r.PromotedSeq, &promotedAt, &r.Emergency, &released)
	if err != nil {
		return r, err
	}
	u.Kind, u.Name = checks.KindRelease, r.Tag
	r.RepoID, r.Repo = u.RepoID, u.Owner+"/"+u.Repo
	r.Since, r.At, r.PromotedAt, r.Released = moment(since), moment(at), moment(promotedAt), moment(released)
	return r, r.State.UnmarshalText([]byte(state))
}

// Releases are those that a filter chooses and that were judged at least once, those
// that were heard of last first within a repository, a page at a time.
func (s *Store) Releases(ctx context.Context, f ReleaseFilter) ([]ReleaseRow, error) {
	conds, args := []string{`s.verdict > 0`}, []any(nil)
	if f.Repo != "" {
		ids, err := s.repoIDs(ctx, f.Repo)
		if err != nil {
			return nil, err
		}
		conds, args = append(conds, `x.repo_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`), append(args, ids...)
	}
	if f.Phase != "" {
		conds, args = append(conds, `x.phase = ?`), append(args, string(f.Phase))
	}
	if f.Live {
		conds = append(conds, `x.live = 1`)
	}
	if f.Tag != "" {
		conds, args = append(conds, `x.tag = ?`), append(args, f.Tag)
	}
	if f.Pull != 0 {
		conds = append(conds, `EXISTS (SELECT 1 FROM release_pulls p WHERE p.repo_id = x.repo_id AND p.number = x.number AND p.pull = ?)`)
		args = append(args, f.Pull)
	}
	if f.After != "" {
		var repo, number int64
		if _, err := fmt.Sscanf(f.After, "%d/%d", &repo, &number); err != nil {
			return nil, fmt.Errorf("list releases: %q is not where a page ends", f.After)
		}
		conds, args = append(conds, `(x.repo_id > ? OR x.repo_id = ? AND x.number < ?)`), append(args, repo, repo, number)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	return s.releases(ctx, `WHERE `+strings.Join(conds, ` AND `)+` ORDER BY x.repo_id, x.number DESC LIMIT ?`, append(args, limit)...)
}

func (s *Store) releases(ctx context.Context, rest string, args ...any) ([]ReleaseRow, error) {
	rows, err := s.read.QueryContext(ctx, releaseColumns+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	out := []ReleaseRow{}
	err = eachRow(rows, func(scan func(...any) error) error {
		r, err := scanRelease(scan)
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	return out, nil
}

// ReleaseOf is one release, by the repository's name (owner/name) and the tag. It fails
// with [ErrUnknown].
func (s *Store) ReleaseOf(ctx context.Context, repo, tag string) (ReleaseRow, error) {
	ids, err := s.repoIDs(ctx, repo)
	if err != nil {
		return ReleaseRow{}, err
	}
	for _, id := range ids {
		rows, err := s.releases(ctx, `WHERE x.repo_id = ? AND x.tag = ?`, id, tag)
		if err != nil {
			return ReleaseRow{}, err
		}
		if len(rows) > 0 {
			return rows[0], nil
		}
	}
	return ReleaseRow{}, fmt.Errorf("find release %s of %s: %w", tag, repo, ErrUnknown)
}

// ReleaseRecord is the record of a release's last verdict; found is false where there is
// none, or it was expunged.
func (s *Store) ReleaseRecord(ctx context.Context, row ReleaseRow) (r Record, found bool, err error) {
	if row.Verdict == 0 {
		return r, false, nil
	}
	return s.recordOf(ctx, row.Verdict)
}

// Decision is the log entry of the decision that promoted a release last, for
// [Store.Exhibit]. It fails with [ErrUnknown] or [ErrNoDecision].
func (s *Store) Decision(ctx context.Context, owner, repo, tag string) (seq int64, err error) {
	row, err := s.ReleaseOf(ctx, owner+"/"+repo, tag)
	if err != nil {
		return 0, err
	}
	if row.PromotedSeq == 0 {
		return 0, fmt.Errorf("find the decision on %s: %w", row.Subject, ErrNoDecision)
	}
	return row.PromotedSeq, nil
}
