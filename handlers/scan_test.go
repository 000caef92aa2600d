package handlers_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
)

const (
	securityPolicy = "version: 1\nroles:\n  security: {users: [bob], say: [\"security +1\"]}\nsecurity: {watch: {defaults: false, files: [\"auth/**\"]}}\n"
	runSecurity    = checks.RunSecurity
)

// token is a text of the form of GitHub's personal tokens, of this run only.
func token() string { return "ghp_" + (rand.Text() + rand.Text())[:36] }

// secured is a rig whose policy asks for the security scan.
func secured(t *testing.T, o sim.Options) *rig {
	t.Helper()
	r := newRig(t, o)
	r.policy(securityPolicy)
	return r
}

// secures checks the state of the run of the security scan, and some words of it.
func (r *rig) secures(p *sim.Pull, state string, words ...string) {
	r.t.Helper()
	run, _ := p.Run(runSecurity)
	if got := strings.Trim(run.Status+"/"+run.Conclusion, "/"); got != state {
		r.t.Errorf("%s shows %s, want %s: %s\n%s\n%s", p, got, state, run.Title, run.Summary, run.Text)
	}
	for _, w := range words {
		if all := run.Title + run.Summary + run.Text; !strings.Contains(all, w) {
			r.t.Errorf("%s does not say %q:\n%s", p, w, all)
		}
	}
}

// scanner is the way to the engine with something in it.
type scanner struct {
	handlers.Scanner
	patches, secrets int
	stop             func(n int) error // before the nth commit
}

func (s *scanner) Patch(ctx context.Context, p checks.Patch, w checks.Patterns) (checks.PatchScan, error) {
	s.patches++
	return s.Scanner.Patch(ctx, p, w)
}

func (s *scanner) Secrets(ctx context.Context, p checks.Patch) (checks.CommitScan, error) {
	s.secrets++
	if s.stop != nil {
		if err := s.stop(s.secrets); err != nil {
			return checks.CommitScan{}, err
		}
	}
	return s.Scanner.Secrets(ctx, p)
}

// watch counts what is scanned from now on.
func (r *rig) watch() *scanner {
	s := &scanner{Scanner: engine()}
	r.flow.Inspector = handlers.NewInspector(r.hub, s, handlers.CommitsAtOnce)
	return s
}

func TestASecretThatALaterCommitTakesAwayIsFound(t *testing.T) {
	r := secured(t, sim.Options{})
	sha := r.push("alice", "topic", map[string]string{"a.js": "const key = '" + token() + "'\n"})
	r.push("alice", "topic", map[string]string{"a.js": "const key = process.env.KEY\n"})
	p := r.open("topic")
	r.settle()
	r.secures(p, unmet, "GitHub", "a.js", sha[:7])
	r.replays(p)
}

