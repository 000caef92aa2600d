package handlers_test

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
)

func TestAScanThatMustWaitAnHourCostsNextToNothingMeanwhile(t *testing.T) {
	for name, yields := range map[string]func(p *patches, err func() error){
		"commits": func(p *patches, err func() error) { p.commit = err },
		"alerts":  func(p *patches, err func() error) { p.alerts = err },
	} {
		t.Run(name, func(t *testing.T) {
			r := secured(t, sim.Options{})
			end := r.now().Add(time.Hour)
			way := &patches{Patches: r.hub}
			yields(way, func() error {
				if r.now().Before(end) {
					return yielding{end}
				}
				return nil
			})
			r.flow.Inspector = handlers.NewInspector(way, engine(), handlers.CommitsAtOnce)
			p := r.many(3)
			evals := 0
			all, _ := r.requests(func() {
				for r.now().Before(end) {
					if err := r.gh.Settle(t.Context()); err != nil {
						t.Fatal(err)
					}
					before := r.evals
					r.step()
					evals += r.evals - before
					r.pass(time.Second)
				}
			})
			if evals > 3 || all > 12 {
				t.Errorf("%d looks and %d requests in an hour in which nothing could be learned", evals, all)
			}
			r.secures(p, waiting)
			r.settle()
			r.secures(p, met)
			if n := r.verdicts(p); n != 2 {
				t.Errorf("%d verdicts were recorded", n)
			}
		})
	}
}

func TestFilesThatMustBeFetchedLeaveWhatVerdictsNeed(t *testing.T) {
	r := secured(t, sim.Options{})
	base := r.push("alice", "main", map[string]string{"old.bin": "\x00\n"})
	r.push("alice", "topic", map[string]string{"old.bin": "\x00\nmore\n"})
	ids, err := r.hub.Installations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app := ids[0]
	r.gh.SetBudget(app, "core", 900, time.Now().Add(time.Hour))
	p := r.open("topic")
	if blobs := r.asked("/git/", func() {
		if err := r.evaluate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}); blobs != 0 {
		t.Errorf("%d requests for files", blobs)
	}
	r.secures(p, waiting, "The change has not been scanned yet, since verdicts on others go first")
	r.gh.SetBudget(app, "core", 5000, time.Now().Add(2*time.Hour))
	if _, err := r.hub.Between(t.Context(), checks.Subject{Installation: app, Owner: "acme", Repo: "shop"}, base, p.Head()); err != nil {
		t.Fatal(err)
	}
	r.pass(2 * time.Hour)
	r.settle()
	r.secures(p, waiting, "old.bin") // a binary file
	if r.failing() != 0 {
		t.Error("waiting counts as failing")
	}
}
