package hub

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const opWhose = "whose token"

// personLimit is the largest answer about a person that is read, in bytes.
const personLimit = 256 << 10

// Whose is the account of the person whose token it is, as GitHub says at this moment
// ("Get the authenticated user", REST docs). A token that GitHub does not take, or one
// of an App or an installation, is a [Refusal]; any other error is that it could not be
// found out now. The token goes to GitHub's own address only, and neither it nor the
// answer is kept.
func (h *Hub) Whose(ctx context.Context, token string) (checks.Actor, error) {
	if !personal(token) {
		return checks.Actor{}, &Refusal{"the token is not one of a person on GitHub"}
	}
	start := time.Now()
	call := Call{Operation: Operation{REST, opWhose}}
	who, err := h.whose(ctx, token, &call.Status)
	call.Failed, call.Duration = err != nil, time.Since(start)
	h.tell(ctx, call)
	return who, err
}

// personal says whether a text may be a person's token: not one of an installation
// (ghs_) nor an App's (a JSON Web Token), which speak for nobody, nor one that some App
// has of whoever has logged in to it (ghu_, ghr_).
func personal(token string) bool {
	program := slices.ContainsFunc([]string{"ghs_", "ghu_", "ghr_"}, func(p string) bool { return strings.HasPrefix(token, p) })
	if len(token) < 20 || len(token) > 1024 || program {
		return false
	}
	return !strings.ContainsFunc(token, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
}

func (h *Hub) whose(ctx context.Context, token string, status *int) (checks.Actor, error) {
	ctx, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.cfg.V3URL+"/user", nil)
	if err != nil {
		return checks.Actor{}, &Error{Op: opWhose, What: "make request"}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("User-Agent", userAgent)
	// Asked of the transport itself, a redirect is an answer like any other: the token
	// follows none.
	resp, err := h.cfg.Transport.RoundTrip(req)
	if err != nil {
		e := &Error{Op: opWhose, What: "no answer"} // whatever broke may quote what was sent
		if ctx.Err() != nil {
			e.What, e.cause = "no answer in time", ctx.Err()
		}
		return checks.Actor{}, e
	}
	defer func() { _ = resp.Body.Close() }()
	*status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		return checks.Actor{}, notWhose(resp)
	}
	if scopes, told := resp.Header["X-Oauth-Scopes"]; told && !speaks(scopes) {
		return checks.Actor{}, &Refusal{"the token has not the scope repo, so it does not speak for its person: a login to any other application has one like it"}
	}
	var a restActor
	if json.NewDecoder(&bounded{ReadCloser: resp.Body, left: personLimit}).Decode(&a) != nil || a.Login == "" || a.ID <= 0 {
		return checks.Actor{}, &Error{Op: opWhose, Status: resp.StatusCode, What: "the answer is not what the description says"}
	}
	if a.Type != "User" || !account(a.Login) {
		return checks.Actor{}, &Refusal{"the token is not one of a person on GitHub"}
	}
	return a.actor(), nil
}

// speaks says whether a token of these scopes may do on GitHub what it is to do here:
// see what is in repositories, and say something there ("Scopes for OAuth apps", GitHub
// docs). Of fine-grained tokens GitHub tells none.
func speaks(scopes []string) bool {
	for _, s := range strings.Split(strings.Join(scopes, ","), ",") {
		if strings.TrimSpace(s) == "repo" {
			return true
		}
	}
	return false
}

// notWhose is an answer that names nobody. Nothing that the other side sent is quoted.
func notWhose(resp *http.Response) error {
	limited := resp.StatusCode == http.StatusTooManyRequests ||
		resp.StatusCode == http.StatusForbidden && (number(resp.Header, "X-RateLimit-Remaining") == 0 || resp.Header.Get("Retry-After") != "")
	switch {
	case limited:
		return &Error{Op: opWhose, Status: resp.StatusCode, What: "GitHub's limit on calls with this token is used up", Limited: true, retryAt: retryTime(resp.Header)}
	case resp.StatusCode == http.StatusUnauthorized:
		return &Refusal{"GitHub does not take the token: it is wrong, has expired or was revoked"}
	case resp.StatusCode == http.StatusForbidden:
		return &Refusal{"GitHub does not say whose the token is: it is an App's, or its owner's organisation forbids such tokens"}
	}
	return &Error{Op: opWhose, Status: resp.StatusCode, What: "GitHub did not say whose the token is", retryAt: asked(resp.Header)}
}

// May is the permission that somebody has in a repository that is named by hand: none,
// read, triage, write, maintain or admin, by our own App's eyes; and the repository as a
// subject, for what is asked next. A repository that no installation sees is an [Error]
// that is Gone. It takes three requests.
func (h *Hub) May(ctx context.Context, owner, repo, login string) (permission string, s checks.Subject, err error) {
	if !account(owner) || !account(repo) || owner == ".." || repo == ".." || owner == "." || repo == "." {
		e := &Error{Op: "installation", What: "there is no such repository", gone: true}
		return "", s, e
	}
	if s, err = h.Find(ctx, owner, repo, 0); err != nil {
		return "", s, err
	}
	if !account(login) {
		return "none", s, nil
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return "", s, err
	}
	about := checks.Pull{People: map[string]checks.Person{}}
	if err := h.permissions(ctx, c, s, &about, []string{login}); err != nil {
		return "", s, err
	}
	return about.People[login].Permission, s, nil
}
