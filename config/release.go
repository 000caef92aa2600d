package config

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// joinReleases fills in what the texts ask of releases. What can be read of a text
// holds also where it has mistakes: the policy is invalid then, so that nothing is
// promoted, and its releases are still known as such. Where one of the two only
// observes, the other one is judged alone.
func joinReleases(p *checks.Policy, own, floor *text) {
	p.Release, p.FloorRelease = own.releases(p.Observe), floor.releases(p.Observe)
	switch {
	case p.Release == nil || p.FloorRelease == nil || p.Release.Observe == p.FloorRelease.Observe:
	case p.Release.Observe:
		p.Release = nil
	default:
		p.FloorRelease = nil
	}
	if p.Release != nil || p.FloorRelease != nil {
		p.ReleaseDigest = releaseDigest(own, floor)
	}
}

// releases is what the text asks of releases, nil where it has no such section.
func (t *text) releases(policyObserves bool) *checks.ReleaseRules {
	if t == nil || t.release == nil {
		return nil
	}
	out := *t.release
	out.Observe = out.Observe || t.observe && !policyObserves
	return &out
}

// signedSections are what a sign-off of a release is bound to, of either text.
var signedSections = []string{"release", "roles"}

// releaseDigest is the SHA-256, in hexadecimal digits, over what both texts say of
// releases and roles. The order of keys, comments, quotes and layout make no other
// one. It is "" where a text that is there cannot be read, since it is not known then
// what is asked for. Candidates are told apart by it, so what it is made of is a
// format.
func releaseDigest(own, floor *text) string {
	var b strings.Builder
	b.WriteString("handrail release policy 1\n")
	for _, t := range []*text{own, floor} {
		if t != nil && t.root == nil {
			return ""
		}
		for _, name := range signedSections {
			_, n := entry(t.top(), name)
			canonical(&b, n)
			b.WriteByte('\n')
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

func (t *text) top() *yaml.Node {
	if t == nil {
		return nil
	}
	return t.root
}

// canonical writes a value in the one way there is: each text after its length in
// bytes, mappings by their keys. An alias, which no valid policy has, is its name, so
// that nothing grows by it.
func canonical(b *strings.Builder, n *yaml.Node) {
	switch {
	case n == nil:
		b.WriteByte('-')
	case n.Kind == yaml.MappingNode:
		values := map[string]*yaml.Node{}
		var keys []string
		each(n, func(k, v *yaml.Node) { keys, values[k.Value] = append(keys, k.Value), v })
		slices.Sort(keys)
		b.WriteByte('{')
		for _, k := range keys {
			canonicalText(b, k)
			canonical(b, values[k])
		}
		b.WriteByte('}')
	case n.Kind == yaml.SequenceNode:
		b.WriteByte('[')
		for _, item := range n.Content {
			canonical(b, item)
		}
		b.WriteByte(']')
	case n.Kind == yaml.AliasNode:
		b.WriteByte('*')
		canonicalText(b, n.Value)
	case null(n):
		b.WriteByte('~')
	default:
		canonicalText(b, n.Value)
	}
}

func canonicalText(b *strings.Builder, s string) {
	b.WriteString(strconv.Itoa(len(s)) + ":" + s)
}
