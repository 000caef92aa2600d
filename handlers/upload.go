package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// uploadsAtOnce is how many reports are taken at the same time: each is held
	// in memory.
	uploadsAtOnce = 2
	// uploadName is the longest name of a report, in bytes.
	uploadName = 200
	// uploadRetry is how soon whoever was turned away for now may come again.
	uploadRetry = 5 * time.Second
)

// What became of an upload, for metrics.
const (
	UploadKept      = "kept"
	UploadRepeat    = "repeat"
	UploadFailed    = "failed"    // it could not be looked into or kept now
	UploadBusy      = "busy"      // others are being taken
	UploadRefused   = "refused"   // the token proves nothing, or was used
	UploadForeign   = "foreign"   // not of a run that handrail knows
	UploadMalformed = "malformed" // no report that can be read
)

// RunWitness is what taking reports needs of GitHub.
type RunWitness interface {
	// Verify reads the token of a workflow run. An error with a method Refused
	// says why it proves nothing.
	Verify(ctx context.Context, token string) (checks.RunToken, error)
	// WorkflowRun is a run in its newest attempt.
	WorkflowRun(ctx context.Context, s checks.Subject, id int64) (checks.WorkflowRun, error)
}

// UploadConfig is what taking coverage reports takes.
type UploadConfig struct {
	Store   *store.Store
	Witness RunWitness
	// Read says what a report is, or what is wrong with it.
	Read func(name string, data []byte) (format string, files int, err error)
	// Count, if set, hears the outcome of every upload.
	Count func(outcome string)
	Log   zerolog.Logger
	Now   func() time.Time // nil means time.Now
}

// NewUpload is the handler by which workflow runs send coverage reports
// themselves. Who sends is proven by a token of GitHub Actions, and for which
// commit is what GitHub's API says of the run; the body says neither.
func NewUpload(c UploadConfig) http.Handler {
	if c.Count == nil {
		c.Count = func(string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &uploads{UploadConfig: c, room: make(chan struct{}, uploadsAtOnce)}
}

type uploads struct {
	UploadConfig
	room chan struct{}
}

// denial is why a report is not taken.
type denial struct {
	status  int
	outcome string
	say     string // one sentence, and what to do
	after   time.Duration
	cause   error // for the log, when it is ours
}

func (d *denial) Error() string { return d.say }

// taken is the answer to a report that was taken.
type taken struct {
	Commit  string `json:"commit"`
	Run     int64  `json:"run"`
	Attempt int    `json:"attempt"`
	Name    string `json:"name"`
	Format  string `json:"format"`
	Files   int    `json:"files"`
	Stored  any    `json:"stored"` // true, or "already"
}

// ServeHTTP takes one report.
func (h *uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	answer, err := h.take(w, r)
	if err == nil {
		_ = json.NewEncoder(w).Encode(answer) // whoever asked may have gone
		return
	}
	var no *denial
	if !errors.As(err, &no) {
		no = unable(err)
	}
	h.Count(no.outcome)
	if no.cause != nil {
		h.Log.Error().Err(no.cause).Msg("a coverage report could not be taken; it can be sent again")
	}
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if no.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((no.after+time.Second-1)/time.Second)))
	}
	w.WriteHeader(no.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": no.say})
}

// unable is the answer when it is us who cannot.
func unable(err error) *denial {
	return &denial{http.StatusServiceUnavailable, UploadFailed, "The report could not be stored now; send it again with a new token.", uploadRetry, err}
}

// take looks at a report from the outside in: nothing of the body is read before
// it is known who sends it.
func (h *uploads) take(w http.ResponseWriter, r *http.Request) (*taken, error) {
	name, no := uploadedName(r)
	if no != nil {
		return nil, no
	}
	token, err := h.sender(r)
	if err != nil {
		return nil, err
	}
	u, err := h.run(r.Context(), token)
	if err != nil {
		return nil, err
	}
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	default:
		return nil, &denial{http.StatusServiceUnavailable, UploadBusy, "Other reports are being taken just now; send it again in some seconds.", uploadRetry, nil}
	}
	body, err := readUpload(w, r)
	if err != nil {
		return nil, err
	}
	u.Name = name
	if u.Format, u.Files, err = h.Read(name, body); err != nil {
		return nil, &denial{status: http.StatusUnprocessableEntity, outcome: UploadMalformed,
			say: "The report cannot be read: " + strings.TrimSuffix(checks.Plain(err.Error()), ".") + ". Send what the coverage tool wrote, unchanged."}
	}
	return h.keep(r.Context(), u, body, token)
}

