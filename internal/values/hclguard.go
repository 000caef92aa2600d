package values

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parser of HCL calls itself for each level of nesting, each operator before
// another and each condition in another, and has no limit of its own: a file of two
// megabytes would take all of a stack. Its scanner does not, so that it can tell
// beforehand.
const (
	hclSize    = 512 << 10 // bytes: a token takes a hundred times its own
	hclTokens  = 200_000
	hclNesting = depthLimit
	hclSigns   = 50        // ! or - in a row
	hclBranch  = 10_000    // conditions and splats, of which some may be in others
	hclDigits  = 200       // of a number
	hclControl = 500       // %{if} and such, which take time with their square
	hclCopied  = 256 << 20 // bytes that joining the lines of texts copies: each joins all before it
	hclHeredoc = 1000      // heredocs; the scanner takes time with the square of those that are open
)

// harmless says whether a text can be given to the parser.
func harmless(text string) error {
	if len(text) > hclSize {
		return problemf("it is larger than %d KiB", hclSize>>10)
	}
	if strings.Count(text, "<<") > hclHeredoc {
		return problemf("it has more than %d texts in lines", hclHeredoc)
	}
	tokens, diags := hclsyntax.LexConfig([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() {
		return notHCL(diags)
	}
	if len(tokens) > hclTokens {
		return problem("it has too many parts")
	}
	var g hclGuard
	for i := range tokens {
		if err := g.take(&tokens[i]); err != nil {
			return err
		}
	}
	return nil
}

// hclGuard counts what would cost the parser too much.
type hclGuard struct{ depth, signs, branches, controls, joined, copied int }

func (g *hclGuard) take(t *hclsyntax.Token) error {
	g.count(t.Type)
	if g.joined += len(t.Bytes); t.Type != hclsyntax.TokenStringLit {
		g.joined = 0
	}
	g.copied += g.joined
	switch {
	case t.Type == hclsyntax.TokenNumberLit && len(t.Bytes) > hclDigits:
		return problemf("the number on line %d is too long", t.Range.Start.Line)
	case g.copied > hclCopied:
		return problem("it has too many texts of many lines")
	case g.depth > hclNesting, g.signs > hclSigns, g.branches > hclBranch, g.controls > hclControl:
		return errDeep
	}
	return nil
}

func (g *hclGuard) count(t hclsyntax.TokenType) {
	switch t {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
		hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		g.depth++
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
		hclsyntax.TokenTemplateSeqEnd:
		g.depth--
	case hclsyntax.TokenQuestion, hclsyntax.TokenStar:
		g.branches++
	}
	if t == hclsyntax.TokenTemplateControl {
		g.controls++
	}
	if t == hclsyntax.TokenBang || t == hclsyntax.TokenMinus {
		g.signs++
	} else {
		g.signs = 0
	}
}

func notHCL(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return problemf("it is no HCL (line %d)", d.Subject.Start.Line)
		}
	}
	return problem("it is no HCL")
}
