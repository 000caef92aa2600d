package store

import (
	"context"
	"fmt"
	"time"
)

const (
	// cacheKept is how long answers of GitHub's that never change are kept;
	// they can be asked for again.
	cacheKept = 30 * 24 * time.Hour
	// changesKept is how long the files of a closed pull request are kept, for
	// when it is reopened; later they are asked for again, and what is approved
	// counts as stale where that fails. Verdicts' entries have their own.
	changesKept = 90 * 24 * time.Hour
	// setsKept is how long what coverage reports said is kept after its last use,
	// uploadsKept how long the reports that were sent are: as long as a head may
	// wait for the others.
	setsKept    = 90 * 24 * time.Hour
	uploadsKept = 30 * 24 * time.Hour
	// scansKept is how long what a scan found is kept after its last use.
	scansKept = 90 * 24 * time.Hour
	// tokensKept is how long after it has expired the id of a used token is kept:
	// clocks differ.
	tokensKept = time.Hour
	// gatesKept is how long a job that waits is remembered: GitHub ends it after 30 days
	// ("Deployments and environments", GitHub docs).
	gatesKept = 31 * 24 * time.Hour
	// pruneBatch is how many rows go at once, so that what arrives meanwhile
	// need not wait.
	pruneBatch = 500
)

// Prune removes what is kept for a time only: deliveries' bodies after 3 days
// and their digests after 30, cached answers, settled work, what reports and scans
// said, the ids of tokens, the files and test merges of pull requests that have been
// closed for 90, the commits of ranges and deployments of no release, and moves of
// branches that nobody looks at. The log and what else GitHub forgets stay. It is called once an hour or so.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	before := func(d time.Duration) int64 { return millis(now.Add(-d)) }
	for _, p := range []struct {
		query  string
		before int64
	}{
		{`UPDATE deliveries SET body = NULL WHERE rowid IN
			(SELECT rowid FROM deliveries WHERE body IS NOT NULL AND received < ? LIMIT ?)`, before(bodyKept)},
		{`DELETE FROM deliveries WHERE rowid IN (SELECT rowid FROM deliveries WHERE received < ? LIMIT ?)`, before(digestKept)},
		{`DELETE FROM file_cache WHERE rowid IN (SELECT rowid FROM file_cache WHERE kept < ? LIMIT ?)`, before(cacheKept)},
		{`DELETE FROM behind_cache WHERE rowid IN (SELECT rowid FROM behind_cache WHERE kept < ? LIMIT ?)`, before(cacheKept)},
		{`DELETE FROM mode_cache WHERE rowid IN (SELECT rowid FROM mode_cache WHERE kept < ? LIMIT ?)`, before(cacheKept)},
		{`DELETE FROM changes WHERE rowid IN (SELECT c.rowid FROM subjects s JOIN changes c ON c.repo_id = s.repo_id AND c.number = s.number
			WHERE s.open = 0 AND s.read_at < ? LIMIT ?)`, before(changesKept)},
		{`DELETE FROM merges WHERE id IN (SELECT m.id FROM subjects s JOIN merges m ON m.repo_id = s.repo_id AND m.number = s.number
			WHERE s.open = 0 AND s.read_at < ? LIMIT ?)`, before(changesKept)},
		{`DELETE FROM coverage_sets WHERE rowid IN (SELECT rowid FROM coverage_sets WHERE used < ? LIMIT ?)`, before(setsKept)},
		{`DELETE FROM scans WHERE rowid IN (SELECT rowid FROM scans WHERE used < ? LIMIT ?)`, before(scansKept)},
		{`DELETE FROM commit_scans WHERE rowid IN (SELECT rowid FROM commit_scans WHERE used < ? LIMIT ?)`, before(scansKept)},
		{`DELETE FROM alert_answers WHERE rowid IN (SELECT rowid FROM alert_answers WHERE asked < ? LIMIT ?)`, before(24 * time.Hour)},
		{`DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE at < ? LIMIT ?)`, before(changesKept)},
		{`DELETE FROM what_ifs WHERE rowid IN (SELECT rowid FROM what_ifs WHERE made < ? LIMIT ?)`, before(changesKept)},
		{`DELETE FROM uploads WHERE rowid IN (SELECT rowid FROM uploads WHERE received < ? LIMIT ?)`, before(uploadsKept)},
		{`DELETE FROM ended_runs WHERE rowid IN (SELECT rowid FROM ended_runs WHERE told < ? LIMIT ?)`, before(24 * time.Hour)},
		{`DELETE FROM used_tokens WHERE rowid IN (SELECT rowid FROM used_tokens WHERE expires < ? LIMIT ?)`, before(tokensKept)},
		{`DELETE FROM ref_moves WHERE id IN (SELECT id FROM ref_moves WHERE heard < ? LIMIT ?)`, before(changesKept)},
		{`DELETE FROM tag_puts WHERE id IN (SELECT p.id FROM tag_puts p WHERE p.heard < ?
			AND NOT EXISTS (SELECT 1 FROM releases x WHERE x.repo_id = p.repo_id AND x.tag = p.tag) LIMIT ?)`, before(changesKept)},
		{`DELETE FROM gates WHERE rowid IN (SELECT rowid FROM gates WHERE asked < ? LIMIT ?)`, before(gatesKept)},
		{`DELETE FROM deployments WHERE rowid IN (SELECT d.rowid FROM deployments d WHERE d.heard < ?
			AND NOT EXISTS (SELECT 1 FROM releases x WHERE x.repo_id = d.repo_id AND x.commit_sha = d.commit_sha) LIMIT ?)`, before(changesKept)},
		{`DELETE FROM ranges WHERE id IN (SELECT id FROM ranges WHERE used < ? LIMIT ?)`, before(changesKept)},
		{`DELETE FROM relation_cache WHERE rowid IN (SELECT rowid FROM relation_cache WHERE kept < ? LIMIT ?)`, before(cacheKept)},
		{`DELETE FROM reruns WHERE rowid IN (SELECT rowid FROM reruns WHERE at < ? LIMIT ?)`, before(cacheKept)},
		{`DELETE FROM label_repairs WHERE rowid IN (SELECT rowid FROM label_repairs WHERE at < ? LIMIT ?)`, before(24 * time.Hour)},
		{`DELETE FROM work WHERE rowid IN (SELECT rowid FROM work WHERE gen = done_gen AND not_before < ? LIMIT ?)`, before(time.Hour)},
	} {
		if err := s.pruneAll(ctx, p.query, p.before); err != nil {
			return fmt.Errorf("prune: %w", err)
		}
	}
	// What the planner knows of the tables' sizes; SQLite decides what is worth it.
	return s.change(ctx, func(t *txn) error { return t.exec0(`PRAGMA optimize`) })
}

func (s *Store) pruneAll(ctx context.Context, query string, before int64) error {
	for {
		var n int64
		err := s.change(ctx, func(t *txn) (err error) {
			n, err = t.exec(query, before, pruneBatch)
			return err
		})
		if err != nil || n < pruneBatch {
			return err
		}
	}
}
