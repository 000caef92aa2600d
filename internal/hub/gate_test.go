package hub

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	plain    = request{op: Operation{REST, "verdict"}, points: 1}
	yielding = request{op: Operation{REST, opCommitPatch}, points: 1, yields: true}
)

// refusedUntil is when a request that yielded may come back; it fails if the
// request was refused for another reason.
func refusedUntil(t *testing.T, err error) time.Time {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.HasYielded() || e.Limited || e.RetryAt().IsZero() {
		t.Fatalf("%v", err)
	}
	return e.RetryAt()
}

func budgetHeader(left, most int, reset time.Time) http.Header {
	return http.Header{"X-Ratelimit-Remaining": {strconv.Itoa(left)}, "X-Ratelimit-Limit": {strconv.Itoa(most)}, "X-Ratelimit-Reset": {strconv.FormatInt(reset.Unix(), 10)}}
}

func TestAScanLeavesAPartOfTheHourToVerdicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Config{Concurrent: 5})
		reset := time.Now().Add(30 * time.Minute).Truncate(time.Second)
		enter := func(q request) error {
			leave, err := g.enter(t.Context(), q)
			if err == nil {
				leave()
			}
			return err
		}
		g.note(REST, budgetHeader(1001, 5000, reset))
		if err := enter(yielding); err != nil {
			t.Errorf("with a point to spare: %v", err)
		}
		g.note(REST, budgetHeader(1000, 5000, reset))
		if at := refusedUntil(t, enter(yielding)); !at.Equal(reset) {
			t.Errorf("come back at %v, not %v", at, reset)
		}
		if err := enter(plain); err != nil {
			t.Errorf("a verdict has no room: %v", err)
		}
		time.Sleep(time.Until(reset))
		if err := enter(yielding); err != nil {
			t.Errorf("in the next hour: %v", err)
		}
	})
}

func TestAScanLeavesAPartOfTheMinuteToVerdicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Config{Concurrent: 5, RESTPoints: 10})
		start := time.Now()
		enter := func(q request) error {
			leave, err := g.enter(t.Context(), q)
			if err == nil {
				leave()
			}
			return err
		}
		for i := range 8 {
			if err := enter(yielding); err != nil {
				t.Fatalf("request %d: %v", i, err)
			}
		}
		if at := refusedUntil(t, enter(yielding)); !at.Equal(start.Add(time.Minute)) {
			t.Errorf("come back after %v", at.Sub(start))
		}
		for range 2 {
			if err := enter(plain); err != nil {
				t.Errorf("a verdict has no room: %v", err)
			}
		}
	})
}

func TestAScansRequestGoesOnlyWhenNoVerdictsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Config{Concurrent: 1})
		leave, err := g.enter(t.Context(), plain)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		start := func(name string, q request) {
			all.Go(func() {
				leave, err := g.enter(t.Context(), q)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				leave()
			})
			synctest.Wait()
		}
		start("scan", yielding)
		start("verdict", plain)
		start("another verdict", plain)
		leave()
		all.Wait()
		if len(order) != 3 || order[2] != "scan" {
			t.Errorf("in this order: %v", order)
		}
	})
}

func TestAScanThatFindsNoRoomGivesUpRatherThanHoldItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Config{Concurrent: 1})
		leave, err := g.enter(t.Context(), plain)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = g.enter(t.Context(), yielding)
		if at := refusedUntil(t, err); !at.After(time.Now()) || time.Since(start) != patience {
			t.Errorf("gave up after %v, come back at %v", time.Since(start), at)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err = g.enter(ctx, yielding); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		leave()
		if leave, err = g.enter(t.Context(), yielding); err != nil {
			t.Fatalf("nobody is there any more: %v", err)
		}
		leave()
	})
}

func TestGitHubsOwnRefusalHoldsForAScanToo(t *testing.T) {
	g := newGate(Config{Concurrent: 1})
	until := time.Now().Add(time.Minute)
	g.hold(REST, &Error{Limited: true, retryAt: until})
	_, err := g.enter(t.Context(), yielding)
	if e, ok := errors.AsType[*Error](err); !ok || !e.Limited || !e.RetryAt().Equal(until) {
		t.Errorf("%v", err)
	}
	if leave := len(g.slots); leave != 0 {
		t.Errorf("%d slots are still taken", leave)
	}
}
