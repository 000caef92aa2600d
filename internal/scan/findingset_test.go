package scan

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"reflect"
	"runtime/metrics"
	"testing"
)

func packed(t testing.TB, text string) []byte {
	t.Helper()
	out := bytes.NewBuffer([]byte{findingsVersion})
	w, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestASetIsWhatItWas(t *testing.T) {
	for _, all := range [][]entry{
		{},
		{{}},
		{
			{tool: "X", rule: "r", path: "a", text: "m", level: "none", url: "https://x.test", line: 3, end: 3, severity: severity{100, true}, print: imprint{byWords, [8]byte{1, 2}}, known: true},
			{tool: "X", rule: "X", path: "a", line: maxSourceEnd, end: maxSourceEnd, severity: severity{0, true}, print: imprint{byText, [8]byte{255}}},
		},
	} {
		set, err := encodeFindings(all)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeFindings(set)
		if err != nil || !reflect.DeepEqual(all, again) {
			t.Errorf("%+v became %+v, %v", all, again, err)
		}
	}
}

func TestASetOfOneFormIsReadTomorrow(t *testing.T) {
	set := packed(t, "\x01\x00\x01X\x00\x01r\x00\x01a\x00\x01m\x00\x00\x03\x01\x02\x4c\x03abcdefgh")
	all, err := decodeFindings(set)
	want := []entry{{tool: "X", rule: "r", path: "a", text: "m", level: "warning", line: 3, end: 4, severity: severity{75, true}, print: imprint{byText, [8]byte([]byte("abcdefgh"))}, known: true}}
	if err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestADamagedSetIsAnErrorOfItsOwn(t *testing.T) {
	whole, err := encodeFindings([]entry{{tool: "X", rule: "r", path: "a", text: "m", line: 3, end: 4}})
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string][]byte{
		"empty": nil, "another version": append([]byte{findingsVersion + 1}, whole[1:]...), "cut": whole[:len(whole)-3], "not compressed": {findingsVersion, 0xFF, 1, 2},
		"something follows": append(bytes.Clone(whole), 1), "nothing in it": packed(t, ""), "more than there is": packed(t, "\x7f"), "left over": packed(t, "\x00x"),
		"a text that was not": packed(t, "\x01\x05"+string(make([]byte, 30))), "a level that is none": packed(t, "\x01\x00\x00\x01\x01\x01\x01\x01\x01\x09\x00\x00abcdefgh"),
		"a long text": packed(t, "\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"+string(make([]byte, 30))),
		"many":        packed(t, "\xc1\x9a\x0c"+string(make([]byte, 18*maxFindings+100))), // one more than there may be
	}
	for name, set := range sets {
		if all, err := decodeFindings(set); !errors.Is(err, ErrSet) || all != nil {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
		if _, err := Compare(set, nil, nil); !errors.Is(err, ErrSet) {
			t.Errorf("%s as the head: %v", name, err)
		}
		if _, err := Compare(whole, &Base{Set: set}, nil); !errors.Is(err, ErrSet) {
			t.Errorf("%s as the base: %v", name, err)
		}
	}
}

// everAllocated is how many bytes were ever allocated on the heap.
func everAllocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// FuzzFindingSet: whatever the bytes are, they are a set that is encoded to the
// same, or an error, and take no more memory than they warrant.
func FuzzFindingSet(f *testing.F) {
	for _, n := range []int{0, 1, 5} {
		var all []entry
		for i := range n {
			all = append(all, entry{tool: "X", rule: fmt.Sprint("r", i%2), path: "a", text: fmt.Sprint(i), line: i, end: 2 * i, level: "error", severity: severity{int16(i), i%2 == 0}, known: true})
		}
		set, err := encodeFindings(all)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(set, false)
		f.Add(set[1:], true)
	}
	f.Add([]byte("\x01\x00\x01X\x00\x01r\x00\x01a\x00\x01m\x00\x00\x03\x01\x02\x4c\x03abcdefgh"), true)
	f.Fuzz(func(t *testing.T, data []byte, plain bool) {
		if plain {
			data = packed(t, string(data))
		}
		before := everAllocated()
		all, err := decodeFindings(data)
		if grown := everAllocated() - before; grown > uint64(len(data))*1100*16+4<<20 {
			t.Fatalf("%d bytes took %d", len(data), grown)
		}
		if err != nil {
			if !errors.Is(err, ErrSet) || all != nil {
				t.Fatalf("%v, %v", all, err)
			}
			return
		}
		set, err := encodeFindings(all)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeFindings(set)
		if err != nil || !reflect.DeepEqual(all, again) {
			t.Fatalf("%+v, then %+v, %v", all, again, err)
		}
	})
}
