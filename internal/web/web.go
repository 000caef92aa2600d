// Package web is the JSON interface of handrail, for people at the command line and for
// what deploys. A request says who asks by a token of GitHub's, which is shown to GitHub
// and neither kept nor logged, and is answered only about repositories that GitHub lets
// them read. What a person does here about a release counts as much as on GitHub and no
// more: whether it counts is judged where everything is.
package web

import (
	"context"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// Path is where the releases are; everything below it is of this package.
const Path = "/api/v1/releases"

// KeyPath is where the log's verifier key is.
const KeyPath = "/api/v1/log-key"

// GitHub is what the interface needs of it. An error with a method Refused says why a
// token proves nothing, one with a method Gone that there is no such thing.
type GitHub interface {
	// Whose is the account that a token is of.
	Whose(ctx context.Context, token string) (checks.Actor, error)
	// May is what somebody may do in a repository (none, read, triage, write, maintain,
	// admin), and which one it is.
	May(ctx context.Context, owner, repo, login string) (permission string, s checks.Subject, err error)
	// Verify reads the token of a workflow run.
	Verify(ctx context.Context, token string) (checks.RunToken, error)
}

// Acts takes what people do.
type Acts interface {
	// ActOn keeps an act about a release, and lets the release be judged.
	ActOn(ctx context.Context, owner, repo, tag string, a checks.Act) (checks.Act, error)
}

// Config is what the interface takes.
type Config struct {
	Store  *store.Store
	GitHub GitHub
	Acts   Acts
	// WebURL is GitHub's own address, which decisions name.
	WebURL string
	Log    zerolog.Logger
	Now    func() time.Time // nil means time.Now
}

// New is the interface, for [Path], [KeyPath] and everything below.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &api{Config: c, known: newKnown(c.Now), pace: newPaces(c.Now)}
}

type api struct {
	Config
	known *known
	pace  *paces
}

// ServeHTTP answers one request.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	got, err := a.answer(r)
	if err != nil {
		a.refuse(w, err)
		return
	}
	got.write(w)
}

// answer finds what is asked for, by whom, and answers it.
func (a *api) answer(r *http.Request) (reply, error) {
	if r.URL.Path == KeyPath {
		return a.logKey(r)
	}
	t, err := parse(r.URL.EscapedPath())
	if err != nil {
		return reply{}, err
	}
	if err := t.takes(r.Method); err != nil {
		return reply{}, err
	}
	who, err := a.identify(r, t)
	if err != nil {
		return reply{}, err
	}
	switch t.part {
	case partList:
		return a.list(r, who)
	case partActs:
		return a.act(r, who, t)
	case partDecision:
		return a.decision(r, who, t)
	case partChanges:
		return a.changes(r, who, t)
	}
	return a.release(r, who, t)
}
