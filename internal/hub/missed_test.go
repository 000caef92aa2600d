package hub_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// hooked is a world whose App has a hook that answers as it is told to.
type hooked struct {
	*world
	status atomic.Int64
	got    chan *http.Request
}

func newHooked(t *testing.T) *hooked {
	w := &hooked{world: newWorld(t), got: make(chan *http.Request, 1000)}
	w.status.Store(http.StatusOK)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.got <- r
		rw.WriteHeader(int(w.status.Load()))
	}))
	t.Cleanup(srv.Close)
	w.gh.SetHook(srv.URL)
	return w
}

// pings has GitHub make deliveries that are answered with a status, and is the last.
func (w *hooked) pings(n, status int) sim.Delivery {
	w.t.Helper()
	w.status.Store(int64(status))
	for range n {
		w.gh.Ping()
		w.settle()
	}
	all := w.gh.Deliveries()
	return all[len(all)-1]
}

func (w *hooked) settle() {
	w.t.Helper()
	if err := w.gh.Settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *hooked) missed(since time.Time, cursor string, pages int) checks.DeliveryLook {
	w.t.Helper()
	look, err := w.hub.MissedDeliveries(w.t.Context(), since, cursor, pages)
	if err != nil {
		w.t.Fatal(err)
	}
	return look
}

func TestADeliveryIsMissedUntilAnAttemptIsAnsweredWell(t *testing.T) {
	w := newHooked(t)
	began := w.gh.Now().Add(-time.Second)
	failed := w.pings(1, 503)
	w.pings(2, 202)
	other := w.pings(1, 401)
	guids := func() (list []string) {
		for _, m := range w.missed(began, "", 9).Missed {
			list = append(list, m.GUID)
		}
		return list
	}
	if diff := cmp.Diff([]string{other.GUID, failed.GUID}, guids()); diff != "" {
		t.Error(diff)
	}
	w.status.Store(500)
	if err := w.hub.Redeliver(t.Context(), failed.ID); err != nil {
		t.Fatal(err)
	}
	w.settle()
	all := w.gh.Deliveries()
	again := w.missed(began, "", 9).Missed
	if len(again) != 2 || again[0].GUID != failed.GUID || again[0].ID != all[len(all)-1].ID || !again[0].Again || again[1].Again {
		t.Errorf("after another attempt: %+v", again)
	}
	w.status.Store(200)
	if err := w.hub.Redeliver(t.Context(), again[0].ID); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if diff := cmp.Diff([]string{other.GUID}, guids()); diff != "" {
		t.Errorf("after a good attempt:\n%s", diff)
	}
	var last *http.Request
	for len(w.got) > 0 {
		last = <-w.got
	}
	body, _ := io.ReadAll(last.Body)
	if last.Header.Get("X-GitHub-Delivery") != failed.GUID || last.Header.Get("X-Hub-Signature-256") != sim.Sign(w.gh.App().Secret, body) {
		t.Errorf("what was asked for came with the headers %v", last.Header)
	}
}

func TestTheListIsReadInPartsAndNotBeyondTheMoment(t *testing.T) {
	w := newHooked(t)
	w.pings(3, 500)
	w.gh.Advance(time.Hour)
	since := w.gh.Now().Add(-time.Minute)
	w.pings(250, 500)
	w.gh.ClearRequests()
	look := w.missed(since, "", 2)
	if len(look.Missed) != 200 || look.Next == "" || look.Newest.Before(since) {
		t.Fatalf("%d are missed, it goes on at %q, the newest is of %s", len(look.Missed), look.Next, look.Newest)
	}
	rest := w.missed(since, look.Next, 2)
	if len(rest.Missed) != 50 || rest.Next != "" {
		t.Errorf("%d more are missed, it goes on at %q", len(rest.Missed), rest.Next)
	}
	if n := len(w.gh.Requests()); n != 3 {
		t.Errorf("it took %d requests", n)
	}
	both := append(slices.Clone(look.Missed), rest.Missed...)
	if !slices.IsSortedFunc(both, func(a, b checks.MissedDelivery) int { return b.At.Compare(a.At) }) {
		t.Error("they are not newest first")
	}
	if again := w.missed(look.Newest, "", 2); len(again.Missed) != 0 || again.Next != "" || !again.Newest.IsZero() {
		t.Errorf("after the newest there are %+v", again)
	}
}

func TestADeliveryThatGitHubMakesNoMoreIsAFaultAndNoFailureIsRepeated(t *testing.T) {
	w := newHooked(t)
	w.usable(w.hub.Redeliver(t.Context(), 12345), false)
	d := w.pings(1, 500)
	for _, f := range []sim.Failure{sim.Status(502), sim.Status(502).After(), sim.Cut(), sim.Secondary(0)} {
		remove := w.gh.Fail(sim.Fault{Do: []sim.Failure{f}})
		w.gh.ClearRequests()
		w.usable(w.hub.Redeliver(t.Context(), d.ID), true)
		if n := len(w.gh.Requests()); n > 1 {
			t.Errorf("%d requests were made", n)
		}
		remove()
	}
}

// usable checks that there is an error, and whether asking again may be of use.
func (w *hooked) usable(err error, want bool) {
	w.t.Helper()
	fault, ok := err.(interface{ Unusable() string })
	if err == nil || ok == want {
		w.t.Errorf("the answer is %v (%v)", err, fault)
	}
}

func TestAGitHubWithoutAListOfDeliveriesIsAFault(t *testing.T) {
	w := newHooked(t)
	w.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Status(404)}})
	_, err := w.hub.MissedDeliveries(t.Context(), time.Time{}, "", 1)
	w.usable(err, false)
}
