package scan

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
)

// pieceSize is how much of a text an expression is given at a time, in bytes, and
// how long a match can be of which the rule knows no end. A match in one piece
// cannot be interrupted.
const pieceSize = 100_000

// pieceOverlap is longer than any secret of which the rule knows no end, a private
// key of 16,384 bits in PEM among them.
const pieceOverlap = 16_384

// region is what around the end of a word has to be looked through, in bytes.
type region struct {
	words         []string // nil are the rule's own
	before, after int
	runs          []int // how long the run of word bytes can be that a match begins with; nil is of any
}

// regions are of rules whose matches do not begin with what they are known by, or
// run on over what may be anything.
var regions = map[string]region{
	"private-key":              {words: []string{"private key-----", "private key block-----"}, before: 160, after: 2 * pieceOverlap},
	"curl-auth-header":         {before: 8, after: 2048},
	"curl-auth-user":           {before: 8, after: 2048},
	"kubernetes-secret-yaml":   {before: 2048, after: 2048},
	"nuget-config-password":    {words: []string{`key="password"`, `key="cleartextpassword"`}, before: 64, after: pieceOverlap},
	"facebook-access-token":    {before: math.MaxInt32, after: math.MaxInt32, runs: []int{15, 16}},
	"sourcegraph-access-token": {before: math.MaxInt32, after: math.MaxInt32, runs: []int{40, 44, 50, 61}},
	"microsoft-teams-webhook":  {words: []string{"webhook.office.com"}, before: 256, after: 512},
}

// anywhere is for a rule whose words only have to be in the text.
var anywhere = region{before: math.MaxInt32, after: math.MaxInt32}

// aim finds out where the rule's expression has to be tried.
func (r *rule) aim() error {
	tree, err := syntax.Parse(r.source, syntax.Perl)
	if err != nil {
		return fmt.Errorf("parse expression: %w", err)
	}
	if tree.Op == syntax.OpAlternate { // a name's secret, or one by its own shape
		r.assigned, r.named = false, false
	}
	r.reach = longest(tree.Simplify())
	if _, ok := regions[r.id]; !ok {
		if r.heads, err = headsOf(tree); err != nil {
			return err
		}
	}
	if r.heads == nil {
		if r.whole, err = regexp.Compile(r.source); err != nil {
			return err
		}
	}
	// What is before the place counts for \b and ^, so that it has to be there.
	r.first = &expression{text: `\A(?:` + r.source + `)`}
	r.later = &expression{text: `\A(?s:.)(?:` + r.source + `)`}
	return nil
}

// region is where a rule without heads is tried, around which words.
func (r *rule) region() region {
	g, ok := regions[r.id]
	if !ok {
		g = anywhere
	}
	if g.words == nil {
		g.words = r.keywords
	}
	return g
}

// longest is how many bytes a match has at most, up to [pieceSize].
func longest(expr *syntax.Regexp) int {
	switch expr.Op {
	case syntax.OpLiteral:
		n := 0
		for _, r := range expr.Rune {
			n += width(r)
		}
		if expr.Flags&syntax.FoldCase != 0 {
			n += 2 * len(expr.Rune) // K and ſ are longer than k and s
		}
		return n
	case syntax.OpCharClass:
		if len(expr.Rune) == 0 {
			return 0
		}
		return width(expr.Rune[len(expr.Rune)-1])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 4
	case syntax.OpStar, syntax.OpPlus:
		return pieceSize
	case syntax.OpCapture, syntax.OpQuest:
		return longest(expr.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range expr.Sub {
			n = min(n+longest(sub), pieceSize)
		}
		return n
	case syntax.OpAlternate:
		n := 0
		for _, sub := range expr.Sub {
			n = max(n, longest(sub))
		}
		return n
	}
	return 0
}

func width(r rune) int {
	switch {
	case r < 0x80:
		return 1
	case r < 0x800:
		return 2
	case r < 0x10000:
		return 3
	}
	return 4
}
