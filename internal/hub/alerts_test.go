package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	codePath     = "/repos/acme/shop/code-scanning/alerts"
	analysesPath = "/repos/acme/shop/code-scanning/analyses"
	depsPath     = "/repos/acme/shop/dependency-graph/compare/" + baseSHA + "..." + headSHA
	secretsPath  = "/repos/acme/shop/secret-scanning/alerts"
)

// kinds are the kinds of alert with the paths that are asked for each.
var kinds = map[checks.AlertKind][]string{
	checks.CodeScanning:     {analysesPath, codePath},
	checks.DependencyReview: {depsPath},
	checks.SecretScanning:   {secretsPath},
}

// calm makes a forge answer that there are no alerts, and that the head was
// looked at.
func calm(f *forge) {
	for _, paths := range kinds {
		for _, p := range paths {
			f.rest[p] = func(*http.Request) any { return []any{} }
		}
	}
	f.rest[analysesPath] = func(*http.Request) any {
		return []any{m{"commit_sha": headSHA, "error": "", "tool": m{"name": "CodeQL"}}}
	}
}

func TestWhatCannotBeReadOfAlertsIsMissingAndNeverNone(t *testing.T) {
	for kind, paths := range kinds {
		for _, path := range paths {
			for _, c := range []struct {
				status int
				text   string
			}{{403, "Resource not accessible by integration"}, {403, "Code Security must be enabled"}, {404, "Not Found"}, {404, "Secret scanning is disabled on this repository."}} {
				f := newForge(t, Config{})
				calm(f)
				f.rest[path] = func(*http.Request) any { return reply{status: c.status, body: m{"message": c.text}} }
				pull := aPull()
				got, err := f.hub.Alerts(t.Context(), subject, &pull, kind)
				if err != nil || !strings.Contains(got.Missing, c.text) || got.Kind != kind || got.Pending || len(got.New) > 0 {
					t.Errorf("%s %d: %+v, %v", path, c.status, got, err)
				}
			}
		}
	}
}

func TestATroubleWithAlertsIsAnErrorAndNeverAnAnswer(t *testing.T) {
	for name, fail := range map[string]func() any{
		"500":       func() any { return reply{status: 500, body: m{"message": "oops"}} },
		"503":       func() any { return reply{status: 503, body: m{"message": "Service unavailable"}} },
		"cut":       func() any { panic(http.ErrAbortHandler) },
		"null":      func() any { return []byte("null") },
		"an object": func() any { return m{} },
		"not JSON":  func() any { return reply{body: []byte("<html>")} },
		"a limit": func() any {
			return reply{status: 403, header: map[string]string{"Retry-After": "60"}, body: m{"message": "secondary rate limit"}}
		},
		"used up": func() any {
			return reply{status: 403, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}, body: m{"message": "API rate limit exceeded"}}
		},
	} {
		for kind, paths := range kinds {
			for _, path := range paths {
				t.Run(name+path, func(t *testing.T) {
					t.Parallel()
					f := newForge(t, Config{})
					calm(f)
					f.rest[path] = func(*http.Request) any { return fail() }
					pull := aPull()
					got, err := f.hub.Alerts(t.Context(), subject, &pull, kind)
					if _, ok := errors.AsType[*Error](err); !ok || got.Missing != "" {
						t.Errorf("%+v, %v", got, err)
					}
				})
			}
		}
	}
}

func TestATokenThatCannotBeMadeIsNoMissingFeature(t *testing.T) {
	f := newForge(t, Config{})
	calm(f)
	f.mint = func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(m{"message": "Not Found"})
		return true
	}
	pull := aPull()
	for kind := range kinds {
		if got, err := f.hub.Alerts(t.Context(), subject, &pull, kind); err == nil {
			t.Errorf("%+v", got)
		}
	}
}

