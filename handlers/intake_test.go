package handlers

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/store"
)

const secret = "It's a Secret to Everybody"

// intake is a hook on a database of its own, reached over HTTP.
type intake struct {
	t         testing.TB
	path      string
	store     *store.Store
	handler   http.Handler
	url       string
	installed []int64

	mu     sync.Mutex
	counts map[string]int
}

func newIntake(t testing.TB) *intake {
	t.Helper()
	in := &intake{t: t, path: filepath.Join(t.TempDir(), "handrail.db"), counts: map[string]int{}}
	var err error
	if in.store, err = store.Open(t.Context(), in.path, store.Options{Origin: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.store.Close() })
	guard := leak.Beside(t, in.path)
	in.handler, err = NewHook(HookConfig{AppID: ourApp, Secret: []byte(secret), Store: in.store, Count: in.count, Log: zerolog.New(guard.Writer(leak.Logged)),
		Installed: func(id int64) { in.installed = append(in.installed, id) }})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(in.handler)
	t.Cleanup(server.Close)
	in.url = server.URL
	return in
}

func (in *intake) count(outcome string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.counts[outcome]++
}

func (in *intake) counted() map[string]int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return maps.Clone(in.counts)
}

func sign(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// delivery is a request as GitHub makes it.
func delivery(ctx context.Context, url, event, guid string, body []byte) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		panic(err) // the tests' own URLs
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", guid)
	r.Header.Set("X-Hub-Signature-256", sign(secret, body))
	return r
}

// send makes a request and gives the answer's status and text.
func (in *intake) send(r *http.Request) (int, string) {
	in.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		in.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		in.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (in *intake) deliver(event, guid, body string) {
	in.t.Helper()
	if status, text := in.send(delivery(in.t.Context(), in.url, event, guid, []byte(body))); status/100 != 2 {
		in.t.Fatalf("%s %s: %d %s", event, guid, status, text)
	}
}

// tables is everything in the database: by table, how many rows, and a digest
// of what they say.
func (in *intake) tables() map[string]string {
	in.t.Helper()
	db, err := sql.Open("sqlite", "file:"+in.path+"?mode=ro")
	if err != nil {
		in.t.Fatal(err)
	}
	defer db.Close()
	names := in.strings(db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	out := map[string]string{}
	for _, name := range names {
		rows, err := db.Query(`SELECT * FROM ` + name)
		if err != nil {
			in.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			in.t.Fatal(err)
		}
		n, digest := 0, sha256.New()
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				in.t.Fatal(err)
			}
			fmt.Fprintf(digest, "%v\n", values)
			n++
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			in.t.Fatal(err)
		}
		out[name] = fmt.Sprintf("%d rows %x", n, digest.Sum(nil)[:8])
	}
	return out
}

