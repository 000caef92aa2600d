package hub_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

func refused(err error) bool {
	_, ok := errors.AsType[*hub.Refusal](err)
	return ok
}

func TestATokenIsItsPersonsWhileGitHubTakesIt(t *testing.T) {
	w := ship(t)
	token := w.gh.PersonToken("alice")
	who, err := w.hub.Whose(t.Context(), token)
	if err != nil || who.Login != "alice" || who.ID == 0 || who.Bot {
		t.Fatalf("%+v, %v", who, err)
	}
	w.gh.ClearRequests()
	w.gh.RevokePersonToken(token)
	if who, err = w.hub.Whose(t.Context(), token); !refused(err) || who.Login != "" || w.asked() != 1 {
		t.Errorf("%+v, %v", who, err)
	}
	if _, err = w.hub.Whose(t.Context(), "ghp_000000000000000000000000000000000000"); !refused(err) {
		t.Errorf("a made-up token: %v", err)
	}
}

// An installation's or an App's token speaks for a program.
func TestATokenOfAProgramIsNobodys(t *testing.T) {
	w := ship(t)
	w.gh.ClearRequests()
	for _, token := range []string{
		"", "short", "ghs_0123456789abcdefghij", "ghu_0123456789abcdefghij", "ghr_0123456789abcdefghij", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjF9.c2ln",
		"ghp_aaaaaaaaaaaaaaaaaaaa\r\nX-Evil: 1", "ghp_aaaaaaaaaaaaaaaaaaaa bbbb", strings.Repeat("a", 2000),
	} {
		if _, err := w.hub.Whose(t.Context(), token); !refused(err) {
			t.Errorf("%.40q: %v", token, err)
		}
	}
	if n := w.asked(); n != 0 {
		t.Errorf("%d requests were made with what is no person's token", n)
	}
}

func TestWhoseATokenIsCannotBeFoundOutWhileGitHubDoesNotAnswer(t *testing.T) {
	w := ship(t)
	token := w.gh.PersonToken("alice")
	for _, failure := range []sim.Failure{sim.Status(500), sim.Status(502), sim.Cut(), sim.Short(), sim.Secondary(30e9), sim.Exhausted()} {
		w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return q.Path == "/user" || strings.HasSuffix(q.Path, "/user") }})
		who, err := w.hub.Whose(t.Context(), token)
		if err == nil || refused(err) || who.Login != "" || strings.Contains(err.Error(), token) {
			t.Errorf("%+v, %v", who, err)
		}
	}
	w.release(0) // a limit of one person's token does not hold up the App
}

func TestWhatSomebodyMayIsAskedByOurOwnApp(t *testing.T) {
	w := ship(t)
	w.asked()
	for login, want := range map[string]string{"alice": "write", "bob": "maintain", "root": "admin", "mallory": "none", "app[bot]": "none", "../x": "none"} {
		got, s, err := w.hub.May(t.Context(), "acme", "shop", login)
		if err != nil || got != want || s.RepoID != w.shop.ID || s.Installation != w.subj.Installation || s.Owner != "acme" {
			t.Errorf("%s may %q, want %q: %+v, %v", login, got, want, s, err)
		}
		if n := w.asked(); n > 3 {
			t.Errorf("%d requests", n)
		}
	}
	for _, name := range []string{"nothing", "..", "shop/../../orgs/acme", ""} {
		_, _, err := w.hub.May(t.Context(), "acme", name, "alice")
		if e, ok := errors.AsType[*hub.Error](err); !ok || !e.Gone() {
			t.Errorf("%q: %v", name, err)
		}
	}
}
