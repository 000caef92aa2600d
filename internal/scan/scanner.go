package scan

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/zricethezav/gitleaks/v8/config"

	"github.com/handrail-bot/handrail/checks"
)

// engineVersion changes with whatever changes what is found in the same text.
const engineVersion = "4"

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
	return &Scanner{key: bytes.Clone(key), engine: newEngine(rules), version: versionOf(rules)}
}

// Engine stands for the rules and for how they are applied: what was found by the
// same one need not be looked for again.
func (s *Scanner) Engine() string { return s.version }

func versionOf(rules []*rule) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n", engineVersion, config.DefaultConfig)
	for _, r := range rules {
		fmt.Fprintf(sum, "%s %t\n", r.id, r.weak)
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
