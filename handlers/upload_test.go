package handlers_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
)

// post is where runs send reports to, with what came of them and what was
// logged.
type post struct {
	*rig
	url string

	mu       sync.Mutex
	outcomes []string
	log      bytes.Buffer
}

// Write takes what is logged.
func (p *post) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(line)
}

func (p *post) count(outcome string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcomes = append(p.outcomes, outcome)
}

func (p *post) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

func newPost(r *rig) *post {
	r.t.Helper()
	p := &post{rig: r}
	srv := httptest.NewServer(handlers.NewUpload(handlers.UploadConfig{
		Store: r.store, Witness: r.hub, Read: readers().Read, Now: r.now,
		Scan: func(name string, data []byte) (map[string]int, []string, error) {
			return scan.Count(name, bytes.NewReader(data), r.flow.Inspector.Redact)
		},
		Log: zerolog.New(io.MultiWriter(p, r.guard.Writer(leak.Logged))), Count: p.count,
	}))
	r.t.Cleanup(srv.Close)
	p.url = srv.URL
	return p
}

// answer is what handrail says to a report.
type answer struct {
	status  int
	header  http.Header
	Commit  string
	Run     int64
	Attempt int
	Name    string
	Format  string
	Files   int
	Stored  any
	Error   string
}

func (p *post) send(token, name string, body io.Reader, header ...string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+"/api/v1/coverage?"+url.Values{"name": {name}}.Encode(), body)
	if err != nil {
		p.t.Error(err)
		return answer{}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Error(err)
		return answer{}
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		p.t.Errorf("an answer of status %d that is no JSON: %v", resp.StatusCode, err)
	}
	if token != "" && strings.Contains(p.logged()+a.Error, token) {
		p.t.Error("the token is logged or shown")
	}
	return a
}

func (p *post) report(run *sim.WorkflowRun, report []byte) answer {
	p.t.Helper()
	return p.send(run.Token(audience), "lcov.info", bytes.NewReader(report))
}

func zipped(data []byte) *bytes.Buffer {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a bytes.Buffer takes everything
	_ = z.Close()
	return &b
}

func TestAReportThatIsSentCountsForTheHeadOfItsRun(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	a := to.send(run.Token(audience), "lcov.info", zipped(lcov("a.js", 10, 1)), "Content-Encoding", "gzip")
	if a.status != http.StatusOK || a.Commit != p.Head() || a.Run != run.ID() || a.Attempt != 1 || a.Name != "lcov.info" || a.Files != 1 || a.Stored != true || a.Format == "" {
		t.Errorf("the answer is %+v", a)
	}
	r.settle()
	r.gauges(p, waiting) // the run goes on
	if a := to.report(run, lcov("a.js", 10, 1)); a.status != http.StatusOK || a.Stored != "already" {
		t.Errorf("the same report again: %+v", a)
	}
	run.Finish("success")
	r.settle()
	r.gauges(p, met, "90")
	// One of the same name takes its place, also after all was read.
	if a := to.report(run, lcov("a.js", 10, 1, 2, 3, 4)); a.status != http.StatusOK {
		t.Errorf("another report: %+v", a)
	}
	r.settle()
	r.gauges(p, unmet, "60")
	if got := strings.Join(to.outcomes, " "); got != "kept repeat kept" {
		t.Errorf("counted: %s", got)
	}
}

func TestAReportOfAnEarlierAttemptDoesNotCount(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	to.report(run, lcov("a.js", 10))
	late := run.Token(audience)
	run.Finish("success")
	r.settle()
	r.gauges(p, met)
	run.Rerun("bob")
	run.Start()
	if a := to.send(late, "lcov.info", bytes.NewReader(lcov("a.js", 10))); a.status != http.StatusConflict || !strings.Contains(a.Error, "ttempt 2") {
		t.Errorf("a token of attempt 1: %+v", a)
	}
	run.Finish("success")
	r.settle()
	r.gauges(p, unmet, "sent none")
}

func TestARunsOwnCommitCountsWhateverIsSent(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to := newPost(r)
	old := r.workflow(p)
	before := p.Head()
	r.push("alice", "topic", map[string]string{"a.js": lines(10, "b")})
	r.settle()
	if a := to.report(old, lcov("a.js", 10)); a.status != http.StatusOK || a.Commit != before {
		t.Errorf("a report for the commit before: %+v", a)
	}
	old.Finish("success")
	run := r.workflow(p)
	run.Finish("success")
	r.settle()
	r.gauges(p, unmet, "no coverage report", p.Head()[:7])
}

