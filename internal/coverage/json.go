package coverage

import (
	"io"

	"github.com/handrail-bot/handrail/internal/report"
)

// jsonReader reads a coverage report in JSON. Faults are b's.
type jsonReader struct {
	*report.JSON
	b *builder
}

func newJSONReader(format string, r io.Reader) *jsonReader {
	b := newBuilder(format)
	return &jsonReader{report.NewJSON(r, 32<<10, &b.err, b.fail), b}
}

// count reads a number of executions; null is none.
func (j *jsonReader) count() (hit bool) {
	if j.Kind() == 'n' {
		j.Word()
		return false
	}
	hit, _ = ran(j.Number())
	return hit
}

// place reads a line of a source file. Tools write 0 or null for what has no
// place in it.
func (j *jsonReader) place() (n int, placed bool) {
	if j.Kind() == 'n' {
		j.Word()
		return 0, false
	}
	return j.placeOf(j.Number())
}

func (j *jsonReader) placeOf(text []byte) (n int, placed bool) {
	n, ok := number(text)
	switch {
	case j.Stopped():
	case !ok:
		j.Fail("%.40q is no line", text)
	case n > maxLine:
		j.Fail("line %d: a line is a number from 1 to %d", n, maxLine)
	default:
		return n, n > 0
	}
	return 0, false
}

// total reads a whole number that a report gives for all of it.
func (j *jsonReader) total() int64 {
	text := j.Number()
	n, ok := number(text)
	if !ok && !j.Stopped() {
		j.Fail("%.40q is no number of lines", text)
	}
	return int64(n)
}

// report is the builder's, once the document is over. The error is one of the
// reader, or the first fault.
func (j *jsonReader) report() (*Report, error) {
	if err := j.End(); err != nil {
		return nil, err
	}
	return j.b.report()
}

// members reads a document in which one object is about source files, by their
// paths; file reads what is said of one. All else is passed over.
func (j *jsonReader) members(of string, file func(path string)) {
	found := false
	for j.Object(); j.More(); {
		if string(j.Key()) != of {
			j.Skip()
			continue
		}
		found = true
		for j.Object(); j.More(); {
			file(string(j.Key()))
		}
	}
	if !found && !j.Stopped() {
		j.Fail("there is no %q", of)
	}
}
