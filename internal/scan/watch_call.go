package scan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// side is one side of a file's difference: the lines of a kind and those that
// stay.
type side struct {
	lines []checks.PatchLine
	kind  byte
}

func (s side) on(i int) bool { return s.lines[i].Kind == s.kind || s.lines[i].Kind == ' ' }

// number is a line's number on the side.
func (s side) number(i int) int {
	if s.kind == '-' {
		return s.lines[i].Old
	}
	return s.lines[i].New
}

// beside is the line that follows (by 1) or comes before (by -1) in the file; not
// ok if the difference does not show it.
func (s side) beside(i, by int) (next int, ok bool) {
	for next = i + by; next >= 0 && next < len(s.lines); next += by {
		if s.on(next) {
			return next, s.number(next) == s.number(i)+by
		}
	}
	return i, false
}

// changed is the first line from..to that is not one that stays, about itself
// first.
func (s side) changed(about, from, to int) (int, bool) {
	if s.lines[about].Kind == s.kind {
		return about, true
	}
	for i := from; i <= to; i++ {
		if s.lines[i].Kind == s.kind {
			return i, true
		}
	}
	return 0, false
}

// reach is how many bytes are read on either side of a name to find out whether
// it is called and what qualifies it. Beyond it is taken for what is looked for:
// who puts so much between the two has a reason.
const reach = 1024

// cursor reads on from a name.
type cursor struct {
	side
	i, at int
	left  int
}

// called says whether a name that ends at a place is called: "(" follows, after
// space, ends of lines, comments, type arguments, "!" of a macro, "?.", or ways to
// call such as ".apply". To is the line on which that is.
func (s side) called(i, end int) (to int, ok bool) {
	c := cursor{s, i, end, reach}
	for {
		c.blank()
		if c.left <= 0 {
			return c.i, true
		}
		rest := c.rest()
		switch {
		case strings.HasPrefix(rest, "("), strings.HasPrefix(rest, ")("), strings.HasPrefix(rest, `\u0028`):
			return c.i, true
		case strings.HasPrefix(rest, "!"):
			c.step(1)
			c.blank()
			next := c.rest()
			return c.i, next != "" && strings.Contains("([{", next[:1])
		case strings.HasPrefix(rest, "?."), strings.HasPrefix(rest, "::"):
			c.step(2)
			c.through()
		case strings.HasPrefix(rest, "."):
			c.step(1)
			c.blank()
			if !c.through() && !strings.HasPrefix(c.rest(), "(") {
				return 0, false
			}
		case strings.HasPrefix(rest, "<"), strings.HasPrefix(rest, "["):
			if !c.arguments() {
				return c.i, c.left <= 0
			}
		default:
			return 0, false
		}
	}
}

func (c *cursor) rest() string { return c.lines[c.i].Text[c.at:] }

func (c *cursor) step(n int) { c.at, c.left = c.at+n, c.left-n }

// next goes on to the next line.
func (c *cursor) next() bool {
	i, ok := c.beside(c.i, 1)
	if ok {
		c.i, c.at, c.left = i, 0, c.left-8
	}
	return ok
}

// blank goes on to what is neither space nor comment.
func (c *cursor) blank() {
	for c.left > 0 {
		rest := c.rest()
		switch {
		case rest == "", rest == `\`, rest == "\\\r", strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "#"):
			if !c.next() {
				c.at = len(c.lines[c.i].Text)
				return
			}
		case strings.HasPrefix(rest, "/*"):
			c.step(2)
			if !c.to("*/") {
				return
			}
		default:
			r, n := utf8.DecodeRuneInString(rest)
			if !unicode.IsSpace(r) {
				return
			}
			c.step(n)
		}
	}
}

// to goes on behind a text, as far as there are lines.
func (c *cursor) to(text string) bool {
	for c.left > 0 {
		rest := c.rest()
		rest = rest[:min(len(rest), c.left)]
		if n := strings.Index(rest, text); n >= 0 {
			c.step(n + len(text))
			return true
		}
		c.step(len(rest))
		if c.left > 0 && !c.next() {
			c.left = 0 // the comment's end is not shown: what follows it is not known
		}
	}
	return false
}

// through goes on behind a way to call a function.
func (c *cursor) through() bool {
	for _, way := range []string{"call", "apply", "bind", "invoke", "__call__"} {
		rest, ok := strings.CutPrefix(c.rest(), way)
		if !ok {
			continue
		}
		if start, _, _ := nextName(rest, 0); start != 0 {
			c.step(len(way))
			return true
		}
	}
	return false
}

// arguments goes on behind type arguments or an index; not ok if what begins here
// ends as neither does.
func (c *cursor) arguments() bool {
	depth, before := 0, byte(0)
	for c.left > 0 {
		rest := c.rest()
		for n := range min(len(rest), c.left) {
			b := rest[n]
			switch {
			case b == '<', b == '[':
				depth++
			case b == '>' && before != '=' && before != '-', b == ']':
				depth--
			case b == ';', b == before && (b == '&' || b == '|'):
				return false
			}
			if depth == 0 {
				c.step(n + 1)
				return true
			}
			before = b
		}
		if c.step(min(len(rest), c.left)); c.left > 0 && !c.next() {
			return false
		}
	}
	return false
}
