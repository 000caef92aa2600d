package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ArtifactUpload is an artifact that a workflow run has named by its digest, or what a
// scan of one found.
type ArtifactUpload struct {
	RepoID   int64  `json:"-"`
	Run      int64  `json:"run"`
	Attempt  int    `json:"attempt"`
	Workflow string `json:"workflow,omitzero"` // path of its file
	SHA      string `json:"commit"`            // that the run is for, as the API says
	// Name is the artifact's, "" for a scan.
	Name   string `json:"name,omitzero"`
	Digest string `json:"digest"` // of the artifact, algorithm:hex
	// Report is the SHA-256 of a scan's report, in hex, and Found how many findings of
	// each severity it has; both are empty for an artifact.
	Report string         `json:"report,omitzero"`
	Found  map[string]int `json:"found,omitzero"`
}

// uploaded is the body of the log entry of an artifact or a scan.
type uploaded struct {
	ArtifactUpload
	Token string `json:"token"` // its id
}

// KeepArtifact keeps an artifact that a run has named, uses up the token that came with
// it, writes both into the log, and makes due the releases at the commit. What is there
// already changes nothing, and fresh is false. It fails with [ErrUsed] or [ErrCrowded].
func (s *Store) KeepArtifact(ctx context.Context, u ArtifactUpload, token checks.RunToken, now time.Time) (fresh bool, err error) {
	const keep = `INSERT INTO artifacts (seq, repo_id, commit_sha, name, digest, run, attempt, workflow) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	const same = `SELECT 1 FROM artifacts WHERE repo_id = ? AND run = ? AND attempt = ? AND name = ? AND digest = ?`
	err = s.change(ctx, func(t *txn) (err error) {
		fresh, err = t.keepUploaded(KindArtifact, u, token, now, same, []any{u.RepoID, u.Run, u.Attempt, u.Name, u.Digest}, func(seq int64) error {
			return t.exec0(keep, seq, u.RepoID, u.SHA, u.Name, u.Digest, u.Run, u.Attempt, u.Workflow)
		})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep artifact: %w", err)
	}
	return fresh, nil
}

// KeepArtifactScan is [Store.KeepArtifact] for what a scan of an artifact found.
func (s *Store) KeepArtifactScan(ctx context.Context, u ArtifactUpload, token checks.RunToken, now time.Time) (fresh bool, err error) {
	found, err := json.Marshal(u.Found)
	if err != nil {
		return false, fmt.Errorf("encode scan: %w", err)
	}
	const keep = `INSERT INTO artifact_scans (seq, repo_id, commit_sha, digest, report, found, run, attempt, workflow) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	const same = `SELECT 1 FROM artifact_scans WHERE repo_id = ? AND run = ? AND attempt = ? AND digest = ? AND report = ?`
	err = s.change(ctx, func(t *txn) (err error) {
		fresh, err = t.keepUploaded(KindArtifactScan, u, token, now, same, []any{u.RepoID, u.Run, u.Attempt, u.Digest, u.Report}, func(seq int64) error {
			return t.exec0(keep, seq, u.RepoID, u.SHA, u.Digest, u.Report, string(found), u.Run, u.Attempt, u.Workflow)
		})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep scan: %w", err)
	}
	return fresh, nil
}

// keepUploaded does what both have in common. same finds the row that is there already.
func (t *txn) keepUploaded(kind Kind, u ArtifactUpload, token checks.RunToken, now time.Time, same string, of []any, keep func(seq int64) error) (bool, error) {
	if err := t.useToken(token); err != nil {
		return false, err
	}
	var n int
	if known, err := t.row(same, of, &n); err != nil || known {
		return false, err
	}
	const count = `SELECT (SELECT count(*) FROM artifacts WHERE repo_id = ?1 AND run = ?2 AND attempt = ?3)
		+ (SELECT count(*) FROM artifact_scans WHERE repo_id = ?1 AND run = ?2 AND attempt = ?3)`
	if _, err := t.row(count, []any{u.RepoID, u.Run, u.Attempt}, &n); err != nil {
		return false, err
	}
	if n >= uploadsTaken {
		return false, ErrCrowded
	}
	at, err := t.releasesAt(u.RepoID, u.SHA)
	if err != nil {
		return false, err
	}
	sub := checks.Subject{RepoID: u.RepoID}
	if len(at) == 1 {
		sub = at[0]
	}
	var e Entry
	if err := t.log(kind, sub, checks.Actor{}, "upload", uploaded{u, token.ID}, now, &e); err != nil {
		return false, err
	}
	if err := keep(e.Seq); err != nil {
		return false, err
	}
	return true, t.touchAll(at, "upload", millis(now), millis(now))
}

// scans are what the newest scan of each digest found.
func (r *releaseRecall) scans() error {
	r.known.Scans = map[string]map[string]int{}
	return r.query(func(scan func(...any) error) error {
		var digest, text string
		if err := scan(&digest, &text); err != nil {
			return err
		}
		found := map[string]int{}
		r.known.Scans[digest] = found
		return json.Unmarshal([]byte(text), &found)
	}, `SELECT digest, found FROM artifact_scans WHERE repo_id = ? AND commit_sha = ? ORDER BY seq`, r.sub.RepoID, r.commit)
}

// artifacts are the newest of each name and workflow.
func (r *releaseRecall) artifacts() error {
	return r.query(func(scan func(...any) error) error {
		a := checks.ReleaseArtifact{From: string(checks.FromUpload)}
		if err := scan(&a.Name, &a.Digest, &a.Run, &a.Workflow, &a.Seq); err != nil {
			return err
		}
		a.Scanned, a.ScannedRead = r.known.Scans[a.Digest], r.known.Scans[a.Digest] != nil
		r.known.Artifacts = append(r.known.Artifacts, a)
		return nil
	}, `SELECT name, digest, run, workflow, seq FROM artifacts a WHERE repo_id = ?1 AND commit_sha = ?2
			AND NOT EXISTS (SELECT 1 FROM artifacts n WHERE n.repo_id = ?1 AND n.commit_sha = ?2 AND n.name = a.name AND n.workflow = a.workflow AND n.seq > a.seq)
		ORDER BY seq`, r.sub.RepoID, r.commit)
}
