package coverage

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Limits of a report in XML. Tools stay far below them.
const (
	maxXMLDepth = 64       // elements within each other
	maxXMLToken = 64 << 10 // bytes of one tag, text, comment or DOCTYPE
	maxXMLAttrs = 64       // of one element
	maxPath     = 4096     // bytes of a file's path, as on Linux
)

// xmlReader reads the tags of a report, one after the other, and sees to it
// that they are nested rightly. It knows the five entities of XML and no other:
// a DOCTYPE is passed over, nothing is expanded or fetched.
type xmlReader struct {
	b   *builder
	src *xmlSource
	dec *xml.Decoder
	// open are the elements around the present place, outermost first. Of a start
	// tag, the last is its own element.
	open  []xml.Name
	root  string // the name that the outermost element must have
	begun bool
	line  int // of the report, where the last token ends

	lines  bool // the report has lines
	totals xmlTotals
}

// xmlTotals are what a report says that its lines come to. Bad: they make no
// sense, which matters only where there are no lines.
type xmlTotals struct {
	all, hit int
	line     int
	set, bad bool
}

func newXMLReader(format, root string, r io.Reader) *xmlReader {
	src := &xmlSource{r: bufio.NewReaderSize(r, 32<<10)}
	dec := xml.NewDecoder(src)
	dec.CharsetReader = src.charset
	return &xmlReader{b: newBuilder(format), src: src, dec: dec, root: root}
}

// each hands on every tag and text of the report, in their order, until its end
// or the first fault; text may be nil.
func (x *xmlReader) each(start func(xml.StartElement), end func(xml.EndElement), text func(xml.CharData)) {
	for t := x.next(); t != nil; t = x.next() {
		switch t := t.(type) {
		case xml.StartElement:
			start(t)
		case xml.EndElement:
			end(t)
		case xml.CharData:
			if text != nil {
				text(t)
			}
		}
	}
}

// next is the next start, end or text; nil at the end of the report and after a
// fault. Text is valid until the next call.
func (x *xmlReader) next() xml.Token {
	for x.b.err == nil && x.src.err == nil {
		x.src.left = maxXMLToken
		token, err := x.dec.RawToken()
		x.line, _ = x.dec.InputPos()
		if err != nil {
			x.stop(err)
			return nil
		}
		switch t := token.(type) {
		case xml.StartElement:
			x.enter(t)
		case xml.EndElement:
			x.leave(t)
		case xml.CharData:
			if len(x.open) == 0 && len(bytes.TrimSpace(t)) > 0 {
				x.fail("text outside of <%s>", x.root)
			}
		default:
			continue
		}
		if x.b.err != nil {
			return nil
		}
		return token
	}
	return nil
}

// stop takes the end of the tokens: an error of the reader, which is no fault of
// the report, the report's end, or what is wrong with it.
func (x *xmlReader) stop(err error) {
	var syntax *xml.SyntaxError
	switch {
	case x.src.err != nil:
	case errors.Is(err, io.EOF) && len(x.open) > 0:
		x.fail("the file ends within <%.80s>", x.open[len(x.open)-1].Local)
	case errors.Is(err, io.EOF) && !x.begun:
		x.fail("no <%s> in the file", x.root)
	case errors.Is(err, io.EOF):
	case errors.As(err, &syntax):
		x.b.fail(syntax.Line, "%.160s", syntax.Msg)
	default:
		x.fail("%.160s", strings.TrimPrefix(err.Error(), "xml: "))
	}
}

func (x *xmlReader) enter(t xml.StartElement) {
	switch {
	case len(x.open) == 0 && x.begun:
		x.fail("<%.80s> after the end of <%s>", t.Name.Local, x.root)
	case !x.begun && t.Name.Local != x.root:
		x.fail("the outermost element is <%.80s>, not <%s>", t.Name.Local, x.root)
	case len(x.open) >= maxXMLDepth:
		x.fail("more than %d elements within each other", maxXMLDepth)
	case len(t.Attr) > maxXMLAttrs:
		x.fail("<%.80s> has more than %d attributes", t.Name.Local, maxXMLAttrs)
	}
	x.begun = true
	x.open = append(x.open, t.Name)
}

