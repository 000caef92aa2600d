package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/internal/web"
)

// answerLimit is the longest answer that is read, in bytes; a list of changes of a
// release of 5,000 commits has about a megabyte.
const answerLimit = 32 << 20

// client asks a handrail as a person.
type client struct {
	base  string
	token string
	http  *http.Client
}

func (w *whereabouts) client() (*client, error) {
	base, err := w.address()
	if err != nil {
		return nil, err
	}
	token, err := w.token()
	if err != nil {
		return nil, err
	}
	return newClient(base, token), nil
}

func newClient(base, token string) *client {
	return &client{base: base, token: token, http: &http.Client{
		Timeout: time.Minute,
		// The token is for one address, and goes to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// releasePath is the address of a release or a part of it.
func releasePath(owner, repo, tag string, part ...string) string {
	pieces := []string{url.PathEscape(owner), url.PathEscape(repo), url.PathEscape(tag)}
	return web.Path + "/" + strings.Join(append(pieces, part...), "/")
}

// no is what handrail answers when it does not do what was asked.
type no struct {
	status    int
	Word      string        `json:"error"`
	Message   string        `json:"message"`
	Hint      string        `json:"hint"`
	Missing   []web.Missing `json:"missing"`
	Candidate string        `json:"candidate"`
}

// Error is a line for what is wrong, one for what to do.
func (n *no) Error() string {
	if n.Hint == "" {
		return oneLine(n.Message)
	}
	return oneLine(n.Message) + "\n" + oneLine(n.Hint)
}

// ask sends a request and reads the answer into out. The error is a *no where handrail
// answers one.
func (c *client) ask(ctx context.Context, method, path string, in, out any) error {
	raw, err := c.raw(ctx, method, path, in)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s is no handrail of this version: %w", c.base, err)
	}
	return nil
}

func (c *client) raw(ctx context.Context, method, path string, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, errors.New("the address of handrail is not one: " + c.base)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("handrail does not answer: %w", withoutURL(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return nil, fmt.Errorf("read the answer of handrail: %w", withoutURL(err))
	}
	return text, c.refused(resp, text)
}

// refused is what an answer says that is no yes.
func (c *client) refused(resp *http.Response, text []byte) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	if resp.StatusCode/100 == 3 {
		to, err := resp.Location()
		if err != nil {
			to = resp.Request.URL
		}
		return fmt.Errorf("%s sends on to %s://%s: give the address of handrail itself by --server", resp.Request.URL.Host, to.Scheme, to.Host)
	}
	said := &no{status: resp.StatusCode}
	if json.Unmarshal(text, said) != nil || said.Message == "" {
		return fmt.Errorf("%s is no handrail: it answers %s", resp.Request.URL.Host, resp.Status)
	}
	return said
}
