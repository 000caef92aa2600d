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

// setVersion begins every encoded set.
const setVersion = 1

// maxColumns is how large a set may be before it is compressed, in bytes.
const maxColumns = 256 << 20

// ErrSet says that bytes are no set, or one of another version.
var ErrSet = errors.New("no set of coverage of a known version")

// The columns of an encoded set. What is alike stands beside each other, since
// that compresses well. Numbers are unsigned varints.
const (
	colHead   = iota // files; then 1 and four totals when there is a summary, else 0
	colPaths         // bytes shared with the path before, bytes that follow, these bytes
	colCounts        // of a file: runs, stretches
	colBooks         // of both books: entries, then these as triples
	colRare          // triples that are in no book
	colRuns          // the symbols of runs
	colBlocks        // the symbols of stretches
	columns
)

// triple is a run or a stretch by how it differs from the one before: of a run
// the absent lines before it, its lines - 1, its state; of a stretch the lines
// from the start before, twice its lines - 1, and 1 more when hit, its
// statements.
type triple [3]uint32

// encode is the set in a form to keep: the version, then columns, each after its
// length, compressed with DEFLATE.
//
// Runs and stretches are symbols of one byte, from a book of the most common
// triples: of such bytes a Huffman code comes near to what they tell.
func (s *Set) encode() ([]byte, error) {
	var c [columns][]byte
	s.encodeHead(&c)
	var runs, blocks book
	s.triples(runs.count, blocks.count)
	runs.write(&c[colBooks])
	blocks.write(&c[colBooks])
	s.triples(
		func(t triple) { c[colRuns] = runs.put(c[colRuns], &c[colRare], t) },
		func(t triple) { c[colBlocks] = blocks.put(c[colBlocks], &c[colRare], t) })
	last := ""
	for _, f := range s.Files {
		n := shared(last, f.Path)
		put(&c[colPaths], n, len(f.Path)-n)
		c[colPaths] = append(c[colPaths], f.Path[n:]...)
		last = f.Path
		put(&c[colCounts], len(f.Runs), len(f.Stretches))
	}
	return deflated(c[:])
}

func put[N int | int64 | uint32](col *[]byte, ns ...N) {
	for _, n := range ns {
		*col = binary.AppendUvarint(*col, uint64(n))
	}
}

func (s *Set) encodeHead(c *[columns][]byte) {
	head := &c[colHead]
	put(head, len(s.Files))
	if t := s.Summary; t != nil {
		put(head, 1, t.All, t.Hit, t.Partial, int64(bit(t.Statements)))
	} else {
		put(head, 0)
	}
}

// triples goes through all runs and stretches in order.
func (s *Set) triples(run, stretch func(triple)) {
	for _, f := range s.Files {
		end := int32(0)
		for _, r := range f.Runs {
			run(triple{uint32(r.Start - end - 1), uint32(r.End - r.Start), uint32(r.State)})
			end = r.End
		}
		start := int32(0)
		for _, k := range f.Stretches {
			stretch(triple{uint32(k.Start - start), 2*uint32(k.End-k.Start) + bit(k.Hit), uint32(k.Stmts)})
			start = k.Start
		}
	}
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func deflated(cols [][]byte) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte(setVersion)
	var lengths []byte
	for _, c := range cols {
		put(&lengths, len(c))
	}
	for _, part := range []struct {
		level int
		cols  [][]byte
	}{
		{flate.BestCompression, append([][]byte{lengths}, cols[:colRuns]...)},
		{flate.HuffmanOnly, cols[colRuns:]},
	} {
		w, err := flate.NewWriter(&out, part.level)
		if err != nil {
			return nil, err
		}
		for _, c := range part.cols {
			if _, err := w.Write(c); err != nil {
				return nil, err
			}
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

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
	start := int64(0)
	for i := range out {
		t := d.symbol(colBlocks, d.stretchBook)
		start += int64(t[0])
		end := start + int64(t[1]/2)
		if d.bad || start < 1 || end > maxLine || t[2] < 1 || t[2] > 2*maxLine {
			d.bad = true
			return nil
		}
		out[i] = Stretch{int32(start), int32(end), int32(t[2]), t[1]%2 == 1}
	}
	return out
}

// Totals are those of an encoded set.
func Totals(set []byte) (checks.Totals, error) {
	s, err := decodeSet(set)
	if err != nil {
		return checks.Totals{}, err
	}
	return s.Totals(), nil
}
