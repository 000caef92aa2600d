package coverage

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/report"
)

// FuzzArchive: whatever an artifact is, reading it ends, in little memory, and
// says what was read.
func FuzzArchive(f *testing.F) {
	f.Add(zipOf(f, "a/lcov.info", oneLCOV, "b.out", oneGo, "c.html", "<html>"))
	f.Add(zipOf(f))
	f.Add(zipOf(f, "../x", "mode: set\na.go:1.1,x", "/y/", ""))
	f.Add(overlapping(3, []byte(oneLCOV)))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := NewMerge(checks.Selection{})
		before := allocated()
		if err := m.Add(t.Context(), checks.ReportSource{Archive: true, Data: data}); err != nil {
			t.Fatal(err)
		}
		wantModest(t, allocated()-before, len(data)+int(report.MaxInAll-m.left))
		if len(m.notes) == 0 {
			t.Fatal("nothing is said of the archive")
		}
		for _, n := range m.notes {
			if n.Problem == "" && n.Format == "" {
				t.Fatalf("%+v", n)
			}
		}
	})
}

const (
	oneLCOV = "TN:\nSF:src/a.ts\nDA:1,1\nDA:2,0\nend_of_record\n"
	oneGo   = "mode: set\nexample.com/m/a.go:1.1,2.2 1 1\n"
)

