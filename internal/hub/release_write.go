package hub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// write makes one write to REST, as JSON, and reads the answer into out unless that is
// nil or there is none. It is never tried again. GitHub's clock goes into the i-th
// outcome.
func (p *releasing) write(ctx context.Context, i int, method string, r resource, body, out any) error {
	return p.h.call(ctx, request{c: p.c, op: Operation{REST, r.op}, points: 5, do: func(ctx context.Context, ses *session) (int, error) {
		req, err := ses.rest.NewRequest(method, r.url(nil), body)
		if err != nil {
			return 0, &Error{What: "make request"}
		}
		resp, err := ses.rest.BareDo(ctx, req)
		if err != nil {
			return 0, err
		}
		defer func() { _ = resp.Body.Close() }()
		if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			p.outcomes[i].At = at.UTC()
		}
		if out == nil || resp.StatusCode == http.StatusNoContent {
			_, err = io.Copy(io.Discard, resp.Body)
			return 0, err
		}
		return 0, json.NewDecoder(resp.Body).Decode(out)
	}})
}

// explainWrite makes GitHub's answer that this App may not do something, or that it is
// not there, a sentence that says what the operator can do.
func explainWrite(err error, forbidden, missing string) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok || e.Limited || e.gone || e.retryAt != (time.Time{}):
	case e.Status == http.StatusForbidden:
		e.What = forbidden
	case e.Status == http.StatusNotFound:
		e.What = missing
	}
	return err
}