func (x *xmlReader) leave(t xml.EndElement) {
	n := len(x.open) - 1
	switch {
	case n < 0:
		x.fail("</%.80s> ends nothing", t.Name.Local)
	case x.open[n] != t.Name:
		x.fail("</%.80s> where <%.80s> should end", t.Name.Local, x.open[n].Local)
	default:
		x.open = x.open[:n]
	}
}

// fail says what is wrong at the present place.
func (x *xmlReader) fail(format string, args ...any) { x.b.fail(x.line, format, args...) }

// parent is the name of the element around the one whose start tag was read.
func (x *xmlReader) parent() string {
	if len(x.open) < 2 {
		return ""
	}
	return x.open[len(x.open)-2].Local
}

// place reads an attribute that names a source line. Tools give code that has
// no place in its source, such as what a compiler adds, line 0: it is passed
// over. A tool that counted from 0 could not be told from one that does so.
func (x *xmlReader) place(t xml.StartElement, name string) (n int, placed bool) {
	text, ok := attr(t, name)
	if !ok {
		x.fail("<%s> without %s", t.Name.Local, name)
		return 0, false
	}
	n, ok = number([]byte(text))
	if !ok {
		x.fail("%s=%.40q is no line", name, text)
	}
	return n, ok && n > 0
}

// count reads an attribute that says how often something ran. The element must
// have it.
func (x *xmlReader) count(t xml.StartElement, name string) (hit bool) {
	text, ok := attr(t, name)
	if !ok {
		x.fail("<%s> without %s", t.Name.Local, name)
		return false
	}
	hit, ok = ran([]byte(text))
	if !ok {
		x.fail("%s=%.40q is no count", name, text)
	}
	return hit
}

// mark says that a line of a file has a state.
func (x *xmlReader) mark(f *fileBuilder, n int, s State) {
	x.lines = true
	f.line(n, s, x.line)
}

// openFile begins a file, or goes on with it.
func (x *xmlReader) openFile(path string) *fileBuilder {
	if len(path) > maxPath {
		x.fail("a path of more than %d bytes", maxPath)
	}
	return x.b.open(path, x.line)
}

// total keeps what the report says that its lines come to, where it says so.
func (x *xmlReader) total(all, hit string) {
	if all == "" && hit == "" {
		return
	}
	a, ok1 := number([]byte(all))
	h, ok2 := number([]byte(hit))
	x.totals = xmlTotals{all: a, hit: h, line: x.line, set: true, bad: !ok1 || !ok2 || h > a}
}

// report is what was read, or the fault, or the reader's error. Totals hold only
// where there are no lines, for they disagree with them too often; then the files
// are left out, for nothing is known of them, while a file without lines among
// others has nothing that could run.
func (x *xmlReader) report() (*Report, error) {
	if x.src.err != nil {
		return nil, x.src.err
	}
	if t := x.totals; t.set && !x.lines {
		if t.bad {
			x.b.fail(t.line, "the totals make no sense, and there are no lines")
		} else if t.all > 0 {
			x.b.totals(int64(t.all), int64(t.hit))
			clear(x.b.files)
		}
	}
	return x.b.report()
}

// attr is an attribute's value without the blanks around it.
func attr(t xml.StartElement, name string) (string, bool) {
	for i := range t.Attr {
		if t.Attr[i].Name.Local == name {
			return strings.TrimSpace(t.Attr[i].Value), true
		}
	}
	return "", false
}

// xmlHead reads the outermost start tag of what may be a report in XML, and the
// name of the first element within it, "" when there is none.
func xmlHead(prefix []byte) (root xml.StartElement, child string) {
	if !bytes.HasPrefix(bytes.TrimLeft(prefix, " \t\r\n"), []byte("<")) {
		return root, ""
	}
	dec := xml.NewDecoder(bytes.NewReader(prefix))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		token, err := dec.RawToken()
		if err != nil {
			return root, ""
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root.Name.Local != "" {
				return root, t.Name.Local
			}
			root = t
		case xml.EndElement:
			return root, ""
		}
	}
}
