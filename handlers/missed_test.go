package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// recovering is a rig whose handrail asks for what it missed.
type recovering struct {
	*rig
	post     *hub.Hub // without a limit a minute, since minutes pass at once
	recovery *handlers.Recovery
	counted  int
}

// newRecovering is one that has begun.
func newRecovering(t *testing.T, r *rig) *recovering {
	t.Helper()
	out := aboutToBegin(t, r)
	out.round()
	return out
}

func aboutToBegin(t *testing.T, r *rig) *recovering {
	t.Helper()
	out := &recovering{rig: r}
	app := r.gh.App()
	var err error
	out.post, err = hub.New(hub.Config{WebURL: r.gh.URL(), AppID: app.ID, PrivateKey: app.PrivateKey(), RESTPoints: -1})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	out.restart()
	return out
}

// restart forgets what is not on disk.
func (r *recovering) restart() {
	r.recovery = &handlers.Recovery{
		AppID: r.gh.App().ID, Store: r.store, Post: r.post, Now: r.now,
		Count: func(outcome string) {
			if outcome == handlers.OutcomeMissed {
				r.counted++
			}
		},
	}
}

// round looks once, and takes what comes.
func (r *recovering) round() (more bool) {
	r.t.Helper()
	ctx := zerolog.New(r.guard.Writer(leak.Logged)).WithContext(r.t.Context())
	more, err := r.recovery.Round(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.gh.Settle(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return more
}

// asked are the requests of a round for the list, and for deliveries.
func (r *recovering) asked(f func()) (lists, again int) {
	r.t.Helper()
	n := len(r.gh.Requests())
	f()
	for _, q := range r.gh.Requests()[n:] {
		switch {
		case strings.HasSuffix(q.Path, "/app/hook/deliveries"):
			lists++
		case strings.HasSuffix(q.Path, "/attempts"):
			again++
		}
	}
	return lists, again
}

// pings has GitHub tell n times of something that touches nothing.
func (r *recovering) pings(n int) {
	for range n {
		r.gh.Ping()
	}
}

// kept is how many deliveries of an event are on record.
func (r *recovering) kept(event string) (n int) {
	r.t.Helper()
	for _, body := range r.entries(store.KindDelivery) {
		if strings.Contains(body, `"event":"`+event+`"`) {
			n++
		}
	}
	return n
}

// entries are the bodies of the log's entries of a kind.
func (r *recovering) entries(kind store.Kind) (bodies []string) {
	r.t.Helper()
	rows, err := r.store.List(r.t.Context(), store.Filter{Kind: kind, Limit: 10000})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, row := range rows {
		_, body, err := r.store.Entry(r.t.Context(), row.Seq)
		if err != nil {
			r.t.Fatal(err)
		}
		bodies = append(bodies, string(body))
	}
	return bodies
}

func TestAButtonThatWasPressedWhileNobodyListenedIsHeardAfterwards(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	r := newRecovering(t, s.rig)
	signed := func() bool {
		return len(r.entries(store.KindSigned)) > 0
	}
	_, commit := s.repo.TagAt(s.tag)
	stage, _ := s.group(commit, "handrail/release/development")
	sign := slices.IndexFunc(stage.Actions, func(id string) bool { return strings.HasPrefix(id, "sign:") })
	if sign < 0 {
		t.Fatalf("the stage has no button to sign: %v", stage.Actions)
	}
	s.lost(func() { s.gh.FindRun(stage.ID).Act("quinn", stage.Actions[sign]) })
	r.restart()
	s.sweep()
	if signed() {
		t.Fatal("the sign-off is known though no event told of it: this test proves nothing")
	}
	var lost []string
	for _, d := range r.gh.Deliveries() {
		if d.Status == 0 {
			lost = append(lost, d.GUID)
		}
	}
	if _, again := r.asked(func() { r.round() }); again != len(lost) || again == 0 {
		t.Errorf("%d deliveries were asked for, want the %d that were lost", again, len(lost))
	}
	s.settle()
	if !signed() {
		t.Error("the button that quinn pressed was never heard")
	}
	log := strings.Join(r.entries(store.KindReconciled), "\n")
	for _, guid := range lost {
		if !strings.Contains(log, guid) {
			t.Errorf("the log does not say that %s was missed:\n%s", guid, log)
		}
	}
	if lists, again := r.asked(func() { r.round() }); lists != 1 || again != 0 {
		t.Errorf("once all has come, a round takes %d requests for the list and asks for %d deliveries", lists, again)
	}
	s.sound()
}

func TestAJobThatAskedWhileNobodyListenedIsAnswered(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	s.sign()
	s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	r := newRecovering(t, s.rig)
	var d *sim.Deployment
	s.lost(func() { _, d = s.job("production") })
	r.round()
	s.settle()
	if log := strings.Join(r.entries(store.KindDelivery), "\n"); !strings.Contains(log, "deployment_protection_rule") {
		t.Error("the job's request never came")
	}
	if got := d.Now().Gate; got != "approved" {
		t.Errorf("the job's gate is %q", got)
	}
	s.sound()
}

func TestWhatFailedBeforeHandrailBeganIsNotAskedFor(t *testing.T) {
	r := aboutToBegin(t, newRig(t, sim.Options{}))
	r.lost(func() { r.pings(3) })
	for range 3 {
		if lists, again := r.asked(func() { r.round() }); lists != 1 || again != 0 {
			t.Errorf("%d requests for the list, %d deliveries were asked for", lists, again)
		}
		r.pass(10 * time.Minute)
	}
	if n := r.kept("ping"); n != 0 {
		t.Errorf("%d came", n)
	}
}

func TestWhatWasKeptThoughGitHubHeardNothingIsNotAskedFor(t *testing.T) {
	r := newRecovering(t, newRig(t, sim.Options{}))
	real, err := url.Parse(r.gh.App().HookURL)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: real.Scheme, Host: real.Host})
	pass.ModifyResponse = func(resp *http.Response) error {
		resp.StatusCode, resp.Status = http.StatusGatewayTimeout, ""
		return nil
	}
	proxy := httptest.NewServer(pass)
	t.Cleanup(proxy.Close)
	r.gh.SetHook(proxy.URL + real.Path)
	r.pings(2)
	if err := r.gh.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := r.gh.Deliveries()
	if n := r.kept("ping"); n != 2 || all[len(all)-1].Status != http.StatusGatewayTimeout {
		t.Fatalf("%d were kept, and GitHub heard %d", n, all[len(all)-1].Status)
	}
	if _, again := r.asked(func() { r.round() }); again != 0 || r.counted != 0 {
		t.Errorf("%d were asked for, %d counted as missed", again, r.counted)
	}
}

