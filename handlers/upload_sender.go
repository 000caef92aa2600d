package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// sender is who sends something, by a token that was not used before.
func (h *uploads) sender(r *http.Request) (checks.RunToken, error) {
	kind, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || text == "" {
		return checks.RunToken{}, &denial{status: http.StatusUnauthorized, outcome: UploadRefused,
			say: "An OpenID Connect token of GitHub Actions is needed: send it as \"Authorization: Bearer TOKEN\"; the job needs the permission id-token: write."}
	}
	token, err := h.Witness.Verify(r.Context(), strings.TrimSpace(text))
	var refused interface{ Refused() string }
	switch {
	case errors.As(err, &refused):
		return token, &denial{status: http.StatusUnauthorized, outcome: UploadRefused,
			say: "The token is not accepted: " + refused.Refused() + ". Everything that is sent needs a new token, asked for with the address of handrail as its audience."}
	case err != nil:
		return token, unasked(err)
	}
	used, err := h.Store.Used(r.Context(), token.ID)
	switch {
	case err != nil:
		return token, unable(err)
	case used:
		return token, usedToken()
	}
	return token, nil
}

func usedToken() *denial {
	return &denial{status: http.StatusConflict, outcome: UploadRefused, say: "The token was used before: everything that is sent needs a new one."}
}

// unasked is the answer when GitHub could not be asked.
func unasked(err error) *denial {
	after := uploadRetry
	if at := retryAt(err); !at.IsZero() {
		after = max(after, min(time.Until(at), time.Hour))
	}
	return &denial{http.StatusServiceUnavailable, UploadFailed, "GitHub could not be asked about the run now; send it again with a new token.", after, err}
}

// run is what GitHub says of the run that a token is for, as the run of a report of
// which nothing else is known yet.
func (h *uploads) run(ctx context.Context, token checks.RunToken) (store.Upload, error) {
	run, err := h.proven(ctx, token)
	if err != nil {
		return store.Upload{}, err
	}
	u := store.Upload{RepoID: token.RepoID, Run: run.ID, Attempt: run.Attempt, SHA: run.SHA}
	if isCommit(token.SHA) {
		u.Tested = token.SHA
	}
	return u, nil
}

// proven is the run that a token is for, as GitHub shows it.
func (h *uploads) proven(ctx context.Context, token checks.RunToken) (run checks.WorkflowRun, err error) {
	s, owner, found, err := h.Store.Sender(ctx, token.RepoID)
	foreign := func(status int, say string) (checks.WorkflowRun, error) {
		return run, &denial{status: status, outcome: UploadForeign, say: say}
	}
	switch {
	case err != nil:
		return run, unable(err)
	case !found:
		return foreign(http.StatusNotFound, fmt.Sprintf("handrail is not installed on the repository with the id %d: install the App on it.", token.RepoID))
	case owner != 0 && owner != token.OwnerID:
		return foreign(http.StatusForbidden, "The token names another owner of the repository than handrail knows: was it transferred? Install the App on it anew.")
	}
	run, err = h.Witness.WorkflowRun(ctx, s, token.Run)
	if _, is := unusable(err); is || gone(err) {
		return foreign(http.StatusNotFound, fmt.Sprintf("GitHub shows no workflow run %d in %s/%s: the token must be of a run there, and the App installed on it.", token.Run, s.Owner, s.Repo))
	}
	switch {
	case err != nil:
		return run, unasked(err)
	case run.Attempt > token.Attempt:
		return foreign(http.StatusConflict, fmt.Sprintf("Attempt %d of the run has begun, and this is of attempt %d: only the newest counts.", run.Attempt, token.Attempt))
	case run.Attempt < token.Attempt:
		return run, unasked(fmt.Errorf("GitHub shows attempt %d of run %d, and the token is of attempt %d", run.Attempt, run.ID, token.Attempt))
	case !isCommit(run.SHA):
		return run, unasked(fmt.Errorf("GitHub names no commit for run %d", run.ID))
	}
	return run, nil
}
