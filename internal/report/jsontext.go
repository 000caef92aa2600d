package report

import "io"

// peek is the next byte that is not blank, 0 if there is none.
func (j *JSON) peek() byte {
	for !j.Stopped() {
		for ; j.pos < len(j.buf); j.pos++ {
			switch c := j.buf[j.pos]; c {
			case '\n':
				j.Line++
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
func (j *JSON) fill() bool {
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
func (j *JSON) next() (byte, bool) {
	if j.pos == len(j.buf) && !j.fill() {
		return 0, false
	}
	c := j.buf[j.pos]
	j.pos++
	return c, true
}

// Number reads a number as it is written.
func (j *JSON) Number() []byte {
	if j.Kind() != '0' {
		j.unexpected("a number")
		return nil
	}
	text := j.token(func(c byte) bool {
		return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
	})
	if !j.Stopped() && !isNumber(text) {
		j.Fail("%.40q is no number", text)
		return nil
	}
	return text
}

// Word reads null, true or false; it is told by its first byte.
func (j *JSON) Word() byte {
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
	j.Fail("%.40q where a value should be", text)
	return 0
}

// token reads bytes of one sort.
func (j *JSON) token(is func(c byte) bool) []byte {
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
		if j.pos < len(j.buf) || j.Stopped() || !j.fill() {
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
