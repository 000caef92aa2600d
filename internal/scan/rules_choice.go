package scan

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// choice is an expression of many ways that may begin anywhere. The published one
// that knows by their names what is no secret takes 20 µs to hold against one match;
// most of its ways are words, which an automaton finds in one pass.
type choice struct {
	words *automaton
	ways  [][]way // by word
	rest  []leftover
}

// way is one that begins with a word.
type way struct {
	head *head
	expr *regexp.Regexp // from where the head begins; nil if that is all of it
}

// leftover is a way that begins with anything, but has something in it.
type leftover struct {
	part string // in lower case
	expr *regexp.Regexp
}

// choiceWays is from how many ways on an expression is taken apart.
const choiceWays = 8

// choiceOf is nil for an expression that is not worth it, or has ways of which
// nothing can be told.
func choiceOf(e *regexp.Regexp) *choice {
	tree, err := syntax.Parse(e.String(), syntax.Perl)
	if err != nil || tree.Op != syntax.OpAlternate || len(tree.Sub) < choiceWays {
		return nil
	}
	c := &choice{}
	var words []string
	for _, sub := range tree.Sub {
		if heads := chosen(sub.Simplify()); heads != nil && !looksAround(sub) {
			for i := range heads {
				one := way{head: &heads[i]}
				if one.head.open {
					one.expr = regexp.MustCompile(`\A(?:` + sub.String() + `)`)
				}
				words, c.ways = append(words, one.head.word), append(c.ways, []way{one})
			}
			continue
		}
		part := strings.ToLower(certain(sub))
		if part == "" {
			return nil
		}
		c.rest = append(c.rest, leftover{part, regexp.MustCompile(sub.String())})
	}
	c.words = newAutomaton(words)
	return c
}

// looksAround says that an expression asks for what is no byte of it.
func looksAround(expr *syntax.Regexp) bool {
	switch expr.Op {
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpEndText, syntax.OpEndLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range expr.Sub {
		if looksAround(sub) {
			return true
		}
	}
	return false
}

// certain is the longest text that is in whatever an expression matches; "" if it
// is not known.
func certain(expr *syntax.Regexp) (text string) {
	switch expr.Op {
	case syntax.OpLiteral:
		return string(expr.Rune)
	case syntax.OpCapture:
		return certain(expr.Sub[0])
	case syntax.OpConcat:
		for _, sub := range expr.Sub {
			if one := certain(sub); len(one) > len(text) {
				text = one
			}
		}
	case syntax.OpAlternate:
		text = certain(expr.Sub[0])
		for _, way := range expr.Sub {
			if certain(way) != text {
				return ""
			}
		}
	}
	return text
}

// matches says whether one of the ways is in a text.
func (c *choice) matches(text string) bool {
	state := uint16(0)
	for i := range len(text) {
		state = c.words.step(state, text[i])
		for _, word := range c.words.ends[state] {
			for _, w := range c.ways[word] {
				at := i + 1 - w.head.wordEnd
				if w.head.fits(text, at) && (w.expr == nil || w.expr.MatchString(text[at:])) {
					return true
				}
			}
		}
	}
	for _, one := range c.rest {
		if containsFold(text, one.part) && one.expr.MatchString(text) {
			return true
		}
	}
	return false
}

// containsFold says whether a part in lower case is in a text, whatever its case.
func containsFold(text, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
