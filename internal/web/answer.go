package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// reply is an answer that is a yes.
type reply struct {
	status    int    // 0 means 200
	mediaType string // "" means JSON
	body      any    // or raw
	raw       []byte
}

func (a reply) write(w http.ResponseWriter) {
	if a.mediaType != "" {
		w.Header().Set("Content-Type", a.mediaType)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	if a.raw != nil {
		_, _ = w.Write(append(a.raw, '\n')) // whoever asked may have gone
		return
	}
	_ = json.NewEncoder(w).Encode(a.body)
}

// refusal is an answer that is a no: a word for programs, a sentence, and what to do.
type refusal struct {
	status int
	// Word is a word for programs.
	Word    string `json:"error"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitzero"`
	// Missing is what a release lacks, and Candidate what it is now.
	Missing   []Missing `json:"missing,omitzero"`
	Candidate string    `json:"candidate,omitzero"`

	allow string        // methods
	after time.Duration // when to ask again
	cause error         // for the log, when it is ours
}

func (n *refusal) Error() string { return n.Message }

// refuse writes a no. Whatever is none was not foreseen, and is ours.
func (a *api) refuse(w http.ResponseWriter, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{status: http.StatusInternalServerError, Word: "failed", Message: "handrail could not answer.", Hint: "Ask again in some seconds.", after: soon, cause: err}
	}
	if no.cause != nil {
		a.Log.Error().Err(no.cause).Int("status", no.status).Msg("a request to the JSON interface failed")
	}
	h := w.Header()
	if no.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if no.allow != "" {
		h.Set("Allow", no.allow)
	}
	if no.after > 0 {
		h.Set("Retry-After", strconv.Itoa(int((no.after+time.Second-1)/time.Second)))
	}
	w.WriteHeader(no.status)
	_ = json.NewEncoder(w).Encode(no)
}

// soon is when whoever was turned away for now may come again.
const soon = 5 * time.Second

func notFound() *refusal {
	return &refusal{
		status: http.StatusNotFound, Word: "not_found", Message: "There is no such repository that handrail is installed on and you may read.",
		Hint: "Write it as on GitHub, owner/name; your token says who you are.",
	}
}

func noRelease(tag string) *refusal {
	return &refusal{
		status: http.StatusNotFound, Word: "no_release", Message: "handrail knows no release of the tag " + strconv.Quote(tag) + " there.",
		Hint: "It knows tags that the policy's release.tags names, some seconds after they were pushed.",
	}
}

// unasked is the answer when GitHub could not be asked.
func unasked(err error, now time.Time) *refusal {
	after := soon
	var later interface{ RetryAt() time.Time }
	if errors.As(err, &later) && !later.RetryAt().IsZero() {
		after = max(after, min(later.RetryAt().Sub(now), time.Hour))
	}
	return &refusal{
		status: http.StatusServiceUnavailable, Word: "github_unavailable", Message: "GitHub could not be asked who you are and what you may do.",
		Hint: "Ask again.", after: after, cause: err,
	}
}
