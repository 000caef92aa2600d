package coverage

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/handrail-bot/handrail/checks"
)

// maxColumns is how large a set may be before it is compressed, in bytes.
const maxColumns = 256 << 20

// ErrSet says that bytes are no set, or one of another version.
var ErrSet = errors.New("no set of coverage of a known version")

// decodeSet reads what encode wrote. Whatever the bytes are, it takes no more
// memory than they warrant.
func decodeSet(data []byte) (*Set, error) {
	if len(data) == 0 || data[0] != setVersion {
		return nil, ErrSet
	}
	text, err := inflated(bytes.NewReader(data[1:]))
	if err != nil {
		return nil, err
	}
	d := setDecoder{}
	if err := d.split(text); err != nil {
		return nil, err
	}
	s := d.set()
	if d.bad || d.rest() {
		return nil, fmt.Errorf("%w: it is damaged", ErrSet)
	}
	return s, nil
}

// inflated is both compressed parts.
func inflated(in *bytes.Reader) ([]byte, error) {
	var text bytes.Buffer
	for range 2 {
		n, err := io.Copy(&text, io.LimitReader(flate.NewReader(in), maxColumns+1))
		if err != nil || n > maxColumns {
			return nil, fmt.Errorf("%w: it cannot be decompressed", ErrSet)
		}
	}
	if in.Len() > 0 {
		return nil, fmt.Errorf("%w: something follows it", ErrSet)
	}
	return text.Bytes(), nil
}

// setDecoder reads the columns. bad says that something in them cannot be.
type setDecoder struct {
	cols        [columns][]byte
	runBook     []triple
	stretchBook []triple
	bad         bool
}

func (d *setDecoder) split(text []byte) error {
	var lengths [columns]uint64
	for i := range lengths {
		v, n := binary.Uvarint(text)
		if n <= 0 {
			return fmt.Errorf("%w: it is cut", ErrSet)
		}
		lengths[i], text = v, text[n:]
	}
	for i, n := range lengths {
		if n > uint64(len(text)) {
			return fmt.Errorf("%w: it is cut", ErrSet)
		}
		d.cols[i], text = text[:n:n], text[n:]
	}
	if len(text) > 0 {
		return fmt.Errorf("%w: something follows it", ErrSet)
	}
	return nil
}

// rest says whether something was not read.
func (d *setDecoder) rest() bool {
	for _, c := range d.cols {
		if len(c) > 0 {
			return true
		}
	}
	return false
}

// get is the next number of a column, which may not be above most.
func (d *setDecoder) get(col int, most int64) int64 {
	v, n := binary.Uvarint(d.cols[col])
	if n <= 0 || v > uint64(most) {
		d.bad = true
		return 0
	}
	d.cols[col] = d.cols[col][n:]
	return int64(v)
}

func (d *setDecoder) set() *Set {
	s := &Set{}
	// A file takes two bytes at the least.
	files := d.get(colHead, int64(len(d.cols[colCounts])/2))
	if d.get(colHead, 1) == 1 {
		const most = 1 << 60
		t := checks.Totals{All: d.get(colHead, most), Hit: d.get(colHead, most), Partial: d.get(colHead, most)}
		t.Statements = d.get(colHead, 1) == 1
		s.Summary = &t
		d.bad = d.bad || t.Hit > t.All || t.Partial > t.Hit
	}
	if d.bad {
		return s
	}
	d.runBook, d.stretchBook = d.book(), d.book()
	s.Files = make([]SetFile, files)
	last := ""
	for i := range s.Files {
		f := &s.Files[i]
		f.Path = d.path(last)
		d.bad = d.bad || i > 0 && f.Path <= last
		last = f.Path
		f.Runs = d.runs(d.get(colCounts, int64(len(d.cols[colRuns]))))
		f.Stretches = d.stretches(d.get(colCounts, int64(len(d.cols[colBlocks]))))
		if d.bad {
			break
		}
	}
	return s
}

// longestName is how long a file's path may be, in bytes: git and every file
// system allow less.
const longestName = 1 << 16

func (d *setDecoder) path(last string) string {
	n := d.get(colPaths, int64(len(last)))
	more := d.get(colPaths, int64(len(d.cols[colPaths])))
	if more > int64(len(d.cols[colPaths])) || n+more > longestName {
		d.bad = true
		return ""
	}
	p := last[:n] + string(d.cols[colPaths][:more])
	d.cols[colPaths] = d.cols[colPaths][more:]
	return p
}

func (d *setDecoder) book() []triple {
	out := make([]triple, d.get(colBooks, rare))
	for i := range out {
		out[i] = d.triple(colBooks)
	}
	return out
}

func (d *setDecoder) triple(col int) triple {
	const most = 4 * maxLine
	return triple{uint32(d.get(col, most)), uint32(d.get(col, most)), uint32(d.get(col, most))}
}

// symbol is the next triple of a column of symbols.
func (d *setDecoder) symbol(col int, book []triple) triple {
	if len(d.cols[col]) == 0 {
		d.bad = true
		return triple{}
	}
	at := d.cols[col][0]
	d.cols[col] = d.cols[col][1:]
	if at == rare {
		return d.triple(colRare)
	}
	if int(at) >= len(book) {
		d.bad = true
		return triple{}
	}
	return book[at]
}

func (d *setDecoder) runs(n int64) []Run {
	if n == 0 || d.bad {
		return nil
	}
	out := make([]Run, n)
	end := int64(0)
	for i := range out {
		t := d.symbol(colRuns, d.runBook)
		start := end + 1 + int64(t[0])
		end = start + int64(t[1])
		if d.bad || end > maxLine || t[2] == 0 || t[2] > uint32(Hit) {
			d.bad = true
			return nil
		}
		out[i] = Run{int32(start), int32(end), State(t[2])}
		if i > 0 && t[0] == 0 && out[i-1].State == out[i].State {
			d.bad = true // they would be one run
		}
	}
	return out
}

func (d *setDecoder) stretches(n int64) []Stretch {
	if n == 0 || d.bad {
		return nil
	}
	out := make([]Stretch, n)
	end := int64(0)
	for i := range out {
		t := d.symbol(colBlocks, d.stretchBook)
		start := end + unzigzag(t[0])
		end = start + int64(t[1]/2)
		if d.bad || start < 1 || end > maxLine || t[2] < 1 || t[2] > 2*maxLine {
			d.bad = true
			return nil
		}
		out[i] = Stretch{int32(start), int32(end), int32(t[2]), t[1]%2 == 1}
	}
	return out
}
