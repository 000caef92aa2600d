package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// What a runner tells a job about where to get its token (GitHub Docs, "OpenID
// Connect reference", "Methods for requesting the OIDC token").
const (
	tokenURL    = "ACTIONS_ID_TOKEN_REQUEST_URL"
	tokenBearer = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
)

// longestName is how long the name of a report may be, in bytes.
const longestName = 200

// attempt is what came of one try to send a report.
type attempt struct {
	again bool          // worth another try
	after time.Duration // at the earliest then; 0 when nobody said
	err   error
}

// shipment is one thing that is sent.
type shipment struct {
	name string // as people are told of it
	to   string // path and query
	file string // whose text is sent; "" for none
}

// report is a coverage report as a shipment.
func (u uploader) report(file string) shipment {
	return shipment{file, coveragePath + "?" + url.Values{"name": {u.nameOf(file)}}.Encode(), file}
}

// send sends one thing, again and again while handrail cannot take it.
func (u uploader) send(ctx context.Context, server string, s shipment) error {
	ctx, cancel := context.WithTimeout(ctx, u.patience+u.client.Timeout)
	defer cancel()
	give := time.Now().Add(u.patience)
	for wait := time.Second; ; wait *= 2 {
		a := u.try(ctx, server, s)
		if a.err == nil {
			return nil
		}
		pause := max(a.after, wait+rand.N(wait))
		if !a.again || time.Now().Add(pause).After(give) {
			return a.err
		}
		fmt.Fprintf(u.out, "%s: %s; again in %s\n", oneLine(s.name), oneLine(a.err.Error()), pause.Round(time.Second))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (u uploader) try(ctx context.Context, server string, s shipment) attempt {
	// A token is good for one thing only, and for minutes.
	token, err := u.token(ctx, server)
	if err != nil {
		return attempt{again: true, err: err}
	}
	body := io.NopCloser(io.Reader(http.NoBody))
	if s.file != "" {
		file, err := os.Open(s.file)
		if err != nil {
			return attempt{err: fmt.Errorf("read report: %w", err)}
		}
		defer file.Close()
		body = compressed(&told{from: file, name: s.name, out: u.out, next: time.Now().Add(tellEvery)})
	}
	defer body.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server+s.to, body)
	if err != nil {
		return attempt{err: errors.New("the address of handrail is not one: " + server)}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if s.file != "" {
		req.Header.Set("Content-Encoding", "gzip")
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	resp, err := u.client.Do(req)
	if err != nil {
		return attempt{again: true, err: fmt.Errorf("handrail does not answer: %w", withoutURL(err))}
	}
	defer resp.Body.Close()
	return u.answered(s.name, resp)
}

// nameOf is what a report is called: its path, which tells it from others that
// their tools call the same, unless that leads elsewhere, behind what tells the
// job from others of the run.
func (u uploader) nameOf(file string) string {
	if clean := path.Join(u.as, filepath.ToSlash(filepath.Clean(file))); filepath.IsLocal(filepath.Clean(file)) && len(clean) <= longestName {
		return clean
	}
	return path.Join(u.as, filepath.Base(file))
}

// answered reads what handrail says.
func (u uploader) answered(name string, resp *http.Response) attempt {
	var said struct {
		Error, Commit string
		Entry         int64
		Found         map[string]int
		Stored        any
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	known := json.Unmarshal(text, &said) == nil
	switch {
	case resp.StatusCode/100 == 2 && known:
		also := ""
		if said.Entry > 0 {
			also += ", log entry " + strconv.FormatInt(said.Entry, 10)
		}
		if said.Found != nil {
			also += ": " + severities(said.Found)
		}
		if said.Stored == "already" {
			also += ", as it was already"
		}
		fmt.Fprintf(u.out, "%s: taken for commit %.7s%s\n", oneLine(name), said.Commit, also)
		return attempt{}
	case resp.StatusCode/100 == 3:
		// The token is for one address, and goes to no other.
		to, err := resp.Location()
		if err != nil {
			to = resp.Request.URL
		}
		return attempt{err: fmt.Errorf("%s sends on to %s://%s: give the address of handrail itself by --server", resp.Request.URL.Host, to.Scheme, to.Host)}
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return attempt{again: true, after: time.Duration(after) * time.Second, err: errors.New(strings.TrimSpace("handrail answers " + resp.Status + " " + said.Error))}
	case !known || said.Error == "":
		return attempt{err: fmt.Errorf("%s is no handrail: it answers %s", resp.Request.URL.Host, resp.Status)}
	}
	fmt.Fprintf(u.out, "%s: refused: %s\n", oneLine(name), oneLine(said.Error))
	return attempt{err: errNo}
}

// token asks the runner for a token that is meant for handrail and nobody else.
func (u uploader) token(ctx context.Context, audience string) (string, error) {
	at := u.env(tokenURL)
	sep := "?"
	if strings.Contains(at, "?") {
		sep = "&"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at+sep+"audience="+url.QueryEscape(audience), nil)
	if err != nil {
		return "", errors.New(tokenURL + " is not an address")
	}
	req.Header.Set("Authorization", "Bearer "+u.env(tokenBearer))
	resp, err := u.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask GitHub for a token: %w", withoutURL(err))
	}
	defer resp.Body.Close()
	var got struct{ Value string }
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask GitHub for a token: it answers %s", resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&got); err != nil || got.Value == "" {
		return "", errors.New("ask GitHub for a token: the answer holds none")
	}
	return got.Value, nil
}

// withoutURL leaves out the address of a request that failed: a job's log is
// public, and the address of a token is not for it.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// compressed is what r reads, as gzip.
func compressed(r io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		z := gzip.NewWriter(in)
		_, err := io.Copy(z, r)
		in.CloseWithError(errors.Join(err, z.Close()))
	}()
	return out
}

// tellEvery is how often a long upload says how far it is.
const tellEvery = 3 * time.Second

// told says how much of it was read.
type told struct {
	from *os.File
	name string
	out  io.Writer
	read int64
	next time.Time
}

// Read reads on, and says how far it is when that is due.
func (t *told) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	t.read += int64(n)
	if time.Now().After(t.next) {
		t.next = time.Now().Add(tellEvery)
		fmt.Fprintf(t.out, "%s: %s sent\n", oneLine(t.name), megabytes(t.read))
	}
	return n, err
}
