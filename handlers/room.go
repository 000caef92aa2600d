package handlers

import (
	"context"
	"errors"
	"time"
)

// Anybody can send a body, and whether it is signed is known only once all of it
// is there. So only few that are larger than what GitHub usually sends are held
// in memory at once; the small ones need no leave.
const (
	smallBody = 256 << 10
	// largeBodies is how many may be larger: at most 25 MB each.
	largeBodies = 16
	// largeWait is how long one waits for its turn. GitHub gives up after 10 s.
	largeWait = 5 * time.Second
)

// rooms are a number of places, and how long one waits for one of them.
type rooms struct {
	places chan struct{}
	wait   time.Duration
}

func newRooms(n int, wait time.Duration) rooms { return rooms{make(chan struct{}, n), wait} }

// errNoRoom says that no place became free in time.
var errNoRoom = errors.New("others hold all the room there is just now")

// enter takes a place, which leave gives back. The error is errNoRoom, or that of
// ctx.
func (r rooms) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-r.places }
	select {
	case r.places <- struct{}{}: // not to be missed where nobody waits
		return leave, nil
	default:
	}
	t := time.NewTimer(r.wait)
	defer t.Stop()
	select {
	case r.places <- struct{}{}:
		return leave, nil
	case <-t.C:
		return nil, errNoRoom
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
