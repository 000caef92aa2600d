package hub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// wire is the lowest layer: it bounds what is read and notes what came back,
// for a request of ours as well as for the minting of its token.
type wire struct {
	next  http.RoundTripper
	limit int64
}

// receipt is what the wire noted about the last answer of a call.
type receipt struct {
	status int
	header http.Header
	body   []byte // of an answer that is not 2xx
	mint   bool   // it was the token that was asked for
	minted func(status int, took time.Duration)
}

type receiptKey struct{}

// failureLimit is how much of an answer that is not 2xx is read: enough for
// GitHub's sentence, whatever a proxy sends instead.
const failureLimit = 16 << 10

var errTooLarge = errors.New("the answer is larger than allowed")

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	r, _ := req.Context().Value(receiptKey{}).(*receipt)
	mint := strings.HasSuffix(req.URL.Path, "/access_tokens")
	start := time.Now()
	resp, err := w.next.RoundTrip(req)
	if r != nil && mint && r.minted != nil {
		status := 0
		if err == nil {
			status = resp.StatusCode
		}
		r.minted(status, time.Since(start))
	}
	if err != nil {
		return nil, err
	}
	if r != nil {
		r.status, r.header, r.mint, r.body = resp.StatusCode, resp.Header, mint, nil
	}
	if resp.StatusCode/100 == 2 {
		resp.Body = &bounded{ReadCloser: resp.Body, left: w.limit}
		return resp, nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, failureLimit))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if r != nil {
		r.body = body
	}
	return resp, nil
}

// bounded fails when more is read than allowed; io.LimitReader would pretend
// that the answer ended there.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

// stayHome refuses a redirect to another host: the transport would send the
// token there.
func stayHome(req *http.Request, via []*http.Request) error {
	if req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
		return errors.New("redirected to another host")
	}
	if len(via) >= 5 {
		return errors.New("redirected too often")
	}
	return nil
}

func withReceipt(ctx context.Context, r *receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, r)
}
