package coverage

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"runtime/metrics"
	"testing"
)

// fuzzFormat fuzzes a parser against what every parser promises: no panic, no
// more memory than the input warrants, a fault that names the format, the same
// answer each time, and a report that is in order. The seeds are added by the
// caller before.
func fuzzFormat(f *testing.F, parse func(io.Reader) (*Report, error)) {
	f.Fuzz(func(t *testing.T, data []byte) {
		before := allocated()
		r, err := parse(bytes.NewReader(data))
		wantModest(t, allocated()-before, len(data))
		if err != nil {
			if fault := new(FormatError); !errors.As(err, &fault) || fault.Format == "" || fault.What == "" {
				t.Fatalf("fault without a format: %v", err)
			}
			if r != nil {
				t.Fatal("a report and a fault at once")
			}
		} else {
			wantOrder(t, r)
		}
		again, err2 := parse(bytes.NewReader(data))
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("first %v, then %v", err, err2)
		}
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("first %+v, then %+v", r, again)
		}
	})
}

// allocated is how many bytes were ever allocated on the heap: it never falls,
// so that what it grows by bounds what was live at the worst.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// wantModest wants at most 20 bytes for each byte of input, buffers aside.
func wantModest(t *testing.T, grown uint64, input int) {
	t.Helper()
	const buffers = 4 << 20
	if limit := uint64(20*input + buffers); grown > limit {
		t.Fatalf("%d bytes of input took %d bytes of memory, more than %d", input, grown, limit)
	}
}

// wantOrder wants what [Report] promises of its fields.
func wantOrder(t *testing.T, r *Report) {
	t.Helper()
	if r.Format == "" {
		t.Fatal("a report without a format")
	}
	lines := false
	for i, f := range r.Files {
		lines = lines || len(f.Runs)+len(f.Blocks) > 0
		if f.Path == "" || i > 0 && r.Files[i-1].Path >= f.Path {
			t.Fatalf("file %d, %q, is out of order or has no name", i, f.Path)
		}
		for j, run := range f.Runs {
			if run.Start < 1 || run.End < run.Start || run.End > maxLine || run.State < Miss || run.State > Hit {
				t.Fatalf("%s: %+v is no run", f.Path, run)
			}
			if j == 0 {
				continue
			}
			if last := f.Runs[j-1]; last.End >= run.Start || last.End+1 == run.Start && last.State == run.State {
				t.Fatalf("%s: %+v, then %+v", f.Path, last, run)
			}
		}
		for _, b := range f.Blocks {
			if b.Start < 1 || b.End < b.Start || b.End > maxLine || b.Stmts < 1 {
				t.Fatalf("%s: %+v is no block", f.Path, b)
			}
		}
	}
	if s := r.Summary; s != nil && (lines || s.Hit > s.All || s.Hit < 0) {
		t.Fatalf("summary %+v; lines: %v", *s, lines)
	}
}
