package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
)

func (f *forge) read(t *testing.T) error {
	_, _, err := f.hub.Read(zerolog.New(f.guard.Writer(leak.Logged)).WithContext(t.Context()), subject, checks.Need{}, nil)
	told(f.guard, err)
	return err
}

func TestEveryShapeOfALimitSaysWhenToComeBackAndIsKept(t *testing.T) {
	reset := time.Now().Add(40 * time.Minute).Truncate(time.Second)
	resetText := fmt.Sprint(reset.Unix())
	for name, c := range map[string]struct {
		answer reply
		want   time.Time
	}{
		"primary, 403": {reply{status: 403, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": resetText},
			body: m{"message": "API rate limit exceeded for installation ID 7."}}, reset},
		"secondary, 429 with Retry-After":      {reply{status: 429, header: map[string]string{"Retry-After": "120"}, body: m{"message": "slow down"}}, time.Now().Add(2 * time.Minute)},
		"secondary, 403 with Retry-After":      {reply{status: 403, header: map[string]string{"Retry-After": "30"}, body: m{"message": "You have exceeded a secondary rate limit."}}, time.Now().Add(30 * time.Second)},
		"secondary, 403 without any header":    {reply{status: 403, body: m{"message": "You have exceeded a secondary rate limit."}}, time.Now().Add(time.Minute)},
		"GraphQL, 200 RATE_LIMITED":            {reply{status: 200, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": resetText}, body: m{"errors": []any{m{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}}}}, reset},
		"GraphQL, 200 secondary, no path":      {reply{status: 200, body: m{"errors": []any{m{"message": "You have exceeded a secondary rate limit."}}}}, time.Now().Add(time.Minute)},
		"maintenance, 503 with a date to wait": {reply{status: 503, header: map[string]string{"Retry-After": reset.UTC().Format(http.TimeFormat)}, body: "<html>"}, reset},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.query = func(string, m) any { return c.answer }
			err := f.read(t)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Gone() {
				t.Fatalf("%T %v", err, err)
			}
			if d := e.RetryAt().Sub(c.want); d < -2*time.Second || d > 5*time.Second {
				t.Errorf("come back at %v, want %v", e.RetryAt(), c.want)
			}
			if c.answer.status == 503 {
				return // not a limit: others may go on
			}
			if !e.Limited {
				t.Error("not said to be a limit")
			}
			err = f.read(t)
			if e, ok := errors.AsType[*Error](err); !ok || !e.Limited || e.RetryAt().IsZero() || f.asked() != "Verdict" {
				t.Errorf("went on asking: %v, asked %q", err, f.asked())
			}
		})
	}
}

func TestAMissingPermissionIsNotTakenForALimit(t *testing.T) {
	f := newForge(t, Config{})
	f.query = func(string, m) any {
		return reply{status: 403, header: map[string]string{"X-RateLimit-Remaining": "4000"}, body: m{"message": "Resource not accessible by integration"}}
	}
	e, ok := errors.AsType[*Error](f.read(t))
	if !ok || e.Limited || e.Gone() || !e.RetryAt().IsZero() {
		t.Errorf("%+v", e)
	}
}

func TestARefusedTokenIsMintedAnewOnceAndOnlyOnce(t *testing.T) {
	f := newForge(t, Config{})
	good := 2
	f.query = func(string, m) any {
		f.mu.Lock()
		defer f.mu.Unlock()
		if !strings.HasSuffix(f.tokens[len(f.tokens)-1], fmt.Sprint(good)) {
			return reply{status: 401, body: m{"message": "Bad credentials"}}
		}
		return m{"data": ordinary(), "errors": floorMissing()}
	}
	if err := f.read(t); err != nil || f.mints != 2 {
		t.Fatalf("%v, minted %d times", err, f.mints)
	}
	good = 99
	err := f.read(t)
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 401 || f.mints != 3 {
		t.Errorf("%v, minted %d times", err, f.mints)
	}
}