func TestADeliveryThatIsRefusedEachTimeIsNotAskedForForEver(t *testing.T) {
	r := newRecovering(t, newRig(t, sim.Options{}))
	app := r.gh.App()
	secret := app.Secret
	app.Secret = "another"
	r.gh.Ping()
	if err := r.gh.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	total := 0
	for range 24 * 5 {
		_, again := r.asked(func() { r.round() })
		total += again
		r.pass(time.Hour)
	}
	if total != 9 || r.counted != 1 {
		t.Errorf("it was asked for %d times and counted as missed %d times, want 9 and 1", total, r.counted)
	}
	if n := r.kept("ping"); n != 0 {
		t.Errorf("%d bodies were kept that are signed with another secret", n)
	}
	app.Secret = secret
	all := r.gh.Deliveries()
	last := all[slices.IndexFunc(all, func(d sim.Delivery) bool { return d.Event == "ping" })]
	if last.Status != http.StatusUnauthorized {
		t.Errorf("GitHub heard %d", last.Status)
	}
	if !r.gh.Redeliver(last.ID) {
		t.Fatal("there is no such delivery")
	}
	if _, again := r.asked(func() { r.round(); r.round() }); again != 0 || r.kept("ping") != 1 {
		t.Errorf("asked for by hand %d came, and %d were asked for besides", r.kept("ping"), again)
	}
}

