package scan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/handrail-bot/handrail/checks"
)

// engineVersion changes with whatever changes what is found in the same text.
const engineVersion = "1"

// Scanner looks for what ought not to be in a change. It may be used by several at
// once, and keeps nothing of what it is given.
type Scanner struct {
	key     []byte
	engine  *engine
	version string
}

// New makes the rules ready. Secrets are told apart by a digest under the key,
// which nobody but this server may know. It panics if the rules that the program
// brings are none, which its tests rule out.
func New(key []byte) *Scanner {
	rules := published()
	return &Scanner{key: append([]byte(nil), key...), engine: newEngine(rules), version: versionOf(rules)}
}

// Engine stands for the rules and for how they are applied: what was found by the
// same one need not be looked for again.
func (s *Scanner) Engine() string { return s.version }

func versionOf(rules []*rule) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n", engineVersion)
	for _, r := range rules {
		fmt.Fprintf(sum, "%q %q %d %g %v %t %q\n", r.id, r.source, r.group, r.entropy, r.path, r.weak, r.keywords)
		for _, a := range r.fine {
			fmt.Fprintf(sum, "%t %q %t\n", a.match, a.exprs, a.stopwords != nil)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// secret is what may be known of a hit.
func (s *Scanner) secret(h *hit) checks.Secret {
	mac := hmac.New(sha256.New, s.key)
	io.WriteString(mac, h.rule.id+"\x00"+h.secret)
	return checks.Secret{
		Digest: hex.EncodeToString(mac.Sum(nil)), Rule: h.rule.id, Title: h.rule.title, Weak: h.weak,
	}
}
