package store

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
)

// Were the guard of [open] blind, nothing that these tests store would be held to
// anything.
func TestASecretThatIsStoredIsFound(t *testing.T) {
	w := open(t)
	g := leak.New()
	secret := g.Secret("title")
	w.deliver(at(0), []Touch{{Number: 1}}, HeadMoved{Number: 1, SHA: sha("a"), At: at(0), Opened: true})
	_, err := w.sentBy("lcov.info", "one")
	w.ok(err)
	if g.Database(t, w.path); len(g.Found()) > 0 {
		t.Fatalf("found what is not there: %+v", g.Found())
	}
	p := pull(1, sha("a"), at(1))
	p.Title = "use " + secret
	job := w.claim(at(1))
	w.ok(w.Observe(w.ctx, job, &p, at(1)))
	_, err = w.Record(w.ctx, job, record(p, checks.Unmet), at(1))
	w.ok(err)
	w.finish(job, FinishInfo{}, at(1))
	g.Database(t, w.path)
	ways := map[string]bool{}
	for _, f := range g.Found() {
		ways[f.What+" "+f.Way] = true
	}
	if !ways["title stored"] || len(ways) < 2 {
		t.Errorf("found only %v", ways)
	}
	w.guard.Named(secret) // the guard of all tests looks here too
}
