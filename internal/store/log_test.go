package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_APPEND_TO"); path != "" {
		appendForEver(path)
	}
	os.Exit(m.Run())
}

// fill appends n entries with bodies small and large.
func (w *world) fill(n int) {
	w.t.Helper()
	for i := range n {
		w.append(i)
	}
}

func (w *world) append(i int) Entry {
	w.t.Helper()
	body := fmt.Sprintf(`{"n":%d,"text":%q}`, i, strings.Repeat("handrail ", i%3*100))
	e, err := w.Append(w.ctx, Append{Kind: KindConfig, Subject: pr(1 + i%5), Actor: checks.Actor{Login: "ann", ID: 5}, Source: "command", Body: []byte(body)}, at(float64(i)))
	w.ok(err)
	return e
}

func TestTheTreeIsTheOneOfRFC6962(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 300).Draw(t, "leaves")
		var stored, want []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			var out []tlog.Hash
			for _, i := range indexes {
				out = append(out, want[i])
			}
			return out, nil
		})
		var tr tree
		for i := range n {
			data := fmt.Appendf(nil, "leaf %d", i)
			stored = tr.append(tlog.RecordHash(data), stored)
			more, err := tlog.StoredHashes(i, data, reader)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, more...)
		}
		if diff := cmp.Diff(want, stored); diff != "" {
			t.Fatalf("the stored hashes differ from tlog's:\n%s", diff)
		}
		root, err := tlog.TreeHash(n, reader)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && root != tr.root() {
			t.Fatalf("the root of %d leaves is %s; want %s", n, tr.root(), root)
		}
	})
}

func TestEveryColumnOfAnEntryIsInItsLeaf(t *testing.T) {
	base := row{1, 2, 3, "kind", 4, "subject", 5, "login", "source", []byte("hash")}
	hash, _ := base.leaf(nil)
	seen := map[tlog.Hash]string{hash: "base"}
	for name, change := range map[string]func(*row){
		"seq": func(r *row) { r.seq++ }, "time": func(r *row) { r.time++ }, "version": func(r *row) { r.version++ },
		"kind": func(r *row) { r.kind += "x" }, "repo": func(r *row) { r.repoID++ }, "subject": func(r *row) { r.subject += "x" },
		"actor id": func(r *row) { r.actorID++ }, "actor": func(r *row) { r.actorLogin += "x" }, "source": func(r *row) { r.source += "x" },
		"body":  func(r *row) { r.bodyHash = []byte("hasi") },
		"moved": func(r *row) { r.actorLogin, r.source = "logins", "ource" }, // the same letters, split elsewhere
	} {
		r := base
		change(&r)
		h, _ := r.leaf(nil)
		if other, ok := seen[h]; ok {
			t.Errorf("the leaves of %s and %s are the same", name, other)
		}
		seen[h] = name
	}
}

func TestTheLogRefusesToBeRewritten(t *testing.T) {
	w := open(t)
	w.fill(3)
	const columns = `(seq, time, version, kind, repo_id, subject, actor_id, actor_login, source, body_hash)`
	row := func(seq int) string {
		return fmt.Sprintf(`(%d, 0, 1, 'config', 0, '', 0, '', '', zeroblob(32))`, seq)
	}
	for _, stmt := range []string{
		`UPDATE entries SET actor_login = 'eve' WHERE seq = 2`,
		`DELETE FROM entries WHERE seq = 3`,
		`INSERT OR REPLACE INTO entries ` + columns + ` VALUES ` + row(2),
		`INSERT OR REPLACE INTO entries ` + columns + ` VALUES ` + row(3),
		`INSERT INTO entries ` + columns + ` VALUES ` + row(5),
		`INSERT INTO entries ` + columns + ` VALUES ` + row(0),
		`INSERT INTO entries ` + columns + ` VALUES ` + strings.Replace(row(4), "config", "gossip", 1),
		`UPDATE hashes SET hash = zeroblob(32)`,
		`DELETE FROM hashes WHERE idx = 3`,
		`INSERT OR REPLACE INTO hashes (idx, hash) VALUES (1, zeroblob(32))`,
		`INSERT INTO hashes (idx, hash) VALUES (9, zeroblob(32))`,
		`UPDATE entry_bodies SET body = 'x'`,
		`DELETE FROM entry_bodies WHERE seq = 2`,
		`INSERT OR REPLACE INTO entry_bodies (seq, salt, encoding, body) VALUES (2, zeroblob(16), 'plain', x'00')`,
		`INSERT OR REPLACE INTO entry_bodies (seq, salt, encoding, body) VALUES (3, zeroblob(16), 'plain', x'00')`,
	} {
		err := w.change(w.ctx, func(t *txn) error { return t.exec0(stmt) })
		if err == nil {
			t.Errorf("%s was let through", stmt)
		}
	}
	w.fill(2)
	w.verifies()
}

