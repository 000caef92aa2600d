package store

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// torn has a transaction fail when it comes to write to a table.
func (w *world) torn(table string, do func() error) error {
	w.t.Helper()
	w.ok(w.change(w.ctx, func(t *txn) error {
		return t.exec0(fmt.Sprintf(`CREATE TRIGGER torn BEFORE INSERT ON %s BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`, table))
	}))
	err := do()
	w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(`DROP TRIGGER torn`) }))
	if err == nil {
		w.t.Fatalf("though %s cannot be written it says that all went well", table)
	}
	return err
}

// everything is how many rows each table has that a release's steps write to.
func (w *world) everything() string {
	var out string
	for _, table := range []string{"entries", "entry_bodies", "release_acts", "release_candidates", "release_evidence", "release_pulls", "approvals",
		"release_reminders", "release_dispatches", "deployments", "artifacts", "findings", "range_commits", "range_pulls", "deliveries"} {
		out += fmt.Sprintf("%s %d, ", table, w.count(`SELECT count(*) FROM `+table))
	}
	return out + fmt.Sprintf("promoted %d, ended %d, logged %d", w.count(`SELECT count(*) FROM releases WHERE promoted <> '' OR phase <> ''`),
		w.count(`SELECT count(*) FROM release_candidates WHERE ended > 0`), w.count(`SELECT coalesce(max(verdict), 0) FROM subjects`))
}

func TestAStepThatCannotBeWrittenWholeLeavesNothingBehindAndIsDoneAgain(t *testing.T) {
	moved := release("v1", sha("b"), at(7))
	page := grown(3, 0)
	token := checks.RunToken{ID: "t", Expires: at(1000), RepoID: acme.ID}
	for name, c := range map[string]struct {
		tables []string
		do     func(w *world, job Job, v Record) error
	}{
		"the decision": {[]string{"entries", "entry_bodies", "entry_states", "approvals", "release_reminders", "hashes", "checkpoint"}, func(w *world, job Job, v Record) error {
			_, err := w.Record(w.ctx, job, v, at(8))
			return err
		}},
		"acts": {[]string{"release_acts", "entry_bodies"}, func(w *world, job Job, _ Record) error {
			_, err := w.KeepActs(w.ctx, job, []checks.Act{spoken(checks.ActSign, "late", 40, 8), spoken(checks.ActReject, "", 41, 8)}, at(8))
			return err
		}},
		"a candidate": {[]string{"release_candidates", "entries"}, func(w *world, job Job, _ Record) error {
			return w.SeeCandidate(w.ctx, job, candidate(moved), "The tag was moved.", at(8))
		}},
		"evidence": {[]string{"release_evidence", "release_pulls", "entries"}, func(w *world, job Job, _ Record) error {
			_, err := w.KeepEvidence(w.ctx, job, checks.ReleaseEvidence{Digest: "d"}, []checks.Brought{{Number: 4}, {Number: 5}}, at(8))
			return err
		}},
		"a page": {[]string{"range_commits", "ranges"}, func(w *world, job Job, _ Record) error {
			return w.KeepRangePage(w.ctx, job, "", sha("a"), 3, 0, page, at(8))
		}},
		"a deployment": {[]string{"deployments", "entries", "deliveries"}, func(w *world, _ Job, _ Record) error {
			_, err := w.Receive(w.ctx, Delivery{AppID: 1, GUID: "torn", Event: "deployment_status", Body: []byte(`{}`), ReceivedAt: at(8), Installation: installation, Repo: acme,
				Facts: []Fact{Deployed{ID: 1, Environment: "production", State: "success", Commit: sha("a"), At: at(8)}}})
			return err
		}},
		"a button": {[]string{"release_acts", "entries"}, func(w *world, _ Job, _ Record) error {
			_, err := w.Receive(w.ctx, Delivery{AppID: 1, GUID: "torn", Event: "check_run", Body: []byte(`{}`), ReceivedAt: at(8), Installation: installation, Repo: acme,
				Facts: []Fact{ButtonPressed{Run: 1, Name: checks.RunRelease, Head: sha("a"), Identifier: "promote:0123456789ab", By: quinn, At: at(8)}}})
			return err
		}},
		"an artifact": {[]string{"artifacts", "entries", "used_tokens"}, func(w *world, _ Job, _ Record) error {
			_, _, err := w.KeepArtifact(w.ctx, ArtifactUpload{RepoID: acme.ID, Run: 1, Attempt: 1, SHA: sha("a"), Name: "app", Digest: "sha256:1"}, token, at(8))
			return err
		}},
		"that it is out": {[]string{"entries", "entry_bodies"}, func(w *world, job Job, v Record) error {
			if w.count(`SELECT count(*) FROM releases WHERE promoted <> ''`) == 0 {
				w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(`UPDATE releases SET promoted = 'd', promoted_seq = 1`) }))
			}
			return w.MarkReleased(w.ctx, job, at(8))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			job, r, digest, acts := w.approved("v1")
			v := promotion(r, digest, acts)
			v.Actions = []checks.Action{{Kind: checks.CommentIssue, Remind: []string{"key"}}}
			if name == "that it is out" {
				_, err := w.Record(w.ctx, job, v, at(6))
				w.ok(err)
			}
			before := w.everything()
			for _, table := range c.tables {
				_ = w.torn(table, func() error { return c.do(w, job, v) })
				if after := w.everything(); after != before {
					t.Errorf("when %s cannot be written there is\n%s, and was\n%s", table, after, before)
				}
				w.verifies()
			}
			w.ok(c.do(w, job, v))
			if w.everything() == before {
				t.Error("done again it did nothing")
			}
			w.ok(w.Close())
			w.reopen()
			w.verifies()
		})
	}
}

// Many at once: buttons, comments and the command line come together.
func TestActsThatComeAtOnceAreEachKeptOnce(t *testing.T) {
	w := open(t)
	job, r, digest, _ := w.approved("v1")
	var all sync.WaitGroup
	fail := make(chan error, 60)
	for i := range 10 {
		all.Go(func() {
			_, err := w.Act(w.ctx, rel("v1"), checks.Act{Kind: checks.ActSign, By: quinn, At: at(9), Via: checks.ByCommand, Ref: fmt.Sprint("key", i%5)}, "command", at(9))
			fail <- err
		})
		all.Go(func() {
			_, err := w.KeepActs(w.ctx, job, []checks.Act{spoken(checks.ActSign, "qa", 100+i%5, 9)}, at(9))
			fail <- err
		})
		all.Go(func() {
			_, err := w.Receive(w.ctx, Delivery{AppID: 1, GUID: fmt.Sprint("at once", i%5), Event: "check_run", Body: []byte(`{}`), ReceivedAt: at(9), Installation: installation, Repo: acme,
				Facts: []Fact{ButtonPressed{Run: int64(i % 5), Name: checks.RunRelease, Head: sha("a"), Identifier: "promote:" + digest[:12], By: quinn, At: at(9)}}})
			fail <- err
		})
	}
	all.Wait()
	close(fail)
	for err := range fail {
		w.ok(err)
	}
	got := w.knows(r).Acts
	if len(got) != 3+15 || !slices.IsSortedFunc(got, func(a, b checks.Act) int { return int(a.Seq - b.Seq) }) {
		t.Errorf("kept are %d acts: %+v", len(got), got)
	}
	w.verifies()
}
