package hub

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
)

const publicURL = "https://handrail.test/app"

// issuer is one like GitHub Actions'.
type issuer struct {
	*httptest.Server
	hub *Hub
	now time.Time // of the keys' clock

	mu    sync.Mutex
	heard int
	about m
	keys  []any
	fail  func(w http.ResponseWriter)
}

var signer = sync.OnceValue(func() *rsa.PrivateKey { return privateKey(testKey()) })

var stranger = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func privateKey(text []byte) *rsa.PrivateKey {
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key
}

func keyOf(id string, k *rsa.PrivateKey) m {
	return m{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": id, "x5c": []any{"x"},
		"n": base64.RawURLEncoding.EncodeToString(k.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.E)).Bytes())}
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{now: time.Now(), keys: []any{keyOf("k1", signer())}}
	i.Server = httptest.NewServer(i)
	t.Cleanup(i.Close)
	i.about = m{"issuer": i.URL + "/_services/token", "jwks_uri": i.URL + "/_services/token/.well-known/jwks"}
	i.hub = i.newHub(t)
	return i
}

func (i *issuer) newHub(t *testing.T) *Hub {
	t.Helper()
	h, err := New(Config{WebURL: i.URL, AppID: appID, PrivateKey: testKey(), PublicURL: publicURL})
	if err != nil {
		t.Fatal(err)
	}
	h.keys.now = func() time.Time { return i.now }
	return h
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.heard++
	if r.Header.Get("Authorization") != "" {
		w.WriteHeader(400)
		return
	}
	switch {
	case i.fail != nil:
		i.fail(w)
	case r.URL.Path == "/_services/token/.well-known/openid-configuration":
		answerJSON(w, i.about)
	case r.URL.Path == "/_services/token/.well-known/jwks":
		answerJSON(w, m{"keys": i.keys})
	default:
		w.WriteHeader(404)
	}
}

func (i *issuer) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.heard
}

func answerJSON(w http.ResponseWriter, v any) { (&forge{}).write(w, v) }

// claims are those of an ordinary token, with some changed; nil takes one away.
func (i *issuer) claims(changes ...any) jwt.MapClaims {
	now := time.Now().Unix()
	c := jwt.MapClaims{
		"iss": i.URL + "/_services/token", "aud": publicURL, "jti": "id-1", "sub": "repo:acme/shop:ref:refs/heads/main", "exp": now + 300, "nbf": now - 300, "iat": now,
		"repository_id": "99", "repository_owner_id": "5", "run_id": "70", "run_attempt": "2", "sha": headSHA, "event_name": "pull_request",
	}
	for n := 0; n < len(changes); n += 2 {
		c[changes[n].(string)] = changes[n+1]
		if changes[n+1] == nil {
			delete(c, changes[n].(string))
		}
	}
	return c
}

