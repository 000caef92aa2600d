package web_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/attest"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/web"
)

func TestAReleaseIsShownAsItWasJudged(t *testing.T) {
	s := newStage(t)
	a := s.get("alice", "/acme/shop/v1.1.0")
	var r web.Release
	if s.into(a, &r); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if r.Repo != "acme/shop" || r.Tag != "v1.1.0" || r.Commit != sha || r.Candidate != new(candidate("v1.1.0")).Digest() || r.Phase != checks.PhaseSigning || r.State != checks.Waiting {
		t.Errorf("the release is %+v", r.Row)
	}
	if len(r.Missing) != 1 || r.Missing[0].ID != "release/production/security" || !slices.Equal(r.Missing[0].Can, []string{"sam"}) {
		t.Errorf("missing is %+v", r.Missing)
	}
	if len(r.Stages) != 2 || len(r.Stages[0].Signed) != 1 || r.Stages[0].Signed[0].By.Login != "quinn" {
		t.Errorf("the stages are %+v", r.Stages)
	}
	if len(r.Acts) != 1 || !r.Acts[0].Judged || !r.Acts[0].Counts || r.Acts[0].CountsIn != "development/qa" {
		t.Errorf("the acts are %+v", r.Acts)
	}
	if r.Evidence.Commits != 4 || len(r.Evidence.Odd) != 3 || r.Gathering != "" || r.Decision != 0 {
		t.Errorf("the evidence is %+v, %q", r.Evidence, r.Gathering)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Access-Control-Allow-Origin": "", "X-Content-Type-Options": "nosniff"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestATagsSlashesMayStandAsTheyAreOrEscaped(t *testing.T) {
	s := newStage(t)
	for path, want := range map[string]string{
		"/acme/shop/app/v2": "app/v2", "/acme/shop/app%2Fv2": "app/v2", "/acme/shop/app%2fv2/": "app/v2",
		"/acme/shop/app%2Fdecision": "app/decision", "/Acme/SHOP/v1.1.0": "v1.1.0",
	} {
		var r web.Release
		if a := s.get("alice", path); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		} else if s.into(a, &r); r.Tag != want {
			t.Errorf("%s is %q", path, r.Tag)
		}
	}
	// The last piece is a part's name where it is one.
	if a := s.get("alice", "/acme/shop/app/v2/decision"); a.word() != "not_promoted" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.get("alice", "/acme/shop/app%2Fdecision/decision"); a.word() != "not_promoted" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, path := range []string{"/acme", "/acme/shop", "/acme%2Fshop/v1.0.0/x", "/acme/shop/%zz", "/acme//v1"} {
		if a := s.ask(http.MethodGet, web.Path+strings.Replace(path, "%zz", "%7F", 1), s.tokens["alice"], nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestWhatOneMayNotReadIsNotThere(t *testing.T) {
	s := newStage(t)
	hidden, none := s.get("mallory", "/acme/shop/v1.0.0"), s.get("mallory", "/acme/none/v1.0.0")
	if hidden.status != http.StatusNotFound || string(hidden.body) != string(none.body) {
		t.Errorf("a repository that is hidden: %d %s\none that is not: %d %s", hidden.status, hidden.body, none.status, none.body)
	}
	for _, part := range []string{"", "/decision", "/changes"} {
		if a := s.get("alice", "/acme/vault/v1.0.0"+part); a.word() != "not_found" {
			t.Errorf("%s: %d %s", part, a.status, a.body)
		}
	}
	if a := s.get("olive", "/acme/vault/v1.0.0"); a.status != http.StatusOK {
		t.Errorf("who may read it: %d %s", a.status, a.body)
	}
	act := map[string]any{"kind": "sign", "role": "qa", "candidate": new(candidate("v1.0.0")).Digest()}
	if a := s.do("mallory", "v1.0.0", act); a.word() != "not_found" {
		t.Errorf("an act: %d %s", a.status, a.body)
	}
	if a := s.get("alice", "/acme/shop/v9"); a.word() != "no_release" {
		t.Errorf("no such release: %d %s", a.status, a.body)
	}
}

func TestWhoLosesTheRightToReadLosesItWithinAMinuteAndToActAtOnce(t *testing.T) {
	s := newStage(t)
	if a := s.get("quinn", "/acme/shop/v1.1.0"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	s.shop.Allow("quinn", "")
	act := map[string]any{"kind": "sign", "role": "qa", "candidate": new(candidate("v1.1.0")).Digest()}
	if a := s.do("quinn", "v1.1.0", act); a.status != http.StatusNotFound {
		t.Errorf("an act: %d %s", a.status, a.body)
	}
	s.skew.Add(int64(61 * time.Second))
	if a := s.get("quinn", "/acme/shop/v1.1.0"); a.status != http.StatusNotFound {
		t.Errorf("a minute later: %d %s", a.status, a.body)
	}
}

func TestOnlyATokenOfAPersonSaysWhoAsks(t *testing.T) {
	s := newStage(t)
	revoked := s.gh.PersonToken("alice")
	s.gh.RevokePersonToken(revoked)
	for name, token := range map[string]string{
		"none": "", "an App's": "ghs_" + strings.Repeat("a", 36), "an App's with dots": "ghs_1_eyJ.a.b", "an App's in a name": "ghu_" + strings.Repeat("a", 36),
		"a refresh token": "ghr_" + strings.Repeat("a", 36), "nonsense": "hunter2 hunter2", "a wrong one": "ghp_" + strings.Repeat("0", 36),
		"a revoked one": revoked, "a bot's": s.gh.PersonToken("renovate[bot]"), "a run's that is none": "a.b.c",
	} {
		for _, path := range []string{web.Path, web.Path + "/acme/shop/v1.0.0", web.Path + "/acme/shop/v1.0.0/decision"} {
			a := s.ask(http.MethodGet, path, token, nil)
			if a.status != http.StatusUnauthorized || a.word() != "no_token" || a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s at %s: %d %s", name, path, a.status, a.body)
			}
			if token != "" && strings.Contains(string(a.body), token) {
				t.Errorf("%s is told: %s", name, a.body)
			}
		}
	}
	if a := s.ask(http.MethodGet, web.Path, "", nil, "Authorization", "Basic "+s.tokens["alice"]); a.status != http.StatusUnauthorized {
		t.Errorf("another kind: %d", a.status)
	}
	if a := s.ask(http.MethodGet, web.KeyPath, "", nil); a.status != http.StatusOK || !strings.Contains(string(a.body), s.store.VerifierKey()) {
		t.Errorf("the log's key: %d %s", a.status, a.body)
	}
}

func TestTheDecisionThatIsAnsweredVerifiesAndUntilThereIsOneTheAnswerSaysWhatIsMissing(t *testing.T) {
	s := newStage(t)
	a := s.get("alice", "/acme/shop/v1.0.0/decision")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/vnd.dsse.envelope.v1+json" {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	key, err := attest.ParseKey(s.store.VerifierKey())
	s.must(err)
	if _, err := attest.Verify(a.body, key, attest.Expect{Repo: "acme/shop", Tag: "v1.0.0", Commit: commitOf("v1.0.0"), Environment: "production"}); err != nil {
		t.Error(err)
	}
	var no struct {
		Error     string
		Missing   []web.Missing
		Candidate string
	}
	a = s.get("alice", "/acme/shop/v1.1.0/decision")
	if s.into(a, &no); a.status != http.StatusConflict || no.Error != "not_promoted" || len(no.Missing) != 1 || no.Candidate != new(candidate("v1.1.0")).Digest() {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAnExpungedDecisionIsGone(t *testing.T) {
	s := newStage(t)
	seq, err := s.store.Decision(t.Context(), "acme", "shop", "v1.0.0")
	s.must(err)
	_, err = s.store.Expunge(t.Context(), seq, checks.Actor{Login: "olive"}, "a court", s.now())
	s.must(err)
	if a := s.get("alice", "/acme/shop/v1.0.0/decision"); a.status != http.StatusGone || a.word() != "expunged" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAWorkflowRunReadsTheDecisionsOfItsOwnRepositoryAndNothingElse(t *testing.T) {
	s := newStage(t)
	run, err := s.shop.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Started: true})
	s.must(err)
	ask := func(path, aud string) answer { return s.ask(http.MethodGet, web.Path+path, run.Token(aud), nil) }
	if a := ask("/acme/shop/v1.0.0/decision", audience); a.status != http.StatusOK {
		t.Errorf("its own: %d %s", a.status, a.body)
	}
	if a := ask("/acme/vault/v1.0.0/decision", audience); a.status != http.StatusNotFound {
		t.Errorf("another's: %d %s", a.status, a.body)
	}
	if a := ask("/acme/shop/v1.0.0/decision", "https://elsewhere.example"); a.status != http.StatusUnauthorized {
		t.Errorf("for another server: %d %s", a.status, a.body)
	}
	for _, path := range []string{"", "/acme/shop/v1.0.0", "/acme/shop/v1.0.0/changes"} {
		if a := ask(path, audience); a.status != http.StatusForbidden || a.word() != "run_token" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	act := map[string]any{"kind": "promote", "candidate": new(candidate("v1.1.0")).Digest()}
	if a := s.ask(http.MethodPost, web.Path+"/acme/shop/v1.1.0/acts", run.Token(audience), act); a.status != http.StatusForbidden {
		t.Errorf("an act: %d %s", a.status, a.body)
	}
}

func TestWhatAReleaseBringsIsListedByState(t *testing.T) {
	s := newStage(t)
	for state, want := range map[string]int{"": 4, "met": 1, "bypassed": 1, "no_pull_request": 1, "unknown": 1, "overridden": 0} {
		var list web.Changes
		a := s.get("alice", "/acme/shop/v1.1.0/changes?state="+state)
		if s.into(a, &list); a.status != http.StatusOK || len(list.Changes) != want || list.Changes == nil || list.Seq == 0 {
			t.Errorf("%q: %d %s", state, a.status, a.body)
		}
	}
	if a := s.get("alice", "/acme/shop/v1.1.0/changes?state=good"); a.word() != "bad_query" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAListHasOnlyWhatOneMayReadAndGoesOnWhereItEnded(t *testing.T) {
	s := newStage(t)
	tags := func(login, query string) (out []string, next string) {
		t.Helper()
		var list web.List
		a := s.get(login, query)
		if s.into(a, &list); a.status != http.StatusOK || list.Releases == nil {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
		for _, r := range list.Releases {
			out = append(out, strings.TrimPrefix(r.Repo, "acme/")+" "+r.Tag)
		}
		return out, list.Next
	}
	all := []string{"shop app/decision", "shop app/v2", "shop v1.1.0", "shop v1.0.0"}
	if got, _ := tags("alice", ""); !slices.Equal(got, all) {
		t.Errorf("alice sees %q", got)
	}
	if got, _ := tags("olive", ""); !slices.Contains(got, "vault v1.0.0") || len(got) != 5 {
		t.Errorf("olive sees %q", got)
	}
	if got, _ := tags("mallory", ""); len(got) != 0 {
		t.Errorf("mallory sees %q", got)
	}
	if got, _ := tags("alice", "?repo=acme/shop&phase=promoting"); !slices.Equal(got, all[3:]) {
		t.Errorf("promoting are %q", got)
	}
	var paged []string
	for query, next := "?repo=acme/shop&limit=3", "more"; next != ""; {
		var page []string
		page, next = tags("alice", query)
		paged, query = append(paged, page...), "?repo=acme/shop&limit=3&after="+next
	}
	if !slices.Equal(paged, all) {
		t.Errorf("page by page: %q", paged)
	}
	for _, bad := range []string{"?limit=0", "?limit=x", "?limit=1000", "?phase=good", "?repo=shop", "?after=x"} {
		if a := s.get("alice", bad); a.word() != "bad_query" {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
	if a := s.get("alice", "?repo=acme/vault"); a.word() != "not_found" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestOtherMethodsAreRefusedAndHEADHasNoBody(t *testing.T) {
	s := newStage(t)
	for path, allowed := range map[string]string{
		"": "GET, HEAD", "/acme/shop/v1.0.0": "GET, HEAD", "/acme/shop/v1.0.0/decision": "GET, HEAD", "/acme/shop/v1.0.0/acts": "POST",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			a := s.ask(method, web.Path+path, s.tokens["alice"], nil)
			refused := a.status == http.StatusMethodNotAllowed
			if refused == strings.Contains(allowed, method) || refused && (a.header.Get("Allow") != allowed || a.word() != "method_not_allowed") {
				t.Errorf("%s %s: %d %q", method, path, a.status, a.header.Get("Allow"))
			}
		}
	}
	if a := s.ask(http.MethodHead, web.Path+"/acme/shop/v1.0.0", s.tokens["alice"], nil); a.status != http.StatusOK || len(a.body) != 0 {
		t.Errorf("HEAD: %d %q", a.status, a.body)
	}
	if a := s.ask(http.MethodPost, web.KeyPath, "", nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("the key: %d", a.status)
	}
}

func TestTooMuchIsTurnedAwayAndGitHubIsNotAskedAboutBadTokensWithoutEnd(t *testing.T) {
	s := newStage(t)
	for i := range 40 {
		s.ask(http.MethodGet, web.Path, "ghp_"+strings.Repeat("0", 30)+strconv.Itoa(100000+i), nil)
	}
	if n := s.users.Load(); n > 25 {
		t.Errorf("GitHub was asked about %d bad tokens", n)
	}
	a := s.ask(http.MethodGet, web.Path, "ghp_"+strings.Repeat("1", 36), nil)
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || a.word() != "too_many" {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.skew.Add(int64(61 * time.Second))
	if a := s.get("alice", "/acme/shop/v1.0.0"); a.status != http.StatusOK {
		t.Errorf("a minute later: %d %s", a.status, a.body)
	}
	before := s.users.Load()
	for range 310 {
		a = s.get("alice", "/acme/shop/v9")
	}
	if a.status != http.StatusTooManyRequests {
		t.Errorf("the last of very many: %d %s", a.status, a.body)
	}
	if n := s.users.Load() - before; n != 0 {
		t.Errorf("GitHub was asked %d times whose a known token is", n)
	}
	if a := s.get("quinn", "/acme/shop/v1.0.0"); a.status != http.StatusOK {
		t.Errorf("somebody else: %d %s", a.status, a.body)
	}
}

func TestWhenGitHubCannotBeAskedTheAnswerSaysSo(t *testing.T) {
	s := newStage(t)
	heal := s.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Status(502)}, When: func(q sim.Request) bool { return q.Path == "/user" }})
	a := s.get("alice", "/acme/shop/v1.0.0")
	if a.status != http.StatusServiceUnavailable || a.word() != "github_unavailable" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	heal()
	if a := s.get("alice", "/acme/shop/v1.0.0"); a.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
}
