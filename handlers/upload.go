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

// UploadConfig is what taking reports takes.
type UploadConfig struct {
	Store   *store.Store
	Witness RunWitness
	// Read says what a report is, or what is wrong with it.
	Read func(name string, data []byte) (format string, files int, err error)
	// Scan counts what a SARIF report found by [checks.SeverityWord], and says by which
	// tools, or what is wrong with it.
	Scan func(name string, data []byte) (found map[string]int, tools []string, err error)
	// Count, if set, hears the outcome of every upload.
	Count func(outcome string)
	Log   zerolog.Logger
	Now   func() time.Time // nil means time.Now
}

// Where workflow runs send to besides coverage reports.
const (
	ArtifactsPath = "/api/v1/artifacts"
	ScansPath     = ArtifactsPath + "/scans"
)

// NewUpload is the handler by which workflow runs send coverage reports themselves,
// name what they made ([ArtifactsPath]) and send scans of it ([ScansPath]). Who sends is
// proven by a token of GitHub Actions, and for which commit is what GitHub's API says of
// the run; the body says neither.
func NewUpload(c UploadConfig) http.Handler {
	if c.Count == nil {
		c.Count = func(string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	h := &uploads{UploadConfig: c, room: newRooms(uploadsAtOnce, 0)}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, h.coverage) })
	mux.HandleFunc(ArtifactsPath, func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, h.artifact) })
	mux.HandleFunc(ScansPath, func(w http.ResponseWriter, r *http.Request) { h.answer(w, r, h.artifactScan) })
	return mux
}

type uploads struct {
	UploadConfig
	room rooms
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

// answer takes one report.
func (h *uploads) answer(w http.ResponseWriter, r *http.Request, take func(http.ResponseWriter, *http.Request) (any, error)) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	answer, err := take(w, r)
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
		h.Log.Error().Err(no.cause).Msg("what a run sent could not be taken; it can be sent again")
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
	return &denial{http.StatusServiceUnavailable, UploadFailed, "It could not be stored now; send it again with a new token.", uploadRetry, err}
}

// coverage looks at a report from the outside in: nothing of the body is read before
// it is known who sends it.
func (h *uploads) coverage(w http.ResponseWriter, r *http.Request) (any, error) {
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
	leave, body, err := h.body(w, r)
	if err != nil {
		return nil, err
	}
	defer leave()
	u.Name = name
	if u.Format, u.Files, err = h.Read(name, body); err != nil {
		return nil, unreadable(err, "the coverage tool")
	}
	return h.keep(r.Context(), u, body, token)
}

// body is the report in a request, for which there is room until leave is called.
func (h *uploads) body(w http.ResponseWriter, r *http.Request) (leave func(), body []byte, err error) {
	leave, err = h.room.enter(r.Context())
	if err != nil {
		return nil, nil, &denial{http.StatusServiceUnavailable, UploadBusy, "Other reports are being taken just now; send it again in some seconds.", uploadRetry, nil}
	}
	if body, err = readUpload(w, r); err != nil {
		leave()
		return nil, nil, err
	}
	return leave, body, nil
}

func unreadable(err error, tool string) *denial {
	return &denial{status: http.StatusUnprocessableEntity, outcome: UploadMalformed,
		say: "The report cannot be read: " + strings.TrimSuffix(checks.Plain(err.Error()), ".") + ". Send what " + tool + " wrote, unchanged."}
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
