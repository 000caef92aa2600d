package checks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What people say counts only when they say it themselves: a line of its own,
// neither quoted nor shown as code nor hidden. Where Markdown's rules are
// intricate this reader is stricter than they are: it may overlook what was
// said, and whoever said it is told how to sign, but it takes nothing for said
// that GitHub shows as a quote or as code.

// spoken yields each line of a text that is said, without the blanks around it.
func spoken(text string, yield func(line string) bool) {
	if text == "" {
		return
	}
	r := speechReader{plain: !holdsAny(text, '`', '~', '<', '>')}
	returns := holdsAny(text, '\r')
	for offset := 0; offset < len(text); {
		line := text[offset:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		if returns {
			line, _, _ = strings.Cut(line, "\r")
		}
		said := r.read(text, offset, line)
		if said != "" && !yield(said) {
			return
		}
		offset += len(line) + 1
		if strings.HasPrefix(text[offset-1:min(offset+1, len(text))], "\r\n") {
			offset++
		}
	}
}

// holdsAny says whether a text has one of a few bytes; one look for each is
// quicker than one for all.
func holdsAny(text string, bytes ...byte) bool {
	for _, b := range bytes {
		if strings.IndexByte(text, b) >= 0 {
			return true
		}
	}
	return false
}

// speechReader is what has to be known of the lines before a line.
type speechReader struct {
	plain   bool   // nothing in the text can start a quote, code or HTML
	fence   string // the marks that opened a fenced block; "" outside of one
	quoted  bool   // the line before was quoted and may go on here
	comment bool   // inside an HTML comment
	depth   int    // HTML elements open whose text is no speech
	codeEnd int    // where an inline code span, or a tag, that runs over lines ends
	tagless int    // up to where no tag ends
}

// read takes the line at an offset of the text; it returns what the line says,
// "" when nothing.
func (r *speechReader) read(text string, offset int, line string) string {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" {
		r.quoted = false
		return ""
	}
	indented := columns(line) >= 4
	if r.plain {
		if indented {
			return ""
		}
		return trimmed
	}
	if r.fence != "" {
		if !indented && fenceEnds(trimmed, r.fence) {
			r.fence = ""
		}
		return ""
	}
	if r.comment {
		r.comment = !strings.Contains(line, "-->")
		return ""
	}
	inner := unlisted(trimmed)
	if inner != "" && inner[0] == '>' {
		// Without a blank line behind it, the next line still belongs to the
		// quote, unless the quote's own paragraph has ended.
		r.quoted = strings.Trim(inner, "> \t") != ""
		return ""
	}
	if f := fenceOf(inner); f != "" {
		r.fence, r.quoted = f, false
		return ""
	}
	inCode := offset < r.codeEnd
	r.follow(text, offset, line)
	if r.html(line) || inCode || r.quoted || indented {
		return ""
	}
	return trimmed
}

// columns is how many columns a line is indented; a tab counts as four.
func columns(line string) int {
	n := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

// unlisted is a trimmed line without the marks of list items before it.
func unlisted(s string) string {
	for {
		i := 0
		switch {
		case s != "" && strings.IndexByte("-*+", s[0]) >= 0:
			i = 1
		default:
			for i < len(s) && i < 9 && s[i] >= '0' && s[i] <= '9' {
				i++
			}
			if i == 0 || i >= len(s) || s[i] != '.' && s[i] != ')' {
				return s
			}
			i++
		}
		if i >= len(s) || s[i] != ' ' && s[i] != '\t' {
			return s
		}
		s = strings.TrimLeft(s[i:], " \t")
	}
}

// fenceOf is the fence that a trimmed line opens, "" when none.
func fenceOf(s string) string {
	n := run(s)
	if n < 3 || s[0] == '`' && strings.IndexByte(s[n:], '`') >= 0 {
		return ""
	}
	return s[:n]
}

// fenceEnds says whether a trimmed line closes a fence.
func fenceEnds(s, fence string) bool {
	n := run(s)
	return n >= len(fence) && n == len(s) && s[0] == fence[0]
}

// run is how many backticks or tildes a text begins with.
func run(s string) int {
	if s == "" || s[0] != '`' && s[0] != '~' {
		return 0
	}
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// follow finds inline code that begins on this line and ends on a later one of
// the same paragraph.
func (r *speechReader) follow(text string, offset int, line string) {
	for i := max(offset, r.codeEnd); i < offset+len(line); {
		switch {
		case text[i] == '\\':
			i += 2
		case text[i] == '`':
			n := run(text[i:])
			i += n
			if end, ok := spanEnd(text, i, '`', n); ok {
				r.codeEnd, i = end, end
			}
		case text[i] == '<' && i+1 < len(text) && text[i+1]|0x20 >= 'a' && text[i+1]|0x20 <= 'z':
			// A tag whose attributes run over lines hides them.
			i++
			if i < r.codeEnd || i < r.tagless {
				continue
			}
			if end, ok := spanEnd(text, i, '>', 1); ok {
				r.codeEnd = end
			} else {
				r.tagless = end // one look is enough: the text may be long
			}
		default:
			i++
		}
	}
}

// spanEnd is where the next run of exactly n marks ends, looked for from an
// offset on; ok is false, and end the paragraph's, when that ends first.
func spanEnd(text string, from int, mark byte, n int) (end int, ok bool) {
	for i := from; i < len(text); {
		switch text[i] {
		case mark:
			m := 1
			for i+m < len(text) && text[i+m] == mark {
				m++
			}
			if m == n || mark == '>' {
				return i + m, true
			}
			i += m
		case '\n':
			rest := strings.TrimLeft(text[i+1:], " \t\r")
			if rest == "" || rest[0] == '\n' {
				return i, false
			}
			i++
		default:
			i++
		}
	}
	return len(text), false
}

// begins says whether a line begins with a phrase and goes on, so that its
// author may believe to have signed.
func begins(line string, p Phrase) bool {
	if p.re != nil || p.text == "" || len(line) <= len(p.text) || !strings.EqualFold(line[:len(p.text)], p.text) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(line[len(p.text):])
	return !unicode.IsLetter(next) && !unicode.IsDigit(next)
}

// command is a spoken command and what it names: "/approve security" is
// "/approve" and "security". ok is false when the line is none.
func command(line string) (verb, name string, ok bool) {
	if line == "" || line[0] != '/' {
		return "", "", false
	}
	verb, name = line, ""
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		verb, name = line[:i], strings.TrimSpace(line[i:])
	}
	switch {
	case strings.EqualFold(verb, approveCommand):
		return approveCommand, name, true
	case strings.EqualFold(verb, revokeCommand):
		return revokeCommand, name, true
	}
	return "", "", false
}

const (
	approveCommand = "/approve"
	revokeCommand  = "/revoke"
)
