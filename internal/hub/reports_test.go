package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

const (
	runsPath      = "/repos/acme/shop/actions/runs"
	runPath       = "/repos/acme/shop/actions/runs/70"
	artifactsPath = "/repos/acme/shop/actions/runs/70/artifacts"
	zipPath       = "/repos/acme/shop/actions/artifacts/80/zip"
	treePath      = "/repos/acme/shop/git/trees/" + headSHA
	blobPath      = "/repos/acme/shop/git/blobs/" + helloBlob
	comparePath   = "/repos/acme/shop/compare/" + baseSHA + "..." + headSHA

	helloBlob = "ce013625030ba8dba906f756967f9e9ca394464a" // of "hello\n"
)

// restRun is a workflow run as REST tells it, with some of it changed.
func restRun(id int64, changes ...any) m {
	repo := m{"id": repoID, "full_name": "Acme/shop"}
	r := m{
		"id": id, "run_attempt": 2, "run_number": 5, "path": ".github/workflows/ci.yml", "name": "CI", "event": "pull_request",
		"head_sha": headSHA, "head_branch": "cart", "status": "completed", "conclusion": "success", "html_url": "https://github.test/run",
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:05:00Z", "repository": repo, "head_repository": repo,
		"referenced_workflows": []any{},
	}
	for i := 0; i < len(changes); i += 2 {
		r[changes[i].(string)] = changes[i+1]
	}
	return r
}

func restArtifact(id int64) m {
	return m{"id": id, "name": "coverage", "size_in_bytes": 9, "digest": "sha256:00", "expired": false,
		"created_at": "2026-01-01T00:04:00Z", "workflow_run": m{"id": 70, "head_sha": headSHA}}
}

// paged answers as REST does with pages of a hundred.
func (f *forge) paged(key string, total int, item func(i int) any) func(*http.Request) any {
	return func(r *http.Request) any {
		page := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		if r.URL.Query().Get("per_page") != "100" {
			f.t.Errorf("asked %s", r.URL.RawQuery)
		}
		list := []any{}
		for i := (page - 1) * 100; i < min(total, page*100); i++ {
			list = append(list, item(i))
		}
		rep := reply{body: m{"total_count": total, key: list}, header: map[string]string{}}
		if page*100 < total {
			rep.header["Link"] = fmt.Sprintf(`<%s/api/v3%s?page=%d>; rel="next"`, f.url, strings.TrimPrefix(r.URL.Path, "/api/v3"), page+1)
		}
		return rep
	}
}

// reads are all readings of what coverage and the scan need, each with the one REST path or
// question that it asks.
var reads = map[string]struct {
	path string
	do   func(context.Context, *Hub) error
	// missing says that a 404 is an answer: a fault, or none.
	missing bool
}{
	"runs": {runsPath, func(ctx context.Context, h *Hub) error {
		_, _, err := h.WorkflowRuns(ctx, subject, headSHA)
		return err
	}, false},
	"branch runs": {runsPath, func(ctx context.Context, h *Hub) error {
		_, err := h.BranchRuns(ctx, subject, "main", time.Now())
		return err
	}, false},
	"run":       {runPath, func(ctx context.Context, h *Hub) error { _, err := h.WorkflowRun(ctx, subject, 70); return err }, true},
	"artifacts": {artifactsPath, func(ctx context.Context, h *Hub) error { _, err := h.Artifacts(ctx, subject, 70); return err }, true},
	"download": {zipPath, func(ctx context.Context, h *Hub) error {
		_, err := h.Download(ctx, subject, checks.Artifact{ID: 80})
		return err
	}, true},
	"tree": {treePath, func(ctx context.Context, h *Hub) error { _, err := h.Tree(ctx, subject, headSHA); return err }, false},
	"blob": {blobPath, func(ctx context.Context, h *Hub) error { _, err := h.Blob(ctx, subject, helloBlob, 100); return err }, true},
	"difference": {comparePath, func(ctx context.Context, h *Hub) error {
		_, err := h.Between(ctx, subject, baseSHA, headSHA)
		return err
	}, true},
	"commit patch": {commitPath, func(ctx context.Context, h *Hub) error {
		_, err := h.CommitPatch(ctx, subject, headSHA)
		return err
	}, true},
	"first parent": {"", func(ctx context.Context, h *Hub) error {
		_, err := h.FirstParents(ctx, subject, headSHA, 50)
		return err
	}, false},
}