func TestASentReportNamesTheMergeThatWasTested(t *testing.T) {
	r, p, run := moved(t)
	// Another merge is the one that handrail sees now.
	r.push("alice", "main", map[string]string{"c.md": "c"})
	r.settle()
	to := newPost(r)
	to.report(run, append(lcov("a.js", 23, 21, 22), lcov("b.js", 2)...))
	run.Finish("success")
	r.settle()
	r.gauges(p, unmet, "60")
}

func TestWhatProvesNothingIsRefusedBeforeItIsRead(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	elsewhere := r.gh.Org("other").Repo("closed")
	elsewhere.Allow("alice", "write")
	if _, err := elsewhere.Push(sim.Push{By: "alice", Branch: "main", Files: map[string]string{"a": "a"}}); err != nil {
		t.Fatal(err)
	}
	foreign, err := elsewhere.StartWorkflow(sim.NewWorkflowRun{Workflow: ci, Started: true})
	if err != nil {
		t.Fatal(err)
	}
	used := run.Token(audience)
	if a := to.send(used, "first", bytes.NewReader(lcov("a.js", 10))); a.status != http.StatusOK {
		t.Fatalf("the first: %+v", a)
	}
	other := map[string]any{"jti": "another"}
	with := func(name string, value any) string {
		other[name] = value
		defer delete(other, name)
		return run.TokenWith(audience, other)
	}
	for name, c := range map[string]struct {
		token  string
		status int
		say    string
	}{
		"no token":                 {"", http.StatusUnauthorized, "id-token"},
		"no token at all":          {"nonsense", http.StatusUnauthorized, "not accepted"},
		"for another server":       {run.Token("https://elsewhere.example"), http.StatusUnauthorized, "audience"},
		"an expired one":           {with("exp", time.Now().Add(-time.Hour).Unix()), http.StatusUnauthorized, "expired"},
		"one that was used":        {used, http.StatusConflict, "used"},
		"a repository without us":  {foreign.Token(audience), http.StatusNotFound, "not installed"},
		"another owner":            {with("repository_owner_id", "4711"), http.StatusForbidden, "owner"},
		"another repository's run": {with("run_id", fmt.Sprint(foreign.ID())), http.StatusNotFound, "no workflow run"},
	} {
		body := &watched{}
		a := to.send(c.token, "lcov.info", body)
		if a.status != c.status || !strings.Contains(a.Error, c.say) || !strings.HasSuffix(a.Error, ".") {
			t.Errorf("%s: %d %q, want %d and %q", name, a.status, a.Error, c.status, c.say)
		}
		// What the system keeps for both ends of a connection may be ten megabytes.
		if n := body.read.Load(); n > 16<<20 {
			t.Errorf("%s: %d bytes of the body were taken", name, n)
		}
	}
	if list, err := r.store.Uploads(t.Context(), r.subject(p).RepoID, p.Head()); err != nil || len(list) != 1 {
		t.Errorf("kept: %+v, %v", list, err)
	}
}

// watched is a body of 40 MB that notes how much of it was taken.
type watched struct{ read atomic.Int64 }

func (w *watched) Read(p []byte) (int, error) {
	if w.read.Load() >= 40<<20 {
		return 0, io.EOF
	}
	w.read.Add(int64(len(p)))
	return len(p), nil
}

func TestAForksRunCannotSendAReportForItsPullRequest(t *testing.T) {
	r, fork, p := forked(t)
	// Its own workflows have tokens, of its own repository.
	run, err := fork.StartWorkflow(sim.NewWorkflowRun{Workflow: ci, Branch: "patch", Started: true})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	if a := newPost(r).report(run, lcov("a.js", 10)); a.status != http.StatusNotFound {
		t.Errorf("a report of the fork's own run: %+v", a)
	}
	run.Finish("success")
	leave := r.workflow(p)
	leave.Finish("success")
	r.settle()
	r.gauges(p, unmet, "no coverage report")
}

