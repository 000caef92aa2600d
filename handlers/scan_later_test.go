package handlers_test

import (
	"testing"
	"time"

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
