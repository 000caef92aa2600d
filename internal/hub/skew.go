package hub

import (
	"sync/atomic"
	"time"
)

// skewLeast is what two clocks may differ by without being told apart: GitHub dates its
// answers in whole seconds, and an answer takes its time.
const skewLeast = 2 * time.Second

// skew is by how much GitHub's clock is ahead of ours.
type skew struct{ ahead atomic.Int64 }

// heard takes what GitHub's clock said in an answer, and ours when it came.
func (s *skew) heard(theirs, ours time.Time) {
	ahead := theirs.Sub(ours)
	if ahead.Abs() < skewLeast {
		ahead = 0
	}
	s.ahead.Store(int64(ahead))
}

// Skew is by how much GitHub's clock is ahead of ours, as its last answer told; negative
// where it is behind, and 0 within two seconds. What people do elsewhere than on GitHub
// is dated by it, so that it comes in order with what they do there.
func (h *Hub) Skew() time.Duration { return time.Duration(h.skew.ahead.Load()) }
