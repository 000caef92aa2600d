package hub

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"time"
)

const (
	// keysLife is how long the issuer's list of keys is believed: one that it
	// withdraws is trusted no longer than that.
	keysLife = time.Hour
	// keysPause is the least time between two readings of the list. Anybody can
	// send tokens that name a key nobody knows.
	keysPause = time.Minute
	// keysRetry is the least time between two readings while there is no list.
	keysRetry = 5 * time.Second
	// keysTimeout bounds one reading.
	keysTimeout = 10 * time.Second
)

// keys are the public keys of the issuer of Actions' tokens, by key id.
type keys struct {
	issuer string
	read   func(ctx context.Context, where string, into any) error
	now    func() time.Time

	turn chan struct{} // held by who looks or reads
	list map[string]*rsa.PublicKey
	good time.Time // when the list was read
	last time.Time // when it was last tried
	fail error     // how that ended
}

func newKeys(issuer string, read func(context.Context, string, any) error) *keys {
	return &keys{issuer: issuer, read: read, now: time.Now, turn: make(chan struct{}, 1)}
}

// find is the key of an id; nil is that the issuer lists none. It asks the
// issuer when it has to, for everybody who waits.
func (k *keys) find(ctx context.Context, id string) (*rsa.PublicKey, error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, &Error{Op: opOIDC, What: "waited for the keys", cause: ctx.Err()}
	}
	defer func() { <-k.turn }()
	now := k.now()
	pause := keysRetry
	if k.list != nil && now.Sub(k.good) < keysLife {
		if key := k.list[id]; key != nil {
			return key, nil
		}
		pause = keysPause
	}
	if !k.last.IsZero() && now.Sub(k.last) < pause {
		return nil, k.fail
	}
	// Who asks first may go away; the others still wait for the list.
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	list, err := k.fetch(reading)
	k.last, k.fail = now, err
	if err != nil {
		return nil, err
	}
	k.list, k.good = list, now
	return list[id], nil
}

// jwk is a key in the issuer's list (RFC 7517; RFC 7518, section 6.3).
type jwk struct {
	Kind string `json:"kty"`
	ID   string `json:"kid"`
	Use  string `json:"use"`
	Alg  string `json:"alg"`
	N    string `json:"n"`
	E    string `json:"e"`
}

// fetch reads where the issuer's keys are, and them (OpenID Connect Discovery
// 1.0, section 4).
func (k *keys) fetch(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	var about struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := k.read(ctx, k.issuer+"/.well-known/openid-configuration", &about); err != nil {
		return nil, err
	}
	if about.Issuer != k.issuer || !sameHost(about.Keys, k.issuer) {
		return nil, &Error{Op: opOIDC, Status: http.StatusOK, What: "the issuer of tokens says that it is another"}
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := k.read(ctx, about.Keys, &set); err != nil {
		return nil, err
	}
	list := map[string]*rsa.PublicKey{}
	for _, j := range set.Keys {
		if key := j.public(); key != nil {
			list[j.ID] = key
		}
	}
	if len(list) == 0 {
		return nil, &Error{Op: opOIDC, Status: http.StatusOK, What: "the issuer of tokens lists no key"}
	}
	return list, nil
}

func sameHost(a, b string) bool {
	x, err1 := url.Parse(a)
	y, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && x.Scheme == y.Scheme && x.Host == y.Host && x.User == nil
}

// public is the key, if it is one for RS256 of a size that is safe and cheap to
// use; nil otherwise.
func (j jwk) public() *rsa.PublicKey {
	if j.Kind != "RSA" || j.ID == "" || j.Use != "" && j.Use != "sig" || j.Alg != "" && j.Alg != "RS256" {
		return nil
	}
	n, err1 := base64.RawURLEncoding.DecodeString(j.N)
	e, err2 := base64.RawURLEncoding.DecodeString(j.E)
	if err1 != nil || err2 != nil || len(e) > 4 {
		return nil
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	if bits := key.N.BitLen(); bits < 2048 || bits > 8192 || key.E < 3 || key.E%2 == 0 {
		return nil
	}
	return key
}
