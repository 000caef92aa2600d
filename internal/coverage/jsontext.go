package coverage

import (
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// peek is the next byte that is not blank, 0 if there is none.
func (j *jsonReader) peek() byte {
	for !j.stopped() {
		for ; j.pos < len(j.buf); j.pos++ {
			switch c := j.buf[j.pos]; c {
			case '\n':
				j.line++
			case ' ', '\t', '\r':
			default:
				return c
			}
		}
		if !j.fill() {
			break
		}
	}
	return 0
}

// fill reads on when buf is used up.
func (j *jsonReader) fill() bool {
	const tries = 100
	j.buf, j.pos = j.buf[:0], 0
	for range tries {
		if j.err != nil {
			return false
		}
		var n int
		n, j.err = j.src.Read(j.buf[:cap(j.buf)])
		if n > 0 {
			j.buf = j.buf[:n]
			return true
		}
	}
	if j.err == nil {
		j.err = io.ErrNoProgress
	}
	return false
}

// next is the next byte.
func (j *jsonReader) next() (byte, bool) {
	if j.pos == len(j.buf) && !j.fill() {
		return 0, false
	}
	c := j.buf[j.pos]
	j.pos++
	return c, true
}

// string reads a string. Where it is not kept it may have any length, and the
// result is empty.
func (j *jsonReader) string(keep bool) []byte {
	if j.peek() != '"' {
		j.unexpected("a string")
		return nil
	}
	j.pos++
	j.text, j.halfEnd = j.text[:0], -1
	for !j.stopped() {
		plain := j.plain()
		if keep && len(j.text) == 0 && j.pos < len(j.buf) && j.buf[j.pos] == '"' {
			j.pos++
			return inUTF8(plain)
		}
		if keep {
			j.keep(plain...)
		}
		c, ok := j.next()
		switch {
		case !ok:
			j.unexpected("the end of a string")
		case c == '"':
			return inUTF8(j.text)
		case c == '\\':
			j.escape(keep)
		case c < ' ':
			j.fail("%q in a string", c)
		default:
			j.pos-- // buf was filled anew
		}
	}
	return nil
}

// plain is what buf has of a string up to something that is not itself.
func (j *jsonReader) plain() []byte {
	start := j.pos
	for j.pos < len(j.buf) {
		if c := j.buf[j.pos]; c == '"' || c == '\\' || c < ' ' {
			break
		}
		j.pos++
	}
	return j.buf[start:j.pos]
}

func (j *jsonReader) keep(text ...byte) {
	if len(j.text)+len(text) > maxJSONText {
		j.fail("a string or number of more than %d bytes", maxJSONText)
		return
	}
	j.text = append(j.text, text...)
}

// inUTF8 is a text where each byte that is no UTF-8 is U+FFFD.
func inUTF8(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return []byte(string([]rune(string(text))))
}

// escape reads what stands after a backslash.
func (j *jsonReader) escape(keep bool) {
	c, _ := j.next()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		j.character(keep)
		return
	default:
		j.fail("an escape that is none in a string")
		return
	}
	if keep {
		j.keep(c)
	}
}

// character reads the four digits of an escape. Two of them are one character
// where each is half of one; a half alone is U+FFFD.
func (j *jsonReader) character(keep bool) {
	var r rune
	for range 4 {
		c, _ := j.next()
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			j.fail("an escape that is none in a string")
			return
		}
		r = r<<4 | rune(c)
	}
	if !keep {
		return
	}
	if whole := utf16.DecodeRune(j.half, r); j.halfEnd == len(j.text) && whole != utf8.RuneError {
		j.text, j.halfEnd = j.text[:j.halfEnd-len("\uFFFD")], -1
		r = whole
	}
	j.keep(utf8.AppendRune(nil, r)...)
	if utf16.IsSurrogate(r) {
		j.half, j.halfEnd = r, len(j.text)
	}
}

// number reads a number as it is written.
func (j *jsonReader) number() []byte {
	if j.kind() != '0' {
		j.unexpected("a number")
		return nil
	}
	text := j.token(func(c byte) bool {
		return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
	})
	if !j.stopped() && !isNumber(text) {
		j.fail("%.40q is no number", text)
		return nil
	}
	return text
}

// word reads null, true or false; it is told by its first byte.
func (j *jsonReader) word() byte {
	c := j.peek()
	if c != 'n' && c != 't' && c != 'f' {
		j.unexpected("a value")
		return 0
	}
	text := j.token(func(c byte) bool { return c >= 'a' && c <= 'z' })
	switch string(text) {
	case "null", "true", "false":
		return c
	}
	j.fail("%.40q where a value should be", text)
	return 0
}

// token reads bytes of one sort.
func (j *jsonReader) token(is func(c byte) bool) []byte {
	j.text = j.text[:0]
	for {
		start := j.pos
		for j.pos < len(j.buf) && is(j.buf[j.pos]) {
			j.pos++
		}
		part := j.buf[start:j.pos]
		if len(j.text) == 0 && j.pos < len(j.buf) {
			return part
		}
		j.keep(part...)
		if j.pos < len(j.buf) || j.stopped() || !j.fill() {
			return j.text
		}
	}
}

// isNumber says whether a text is a number of JSON.
func isNumber(text []byte) bool {
	digits := func() (n int) {
		for ; len(text) > 0 && text[0] >= '0' && text[0] <= '9'; n++ {
			text = text[1:]
		}
		return n
	}
	sign := func(signs ...byte) {
		for _, s := range signs {
			if len(text) > 0 && text[0] == s {
				text = text[1:]
				return
			}
		}
	}
	sign('-')
	zero := len(text) > 0 && text[0] == '0'
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if len(text) > 0 && text[0] == '.' {
		text = text[1:]
		if digits() == 0 {
			return false
		}
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		sign('+', '-')
		if digits() == 0 {
			return false
		}
	}
	return len(text) == 0
}
