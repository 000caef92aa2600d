package sim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The OpenID Connect issuer of GitHub Actions, where Enterprise Server has it:
// under /_services/token.
const issuerPath, tokenPath = "/_services/token", "/_services/pipelines/"

// tokenLife is how long a token can be used, in real time.
const tokenLife = 5 * time.Minute

// claimNames are what a token says, for the issuer's configuration.
var claimNames = strings.Fields(`sub aud exp iat iss jti nbf repository repository_id repository_owner repository_owner_id
	repository_visibility run_id run_number run_attempt event_name workflow workflow_ref workflow_sha job_workflow_ref
	job_workflow_sha sha ref ref_type ref_protected head_ref base_ref actor actor_id runner_environment`)

// processIssuerKey signs the tokens of all stand-ins that share the App's key.
var processIssuerKey = sync.OnceValue(newKey)

// Issuer is who makes the tokens of workflow runs: an address, under which are
// /.well-known/openid-configuration and /.well-known/jwks.
func (gh *GitHub) Issuer() string {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.issuer()
}

func (gh *GitHub) issuer() string { return gh.base + issuerPath }

// RotateIssuerKey signs tokens with another key from now on; the former is not
// published any more.
func (gh *GitHub) RotateIssuerKey() {
	key := newKey()
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.issuerKey = func() *rsa.PrivateKey { return key }
}

// isIdentity says whether a path is the issuer's or one where tokens are had.
func isIdentity(path string) bool {
	return strings.HasPrefix(path, issuerPath+"/") || strings.HasPrefix(path, tokenPath)
}

func (gh *GitHub) serveIdentity(w http.ResponseWriter, r *http.Request) {
	route := "GET issuer"
	if strings.HasPrefix(r.URL.Path, tokenPath) {
		route = "GET idtoken"
	}
	gh.serveBeside(w, r, route, gh.identify)
}