// tamper changes the closed database behind the triggers' back.
func (w *world) tamper(stmts ...string) Report {
	w.t.Helper()
	w.ok(w.Close())
	db, err := sql.Open("sqlite", dsn(w.path))
	w.ok(err)
	defer db.Close()
	for _, table := range []string{"entries", "hashes", "bodies"} {
		for _, what := range []string{"no_update", "no_delete", "next"} {
			_, err := db.Exec(`DROP TRIGGER IF EXISTS ` + table + `_` + what)
			w.ok(err)
		}
	}
	for _, s := range stmts {
		_, err := db.Exec(s)
		w.ok(err)
	}
	r, err := OpenReadOnly(w.ctx, w.path)
	w.ok(err)
	defer r.Close()
	report, err := r.Verify(w.ctx, nil)
	w.ok(err)
	return report
}

func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	for _, c := range []struct {
		name  string
		stmts []string
		want  string
	}{
		{"edited row", []string{`UPDATE entries SET actor_login = 'eve' WHERE seq = 7`}, "entry 7 is not what was logged"},
		{"edited body", []string{`UPDATE entry_bodies SET body = CAST('{"n":0}' AS BLOB), encoding = 'plain' WHERE seq = 7`}, "the body of entry 7 is not what was logged"},
		{"damaged body", []string{`UPDATE entry_bodies SET body = x'ffff' WHERE encoding = 'deflate' AND seq = 8`}, "the body of entry 8 cannot be read"},
		{"removed body", []string{`DELETE FROM entry_bodies WHERE seq = 7`}, "the body of entry 7 is missing"},
		{"removed row", []string{`DELETE FROM entry_bodies WHERE seq = 7`, `DELETE FROM entries WHERE seq = 7`}, "entry 7 is missing"},
		{"swapped hashes", []string{`UPDATE hashes SET hash = (SELECT hash FROM hashes WHERE idx = 4) WHERE idx = 3`}, "the stored hash"},
		{"inner hash", []string{`UPDATE hashes SET hash = zeroblob(32) WHERE idx = 2`}, "do not follow from the entries"},
		{"cut end", []string{`DELETE FROM entry_bodies WHERE seq > 15`, `DELETE FROM entries WHERE seq > 15`, `DELETE FROM hashes WHERE idx >= 26`},
			"the checkpoint is of 20 entries and the log has 15"},
		{"cut rows only", []string{`DELETE FROM entry_bodies WHERE seq > 19`, `DELETE FROM entries WHERE seq > 19`}, "entries after 19 are missing"},
		{"no checkpoint", []string{`DELETE FROM checkpoint`}, "the checkpoint is missing"},
		{"forged checkpoint", []string{`UPDATE checkpoint SET note = replace(note, char(10) || '20' || char(10), char(10) || '19' || char(10))`}, "signature is wrong"},
		{"row and all hashes", nil, "the checkpoint's root is not that of the entries"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			w.fill(20)
			if c.stmts == nil {
				c.stmts = rewrite(w)
			}
			report := w.tamper(c.stmts...)
			if !strings.Contains(strings.Join(report.Problems, "\n")+"\n", c.want) {
				t.Errorf("problems = %q; want one with %q", report.Problems, c.want)
			}
		})
	}
}

// rewrite is what somebody would do who knows how the hashes are made but has
// no key: change an entry and make every hash anew.
func rewrite(w *world) []string {
	stmts := []string{`UPDATE entries SET actor_login = 'eve' WHERE seq = 20`}
	var r row
	w.ok(scanRow(w.read.QueryRow(`SELECT `+rowColumns+` FROM entries e WHERE seq = 20`).Scan, &r))
	r.actorLogin = "eve"
	leaf, _ := r.leaf(nil)
	first := tlog.StoredHashIndex(0, 19)
	hashes, err := tlog.StoredHashesForRecordHash(19, leaf, storedHashes(w.ctx, w.read))
	w.ok(err)
	for i, h := range hashes {
		stmts = append(stmts, fmt.Sprintf(`UPDATE hashes SET hash = x'%x' WHERE idx = %d`, h[:], first+int64(i)))
	}
	return stmts
}