func (in *intake) strings(db *sql.DB, query string) []string {
	in.t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		in.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			in.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// due is what the work table holds, as "owner/name#number", in order.
func (in *intake) due() []string {
	in.t.Helper()
	db, err := sql.Open("sqlite", "file:"+in.path+"?mode=ro")
	if err != nil {
		in.t.Fatal(err)
	}
	defer db.Close()
	return in.strings(db, `SELECT r.owner || '/' || r.name || '#' || w.number FROM work w JOIN repos r ON r.id = w.repo_id ORDER BY 1`)
}

func TestEveryPayloadThatGitHubRecordedIsStoredOnceHoweverOftenItComes(t *testing.T) {
	in, all := newIntake(t), examples(t)
	if len(all) < 329 {
		t.Errorf("only %d recorded payloads", len(all))
	}
	round := func() {
		for i, e := range all {
			in.deliver(e.Event, fmt.Sprintf("guid-%d", i), string(e.Body))
		}
	}
	round()
	first := in.tables()
	const moves = 2 // of default branches, which are entries of their own
	want := func(n int) string { return fmt.Sprintf("%d rows ", n) }
	if !strings.HasPrefix(first["deliveries"], want(len(all))) || !strings.HasPrefix(first["entries"], want(len(all)+moves)) {
		t.Errorf("of %d deliveries there are %s, and %s in the log", len(all), first["deliveries"], first["entries"])
	}
	round()
	if diff := cmp.Diff(first, in.tables()); diff != "" {
		t.Errorf("the same again changed something:\n%s", diff)
	}
	outcomes := map[string]int{OutcomeKept: len(all), OutcomeRepeat: len(all)}
	if diff := cmp.Diff(outcomes, in.counted()); diff != "" {
		t.Error(diff)
	}
	report, err := in.store.Verify(t.Context(), nil)
	if err != nil || !report.OK() {
		t.Errorf("the log does not verify: %v %v", report.Problems, err)
	}
}

func TestAnEventThatNobodyHasHeardOfIsKeptAllTheSame(t *testing.T) {
	in := newIntake(t)
	in.deliver("brand_new_event", "g1", body(`,"action":"invented"`))
	in.deliver("ping", "g2", `{"zen":"Design for failure."}`)
	in.deliver("pull_request", "g3", `{}`)
	if got := in.tables()["deliveries"]; !strings.HasPrefix(got, "3 rows") {
		t.Error(got)
	}
}

func TestWhatIsNotSignedOrNotADeliveryLeavesNoTraceButACount(t *testing.T) {
	in := newIntake(t)
	good := []byte(body(`,"action":"opened"`))
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(good)
	weak := "sha1=" + hex.EncodeToString(mac.Sum(nil))
	cases := []struct {
		name    string
		body    string
		change  func(*http.Request)
		status  int
		outcome string
	}{
		{"unsigned", "", func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") }, 401, OutcomeUnsigned},
		{"SHA-1 only", "", func(r *http.Request) {
			r.Header.Del("X-Hub-Signature-256")
			r.Header.Set("X-Hub-Signature", weak)
		}, 401, OutcomeSHA1Only},
		{"SHA-1 in the place of SHA-256", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", weak) }, 401, OutcomeWrongSignature},
		{"SHA-1 right, SHA-256 wrong", "", func(r *http.Request) {
			r.Header.Set("X-Hub-Signature-256", sign("other", good))
			r.Header.Set("X-Hub-Signature", weak)
		}, 401, OutcomeWrongSignature},
		{"signed with another secret", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", sign("x", good)) }, 401, OutcomeWrongSignature},
		{"signed with no secret", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", sign("", good)) }, 401, OutcomeWrongSignature},
		{"half a signature", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", sign(secret, good)[:39]) }, 401, OutcomeWrongSignature},
		{"an empty signature", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", "sha256=") }, 401, OutcomeWrongSignature},
		{"no signature at all", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", "sha256=zz") }, 401, OutcomeWrongSignature},
		{"a body of other bytes", "", func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", sign(secret, good[1:])) }, 401, OutcomeWrongSignature},
		{"no event", "", func(r *http.Request) { r.Header.Del("X-GitHub-Event") }, 400, OutcomeHeaders},
		{"no id", "", func(r *http.Request) { r.Header.Del("X-GitHub-Delivery") }, 400, OutcomeHeaders},
		{"an endless id", "", func(r *http.Request) { r.Header.Set("X-GitHub-Delivery", strings.Repeat("g", 101)) }, 400, OutcomeHeaders},
		{"a form", "payload=%7B%7D", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415, OutcomeContentType},
		{"no content type", "", func(r *http.Request) { r.Header.Del("Content-Type") }, 415, OutcomeContentType},
		{"GET", "", func(r *http.Request) { r.Method = http.MethodGet }, 405, OutcomeMethod},
		{"half of an object", `{"action":`, nil, 400, OutcomeMalformed},
		{"an object and more", `{} {}`, nil, 400, OutcomeMalformed},
		{"a list", `[]`, nil, 400, OutcomeMalformed},
		{"nothing", ` `, nil, 400, OutcomeMalformed},
	}
	before := in.tables()
	want := map[string]int{}
	for _, c := range cases {
		text := good
		if c.body != "" {
			text = []byte(c.body)
		}
		// Events with a handler and without one go different ways.
		for _, event := range []string{"pull_request", "brand_new_event"} {
			r := delivery(t.Context(), in.url, event, "g", text)
			if c.change != nil {
				c.change(r)
			}
			if status, text := in.send(r); status != c.status || text == "" {
				t.Errorf("%s: %d %q, want %d", c.name, status, text, c.status)
			}
			want[c.outcome]++
		}
	}
	if diff := cmp.Diff(before, in.tables()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	if diff := cmp.Diff(want, in.counted()); diff != "" {
		t.Error(diff)
	}
}

func TestAFormSaysWhichSettingToChange(t *testing.T) {
	in := newIntake(t)
	r := delivery(t.Context(), in.url, "push", "g", []byte("payload={}"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, text := in.send(r); !strings.Contains(text, "application/json") || !strings.Contains(text, "content type") {
		t.Errorf("it says %q", text)
	}
}

// endless is a body of as many zeros as are asked for; it counts them.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestABodyLargerThanGitHubSendsIsNotRead(t *testing.T) {
	in := newIntake(t)
	before := in.tables()
	for _, declared := range []int64{maxBody + 1, -1} {
		zeros := &endless{}
		r := delivery(t.Context(), in.url, "push", "g", nil)
		r.Body, r.ContentLength = io.NopCloser(zeros), declared
		w := httptest.NewRecorder()
		in.handler.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("declared %d: %d", declared, w.Code)
		}
		if declared > 0 && zeros.read > 0 || zeros.read > 3*maxBody {
			t.Errorf("declared %d: %d bytes were read", declared, zeros.read)
		}
	}
	if diff := cmp.Diff(before, in.tables()); diff != "" {
		t.Error(diff)
	}
	if got := in.counted(); got[OutcomeTooLarge] != 2 || len(got) != 1 {
		t.Error(got)
	}
}

func TestTheLargestBodyThatGitHubSendsIsTaken(t *testing.T) {
	in := newIntake(t)
	head, tail := `{"action":"`, `"}`
	in.deliver("push", "g", head+strings.Repeat("x", maxBody-len(head)-len(tail))+tail)
	if got := in.counted(); got[OutcomeKept] != 1 {
		t.Error(got)
	}
}

func TestABodyThatBreaksOffIsRefused(t *testing.T) {
	in := newIntake(t)
	r := delivery(t.Context(), in.url, "push", "g", []byte("{}"))
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), brokenReader{}))
	w := httptest.NewRecorder()
	in.handler.ServeHTTP(w, r)
	if got := in.counted(); w.Code != http.StatusBadRequest || got[OutcomeCutShort] != 1 {
		t.Error(w.Code, got)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestGitHubIsToldToSendAgainWhatTheDatabaseCouldNotTake(t *testing.T) {
	in := newIntake(t)
	if err := in.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"push", "brand_new_event"} {
		if status, text := in.send(delivery(t.Context(), in.url, event, "g", []byte(`{}`))); status != http.StatusServiceUnavailable || strings.Contains(text, in.path) {
			t.Errorf("%s: %d %q", event, status, text)
		}
	}
	if got := in.counted(); got[OutcomeFailed] != 2 || len(got) != 1 {
		t.Error(got)
	}
}

func TestNobodyStartsWithoutASecretOrWithoutAnAppID(t *testing.T) {
	for _, c := range []HookConfig{{AppID: 1}, {AppID: 1, Secret: []byte{}}, {Secret: []byte(secret)}} {
		if _, err := NewHook(c); err == nil {
			t.Errorf("%+v is enough to receive webhooks", c)
		}
	}
}

func TestNewRepositoriesAreMadeKnownOnce(t *testing.T) {
	in := newIntake(t)
	created := `{"action":"created","installation":{"id":9},"repositories":[{"id":3,"full_name":"acme/hello"}]}`
	in.deliver("installation", "g1", created)
	in.deliver("installation", "g1", created)
	in.deliver("push", "g2", body(""))
	if !slices.Equal(in.installed, []int64{9}) {
		t.Error(in.installed)
	}
}

func TestEventsOnAPullRequestFromAForkFindItByItsHead(t *testing.T) {
	in := newIntake(t)
	in.deliver("pull_request", "g1", pullEvent("opened", ""))
	in.deliver("pull_request", "g2", strings.ReplaceAll(strings.Replace(pullEvent("opened", ""), `"number":7`, `"number":8`, 2), shaA, strings.Repeat("c", 40)))
	before := in.tables()["work"]
	in.deliver("check_run", "g3", body(`,"action":"completed","check_run":`+runJSON(ourApp, "")))
	if in.tables()["work"] != before {
		t.Error("our own check-run made something due")
	}
	in.deliver("check_run", "g4", body(`,"action":"completed","check_run":`+runJSON(1, "")))
	rows, err := in.store.List(t.Context(), store.Filter{Kind: store.KindDelivery, Newest: true, Limit: 1})
	if err != nil || len(rows) != 1 || rows[0].Subject != "pull/7" {
		t.Errorf("the check-run of a fork touched %+v, %v", rows, err)
	}
	if got := in.due(); !slices.Equal(got, []string{"acme/shop#7", "acme/shop#8"}) {
		t.Error(got)
	}
}

func TestAPolicyPushedToABranchTouchesThePullRequestsIntoIt(t *testing.T) {
	in := newIntake(t)
	in.deliver("pull_request", "g1", pullEvent("opened", ""))
	in.deliver("push", "g2", body(`,"ref":"refs/heads/main","commits":[{"modified":["`+checks.PolicyPath+`"]}]`))
	in.deliver("push", "g3", body(`,"ref":"refs/heads/other","commits":[{"modified":["`+checks.PolicyPath+`"]}]`))
	rows, err := in.store.List(t.Context(), store.Filter{Kind: store.KindDelivery})
	if err != nil || len(rows) != 3 || rows[1].Subject != "pull/7" || rows[2].Subject != "" {
		t.Errorf("%+v, %v", rows, err)
	}
}
