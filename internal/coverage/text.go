package coverage

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxText is how long a line of a text report may be, in bytes.
const maxText = 1 << 20

// textLines reads a report of lines, one after the other.
type textLines struct {
	scan *bufio.Scanner
	n    int // the present line, from 1
}

func newTextLines(r io.Reader) *textLines {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 64<<10), maxText)
	return &textLines{scan: scan}
}

// next is the next line that is not blank, without the blanks around it. It is
// valid until the next call.
func (t *textLines) next() ([]byte, bool) {
	for t.scan.Scan() {
		t.n++
		line := t.scan.Bytes()
		if len(line) == 0 {
			continue
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, true
		}
	}
	return nil, false
}

// end gives b the fault of a line that is too long. The result is an error of
// the reader, which is no fault of the report.
func (t *textLines) end(b *builder) error {
	err := t.scan.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		b.fail(t.n+1, "a line of more than %d bytes", maxText)
		return nil
	}
	return err
}

// number reads digits. Too large ones are all the same large number.
func number(text []byte) (int, bool) {
	if len(text) == 0 {
		return 0, false
	}
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n <= maxLine*1000 {
			n = n*10 + int(c-'0')
		}
	}
	return n, true
}

// ran says whether a count of executions is more than zero. Tools write them
// with fractions, with exponents and, where a counter overflowed, below zero,
// which is not taken for a hit.
func ran(count []byte) (hit, ok bool) {
	digits := bytes.TrimPrefix(count, []byte("-"))
	seen := false
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			seen = true
			hit = hit || c != '0'
		case c == '.':
		case (c == 'e' || c == 'E') && seen:
			return hit && len(digits) == len(count), exponent(digits[i+1:])
		default:
			return false, false
		}
	}
	return hit && len(digits) == len(count), seen
}

func exponent(text []byte) bool {
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	_, ok := number(text)
	return ok
}
