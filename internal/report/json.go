package report

import (
	"errors"
	"io"
	"strings"
)

// Limits of a report in JSON. Tools stay far below them.
const (
	maxDepth = 64       // objects and arrays within each other
	maxText  = 64 << 10 // bytes of a number, and of a key or string that is not passed over
)

// JSON reads a document of RFC 8259 value by value, so that no more of it is in
// memory than the present text: a report may hold the sources themselves. It
// refuses what encoding/json refuses, which is too slow for such documents.
// After a fault it reads nothing more: More is false, texts are empty. A text is
// valid until the next value is read.
type JSON struct {
	// Line is where it stands in the document, from 1.
	Line int

	fault *error
	fail  func(line int, format string, args ...any)
	src   io.Reader
	err   error // src's; at the end of the document io.EOF
	buf   []byte
	pos   int // of the next byte in buf

	open  [maxDepth]byte // what ends the objects and arrays around the present place
	depth int
	first bool // an object or array was just entered

	text    []byte // of a string or number that is not whole in buf
	most    int    // bytes of text that are kept
	cuts    bool   // what is beyond them is passed over, and no fault
	half    rune   // the escape before, where it was half a character
	halfEnd int    // where that one ended in text
}

// NewJSON reads from r, so many bytes at a time. What is wrong with the document
// is told to fail, which sets fault; whoever else sets that ends the reading too.
func NewJSON(r io.Reader, buffer int, fault *error, fail func(line int, format string, args ...any)) *JSON {
	return &JSON{Line: 1, fault: fault, fail: fail, src: r, buf: make([]byte, 0, buffer), most: maxText}
}

// Object enters an object. It is always used thus:
//
//	for j.Object(); j.More(); {
//		switch string(j.Key()) { in each case exactly one value is read }
//	}
func (j *JSON) Object() { j.enter('{', '}', "an object") }

// Array enters an array. It is used as object is, without keys.
func (j *JSON) Array() { j.enter('[', ']', "an array") }

func (j *JSON) enter(begin, end byte, want string) {
	switch {
	case j.peek() != begin:
		j.unexpected(want)
	case j.depth == maxDepth:
		j.Fail("more than %d objects and arrays within each other", maxDepth)
	default:
		j.pos++
		j.open[j.depth] = end
		j.depth++
		j.first = true
	}
}

// More says whether the object or array goes on; if not, it is left.
func (j *JSON) More() bool {
	c, first := j.peek(), j.first
	j.first = false
	switch {
	case j.Stopped():
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

// Key is the name of a member of an object.
func (j *JSON) Key() []byte {
	key := j.Text(true)
	if j.pos < len(j.buf) && j.buf[j.pos] == ':' {
		j.pos++
		return key
	}
	j.text = append(j.text[:0], key...) // out of buf, which may be filled anew
	j.colon()
	return j.text
}

func (j *JSON) colon() {
	if j.peek() != ':' {
		j.unexpected("a colon")
		return
	}
	j.pos++
}

// Kind is what the next value is: '{', '[', '"', '0' for a number, 't' for true
// or false, 'n' for null; something else is a fault to whoever reads it.
func (j *JSON) Kind() byte {
	switch c := j.peek(); {
	case c >= '0' && c <= '9', c == '-':
		return '0'
	case c == 'f':
		return 't'
	default:
		return c
	}
}

// Skip passes over a value.
func (j *JSON) Skip() {
	switch j.Kind() {
	case '{':
		for j.Object(); j.More(); {
			j.Text(false)
			j.colon()
			j.Skip()
		}
	case '[':
		for j.Array(); j.More(); {
			j.Skip()
		}
	case '"':
		j.Text(false)
	case '0':
		j.Number()
	default:
		j.Word()
	}
}

// End says that the document should be over. The error is one of the reader,
// which is no fault of the document.
func (j *JSON) End() error {
	if j.peek(); !j.Stopped() && !j.over() {
		j.Fail("the document goes on after its end")
	}
	if j.err != nil && !errors.Is(j.err, io.EOF) {
		return j.err
	}
	return nil
}

// Fail says what is wrong at the present line.
func (j *JSON) Fail(format string, args ...any) { j.fail(j.Line, format, args...) }

// Stopped says whether nothing more is read: after a fault or an error of the
// reader.
func (j *JSON) Stopped() bool {
	return *j.fault != nil || j.err != nil && !errors.Is(j.err, io.EOF)
}

// over says whether the document is read to its end.
func (j *JSON) over() bool { return j.pos == len(j.buf) && errors.Is(j.err, io.EOF) }

// unexpected says what is there in place of what should be.
func (j *JSON) unexpected(want string) {
	if j.Stopped() {
		return
	}
	if j.over() {
		j.Fail("the file ends where %s should be", want)
		return
	}
	is := map[byte]string{
		'{': "an object", '[': "an array", '"': "a string", '0': "a number", 't': "a truth value", 'n': "null",
	}[j.Kind()]
	if is == "" || strings.HasPrefix(want, "a comma") {
		j.Fail("%q where %s should be", j.buf[j.pos:j.pos+1], want)
		return
	}
	j.Fail("%s where %s should be", is, want)
}
