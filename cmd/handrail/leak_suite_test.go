package main

import (
	"maps"
	"os"
	"path/filepath"
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

// What is rendered in the fixtures, recorded and printed in scripts is as handrail
// made it.
func TestNoFixtureAndNoScriptHoldsASecret(t *testing.T) {
	s := newSinks()
	for _, dir := range []string{filepath.Join("..", "..", "fixtures", "verdicts"), filepath.Join("testdata", "script")} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			s.add("rendered", text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(s.text["rendered"]) < 30 {
		t.Fatalf("only %d files were found", len(s.text["rendered"]))
	}
	for _, l := range s.scan(suiteEngine()) {
		t.Errorf("the engine finds %s in %s", l.where, l.around)
	}
}