func TestWhatWasScannedIsNeitherFetchedNorScannedAgain(t *testing.T) {
	r := secured(t, sim.Options{})
	s := r.watch()
	for i := range 3 {
		r.push("alice", "topic", map[string]string{"a.js": lines(10+i, "a")})
	}
	p := r.open("topic")
	files := r.asked("/files", r.settle)
	r.secures(p, met)
	if s.patches != 1 || s.secrets != 3 || files != 1 {
		t.Errorf("%d differences and %d commits were scanned, the files read %d times", s.patches, s.secrets, files)
	}
	all, _ := r.requests(func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	if all != 1 || s.patches != 1 || s.secrets != 3 {
		t.Errorf("another look takes %d requests, and scans %d differences and %d commits", all, s.patches, s.secrets)
	}
}

func TestAnOnlyCommitIsTheDifferenceAndIsNotAskedFor(t *testing.T) {
	r := secured(t, sim.Options{})
	s := r.watch()
	r.push("alice", "topic", map[string]string{"a.js": "k = '" + token() + "'\n"})
	p := r.open("topic")
	if n := r.asked("/commits/", r.settle); n != 0 || s.secrets != 0 {
		t.Errorf("%d requests for it, %d scans", n, s.secrets)
	}
	r.secures(p, unmet, "a.js")
}

func TestARebaseScansItsCommitsAndNotTheSameDifference(t *testing.T) {
	r := secured(t, sim.Options{})
	s := r.watch()
	one := map[string]string{"a.js": lines(10, "a")}
	two := map[string]string{"b.js": lines(5, "b")}
	r.push("alice", "topic", one)
	r.push("alice", "topic", two)
	p := r.open("topic")
	r.settle()
	r.secures(p, met)
	main := r.push("bob", "main", map[string]string{"c.js": lines(3, "c")})
	for i, files := range []map[string]string{one, two} {
		again := sim.Push{By: "alice", Branch: "topic", Message: "again", Files: files}
		if i == 0 {
			again.Parents = []string{main}
		}
		if _, err := r.repo.Push(again); err != nil {
			t.Fatal(err)
		}
	}
	r.settle()
	r.secures(p, met)
	if s.patches != 1 || s.secrets != 4 {
		t.Errorf("%d differences and %d commits were scanned, want 1 and 4", s.patches, s.secrets)
	}
}

// many is a pull request of n commits.
func (r *rig) many(n int) *sim.Pull {
	for i := range n {
		r.push("alice", "topic", map[string]string{"a.js": lines(1+i%7, fmt.Sprint("v", i))})
	}
	return r.open("topic")
}

func TestManyCommitsAreScannedInRoundsAndAStopLosesNone(t *testing.T) {
	for name, stop := range map[string]func() error{
		"a bug":   func() error { panic("stopped") },
		"the end": func() error { return context.Canceled },
	} {
		t.Run(name, func(t *testing.T) {
			r := secured(t, sim.Options{})
			s := r.watch()
			const n = 100
			ctx, cancel := context.WithCancel(t.Context())
			s.stop = func(i int) error {
				if i == 50 {
					cancel()
					return stop()
				}
				return nil
			}
			p := r.many(n)
			if err := r.evaluate(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.secures(p, waiting, "40 of 100 commits are scanned")
			r.pass(10 * time.Second)
			if err := r.evaluate(ctx); err != nil {
				t.Fatal(err)
			}
			r.settle()
			r.secures(p, met)
			if s.secrets != n+1 {
				t.Errorf("%d scans of %d commits, one of which was stopped", s.secrets, n)
			}
		})
	}
}

// yielding is what the hub says when others go first.
type yielding struct{ until time.Time }

func (yielding) Error() string        { return "others go first" }
func (yielding) HasYielded() bool     { return true }
func (y yielding) RetryAt() time.Time { return y.until }

// patches is the way to the stand-in with something in it.
type patches struct {
	handlers.Patches
	commit, alerts func() error // nil: nothing
}

func (p *patches) CommitPatch(ctx context.Context, s checks.Subject, sha string) (checks.Patch, error) {
	if p.commit != nil {
		if err := p.commit(); err != nil {
			return checks.Patch{}, err
		}
	}
	return p.Patches.CommitPatch(ctx, s, sha)
}

func (p *patches) Alerts(ctx context.Context, s checks.Subject, pull *checks.Pull, kind checks.AlertKind) (checks.Alerts, error) {
	if p.alerts != nil {
		if err := p.alerts(); err != nil {
			return checks.Alerts{}, err
		}
	}
	return p.Patches.Alerts(ctx, s, pull, kind)
}

func TestCommitsWaitForOtherRequestsAndTheVerdictDoesNot(t *testing.T) {
	r := secured(t, sim.Options{})
	n := 0
	r.flow.Inspector = handlers.NewInspector(&patches{Patches: r.hub, commit: func() error {
		if n++; n == 2 || n == 3 {
			return yielding{r.now().Add(20 * time.Second)}
		}
		return nil
	}}, engine(), handlers.CommitsAtOnce)
	p := r.many(3)
	if err := r.evaluate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.secures(p, waiting, "1 of 3 commits are scanned")
	r.settle()
	r.secures(p, met)
	if r.failing() != 0 {
		t.Error("waiting counts as failing")
	}
}

func TestAlertsWaitForOtherRequestsAndAreNotTakenForNone(t *testing.T) {
	r := secured(t, sim.Options{})
	n := 0
	r.flow.Inspector = handlers.NewInspector(&patches{Patches: r.hub, alerts: func() error {
		if n++; n <= 3 { // of each kind, once
			return yielding{r.now().Add(20 * time.Second)}
		}
		return nil
	}}, engine(), handlers.CommitsAtOnce)
	p := r.topic()
	if err := r.evaluate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.secures(p, waiting, "GitHub has not been asked yet about code scanning, the review of dependencies and secret scanning")
	r.settle()
	r.secures(p, met)
	if r.failing() != 0 || n != 6 {
		t.Errorf("%d tries count as failed, asked %d times", r.failing(), n)
	}
}

// fault is an answer that asking again will not change.
type fault struct{}

func (fault) Error() string    { return "GitHub does not have the commit any more" }
func (fault) Unusable() string { return "GitHub does not have the commit any more" }

func TestACommitThatIsNotThereAnyMoreNeedsAReview(t *testing.T) {
	r := secured(t, sim.Options{})
	n := 0
	r.flow.Inspector = handlers.NewInspector(&patches{Patches: r.hub, commit: func() error {
		if n++; n == 1 {
			return fault{}
		}
		return nil
	}}, engine(), handlers.CommitsAtOnce)
	p := r.many(2)
	r.settle()
	r.secures(p, waiting, "does not have the commit any more")
	if n != 2 {
		t.Errorf("asked %d times for 2 commits", n)
	}
}

func TestAScanThatFailsNeedsAReview(t *testing.T) {
	r := secured(t, sim.Options{})
	s := r.watch()
	s.stop = func(int) error { return errors.New("no") }
	p := r.many(2)
	r.settle()
	r.secures(p, waiting, "scan of the commit failed")
}

func TestAFileWhoseLinesGitHubDoesNotShowIsFetched(t *testing.T) {
	r := secured(t, sim.Options{})
	old := "\x00\nk = '" + token() + "'\n"
	r.push("alice", "main", map[string]string{"old.bin": old, "same.bin": old})
	for i, text := range []string{"", token()} {
		branch := fmt.Sprint("topic", i)
		r.push("alice", branch, map[string]string{"old.bin": old + text + "\n"})
		if _, err := r.repo.Push(sim.Push{By: "alice", Branch: branch, Move: map[string]string{"same.bin": "moved.bin"}}); err != nil {
			t.Fatal(err)
		}
		p := r.open(branch)
		blobs := r.asked("/git/blobs/", r.settle)
		if blobs != 2 {
			t.Errorf("%d blobs were fetched, want the new one and the old one", blobs)
		}
		if text == "" {
			r.secures(p, waiting, "old.bin") // a binary file
		} else {
			r.secures(p, unmet, "old.bin")
		}
	}
}

func TestAMoveOfTheBaseFetchesNoFileAgain(t *testing.T) {
	r := secured(t, sim.Options{})
	r.push("alice", "main", map[string]string{"old.bin": "\x00\n"})
	r.push("alice", "topic", map[string]string{"old.bin": "\x00\nmore\n"})
	p := r.open("topic")
	r.settle()
	for i := range 2 {
		r.push("bob", "main", map[string]string{"c.js": lines(i+1, "c")})
		blobs := r.asked("/git/blobs/", func() {
			p.Comment("carol", "nice")
			r.settle()
		})
		if blobs != 0 {
			t.Errorf("%d blobs were fetched of a difference that is the same", blobs)
		}
	}
	r.push("alice", "topic", map[string]string{"old.bin": "\x00\nyet more\n"})
	if n := r.asked("/git/blobs/", r.settle); n == 0 {
		t.Error("another file was not fetched")
	}
}

func TestMoreThanCanBeFetchedNeedsAReview(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy(strings.Replace(securityPolicy, "{watch:", "{opaque: \"off\", watch:", 1))
	files := map[string]string{}
	for i := range 52 {
		files[fmt.Sprintf("many/%02d.bin", i)] = fmt.Sprintf("\x00\xff%d", i)
	}
	r.push("alice", "many", files)
	r.push("alice", "large", map[string]string{"large.bin": "\x00\n" + strings.Repeat("0123456789abcdef", 5<<16+1)})
	many, large := r.open("many"), r.open("large")
	blobs := r.asked("/git/blobs/", r.settle)
	if blobs != 51 {
		t.Errorf("%d blobs were asked for, want 50 of many and a large one", blobs)
	}
	r.secures(many, waiting, "many/50.bin", "one of more than 50 files")
	r.secures(large, waiting, "large.bin", "larger than 5242880 bytes")
}

func TestAScanSurvivesWhatGoesWrongBeforeAndAfterEachRequest(t *testing.T) {
	for _, where := range []string{"/files", "/commits/", "/git/blobs/", "/git/trees/", "/compare/"} {
		for name, f := range map[string]sim.Failure{"before": sim.Status(503), "after": sim.Cut().After()} {
			t.Run(where+" "+name, func(t *testing.T) {
				r := secured(t, sim.Options{})
				r.push("alice", "main", map[string]string{"old.bin": "\x00\n"})
				sha := r.push("alice", "topic", map[string]string{"a.js": "k = '" + token() + "'\n"})
				r.push("alice", "topic", map[string]string{"a.js": "k\n", "old.bin": "\x00\nmore\n"})
				fails := 2
				r.gh.Fail(sim.Fault{Times: fails, Do: []sim.Failure{f}, When: func(q sim.Request) bool { return strings.Contains(q.Path, where) }})
				p := r.open("topic")
				if n := r.asked(where, r.settle); n < 2 {
					t.Errorf("%s was asked for %d times", where, n)
				}
				r.secures(p, unmet, sha[:7], "old.bin")
				if n := r.verdicts(p); n != 1 {
					t.Errorf("%d verdicts", n)
				}
			})
		}
	}
}
