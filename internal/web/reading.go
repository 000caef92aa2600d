package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/attest"
	"github.com/handrail-bot/handrail/internal/store"
)

// mayRead finds a repository that the caller may read. recent says that what GitHub
// said in the last minute will do.
func (a *api) mayRead(ctx context.Context, who caller, owner, repo string, recent bool) (checks.Subject, error) {
	if who.run.RepoID != 0 {
		return a.ownRepo(ctx, who.run, owner, repo)
	}
	key := strings.ToLower(who.by.Login + " " + owner + "/" + repo)
	m, ok := a.known.repo(key)
	if !ok || !recent {
		var err error
		m.permission, m.s, err = a.GitHub.May(ctx, owner, repo, who.by.Login)
		if is, gone := err.(interface{ Gone() bool }); gone && is.Gone() {
			m, err = knownRepo{}, nil
		}
		if err != nil {
			return checks.Subject{}, unasked(err, a.Now())
		}
		a.known.tellRepo(key, m)
	}
	if m.permission == "" || m.permission == "none" || m.s.RepoID == 0 {
		return checks.Subject{}, notFound()
	}
	return m.s, nil
}

// ownRepo is the repository of a workflow run, if that is what it asks about.
func (a *api) ownRepo(ctx context.Context, run checks.RunToken, owner, repo string) (checks.Subject, error) {
	s, ownerID, found, err := a.Store.Sender(ctx, run.RepoID)
	if err != nil {
		return s, err
	}
	if !found || ownerID != 0 && ownerID != run.OwnerID || !strings.EqualFold(s.Owner, owner) || !strings.EqualFold(s.Repo, repo) {
		return s, notFound()
	}
	return s, nil
}

// release answers how far one is.
func (a *api) release(r *http.Request, who caller, t target) (reply, error) {
	is, err := a.find(r.Context(), who, t)
	return reply{body: is}, err
}

func (a *api) find(ctx context.Context, who caller, t target) (Release, error) {
	s, err := a.mayRead(ctx, who, t.owner, t.repo, true)
	if err != nil {
		return Release{}, err
	}
	return a.releaseIn(ctx, s, t.tag)
}

// releaseIn is a release of a repository, and of none that had its name before.
func (a *api) releaseIn(ctx context.Context, s checks.Subject, tag string) (Release, error) {
	is, err := Read(ctx, a.Store, s.Owner+"/"+s.Repo, tag)
	if err == nil && is.RepoID != s.RepoID {
		err = store.ErrUnknown
	}
	return is, unknown(err, tag)
}

// decision answers the signed decision, or what is missing until there is one.
func (a *api) decision(r *http.Request, who caller, t target) (reply, error) {
	is, err := a.find(r.Context(), who, t)
	if err != nil {
		return reply{}, err
	}
	if is.Decision == 0 {
		return reply{}, &refusal{
			status: http.StatusConflict, Word: "not_promoted", Message: "The release is not promoted, so there is no decision on it.",
			Hint: "What is missing is in \"missing\".", Missing: is.Missing, Candidate: is.Candidate,
		}
	}
	text, err := attest.Of(r.Context(), a.Store, is.Decision, a.WebURL)
	if errors.Is(err, store.ErrExpunged) {
		return reply{}, &refusal{status: http.StatusGone, Word: "expunged", Message: "The decision was removed from the record, lawfully and on record."}
	}
	return reply{mediaType: attest.MediaType, raw: text}, err
}

// changes answers what a release brings.
func (a *api) changes(r *http.Request, who caller, t target) (reply, error) {
	is, err := a.find(r.Context(), who, t)
	if err != nil {
		return reply{}, err
	}
	list, err := ReadChanges(r.Context(), a.Store, is.Repo, t.tag, r.URL.Query().Get("state"))
	return reply{body: list}, unknown(badQuery(err), t.tag)
}

// logKey answers the log's verifier key, which everybody may know.
func (a *api) logKey(r *http.Request) (reply, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return reply{}, wrongMethod([]string{http.MethodGet, http.MethodHead})
	}
	return reply{body: LogKey{Key: a.Store.VerifierKey()}}, nil
}

// list answers a page of releases. Without ?repo= those of repositories that the caller
// may not read are left out of it.
func (a *api) list(r *http.Request, who caller) (reply, error) {
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		return reply{}, badQuery(err)
	}
	if owner, repo, ok := strings.Cut(q.Repo, "/"); ok {
		s, err := a.mayRead(r.Context(), who, owner, repo, true)
		if err != nil {
			return reply{}, err
		}
		q.Repo = s.Owner + "/" + s.Repo
	}
	page, err := ReadList(r.Context(), a.Store, q)
	if errors.Is(err, store.ErrUnknown) {
		return reply{body: List{Releases: []Row{}}}, nil // it is installed there, and nothing was released
	}
	if err == nil && q.Repo == "" {
		page.Releases, err = a.readable(r.Context(), who, page.Releases)
	}
	return reply{body: page}, badQuery(err)
}

// readable leaves out what the caller may not read.
func (a *api) readable(ctx context.Context, who caller, all []Row) ([]Row, error) {
	out := []Row{}
	for _, row := range all {
		owner, repo, _ := strings.Cut(row.Repo, "/")
		_, err := a.mayRead(ctx, who, owner, repo, true)
		var no *refusal
		switch {
		case err == nil:
			out = append(out, row)
		case errors.As(err, &no) && no.status == http.StatusNotFound:
		default:
			return nil, err
		}
	}
	return out, nil
}
