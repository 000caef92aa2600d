package hub

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"
)

// The kinds of request.
const (
	REST    = "rest"
	GraphQL = "graphql"
	Token   = "token" // minting an installation's token
	Plain   = "plain" // outside the API, without a token: what storage holds, the keys of Actions' tokens
)

// Operation is what a request was for.
type Operation struct {
	Kind string // REST, GraphQL, Token or Plain
	Name string // verdict, more, files, publish, …
}

// Call is one request that was made.
type Call struct {
	Installation int64 // 0 when made as the App itself
	Operation
	Status   int // HTTP status; 0 when there was no answer
	Failed   bool
	Duration time.Duration
	Cost     int // points by GraphQL's own account; 0 for REST
	// Remaining and Limit are of the budget that it was taken from; Limit is 0
	// when GitHub did not say.
	Remaining, Limit int
}

// Counts is how many requests of each operation were made so far.
func (h *Hub) Counts() map[Operation]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[Operation]int, len(h.counts))
	for op, n := range h.counts {
		out[op] = n
	}
	return out
}

// request is one thing to ask, by whom, and what it costs of the limits.
type request struct {
	c      *client
	op     Operation
	points int // REST: GET 1, others 5; GraphQL: query 1, mutation 5
	// yields: it goes only when no other waits, and leaves them a part of GitHub's
	// limits; see gate.enter.
	yields bool
	// do makes the request. What it returns as cost is GraphQL's own account.
	do func(context.Context, *session) (cost int, err error)
}

// stumble is how long a question that met a passing failure waits before it is
// asked once more.
const stumble = 300 * time.Millisecond

// call makes one request: within the limits, in time, and told of afterwards.
// A token that GitHub refuses is minted anew once, since a request that was
// refused so has had no effect. A question (never a write) that GitHub could
// not answer just now is asked once more.
func (h *Hub) call(ctx context.Context, q request) error {
	for again := false; ; again = true {
		s := q.c.session()
		r, err := h.once(ctx, q, s)
		switch {
		case err == nil || again:
			return err
		case r.status == http.StatusUnauthorized && !r.mint && q.c.id != 0:
			h.renew(q.c, s)
		case q.points == 1 && passing(err):
			if !pause(ctx, stumble) {
				return err
			}
		default:
			return err
		}
	}
}

// passing says whether a failure may be over in a moment: a gateway of GitHub's
// that had no answer, or a connection that broke. Limits and refusals are not.
func passing(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !e.Limited && !e.Moved && !e.gone && e.cause == nil && e.retryAt.IsZero() &&
		(e.Status == 0 || e.Status >= http.StatusInternalServerError)
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (h *Hub) once(ctx context.Context, q request, s *session) (*receipt, error) {
	r := &receipt{}
	leave, err := q.c.gate.enter(ctx, q)
	if err != nil {
		return r, err
	}
	defer leave()
	r.minted = func(status int, took time.Duration) {
		h.tell(ctx, Call{
			Installation: q.c.id, Operation: Operation{Token, "mint"},
			Status: status, Failed: status/100 != 2, Duration: took,
		})
	}
	inTime, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	start := time.Now()
	cost, err := q.do(withReceipt(inTime, r), s)
	c := Call{Installation: q.c.id, Operation: q.op, Failed: err != nil, Duration: time.Since(start), Cost: cost}
	if !r.mint {
		c.Status = r.status
		c.Remaining, c.Limit = q.c.gate.note(q.op.Kind, r.header)
	}
	if err != nil {
		e := explain(ctx, q, r, err)
		q.c.gate.hold(q.op.Kind, e)
		err = e
	}
	h.tell(ctx, c)
	return r, err
}

// tell counts a call, shows it to the observer and to the log.
func (h *Hub) tell(ctx context.Context, c Call) {
	h.mu.Lock()
	h.counts[c.Operation]++
	h.mu.Unlock()
	if h.cfg.Observe != nil {
		h.cfg.Observe(c)
	}
	zerolog.Ctx(ctx).Debug().Int64(logInstallation, c.Installation).
		Str("kind", c.Kind).Str("operation", c.Name).Int("status", c.Status).Bool("failed", c.Failed).
		Dur("took", c.Duration).Int("cost", c.Cost).Int("remaining", c.Remaining).Msg("asked GitHub")
}

// logInstallation is go-githubapp's key, so that all lines can be searched alike.
const logInstallation = "github_installation_id"

// number reads a header; -1 when it is not there.
func number(h http.Header, name string) int64 {
	n, err := strconv.ParseInt(h.Get(name), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
