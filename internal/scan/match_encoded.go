package scan

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// A secret may be written in base64 or with percent signs. One layer is taken off
// and what comes out, if it is text, is looked at by itself; two layers, or one
// over several lines, are not.

// shortestCode is how long a run of base64 has to be, in bytes: 24 bytes of text,
// which with few exceptions tokens have.
const shortestCode = 32

func (s *search) encoded() error {
	for at := 0; at < len(s.text); at++ {
		from := at
		for at < len(s.text) && codeByte[s.text[at]] {
			at++
		}
		if at-from < shortestCode {
			continue
		}
		if err := s.decoded(from, at, debased(s.text[from:at])); err != nil {
			return err
		}
	}
	return s.percents()
}

// codeByte are the letters of both alphabets of base64 (RFC 4648, 4 and 5).
var codeByte = func() byteSet {
	set := wordByte
	set['+'], set['/'], set['-'] = true, true, true
	return set
}()

// debased is the text in a run of base64; "" if there is none.
func debased(run string) string {
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(run, "-_") {
		encoding = base64.RawURLEncoding
	}
	run = run[:len(run)/4*4+[4]int{0, 0, 2, 3}[len(run)%4]]
	var start [12]byte
	if n, err := encoding.Decode(start[:], []byte(run[:16])); err != nil || !printable(start[:n]) {
		return ""
	}
	text, err := encoding.DecodeString(run)
	if err != nil || !printable(text) {
		return ""
	}
	return string(text)
}

func printable(text []byte) bool {
	for _, c := range text {
		if (c < ' ' || c >= 0x7f) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// percents takes percent signs off what stands between blanks and quotation marks.
func (s *search) percents() error {
	for at := 0; ; {
		next := strings.IndexByte(s.text[at:], '%')
		if next < 0 {
			return nil
		}
		next += at
		if _, ok := percent(s.text, next); !ok {
			at = next + 1
			continue
		}
		from, to := next, next
		for from > at && !urlEnd[s.text[from-1]] {
			from--
		}
		for to < len(s.text) && !urlEnd[s.text[to]] && to-from < pieceSize {
			to++
		}
		if err := s.decoded(from, to, unescaped(s.text[from:to])); err != nil {
			return err
		}
		at = to
	}
}

var urlEnd = func() byteSet {
	set := setOf("\"'`<>()")
	for c := range ' ' + 1 {
		set[c] = true
	}
	return set
}()

func unescaped(text string) string {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if c, ok := percent(text, i); ok {
			out, i = append(out, c), i+2
		} else {
			out = append(out, text[i])
		}
	}
	return string(out)
}

func percent(text string, at int) (byte, bool) {
	if text[at] != '%' || at+2 >= len(text) {
		return 0, false
	}
	c, err := strconv.ParseUint(text[at+1:at+3], 16, 8)
	return byte(c), err == nil
}

// decoded looks at what a part of the text is the code of.
func (s *search) decoded(from, to int, text string) error {
	if len(text) == 0 {
		return nil
	}
	inner := search{engine: s.engine, ctx: s.ctx, path: s.path, text: text}
	if err := inner.plain(); err != nil {
		return err
	}
	for _, h := range settled(inner.hits) {
		h.start, h.end, h.from, h.to, h.coded = from, to, from, to, true
		s.hits = append(s.hits, h)
	}
	return nil
}
