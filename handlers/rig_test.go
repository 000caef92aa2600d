package handlers_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
	"github.com/handrail-bot/handrail/internal/store"
)

const rigPolicy = `version: 1
review:
  sign_offs:
    - {name: Code review, role: reviewer}
`

// rig is handrail from webhook to record against the stand-in, with a worker
// that the test steps by hand and a clock that it moves.
type rig struct {
	t      *testing.T
	gh     *sim.GitHub
	repo   *sim.Repo
	store  *store.Store
	path   string // of its database
	hub    *hub.Hub
	flow   *handlers.Flow
	guard  *leak.Guard
	scans  bool // the policy asks for the security scan, which would find what is planted
	evals  int
	before string       // where main was one commit earlier
	said   bytes.Buffer // its log
	skew   atomic.Int64 // nanoseconds; intake asks for the time beside the test
}

func newRig(t *testing.T, o sim.Options) *rig {
	t.Helper()
	r := &rig{t: t, gh: sim.New(o), path: filepath.Join(t.TempDir(), "handrail.db")}
	if _, _, err := start(t, r.gh); err != nil {
		t.Fatal(err)
	}
	oracle.Watch(t, r.gh)
	var err error
	r.store, err = store.Open(t.Context(), r.path, store.Options{Origin: "test", Jitter: func(d time.Duration) time.Duration { return d / 2 }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.store.Close() })
	r.guard = leak.Over(t, r.gh, r.path)
	t.Cleanup(func() { r.guard.Add(leak.Logged, r.said.Bytes()) })
	app := r.gh.App()
	h, err := hub.New(hub.Config{WebURL: r.gh.URL(), Issuer: r.gh.Issuer(), AppID: app.ID, PrivateKey: app.PrivateKey(), PublicURL: audience})
	if err != nil {
		t.Fatal(err)
	}
	r.hub = h
	r.flow = &handlers.Flow{Store: r.store, Forge: inStep{h}, Coverage: handlers.NewGatherer(h, readers()), Observer: r, Now: r.now, Version: "test"}
	r.flow.Inspector = handlers.NewInspector(h, engine(), handlers.CommitsAtOnce)
	handler, err := handlers.NewHook(handlers.HookConfig{AppID: app.ID, API: r.gh.URL() + "/api/v3", Secret: []byte(app.Secret), Store: r.store, Log: zerolog.New(r.guard.Writer(leak.Logged)), Now: r.now, Redact: r.flow.Inspector.Redact})
	if err != nil {
		t.Fatal(err)
	}
	hook := httptest.NewServer(handler)
	t.Cleanup(hook.Close)
	r.gh.SetHook(hook.URL + "/api/github/hook")
	r.stage()
	return r
}

// inStep is a way to the stand-in whose clock is the test's: the hub would take what the
// test has moved on for a difference of clocks.
type inStep struct{ handlers.Forge }

func (inStep) Skew() time.Duration { return 0 }

// engine is made once, since that takes longer than most tests.
func engine() *scan.Scanner { return leak.Engine() }

func start(t *testing.T, gh *sim.GitHub) (string, func(), error) {
	url, stop, err := gh.Start()
	if err == nil {
		t.Cleanup(stop)
	}
	return url, stop, err
}

// stage makes acme/shop with alice, bob and carol who may write, and a policy
// that wants one approval.
func (r *rig) stage() {
	org := r.gh.Org("acme")
	org.AddMember("alice", "bob", "carol", "quinn")
	r.repo = org.Repo("shop")
	for _, l := range []string{"alice", "bob", "carol", "quinn"} {
		r.repo.Allow(l, "write")
	}
	r.policy(rigPolicy)
	org.Install()
}

func (r *rig) policy(text string) {
	r.t.Helper()
	r.scans = strings.Contains(text, "security:")
	r.push("alice", "main", map[string]string{checks.PolicyPath: text, "README.md": "# shop\n"})
}