// token signs claims; header changes come in pairs.
func token(t testing.TB, method jwt.SigningMethod, key any, claims jwt.Claims, header ...any) string {
	t.Helper()
	tok := jwt.NewWithClaims(method, claims)
	tok.Header["kid"] = "k1"
	for n := 0; n < len(header); n += 2 {
		tok.Header[header[n].(string)] = header[n+1]
	}
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (i *issuer) good(t *testing.T, changes ...any) string {
	t.Helper()
	return token(t, jwt.SigningMethodRS256, signer(), i.claims(changes...))
}

func TestATokenVouchesForItsRun(t *testing.T) {
	i := newIssuer(t)
	exp := time.Now().Add(5 * time.Minute).Truncate(time.Second).UTC()
	want := checks.RunToken{ID: "id-1", Expires: exp, RepoID: 99, OwnerID: 5, Run: 70, Attempt: 2, SHA: headSHA, Event: "pull_request"}
	for name, changes := range map[string][]any{
		"ordinary":                 {},
		"any subject":              {"sub", "whatever: 'it' is"},
		"no subject":               {"sub", nil},
		"a list of one audience":   {"aud", []string{publicURL}},
		"our address with a slash": {"aud", publicURL + "/"},
		"no nbf":                   {"nbf", nil},
	} {
		got, err := i.hub.Verify(t.Context(), i.good(t, append(changes, "exp", exp.Unix())...))
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
	if i.asked() != 2 || i.hub.Counts()[Operation{Plain, "oidc"}] != 2 {
		t.Errorf("the issuer was asked %d times, %v", i.asked(), i.hub.Counts())
	}
}

func TestATokenThatProvesNothingIsRefused(t *testing.T) {
	i := newIssuer(t)
	now := time.Now().Unix()
	n := i.good(t)
	parts := strings.Split(n, ".")
	public := x509.MarshalPKCS1PublicKey(&signer().PublicKey)
	spki, _ := x509.MarshalPKIXPublicKey(&signer().PublicKey)
	for name, c := range map[string]struct{ token, want string }{
		"empty":                       {"", "not a JSON Web Token"},
		"garbage":                     {"a.b.c", "not a JSON Web Token"},
		"two parts":                   {parts[0] + "." + parts[1], "not a JSON Web Token"},
		"very long":                   {n + strings.Repeat("A", tokenLimit), "not a JSON Web Token"},
		"many dots":                   {strings.Repeat(".", 9000), "not a JSON Web Token"},
		"no signature":                {parts[0] + "." + parts[1] + ".", "signature is wrong"},
		"changed":                     {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+i.URL+`/_services/token","aud":"`+publicURL+`"}`)) + "." + parts[2], "signature is wrong"},
		"signed by somebody else":     {token(t, jwt.SigningMethodRS256, stranger(), i.claims()), "signature is wrong"},
		"alg none":                    {token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, i.claims()), "RS256"},
		"HS256 with the public key":   {token(t, jwt.SigningMethodHS256, public, i.claims()), "RS256"},
		"HS256 with the other form":   {token(t, jwt.SigningMethodHS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), i.claims()), "RS256"},
		"RS512":                       {token(t, jwt.SigningMethodRS512, signer(), i.claims()), "RS256"},
		"PS256":                       {token(t, jwt.SigningMethodPS256, signer(), i.claims()), "RS256"},
		"no key id":                   {token(t, jwt.SigningMethodRS256, signer(), i.claims(), "kid", ""), "RS256"},
		"a key id that is no text":    {token(t, jwt.SigningMethodRS256, signer(), i.claims(), "kid", 1), "RS256"},
		"must-understand extension":   {token(t, jwt.SigningMethodRS256, signer(), i.claims(), "crit", []string{"b64"}), "RS256"},
		"an unknown key":              {token(t, jwt.SigningMethodRS256, signer(), i.claims(), "kid", "k2"), "does not list"},
		"a key of its own":            {token(t, jwt.SigningMethodRS256, stranger(), i.claims(), "kid", "k2", "jwk", keyOf("k2", stranger())), "does not list"},
		"another issuer":              {i.good(t, "iss", i.URL), "not issued by"},
		"an issuer below":             {i.good(t, "iss", i.URL+"/_services/token/acme"), "not issued by"},
		"no issuer":                   {i.good(t, "iss", nil), "not issued by"},
		"another audience":            {i.good(t, "aud", "https://handrail.test"), "not made for " + publicURL},
		"no audience":                 {i.good(t, "aud", nil), "not made for"},
		"several audiences":           {i.good(t, "aud", []string{publicURL, "sts.amazonaws.com"}), "not made for"},
		"no expiry":                   {i.good(t, "exp", nil), "when it expires"},
		"no time of issue":            {i.good(t, "iat", nil), "when it was issued"},
		"expired":                     {i.good(t, "exp", now-62), "expired"},
		"not valid yet":               {i.good(t, "nbf", now+70), "not valid yet"},
		"issued in the future":        {i.good(t, "iat", now+70), "not valid yet"},
		"no id":                       {i.good(t, "jti", nil), "jti"},
		"an empty id":                 {i.good(t, "jti", ""), "jti"},
		"no repository":               {i.good(t, "repository_id", nil), "repository_id"},
		"no owner":                    {i.good(t, "repository_owner_id", nil), "repository_owner_id"},
		"no run":                      {i.good(t, "run_id", nil), "run_id"},
		"no attempt":                  {i.good(t, "run_attempt", nil), "run_attempt"},
		"a number that is no text":    {i.good(t, "run_id", 70), "not a JSON Web Token"},
		"a name for a number":         {i.good(t, "run_id", "seventy"), "run_id"},
		"a number written otherwise":  {i.good(t, "run_id", "+70"), "run_id"},
		"zero":                        {i.good(t, "repository_id", "0"), "repository_id"},
		"negative":                    {i.good(t, "repository_id", "-99"), "repository_id"},
		"a number beyond all numbers": {i.good(t, "repository_id", "99999999999999999999"), "repository_id"},
	} {
		got, err := i.hub.Verify(t.Context(), c.token)
		var refusal interface{ Refused() string }
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Refused(), c.want) || got != (checks.RunToken{}) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
			continue
		}
		if len(c.token) > 40 && strings.Contains(err.Error(), c.token[len(c.token)-20:]) {
			t.Errorf("%s: the token came out: %v", name, err)
		}
	}
	i.hub.cfg.PublicURL = ""
	if _, err := i.hub.Verify(t.Context(), i.good(t, "aud", "")); err == nil {
		t.Error("a token for nobody is taken")
	}
}

