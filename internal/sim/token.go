package sim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// token is an installation token; it lives an hour of real time.
type token struct {
	install     *Installation
	expires     time.Time
	repos       map[*Repo]bool
	permissions map[string]string
}

func (t *token) sees(r *Repo) bool {
	return r != nil && t.install.has(r) && (t.repos == nil || t.repos[r])
}

// may says whether the token has a permission, now.
func (t *token) may(name, level string) bool {
	have := t.install.app.permissions[name]
	if t.permissions != nil && rank(t.permissions[name]) < rank(have) {
		have = t.permissions[name]
	}
	return name == "metadata" || rank(have) >= rank(level)
}

func (gh *GitHub) mint(in *Installation) (string, *token) {
	var raw [18]byte
	_, _ = rand.Read(raw[:])
	s := fmt.Sprintf("ghs_%d_%s", in.app.ID, hex.EncodeToString(raw[:]))
	t := &token{install: in, expires: time.Now().Add(time.Hour)}
	gh.tokens[s] = t
	return s, t
}

// RevokeTokens makes every installation token invalid at once.
func (gh *GitHub) RevokeTokens() {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	clear(gh.tokens)
}

// verifyJWT is the App that a JSON web token proves; the errors are GitHub's.
func (gh *GitHub) verifyJWT(jwt string) (*App, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil, githubSays("A JSON web token could not be decoded")
	}
	var head struct{ Alg string }
	var claims struct {
		Iss      any
		Iat, Exp float64
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decodePart(parts[0], &head) != nil || decodePart(parts[1], &claims) != nil || head.Alg != "RS256" {
		return nil, githubSays("A JSON web token could not be decoded")
	}
	app := gh.app
	if issuer(claims.Iss) != app.ID {
		return nil, githubSays("Integration not found")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&app.key().PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return nil, githubSays("A JSON web token could not be decoded")
	}
	now := float64(time.Now().Unix())
	switch {
	case claims.Exp == 0 || claims.Exp <= now:
		return nil, githubSays("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case claims.Exp > now+601:
		return nil, githubSays("'Expiration time' claim ('exp') is too far in the future")
	case claims.Iat == 0 || claims.Iat > now+1:
		return nil, githubSays("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return app, nil
}

func issuer(iss any) int64 {
	switch v := iss.(type) {
	case float64:
		return int64(v)
	case string:
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	}
	return 0
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
