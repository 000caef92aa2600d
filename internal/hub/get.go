package hub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/handrail-bot/handrail/checks"
)

// resource is what is asked of a repository's REST interface, and the
// operation's name.
type resource struct {
	s    checks.Subject
	op   string
	path string // below the repository, escaped
}

// url is the resource's address, relative to REST's.
func (r resource) url(q url.Values) string {
	u := "repos/" + url.PathEscape(r.s.Owner) + "/" + url.PathEscape(r.s.Repo) + "/" + r.path
	if len(q) > 0 {
		u += "?" + q.Encode()
	}
	return u
}

// get makes one GET of REST and has read take the answer; next is the number of
// the page after it, 0 when there is none.
func (h *Hub) get(ctx context.Context, c *client, r resource, q url.Values, read func(io.Reader) error) (next int, err error) {
	return h.getAs(ctx, c, r, q, "", read)
}

// getAs is get for an answer of another media type than REST's ordinary one.
func (h *Hub) getAs(ctx context.Context, c *client, r resource, q url.Values, accept string, read func(io.Reader) error) (next int, err error) {
	err = h.rest(ctx, c, r.op, func(ctx context.Context, ses *session) error {
		req, err := ses.rest.NewRequest(http.MethodGet, r.url(q), nil)
		if err != nil {
			return &Error{What: "make request"}
		}
		if accept != "" {
			req.Header.Set("Accept", accept)
		}
		resp, err := ses.rest.BareDo(ctx, req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		next = resp.NextPage
		return read(resp.Body)
	})
	return next, err
}

// getAfter is get by a request that yields to others.
func (h *Hub) getAfter(ctx context.Context, c *client, r resource, q url.Values, read func(io.Reader) error) (next int, err error) {
	return h.get(h.After(ctx), c, r, q, read)
}

// into reads an answer as one JSON value. The value begins anew when the
// question is asked again.
func into[T any](v *T) func(io.Reader) error {
	return func(body io.Reader) error {
		*v = *new(T)
		return json.NewDecoder(body).Decode(v)
	}
}

// faultIfMissing makes a fault of GitHub's answer that there is no such thing,
// and leaves every other error as it is.
func faultIfMissing(op string, err error, what string) error {
	e, ok := errors.AsType[*Error](err)
	// The operation tells it from a token that could not be minted.
	if ok && e.Op == op && (e.Status == http.StatusNotFound || e.Status == http.StatusGone) {
		return &Fault{what}
	}
	return err
}