func TestAnEmptyAndAFullLogVerify(t *testing.T) {
	w := open(t)
	w.verifies()
	w.fill(37)
	w.ok(w.Close())
	w.reopen()
	w.append(38)
	var told int64
	r, err := w.Verify(w.ctx, func(done, total int64) { told = done * total })
	w.ok(err)
	if !r.OK() || r.Entries != 38 || r.Bodies != 38 || r.Size != 38 || told != 38*38 {
		t.Errorf("report = %+v, progress %d", r, told)
	}
}

func TestACheckpointIsASignedNoteOfTheLog(t *testing.T) {
	w := open(t)
	e := w.append(0)
	e = w.append(1)
	text, err := w.Checkpoint(w.ctx)
	w.ok(err)
	verifier, err := note.NewVerifier(w.VerifierKey())
	w.ok(err)
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	w.ok(err)
	lines := strings.Split(n.Text, "\n")
	if lines[0] != "handrail.example.com/log" || lines[1]+" "+lines[2] != e.Checkpoint || e.Note != text || e.Seq != 2 {
		t.Errorf("checkpoint %q, entry %+v", n.Text, e)
	}
	if err := w.Trust("nonsense"); err == nil {
		t.Error("nonsense was taken for a key")
	}
	_, other, err := note.GenerateKey(w.opt.Rand, "handrail.example.com/log")
	w.ok(err)
	w.ok(w.Trust(other))
	if r, err := w.Verify(w.ctx, nil); err != nil || r.OK() {
		t.Errorf("a log signed with another key verifies: %v", err)
	}
}

func TestEachEntryCanBeProven(t *testing.T) {
	w := open(t)
	w.fill(11)
	for seq := int64(1); seq <= 11; seq++ {
		p, err := w.Prove(w.ctx, seq)
		w.ok(err)
		var path tlog.RecordProof
		for _, h := range p.Path {
			hash, err := tlog.ParseHash(h)
			w.ok(err)
			path = append(path, hash)
		}
		leaf, err := tlog.ParseHash(p.Leaf)
		w.ok(err)
		_, root, err := checkpointTree(p.Note)
		w.ok(err)
		if err := tlog.CheckRecord(path, p.Size, root, seq-1, leaf); err != nil {
			t.Errorf("the proof of %d: %v", seq, err)
		}
	}
	for _, seq := range []int64{0, 12, -1} {
		if _, err := w.Prove(w.ctx, seq); !errors.Is(err, ErrNoEntry) {
			t.Errorf("proof of %d: %v", seq, err)
		}
	}
}

func TestABodyIsExpungedOnRecordOnly(t *testing.T) {
	w := open(t)
	w.fill(9)
	_, err := w.Expunge(w.ctx, 4, checks.Actor{Login: "dpo"}, "a person asked", at(100))
	w.ok(err)
	if _, err := w.Expunge(w.ctx, 4, checks.Actor{}, "again", at(101)); err == nil {
		t.Error("it was expunged twice")
	}
	if _, err := w.Expunge(w.ctx, 400, checks.Actor{}, "nothing", at(101)); err == nil {
		t.Error("an entry that is not there was expunged")
	}
	e, body, err := w.Entry(w.ctx, 4)
	w.ok(err)
	if body != nil || !e.Expunged {
		t.Errorf("entry = %+v, body %q", e, body)
	}
	r, err := w.Verify(w.ctx, nil)
	w.ok(err)
	if !r.OK() || r.Expunged != 1 || r.Entries != 10 || r.Bodies != 9 {
		t.Errorf("report = %+v", r)
	}
}

