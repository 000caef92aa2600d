// Package leak holds tests to what handrail promises: no secret gets out. It
// collects what handrail sends, logs, stores and prints, plants secrets, looks for
// them, and lets handrail's own engine look too. It is used by tests only.
package leak

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
)

// Engine is the engine that looks, made once, since that takes longer than most
// tests.
var Engine = sync.OnceValue(func() *scan.Scanner { return scan.New([]byte("a key of the tests'")) })

// Guard is sinks, and the secrets that must not be in them. It may be used by
// several at once.
type Guard struct {
	*Sinks
	mu      sync.Mutex
	forger  *Forger
	made    int
	planted map[string]string // where, by secret
}

// New makes a guard that listens to nobody yet.
func New() *Guard {
	return &Guard{Sinks: NewSinks(), forger: NewForger(), planted: map[string]string{}}
}

// Beside has a guard look, when the test is over, at what was added meanwhile and at
// what is in the database, which need not be there ("" is none). What is called for when a test
// ends, such as closing the database, must be called for before. The test fails for
// what is found.
func Beside(t testing.TB, database string) *Guard {
	g := New()
	t.Cleanup(func() {
		if _, err := os.Stat(database); err == nil {
			g.Database(t, database)
		}
		g.Check(t)
	})
	return g
}

// Over is a guard [Beside] a database that also follows a stand-in, to which handrail
// sends.
func Over(t testing.TB, gh *sim.GitHub, database string) *Guard {
	g := Beside(t, database)
	t.Cleanup(g.Follow(gh))
	return g
}

// Follow takes everything that is sent to GitHub but headers. The tokens in these
// are secrets from then on.
func (g *Guard) Follow(gh *sim.GitHub) (stop func()) {
	return gh.OnExchange(func(x sim.Exchange) {
		g.exchange(x)
		if _, token, ok := strings.Cut(x.Header.Get("Authorization"), " "); ok && !x.Hook {
			g.Plant(token, "header")
		}
	})
}

// Secret makes a secret of the next provider in turn, which is put where it says.
func (g *Guard) Secret(where string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := rules()
	g.made++
	s := g.forger.Make(all[(g.made-1)%len(all)])
	g.planted[s] = where
	return s
}

// Make is a secret that the rule finds, which is put where it says. Lines of a
// secret that has several are remembered by themselves.
func (g *Guard) Make(rule, where string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.forger.Make(rule)
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			g.planted[line] = where
		}
	}
	return s
}

// Plant remembers a secret that was made elsewhere.
func (g *Guard) Plant(secret, where string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.planted[secret] = where
}

// Found is what of the planted secrets, and what else that the engine knows, got
// out.
func (g *Guard) Found() []Found {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append(g.Find(g.planted), g.Scan(Engine())...)
}

// Check fails the test when anything is found, and shows the first of it.
func (g *Guard) Check(t testing.TB) {
	t.Helper()
	found := g.Found()
	for _, f := range found[:min(len(found), 10)] {
		t.Errorf("one of %d: a secret (%s) is %s: …%s…", len(found), f.What, f.Way, f.Around)
	}
}
