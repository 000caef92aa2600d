package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/attest"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

// ship is a directory with a signed decision, decision.json, and the key in key.pub.
type ship struct {
	t   *testing.T
	dir string
	key string
}

const shipCommit = "4f0a7d1c3b2e5a6978877665544332211ffeeddc"

func newShip(t *testing.T) *ship {
	t.Helper()
	x := &ship{t: t, dir: t.TempDir()}
	s, err := store.Open(t.Context(), filepath.Join(x.dir, "log.db"), store.Options{Origin: "handrail.example.com/log"})
	x.must(err)
	defer s.Close()
	c := checks.Candidate{Tag: "v1.4.0", TagOID: shipCommit, Commit: shipCommit, Policy: "p", Artifacts: []checks.CandidateArtifact{{Name: "app", Digest: "sha256:" + strings.Repeat("ab", 32)}}}
	d := checks.Decision{
		Repo: "acme/shop", RepoID: 7, Tag: "v1.4.0", Candidate: c, Digest: c.Digest(), At: time.Now().Add(-time.Hour), Emergency: true,
		By:           checks.Act{Kind: checks.ActEmergency, By: checks.Actor{Login: "rita"}, Reason: "down \x1b[2J\nnow"},
		Signed:       []checks.Sign{{Stage: "development", Role: "qa", By: checks.Actor{Login: "quinn"}}},
		Missing:      []checks.DecidedResult{{ID: "release/production/security", State: checks.Waiting, Summary: "Needs a sign-off by security."}},
		Environments: []string{"production"},
	}
	text, err := json.Marshal(d)
	x.must(err)
	sub := checks.Subject{RepoID: 7, Owner: "acme", Repo: "shop", Kind: checks.KindRelease, Name: d.Tag}
	e, err := s.Append(t.Context(), store.Append{Kind: store.KindReleasePromoted, Subject: sub, Source: "command", Body: text}, time.Now())
	x.must(err)
	envelope, err := attest.Of(t.Context(), s, e.Seq, "https://github.com")
	x.must(err)
	x.write("decision.json", envelope)
	x.key = s.VerifierKey()
	x.write("key.pub", []byte(x.key+"\n"))
	return x
}

func (x *ship) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *ship) path(name string) string { return filepath.Join(x.dir, name) }

func (x *ship) write(name string, text []byte) {
	x.t.Helper()
	x.must(os.WriteFile(x.path(name), text, 0o600))
}

// verify runs the command, with {} in words for the directory.
func (x *ship) verify(args ...string) (code int, said string) {
	x.t.Helper()
	args = append([]string{"release", "verify"}, args...)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "{}", x.dir)
	}
	var out bytes.Buffer
	code = run(x.t.Context(), args, &out, &out)
	return code, out.String()
}

func TestADecisionIsVerifiedWithoutANetworkAndEverythingThatDoesNotFitIsALine(t *testing.T) {
	x := newShip(t)
	digest := "app=sha256:" + strings.Repeat("ab", 32)
	fits := []string{"{}/decision.json", "--key-file", "{}/key.pub", "--repo", "acme/shop", "--tag", "v1.4.0", "--commit", shipCommit, "--environment", "production", "--artifact", digest, "--max-age", "2h"}
	code, said := x.verify(fits...)
	if code != 0 || !strings.Contains(said, "promoted as an EMERGENCY by rita") || !strings.Contains(said, "signed: development, qa by quinn") || !strings.Contains(said, "missing: release/production/security") {
		t.Errorf("%d\n%s", code, said)
	}
	if strings.Contains(said, "\x1b") || strings.Count(said, "\n") != 7 {
		t.Errorf("%d lines: %q", strings.Count(said, "\n"), said)
	}
	code, said = x.verify("{}/decision.json", "--key", x.key, "--json")
	var d checks.Decision
	if err := json.Unmarshal([]byte(said), &d); code != 0 || err != nil || d.Tag != "v1.4.0" {
		t.Errorf("as JSON: %d %v\n%s", code, err, said)
	}
	code, said = x.verify("{}/decision.json", "--key", x.key, "--tag", "v1.5.0", "--environment", "moon", "--artifact", "app=sha256:00", "--max-age", "1m")
	if code != exitNo || strings.Count(said, "DOES NOT VERIFY: ") != 4 || strings.Contains(said, "it verifies") {
		t.Errorf("%d\n%s", code, said)
	}
}