func TestAnEntryIsReadBackWhole(t *testing.T) {
	w := open(t)
	w.ok(w.Touch(w.ctx, pr(3), Known{}, "sweep", at(0), at(0)))
	p := pull(3, sha("a"), at(1))
	p.Body = strings.Repeat("long ", 1000)
	job := w.look(&p)
	rec := record(p, checks.Waiting)
	e, err := w.Record(w.ctx, job, rec, at(1))
	w.ok(err)
	got, body, err := w.Entry(w.ctx, e.Seq)
	w.ok(err)
	var back Record
	w.ok(json.Unmarshal(body, &back))
	if diff := cmp.Diff(rec, back); diff != "" {
		t.Errorf("the record is not the one that was written:\n%s", diff)
	}
	got.BodyHash = ""
	want := EntryRow{Seq: e.Seq, Time: at(1), Version: 1, Kind: KindVerdict, RepoID: 7, Repo: "acme/shop", Subject: "pull/3", Source: "guid-1", State: "waiting"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, _, err := w.Entry(w.ctx, 99); !errors.Is(err, ErrNoEntry) {
		t.Errorf("an entry that is not there: %v", err)
	}
}

func TestListsFilterAndPage(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}}, LabelChanged{Number: 3, Label: checks.LabelMet, Added: true, By: checks.Actor{Login: "Eve"}, At: at(0)})
	w.fill(10)
	seqs := func(f Filter) string {
		t.Helper()
		rows, err := w.List(w.ctx, f)
		w.ok(err)
		var b strings.Builder
		for _, r := range rows {
			fmt.Fprint(&b, r.Seq, " ")
		}
		return b.String()
	}
	for _, c := range []struct {
		f    Filter
		want string
	}{
		{Filter{Limit: 3}, "1 2 3 "},
		{Filter{Limit: 3, After: 3}, "4 5 6 "},
		{Filter{Limit: 3, Newest: true}, "12 11 10 "},
		{Filter{Limit: 3, Newest: true, After: 10}, "9 8 7 "},
		{Filter{Repo: "ACME/Shop", Pull: 3}, "1 2 5 10 "},
		{Filter{Kind: KindLabel}, "1 "},
		{Filter{Actor: "EVE"}, "1 "},
		{Filter{Since: at(3), Until: at(5), Kind: KindConfig}, "6 7 "},
		{Filter{State: "met"}, ""},
	} {
		if got := seqs(c.f); got != c.want {
			t.Errorf("%+v: %s; want %s", c.f, got, c.want)
		}
	}
	if _, err := w.List(w.ctx, Filter{Repo: "acme/none"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown repository: %v", err)
	}
	h, err := w.History(w.ctx, pr(3))
	w.ok(err)
	if len(h) != 4 {
		t.Errorf("the history has %d entries; want 4", len(h))
	}
	if sub, err := w.Find(w.ctx, "Acme/shop", 3); err != nil || sub != pr(3) {
		t.Errorf("found %+v, %v", sub, err)
	}
}

func TestOneCallersErrorLeavesTheOthersAlone(t *testing.T) {
	w := open(t)
	var all sync.WaitGroup
	errs := make([]error, 200)
	for i := range errs {
		all.Go(func() {
			errs[i] = w.change(w.ctx, func(t *txn) error {
				d, err := w.draft(KindConfig, pr(1), checks.Actor{}, "test", nil, at(0))
				if err == nil {
					err = t.append(d, &Entry{})
				}
				if err == nil && i%3 == 0 {
					err = errors.New("changed my mind")
				}
				return err
			})
		})
	}
	all.Wait()
	want := int64(0)
	for i, err := range errs {
		if (err != nil) != (i%3 == 0) {
			t.Errorf("caller %d: %v", i, err)
		}
		if err == nil {
			want++
		}
	}
	if n := w.count(`SELECT count(*) FROM entries`); n != want {
		t.Errorf("%d entries; want %d", n, want)
	}
	w.verifies()
}