func TestAFeatureThatIsOffIsAskedForAgainAfterAnHour(t *testing.T) {
	f := newForge(t, Config{})
	calm(f)
	now := time.Now()
	f.hub.now = func() time.Time { return now }
	f.rest[depsPath] = func(*http.Request) any { return reply{status: 403, body: m{"message": "Forbidden"}} }
	pull := aPull()
	ask := func(calls int) {
		t.Helper()
		if got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.DependencyReview); err != nil || got.Missing == "" {
			t.Errorf("%+v, %v", got, err)
		}
		if n := strings.Count(f.asked(), depsPath); n != calls {
			t.Errorf("%d requests, want %d", n, calls)
		}
	}
	ask(1)
	ask(1)
	other := pull
	other.Repo.ID++
	if _, err := f.hub.Alerts(t.Context(), subject, &other, checks.DependencyReview); err != nil || strings.Count(f.asked(), depsPath) != 2 {
		t.Errorf("another repository's answer was believed of this one: %v", err)
	}
	if got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.SecretScanning); err != nil || got.Missing != "" {
		t.Errorf("another kind: %+v, %v", got, err)
	}
	now = now.Add(absenceTime)
	ask(3)
}

func TestNothingOfASecretIsReadThoughGitHubShowsIt(t *testing.T) {
	secret := strings.Join([]string{"correct", "horse"}, "-")
	f := newForge(t, Config{})
	calm(f)
	f.rest[secretsPath] = func(r *http.Request) any {
		if r.URL.Query().Get("hide_secret") != "true" || r.URL.Query().Get("state") != "open" {
			t.Errorf("asked %s", r.URL.RawQuery)
		}
		return []any{m{"number": 5, "secret": secret, "secret_type": "x", "secret_type_display_name": "X", "has_more_locations": false,
			"first_location_detected": m{"path": "a", "start_line": 3, "commit_sha": headSHA}}}
	}
	pull := aPull()
	got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.SecretScanning)
	text, _ := json.Marshal(got)
	if err != nil || len(got.New) != 1 || got.New[0].Line != 3 || !got.New[0].AtHead || strings.Contains(string(text), secret) {
		t.Errorf("%s, %v", text, err)
	}
	for name, body := range map[string]any{
		"of another kind": []any{m{"number": "five", "secret": secret}},
		"cut":             []byte(`[{"number": 5, "secret": "` + secret),
		"no JSON":         []byte(secret),
	} {
		f.rest[secretsPath] = func(*http.Request) any { return body }
		if _, err := f.hub.Alerts(t.Context(), subject, &pull, checks.SecretScanning); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAlertsThatAreTooManyAreNotTakenForAllOfThem(t *testing.T) {
	open := func(commit string) func(i int) any {
		return func(i int) any {
			return m{"number": i + 1, "html_url": "x", "rule": m{"id": "r", "security_severity_level": []string{"low", "critical"}[i%2]},
				"tool": m{"name": "CodeQL"}, "most_recent_instance": m{"commit_sha": commit, "location": m{"path": "a", "start_line": 1}},
				"secret_type": "x", "has_more_locations": true, "first_location_detected": m{"path": "a", "commit_sha": oldSHA}}
		}
	}
	paged := func(f *forge, total int) func(r *http.Request) any {
		all := f.paged("list", total, open(headSHA))
		return func(r *http.Request) any {
			rep := all(r).(reply)
			rep.body = rep.body.(m)["list"]
			return rep
		}
	}
	for _, c := range []struct {
		total, shown, more int
		missing            bool
	}{{700, checks.FindingLimit, 200, false}, {1100, checks.FindingLimit, 501, false}} {
		f := newForge(t, Config{RESTPoints: -1})
		calm(f)
		list := paged(f, c.total)
		f.rest[codePath] = func(r *http.Request) any {
			if strings.HasPrefix(r.URL.Query().Get("ref"), "refs/heads/") {
				return []any{}
			}
			return list(r)
		}
		pull := aPull()
		got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.CodeScanning)
		if err != nil || len(got.New) != c.shown || got.More != c.more || (got.Missing != "") != c.missing || got.New[0].Severity != 90 {
			t.Errorf("%d of %d, %d more, missing %q, %v", len(got.New), c.total, got.More, got.Missing, err)
		}
	}
	f := newForge(t, Config{RESTPoints: -1})
	calm(f)
	f.rest[secretsPath] = paged(f, placeLimit+1)
	for n := range placeLimit + 2 {
		f.rest[fmt.Sprintf("%s/%d/locations", secretsPath, n)] = func(*http.Request) any { return []any{} }
	}
	pull := aPull()
	got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.SecretScanning)
	if n := strings.Count(f.asked(), "/locations"); err != nil || got.Missing == "" || got.Old != placeLimit || n != placeLimit {
		t.Errorf("%+v after asking for the places of %d, %v", got, n, err)
	}
}