func TestAfterALongOutageAllIsAskedForInTurn(t *testing.T) {
	r := newRecovering(t, newRig(t, sim.Options{}))
	hook := r.gh.App().HookURL
	r.lost(func() { r.pings(230) })
	r.gh.SetHook("http://127.0.0.1:1/") // asked for too soon: nobody listens yet
	for _, want := range []int{100, 100, 30, 0} {
		if _, again := r.asked(func() { r.round() }); again != want {
			t.Errorf("%d were asked for, want %d", again, want)
		}
		r.pass(time.Minute)
	}
	r.gh.SetHook(hook)
	r.pass(10 * time.Minute)
	for _, more := range []bool{true, true, false} {
		if got := r.round(); got != more {
			t.Errorf("there is more to do: %v, want %v", got, more)
		}
	}
	if n := r.kept("ping"); n != 230 || r.counted != 230 {
		t.Errorf("%d came, %d were counted as missed, want 230", n, r.counted)
	}
	var logged int
	for _, body := range r.entries(store.KindReconciled) {
		var l struct {
			Missed []checks.MissedDelivery `json:"missed_deliveries"`
			More   int                     `json:"more"`
		}
		if err := json.Unmarshal([]byte(body), &l); err != nil || len(l.Missed) > 100 {
			t.Errorf("an entry lists %d: %v", len(l.Missed), err)
		}
		logged += len(l.Missed) + l.More
	}
	if logged != 230 {
		t.Errorf("the log says that %d were missed", logged)
	}
}

// A list that is longer than one round looks at is looked at to its end, although
// more comes meanwhile and handrail is started anew in the middle.
func TestALongListIsLookedAtToItsEnd(t *testing.T) {
	r := newRecovering(t, newRig(t, sim.Options{}))
	r.lost(func() { r.pings(1) })
	r.pings(2500)
	if err := r.gh.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lists, _ := r.asked(func() { r.round() }); lists != 20 {
		t.Errorf("a round took %d requests for the list", lists)
	}
	r.restart()
	for i := 0; r.round(); i++ {
		if i == 10 {
			t.Fatal("there is no end to it")
		}
		r.lost(func() { r.pings(1) })
	}
	r.round()
	r.round()
	lost := 0
	for _, d := range r.gh.Deliveries() {
		if d.Status == 0 {
			lost++
		}
	}
	if r.counted != lost || lost < 2 || r.kept("ping") != 2500+lost {
		t.Errorf("%d of %d lost ones were found, %d have come", r.counted, lost, r.kept("ping"))
	}
}

func TestAServerWithoutAListOfDeliveriesIsNoError(t *testing.T) {
	r := newRecovering(t, newRig(t, sim.Options{}))
	r.lost(func() { r.pings(1) })
	heal := r.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return strings.Contains(q.Path, "/app/hook/") }, Do: []sim.Failure{sim.Status(404)}})
	for range 2 {
		if r.round() {
			t.Error("there is more to do")
		}
	}
	heal()
	r.round()
	if n := r.kept("ping"); n != 1 {
		t.Errorf("%d came after the server had been upgraded", n)
	}
}

func TestAFailureOfGitHubsLosesNoMissedDelivery(t *testing.T) {
	for name, path := range map[string]string{"the list": "/app/hook/deliveries", "a delivery": "/attempts"} {
		for _, f := range []sim.Failure{sim.Status(502), sim.Status(502).After(), sim.Cut(), sim.Short()} {
			t.Run(name, func(t *testing.T) {
				r := newRecovering(t, newRig(t, sim.Options{}))
				r.lost(func() { r.pings(5) })
				r.gh.Fail(sim.Fault{Times: 3, Do: []sim.Failure{f}, When: func(q sim.Request) bool { return strings.HasSuffix(q.Path, path) }})
				for range 6 {
					if _, err := r.recovery.Round(t.Context()); err != nil && strings.Contains(err.Error(), "eyJ") {
						t.Errorf("an error has the App's token: %v", err)
					}
					if err := r.gh.Settle(t.Context()); err != nil {
						t.Fatal(err)
					}
					r.pass(11 * time.Minute)
				}
				if n := r.kept("ping"); n != 5 {
					t.Errorf("%d came, want 5", n)
				}
			})
		}
	}
}

func TestARoundEndsWhenGitHubsLimitIsReached(t *testing.T) {
	r := newRecovering(t, newRig(t, sim.Options{}))
	r.lost(func() { r.pings(5) })
	r.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Secondary(time.Minute)}, When: func(q sim.Request) bool { return strings.HasSuffix(q.Path, "/attempts") }})
	_, again := r.asked(func() {
		if more, err := r.recovery.Round(t.Context()); err == nil || more {
			t.Errorf("more to do: %v, %v", more, err)
		}
	})
	due, _, err := r.store.DueMissed(t.Context(), r.gh.App().ID, 10, r.now())
	if err != nil || again != 1 || len(due) != 4 {
		t.Errorf("%d were asked for and %d wait for the next round, want 1 and 4: %v", again, len(due), err)
	}
}
