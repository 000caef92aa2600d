package hub

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func TestATokenGoesNowhereElse(t *testing.T) {
	f := newForge(t, Config{})
	reached := ""
	f.rest["/elsewhere"] = func(r *http.Request) any { reached = r.Header.Get("Authorization"); return m{} }
	for _, where := range []string{f.url + "/api/v3/elsewhere", "https://example.org/", "/elsewhere"} {
		f.rest["/user"] = func(*http.Request) any { return reply{status: 302, header: map[string]string{"Location": where}} }
		who, err := f.hub.Whose(t.Context(), personToken)
		if err == nil || who.Login != "" || reached != "" {
			t.Errorf("%s: %+v, %v, token %q", where, who, err, reached)
		}
	}
}

func TestOnlyAPersonsAnswerNamesAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		answer  any
		refused bool
	}{
		"a bot":           {m{"login": "x[bot]", "id": 4, "type": "Bot"}, true},
		"an organisation": {m{"login": "acme", "id": 4, "type": "Organization"}, true},
		"no type":         {m{"login": "ann", "id": 4}, true},
		"no number":       {m{"login": "ann", "type": "User"}, false},
		"nobody":          {m{}, false},
		"no JSON":         {[]byte("<html>"), false},
		"forbidden":       {said(403, "Resource not accessible by integration"), true},
		"wrong token":     {said(401, "Bad credentials"), true},
		"limited":         {reply{status: 403, header: map[string]string{"X-RateLimit-Remaining": "0"}, body: m{}}, false},
		"broken":          {said(503, "oops"), false},
	} {
		f := newForge(t, Config{})
		f.rest["/user"] = func(*http.Request) any { return c.answer }
		who, err := f.hub.Whose(t.Context(), personToken)
		_, refused := errors.AsType[*Refusal](err)
		if err == nil || who != (checks.Actor{}) || refused != c.refused || strings.Contains(err.Error(), personToken) || strings.Contains(err.Error(), "credentials") {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	f := newForge(t, Config{})
	f.rest["/user"] = func(r *http.Request) any {
		if r.Header.Get("Authorization") != "Bearer "+personToken {
			return said(401, "no")
		}
		return m{"login": "Ann", "id": 4, "type": "User"}
	}
	if who, err := f.hub.Whose(t.Context(), personToken); err != nil || who != (checks.Actor{Login: "Ann", ID: 4}) {
		t.Errorf("%+v %v", who, err)
	}
}

// Whoever logs in to some application with GitHub gives it a token by which GitHub says
// who they are. It must not sign for them here.
func TestATokenThatMayDoNothingOnGitHubDoesNotSpeakForItsPerson(t *testing.T) {
	for scopes, speaks := range map[string]bool{"": false, "read:user, user:email": false, "public_repo": false, "repo:status": false, "gist, repo, workflow": true, "repo": true} {
		f := newForge(t, Config{})
		f.rest["/user"] = func(*http.Request) any {
			return reply{status: 200, header: map[string]string{"X-OAuth-Scopes": scopes}, body: m{"login": "Ann", "id": 4, "type": "User"}}
		}
		who, err := f.hub.Whose(t.Context(), personToken)
		_, refused := errors.AsType[*Refusal](err)
		if refused == speaks || (who.Login == "Ann") != speaks {
			t.Errorf("%q: %+v, %v", scopes, who, err)
		}
	}
}
