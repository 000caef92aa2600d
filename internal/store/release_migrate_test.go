package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/migrations"
)

// olderDatabase is one of before releases, with what the statements put there.
func olderDatabase(t *testing.T, statements ...string) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "handrail.db")}
	db, err := sql.Open("sqlite", dsn(w.path, "journal_mode(WAL)", "foreign_keys(1)"))
	w.ok(err)
	conn, err := db.Conn(w.ctx)
	w.ok(err)
	all, err := listMigrations(migrations.Files)
	w.ok(err)
	_, err = conn.ExecContext(w.ctx, `CREATE TABLE schema_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL) STRICT`)
	w.ok(err)
	for _, m := range all[:11] {
		w.ok(apply(w.ctx, conn, m))
	}
	for _, s := range statements {
		_, err := conn.ExecContext(w.ctx, s)
		w.ok(err)
	}
	w.ok(conn.Close())
	w.ok(db.Close())
	return w
}

func TestFindingsAndMergesFromBeforeReleasesAreAllThereAfterwards(t *testing.T) {
	w := olderDatabase(t,
		`INSERT INTO repos (id, owner, name, installation) VALUES (7, 'acme', 'shop', 99)`,
		`INSERT INTO findings (id, repo_id, kind, subject, fact, detail, unheard, after_sha, opened, opened_seq) VALUES
			(1, 7, 'direct_push', 'branch/main', 'a', '{"what":"somebody pushed","commits":["c1"]}', 1, 'c1', 1000, 5)`,
		`INSERT INTO findings (id, repo_id, kind, subject, fact, detail, opened, opened_seq, closed, closed_seq, closed_by, reason) VALUES
			(4, 7, 'bypass', 'pull/3', 'b', '{"what":"root merged #3"}', 2000, 6, 3000, 7, 'ann', 'agreed')`,
		`INSERT INTO finding_commits (repo_id, branch, sha, finding) VALUES (7, 'main', 'c1', 1)`,
		`INSERT INTO merged_pulls (repo_id, number, merged_at, seq, verdict, enforced) VALUES (7, 3, 900, 8, 0, 1)`,
		`INSERT INTO watches (repo_id, default_branch, branches, tags) VALUES (7, 'main', '["main"]', '["v*"]')`,
	)
	w.reopen()
	t.Cleanup(func() { w.Store.Close() })
	got, err := w.Findings(w.ctx, FindingFilter{})
	w.ok(err)
	want := []Finding{
		{ID: 1, Kind: FindingPush, RepoID: 7, Repo: "acme/shop", Subject: "branch/main", Detail: FindingDetail{What: "somebody pushed", Commits: []string{"c1"}}, Opened: moment(1000), Entry: 5},
		{ID: 4, Kind: FindingBypass, RepoID: 7, Repo: "acme/shop", Subject: "pull/3", Detail: FindingDetail{What: "root merged #3"}, Opened: moment(2000), Entry: 6,
			Closed: moment(3000), ClosedEntry: 7, By: "ann", Reason: "agreed"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) FROM finding_commits c JOIN findings f ON f.id = c.finding WHERE c.sha = 'c1' AND f.unheard = 1 AND f.after_sha = 'c1'`); n != 1 {
		t.Error("which commits a finding is about is lost")
	}
	if n := w.count(`SELECT count(*) FROM merged_pulls WHERE compliant IS NULL AND state = '' AND seq = 8`); n != 1 {
		t.Error("a merge is lost, or says what it cannot know")
	}
	watch, found, err := w.Watching(w.ctx, 7)
	if err != nil || !found || len(watch.Tags) != 1 || len(watch.Releases) != 0 || !watch.ReleasesSince.IsZero() {
		t.Errorf("watched is %+v %v %v", watch, found, err)
	}
	if n := w.count(`SELECT count(*) FROM pragma_foreign_key_check`) + w.count(`SELECT count(*) FROM sqlite_master WHERE name LIKE '%_before'`); n != 0 {
		t.Errorf("%d rows or tables are left over", n)
	}
	// The conditions and the key hold still, and the new kinds are there.
	for kind, fits := range map[string]bool{"unapproved_release": true, "unapproved_deployment": true, "nonsense": false, "direct_push": false /* the same fact */} {
		err := w.change(w.ctx, func(t *txn) error {
			_, err := t.open(checks.Subject{RepoID: 7}, Opening{Kind: FindingKind(kind), Fact: "a", Detail: FindingDetail{What: "x"}}, at(1))
			return err
		})
		if n := w.count(`SELECT count(*) FROM findings WHERE kind = ? AND opened > 5000`, kind); (n == 1) != fits || (err != nil) != (kind == "nonsense") {
			t.Errorf("of the kind %s there are %d: %v", kind, n, err)
		}
	}
}