func (h *uploads) keep(ctx context.Context, u store.Upload, body []byte, token checks.RunToken) (*taken, error) {
	fresh, err := h.Store.Upload(ctx, u, body, token, h.Now())
	switch {
	case errors.Is(err, store.ErrUsed):
		return nil, usedToken()
	case errors.Is(err, store.ErrCrowded):
		return nil, &denial{status: http.StatusUnprocessableEntity, outcome: UploadRefused,
			say: "Too many reports: " + store.ErrCrowded.Error() + ". Put them together before they are sent, or leave them as artifacts."}
	case err != nil:
		return nil, unable(err)
	}
	answer := &taken{u.SHA, u.Run, u.Attempt, u.Name, u.Format, u.Files, true}
	outcome := UploadKept
	if !fresh {
		answer.Stored, outcome = "already", UploadRepeat
	}
	h.Count(outcome)
	h.Log.Info().Int64("repo_id", u.RepoID).Int64("run", u.Run).Int("attempt", u.Attempt).Str("sha", u.SHA).Str("format", u.Format).
		Int("files", u.Files).Int("bytes", len(body)).Bool("repeat", !fresh).Msg("took a coverage report")
	return answer, nil
}

// uploadedName is what the report is called.
func uploadedName(r *http.Request) (string, *denial) {
	name := r.URL.Query().Get("name")
	odd := func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }
	if name == "" || len(name) > uploadName || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) {
		return "", &denial{status: http.StatusBadRequest, outcome: UploadMalformed,
			say: fmt.Sprintf("The report needs a name of at most %d characters: add ?name=coverage.out to the address.", uploadName)}
	}
	return name, nil
}

// sender is who sends the report, by a token that was not used before.
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
			say: "The token is not accepted: " + refused.Refused() + ". Every report needs a new token, asked for with the address of handrail as its audience."}
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
	return &denial{status: http.StatusConflict, outcome: UploadRefused, say: "The token was used before: every report needs a new one."}
}

// unasked is the answer when GitHub could not be asked.
func unasked(err error) *denial {
	after := uploadRetry
	if at := retryAt(err); !at.IsZero() {
		after = max(after, min(time.Until(at), time.Hour))
	}
	return &denial{http.StatusServiceUnavailable, UploadFailed, "GitHub could not be asked about the run now; send the report again with a new token.", after, err}
}

// run is what GitHub says of the run that a token is for. Of the report itself
// nothing is known yet.
func (h *uploads) run(ctx context.Context, token checks.RunToken) (store.Upload, error) {
	var u store.Upload
	s, owner, found, err := h.Store.Sender(ctx, token.RepoID)
	foreign := func(status int, say string) (store.Upload, error) {
		return u, &denial{status: status, outcome: UploadForeign, say: say}
	}
	switch {
	case err != nil:
		return u, unable(err)
	case !found:
		return foreign(http.StatusNotFound, fmt.Sprintf("handrail is not installed on the repository with the id %d: install the App on it.", token.RepoID))
	case owner != 0 && owner != token.OwnerID:
		return foreign(http.StatusForbidden, "The token names another owner of the repository than handrail knows: was it transferred? Install the App on it anew.")
	}
	run, err := h.Witness.WorkflowRun(ctx, s, token.Run)
	if _, is := unusable(err); is || gone(err) {
		return foreign(http.StatusNotFound, fmt.Sprintf("GitHub shows no workflow run %d in %s/%s: the token must be of a run there, and the App installed on it.", token.Run, s.Owner, s.Repo))
	}
	switch {
	case err != nil:
		return u, unasked(err)
	case run.Attempt > token.Attempt:
		return foreign(http.StatusConflict, fmt.Sprintf("Attempt %d of the run has begun, and the report is of attempt %d: only the newest counts.", run.Attempt, token.Attempt))
	case run.Attempt < token.Attempt:
		return u, unasked(fmt.Errorf("GitHub shows attempt %d of run %d, and the token is of attempt %d", run.Attempt, run.ID, token.Attempt))
	case !isCommit(run.SHA):
		return u, unasked(fmt.Errorf("GitHub names no commit for run %d", run.ID))
	}
	u = store.Upload{RepoID: token.RepoID, Run: run.ID, Attempt: run.Attempt, SHA: run.SHA}
	if isCommit(token.SHA) {
		u.Tested = token.SHA
	}
	return u, nil
}
