package coverage

import (
	"errors"
	"io"
	"strings"
)

// Limits of a report in JSON. Tools stay far below them.
const (
	maxJSONDepth = 64       // objects and arrays within each other
	maxJSONText  = 64 << 10 // bytes of a number, and of a key or string that is not passed over
)

// jsonReader reads a document of RFC 8259 value by value, so that no more of it
// is in memory than the present text: a report may hold the sources themselves.
// It refuses what encoding/json refuses, which is too slow for such documents.
// After a fault, which b has, it reads nothing more: more is false, texts are
// empty. A text is valid until the next value is read.
type jsonReader struct {
	b    *builder
	src  io.Reader
	err  error // src's; at the end of the document io.EOF
	buf  []byte
	pos  int // of the next byte in buf
	line int // of the report, from 1

	open  [maxJSONDepth]byte // what ends the objects and arrays around the present place
	depth int
	first bool // an object or array was just entered

	text    []byte // of a string or number that is not whole in buf
	half    rune   // the escape before, where it was half a character
	halfEnd int    // where that one ended in text
}

func newJSONReader(format string, r io.Reader) *jsonReader {
	return &jsonReader{b: newBuilder(format), src: r, buf: make([]byte, 0, 32<<10), line: 1}
}

// object enters an object. It is always used thus:
//
//	for j.object(); j.more(); {
//		switch string(j.key()) { in each case exactly one value is read }
//	}
func (j *jsonReader) object() { j.enter('{', '}', "an object") }

// array enters an array. It is used as object is, without keys.
func (j *jsonReader) array() { j.enter('[', ']', "an array") }

func (j *jsonReader) enter(begin, end byte, want string) {
	switch {
	case j.peek() != begin:
		j.unexpected(want)
	case j.depth == maxJSONDepth:
		j.fail("more than %d objects and arrays within each other", maxJSONDepth)
	default:
		j.pos++
		j.open[j.depth] = end
		j.depth++
		j.first = true
	}
}

// more says whether the object or array goes on; if not, it is left.
func (j *jsonReader) more() bool {
	c, first := j.peek(), j.first
	j.first = false
	switch {
	case j.stopped():
		return false
	case c == j.open[j.depth-1]:
		j.pos++
		j.depth--
		return false
	case first:
		return true
	case c != ',':
		j.unexpected("a comma or the end")
		return false
	}
	j.pos++
	return true
}

// key is the name of a member of an object.
func (j *jsonReader) key() []byte {
	key := j.string(true)
	if j.pos < len(j.buf) && j.buf[j.pos] == ':' {
		j.pos++
		return key
	}
	j.text = append(j.text[:0], key...) // out of buf, which may be filled anew
	j.colon()
	return j.text
}

func (j *jsonReader) colon() {
	if j.peek() != ':' {
		j.unexpected("a colon")
		return
	}
	j.pos++
}

// kind is what the next value is: '{', '[', '"', '0' for a number, 't' for true
// or false, 'n' for null; something else is a fault to whoever reads it.
func (j *jsonReader) kind() byte {
	switch c := j.peek(); {
	case c >= '0' && c <= '9', c == '-':
		return '0'
	case c == 'f':
		return 't'
	default:
		return c
	}
}

// skip passes over a value.
func (j *jsonReader) skip() {
	switch j.kind() {
	case '{':
		for j.object(); j.more(); {
			j.string(false)
			j.colon()
			j.skip()
		}
	case '[':
		for j.array(); j.more(); {
			j.skip()
		}
	case '"':
		j.string(false)
	case '0':
		j.number()
	default:
		j.word()
	}
}

// count reads a number of executions; null is none.
func (j *jsonReader) count() (hit bool) {
	if j.kind() == 'n' {
		j.word()
		return false
	}
	hit, _ = ran(j.number())
	return hit
}

// place reads a line of a source file. Tools write 0 or null for what has no
// place in it.
func (j *jsonReader) place() (n int, placed bool) {
	if j.kind() == 'n' {
		j.word()
		return 0, false
	}
	return j.placeOf(j.number())
}

func (j *jsonReader) placeOf(text []byte) (n int, placed bool) {
	n, ok := number(text)
	switch {
	case j.stopped():
	case !ok:
		j.fail("%.40q is no line", text)
	case n > maxLine:
		j.fail("line %d: a line is a number from 1 to %d", n, maxLine)
	default:
		return n, n > 0
	}
	return 0, false
}

// total reads a whole number that a report gives for all of it.
func (j *jsonReader) total() int64 {
	text := j.number()
	n, ok := number(text)
	if !ok && !j.stopped() {
		j.fail("%.40q is no number of lines", text)
	}
	return int64(n)
}

// report is the builder's, once the document is over. The error is one of the
// reader, or the first fault.
func (j *jsonReader) report() (*Report, error) {
	if j.peek(); !j.stopped() && !j.over() {
		j.fail("the document goes on after its end")
	}
	if j.err != nil && !errors.Is(j.err, io.EOF) {
		return nil, j.err
	}
	return j.b.report()
}

// fail says what is wrong at the present line.
func (j *jsonReader) fail(format string, args ...any) { j.b.fail(j.line, format, args...) }

// stopped says whether nothing more is read: after a fault or an error of the
// reader.
func (j *jsonReader) stopped() bool {
	return j.b.err != nil || j.err != nil && !errors.Is(j.err, io.EOF)
}

// over says whether the document is read to its end.
func (j *jsonReader) over() bool { return j.pos == len(j.buf) && errors.Is(j.err, io.EOF) }

// unexpected says what is there in place of what should be.
func (j *jsonReader) unexpected(want string) {
	if j.stopped() {
		return
	}
	if j.over() {
		j.fail("the file ends where %s should be", want)
		return
	}
	is := map[byte]string{
		'{': "an object", '[': "an array", '"': "a string", '0': "a number", 't': "a truth value", 'n': "null",
	}[j.kind()]
	if is == "" || strings.HasPrefix(want, "a comma") {
		j.fail("%q where %s should be", j.buf[j.pos:j.pos+1], want)
		return
	}
	j.fail("%s where %s should be", is, want)
}

// members reads a document in which one object is about source files, by their
// paths; file reads what is said of one. All else is passed over.
func (j *jsonReader) members(of string, file func(path string)) {
	found := false
	for j.object(); j.more(); {
		if string(j.key()) != of {
			j.skip()
			continue
		}
		found = true
		for j.object(); j.more(); {
			file(string(j.key()))
		}
	}
	if !found && !j.stopped() {
		j.fail("there is no %q", of)
	}
}
