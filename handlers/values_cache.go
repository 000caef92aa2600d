package handlers

import (
	"sync"

	"github.com/handrail-bot/handrail/checks"
)

// valuesOf names the values of a difference between two commits, which never
// change.
type valuesOf struct {
	repo       int64
	base, head string
	key        string
}

// valueCache keeps the values that were read last, since most evaluations are of a
// head that was judged before.
type valueCache struct {
	mu    sync.Mutex
	known map[valuesOf]checks.Values
	order []valuesOf
	held  int
}

// cachedValues is how many values are kept, some three hundred bytes each; a file
// counts as one more.
const cachedValues = 50_000

func (c *valueCache) get(of valuesOf) (checks.Values, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.known[of]
	return v, ok
}

func (c *valueCache) put(of valuesOf, v checks.Values) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[valuesOf]checks.Values{}
	}
	if _, ok := c.known[of]; ok || weight(v) > cachedValues {
		return
	}
	c.known[of], c.order, c.held = v, append(c.order, of), c.held+weight(v)
	for c.held > cachedValues {
		c.held -= weight(c.known[c.order[0]])
		delete(c.known, c.order[0])
		c.order = c.order[1:]
	}
}

func weight(v checks.Values) int {
	n := 1
	for i := range v.Files {
		n += 1 + len(v.Files[i].Head) + len(v.Files[i].Base)
	}
	return n
}
