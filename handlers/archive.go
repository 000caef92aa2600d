package handlers

import (
	"context"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// archive is the record as judging sees it while a job's lease is held.
type archive struct {
	*store.Store
	job store.Job
	now func() time.Time
}

// Observe keeps nothing of an answer that is older than the event that made the
// job: a review that is not in it yet would not be missed by anybody.
func (a archive) Observe(ctx context.Context, _ checks.Subject, pull *checks.Pull) error {
	if older(*pull, a.job.Updated) {
		return errLagging
	}
	return a.Store.Observe(ctx, a.job, pull, a.now())
}

func (a archive) KeepWhatIf(ctx context.Context, s checks.Subject, text [32]byte, w checks.WhatIf) error {
	return a.Store.KeepWhatIf(ctx, s, text, w, a.now())
}

func (a archive) Keep(ctx context.Context, s checks.Subject, pull *checks.Pull, w checks.Wants) error {
	return a.Store.Keep(ctx, s, pull, w, a.now())
}

// gatheredFresh is how long what was read of coverage reports counts as used
// just now.
const gatheredFresh = 24 * time.Hour

// Gathered notes that what was read is still of use.
func (a archive) Gathered(ctx context.Context, of store.CoverageOf) (store.Gathered, bool, error) {
	g, found, err := a.Store.Gathered(ctx, of)
	if err == nil && found && a.now().Sub(g.Used) > gatheredFresh {
		err = a.KeepGathered(ctx, of, g)
	}
	return g, found, err
}

func (a archive) KeepGathered(ctx context.Context, of store.CoverageOf, g store.Gathered) error {
	return a.Store.KeepGathered(ctx, of, g, a.now())
}

// Now is our clock.
func (a archive) Now() time.Time { return a.now() }

// Scan notes that what was found is still of use.
func (a archive) Scan(ctx context.Context, of store.ScanOf) (checks.PatchScan, bool, error) {
	found, used, ok, err := a.Store.Scan(ctx, of)
	if err == nil && ok && a.now().Sub(used) > gatheredFresh {
		err = a.KeepScan(ctx, of, found)
	}
	return found, ok, err
}

func (a archive) KeepScan(ctx context.Context, of store.ScanOf, found checks.PatchScan) error {
	return a.Store.KeepScan(ctx, of, found, a.now())
}

// CommitScans notes which of them are still of use.
func (a archive) CommitScans(ctx context.Context, repoID int64, engine string, shas []string) (map[string]checks.CommitScan, error) {
	found, stale, err := a.Store.CommitScans(ctx, repoID, engine, shas, a.now())
	if err == nil {
		err = a.UsedCommitScans(ctx, repoID, engine, stale, a.now())
	}
	return found, err
}

func (a archive) KeepCommitScan(ctx context.Context, repoID int64, engine string, found checks.CommitScan) error {
	return a.Store.KeepCommitScan(ctx, repoID, engine, found, a.now())
}

// Ended believes what events have told for as long as GitHub may lag.
func (a archive) Ended(ctx context.Context, repoID int64, sha string) (map[int64]int, error) {
	return a.Store.Ended(ctx, repoID, sha, a.now().Add(-lagMost))
}

// Reader is the record as a what-if sees it: it is looked up and never written.
type Reader struct{ *store.Store }

// Observe keeps nothing.
func (Reader) Observe(context.Context, checks.Subject, *checks.Pull) error { return nil }

// Keep keeps nothing.
func (Reader) Keep(context.Context, checks.Subject, *checks.Pull, checks.Wants) error { return nil }

// KeepWhatIf keeps nothing.
func (Reader) KeepWhatIf(context.Context, checks.Subject, [32]byte, checks.WhatIf) error { return nil }

// KeepGathered keeps nothing.
func (Reader) KeepGathered(context.Context, store.CoverageOf, store.Gathered) error { return nil }

// Now is our clock.
func (Reader) Now() time.Time { return time.Now() }

// Scan is what was found before.
func (r Reader) Scan(ctx context.Context, of store.ScanOf) (checks.PatchScan, bool, error) {
	found, _, ok, err := r.Store.Scan(ctx, of)
	return found, ok, err
}

// KeepScan keeps nothing.
func (Reader) KeepScan(context.Context, store.ScanOf, checks.PatchScan) error { return nil }

// CommitScans is what was found before.
func (r Reader) CommitScans(ctx context.Context, repoID int64, engine string, shas []string) (map[string]checks.CommitScan, error) {
	found, _, err := r.Store.CommitScans(ctx, repoID, engine, shas, time.Now())
	return found, err
}

// KeepCommitScan keeps nothing.
func (Reader) KeepCommitScan(context.Context, int64, string, checks.CommitScan) error { return nil }

// Alerts knows nothing: GitHub is asked.
func (Reader) Alerts(context.Context, store.AlertsOf, time.Time) (checks.Alerts, bool, error) {
	return checks.Alerts{}, false, nil
}

// KeepAlerts keeps nothing.
func (Reader) KeepAlerts(context.Context, store.AlertsOf, checks.Alerts, time.Time) error { return nil }

// Ended knows nothing: what is asked now is answered as it is.
func (Reader) Ended(context.Context, int64, string) (map[int64]int, error) { return nil, nil }

// NoRecord is a record that knows nothing, for judging without a database.
type NoRecord struct{}

// Observe keeps nothing.
func (NoRecord) Observe(context.Context, checks.Subject, *checks.Pull) error { return nil }

// Recall knows nothing.
func (NoRecord) Recall(context.Context, checks.Subject, *checks.Pull) error { return nil }

// Fill knows nothing.
func (NoRecord) Fill(context.Context, checks.Subject, *checks.Pull, checks.Wants) error { return nil }

// Keep keeps nothing.
func (NoRecord) Keep(context.Context, checks.Subject, *checks.Pull, checks.Wants) error { return nil }

// Newest knows of none.
func (NoRecord) Newest(context.Context, checks.Subject, int, func(int64, store.Record) error) error {
	return nil
}

// WhatIf knows nothing.
func (NoRecord) WhatIf(context.Context, checks.Subject, [32]byte) (checks.WhatIf, bool, error) {
	return checks.WhatIf{}, false, nil
}

// KeepWhatIf keeps nothing.
func (NoRecord) KeepWhatIf(context.Context, checks.Subject, [32]byte, checks.WhatIf) error {
	return nil
}

// Gathered knows nothing.
func (NoRecord) Gathered(context.Context, store.CoverageOf) (store.Gathered, bool, error) {
	return store.Gathered{}, false, nil
}

// KeepGathered keeps nothing.
func (NoRecord) KeepGathered(context.Context, store.CoverageOf, store.Gathered) error { return nil }

// Uploads knows nothing.
func (NoRecord) Uploads(context.Context, int64, string) ([]store.Upload, error) { return nil, nil }

// AlsoAt knows of none.
func (NoRecord) AlsoAt(context.Context, checks.Subject, string, time.Time) ([]int, error) {
	return nil, nil
}

// Ended knows nothing.
func (NoRecord) Ended(context.Context, int64, string) (map[int64]int, error) { return nil, nil }

// Now is our clock.
func (NoRecord) Now() time.Time { return time.Now() }

// Scan knows nothing.
func (NoRecord) Scan(context.Context, store.ScanOf) (checks.PatchScan, bool, error) {
	return checks.PatchScan{}, false, nil
}

// KeepScan keeps nothing.
func (NoRecord) KeepScan(context.Context, store.ScanOf, checks.PatchScan) error { return nil }

// CommitScans knows nothing.
func (NoRecord) CommitScans(context.Context, int64, string, []string) (map[string]checks.CommitScan, error) {
	return nil, nil
}

// KeepCommitScan keeps nothing.
func (NoRecord) KeepCommitScan(context.Context, int64, string, checks.CommitScan) error { return nil }

// Alerts knows nothing.
func (NoRecord) Alerts(context.Context, store.AlertsOf, time.Time) (checks.Alerts, bool, error) {
	return checks.Alerts{}, false, nil
}

// KeepAlerts keeps nothing.
func (NoRecord) KeepAlerts(context.Context, store.AlertsOf, checks.Alerts, time.Time) error {
	return nil
}

// UploadBody knows nothing.
func (NoRecord) UploadBody(context.Context, store.Upload) ([]byte, error) {
	return nil, store.ErrReplaced
}

// Likely knows nothing.
func (NoRecord) Likely(context.Context, checks.Subject) ([]checks.Source, []string, error) {
	return nil, nil, nil
}
