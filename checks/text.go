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
	var b strings.Builder
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
	s = clean(s, sentenceLimit)
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '@':
			// A mention needs its name right behind the sign; an empty comment
			// between them shows nothing.
			b.WriteString("@<!-- -->")
		case '#':
			// Likewise for #123, which a backslash does not keep from being linked.
			b.WriteString("#<!-- -->")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '+', '!', '|', '~':
			b.WriteByte('\\')
			b.WriteByte(c)
		case ':':
			// http://… and www. would be linked without any bracket.
			if strings.HasPrefix(s[i:], "://") {
				b.WriteString(":<!-- -->")
				continue
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www<!-- -->.")
}

// Code shows plain text as a code span, in which GitHub finds no mention and
// no link.
func Code(s string) string {
	s = Plain(s)
	s = strings.NewReplacer("`", "'", "|", "¦").Replace(s)
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
