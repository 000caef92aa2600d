package scan

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// bigSARIF is a report of about so many bytes: results as CodeQL writes them,
// each with a flow of code as long as it takes.
func bigSARIF(size, results int) *sarifStream {
	return &sarifStream{left: results, flow: max(size/results-700, 0) / 160}
}

// sarifStream writes a report as it is read, so that none of it is in memory.
type sarifStream struct {
	buf            bytes.Buffer
	n, left, flow  int
	begun, endDone bool
}

func (s *sarifStream) Read(p []byte) (int, error) {
	for s.buf.Len() < len(p) && !s.endDone {
		switch {
		case !s.begun:
			s.begun = true
			s.buf.WriteString(`{"version":"2.1.0","runs":[{` + oneTool + `,"results":[`)
		case s.left == 0:
			s.endDone = true
			s.buf.WriteString(`]}]}`)
		default:
			s.result()
		}
	}
	return s.buf.Read(p)
}

func (s *sarifStream) result() {
	if s.n > 0 {
		s.buf.WriteByte(',')
	}
	s.n, s.left = s.n+1, s.left-1
	fmt.Fprintf(&s.buf, `{"ruleId":"r1","ruleIndex":0,"message":{"text":"This path depends on a user-provided value %d."},"codeFlows":[{"threadFlows":[{"locations":[`, s.n)
	for i := range s.flow {
		if i > 0 {
			s.buf.WriteByte(',')
		}
		fmt.Fprintf(&s.buf, `{"location":{"physicalLocation":{"artifactLocation":{"uri":"src/f%d.go","index":%d},"region":{"startLine":%d,"startColumn":3}},"message":{"text":"a call"}}}`, i, i, i)
	}
	fmt.Fprintf(&s.buf, `]}]}],"partialFingerprints":{"primaryLocationLineHash":"%x:1"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/f%d.go"},"region":{"startLine":%d,"startColumn":2,"endColumn":9},"contextRegion":{"startLine":%d,"snippet":{"text":"%s\n"}}}}]}`,
		s.n, s.n%500, s.n, s.n-1, strings.Repeat("a line of source\\n", 20))
}

// peakWhile is how many bytes more than before were live at the most, seen each
// time that so many bytes of in were read.
func peakWhile(in io.Reader, every int, do func(io.Reader)) (peak, read int64) {
	live := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := live()
	w := &liveReader{in: in, every: every, see: func() { peak = max(peak, live()-before) }}
	do(w)
	w.see()
	return peak, w.read
}

type liveReader struct {
	in    io.Reader
	every int
	next  int64
	read  int64
	see   func()
}

func (r *liveReader) Read(p []byte) (int, error) {
	if r.read >= r.next {
		r.next += int64(r.every)
		r.see()
	}
	n, err := r.in.Read(p)
	r.read += int64(n)
	return n, err
}

// A scanner of a large repository writes so much, mostly of flows of code; and
// another one as many results as are read at all.
func TestLargeReportsAreReadInLittleMemory(t *testing.T) {
	for name, c := range map[string]struct{ size, results, least, most int }{
		"flows of code":   {78 << 20, 5_000, 70 << 20, 16 << 20},
		"many results":    {80 << 20, maxResults, 60 << 20, 64 << 20},
		"one huge string": {0, 0, 60 << 20, 16 << 20},
	} {
		var in io.Reader = bigSARIF(c.size, max(c.results, 1))
		if c.results == 0 {
			in = io.MultiReader(strings.NewReader(`{"version":"2.1.0","runs":[{`+oneTool+`,"results":[{"ruleId":"r1","message":{"text":"`),
				io.LimitReader(endless('x'), 70<<20), strings.NewReader(`"},"fingerprints":{"a":"`), io.LimitReader(endless('y'), 40<<20), strings.NewReader(`"}}]}]}`))
		}
		var l *sarifLog
		peak, read := peakWhile(in, 16<<20, func(in io.Reader) {
			var err error
			if l, err = parseSARIF("x.sarif", in, nil); err != nil {
				t.Fatal(err)
			}
		})
		if peak > int64(c.most) || read < int64(c.least) || l.results != max(c.results, 1) {
			t.Errorf("%s: %d bytes of memory for %d bytes, %d results", name, peak, read, l.results)
		}
		t.Logf("%s: %.1f MiB live for %.1f MiB", name, float64(peak)/(1<<20), float64(read)/(1<<20))
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// BenchmarkSARIF reads 50 MB.
func BenchmarkSARIF(b *testing.B) {
	text, err := io.ReadAll(bigSARIF(50<<20, 20_000))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseSARIF("x.sarif", bytes.NewReader(text), nil); err != nil {
			b.Fatal(err)
		}
	}
}
