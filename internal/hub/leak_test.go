package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
)

// guarded is a guard that knows the App's key, the token and the address of an
// archive, and looks when the test is over.
func guarded(t *testing.T) *leak.Guard {
	g := leak.Beside(t, "")
	for line := range strings.Lines(string(testKey())) {
		if !strings.HasPrefix(line, "-----") {
			g.Plant(strings.TrimSpace(line), "key")
		}
	}
	g.Plant(signed, "address")
	g.Plant(secretToken, "token")
	return g
}

// Were the guard of a [forge] blind, nothing that these tests send would be held to
// anything.
func TestAKeyThatIsSentOrToldIsFound(t *testing.T) {
	f := newForge(t, Config{})
	f.guard = leak.New() // not the one that looks when the test is over
	f.guard.Plant(secretToken, "token")
	resp, err := http.Post(f.url+"/api/v3/x?key="+secretToken, "", strings.NewReader(string(testKey())))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	told(f.guard, fmt.Errorf("ask: %w", errors.Join(errors.New("no"), &url.Error{Op: "Get", URL: secretToken, Err: io.EOF})))
	ways := map[string]bool{}
	for _, found := range f.guard.Found() {
		ways[found.What+" "+found.Way] = true
	}
	for _, want := range []string{"token sent", "token logged", "private-key sent"} {
		if !ways[want] {
			t.Errorf("%q is not among %v", want, ways)
		}
	}
}

// watch takes what is sent to a server, but for the header with the token, which is
// a secret from then on.
func watch(g *leak.Guard, r *http.Request) {
	g.Add(leak.Sent, []byte(r.Method+" "+r.URL.String()))
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		g.Add(leak.Sent, body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		g.Plant(token, "token")
	}
}

// told takes all that an error says, and those that it holds.
func told(g *leak.Guard, err error) {
	if err == nil {
		return
	}
	g.Add(leak.Logged, []byte(err.Error()))
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			told(g, e)
		}
	}
	told(g, errors.Unwrap(err))
}

// echo is GitHub, and the hosts that it leads to, answering each request in the same
// way with what it was asked, after the token is made and the way to an archive told.
type echo struct {
	guard   *leak.Guard
	answer  func(said string) (*http.Response, error)
	refuses bool // to make a token
	asked   int
}

