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
	queue  int                   // requests that wait and yield to nobody
	turn   chan struct{}         // closed when those that yield may look again; nil when none waits
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

// enter waits for a turn. It fails at once while GitHub has told us to wait. A
// request that yields goes only when no other waits and when more than a part of
// GitHub's limits is left; its error then says when to come back, and is not
// about a limit: the others need not wait for that.
func (g *gate) enter(ctx context.Context, q request) (leave func(), err error) {
	if q.yields {
		err = g.yield(ctx, q.op)
	} else {
		err = g.wait(ctx, q.op)
	}
	if err != nil {
		return nil, err
	}
	leave = func() { <-g.slots; g.next(0) }
	for {
		wait, err := g.take(q, time.Now())
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
			return nil, interrupted(ctx, q.op)
		}
	}
}

func interrupted(ctx context.Context, op Operation) error {
	return &Error{Op: op.Name, What: "waited for a turn", cause: ctx.Err()}
}

// wait takes a slot in turn.
func (g *gate) wait(ctx context.Context, op Operation) error {
	g.next(1)
	defer g.next(-1)
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return interrupted(ctx, op)
	}
}

// next counts who waits, and has those that yield look again.
func (g *gate) next(queue int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue += queue
	if g.turn != nil && g.queue == 0 {
		close(g.turn)
		g.turn = nil
	}
}

// take spends the points now, or says how long to wait first.
func (g *gate) take(q request, now time.Time) (time.Duration, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	op := q.op
	if until := g.closed[op.Kind]; until.After(now) {
		return 0, &Error{Op: op.Name, What: "GitHub's limit on calls is used up", Limited: true, retryAt: until}
	}
	if b := g.budget[op.Kind]; q.yields && b.reset.After(now) && b.remaining <= b.limit*spare/100 {
		return 0, yielded(op, b.reset)
	}
	limit := g.points[op.Kind]
	if limit <= 0 {
		return 0, nil
	}
	if q.yields {
		limit -= limit * spare / 100
	}
	wait := g.minute(op.Kind, q.points, limit, now)
	switch {
	case wait > patience && q.yields:
		return 0, yielded(op, now.Add(wait))
	case wait > patience:
		return 0, &Error{
			Op: op.Name, Limited: true, retryAt: now.Add(wait),
			What: fmt.Sprintf("the limit of %d points a minute is used up", limit),
		}
	case wait > 0:
		return wait, nil
	}
	g.spent[op.Kind] = append(g.spent[op.Kind], spending{now, q.points})
	return 0, nil
}

// minute is how long to wait until some points are within a limit of a minute.
func (g *gate) minute(kind string, points, limit int, now time.Time) (wait time.Duration) {
	list := g.spent[kind]
	for len(list) > 0 && now.Sub(list[0].at) >= time.Minute {
		list = list[1:]
	}
	g.spent[kind] = list
	sum := points
	for _, s := range list {
		sum += s.points
	}
	for i := 0; sum > limit && i < len(list); i++ {
		sum -= list[i].points
		wait = list[i].at.Add(time.Minute).Sub(now)
	}
	return wait
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