// zipOf is an archive of names, each with its text.
func zipOf(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// told is what is said of an archive.
func told(t *testing.T, data []byte, globs ...checks.Glob) []checks.Report {
	t.Helper()
	m := NewMerge(checks.Selection{})
	if err := m.Add(t.Context(), checks.ReportSource{Run: 7, Artifact: 9, Name: "coverage", Archive: true, Files: globs, Data: data}); err != nil {
		t.Fatal(err)
	}
	_, got, err := m.Done(checks.Tree{Files: map[string]string{"src/a.ts": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	return got.Reports
}

func TestArchiveIsReadFileByFile(t *testing.T) {
	data := zipOf(t, "c/", "", "c/lcov.info", oneLCOV, "c/index.html", "<html>", `..\..\etc\c.out`, oneGo,
		"/abs.info", "SF:a\nDA:1\n", "c/nested.zip", string(zipOf(t, "lcov.info", oneLCOV)), "notes.txt", "hello")
	want := []checks.Report{
		{Run: 7, Artifact: 9, Name: "coverage", File: "../../etc/c.out", Format: goFormat, Files: 1},
		{Run: 7, Artifact: 9, Name: "coverage", File: "/abs.info", Format: lcovFormat, Problem: "LCOV, line 2: DA:1 has no count"},
		{Run: 7, Artifact: 9, Name: "coverage", File: "c/lcov.info", Format: lcovFormat, Files: 1},
	}
	if d := cmp.Diff(want, told(t, data)); d != "" {
		t.Fatal(d)
	}
	if d := cmp.Diff(want[2:], told(t, data, "c/*.info", "none")); d != "" {
		t.Fatal(d)
	}
}

func TestArchiveThatCannotBeUsedIsAProblemInWords(t *testing.T) {
	many := []string{}
	for i := range report.MaxMatches + 1 {
		many = append(many, fmt.Sprintf("%d.json", i), "{}")
	}
	broken := zipOf(t, "lcov.info", oneLCOV+strings.Repeat("DA:1,1\n", 50))
	broken[45] ^= 0xFF
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no report": {zipOf(t, "b.css", "b", "a.html", "<html>", "c.txt", "c"), "it holds no coverage report that handrail understands: found a.html, b.css, c.txt"},
		"many others": {
			zipOf(t, "1.txt", "1", "2.txt", "2", "3.txt", "3", "4.txt", "4", "5.txt", "5", "6.txt", "6"),
			"it holds no coverage report that handrail understands: found 1.txt, 2.txt, 3.txt, 4.txt, 5.txt, …",
		},
		"empty":        {zipOf(t), "it holds no file that may be a coverage report"},
		"no archive":   {[]byte("hello"), "the archive is damaged: zip: not a valid zip file"},
		"nothing":      {nil, "the archive is damaged: zip: not a valid zip file"},
		"many files":   {zipOf(t, many...), "more than 200 of its files may be reports; say under files which are"},
		"too large":    {make([]byte, report.MaxArchive+1), "the archive is larger than 50 MiB"},
		"encrypted":    {flagged(zipOf(t, "lcov.info", oneLCOV)), "it is encrypted"},
		"broken":       {broken, "it is damaged: "},
		"symlink":      {symlink(t), "it holds no file that may be a coverage report"},
		"overlapping":  {overlapping(250, []byte(oneLCOV)), report.ErrOverlap.Error()},
		"same place":   {samePlace(t), report.ErrOverlap.Error()},
		"entry's size": {bomb(t, maxEntry+1, 1), "it is larger than 64 MiB"},
	} {
		got := told(t, c.data)
		if len(got) != 1 || !strings.HasPrefix(got[0].Problem, c.want) {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
			continue
		}
		// What was read whole and is something else is no fault beside a report.
		if foreign := strings.HasPrefix(c.want, "it holds no "); got[0].Foreign != foreign {
			t.Errorf("%s: foreign is %v", name, got[0].Foreign)
		}
	}
}

// flagged is an archive whose only entry says that it is encrypted.
func flagged(data []byte) []byte {
	data[bytes.Index(data, []byte("PK\x01\x02"))+8] |= 1
	return data
}

func symlink(t *testing.T) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	h := &zip.FileHeader{Name: "lcov.info"}
	h.SetMode(fs.ModeSymlink | 0o777)
	w, err := z.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "/etc/passwd"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// samePlace is an archive of two entries with one offset.
func samePlace(t *testing.T) []byte {
	data := zipOf(t, "a.info", oneLCOV, "b.info", oneLCOV)
	second := bytes.LastIndex(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(data[second+42:], 0)
	return data
}

// bomb is an archive of n reports, each so large and compressed to little.
func bomb(t *testing.T, size, n int) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	names := []byte("TN:" + strings.Repeat("x", 1000) + "\n")
	for i := range n {
		w, err := z.Create(fmt.Sprintf("%d.info", i))
		if err != nil {
			t.Fatal(err)
		}
		text := io.MultiReader(strings.NewReader(oneLCOV), io.LimitReader(&repeated{text: names}, int64(size-len(oneLCOV))))
		if _, err := io.Copy(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// repeated is a text without an end.
type repeated struct {
	text []byte
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// overlapping is a small archive of n files that would be large together: each
// quotes, in a stored block of DEFLATE, the header of the next one and goes on
// with it, so that all share the last one's data (D. Fifield, "A better zip
// bomb", WOOT 2019).
func overlapping(n int, kernel []byte) []byte {
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression)
	_, _ = w.Write(kernel)
	_ = w.Close()
	name := func(i int) string { return fmt.Sprintf("%04d.info", i) }
	const local = 30 + 9
	// Built from the last to the first, since each holds those behind it.
	data, plain := packed.Bytes(), kernel
	large := len(kernel) > 1<<20
	if large {
		plain = nil // no sum is right, but nobody comes that far
	}
	headers := make([][]byte, n)
	bodies := make([]int, n)
	sums := make([]uint32, n)
	lengths := make([]int, n)
	for i := n - 1; i >= 0; i-- {
		lengths[i] = len(kernel) + (n-1-i)*local
		if i < n-1 {
			quoted := headers[i+1]
			block := []byte{0}
			block = binary.LittleEndian.AppendUint16(block, uint16(len(quoted)))
			block = binary.LittleEndian.AppendUint16(block, ^uint16(len(quoted)))
			data = append(append(block, quoted...), data...)
			if !large {
				plain = append(bytes.Clone(quoted), plain...)
			}
		}
		sums[i], bodies[i] = crc32.ChecksumIEEE(plain), len(data)
		headers[i] = header("PK\x03\x04\x14\x00", sums[i], bodies[i], lengths[i], name(i), nil)
	}
	out := append(bytes.Clone(headers[0]), data...)
	start, offset := len(out), 0
	for i := range n {
		tail := make([]byte, 10+4)
		binary.LittleEndian.PutUint32(tail[10:], uint32(offset))
		out = append(out, header("PK\x01\x02\x14\x00\x14\x00", sums[i], bodies[i], lengths[i], name(i), tail)...)
		offset += local + 5
	}
	size := len(out) - start
	out = append(out, "PK\x05\x06\x00\x00\x00\x00"...)
	out = binary.LittleEndian.AppendUint16(out, uint16(n))
	out = binary.LittleEndian.AppendUint16(out, uint16(n))
	out = binary.LittleEndian.AppendUint32(out, uint32(size))
	out = binary.LittleEndian.AppendUint32(out, uint32(start))
	return append(out, 0, 0)
}

// header is one of an entry, local or, with a tail, of the directory.
func header(begin string, sum uint32, packed, plain int, name string, tail []byte) []byte {
	h := append([]byte(begin), 0, 0, 8, 0, 0, 0, 0, 0)
	h = binary.LittleEndian.AppendUint32(h, sum)
	h = binary.LittleEndian.AppendUint32(h, uint32(packed))
	h = binary.LittleEndian.AppendUint32(h, uint32(plain))
	h = binary.LittleEndian.AppendUint16(h, uint16(len(name)))
	h = binary.LittleEndian.AppendUint16(h, 0)
	return append(append(h, tail...), name...)
}

// The bomb of the test above is one that Go's reader unpacks, so that it is
// refused for what it is.
func TestOverlappingArchiveWouldBeReadOtherwise(t *testing.T) {
	data := overlapping(250, []byte(oneLCOV))
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum < 20*int64(len(data)) {
		t.Fatalf("%d bytes of %d", sum, len(data))
	}
}

// A hundred kilobytes that claim to be five gigabytes are not even begun.
func TestOverlappingArchiveIsRefusedUnread(t *testing.T) {
	kernel := append([]byte(oneLCOV), make([]byte, 21<<20)...)
	data := overlapping(250, kernel)
	if len(data) > 106<<10 {
		t.Fatalf("%d bytes", len(data))
	}
	m := NewMerge(checks.Selection{})
	before := allocated()
	if err := m.Add(t.Context(), checks.ReportSource{Archive: true, Data: data}); err != nil {
		t.Fatal(err)
	}
	if grown := allocated() - before; grown > 20*uint64(len(data)) {
		t.Errorf("%d bytes were allocated for %d", grown, len(data))
	}
	if m.left != report.MaxInAll || len(m.notes) != 1 || m.notes[0].Problem != report.ErrOverlap.Error() {
		t.Errorf("%d bytes were read; %+v", report.MaxInAll-m.left, m.notes)
	}
}

func TestReportsAreBoundedTogether(t *testing.T) {
	data := bomb(t, 3<<20, 6)
	before := live()
	m := NewMerge(checks.Selection{})
	m.left = 13 << 20
	if err := m.Add(t.Context(), checks.ReportSource{Archive: true, Data: data}); err != nil {
		t.Fatal(err)
	}
	for i, n := range report.Ordered(m.notes) {
		if want := map[bool]string{true: "the reports are larger than 256 MiB together"}[i >= 4]; n.Problem != want {
			t.Errorf("%s: %q, want %q", n.File, n.Problem, want)
		}
	}
	if grown := int64(live()) - int64(before); grown > 1<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
}

func TestReadingStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := NewMerge(checks.Selection{})
	n := 0
	in := &watched{Reader: &repeated{text: []byte("mode: set\n")}, every: 1, see: func() {
		if n++; n == 100 {
			cancel()
		}
	}}
	left := int64(report.MaxInAll)
	if _, err := report.Bounded(ctx, in, report.Bounds{Each: maxEntry, Left: &left}, func(in io.Reader) (*Report, error) { return Parse("", in) }); !errors.Is(err, context.Canceled) || n > 100 {
		t.Fatal(n, err)
	}
	if err := m.Add(ctx, checks.ReportSource{Archive: true, Data: zipOf(t, "a", oneGo)}); !errors.Is(err, context.Canceled) || len(m.notes) > 0 {
		t.Fatal(err, m.notes)
	}
}
