package coverage

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
)

// setVersion begins every encoded set.
const setVersion = 2

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
// from the end before, which may be back (a zigzag), twice its lines - 1, and 1
// more when hit, its statements.
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
		end = 0
		for _, k := range f.Stretches {
			stretch(triple{zigzag(k.Start - end), 2*uint32(k.End-k.Start) + bit(k.Hit), uint32(k.Stmts)})
			end = k.End
		}
	}
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// zigzag is a number without its sign: 0, -1, 1, -2 become 0, 1, 2, 3.
func zigzag(n int32) uint32 { return uint32(n<<1) ^ uint32(n>>31) }

func unzigzag(n uint32) int64 { return int64(n>>1) ^ -int64(n&1) }

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
