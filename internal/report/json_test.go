package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document is one in JSON, with the first fault in it.
type document struct {
	*JSON
	fault error
}

func newDocument(r io.Reader, buffer int) *document {
	d := &document{}
	d.JSON = NewJSON(r, buffer, &d.fault, func(line int, format string, args ...any) {
		d.fault = fmt.Errorf("line %d: "+format, append([]any{line}, args...)...)
	})
	return d
}

func (d *document) end() error {
	if err := d.End(); err != nil {
		return err
	}
	return d.fault
}

// What encoding/json takes for a document is one here, and means the same; the
// limits aside, and a name that comes twice, which a document has once there.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0.5e+3,"\ud83d\ude00\ud83d x\u0000\n",true,false,null,{}],"":{"b":[]}}`,
		`[1,]`, `{"a":1,}`, `[01]`, `[1.]`, `[-]`, `nul`, `"\x"`, "\"\x01\"", "\"\xff\xfe\xc3\"", `[}`, `{} {}`, ` [ ] `, `[1 2]`, `{"a" 1}`, "[\x00]",
		`"\ud83d\ud83d\ude00\ude00"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, size := range []int{1, 7, 32 << 10} {
			j := newDocument(bytes.NewReader(data), size)
			got := anyValue(j)
			err := j.end()
			if err != nil && strings.Contains(err.Error(), "more than 6") {
				return
			}
			if valid := json.Valid(data); valid != (err == nil) {
				t.Fatalf("encoding/json: valid %v; here: %v", valid, err)
			}
			passed := newDocument(bytes.NewReader(data), size)
			passed.Skip()
			if skipped := passed.end(); (skipped == nil) != (err == nil) {
				t.Fatalf("read: %v; passed over: %v", err, skipped)
			}
			if err != nil {
				continue
			}
			var want any
			d := json.NewDecoder(bytes.NewReader(data))
			d.UseNumber()
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// anyValue reads a value into what encoding/json makes of it.
func anyValue(j *document) any {
	switch j.Kind() {
	case '{':
		out := map[string]any{}
		for j.Object(); j.More(); {
			key := string(j.Key())
			out[key] = anyValue(j)
		}
		return out
	case '[':
		out := []any{}
		for j.Array(); j.More(); {
			out = append(out, anyValue(j))
		}
		return out
	case '"':
		return string(j.Text(true))
	case '0':
		return json.Number(j.Number())
	default:
		if c := j.Word(); c == 't' || c == 'f' {
			return c == 't'
		}
		return nil
	}
}

// Strings are the same wherever the reader's buffer ends.
func TestStringsInJSONHaveAllEscapes(t *testing.T) {
	const text = "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\uD83D\\uDE00\\ud83dx\\ude00\xff\xfe.\",\"\", -1.5e-3 , 12]"
	const want = "\"\\/\b\f\n\r\té😀\uFFFDx\uFFFD\uFFFD\uFFFD."
	for size := 1; size < 60; size++ {
		j := newDocument(strings.NewReader(text), size)
		if d := cmp.Diff([]any{want, "", json.Number("-1.5e-3"), json.Number("12")}, anyValue(j)); d != "" {
			t.Errorf("%d bytes at a time: %s", size, d)
		}
		if err := j.end(); err != nil {
			t.Errorf("%d bytes at a time: %v", size, err)
		}
	}
}

// What is cut of a text is cut the same wherever the reader's buffer ends, and
// never within a character; what follows is read as if nothing had been.
func TestABeginningOfATextIsWholeCharacters(t *testing.T) {
	for text, want := range map[string]string{
		`abc`: "abc", `abcdefgh`: "abcde", `aéééé`: "aéé", `ab\ud83d\ude00x`: "ab", `abcd\ud83d\ude00`: "abcd", `a\u00e9\u00e9\u00e9`: "aéé",
		"abcd\xffx": "abcd", `\\\\\\\\\\\\`: `\\\\\`, ``: "",
	} {
		for size := 1; size < 30; size++ {
			d := newDocument(strings.NewReader(`["`+text+`","12345678"]`), size)
			d.Array()
			d.More()
			got := string(d.Prefix(5))
			d.More()
			if next := string(d.Text(true)); got != want || next != "12345678" || d.More() || d.end() != nil {
				t.Errorf("%s, %d bytes at a time: %q, then %q, %v; want %q", text, size, got, next, d.fault, want)
			}
		}
	}
}
