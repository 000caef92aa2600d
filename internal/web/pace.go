package web

import (
	"sync"
	"time"
)

// How often something may be done, in a minute; as much at once.
const (
	askPace = 300 // requests of one person or run
	actPace = 30  // acts of one person
	// badPace is of tokens from one address that GitHub does not take, allBadPace of all:
	// GitHub turns away for a while whoever shows it many such ("Authenticating to the
	// REST API", "Failed login limit"), and that would be handrail.
	badPace    = 20
	allBadPace = 120
)

// pacesKept bounds how many are remembered.
const pacesKept = 10_000

// paces remembers who has done how much of late.
type paces struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]pace
}

// pace is how much may be done at a time, growing since.
type pace struct {
	left float64
	at   time.Time
}

func newPaces(now func() time.Time) *paces { return &paces{now: now, of: map[string]pace{}} }

// take says whether it may be done once more, and counts it. after is how long to wait
// where it may not.
func (p *paces) take(key string, perMinute float64) (after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.grown(key, perMinute)
	if b.left < 1 {
		p.of[key] = b
		return time.Duration((1 - b.left) / perMinute * float64(time.Minute))
	}
	b.left--
	p.of[key] = b
	p.forget()
	return 0
}

// spent says whether nothing is left, without counting.
func (p *paces) spent(key string, perMinute float64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.grown(key, perMinute).left < 1
}

func (p *paces) grown(key string, perMinute float64) pace {
	now := p.now()
	b, ok := p.of[key]
	if !ok {
		return pace{perMinute, now}
	}
	return pace{min(perMinute, b.left+now.Sub(b.at).Minutes()*perMinute), now}
}

// forget lets go of those who have done nothing for a minute, when there are many.
func (p *paces) forget() {
	if len(p.of) <= pacesKept {
		return
	}
	for key, b := range p.of {
		if p.now().Sub(b.at) > time.Minute {
			delete(p.of, key)
		}
	}
}
