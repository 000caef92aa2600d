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

// The columns of an encoded set. Each holds one kind of number for all files, as
// unsigned varints, since what is alike compresses well beside each other.
const (
	colHead    = iota // files; 1 and four totals when there is a summary
	colPaths          // bytes shared with the path before, bytes that follow, these bytes
	colCounts         // of a file: runs, stretches
	colGaps           // of a run: absent lines before it
	colLengths        // of a run: lines - 1
	colStates         // of a run
	colStarts         // of a stretch: lines from the start before
	colSpans          // of a stretch: lines - 1, twice, plus 1 when hit
	colStmts          // of a stretch
	columns
)

// encode is the set in a form to keep: the version, then, compressed with
// DEFLATE, the length of each column and the columns.
func (s *Set) encode() ([]byte, error) {
	var c [columns][]byte
	put := func(col int, n int64) { c[col] = binary.AppendUvarint(c[col], uint64(n)) }
	s.encodeHead(put)
	last := ""
	for _, f := range s.Files {
		n := shared(last, f.Path)
		put(colPaths, int64(n))
		put(colPaths, int64(len(f.Path)-n))
		c[colPaths] = append(c[colPaths], f.Path[n:]...)
		last = f.Path
		put(colCounts, int64(len(f.Runs)))
		put(colCounts, int64(len(f.Stretches)))
		f.encodeLines(put)
	}
	return deflated(c[:])
}

func (s *Set) encodeHead(put func(int, int64)) {
	put(colHead, int64(len(s.Files)))
	if t := s.Summary; t != nil {
		put(colHead, 1)
		put(colHead, t.All)
		put(colHead, t.Hit)
		put(colHead, t.Partial)
		put(colHead, int64(bit(t.Statements)))
	} else {
		put(colHead, 0)
	}
}

func (f *SetFile) encodeLines(put func(int, int64)) {
	end := int32(0)
	for _, r := range f.Runs {
		put(colGaps, int64(r.Start-end-1))
		put(colLengths, int64(r.End-r.Start))
		put(colStates, int64(r.State))
		end = r.End
	}
	start := int32(0)
	for _, k := range f.Stretches {
		put(colStarts, int64(k.Start-start))
		put(colSpans, int64(2*(k.End-k.Start)+bit(k.Hit)))
		put(colStmts, int64(k.Stmts))
		start = k.Start
	}
}

func bit(b bool) int32 {
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
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	var lengths []byte
	for _, c := range cols {
		lengths = binary.AppendUvarint(lengths, uint64(len(c)))
	}
	for _, c := range append([][]byte{lengths}, cols...) {
		if _, err := w.Write(c); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// decodeSet reads what encode wrote. Whatever the bytes are, it takes no more
// memory than they warrant.
func decodeSet(data []byte) (*Set, error) {
	if len(data) == 0 || data[0] != setVersion {
		return nil, ErrSet
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data[1:])), maxColumns+1))
	if err != nil || len(text) > maxColumns {
		return nil, fmt.Errorf("%w: it cannot be decompressed", ErrSet)
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

// setDecoder reads the columns. bad says that something in them cannot be.
type setDecoder struct {
	cols [columns][]byte
	bad  bool
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
	s.Files = make([]SetFile, files)
	last := ""
	for i := range s.Files {
		f := &s.Files[i]
		f.Path = d.path(last)
		d.bad = d.bad || i > 0 && f.Path <= last
		last = f.Path
		f.Runs = d.runs(d.get(colCounts, int64(len(d.cols[colStates]))))
		f.Stretches = d.stretches(d.get(colCounts, int64(len(d.cols[colStmts]))))
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

func (d *setDecoder) runs(n int64) []Run {
	if n == 0 || d.bad {
		return nil
	}
	out := make([]Run, n)
	end := int64(0)
	for i := range out {
		start := end + 1 + d.get(colGaps, maxLine)
		end = start + d.get(colLengths, maxLine)
		out[i] = Run{int32(start), int32(end), State(d.get(colStates, int64(Hit)))}
		touches := i > 0 && out[i-1].End+1 == out[i].Start && out[i-1].State == out[i].State
		if d.bad || end > maxLine || out[i].State == Absent || touches {
			d.bad = true
			return nil
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
		start += d.get(colStarts, maxLine)
		span := d.get(colSpans, 2*maxLine+1)
		end := start + span/2
		out[i] = Stretch{int32(start), int32(end), int32(d.get(colStmts, 2*maxLine)), span%2 == 1}
		if d.bad || start < 1 || end > maxLine || out[i].Stmts < 1 {
			d.bad = true
			return nil
		}
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
