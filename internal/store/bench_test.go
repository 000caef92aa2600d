package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// payload is a body of n bytes that compresses about as well as GitHub's do.
func payload(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b []byte
	for len(b) < n {
		b = fmt.Appendf(b, `{"id":%d,"node_id":"PR_%x","html_url":"https://github.com/acme/shop/pull/%d","user":{"login":"ann%d","type":"User","site_admin":false}},`,
			r.Int64(), r.Int64(), r.IntN(9999), r.IntN(99))
	}
	return b[:n]
}

// BenchmarkReceive is the intake: 25 kB deliveries, 64 at a time, each on disk
// before it is answered. Goal: 1,000 a second.
func BenchmarkReceive(b *testing.B) {
	w := open(b)
	body := payload(25_000)
	work := make(chan int)
	done := make(chan error, 64)
	b.ReportAllocs()
	b.ResetTimer()
	for range 64 {
		go func() {
			for i := range work {
				d := Delivery{
					AppID: 1, GUID: fmt.Sprint("guid-", i), Event: "pull_request", Action: "synchronize", Body: body, ReceivedAt: at(float64(i)),
					Installation: installation, Repo: acme, Sender: checks.Actor{Login: "ann", ID: 5}, Touches: []Touch{{Number: 1 + i%300, Delay: time.Second}},
				}
				if fresh, err := w.Receive(w.ctx, d); err != nil || !fresh {
					done <- fmt.Errorf("fresh %v, %w", fresh, err)
					return
				}
			}
			done <- nil
		}()
	}
	for i := range b.N {
		work <- i
	}
	close(work)
	for range 64 {
		w.ok(<-done)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
	b.StopTimer()
	if n := w.count(`SELECT count(*) FROM deliveries`); n != int64(b.N) {
		b.Fatalf("%d of %d deliveries are there", n, b.N)
	}
}

// BenchmarkAppend compares appending with the Merkle log and inserting the same
// rows without it, one fsync an event, in one run. Goal: at least 0.5x.
func BenchmarkAppend(b *testing.B) {
	w := open(b)
	body := payload(2_000)
	w.ok(w.change(w.ctx, func(t *txn) error {
		return t.exec0(`CREATE TABLE plain AS SELECT *, x'00' AS salt, '' AS encoding, x'00' AS body FROM entries`)
	}))
	for _, index := range []string{"repo_id, subject, seq", "repo_id, kind, time", "lower(actor_login), seq", "time"} {
		w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(fmt.Sprintf(`CREATE INDEX "plain %s" ON plain (%s)`, index, index)) }))
	}
	var plain, merkle time.Duration
	for i := range b.N {
		begin := time.Now()
		d, err := w.draft(KindConfig, pr(3), checks.Actor{Login: "ann"}, "test", body, at(0))
		w.ok(err)
		w.ok(w.change(w.ctx, func(t *txn) error {
			return t.exec0(`INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, i, d.time, d.version, d.kind, d.repoID, d.subject,
				d.actorID, d.actorLogin, d.source, d.bodyHash, d.salt, d.encoding, d.stored)
		}))
		middle := time.Now()
		_, err = w.Append(w.ctx, Append{Kind: KindConfig, Subject: pr(3), Actor: checks.Actor{Login: "ann"}, Source: "test", Body: body}, at(0))
		w.ok(err)
		plain, merkle = plain+middle.Sub(begin), merkle+time.Since(middle)
	}
	b.ReportMetric(float64(plain)/float64(merkle), "x-of-plain")
	b.ReportMetric(float64(b.N)/merkle.Seconds(), "appends/s")
}

// BenchmarkVerify verifies 100,000 entries from their rows: mostly small
// bodies, each tenth a verdict of 20 kB. Goal: within 5 s.
func BenchmarkVerify(b *testing.B) {
	w := open(b)
	w.bulk(100_000, payload(20_000))
	for b.Loop() {
		r, err := w.Verify(w.ctx, nil)
		w.ok(err)
		if !r.OK() || r.Entries != 100_000 {
			b.Fatal(r)
		}
	}
}

// bulk appends n entries, 1,000 to a transaction, spread over pull requests.
func (w *world) bulk(n int, verdict []byte) {
	small := payload(300)
	for i := 0; i < n; {
		w.ok(w.change(w.ctx, func(t *txn) error {
			for end := min(i+1000, n); i < end; i++ {
				body, kind := small, KindDelivery
				if i%10 == 0 {
					body, kind = verdict, KindVerdict
				}
				sub := checks.Subject{RepoID: int64(i%50) + 1, Number: 1 + i/50%(max(n/5000, 1))}
				d, err := t.s.draft(kind, sub, checks.Actor{Login: fmt.Sprint("user", i%500)}, "guid", body, at(float64(i)))
				if err != nil {
					return err
				}
				if err := t.append(d, &Entry{}); err != nil {
					return err
				}
				t.signed = t.signed[:1]
			}
			return nil
		}))
	}
}

// BenchmarkHistory reads one pull request's history out of a million entries.
// Goal: under 1 ms.
func BenchmarkHistory(b *testing.B) {
	w := open(b)
	w.bulk(1_000_000, payload(300))
	sub := checks.Subject{RepoID: 17, Number: 9}
	var n int
	for b.Loop() {
		rows, err := w.History(w.ctx, sub)
		w.ok(err)
		n = len(rows)
	}
	if n == 0 {
		b.Fatal("there is nothing to read")
	}
	b.ReportMetric(float64(n), "entries")
}

// BenchmarkRecall recalls a pull request with 100 files and 10 reviews.
func BenchmarkRecall(b *testing.B) {
	w := open(b)
	p := pull(3, sha("a"), at(10))
	p.FilesRead, p.FileCount = true, 100
	for i := range 100 {
		p.Files = append(p.Files, checks.File{Path: fmt.Sprintf("internal/shop/%d/cart.go", i), Status: "modified", SHA: fmt.Sprintf("%040x", i), Additions: i})
	}
	for i := range 10 {
		p.Reviews = append(p.Reviews, checks.Review{ID: int64(i), Author: checks.Actor{Login: "bob"}, State: "APPROVED", Commit: sha(string("ab"[i%2])), Submitted: at(5)})
	}
	w.reading(p)
	p.Head.SHA, p.At, p.UpdatedAt = sha("b"), at(20), at(20)
	w.reading(p)
	b.ReportAllocs()
	for b.Loop() {
		w.ok(w.Recall(w.ctx, pr(3), &p))
	}
	if len(p.Memory.Changes) != 2 || len(p.Memory.Seen) != 10 {
		b.Fatal(p.Memory)
	}
}

// BenchmarkClaim claims and finishes among 10,000 subjects that wait in 300
// repositories.
func BenchmarkClaim(b *testing.B) {
	w := open(b)
	for i := 0; i < 10_000; {
		w.ok(w.change(w.ctx, func(t *txn) error {
			for end := i + 1000; i < end; i++ {
				s := checks.Subject{Installation: 1, RepoID: int64(1 + i%300), Owner: "acme", Repo: fmt.Sprint("r", i%300), Number: 1 + i/300}
				if err := t.keepRepo(checks.Repo{ID: s.RepoID, Owner: s.Owner, Name: s.Repo}, 1); err != nil {
					return err
				}
				if err := t.keepSubject(s.RepoID, s.Number); err != nil {
					return err
				}
				if err := t.touch(s, "sweep", 1, 1); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for i := 0.0; b.Loop(); i++ {
		job := w.claim(at(i))
		w.finish(job, FinishInfo{Until: at(i)}, at(i))
	}
}

// BenchmarkOpen is how long a start waits for the database.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "handrail.db")
	for b.Loop() {
		s, err := Open(context.Background(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