// RoundTrip implements http.RoundTripper.
func (e *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	e.asked++
	if r.Host != "example.com" && r.URL.Host != "example.com" { // an archive's address is told to its host
		watch(e.guard, r)
	}
	said := r.Header.Get("Authorization") + " at https://x.test/a?sig=PRIVATE-SIGNATURE and " + r.URL.String()
	switch {
	case strings.HasSuffix(r.URL.Path, "/access_tokens") && !e.refuses:
		return response(201, `{"token": "`+secretToken+`", "expires_at": "2999-01-01T00:00:00Z"}`), nil
	case strings.HasSuffix(r.URL.Path, "/zip"):
		resp := response(302, "<a href="+signed+">")
		resp.Header.Set("Location", "https://example.com"+signed)
		return resp, nil
	}
	resp, err := e.answer(said)
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

func response(status int, body string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// bodies are what GitHub, or a proxy before it, may say; %[1]q is what was asked.
var bodies = map[string]string{
	"message":      `{"message": %[1]q}`,
	"key":          `{"message": %[2]q}`,
	"no JSON":      `<html>%[1]s`,
	"cut":          `{"message": %[1]q, "data": {"repository": {`,
	"wrong type":   `{"message": {"a": %[1]q}, "data": %[1]q, "errors": %[1]q}`,
	"texts only":   `[%[1]q]`,
	"GraphQL":      `{"data": null, "errors": [{"message": %[1]q, "type": %[1]q, "path": [%[1]q]}]}`,
	"wrong fields": `{"data": {"repository": {"databaseId": %[1]q, "pullRequest": %[1]q}}, "total_count": %[1]q, "id": %[1]q, "created_at": %[1]q, "artifacts": [{"id": %[1]q}], "workflow_runs": [{"id": 7, "created_at": %[1]q}], "keys": [{"kid": "k1", "n": %[1]q}], "jwks_uri": %[1]q}`,
}

// failures are the ways in which a request can go wrong.
func failures() map[string]func(said string) (*http.Response, error) {
	all := map[string]func(string) (*http.Response, error){
		"no answer": func(said string) (*http.Response, error) {
			return nil, errors.New("broken: " + said)
		},
		"elsewhere": func(string) (*http.Response, error) {
			resp := response(302, "")
			resp.Header.Set("Location", "https://example.org"+signed)
			return resp, nil
		},
		"headers": func(said string) (*http.Response, error) {
			resp := response(403, "{}")
			for _, name := range []string{"Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Content-Type", "Link", "Date"} {
				resp.Header.Set(name, said)
			}
			return resp, nil
		},
	}
	for _, status := range []int{200, 400, 401, 403, 404, 429, 500, 503} {
		for name, body := range bodies {
			all[fmt.Sprintf("%d, %s", status, name)] = func(said string) (*http.Response, error) {
				return response(status, fmt.Sprintf(body, said, string(testKey())+said)), nil
			}
		}
	}
	return all
}

func TestNoTokenKeyOrAddressComesOutOfWhateverIsAskedHoweverItFails(t *testing.T) {
	const web = "https://github.test"
	claims := (&issuer{Server: &httptest.Server{URL: web}}).claims()
	run := token(t, jwt.SigningMethodRS256, signer(), claims)
	asks := operations(run)
	maps.Copy(asks, releaseOperations())
	for i := range reflect.TypeFor[*Hub]().NumMethod() {
		m := reflect.TypeFor[*Hub]().Method(i)
		last := m.Type.NumOut() - 1
		if asks[m.Name] == nil && last >= 0 && m.Type.Out(last) == reflect.TypeFor[error]() {
			t.Errorf("what %s lets out is not looked at: add it to operations", m.Name)
		}
	}
	g := guarded(t)
	g.Plant(run[strings.Index(run, "."):], "run's token")
	asked := map[string]int{}
	try := func(name string, e *echo) {
		synctest.Test(t, func(t *testing.T) {
			h, err := New(Config{WebURL: web, AppID: appID, PrivateKey: testKey(), PublicURL: publicURL, Transport: e})
			if err != nil {
				t.Fatal(err)
			}
			h.storage.away = e
			ctx := zerolog.New(g.Writer(leak.Logged)).Level(zerolog.TraceLevel).WithContext(t.Context())
			told(g, asks[name](ctx, h))
			asked[name] += e.asked
		})
	}
	for _, answer := range failures() {
		for name := range asks {
			try(name, &echo{guard: g, answer: answer})
		}
		try("Read", &echo{guard: g, answer: answer, refuses: true})
	}
	for name := range asks {
		if asked[name] < len(failures()) {
			t.Errorf("%s asked %d times only", name, asked[name])
		}
	}
	for _, part := range []string{"ask GitHub (", "asked GitHub", "redirected to another host"} {
		if ways := g.Has(part); !slices.Contains(ways, leak.Logged) {
			t.Errorf("%q, which must be told, is told nowhere: %v", part, ways)
		}
	}
}

// operations are all that can be asked of a Hub, by the method's name.
func operations(runToken string) map[string]func(ctx context.Context, h *Hub) error {
	return map[string]func(ctx context.Context, h *Hub) error{
		"Alerts": func(ctx context.Context, h *Hub) error {
			var all []error
			for _, kind := range []checks.AlertKind{checks.CodeScanning, checks.DependencyReview, checks.SecretScanning} {
				pull := aPull()
				answer, err := h.Alerts(ctx, subject, &pull, kind)
				all = append(all, err, errors.New(answer.Missing))
			}
			return errors.Join(all...)
		},
		"MissedDeliveries": func(ctx context.Context, h *Hub) error {
			_, err := h.MissedDeliveries(ctx, time.Time{}, "", 2)
			return err
		},
		"Redeliver": func(ctx context.Context, h *Hub) error { return h.Redeliver(ctx, 12345) },
		"App":       func(ctx context.Context, h *Hub) error { _, err := h.App(ctx); return err },
		"Artifacts": func(ctx context.Context, h *Hub) error { _, err := h.Artifacts(ctx, subject, 70); return err },
		"Between": func(ctx context.Context, h *Hub) error {
			_, err := h.Between(ctx, subject, baseSHA, headSHA)
			return err
		},
		"Blob": func(ctx context.Context, h *Hub) error { _, err := h.Blob(ctx, subject, headSHA, 1<<20); return err },
		"BranchRuns": func(ctx context.Context, h *Hub) error {
			_, err := h.BranchRuns(ctx, subject, "main", time.Now())
			return err
		},
		"CommitPatch": func(ctx context.Context, h *Hub) error { _, err := h.CommitPatch(ctx, subject, headSHA); return err },
		"Download": func(ctx context.Context, h *Hub) error {
			_, err := h.Download(ctx, subject, checks.Artifact{ID: 80})
			return err
		},
		"Find": func(ctx context.Context, h *Hub) error { _, err := h.Find(ctx, "acme", "shop", 12); return err },
		"FirstParents": func(ctx context.Context, h *Hub) error {
			_, err := h.FirstParents(ctx, subject, headSHA, 5)
			return err
		},
		"Glimpse":      func(ctx context.Context, h *Hub) error { _, err := h.Glimpse(ctx, subject); return err },
		"Group":        func(ctx context.Context, h *Hub) error { _, err := h.Group(ctx, aGroup()); return err },
		"GlimpseGroup": func(ctx context.Context, h *Hub) error { _, err := h.GlimpseGroup(ctx, aGroup()); return err },
		"Groups": func(ctx context.Context, h *Hub) error {
			_, err := h.Groups(ctx, subject.Installation, checks.Repo{ID: repoID, Owner: "acme", Name: "shop"})
			return err
		},
		"Installations": func(ctx context.Context, h *Hub) error { _, err := h.Installations(ctx); return err },
		"OpenPulls": func(ctx context.Context, h *Hub) error {
			_, _, _, err := h.OpenPulls(ctx, subject.Installation, checks.Repo{ID: repoID, Owner: "acme", Name: "shop"}, "")
			return err
		},
		"Branch": func(ctx context.Context, h *Hub) error { _, _, err := h.Branch(ctx, subject, "main"); return err },
		"Line": func(ctx context.Context, h *Hub) error {
			_, err := h.Line(ctx, subject, headSHA, oldSHA, 9)
			return err
		},
		"Relation": func(ctx context.Context, h *Hub) error {
			_, err := h.Relation(ctx, subject, oldSHA, headSHA)
			return err
		},
		"Refs": func(ctx context.Context, h *Hub) error { _, _, _, err := h.Refs(ctx, subject, "tags", ""); return err },
		"Complete": func(ctx context.Context, h *Hub) error {
			pull := aPull()
			return h.Complete(ctx, subject, &pull, checks.Wants{Teams: []string{"acme/qa"}, Users: []string{"bob"}, Files: true, Threads: true, Changes: []string{oldSHA}, Modes: map[string][]string{headSHA: {"a"}}})
		},
		"Complete commits": func(ctx context.Context, h *Hub) error { // each by itself: the first failure ends one
			pull := aPull()
			return errors.Join(h.Complete(ctx, subject, &pull, checks.Wants{Threads: true}), h.Complete(ctx, subject, &pull, checks.Wants{Behind: true}),
				h.Complete(ctx, subject, &pull, checks.Wants{Accounts: true}), h.Complete(ctx, subject, &pull, checks.Wants{References: []string{"acme/shop#1"}}))
		},
		"Contents": func(ctx context.Context, h *Hub) error {
			_, err := h.Contents(ctx, subject, headSHA, []string{"a"}, 1<<20)
			return err
		},
		"PullPatch": func(ctx context.Context, h *Hub) error {
			pull := aPull()
			_, err := h.PullPatch(ctx, subject, &pull)
			return err
		},
		"Publish": func(ctx context.Context, h *Hub) error {
			out, err := h.Publish(ctx, subject, aPull(), []checks.Action{
				{Kind: checks.CreateRun, Run: checks.Output{Name: "x", Head: headSHA, Status: "completed", Conclusion: "success"}},
				{Kind: checks.AddLabel, Label: checks.LabelMet}, {Kind: checks.RemoveLabel, Label: checks.LabelSecurity},
			})
			for _, o := range out {
				err = errors.Join(err, errors.New(o.Error))
			}
			return err
		},
		"Read": func(ctx context.Context, h *Hub) error {
			_, _, err := h.Read(ctx, subject, checks.Need{Teams: []string{"acme/qa"}, Users: []string{"bob"}, Files: true, Owners: true, Threads: true}, []string{"bob"})
			return err
		},
		"Repos":       func(ctx context.Context, h *Hub) error { _, err := h.Repos(ctx, subject.Installation); return err },
		"Tree":        func(ctx context.Context, h *Hub) error { _, err := h.Tree(ctx, subject, headSHA); return err },
		"Verify":      func(ctx context.Context, h *Hub) error { _, err := h.Verify(ctx, runToken); return err },
		"WorkflowRun": func(ctx context.Context, h *Hub) error { _, err := h.WorkflowRun(ctx, subject, 70); return err },
		"WorkflowRuns": func(ctx context.Context, h *Hub) error {
			_, _, err := h.WorkflowRuns(ctx, subject, headSHA)
			return err
		},
	}
}

func aGroup() checks.Subject {
	s := subject
	s.Kind, s.Name = checks.KindGroup, checks.GroupPrefix+"main/pr-12-"+baseSHA
	return s
}