func TestABodyThatIsNoReportIsRefusedInWords(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	bomb := zipped(bytes.Repeat([]byte("a"), 65<<20))
	cut := zipped(lcov("a.js", 10)).Bytes()
	for name, c := range map[string]struct {
		report string
		body   io.Reader
		coding string
		status int
		say    string
	}{
		"a malformed report":      {"lcov.info", strings.NewReader("SF:a.js\nDA:x,1\nend_of_record\n"), "", http.StatusUnprocessableEntity, "line 2"},
		"something else":          {"cat.png", strings.NewReader("\x89PNG"), "", http.StatusUnprocessableEntity, "cannot be read"},
		"nothing":                 {"lcov.info", strings.NewReader(""), "", http.StatusUnprocessableEntity, "empty"},
		"no name":                 {"", strings.NewReader("x"), "", http.StatusBadRequest, "name"},
		"a name that moves lines": {"a\nb", strings.NewReader("x"), "", http.StatusBadRequest, "name"},
		"a long name":             {strings.Repeat("n", 300), strings.NewReader("x"), "", http.StatusBadRequest, "name"},
		"another coding":          {"lcov.info", strings.NewReader("x"), "br", http.StatusUnsupportedMediaType, "gzip"},
		"no gzip":                 {"lcov.info", strings.NewReader("xxxxxxxxxxxxxxxxxxxx"), "gzip", http.StatusBadRequest, "whole"},
		"cut gzip":                {"lcov.info", bytes.NewReader(cut[:len(cut)-6]), "gzip", http.StatusBadRequest, "whole"},
		"a bomb":                  {"lcov.info", bomb, "gzip", http.StatusRequestEntityTooLarge, "64 MiB"},
		"too much":                {"lcov.info", io.LimitReader(&endlessly{}, 51<<20), "", http.StatusRequestEntityTooLarge, "50 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			a := to.send(run.Token(audience), c.report, c.body, "Content-Encoding", c.coding)
			if a.status != c.status || !strings.Contains(a.Error, c.say) {
				t.Errorf("%d %q, want %d and %q", a.status, a.Error, c.status, c.say)
			}
		})
	}
	if list, err := r.store.Uploads(t.Context(), r.subject(p).RepoID, p.Head()); err != nil || len(list) != 0 {
		t.Errorf("kept: %+v, %v", list, err)
	}
}

type endlessly struct{}

func (*endlessly) Read(p []byte) (int, error) { return len(p), nil }

func TestWhenGitHubCannotBeAskedTheReportMayBeSentAgain(t *testing.T) {
	for _, where := range []string{"/.well-known/", "/actions/runs/"} {
		r, p := measured(t, patchPolicy)
		to, run := newPost(r), r.workflow(p)
		heal := r.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Status(502)}, When: func(q sim.Request) bool { return strings.Contains(q.Path, where) }})
		a := to.report(run, lcov("a.js", 10))
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || a.Error == "" {
			t.Errorf("%s: %+v", where, a)
		}
		heal()
		if where == "/.well-known/" {
			continue // the keys are not asked for again at once
		}
		if a := to.report(run, lcov("a.js", 10)); a.status != http.StatusOK {
			t.Errorf("afterwards: %+v", a)
		}
	}
}

func TestTooManyReportsAtOnceAreTurnedAwayForNow(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	var slow []*io.PipeWriter
	done := make(chan answer, 8)
	for i := range 2 {
		reader, writer := io.Pipe()
		slow = append(slow, writer)
		token := run.Token(audience)
		go func() { done <- to.send(token, fmt.Sprint("slow", i), reader) }()
		if _, err := writer.Write([]byte("SF:a.js\n")); err != nil {
			t.Fatal(err)
		}
	}
	// The two have their room once the handler has begun to read them; it reads
	// more than a connection buffers.
	for _, w := range slow {
		if _, err := w.Write(bytes.Repeat([]byte("DA:1,1\n"), 16<<20/7)); err != nil {
			t.Fatal(err)
		}
	}
	if a := to.report(run, lcov("a.js", 10)); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("a third: %+v", a)
	}
	for _, w := range slow {
		if _, err := w.Write([]byte("end_of_record\n")); err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
	for range slow {
		if a := <-done; a.status != http.StatusOK {
			t.Errorf("one of the first: %+v", a)
		}
	}
}
