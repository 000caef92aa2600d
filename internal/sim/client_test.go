package sim_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// client is an App as small as it can be.
type client struct {
	t     *testing.T
	gh    *sim.GitHub
	url   string
	token string
}

// answer is a decoded HTTP answer.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	list   []any
}

func start(t *testing.T, o sim.Options) *client {
	t.Helper()
	gh := sim.New(o)
	url, stop, err := gh.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &client{t: t, gh: gh, url: url}
}

// jwt signs claims with the App's key.
func jwt(t *testing.T, gh *sim.GitHub, claims map[string]any) string {
	t.Helper()
	block, _ := pem.Decode(gh.App().PrivateKey())
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(sig)
}

func goodClaims(gh *sim.GitHub) map[string]any {
	now := time.Now().Unix()
	return map[string]any{"iss": fmt.Sprint(gh.App().ID), "iat": now - 30, "exp": now + 300}
}

// login mints an installation token.
func (c *client) login(in *sim.Installation) *client {
	c.t.Helper()
	c.token = jwt(c.t, c.gh, goodClaims(c.gh))
	a := c.must(201, "POST", fmt.Sprintf("/app/installations/%d/access_tokens", in.ID), nil)
	c.token, _ = a.body["token"].(string)
	return c
}

func (c *client) do(method, path string, body any) (answer, error) {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		in = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+"/api/v3"+path, in)
	if path == "/graphql" {
		req, err = http.NewRequestWithContext(ctx, method, c.url+"/api/graphql", in)
	}
	if err != nil {
		return answer{}, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // no redirect is followed
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, header: res.Header}
	var v any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &v); err != nil {
			return a, fmt.Errorf("answer %q: %w", raw, err)
		}
	}
	a.body, _ = v.(map[string]any)
	a.list, _ = v.([]any)
	return a, nil
}

// must is do, and fails the test unless the status is as said.
func (c *client) must(status int, method, path string, body any) answer {
	c.t.Helper()
	a, err := c.do(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		c.t.Fatalf("%s %s: status %d, want %d: %v", method, path, a.status, status, a.body)
	}
	return a
}

// query sends GraphQL; it fails the test when there are errors.
func (c *client) query(text string, vars map[string]any) map[string]any {
	c.t.Helper()
	a := c.must(200, "POST", "/graphql", map[string]any{"query": text, "variables": vars})
	if a.body["errors"] != nil {
		c.t.Fatalf("GraphQL errors: %v", a.body["errors"])
	}
	return object(a.body["data"])
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// dig follows keys and indexes into decoded JSON; nil when a step is missing.
func dig(v any, steps ...any) any {
	for _, s := range steps {
		switch s := s.(type) {
		case string:
			v = object(v)[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

func readAll(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body)
	return body
}
