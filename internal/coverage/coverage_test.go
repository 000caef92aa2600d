package coverage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func TestWhatNoFormatClaimsIsNoReport(t *testing.T) {
	for _, text := range []string{"", "\n\n", "<html></html>", "# only\n# comments", "mode of life: set", "\x00\x00", "\x89PNG", "\uFEFF"} {
		if r, err := Parse("coverage.out", strings.NewReader(text)); r != nil || !errors.Is(err, ErrNotReport) {
			t.Errorf("%q: %v, %v", text, r, err)
		}
	}
}

func TestReportInUTF16IsRefusedInWords(t *testing.T) {
	for text, want := range map[string]string{
		"mode: set\r\n":   "Go cover profile: the file is in UTF-16; write it in UTF-8",
		"TN:\r\nSF:a\r\n": "LCOV: the file is in UTF-16; write it in UTF-8",
		"hello":           ErrNotReport.Error(),
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, mark := range []string{"\uFEFF", ""} {
				var data []byte
				for _, u := range utf16.Encode([]rune(mark + text)) {
					data = order.AppendUint16(data, u)
				}
				if _, err := Parse("", bytes.NewReader(data)); err == nil || err.Error() != want {
					t.Errorf("%q: %v, want %s", data, err, want)
				}
			}
		}
	}
}

func TestReadersErrorIsNotTakenForTheEnd(t *testing.T) {
	torn := errors.New("torn")
	for _, text := range []string{"", "mode: set\na.go:1.1,1.1 1 1\n", "SF:a\nDA:1,1\n", "SF:a\n" + strings.Repeat("DA:1,1\n", 20_000)} {
		r, err := Parse("", io.MultiReader(strings.NewReader(text), iotest.ErrReader(torn)))
		if r != nil || !errors.Is(err, torn) {
			t.Errorf("%.20q: %v, %v", text, r, err)
		}
	}
}

func TestReportOfTooManyFilesIsRefused(t *testing.T) {
	var text strings.Builder
	for i := range maxFiles + 1 {
		fmt.Fprintf(&text, "SF:%d\n", i)
	}
	_, err := Parse("", strings.NewReader(text.String()))
	if err == nil || err.Error() != "LCOV, line 100001: more than 100000 files" {
		t.Fatal(err)
	}
}

// A report may cost four times its result while it is read, buffers aside.
func TestReadingTakesLittleMoreThanTheResult(t *testing.T) {
	text := bigLCOV(8 << 20)
	base := live()
	peak := base
	in := &watched{Reader: strings.NewReader(text), every: 64, see: func() { peak = max(peak, live()) }}
	r, err := Parse("", in)
	if err != nil {
		t.Fatal(err)
	}
	result := live() - base
	t.Logf("result %d KB, peak %d KB", result>>10, (peak-base)>>10)
	if buffers := uint64(2 << 20); peak-base > 4*result+buffers {
		t.Fatalf("%d bytes at the worst for a result of %d", peak-base, result)
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(text)
}

// watched calls see every so many reads.
type watched struct {
	io.Reader
	n, every int
	see      func()
}

func (w *watched) Read(p []byte) (int, error) {
	if w.n++; w.n%w.every == 0 {
		w.see()
	}
	return w.Reader.Read(p)
}

// live is how many bytes of the heap are in use.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// bigLCOV is a tracefile of about so many bytes.
func bigLCOV(size int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, "TN:\nSF:/home/runner/work/repo/repo/src/module%d/part%d/file%d.ts\n", n%40, n%7, n)
		for line := 1; line < 400; line++ {
			switch rnd.IntN(8) {
			case 0:
				line += rnd.IntN(4)
			case 1:
				fmt.Fprintf(&b, "DA:%d,0\n", line)
			case 2:
				fmt.Fprintf(&b, "DA:%d,%d\nBRDA:%d,0,0,1\nBRDA:%d,0,1,%d\n", line, rnd.IntN(900), line, line, rnd.IntN(2))
			default:
				fmt.Fprintf(&b, "DA:%d,%d\n", line, rnd.IntN(100))
			}
		}
		b.WriteString("end_of_record\n")
	}
	return b.String()
}