func TestWhatCouldNotBeReadIsAnErrorAndNeverAnAnswer(t *testing.T) {
	fails := map[string]func() any{
		"500":            func() any { return reply{status: 500, body: m{"message": "oops"}} },
		"502 of a proxy": func() any { return reply{status: 502, body: []byte("<html>")} },
		"no permission":  func() any { return reply{status: 403, body: m{"message": "Resource not accessible by integration"}} },
		"secondary limit": func() any {
			return reply{status: 403, header: map[string]string{"Retry-After": "60"}, body: m{"message": "secondary rate limit"}}
		},
		"cut": func() any { panic(http.ErrAbortHandler) },
		"cut within": func() any {
			return reply{header: map[string]string{"Content-Length": "5000"}, body: []byte(`{"tree":[{"path":"a"`)}
		},
		"an empty answer": func() any { return m{} },
		"null":            func() any { return []byte("null") },
		"nothing":         func() any { return reply{body: []byte{}} },
		"another shape":   func() any { return []any{1, 2} },
		"not JSON":        func() any { return reply{body: []byte("<html>")} },
		"null where a list": func() any {
			return m{"workflow_runs": nil, "artifacts": nil, "tree": nil, "truncated": nil, "files": nil, "data": nil}
		},
		"null within a list": func() any {
			return m{"workflow_runs": []any{nil}, "artifacts": []any{nil}, "tree": []any{nil}, "truncated": false}
		},
	}
	for what, read := range reads {
		for name, fail := range fails {
			t.Run(what+"/"+name, func(t *testing.T) {
				t.Parallel()
				f := newForge(t, Config{})
				f.rest[read.path] = func(*http.Request) any { return fail() }
				f.query = func(string, m) any { return fail() }
				err := read.do(t.Context(), f.hub)
				if e, ok := errors.AsType[*Error](err); !ok || e.Gone() || e.Op == "" || strings.HasPrefix(name, "secondary") != e.Limited {
					t.Errorf("%#v", err)
				}
			})
		}
	}
}

func TestWhatGitHubDoesNotHaveIsAnAnswerOnlyWhereOneCanBeGone(t *testing.T) {
	for what, read := range reads {
		for _, status := range []int{404, 410} {
			if read.path == "" || read.path == comparePath {
				continue
			}
			t.Run(fmt.Sprint(what, status), func(t *testing.T) {
				t.Parallel()
				f := newForge(t, Config{})
				f.rest[read.path] = func(*http.Request) any { return reply{status: status, body: m{"message": "Not Found"}} }
				err := read.do(t.Context(), f.hub)
				var fault interface{ Unusable() string }
				if is := errors.As(err, &fault); err == nil || is != read.missing || is && fault.Unusable() == "" {
					t.Errorf("%#v", err)
				}
			})
		}
	}
}

func TestAMissingInstallationIsNotTakenForAMissingArtifact(t *testing.T) {
	for what, read := range reads {
		t.Run(what, func(t *testing.T) {
			f := newForge(t, Config{})
			f.mint = func(w http.ResponseWriter) bool { w.WriteHeader(404); return true }
			if e, ok := errors.AsType[*Error](read.do(t.Context(), f.hub)); !ok || !e.Gone() {
				t.Errorf("%#v", e)
			}
		})
	}
}