func TestSecretsNeverComeOutInErrorsOrLogs(t *testing.T) {
	var logged bytes.Buffer
	ctx := zerolog.New(&logged).Level(zerolog.TraceLevel).WithContext(t.Context())
	echo := func(r *http.Request) any {
		return reply{status: 500, body: m{"message": "failed for " + r.Header.Get("Authorization") + " at https://x.test/a?token=abc " + string(testKey())}}
	}
	var texts []string
	f := newForge(t, Config{})
	f.rest["/repos/acme/shop/pulls/12/files"] = echo
	f.rest["/app"] = echo
	f.query = func(string, m) any {
		f.mu.Lock()
		defer f.mu.Unlock()
		return m{"errors": []any{m{"message": "no: " + f.tokens[len(f.tokens)-1], "type": "X", "path": []any{secretToken}}}}
	}
	_, _, err := f.hub.Read(ctx, subject, checks.Need{}, nil)
	texts = append(texts, err.Error())
	pull := checks.Pull{Repo: checks.Repo{ID: repoID}, ID: "PR_1"}
	texts = append(texts, f.hub.Complete(ctx, subject, &pull, checks.Wants{Files: true}).Error())
	_, err = f.hub.App(ctx)
	texts = append(texts, err.Error())
	out, err := f.hub.Publish(ctx, subject, pull, []checks.Action{{Kind: checks.CreateRun, Run: checks.Output{Name: "x"}}})
	texts = append(texts, err.Error(), out[0].Error)

	f.mint = func(w http.ResponseWriter) bool {
		w.WriteHeader(500)
		_, _ = fmt.Fprintf(w, `{"message": %q}`, secretToken)
		return true
	}
	other := subject
	other.Installation = 8
	_, _, err = f.hub.Read(ctx, other, checks.Need{}, nil)
	texts = append(texts, err.Error())

	broken := newForge(t, Config{Transport: failing{}})
	_, _, err = broken.hub.Read(ctx, subject, checks.Need{}, nil)
	texts = append(texts, err.Error())
	_, err = New(Config{AppID: 1, PrivateKey: append([]byte("-----BEGIN RSA PRIVATE KEY-----\nbroken"), testKey()[60:]...)})
	texts = append(texts, err.Error())
	_, err = New(Config{AppID: 1, WebURL: "https://user:hunter2@x.test", PrivateKey: testKey()})
	texts = append(texts, err.Error(), logged.String())
	if logged.Len() == 0 {
		t.Error("nothing was logged")
	}
	for _, s := range texts {
		for _, secret := range []string{"secret-part", "ghs_", "eyJ", "token=abc", "BEGIN", "hunter2", string(testKey()[100:140])} {
			if strings.Contains(s, secret) {
				t.Errorf("%q shows %q", s, secret)
			}
		}
	}
}

type failing struct{}

func (failing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("dial %s?token=abc with %s", r.URL, r.Header.Get("Authorization"))
}

func TestTheTokenDoesNotFollowARedirectToAnotherHost(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked with %q", r.Header.Get("Authorization"))
	}))
	defer thief.Close()
	f := newForge(t, Config{})
	f.rest["/repos/acme/shop/pulls/12/files"] = func(*http.Request) any {
		return reply{status: 302, header: map[string]string{"Location": thief.URL + "/x"}}
	}
	pull := checks.Pull{Repo: checks.Repo{ID: repoID}, ID: "PR_1"}
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Files: true}); err == nil {
		t.Error("followed")
	}
}

func TestAnAnswerWithoutEndOrWithoutHasteIsGivenUp(t *testing.T) {
	f := newForge(t, Config{AnswerLimit: 10_000})
	data := set(ordinary(), strings.Repeat("x", 20_000), "repository", "pullRequest", "body")
	f.shows(data)
	if err := f.read(t); !errors.Is(err, errTooLarge) {
		t.Errorf("too large: %v", err)
	}
	release := make(chan struct{})
	defer close(release)
	f = newForge(t, Config{Timeout: 50 * time.Millisecond})
	f.query = func(string, m) any { <-release; return m{} }
	if err := f.read(t); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too slow: %v", err)
	}
}

