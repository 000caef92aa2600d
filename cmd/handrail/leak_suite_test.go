package main

import (
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
)

// suiteEngine is the engine that looks over what tests of other things made
// handrail send, log, store and print.
var suiteEngine = sync.OnceValue(func() *scan.Scanner { return scan.New([]byte("a key of the tests'")) })

// guard has the engine look, when a test is over, at all that handrail let out
// meanwhile. Who has planted secrets says where.
type guard struct {
	*sinks
	mu      sync.Mutex
	forger  *forger
	planted map[string]string
}

// guarded begins to listen. The database is looked at when the test is over; it
// need not be there.
func guarded(t testing.TB, gh *sim.GitHub, database string) *guard {
	g := &guard{sinks: newSinks(), forger: newForger(), planted: map[string]string{}}
	g.watch(gh)
	t.Cleanup(func() {
		if _, err := os.Stat(database); err == nil {
			g.database(t, database)
		}
		g.check(t)
	})
	return g
}

// secret is a planted secret.
func (g *guard) secret(where string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	rules := slices.DeleteFunc(slices.Sorted(maps.Keys(forms)), func(r string) bool { return r == "private-key" })
	s := g.forger.make(rules[len(g.planted)%len(rules)])
	g.planted[s] = where
	return s
}

func (g *guard) check(t testing.TB) {
	t.Helper()
	for _, l := range g.find(g.planted) {
		t.Errorf("what was put into a %s is %s: …%s…", l.where, l.way, l.around)
	}
	for _, l := range g.scan(suiteEngine()) {
		t.Errorf("the engine finds %s in what is %s: %s", l.where, l.way, l.around)
	}
}
