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
	Tools  []string       `json:"tools,omitzero"` // that scanned
}

// uploaded is the body of the log entry of an artifact or a scan.
type uploaded struct {
	ArtifactUpload
	Token string `json:"token"` // its id
}

// KeepArtifact keeps an artifact that a run has named, uses up the token that came with
// it, writes both into the log, and makes due the releases at the commit. seq is the
// entry. What is there already changes nothing, and fresh is false. It fails with
// [ErrUsed] or [ErrCrowded].
func (s *Store) KeepArtifact(ctx context.Context, u ArtifactUpload, token checks.RunToken, now time.Time) (seq int64, fresh bool, err error) {
	const keep = `INSERT INTO artifacts (seq, repo_id, commit_sha, name, digest, run, attempt, workflow) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	const same = `SELECT seq FROM artifacts WHERE repo_id = ? AND run = ? AND attempt = ? AND name = ? AND digest = ?`
	err = s.change(ctx, func(t *txn) (err error) {
		seq, fresh, err = t.keepUploaded(KindArtifact, u, token, now, same, []any{u.RepoID, u.Run, u.Attempt, u.Name, u.Digest}, func(seq int64) error {
			return t.exec0(keep, seq, u.RepoID, u.SHA, u.Name, u.Digest, u.Run, u.Attempt, u.Workflow)
		})
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("keep artifact: %w", err)
	}
	return seq, fresh, nil
}

// KeepArtifactScan is [Store.KeepArtifact] for what a scan of an artifact found.
func (s *Store) KeepArtifactScan(ctx context.Context, u ArtifactUpload, token checks.RunToken, now time.Time) (seq int64, fresh bool, err error) {
	found, err := json.Marshal(u.Found)
	if err != nil {
		return 0, false, fmt.Errorf("encode scan: %w", err)
	}
	const keep = `INSERT INTO artifact_scans (seq, repo_id, commit_sha, digest, report, found, run, attempt, workflow) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	const same = `SELECT seq FROM artifact_scans WHERE repo_id = ? AND run = ? AND attempt = ? AND digest = ? AND report = ?`
	err = s.change(ctx, func(t *txn) (err error) {
		seq, fresh, err = t.keepUploaded(KindArtifactScan, u, token, now, same, []any{u.RepoID, u.Run, u.Attempt, u.Digest, u.Report}, func(seq int64) error {
			return t.exec0(keep, seq, u.RepoID, u.SHA, u.Digest, u.Report, string(found), u.Run, u.Attempt, u.Workflow)
		})
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("keep scan: %w", err)
	}
	return seq, fresh, nil
}

// keepUploaded does what both have in common. same finds the row that is there already.
func (t *txn) keepUploaded(kind Kind, u ArtifactUpload, token checks.RunToken, now time.Time, same string, of []any, keep func(seq int64) error) (seq int64, fresh bool, err error) {
	if err := t.useToken(token); err != nil {
		return 0, false, err
	}
	if known, err := t.row(same, of, &seq); err != nil || known {
		return seq, false, err
	}
	var n int
	const count = `SELECT (SELECT count(*) FROM artifacts WHERE repo_id = ?1 AND run = ?2 AND attempt = ?3)
		+ (SELECT count(*) FROM artifact_scans WHERE repo_id = ?1 AND run = ?2 AND attempt = ?3)`
	if _, err := t.row(count, []any{u.RepoID, u.Run, u.Attempt}, &n); err != nil {
		return 0, false, err
	}
	if n >= UploadsTaken {
		return 0, false, ErrCrowded
	}
	at, err := t.releasesAt(u.RepoID, u.SHA)
	if err != nil {
		return 0, false, err
	}
	sub := checks.Subject{RepoID: u.RepoID}
	if len(at) == 1 {
		sub = at[0]
	}
	var e Entry
	if err := t.log(kind, sub, checks.Actor{}, "upload", uploaded{u, token.ID}, now, &e); err != nil {
		return 0, false, err
	}
	if err := keep(e.Seq); err != nil {
		return 0, false, err
	}
	return e.Seq, true, t.touchAll(at, "upload", millis(now), millis(now))
}

// artifacts are the newest of each name and workflow.
func (r *releaseRecall) artifacts() error {
	return r.query(func(scan func(...any) error) error {
		a := checks.ReleaseArtifact{From: string(checks.FromUpload)}
		err := scan(&a.Name, &a.Digest, &a.Run, &a.Workflow, &a.Seq)
		r.known.Artifacts = append(r.known.Artifacts, a)
		return err
	}, `SELECT name, digest, run, workflow, seq FROM artifacts a WHERE repo_id = ?1 AND commit_sha = ?2 AND commit_sha <> ''
			AND NOT EXISTS (SELECT 1 FROM artifacts n WHERE n.repo_id = ?1 AND n.commit_sha = ?2 AND n.name = a.name AND n.workflow = a.workflow AND n.seq > a.seq)
		ORDER BY seq`, r.sub.RepoID, r.commit)
}

// scans are all those of a digest that the newest run of each workflow has sent: it may
// have scanned with several tools.
func (r *releaseRecall) scans() error {
	return r.query(func(scan func(...any) error) error {
		a := checks.ReleaseArtifact{From: string(checks.FromScan), ScannedRead: true}
		var text string
		if err := scan(&a.Digest, &text, &a.Run, &a.Workflow, &a.Seq); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(text), &a.Scanned)
		r.known.Artifacts = append(r.known.Artifacts, a)
		return err
	}, `SELECT digest, found, run, workflow, seq FROM artifact_scans a WHERE repo_id = ?1 AND commit_sha = ?2 AND commit_sha <> ''
			AND NOT EXISTS (SELECT 1 FROM artifact_scans n WHERE n.repo_id = ?1 AND n.commit_sha = ?2 AND n.digest = a.digest AND n.workflow = a.workflow
				AND (n.run > a.run OR n.run = a.run AND n.attempt > a.attempt))
		ORDER BY seq`, r.sub.RepoID, r.commit)
}