func TestClocksMayDifferByAMinute(t *testing.T) {
	i := newIssuer(t)
	now := time.Now().Unix()
	if _, err := i.hub.Verify(t.Context(), i.good(t, "exp", now-50, "nbf", now+50, "iat", now+50)); err != nil {
		t.Error(err)
	}
}

func TestAnIssuerThatCannotBeAskedIsNoRefusal(t *testing.T) {
	for name, spoil := range map[string]func(i *issuer){
		"500":        func(i *issuer) { i.fail = func(w http.ResponseWriter) { w.WriteHeader(500) } },
		"404":        func(i *issuer) { i.fail = func(w http.ResponseWriter) { w.WriteHeader(404) } },
		"cut":        func(i *issuer) { i.fail = func(http.ResponseWriter) { panic(http.ErrAbortHandler) } },
		"cut within": func(i *issuer) { i.fail = func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"issuer":`)) } },
		"not JSON":   func(i *issuer) { i.fail = func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) } },
		"endless": func(i *issuer) {
			i.fail = func(w http.ResponseWriter) { _, _ = w.Write(bytes.Repeat([]byte(" "), publicLimit+1)) }
		},
		"another issuer's document": func(i *issuer) { i.about["issuer"] = "https://other.test" },
		"keys of another host":      func(i *issuer) { i.about["jwks_uri"] = "https://other.test/jwks" },
		"keys by another scheme":    func(i *issuer) { i.about["jwks_uri"] = strings.Replace(i.URL, "http:", "ftp:", 1) },
		"no keys":                   func(i *issuer) { i.keys = nil },
		"no key that can be used": func(i *issuer) {
			weak, _ := rsa.GenerateKey(rand.Reader, 1024)
			other, even := keyOf("k1", signer()), keyOf("k1", signer())
			other["use"], even["e"] = "enc", "Ag"
			i.keys = []any{m{"kty": "oct", "kid": "k1", "k": "AAAA"}, m{"kty": "EC", "kid": "k1", "crv": "P-256"}, keyOf("k1", weak), keyOf("", signer()), other, even,
				m{"kty": "RSA", "kid": "k1", "n": "%%", "e": "AQAB"}, m{"kty": "RSA", "kid": "k1"}}
		},
		"redirected to another host": func(i *issuer) {
			i.fail = func(w http.ResponseWriter) {
				w.Header().Set("Location", "https://other.test/?secret=1")
				w.WriteHeader(302)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			spoil(i)
			var logged bytes.Buffer
			tok := i.good(t)
			_, err := i.hub.Verify(zerolog.New(&logged).WithContext(t.Context()), tok)
			if e, ok := errors.AsType[*Error](err); !ok || e.Gone() || e.Op != "oidc" || strings.Contains(err.Error()+logged.String(), "secret=1") {
				t.Errorf("%#v", err)
			}
		})
	}
}

// Anybody can make handrail look for a key; nobody may make it look all the time.
func TestAnUnknownKeyIsLookedForOnceAMinute(t *testing.T) {
	i := newIssuer(t)
	verify := func(kid string) error {
		_, err := i.hub.Verify(t.Context(), token(t, jwt.SigningMethodRS256, signer(), i.claims(), "kid", kid))
		return err
	}
	asked := func(want int) {
		t.Helper()
		if i.asked() != want {
			t.Errorf("asked %d times, want %d", i.asked(), want)
		}
	}
	if err := verify("k1"); err != nil {
		t.Fatal(err)
	}
	for n := range 50 {
		if err := verify(fmt.Sprint("bogus", n)); err == nil {
			t.Error("taken")
		}
	}
	asked(2)
	i.keys = append(i.keys, keyOf("k2", signer()))
	i.now = i.now.Add(59 * time.Second)
	if err := verify("k2"); err == nil {
		t.Error("looked again within a minute")
	}
	i.now = i.now.Add(time.Second)
	if err := verify("k2"); err != nil {
		t.Error(err)
	}
	asked(4)
	i.keys = []any{keyOf("k2", signer())} // withdrawn
	i.now = i.now.Add(keysLife)
	if err := verify("k1"); err == nil {
		t.Error("a key that was withdrawn is believed for more than an hour")
	}
	asked(6)
}

func TestAnIssuerThatIsDownIsAskedAgainSoonButNotAtOnce(t *testing.T) {
	i := newIssuer(t)
	i.fail = func(w http.ResponseWriter) { w.WriteHeader(503) }
	for range 5 {
		if _, err := i.hub.Verify(t.Context(), i.good(t)); err == nil {
			t.Fatal("taken")
		}
	}
	if i.asked() != 1 {
		t.Errorf("asked %d times", i.asked())
	}
	i.fail = nil
	i.now = i.now.Add(keysRetry)
	if _, err := i.hub.Verify(t.Context(), i.good(t)); err != nil {
		t.Error(err)
	}
	i.fail = func(w http.ResponseWriter) { w.WriteHeader(503) }
	if _, err := i.hub.Verify(t.Context(), i.good(t)); err != nil {
		t.Errorf("known keys are forgotten while the issuer is down: %v", err)
	}
}

func TestManyTokensAtOnceMakeOneLookAtTheIssuer(t *testing.T) {
	i := newIssuer(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	tok := i.good(t)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			ctx := t.Context()
			if n%2 == 0 {
				ctx = gone // gave up waiting; the others must not suffer
			}
			if _, err := i.hub.Verify(ctx, tok); err != nil && n%2 == 1 {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if i.asked() != 2 {
		t.Errorf("asked %d times", i.asked())
	}
}

func TestTheIssuerFollowsFromTheOperatorsGitHub(t *testing.T) {
	for web, want := range map[string]string{
		"": "https://token.actions.githubusercontent.com", "https://github.com/": "https://token.actions.githubusercontent.com", "https://ghe.acme.test": "https://ghe.acme.test/_services/token",
	} {
		h, err := New(Config{WebURL: web, AppID: appID, PrivateKey: testKey()})
		if err != nil || h.cfg.Issuer != want {
			t.Errorf("%q: %v, %v", web, h.cfg.Issuer, err)
		}
	}
	if _, err := New(Config{Issuer: "token.actions", AppID: appID, PrivateKey: testKey()}); err == nil {
		t.Error("an issuer that is no address is taken")
	}
}

func FuzzOnlyATokenThatTheIssuerSignedIsTaken(f *testing.F) {
	good := token(f, jwt.SigningMethodRS256, signer(), jwt.MapClaims{"iss": "https://i.test", "aud": publicURL, "jti": "1"})
	for _, s := range []string{good, good + ".", "..", "e30.e30.", "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ." + "eyJpc3MiOiJodHRwczovL2kudGVzdCJ9."} {
		f.Add(s)
	}
	h, err := New(Config{Issuer: "https://i.test", AppID: appID, PrivateKey: testKey(), PublicURL: publicURL})
	if err != nil {
		f.Fatal(err)
	}
	h.keys.list, h.keys.good, h.keys.last = map[string]*rsa.PublicKey{"k1": &signer().PublicKey}, time.Now().Add(time.Hour*24*365), time.Now().Add(time.Hour*24*365)
	content := good[:strings.LastIndex(good, ".")]
	f.Fuzz(func(t *testing.T, text string) {
		claims, err := h.authentic(t.Context(), text)
		if err == nil && (claims == nil || !strings.HasPrefix(text, content+".")) {
			t.Errorf("taken: %s", text)
		}
		if _, refused := errors.AsType[*Refusal](err); err != nil && !refused {
			t.Errorf("%#v", err)
		}
	})
}
