package hub

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// gate keeps one installation within GitHub's limits on calls.
type gate struct {
	slots  chan struct{}
	points map[string]int // a minute, by kind; not positive is no limit

	mu     sync.Mutex
	spent  map[string][]spending // in the last minute, by kind
	closed map[string]time.Time  // by kind: not before
	budget map[string]budget
}

type spending struct {
	at     time.Time
	points int
}

type budget struct {
	remaining, limit int
	reset            time.Time
}

// patience is how long a request waits at the gate for its turn; when it would
// be longer the caller is told when to come back instead, since it holds a lease.
const patience = 2 * time.Second

func newGate(cfg Config) *gate {
	return &gate{
		slots:  make(chan struct{}, cfg.Concurrent),
		points: map[string]int{REST: cfg.RESTPoints, GraphQL: cfg.QueryPoints},
		spent:  map[string][]spending{}, closed: map[string]time.Time{}, budget: map[string]budget{},
	}
}

// enter waits for a turn. It fails at once while GitHub has told us to wait.
func (g *gate) enter(ctx context.Context, op Operation, points int) (leave func(), err error) {
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &Error{Op: op.Name, What: "waited for a turn", cause: ctx.Err()}
	}
	leave = func() { <-g.slots }
	for {
		wait, err := g.take(op, points, time.Now())
		if err == nil && wait <= 0 {
			return leave, nil
		}
		if err != nil {
			leave()
			return nil, err
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			leave()
			return nil, &Error{Op: op.Name, What: "waited for a turn", cause: ctx.Err()}
		}
	}
}

// take spends the points now, or says how long to wait first.
func (g *gate) take(op Operation, points int, now time.Time) (time.Duration, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.closed[op.Kind]; until.After(now) {
		return 0, &Error{Op: op.Name, What: "GitHub's limit on calls is used up", Limited: true, retryAt: until}
	}
	limit := g.points[op.Kind]
	if limit <= 0 {
		return 0, nil
	}
	list := g.spent[op.Kind]
	for len(list) > 0 && now.Sub(list[0].at) >= time.Minute {
		list = list[1:]
	}
	sum := points
	for _, s := range list {
		sum += s.points
	}
	var wait time.Duration
	for i := 0; sum > limit && i < len(list); i++ {
		sum -= list[i].points
		wait = list[i].at.Add(time.Minute).Sub(now)
	}
	g.spent[op.Kind] = list
	switch {
	case wait > patience:
		return 0, &Error{
			Op: op.Name, Limited: true, retryAt: now.Add(wait),
			What: fmt.Sprintf("the limit of %d points a minute is used up", limit),
		}
	case wait > 0:
		return wait, nil
	}
	g.spent[op.Kind] = append(list, spending{now, points})
	return 0, nil
}

// note keeps what an answer says about the hourly budget.
func (g *gate) note(kind string, h http.Header) (remaining, limit int) {
	left, most, reset := number(h, "X-RateLimit-Remaining"), number(h, "X-RateLimit-Limit"), number(h, "X-RateLimit-Reset")
	if left < 0 || most < 0 {
		return 0, 0
	}
	b := budget{remaining: int(left), limit: int(most)}
	if reset > 0 {
		b.reset = time.Unix(reset, 0).UTC()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	// Answers may come out of order: within one hour the lower figure is the later.
	if old := g.budget[kind]; old.reset.After(b.reset) || old.reset.Equal(b.reset) && old.remaining < b.remaining {
		return b.remaining, b.limit
	}
	g.budget[kind] = b
	return b.remaining, b.limit
}

// hold closes the gate after GitHub said that a limit is reached: for both
// kinds when it was a secondary limit, which they share.
func (g *gate) hold(kind string, e *Error) {
	if !e.Limited {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	kinds := []string{kind}
	if e.secondary {
		kinds = []string{REST, GraphQL}
	}
	for _, k := range kinds {
		if e.retryAt.After(g.closed[k]) {
			g.closed[k] = e.retryAt
		}
	}
}

// Budget is how many points of GraphQL an installation has left, of how many,
// and when it is filled again, as last seen. limit is 0 when nothing was seen
// yet or GitHub sets none (Enterprise Server).
func (h *Hub) Budget(installation int64) (remaining, limit int, reset time.Time) {
	h.mu.Lock()
	c := h.clients[installation]
	h.mu.Unlock()
	if c == nil {
		return 0, 0, time.Time{}
	}
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	b := c.gate.budget[GraphQL]
	return b.remaining, b.limit, b.reset
}