func TestWhenTheLogCannotBeWrittenTheCallerHears(t *testing.T) {
	w := open(t)
	w.fill(1)
	w.ok(w.change(w.ctx, func(t *txn) error {
		return t.exec0(`CREATE TRIGGER full BEFORE INSERT ON hashes BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	}))
	d := Delivery{AppID: 1, GUID: "g", Event: "push", ReceivedAt: at(1), Repo: acme, Touches: []Touch{{Number: 1}}}
	if fresh, err := w.Receive(w.ctx, d); err == nil || fresh {
		t.Errorf("a delivery that was not logged: fresh %v, %v", fresh, err)
	}
	if n := w.count(`SELECT count(*) FROM deliveries`) + w.count(`SELECT count(*) FROM work`); n != 0 {
		t.Error("it left a trace")
	}
	w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(`DROP TRIGGER full`) }))
	if fresh, err := w.Receive(w.ctx, d); err != nil || !fresh {
		t.Errorf("once it can be written again: fresh %v, %v", fresh, err)
	}
	w.verifies()
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	if _, err := w.Receive(ctx, d); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has left: %v", err)
	}
	w.ok(w.Close())
	if _, err := w.Receive(w.ctx, d); err == nil {
		t.Error("a closed store took a delivery")
	}
}

func TestASecondProcessCannotForkTheLog(t *testing.T) {
	w := open(t)
	w.fill(2)
	other, err := Open(w.ctx, w.path, Options{})
	w.ok(err)
	defer other.Close()
	for i := range 5 {
		w.append(i)
		if _, err := other.Append(w.ctx, Append{Kind: KindExpunged}, at(1)); err != nil {
			t.Fatal(err)
		}
	}
	w.verifies()
}

func TestOpenRefusesWhatItCannotTrust(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	fresh := func(name string) string {
		path := filepath.Join(dir, name)
		s, err := Open(ctx, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(ctx, Append{Kind: KindConfig}, at(0)); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	open := func(path, want string) {
		t.Helper()
		s, err := Open(ctx, path, Options{})
		if err == nil {
			s.Close()
			t.Errorf("%s was opened; want an error with %q", path, want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	open("postgres://db/handrail", "PostgreSQL is not supported")
	open("", "needs a file")
	open(filepath.Join(dir, "no", "such", "dir.db"), "no such file or directory")

	path := fresh("lost key.db")
	if err := os.Rename(path+".key", path+".away"); err != nil {
		t.Fatal(err)
	}
	open(path, "is missing though the log has entries")

	path = fresh("open?key.db")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the database: %v %v", info.Mode(), err)
	}
	if err := os.Chmod(path+".key", 0o644); err != nil {
		t.Fatal(err)
	}
	open(path, "chmod 600")

	path = filepath.Join(dir, "newer.db")
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.change(ctx, func(t *txn) error { return t.exec0(`INSERT INTO schema_migrations VALUES (9999, 'later')`) })
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	open(path, "newer handrail")
	if _, err := OpenReadOnly(ctx, path); err == nil || !strings.Contains(err.Error(), "newer handrail") {
		t.Errorf("reading a newer database: %v", err)
	}
}

// appendForEver is a child process: it appends and says each time that it has,
// until it is killed.
func appendForEver(path string) {
	ctx := context.Background()
	s, err := Open(ctx, path, Options{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var out sync.Mutex
	for i := range 8 {
		go func() {
			for n := 0; ; n++ {
				d := Delivery{AppID: 1, GUID: fmt.Sprintf("%d-%d-%d", os.Getpid(), i, n), Event: "push", Body: []byte("{}"), ReceivedAt: time.Now(), Repo: acme, Touches: []Touch{{Number: i + 1}}}
				fresh, err := s.Receive(ctx, d)
				if err != nil || !fresh {
					fmt.Println("error", fresh, err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(d.GUID)
				out.Unlock()
			}
		}()
	}
	select {}
}

func TestKilledWhileAppendingTheLogVerifiesAndNothingToldIsLost(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "handrail.db")
	var told []string
	for round := range 4 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "STORE_TEST_APPEND_TO="+path)
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(pipe)
		for n := 0; lines.Scan(); n++ {
			if strings.HasPrefix(lines.Text(), "error") {
				t.Fatal(lines.Text())
			}
			if strings.Count(lines.Text(), "-") == 2 {
				told = append(told, lines.Text())
			}
			if n == 100+37*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
	}
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Verify(context.Background(), nil)
	if err != nil || !r.OK() {
		t.Fatalf("after being killed the log has problems %q, %v", r.Problems, err)
	}
	for i, guid := range told {
		var n int
		if err := s.read.QueryRow(`SELECT count(*) FROM deliveries WHERE guid = ?`, guid).Scan(&n); err != nil {
			t.Fatal(err)
		}
		// The last line may have been cut by the kill.
		if n != 1 && i < len(told)-1 {
			t.Errorf("delivery %s was confirmed and is gone", guid)
		}
	}
	if r.Entries < int64(len(told)) {
		t.Errorf("%d entries for %d confirmed deliveries", r.Entries, len(told))
	}
}