func TestAnAnswerThatDoesNotComeIsNotWaitedForLongerThanAllowed(t *testing.T) {
	for what, read := range reads {
		if read.path == "" {
			continue // a question: those have a test of their own
		}
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := newForge(t, Config{Timeout: 30 * time.Millisecond})
			f.rest[read.path] = func(r *http.Request) any { <-r.Context().Done(); return nil }
			if _, ok := errors.AsType[*Error](read.do(t.Context(), f.hub)); !ok {
				t.Error("no error")
			}
		})
	}
}

func TestARunIsReadWithTheWorkflowsOfItsOwnRepository(t *testing.T) {
	f := newForge(t, Config{})
	run := restRun(70, "path", ".github/workflows/ci.yml@refs/heads/main", "head_repository", nil, "head_branch", nil, "conclusion", nil, "referenced_workflows", []any{
		m{"path": "acme/Shop/.github/workflows/test.yaml@v1.2", "sha": oldSHA}, m{"path": "other/shop/.github/workflows/x.yml@main"}, m{"path": "acme/shop"},
	})
	f.rest[runPath] = func(*http.Request) any { return run }
	got, err := f.hub.WorkflowRun(t.Context(), subject, 70)
	if err != nil {
		t.Fatal(err)
	}
	want := checks.WorkflowRun{
		ID: 70, Attempt: 2, Number: 5, Path: ".github/workflows/ci.yml", Name: "CI", Uses: []string{".github/workflows/test.yaml"}, Event: "pull_request",
		SHA: headSHA, Status: "completed", URL: "https://github.test/run",
		Created: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Updated: time.Date(2026, 1, 1, 0, 5, 0, 0, time.UTC),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, other := range []m{
		restRun(71), restRun(70, "repository", m{"id": repoID + 1}), restRun(70, "repository", nil), restRun(70, "head_sha", ""), restRun(70, "status", nil), restRun(70, "path", nil),
	} {
		run = other
		if _, err := f.hub.WorkflowRun(t.Context(), subject, 70); err == nil {
			t.Errorf("taken: %v", other)
		}
	}
}

func TestAFileNamedLikeAWorkflowAtARefIsNotThatWorkflow(t *testing.T) {
	for path, want := range map[string]string{
		".github/workflows/ci.yml":                  ".github/workflows/ci.yml",
		".github/workflows/ci.yml@main":             ".github/workflows/ci.yml",
		".github/workflows/ci.yaml@refs/heads/a@b":  ".github/workflows/ci.yaml",
		".github/workflows/ci.yml@x.yml":            ".github/workflows/ci.yml@x.yml",
		".github/workflows/ci.yml@x.yml@main":       ".github/workflows/ci.yml@x.yml",
		".github/workflows/ci.yml@refs/heads/x.yml": ".github/workflows/ci.yml@refs/heads/x.yml",
		"dynamic/pages/pages-build-deployment":      "dynamic/pages/pages-build-deployment",
	} {
		if got := workflowFile(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestRunsAreListedOnceEachAndSaidToBeCut(t *testing.T) {
	for _, c := range []struct {
		total, want int
		cut         bool
	}{{0, 0, false}, {100, 100, false}, {250, 250, false}, {300, 300, false}, {301, 300, true}} {
		f := newForge(t, Config{})
		f.rest[runsPath] = f.paged("workflow_runs", c.total, func(i int) any { return restRun(int64(1000 - i)) })
		runs, cut, err := f.hub.WorkflowRuns(t.Context(), subject, headSHA)
		if err != nil || len(runs) != c.want || cut != c.cut {
			t.Errorf("%d: %d runs, cut %v, %v", c.total, len(runs), cut, err)
		}
		if n := f.hub.Counts()[Operation{REST, "runs"}]; n != max(1, (c.want+99)/100) {
			t.Errorf("%d: %d requests", c.total, n)
		}
	}
	f := newForge(t, Config{})
	f.rest[runsPath] = f.paged("workflow_runs", 101, func(i int) any { return restRun(int64(1000 - max(i, 1))) }) // a new one moved the others
	if runs, _, err := f.hub.WorkflowRuns(t.Context(), subject, headSHA); err != nil || len(runs) != 100 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	f.rest[runsPath] = f.paged("workflow_runs", 1, func(int) any { return restRun(1, "head_sha", oldSHA) })
	if runs, _, err := f.hub.WorkflowRuns(t.Context(), subject, headSHA); err == nil {
		t.Errorf("a run of another commit is taken: %v", runs)
	}
	if _, _, err := f.hub.WorkflowRuns(t.Context(), subject, "HEAD&event=push"); err == nil {
		t.Error("asked for the runs of no commit")
	}
}

func TestBaseRunsAreThisRepositorysOwnPushesNewestFirst(t *testing.T) {
	f := newForge(t, Config{})
	before := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	all := []any{
		restRun(1, "event", "push", "head_branch", "a&b", "created_at", "2026-01-01T00:00:00Z"),
		restRun(2, "event", "push", "head_branch", "a&b", "created_at", "2026-01-01T02:00:00Z"),
		restRun(3, "event", "push", "head_branch", "a&b", "created_at", "2026-01-01T02:00:00Z"),
		restRun(4, "event", "push", "head_branch", "a&b", "head_repository", m{"id": 5}),
		restRun(5, "event", "push", "head_branch", "a&b", "head_repository", nil),
		restRun(6, "event", "pull_request", "head_branch", "a&b"),
		restRun(7, "event", "push", "head_branch", "a"),
		restRun(8, "event", "push", "head_branch", "a&b", "created_at", "2026-01-02T02:04:06Z"),
	}
	f.rest[runsPath] = func(r *http.Request) any {
		q := r.URL.Query()
		if q.Get("branch") != "a&b" || q.Get("event") != "push" || q.Get("created") != "<=2026-01-02T02:04:05Z" {
			t.Errorf("asked %s", r.URL.RawQuery)
		}
		return m{"workflow_runs": all}
	}
	runs, err := f.hub.BranchRuns(t.Context(), subject, "a&b", before)
	var ids []int64
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	if err != nil || !slices.Equal(ids, []int64{3, 2, 1}) {
		t.Errorf("%v, %v", ids, err)
	}
	f.rest[runsPath] = f.paged("workflow_runs", 900, func(i int) any { return restRun(int64(5000-i), "event", "push", "head_branch", "main") })
	if runs, err := f.hub.BranchRuns(t.Context(), subject, "main", before); err != nil || len(runs) != 200 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func TestAllArtifactsAreListedOrTooManySaid(t *testing.T) {
	for total, want := range map[int]int{0: 0, 100: 100, 999: 999, 1000: 1000, 1001: -1} {
		f := newForge(t, Config{})
		f.rest[artifactsPath] = f.paged("artifacts", total, func(i int) any { return restArtifact(int64(i + 1)) })
		list, err := f.hub.Artifacts(t.Context(), subject, 70)
		if _, fault := errors.AsType[*Fault](err); fault != (want < 0) || err != nil && !fault || want >= 0 && len(list) != want {
			t.Errorf("%d: %d artifacts, %v", total, len(list), err)
		}
		if want > 0 && !cmp.Equal(list[0], checks.Artifact{ID: 1, Name: "coverage", Size: 9, Digest: "sha256:00", Created: time.Date(2026, 1, 1, 0, 4, 0, 0, time.UTC)}) {
			t.Errorf("%+v", list[0])
		}
	}
	f := newForge(t, Config{})
	f.rest[artifactsPath] = f.paged("artifacts", 1, func(int) any { a := restArtifact(1); a["workflow_run"] = m{"id": 71}; return a })
	if list, err := f.hub.Artifacts(t.Context(), subject, 70); err == nil {
		t.Errorf("another run's artifact is taken: %v", list)
	}
}