// identify is called under the lock.
func (gh *GitHub) identify(r *http.Request) answer {
	switch path := strings.TrimPrefix(r.URL.Path, issuerPath); {
	case r.Method != http.MethodGet:
		return inJSON(http.StatusMethodNotAllowed, m{"message": "Method Not Allowed"})
	case path == "/.well-known/openid-configuration":
		return inJSON(http.StatusOK, m{"issuer": gh.issuer(), "jwks_uri": gh.issuer() + "/.well-known/jwks",
			"subject_types_supported": []string{"public", "pairwise"}, "response_types_supported": []string{"id_token"},
			"claims_supported": claimNames, "scopes_supported": []string{"openid"},
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	case path == "/.well-known/jwks":
		key := gh.issuerKey().PublicKey
		return inJSON(http.StatusOK, m{"keys": []m{{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": keyID(key),
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	case strings.HasPrefix(r.URL.Path, tokenPath):
		return gh.giveToken(r)
	}
	return inJSON(http.StatusNotFound, m{"message": "Not Found"})
}

func inJSON(status int, body m) answer {
	raw, err := json.Marshal(body)
	if err != nil {
		raw = []byte(`{}`) // maps of strings and numbers always marshal
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body: raw}
}

// giveToken answers a job that asks for its token, while it runs.
func (gh *GitHub) giveToken(r *http.Request) answer {
	id, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, tokenPath), "/idtoken"), 10, 64)
	w, _ := gh.nodes[nodeID("WFR", id)].(*WorkflowRun)
	if err != nil || w == nil || w.status != "in_progress" || r.Header.Get("Authorization") != "Bearer "+w.bearer {
		return inJSON(http.StatusUnauthorized, m{"message": "Unauthorized"})
	}
	token := w.token(r.URL.Query().Get("audience"), nil)
	return inJSON(http.StatusOK, m{"count": len(token), "value": token})
}

// TokenRequest is what a job of the attempt finds in
// ACTIONS_ID_TOKEN_REQUEST_URL, which takes "&audience=…" behind it, and in
// ACTIONS_ID_TOKEN_REQUEST_TOKEN. It is answered while the attempt is in
// progress. Both are "" for a pull request from a fork, whose runs may not have
// `id-token: write`.
func (w *WorkflowRun) TokenRequest() (url, bearer string) {
	w.do(func() {
		if w.pull != nil && w.headRepo != w.repo && w.event != "pull_request_target" {
			return
		}
		url, bearer = w.repo.gh.base+tokenPath+itoa(int(w.id))+"/idtoken?api-version=2.0", w.bearer
	})
	return url, bearer
}

// Token is an OpenID Connect token as GitHub Actions makes it for the attempt,
// whatever its state; an empty audience is the owner's page.
func (w *WorkflowRun) Token(audience string) (token string) { return w.TokenWith(audience, nil) }

// TokenWith is a token with other claims, which the issuer would never sign so;
// nil takes a claim away.
func (w *WorkflowRun) TokenWith(audience string, change map[string]any) (token string) {
	w.do(func() { token = w.token(audience, change) })
	return token
}

func (w *WorkflowRun) token(audience string, change map[string]any) string {
	claims := w.claims(audience)
	for k, v := range change {
		if claims[k] = v; v == nil {
			delete(claims, k)
		}
	}
	key := w.repo.gh.issuerKey()
	return signJWT(key, m{"typ": "JWT", "alg": "RS256", "kid": keyID(key.PublicKey), "x5t": keyID(key.PublicKey)}, claims)
}

// claims are those of a token (docs, "OpenID Connect reference"): every id is a
// text.
func (w *WorkflowRun) claims(audience string) m {
	r, now := w.repo, time.Now()
	out := w.identity()
	if audience == "" {
		audience = r.gh.base + "/" + r.owner.Login
	}
	sub := "ref:" + w.ref
	if w.event == "pull_request" {
		sub = "pull_request"
	}
	maps.Copy(out, m{"iss": r.gh.issuer(), "aud": audience, "sub": "repo:" + r.fullName() + ":" + sub, "jti": r.gh.guid(),
		"iat": now.Unix(), "nbf": now.Add(-5 * time.Minute).Unix(), "exp": now.Add(tokenLife).Unix()})
	return out
}

// identity is what a token says of the run.
func (w *WorkflowRun) identity() m {
	r := w.repo
	file := r.fullName() + "/" + w.workflow.path + "@" + w.ref
	out := m{"repository": r.fullName(), "repository_id": text64(r.ID), "repository_owner": r.owner.Login,
		"repository_owner_id": text64(r.owner.ID), "repository_visibility": bool2(r.private, "private", "public"),
		"run_id": text64(w.id), "run_number": itoa(w.number), "run_attempt": itoa(w.attempt), "event_name": w.event,
		"workflow": w.workflow.name, "workflow_ref": file, "workflow_sha": w.tested, "job_workflow_ref": file, "job_workflow_sha": w.tested,
		"sha": w.tested, "ref": w.ref, "ref_type": bool2(strings.HasPrefix(w.ref, tagsPrefix), "tag", "branch"), "ref_protected": "false", "head_ref": "", "base_ref": "",
		"actor": w.actor.Login, "actor_id": text64(w.actor.ID), "runner_environment": "github-hosted"}
	if w.onto != "" {
		out["head_ref"], out["base_ref"] = w.branch, w.onto
	}
	return out
}

func text64(n int64) string { return strconv.FormatInt(n, 10) }

func keyID(key rsa.PublicKey) string {
	sum := sha256.Sum256(key.N.Bytes())
	return strings.ToUpper(hex.EncodeToString(sum[:16]))
}

// signJWT is a JSON web token, signed RS256.
func signJWT(key *rsa.PrivateKey, head, claims m) string {
	part := func(v m) string {
		raw, err := json.Marshal(v)
		if err != nil {
			raw = []byte(`{}`) // a claim that cannot be written makes a token that says nothing
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := part(head) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return text + "." // crypto/rsa signs with every key it made
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}
