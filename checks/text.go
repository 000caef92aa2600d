package checks

import (
	"strings"
	"unicode"
)

// quoteLimit is how many characters of somebody else's text are shown
// (security.md, "Never leak").
const quoteLimit = 200

// sentenceLimit is how long one of our own sentences, quotes included, may be.
const sentenceLimit = 1000

// Plain makes text that people wrote harmless as plain text: control,
// bidirectional and zero-width characters go, white space becomes single
// blanks, and it is cut at 200 characters.
func Plain(s string) string { return clean(s, quoteLimit) }

func clean(s string, limit int) string {
	if tidy(s, limit) {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), 4*limit))
	n, blank := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = n > 0
			continue
		}
		if hidden(r) {
			continue
		}
		if blank {
			b.WriteByte(' ')
			n++
			blank = false
		}
		if n >= limit {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// tidy says whether text is clean as it is, as most is: short, ASCII, nothing
// hidden, single blanks between words.
func tidy(s string, limit int) bool {
	if len(s) > limit || s == "" || s[0] == ' ' || s[len(s)-1] == ' ' {
		return s == ""
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == ' ' && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// hidden says whether a character shows nothing or changes how others show:
// control and format characters, which hold the bidirectional and zero-width
// ones (Unicode categories Cc, Cf, Co, Cs), and the invalid-UTF-8 mark.
func hidden(r rune) bool {
	if r < 0x7f {
		return r < 0x20
	}
	return r == 0x7f || r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// Markdown escapes one sentence of plain text for GitHub's Markdown, so that it reads as
// written, makes no link, no mention, no HTML, and stays in its table cell.
func Markdown(s string) string {
	var b strings.Builder
	writeMarkdown(&b, s)
	return b.String()
}

// special are the characters that Markdown, HTML or GitHub's links begin with.
var special = [256]bool{
	'@': true, '#': true, '<': true, '>': true, '&': true, '\\': true, '`': true, '*': true, '_': true, '{': true, '}': true, '[': true,
	']': true, '(': true, ')': true, '+': true, '!': true, '|': true, '~': true, ':': true, 'w': true,
}

// plainEnd is where the first special character of a text is; its length when
// there is none.
func plainEnd(s string) int {
	for i := range len(s) {
		if special[s[i]] {
			return i
		}
	}
	return len(s)
}

func writeMarkdown(b *strings.Builder, s string) {
	s = clean(s, sentenceLimit)
	for {
		i := plainEnd(s)
		b.WriteString(s[:i])
		if i == len(s) {
			return
		}
		switch c := s[i]; c {
		case '@', '#':
			// A mention, and #123, need what follows right behind the sign; an empty
			// comment between them shows nothing. A backslash does not help there.
			b.WriteByte(c)
			b.WriteString("<!-- -->")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case ':':
			b.WriteByte(c)
			if strings.HasPrefix(s[i:], "://") {
				b.WriteString("<!-- -->") // GitHub links an address without any bracket
			}
		case 'w':
			b.WriteByte(c)
			if strings.HasPrefix(s[i:], "www.") {
				b.WriteString("ww<!-- -->")
				i += 2
			}
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
		s = s[i+1:]
	}
}

// Code shows plain text as a code span, in which GitHub finds no mention and
// no link.
func Code(s string) string {
	var b strings.Builder
	writeCode(&b, s)
	return b.String()
}

func writeCode(b *strings.Builder, s string) {
	s = clean(s, quoteLimit)
	if s == "" {
		return
	}
	b.WriteByte('`')
	for {
		i := strings.IndexAny(s, "`|")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		if s[i] == '|' {
			b.WriteString("¦") // it would end the table's cell
		} else {
			b.WriteByte('\'') // it would end the span
		}
		s = s[i+1:]
	}
	b.WriteString(s)
	b.WriteByte('`')
}