func TestASecretInMorePlacesThanAreListedIsNotTakenForOneElsewhere(t *testing.T) {
	f := newForge(t, Config{})
	calm(f)
	f.rest[secretsPath] = func(*http.Request) any { return []any{m{"number": 1}} }
	at := secretsPath + "/1/locations"
	f.rest[at] = func(r *http.Request) any {
		return reply{body: []any{m{"type": "commit", "details": m{"commit_sha": oldSHA}}},
			header: map[string]string{"Link": fmt.Sprintf(`<%s/api/v3%s?page=11>; rel="next"`, f.url, at)}}
	}
	pull := aPull()
	got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.SecretScanning)
	if err != nil || got.Missing == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAFailedAnalysisIsNoCleanOne(t *testing.T) {
	f := newForge(t, Config{})
	calm(f)
	f.rest[analysesPath] = func(*http.Request) any {
		return []any{m{"commit_sha": headSHA, "error": "the upload\nwas cut", "tool": m{"name": "CodeQL"}}}
	}
	pull := aPull()
	got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.CodeScanning)
	if err != nil || !strings.Contains(got.Missing, "the upload was cut") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAKindOfAlertThatIsNotKnownIsNotNone(t *testing.T) {
	f := newForge(t, Config{})
	pull := aPull()
	if got, err := f.hub.Alerts(t.Context(), subject, &pull, "licences"); err == nil {
		t.Errorf("%+v", got)
	}
}

// numbered are alerts from the newest to the oldest, by number.
func numbered(from, to int) (list []any) {
	for n := from; n >= to; n-- {
		list = append(list, m{"number": n, "rule": m{"id": "r"}, "tool": m{"name": "CodeQL"}})
	}
	return list
}

func TestAlertsOfListsThatAreTooLongAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		base, head    []any
		new, old      int
		more, missing bool
	}{
		"neither":                     {numbered(50, 1), numbered(60, 1), 10, 50, false, false},
		"the head's":                  {numbered(50, 1), numbered(1100, 1), 500, 0, true, false},
		"the base's":                  {numbered(2000, 1), numbered(5, 1), 0, 5, false, true},
		"both, with a few new":        {numbered(2000, 1), numbered(2003, 1), 3, 997, false, true},
		"both, with more than listed": {numbered(2000, 1), numbered(4000, 1), 500, 0, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			calm(f)
			f.rest[codePath] = func(r *http.Request) any {
				list := c.head
				if r.URL.Query().Get("ref") == "refs/heads/main" {
					list = c.base
				}
				return paged(r, list)
			}
			pull := aPull()
			got, err := f.hub.Alerts(t.Context(), subject, &pull, checks.CodeScanning)
			if err != nil || len(got.New) != c.new || got.Old != c.old || got.More > 0 != c.more || got.Missing != "" != c.missing {
				t.Errorf("%d new and %d more, %d old, missing %q, %v", len(got.New), got.More, got.Old, got.Missing, err)
			}
		})
	}
}

// paged is the page that is asked for, of a hundred each.
func paged(r *http.Request, list []any) reply {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = max(page, 1)
	from, to := min((page-1)*100, len(list)), min(page*100, len(list))
	out := reply{body: list[from:to]}
	if to < len(list) {
		out.header = map[string]string{"Link": fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, page+1)}
	}
	return out
}
