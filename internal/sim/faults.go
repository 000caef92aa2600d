package sim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

type failKind int

const (
	failStatus failKind = iota
	failCut
	failHang
	failSecondary
	failExhausted
	failPartial
	failShort
)

// Failure is a way for a request to fail. By itself it happens before the
// request has any effect; see After.
type Failure struct {
	kind   failKind
	name   string
	status int
	wait   time.Duration
	field  string
	after  bool
}

// Status answers with an HTTP status, such as 500, 502, 503 or 401.
func Status(code int) Failure {
	return Failure{kind: failStatus, status: code, name: "status " + itoa(code)}
}

// Cut closes the connection without an answer.
func Cut() Failure { return Failure{kind: failCut, name: "cut"} }

// Hang does not answer until the client gives up, at most d.
func Hang(d time.Duration) Failure { return Failure{kind: failHang, wait: d, name: "hang"} }

// Secondary is the secondary rate limit: 403 with Retry-After.
func Secondary(retryAfter time.Duration) Failure {
	return Failure{kind: failSecondary, wait: retryAfter, name: "secondary limit"}
}

// Exhausted answers as if the primary rate limit were used up.
func Exhausted() Failure { return Failure{kind: failExhausted, name: "rate limit"} }

// Partial makes one field of a GraphQL request, found by its name or alias
// wherever it stands, null with an entry in errors; a mutation so named is not
// carried out. With After it is carried out.
func Partial(field string) Failure {
	return Failure{kind: failPartial, field: field, name: "partial " + field}
}

// Short sends half of the answer, and closes the connection; the effect has been.
func Short() Failure { return Failure{kind: failShort, name: "short", after: true} }

// After is the same failure after the effect: it is done, and nobody told.
func (f Failure) After() Failure {
	f.after = true
	f.name += " after the effect"
	return f
}

// Fault says which requests fail, and how.
type Fault struct {
	// When picks the requests; nil picks all. It must not call the stand-in.
	When func(Request) bool
	// Rate is the probability of failing for a request picked; 0 is always.
	Rate float64
	// Times is how often at most; 0 is without end.
	Times int
	// Do are the failures, one drawn each time.
	Do []Failure
}

type fault struct {
	Fault
	left int
}

// Fail plans failures from now on, until remove is called.
func (gh *GitHub) Fail(f Fault) (remove func()) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	p := &fault{Fault: f, left: f.Times}
	gh.faults = append(gh.faults, p)
	return func() {
		gh.mu.Lock()
		defer gh.mu.Unlock()
		gh.faults = slices.DeleteFunc(gh.faults, func(x *fault) bool { return x == p })
	}
}

// Flaky makes a share of all requests fail, before or after their effect, by
// errors, cut connections, time-outs of hang and secondary limits of a second.
func (gh *GitHub) Flaky(rate float64, hang time.Duration) (remove func()) {
	do := []Failure{Status(500), Status(502), Status(503), Cut(), Hang(hang)}
	for _, f := range slices.Clone(do) {
		do = append(do, f.After())
	}
	do = append(do, Secondary(time.Second))
	return gh.Fail(Fault{Rate: rate, Do: do})
}

// choose draws the failure of a request; nil is none.
func (gh *GitHub) choose(q *Request) *Failure {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	for _, f := range gh.faults {
		if len(f.Do) == 0 || (f.When != nil && !f.When(*q)) || (f.Times > 0 && f.left == 0) {
			continue
		}
		if f.Rate > 0 && gh.rand.Float64() >= f.Rate {
			continue
		}
		f.left--
		do := f.Do[gh.rand.IntN(len(f.Do))]
		q.Fault = do.name
		return &do
	}
	return nil
}

// fail answers as the failure says; the effect has been or will never be.
func (gh *GitHub) fail(w http.ResponseWriter, r *http.Request, c *call, f *Failure) {
	switch f.kind {
	case failStatus:
		c.refuse(f.status, http.StatusText(f.status))
	case failSecondary:
		c.refuse(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
		c.res.header = http.Header{"Retry-After": {strconv.Itoa(max(1, int(f.wait.Seconds())))}}
	case failExhausted:
		gh.mu.Lock()
		b := gh.budget(c.req.Installation, c.resource)
		b.used = b.limit
		c.exhausted()
		gh.mu.Unlock()
	default:
		gh.mu.Lock()
		gh.record(c.req)
		gh.mu.Unlock()
		gh.breakOff(r, f)
	}
	gh.finish(w, r, c)
}

// breakOff closes the connection, at once or after the time that f says.
func (gh *GitHub) breakOff(r *http.Request, f *Failure) {
	if f.kind == failHang {
		t := time.NewTimer(f.wait)
		defer t.Stop()
		select {
		case <-r.Context().Done():
		case <-t.C:
		}
	}
	panic(http.ErrAbortHandler) // net/http's way to cut the connection
}
