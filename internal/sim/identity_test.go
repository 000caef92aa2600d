package sim_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// read fetches JSON that needs no token.
func read(t *testing.T, url string, header ...string) (status int, body map[string]any) {
	t.Helper()
	x, err := fetch(t, url, header...)
	if err == nil {
		err = json.Unmarshal(x.body, &body)
	}
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return x.status, body
}

// trust verifies a token by what the issuer publishes, and reads its claims.
func trust(t *testing.T, gh *sim.GitHub, token string) (claims map[string]any, err error) {
	t.Helper()
	_, about := read(t, gh.Issuer()+"/.well-known/openid-configuration")
	if about["issuer"] != gh.Issuer() {
		t.Errorf("issuer says it is %v", about["issuer"])
	}
	_, set := read(t, fmt.Sprint(about["jwks_uri"]))
	part := strings.Split(token, ".")
	decode := func(s string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var head map[string]any
	if err := json.Unmarshal(decode(part[0]), &head); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(decode(part[1]), &claims); err != nil {
		t.Fatal(err)
	}
	key := dig(set, "keys", 0)
	if dig(key, "kid") != head["kid"] || head["alg"] != "RS256" {
		return claims, fmt.Errorf("key %v is not published", head["kid"])
	}
	number := func(name string) *big.Int { return new(big.Int).SetBytes(decode(fmt.Sprint(dig(key, name)))) }
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	return claims, rsa.VerifyPKCS1v15(&rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}, crypto.SHA256, sum[:], decode(part[2]))
}

func TestTokenSaysWhatIsNotSo(t *testing.T) {
	c, repo, pull := shop(t)
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Started: true, Name: "CI"})
	claims, err := trust(t, c.gh, w.Token("https://handrail.example"))
	if err != nil {
		t.Fatal(err)
	}
	run := told(c, w)
	id := func(v any) string { return fmt.Sprintf("%.0f", v) }
	for name, want := range map[string]any{
		"iss": c.gh.Issuer(), "aud": "https://handrail.example", "sub": "repo:acme/shop:pull_request", "repository": "acme/shop",
		"repository_id": id(dig(run, "repository", "id")), "repository_owner": "acme", "repository_owner_id": id(dig(run, "repository", "owner", "id")),
		"run_id": fmt.Sprint(w.ID()), "run_number": "1", "run_attempt": "1", "sha": pull.TestMerge(), "ref": "refs/pull/1/merge",
		"head_ref": "feature", "base_ref": "main", "event_name": "pull_request", "workflow": "CI", "actor": "alice",
		"actor_id":     id(dig(run, "actor", "id")),
		"workflow_ref": "acme/shop/.github/workflows/ci.yml@refs/pull/1/merge", "runner_environment": "github-hosted", "repository_visibility": "private",
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	iat, _ := claims["iat"].(float64)
	exp, _ := claims["exp"].(float64)
	if life := exp - iat; life < 300 || life > 600 || time.Since(time.Unix(int64(iat), 0)).Abs() > time.Minute {
		t.Errorf("made at %v for %v seconds", iat, life)
	}
	again, err := trust(t, c.gh, w.Token(""))
	if err != nil || again["jti"] == claims["jti"] || again["aud"] != c.url+"/acme" {
		t.Errorf("another token says %v, %v", again, err)
	}
	forged, err := trust(t, c.gh, w.TokenWith("x", map[string]any{"repository_id": "1", "jti": nil}))
	if _, there := forged["jti"]; err != nil || there || forged["repository_id"] != "1" || forged["run_id"] != fmt.Sprint(w.ID()) {
		t.Errorf("a forged token says %v, %v", forged, err)
	}
	push := workflow(t, repo, sim.NewWorkflowRun{})
	if claims, _ := trust(t, c.gh, push.Token("x")); claims["sub"] != "repo:acme/shop:ref:refs/heads/main" || claims["sha"] != repo.Branch("main") ||
		claims["head_ref"] != "" {
		t.Errorf("a push's token says %v", claims)
	}
}

func TestWithdrawnKeyIsPublished(t *testing.T) {
	c, repo, _ := shop(t)
	w := workflow(t, repo, sim.NewWorkflowRun{})
	old := w.Token("x")
	c.gh.RotateIssuerKey()
	if _, err := trust(t, c.gh, old); err == nil {
		t.Error("a token of the former key is trusted")
	}
	if _, err := trust(t, c.gh, w.Token("x")); err != nil {
		t.Error(err)
	}
}

func TestTokenIsGivenToWhoIsNoJob(t *testing.T) {
	c, repo, pull := shop(t)
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull})
	ask := func(url, bearer string) (int, map[string]any) {
		return read(t, url+"&audience=https%3A%2F%2Fh.example", "Authorization", bearer)
	}
	url, secret := w.TokenRequest()
	if status, _ := ask(url, "Bearer "+secret); status != 401 {
		t.Errorf("before it started: status %d", status)
	}
	w.Start()
	status, body := ask(url, "Bearer "+secret)
	if claims, err := trust(t, c.gh, fmt.Sprint(body["value"])); status != 200 || err != nil || claims["aud"] != "https://h.example" {
		t.Errorf("status %d, token says %v, %v", status, claims, err)
	}
	if body["count"] != float64(len(fmt.Sprint(body["value"]))) {
		t.Errorf("count is %v", body["count"])
	}
	for name, bearer := range map[string]string{"nobody": "", "the App": "Bearer " + c.token, "another": "Bearer x"} {
		if status, _ := ask(url, bearer); status != 401 {
			t.Errorf("%s: status %d", name, status)
		}
	}
	w.Finish("success")
	w.Rerun("bob")
	w.Start()
	if status, _ := ask(url, "Bearer "+secret); status != 401 {
		t.Errorf("with the secret of another attempt: status %d", status)
	}
	c.gh.Fail(sim.Fault{Times: 1, When: func(q sim.Request) bool { return q.Route == "GET issuer" }, Do: []sim.Failure{sim.Status(503)}})
	if x, err := fetch(t, c.gh.Issuer()+"/.well-known/jwks"); err != nil || x.status != 503 {
		t.Errorf("the issuer does not fail as planned: %d, %v", x.status, err)
	}
}
