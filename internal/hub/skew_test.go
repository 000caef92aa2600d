package hub

import (
	"testing"
	"time"
)

func TestAClockThatDiffersIsToldApart(t *testing.T) {
	ours := time.Date(2026, 5, 4, 12, 0, 0, 700e6, time.UTC)
	for name, c := range map[string]struct{ ahead, want time.Duration }{
		"whole seconds only": {-700 * time.Millisecond, 0},
		"a slow answer":      {-1900 * time.Millisecond, 0},
		"ahead":              {time.Hour, time.Hour},
		"behind":             {-time.Minute, -time.Minute},
	} {
		h := &Hub{}
		h.skew.heard(ours.Add(-time.Hour), ours)
		h.skew.heard(ours.Add(c.ahead), ours)
		if got := h.Skew(); got != c.want {
			t.Errorf("%s: GitHub is said to be ahead by %s, want %s", name, got, c.want)
		}
	}
}
