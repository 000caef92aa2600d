package handlers

import (
	"context"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// afresh is the record as judging sees it when somebody has asked by command that all
// be read anew: what could not be read, or was not there, is looked for again, and
// GitHub's own alerts are asked for. What was read and scanned whole is the same
// whenever it is read, and stays.
type afresh struct {
	Archive
	pull *checks.Pull
}

// asked says whether somebody who may has asked. Their permission may be found out
// only while the snapshot is completed.
func (a afresh) asked() bool { return checks.Recheck(*a.pull) }

// Gathered leaves out what was read of reports with a mistake, and how those of the
// base branch were looked for.
func (a afresh) Gathered(ctx context.Context, of store.CoverageOf) (store.Gathered, bool, error) {
	g, found, err := a.Archive.Gathered(ctx, of)
	if err != nil || !found || !a.asked() {
		return g, found, err
	}
	odd := func(r checks.Report) bool { return r.Problem != "" }
	if !g.Got.Read || g.Got.Unplaced != "" || slices.ContainsFunc(g.Got.Reports, odd) {
		return store.Gathered{}, false, nil
	}
	g.Trail = store.Trail{}
	return g, true, nil
}

// Scan leaves out a scan that is not whole.
func (a afresh) Scan(ctx context.Context, of store.ScanOf) (checks.PatchScan, bool, error) {
	found, ok, err := a.Archive.Scan(ctx, of)
	if ok && len(found.Incomplete) > 0 && a.asked() {
		return checks.PatchScan{}, false, err
	}
	return found, ok, err
}

// CommitScans leaves out those that are not whole.
func (a afresh) CommitScans(ctx context.Context, repoID int64, engine string, shas []string) (map[string]checks.CommitScan, error) {
	all, err := a.Archive.CommitScans(ctx, repoID, engine, shas)
	if err != nil || !a.asked() {
		return all, err
	}
	out := make(map[string]checks.CommitScan, len(all))
	for sha, found := range all {
		if len(found.Incomplete) == 0 {
			out[sha] = found
		}
	}
	return out, nil
}

// Alerts knows nothing, unless whatever was said last is asked for.
func (a afresh) Alerts(ctx context.Context, of store.AlertsOf, since time.Time) (checks.Alerts, bool, error) {
	if !since.IsZero() && a.asked() {
		return checks.Alerts{}, false, nil
	}
	return a.Archive.Alerts(ctx, of, since)
}
