package coverage

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/handrail-bot/handrail/internal/report"
)

// ErrNotReport says that a file is no coverage report of a known format.
var ErrNotReport = errors.New("no coverage report of a known format")

// lookahead is how much of a file is looked at to tell its format, in bytes.
const lookahead = 64 << 10

// Parse reads a report, whatever its format: what the file holds decides, name
// is a hint at most. The error is [ErrNotReport] when no format claims the file,
// a [*FormatError] when the report is at fault, else r's.
func Parse(name string, r io.Reader) (*Report, error) {
	in := bufio.NewReaderSize(r, lookahead)
	prefix, err := in.Peek(lookahead)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if report.UTF16(prefix) {
		return nil, refuseUTF16(name, prefix)
	}
	if mark := "\uFEFF"; bytes.HasPrefix(prefix, []byte(mark)) {
		prefix = prefix[len(mark):]
		if _, err := in.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	if f := detect(name, prefix); f != nil {
		return f.parse(in)
	}
	return nil, ErrNotReport
}

// detect is the format that claims a file, nil when none does.
func detect(name string, prefix []byte) *format {
	for i := range formats {
		if formats[i].detect(name, prefix) {
			return &formats[i]
		}
	}
	return nil
}

// refuseUTF16 says what a report in UTF-16 is; a text that would be no report
// in any encoding is none.
func refuseUTF16(name string, prefix []byte) error {
	plain := bytes.ReplaceAll(prefix, []byte{0}, nil)
	plain = bytes.TrimPrefix(plain, []byte{0xFF, 0xFE})
	plain = bytes.TrimPrefix(plain, []byte{0xFE, 0xFF})
	if f := detect(name, plain); f != nil {
		return &FormatError{Format: f.name, What: "the file is in UTF-16; write it in UTF-8"}
	}
	return ErrNotReport
}

// firstLine is the first line of a text that is not blank, without the blanks
// around it.
func firstLine(prefix []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(prefix, " \t\r\n"), []byte("\n"))
	return bytes.TrimSpace(line)
}
