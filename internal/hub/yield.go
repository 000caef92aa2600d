package hub

import (
	"context"
	"time"
)

// spare is the part of what GitHub allows in an hour and in a minute, in per
// cent, that requests which yield leave to the others.
const spare = 20

// after is the key of what says of a context that its requests yield.
type after struct{}

// After is a context under which what is read yields to all other requests, as
// [Hub.CommitPatch] does.
func (h *Hub) After(ctx context.Context) context.Context {
	return context.WithValue(ctx, after{}, true)
}

// yield takes a slot when nobody else wants it, or gives up after a while.
func (g *gate) yield(ctx context.Context, op Operation) error {
	t := time.NewTimer(patience)
	defer t.Stop()
	for {
		turn := g.free()
		if turn == nil {
			return nil
		}
		select {
		case <-turn:
		case <-t.C:
			return yielded(op, time.Now().Add(patience))
		case <-ctx.Done():
			return interrupted(ctx, op)
		}
	}
}

// free takes a slot if one is free and nobody waits for it; else it says when to
// look again.
func (g *gate) free() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.queue == 0 {
		select {
		case g.slots <- struct{}{}:
			return nil
		default:
		}
	}
	if g.turn == nil {
		g.turn = make(chan struct{})
	}
	return g.turn
}

func yielded(op Operation, until time.Time) error {
	return &Error{Op: op.Name, What: "what is left of GitHub's limit on calls is kept for verdicts", yielded: true, retryAt: until}
}
