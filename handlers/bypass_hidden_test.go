package handlers_test

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// Whoever broke the glass cannot make it undone when it has been merged.
func TestAnEmergencyIsNotHiddenAfterwards(t *testing.T) {
	for name, hide := range map[string]func(*sim.Comment){
		"changed":            func(c *sim.Comment) { c.Edit("olga", "good work") },
		"changed by another": func(c *sim.Comment) { c.Edit("alice", "> quoted") },
		"deleted":            func(c *sim.Comment) { c.Delete("olga") },
	} {
		t.Run(name, func(t *testing.T) {
			r, p := emergency(t)
			for _, c := range p.Comments() {
				hide(c)
			}
			r.settle()
			r.pass(49 * time.Hour)
			r.settle()
			r.again()
			r.finds("follow_up|#1 was merged in an emergency, by alice, and nobody else has looked at it")
		})
	}
}