func TestNoMoreRequestsAreUnderWayThanAllowed(t *testing.T) {
	f := newForge(t, Config{Concurrent: 3})
	var mu sync.Mutex
	now, most := 0, 0
	arrived, release := make(chan struct{}, 20), make(chan struct{})
	f.query = func(string, m) any {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		arrived <- struct{}{}
		<-release
		mu.Lock()
		now--
		mu.Unlock()
		return m{"data": ordinary(), "errors": floorMissing()}
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if err := f.read(t); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		<-arrived
	}
	close(release)
	wg.Wait()
	if most > 3 {
		t.Errorf("%d at once", most)
	}
}

func TestPointsAMinuteAreSpacedOrThrownBackInsteadOfSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Config{Concurrent: 5, QueryPoints: 20})
		op := Operation{GraphQL, "x"}
		enter := func() error {
			leave, err := g.enter(t.Context(), request{op: op, points: 5})
			if err == nil {
				leave()
			}
			return err
		}
		start := time.Now()
		for i := range 4 {
			if err := enter(); err != nil {
				t.Fatalf("request %d: %v", i, err)
			}
		}
		e, ok := errors.AsType[*Error](enter())
		if !ok || !e.Limited || !e.RetryAt().Equal(start.Add(time.Minute)) {
			t.Fatalf("%+v", e)
		}
		time.Sleep(59 * time.Second)
		if err := enter(); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestTheObserverSeesEveryRequestWithItsCost(t *testing.T) {
	var calls []Call
	f := newForge(t, Config{Observe: func(c Call) { calls = append(calls, c) }})
	f.query = func(string, m) any {
		return reply{header: map[string]string{"X-RateLimit-Remaining": "4998", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": "4102444800"},
			body: m{"data": ordinary(), "errors": floorMissing()}}
	}
	if _, limit, _ := f.hub.Budget(7); limit != 0 {
		t.Error("a budget before the first request")
	}
	if err := f.read(t); err != nil {
		t.Fatal(err)
	}
	if len(calls) != 2 || calls[0].Kind != Token || calls[0].Status != 201 || calls[1].Name != "verdict" || calls[1].Cost != 2 ||
		calls[1].Remaining != 4998 || calls[1].Installation != 7 || calls[1].Status != 200 || calls[1].Failed {
		t.Errorf("%+v", calls)
	}
	if left, limit, reset := f.hub.Budget(7); left != 4998 || limit != 5000 || reset.Year() != 2100 {
		t.Errorf("budget %d of %d until %v", left, limit, reset)
	}
	if n := f.hub.Counts()[Operation{GraphQL, "verdict"}]; n != 1 {
		t.Errorf("counted %d", n)
	}
}

func TestAddressesOfGitHubAndOfEnterpriseServers(t *testing.T) {
	for web, want := range map[string][2]string{
		"":                           {"https://api.github.com", "https://api.github.com/graphql"},
		"https://github.com/":        {"https://api.github.com", "https://api.github.com/graphql"},
		"https://git.acme.test":      {"https://git.acme.test/api/v3", "https://git.acme.test/api/graphql"},
		"http://git.acme.test:8080/": {"http://git.acme.test:8080/api/v3", "http://git.acme.test:8080/api/graphql"},
	} {
		h, err := New(Config{AppID: 1, PrivateKey: testKey(), WebURL: web})
		if err != nil {
			t.Fatal(err)
		}
		s := h.app.session()
		if h.cfg.V3URL != want[0] || h.cfg.V4URL != want[1] || s.rest.BaseURL.String() != want[0]+"/" {
			t.Errorf("%q: REST at %s, GraphQL at %s", web, h.cfg.V3URL, h.cfg.V4URL)
		}
	}
	for _, web := range []string{"ftp://x", "github.com", "https://", "://"} {
		if _, err := New(Config{AppID: 1, PrivateKey: testKey(), WebURL: web}); err == nil {
			t.Errorf("%q taken", web)
		}
	}
}
