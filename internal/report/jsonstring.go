package report

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Text reads a string. Where it is not kept it may have any length, and the
// result is empty.
func (j *JSON) Text(keep bool) []byte {
	if j.peek() != '"' {
		j.unexpected("a string")
		return nil
	}
	j.pos++
	j.text, j.halfEnd = j.text[:0], -1
	for !j.Stopped() {
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
			j.Fail("%q in a string", c)
		default:
			j.pos-- // buf was filled anew
		}
	}
	return nil
}

// plain is what buf has of a string up to something that is not itself.
func (j *JSON) plain() []byte {
	start := j.pos
	for j.pos < len(j.buf) {
		if c := j.buf[j.pos]; c == '"' || c == '\\' || c < ' ' {
			break
		}
		j.pos++
	}
	return j.buf[start:j.pos]
}

func (j *JSON) keep(text ...byte) {
	if free := j.most - len(j.text); len(text) > free {
		if !j.cuts {
			j.Fail("a string or number of more than %d bytes", maxText)
			return
		}
		text = text[:max(free, 0)]
	}
	j.text = append(j.text, text...)
}

// Prefix reads a string of any length and keeps of it so many bytes, or a few
// less where that would cut a character.
func (j *JSON) Prefix(most int) []byte {
	j.most, j.cuts = most+utf8.UTFMax, true // a character may be there by halves first
	text := j.Text(true)
	j.most, j.cuts = maxText, false
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// inUTF8 is a text where each byte that is no UTF-8 is U+FFFD.
func inUTF8(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return []byte(string([]rune(string(text))))
}

// escape reads what stands after a backslash.
func (j *JSON) escape(keep bool) {
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
		j.Fail("an escape that is none in a string")
		return
	}
	if keep {
		j.keep(c)
	}
}

// character reads the four digits of an escape. Two of them are one character
// where each is half of one; a half alone is U+FFFD.
func (j *JSON) character(keep bool) {
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
			j.Fail("an escape that is none in a string")
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
	if utf16.IsSurrogate(r) && len(j.text) < j.most { // else it may be there in part
		j.half, j.halfEnd = r, len(j.text)
	}
}
