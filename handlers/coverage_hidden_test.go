package handlers_test

import (
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestLinesThatGitHubDoesNotShowAreNotTakenForNone(t *testing.T) {
	binary := lines(60, "a") + "\x00\n"
	for name, c := range map[string]struct {
		old, path string
		push      sim.Push
		state     string
		say       string
	}{
		"renamed and changed": {binary, "b.js", sim.Push{Move: map[string]string{"a.js": "b.js"}, Files: map[string]string{"b.js": binary + "more\n"}}, unmet, "not known which lines are added"},
		"renamed only":        {binary, "b.js", sim.Push{Move: map[string]string{"a.js": "b.js"}}, met, "None of the added lines"},
		"another mode only":   {binary, "a.js", sim.Push{Modes: map[string]string{"a.js": "100755"}}, met, "None of the added lines"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, sim.Options{})
			r.policy(patchPolicy)
			r.push("alice", "main", map[string]string{"a.js": c.old})
			c.push.By, c.push.Branch, c.push.Message = "alice", "topic", "change"
			if _, err := r.repo.Push(c.push); err != nil {
				t.Fatal(err)
			}
			p := r.open("topic")
			r.settle()
			leave(r.workflow(p), lcov(c.path, 61, 60, 61))
			r.settle()
			r.gauges(p, c.state, c.say)
			r.replays(p)
		})
	}
}
