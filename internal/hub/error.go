package hub

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// Error is every failure of this package that has to do with GitHub.
type Error struct {
	Op     string // the operation, as in [Operation]
	Status int    // HTTP status; 0 when there was none
	What   string // what happened, harmless to show and to log
	// Limited says that a limit on calls is reached.
	Limited bool
	// Moved says that the pull request changed while it was read, or that a
	// replica lags: reading again soon helps.
	Moved bool

	gone      bool
	yielded   bool
	secondary bool
	retryAt   time.Time
	cause     error // a context's error, or errTooLarge; nothing that quotes a URL
}

// Error implements error.
func (e *Error) Error() string {
	s := "ask GitHub (" + e.Op + "): " + e.What
	if e.Status != 0 && e.Status != http.StatusOK {
		s += " (status " + strconv.Itoa(e.Status) + ")"
	}
	return s
}

// Unwrap is the context's error where the context ended it.
func (e *Error) Unwrap() error { return e.cause }

// RetryAt is when GitHub wants to be asked again; zero when it did not say.
func (e *Error) RetryAt() time.Time { return e.retryAt }

// LimitReached says that a limit on calls is reached.
func (e *Error) LimitReached() bool { return e.Limited }

// HasMoved says that reading again soon helps; see Moved.
func (e *Error) HasMoved() bool { return e.Moved }

// Gone says that the pull request, repository or installation does not exist
// or is not ours any more.
func (e *Error) Gone() bool { return e.gone }

// HasYielded says that nothing was asked, since what is left of GitHub's limits
// is kept for requests that matter more; see RetryAt.
func (e *Error) HasYielded() bool { return e.yielded }

// Fault is GitHub's answer that what was asked for is not there or cannot be
// used, and that asking again will not change that.
type Fault struct{ what string }

// Error implements error.
func (f *Fault) Error() string { return f.what }

// Unusable is the reason, one sentence without its full stop.
func (f *Fault) Unusable() string { return f.what }

// Refusal says that somebody else's token is not accepted.
type Refusal struct{ what string }

// Error implements error.
func (r *Refusal) Error() string { return r.what }

// Refused is the reason, one sentence without its full stop.
func (r *Refusal) Refused() string { return r.what }

// secrets are tokens, signed claims and keys, in whatever text they stand.
// Installation tokens may be long and hold dots ("ghs_APPID_JWT").
var secrets = regexp.MustCompile(`gh[a-z]_[A-Za-z0-9_.\-]+|github_pat_\w+|eyJ[\w\-]+\.[\w.\-]+|-----BEGIN[\s\S]*|v1\.[0-9a-f]{40}|\?[^\s"']*`)

// harmless is a text of GitHub's, a proxy's or the network's that can be shown:
// without secrets and URL queries, short, on one line.
func harmless(s string) string {
	s = secrets.ReplaceAllString(s, "[…]")
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}

// explain makes an Error of whatever a request ended with.
func explain(ctx context.Context, q request, r *receipt, err error) *Error {
	e := &Error{Op: q.op.Name, Status: r.status}
	if known, ok := errors.AsType[*Error](err); ok {
		known.Op, known.Status = q.op.Name, r.status
		e = known
	}
	if r.mint && r.status/100 != 2 {
		e.Op = "mint token for " + q.op.Name
	}
	if limit, ok := errors.AsType[*github.RateLimitError](err); ok && r.status == 0 {
		e.What, e.Limited, e.retryAt = "GitHub's limit on calls is used up", true, limit.Rate.Reset.Time
		return e
	}
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); ok && r.status == 0 {
		e.What, e.Limited, e.retryAt = "GitHub's secondary limit is reached", true, time.Now().Add(limit.GetRetryAfter())
		return e
	}
	if r.status == 0 || r.status/100 == 2 {
		if e.What == "" {
			e.What, e.cause = transportFailure(ctx, err)
		}
		if e.Limited && e.retryAt.IsZero() {
			e.retryAt = retryTime(r.header)
		}
		return e
	}
	message := githubMessage(r.body)
	e.What = harmless(message)
	if e.What == "" {
		e.What = "GitHub refused"
	}
	e.Limited, e.secondary = limited(r, message)
	switch {
	case e.Limited:
		e.retryAt = retryTime(r.header)
	case r.header.Get("Retry-After") != "":
		e.retryAt = asked(r.header)
	case r.mint && (r.status == http.StatusNotFound || r.status == http.StatusForbidden && strings.Contains(strings.ToLower(message), "suspended")):
		e.gone = true
	case r.status == http.StatusGone || r.status == http.StatusUnavailableForLegalReasons:
		e.gone = true
	}
	return e
}

// transportFailure is what went wrong when there was no answer, or none that
// could be read. The network's words are kept without their URL.
func transportFailure(ctx context.Context, err error) (string, error) {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	switch {
	case ctx.Err() != nil:
		return "interrupted", ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time", context.DeadlineExceeded
	case errors.Is(err, errTooLarge):
		return errTooLarge.Error(), errTooLarge
	}
	return harmless(err.Error()), nil
}

func githubMessage(body []byte) string {
	var m struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &m) != nil {
		return ""
	}
	return m.Message
}

// limited tells a limit from a missing permission, which is a 403 as well
// (REST docs, "Rate limits", "Exceeding the rate limit").
func limited(r *receipt, message string) (is, secondary bool) {
	if r.status != http.StatusForbidden && r.status != http.StatusTooManyRequests {
		return false, false
	}
	text := strings.ToLower(message)
	switch {
	case number(r.header, "X-RateLimit-Remaining") == 0:
		return true, false
	case r.status == http.StatusTooManyRequests, r.header.Get("Retry-After") != "",
		strings.Contains(text, "secondary rate limit"), strings.Contains(text, "abuse detection"):
		return true, true
	}
	return strings.Contains(text, "rate limit exceeded"), false
}

// asked is when the other side asks to be asked again; zero when it does not.
func asked(h http.Header) time.Time {
	if h.Get("Retry-After") == "" {
		return time.Time{}
	}
	return retryTime(h)
}

// retryTime is when GitHub wants to be asked again: as told, else in a minute.
func retryTime(h http.Header) time.Time {
	now := time.Now()
	if s := h.Get("Retry-After"); s != "" {
		if n := number(h, "Retry-After"); n >= 0 {
			return now.Add(time.Duration(min(n, 86400)) * time.Second)
		}
		if t, err := http.ParseTime(s); err == nil {
			return t
		}
	}
	if reset := number(h, "X-RateLimit-Reset"); reset > 0 && number(h, "X-RateLimit-Remaining") == 0 {
		// The moment is GitHub's clock. Were it taken for ours and ours fast, we
		// would go on asking, which GitHub punishes.
		wait := time.Unix(reset, 0).Sub(now)
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			wait = time.Unix(reset, 0).Sub(date)
		}
		return now.Add(max(wait, time.Second))
	}
	return now.Add(time.Minute)
}