func TestWhatWasChangedOrIsByAnotherLogDoesNotVerifyAndWhatCannotBeTriedSaysWhy(t *testing.T) {
	x, other := newShip(t), newShip(t)
	text, err := os.ReadFile(x.path("decision.json"))
	x.must(err)
	text[len(text)/3] ^= 1
	x.write("changed.json", text)
	x.write("private.key", []byte("PRIVATE+KEY+handrail+00000000+c2VjcmV0"))
	x.write("empty", nil)
	for name, c := range map[string]struct {
		args []string
		code int
		say  string
	}{
		"changed":       {[]string{"{}/changed.json", "--key-file", "{}/key.pub"}, exitNo, "DOES NOT VERIFY"},
		"another log's": {[]string{"{}/decision.json", "--key", other.key}, exitNo, "not signed by the key"},
		"an empty file": {[]string{"{}/empty", "--key-file", "{}/key.pub"}, exitNo, "no DSSE envelope"},
		"no file":       {[]string{"{}/none", "--key-file", "{}/key.pub"}, exitError, "no such file"},
		"no key":        {[]string{"{}/decision.json"}, exitError, "--key or --key-file"},
		"two keys":      {[]string{"{}/decision.json", "--key", "x", "--key-file", "y"}, exitError, "--key or --key-file"},
		"a bad key":     {[]string{"{}/decision.json", "--key", "x"}, exitError, "no verifier key"},
		"a private key": {[]string{"{}/decision.json", "--key-file", "{}/private.key"}, exitError, "must never leave"},
		"no digest":     {[]string{"{}/decision.json", "--key-file", "{}/key.pub", "--artifact", "app"}, exitError, "write it as"},
		"two digests":   {[]string{"{}/decision.json", "--key-file", "{}/key.pub", "--artifact", "a=b:c", "--artifact", "a=b:d"}, exitError, "two digests"},
		"a bad age":     {[]string{"{}/decision.json", "--key-file", "{}/key.pub", "--max-age", "-1h"}, exitError, "--max-age"},
	} {
		code, said := x.verify(c.args...)
		if code != c.code || !strings.Contains(said, c.say) || strings.Contains(said, "c2VjcmV0") {
			t.Errorf("%s: %d, want %d and %q\n%s", name, code, c.code, c.say, said)
		}
	}
}

func TestATokenIsSentToHandrailAloneAndShownNowhere(t *testing.T) {
	const token = "ghp_thetokenofsomebody0000000000000000"
	seen := make(chan string, 8)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen <- "elsewhere " + r.Header.Get("Authorization") }))
	t.Cleanup(elsewhere.Close)
	var answer http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Method + " " + r.URL.EscapedPath() + " " + r.Header.Get("Authorization")
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_TOKEN", "")
	t.Setenv("GH_TOKEN", "")
	t.Setenv("HANDRAIL_DATABASE", "")
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		say    string
	}{
		"it sends on": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/x", http.StatusFound)
		}, "sends on to " + elsewhere.URL},
		"it is none":       {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>"+token) }, "is no handrail of this version"},
		"it is an error's": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, token, http.StatusBadGateway) }, "is no handrail: it answers 502"},
		"it says no": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error":"no_token","message":"GitHub does not take\u001b[2J the token.","hint":"Get another."}`)
		}, "GitHub does not take"},
	} {
		answer = c.answer
		var out bytes.Buffer
		code := run(t.Context(), []string{"release", "status", "acme/shop", "app/v2", "--server", server.URL, "--token-file", file}, &out, &out)
		if code != exitError || !strings.Contains(out.String(), c.say) || strings.Contains(out.String(), token) || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%s: %d %q", name, code, out.String())
		}
		if got := <-seen; got != "GET "+web.Path+"/acme/shop/app%2Fv2 Bearer "+token {
			t.Errorf("%s: it asked %q", name, got)
		}
		if len(seen) > 0 {
			t.Errorf("%s: %s", name, <-seen)
		}
	}
}