func (r *rig) push(by, branch string, files map[string]string) string {
	r.t.Helper()
	sha, err := r.repo.Push(sim.Push{By: by, Branch: branch, Message: "work on " + branch + r.planted("message"), Files: files})
	if err != nil {
		r.t.Fatal(err)
	}
	return sha
}

// topic is alice's pull request that changes a.go.
func (r *rig) topic() *sim.Pull {
	r.t.Helper()
	r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
	return r.open("topic")
}

func (r *rig) open(branch string) *sim.Pull {
	r.t.Helper()
	p, err := r.repo.OpenPull(sim.NewPull{By: "alice", Title: "change " + branch, Body: r.planted("description"), Head: branch})
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// planted is a secret in a text of people's, where that changes no verdict.
func (r *rig) planted(where string) string {
	if r.scans {
		return ""
	}
	return "\n\nwith " + r.guard.Secret(where)
}

func (r *rig) now() time.Time { return time.Now().Add(time.Duration(r.skew.Load())) }

// Evaluated counts.
func (r *rig) Evaluated(string, int, time.Duration, error) { r.evals++ }

// settle delivers what was sent and works until nothing is due, moving the
// clock over every delay.
func (r *rig) settle() {
	r.t.Helper()
	for range 200 {
		if err := r.gh.Settle(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		if r.step() || r.advance() {
			continue
		}
		// What was put off for a moment, such as a look at a replica that lags.
		r.pass(40 * time.Second)
		if !r.step() {
			return
		}
	}
	r.t.Fatal("handrail does not come to rest")
}

// advance moves the clock on if something waits for it within an hour.
func (r *rig) advance() bool {
	q, err := r.store.Queue(r.t.Context(), r.now())
	if err != nil {
		r.t.Fatal(err)
	}
	if q.Depth == 0 {
		return false
	}
	r.pass(500 * time.Millisecond)
	return true
}

// pass lets time pass, for handrail and for GitHub.
func (r *rig) pass(d time.Duration) {
	r.skew.Add(int64(d))
	r.gh.Advance(d)
}

// step does everything that is due now.
func (r *rig) step() (did bool) {
	r.t.Helper()
	for {
		jobs, err := r.store.Claim(r.t.Context(), 1, time.Minute, r.now())
		if err != nil {
			r.t.Fatal(err)
		}
		if len(jobs) == 0 {
			return did
		}
		did = true
		if err := r.flow.Evaluate(zerolog.New(&r.said).WithContext(context.Background()), jobs[0]); err != nil {
			r.t.Fatal(err)
		}
	}
}

// shows checks what the pull request shows: the state of "Merge Requirements",
// the label that goes with it, and some words of its text.
func (r *rig) shows(p *sim.Pull, state string, words ...string) {
	r.t.Helper()
	run, ok := p.Run(checks.RunMerge)
	got := strings.Trim(run.Status+"/"+run.Conclusion, "/")
	if !ok {
		got = "none"
	}
	if got != state {
		r.t.Errorf("%s shows %s, want %s: %s\n%s", p, got, state, run.Title, run.Summary)
	}
	if want := state == "completed/success"; p.HasLabel(checks.LabelMet) != want {
		r.t.Errorf("%s has the label: %v, want %v", p, !want, want)
	}
	all := run.Title + run.Summary
	if review, ok := p.Run("handrail/review"); ok {
		all += review.Title + review.Summary
	}
	for _, w := range words {
		if !strings.Contains(all, w) {
			r.t.Errorf("%s does not say %q:\n%s", p, w, all)
		}
	}
}

// requests counts what is asked of GitHub while f runs, minting tokens left out.
func (r *rig) requests(f func()) (all, writes int) {
	r.t.Helper()
	n := len(r.gh.Requests())
	f()
	for _, q := range r.gh.Requests()[n:] {
		if q.Minting() {
			continue
		}
		all++
		if q.Write {
			writes++
		}
	}
	return all, writes
}
