package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
)

// start is when the tests' world begins, on a whole second as GitHub's times
// are.
var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// at is a moment so many seconds later.
func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

var acme = checks.Repo{ID: 7, Owner: "acme", Name: "shop"}

const installation = 99

func pr(number int) checks.Subject {
	return checks.Subject{Installation: installation, RepoID: acme.ID, Owner: acme.Owner, Repo: acme.Name, Number: number}
}

func sha(c string) string { return strings.Repeat(c, 40) }

// world is a store in a directory of its own.
type world struct {
	*Store
	t       testing.TB
	ctx     context.Context
	path    string
	n       int
	guard   *leak.Guard
	planted string // in every report; made when it is first asked for
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "handrail.db"), guard: leak.New()}
	w.reopen()
	t.Cleanup(func() { w.Store.Close() })
	if _, measured := t.(*testing.B); !measured {
		w.watch()
	}
	return w
}

// watch has a guard look at the database when the test is over. The log's signing
// key lies beside the database, never in it.
func (w *world) watch() {
	w.guard = leak.Beside(w.t, w.path)
	w.guard.Plant(string(w.seed), "signing key")
	key, err := os.ReadFile(w.path + ".key")
	w.ok(err)
	parts := strings.Split(strings.TrimSpace(string(key)), "+")
	w.guard.Plant(parts[len(parts)-1], "signing key")
}

func (w *world) reopen() {
	w.t.Helper()
	var err error
	w.Store, err = Open(w.ctx, w.path, Options{
		Origin: "https://handrail.example.com/log",
		Jitter: func(d time.Duration) time.Duration { return d },
	})
	w.ok(err)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// deliver receives an event about acme/shop, each with a guid of its own.
func (w *world) deliver(now time.Time, touches []Touch, facts ...Fact) Delivery {
	w.t.Helper()
	w.n++
	d := Delivery{
		AppID: 1, GUID: fmt.Sprintf("guid-%d", w.n), Event: "pull_request", Action: "edited", Body: fmt.Appendf(nil, `{"body":%q}`, w.guard.Secret("delivery")),
		ReceivedAt: now, Installation: installation, Repo: acme, Sender: checks.Actor{Login: "Ann", ID: 5}, Touches: touches, Facts: facts,
	}
	fresh, err := w.Receive(w.ctx, d)
	w.ok(err)
	if !fresh {
		w.t.Fatalf("delivery %s is not fresh", d.GUID)
	}
	return d
}

// claim takes one job, which must be there.
func (w *world) claim(now time.Time) Job {
	w.t.Helper()
	jobs, err := w.Claim(w.ctx, 1, time.Minute, now)
	w.ok(err)
	if len(jobs) != 1 {
		w.t.Fatalf("claimed %d jobs at %s; want 1", len(jobs), now.Sub(start))
	}
	return jobs[0]
}

func (w *world) idle(now time.Time) {
	w.t.Helper()
	jobs, err := w.Claim(w.ctx, 10, time.Minute, now)
	w.ok(err)
	if len(jobs) != 0 {
		w.t.Fatalf("claimed %v; want nothing", jobs)
	}
}

func (w *world) finish(job Job, info FinishInfo, now time.Time) {
	w.t.Helper()
	w.ok(w.Finish(w.ctx, job, info, now))
}

// count is the answer of a query for one number.
func (w *world) count(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	w.ok(w.read.QueryRowContext(w.ctx, query, args...).Scan(&n))
	return n
}

func (w *world) verifies() {
	w.t.Helper()
	r, err := w.Verify(w.ctx, nil)
	w.ok(err)
	if !r.OK() {
		w.t.Fatalf("the log does not verify: %q", r.Problems)
	}
}

// pull is a snapshot of a pull request with one head.
func pull(number int, head string, now time.Time) checks.Pull {
	return checks.Pull{
		At: now, Repo: acme, Number: number, Title: "Sell more", Open: true, CreatedAt: start, UpdatedAt: now,
		Base: checks.Ref{Name: "main", SHA: sha("0"), RepoID: acme.ID}, Head: checks.Ref{Name: "more", SHA: head, RepoID: acme.ID},
	}
}

func record(p checks.Pull, own checks.State, actions ...checks.Action) Record {
	return Record{
		Pull: p, Verdict: checks.Verdict{
			State: own, Own: own, Number: p.Number, Head: p.Head.SHA, At: p.At,
			Results: []checks.Result{{ID: "review", State: own, Since: p.At, Summary: "One approval is missing.", Parts: []checks.Result{{ID: "review/qa", State: own, Since: p.At}}}},
		},
		Digest: "digest-" + own.String(), Actions: actions, Causes: []string{"guid-1"}, Version: "test",
	}
}
