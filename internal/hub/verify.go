package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opOIDC = "oidc"
	// tokenLimit is the longest token that is looked at, in bytes; GitHub's are
	// about 2 KiB.
	tokenLimit = 16 << 10
	// leeway is how far GitHub's clock and ours may differ.
	leeway = time.Minute
)

// runClaims are the claims of a token of GitHub Actions (docs, "OpenID Connect
// reference"). sub is not among them: its form is the repository's to choose.
type runClaims struct {
	Issuer    string           `json:"iss"`
	Audience  audience         `json:"aud"`
	ID        string           `json:"jti"`
	Expires   *jwt.NumericDate `json:"exp"`
	NotBefore *jwt.NumericDate `json:"nbf"`
	Issued    *jwt.NumericDate `json:"iat"`

	RepoID  string `json:"repository_id"`
	OwnerID string `json:"repository_owner_id"`
	Run     string `json:"run_id"`
	Attempt string `json:"run_attempt"`
	SHA     string `json:"sha"`
	Event   string `json:"event_name"`
}

// Valid implements jwt.Claims; what it says is judged by Verify.
func (*runClaims) Valid() error { return nil }

// audience is a text or a list of texts (RFC 7519, section 4.1.3).
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// Verify reads a token that a workflow run of GitHub Actions shows to prove
// which run it is. One that proves nothing is a [Refusal]; any other error is
// that it could not be found out now. It does not know which tokens were used
// before: that is the caller's to keep, by [checks.RunToken.ID].
func (h *Hub) Verify(ctx context.Context, token string) (checks.RunToken, error) {
	var out checks.RunToken
	if h.cfg.PublicURL == "" {
		return out, &Refusal{"handrail was not told its own address, without which it cannot know for whom a token is made; whoever runs it must set HANDRAIL_PUBLIC_URL"}
	}
	claims, err := h.authentic(ctx, token)
	if err != nil {
		return out, err
	}
	home := strings.TrimRight(h.cfg.PublicURL, "/")
	if len(claims.Audience) != 1 || strings.TrimRight(claims.Audience[0], "/") != home {
		return out, &Refusal{"the token is not made for " + home + ", which must be its audience"}
	}
	if what := claims.untimely(time.Now()); what != "" {
		return out, &Refusal{what}
	}
	return claims.token()
}

// authentic are the claims of a token that the issuer signed.
func (h *Hub) authentic(ctx context.Context, token string) (*runClaims, error) {
	malformed := &Refusal{"the token is not a JSON Web Token of GitHub Actions"}
	if len(token) > tokenLimit {
		return nil, malformed
	}
	var claims runClaims
	parsed, parts, err := jwt.NewParser().ParseUnverified(token, &claims)
	if err != nil {
		return nil, malformed
	}
	// Only what GitHub uses: a choice of algorithms is how such checks are broken
	// (RFC 8725, section 3.1). "crit" names extensions that must be understood.
	id, _ := parsed.Header["kid"].(string)
	if _, critical := parsed.Header["crit"]; critical || parsed.Method != jwt.SigningMethodRS256 || id == "" {
		return nil, &Refusal{"the token is not signed as GitHub Actions signs, with RS256"}
	}
	if claims.Issuer != h.cfg.Issuer {
		return nil, &Refusal{"the token is not issued by " + h.cfg.Issuer}
	}
	key, err := h.keys.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, &Refusal{"the token is signed with a key that " + h.cfg.Issuer + " does not list"}
	}
	if parsed.Method.Verify(parts[0]+"."+parts[1], parts[2], key) != nil {
		return nil, &Refusal{"the token's signature is wrong"}
	}
	return &claims, nil
}

// untimely is why a token does not hold at a time; "" if it does.
func (c *runClaims) untimely(now time.Time) string {
	switch {
	case c.Expires == nil || c.Issued == nil:
		return "the token does not say when it was issued and when it expires"
	case !now.Before(c.Expires.Add(leeway)):
		return "the token has expired"
	case c.NotBefore != nil && now.Add(leeway).Before(c.NotBefore.Time), now.Add(leeway).Before(c.Issued.Time):
		return "the token is not valid yet"
	}
	return ""
}

// token is what the claims vouch for; they must name the run.
func (c *runClaims) token() (out checks.RunToken, err error) {
	if c.ID == "" {
		return out, &Refusal{"the token has no id (jti), so that it could be used twice"}
	}
	out = checks.RunToken{ID: c.ID, Expires: c.Expires.UTC(), SHA: c.SHA, Event: c.Event}
	var attempt int64
	for _, n := range []struct {
		name, text string
		into       *int64
	}{
		{"repository_id", c.RepoID, &out.RepoID}, {"repository_owner_id", c.OwnerID, &out.OwnerID},
		{"run_id", c.Run, &out.Run}, {"run_attempt", c.Attempt, &attempt},
	} {
		v, err := strconv.ParseInt(n.text, 10, 64)
		if err != nil || v <= 0 || strconv.FormatInt(v, 10) != n.text {
			return checks.RunToken{}, &Refusal{fmt.Sprintf("the token does not say its %s, as those of GitHub Actions do", n.name)}
		}
		*n.into = v
	}
	out.Attempt = int(attempt)
	return out, nil
}

// issued reads something small and public of the issuer's, without any token.
func (h *Hub) issued(ctx context.Context, where string, into any) error {
	start := time.Now()
	call := Call{Operation: Operation{Plain, opOIDC}}
	err := h.readPublic(ctx, where, into, &call.Status)
	call.Failed, call.Duration = err != nil, time.Since(start)
	h.tell(ctx, call)
	return err
}

// publicLimit is the largest public answer of the issuer's that is read, in bytes.
const publicLimit = 256 << 10

func (h *Hub) readPublic(ctx context.Context, where string, into any, status *int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return &Error{Op: opOIDC, What: "make request"}
	}
	req.Header.Set("User-Agent", userAgent)
	client := http.Client{Transport: h.cfg.Transport, CheckRedirect: stayHome}
	resp, err := client.Do(req)
	if err != nil {
		e := &Error{Op: opOIDC}
		e.What, e.cause = transportFailure(ctx, err)
		return e
	}
	defer func() { _ = resp.Body.Close() }()
	*status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		return &Error{Op: opOIDC, Status: resp.StatusCode, What: "the issuer of tokens did not answer", retryAt: asked(resp.Header)}
	}
	if err := json.NewDecoder(&bounded{ReadCloser: resp.Body, left: publicLimit}).Decode(into); err != nil {
		e := &Error{Op: opOIDC, Status: resp.StatusCode}
		e.What, e.cause = transportFailure(ctx, err)
		return e
	}
	return nil
}
