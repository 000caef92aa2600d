package hub

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

// completeCommits fetches what is wanted of commits and conversations.
func (h *Hub) completeCommits(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, w checks.Wants) error {
	if w.Threads {
		if err := h.threads(ctx, c, pull, nil); err != nil {
			return err
		}
	}
	if w.Behind {
		b, err := h.behind(ctx, c, s, pull.Base.SHA, pull.Head.SHA)
		if err != nil {
			return err
		}
		pull.Behind = &b
	}
	if w.Accounts {
		return h.accounts(ctx, c, s, pull)
	}
	return nil
}

const opBehind = "behind"

// behind is how many commits of a base commit's history a head lacks. That is not
// known where the two have no commit in common, or one is none.
func (h *Hub) behind(ctx context.Context, c *client, s checks.Subject, base, head string) (checks.Behind, error) {
	out := checks.Behind{Base: base, Head: head}
	if !isCommit(base) || !isCommit(head) {
		return out, nil
	}
	var got *github.CommitsComparison
	err := h.rest(ctx, c, opBehind, func(ctx context.Context, ses *session) error {
		var err error
		// The changed files, which may be large, are on the first page only (REST
		// docs, "Compare two commits").
		got, _, err = ses.rest.Repositories.CompareCommits(ctx, s.Owner, s.Repo, base, head, &github.ListOptions{Page: 2, PerPage: 1})
		return err
	})
	switch {
	case err != nil && missing(err) && strings.Contains(err.Error(), "No common ancestor"):
		return out, nil
	case err != nil && missing(err):
		// GitHub has just told of both.
		return out, &Error{Op: opBehind, Status: http.StatusOK, What: "GitHub does not show both commits yet", Moved: true}
	case err != nil:
		return out, err
	case got.BehindBy == nil || *got.BehindBy < 0:
		return out, &Error{Op: opBehind, Status: http.StatusOK, What: "GitHub did not say how far the head lags"}
	}
	out.By, out.Known = *got.BehindBy, true
	return out, nil
}
