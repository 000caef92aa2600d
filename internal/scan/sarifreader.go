package scan

import (
	"fmt"
	"io"
	"strconv"

	"github.com/handrail-bot/handrail/internal/report"
)

// How many bytes are kept of texts in a SARIF file.
const (
	maxWord    = 100  // a name, a version, a level
	maxRule    = 300  // a rule's id
	maxURI     = 4096 // an address or a path
	maxMessage = 2000 // more than 300 characters of any kind
	maxSnippet = 8192 // lines of source
)

// sarifReader reads a SARIF file leniently: a value that is not what it should
// be is as if it were absent. Only what is no JSON, and what is beyond a limit,
// is a fault.
type sarifReader struct {
	*report.JSON
	fault error
	seal  seal
	texts map[string]string // that were read before

	version             string
	schema, runs, tools bool // were seen
}

func newSARIFReader(in io.Reader, key seal) *sarifReader {
	d := &sarifReader{seal: key, texts: map[string]string{}}
	d.JSON = report.NewJSON(in, 64<<10, &d.fault, func(line int, format string, args ...any) {
		if d.fault == nil {
			d.fault = &sarifFault{line, fmt.Sprintf(format, args...)}
		}
	})
	return d
}

// members goes through an object; each must read the value of its key. It says
// whether it is one.
func (d *sarifReader) members(each func(key []byte)) bool {
	if d.Kind() != '{' {
		d.Skip()
		return false
	}
	for d.Object(); d.More(); {
		each(d.Key())
	}
	return true
}

// items goes through an array; each must read one value. It says whether it is
// one.
func (d *sarifReader) items(each func()) bool {
	if d.Kind() != '[' {
		d.Skip()
		return false
	}
	for d.Array(); d.More(); {
		each()
	}
	return true
}

// text is a string's beginning, "" where there is none. The same text is in
// memory once.
func (d *sarifReader) text(most int) string {
	if d.Kind() != '"' {
		d.Skip()
		return ""
	}
	text := d.Prefix(most)
	if known, ok := d.texts[string(text)]; ok {
		return known
	}
	known := string(text)
	d.texts[known] = known
	return known
}

// whole is a number without a fraction.
func (d *sarifReader) whole() (n int, ok bool) {
	f, ok := d.number()
	if n = int(f); float64(n) != f {
		return 0, false
	}
	return n, ok
}

// number is a number of at most 15 digits, written as one or as a string.
func (d *sarifReader) number() (float64, bool) {
	var text []byte
	switch d.Kind() {
	case '0':
		text = d.Number()
	case '"':
		text = d.Prefix(maxWord)
	default:
		d.Skip()
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return f, err == nil && f > -1e15 && f < 1e15
}

// index is one into an array, -1 where there is none, as SARIF has it.
func (d *sarifReader) index() int {
	n, ok := d.whole()
	if !ok || n < 0 || n > maxResults {
		return -1
	}
	return n
}

// untrue says whether a value is false.
func (d *sarifReader) untrue() bool {
	if d.Kind() != 't' {
		d.Skip()
		return false
	}
	return d.Word() == 'f'
}
