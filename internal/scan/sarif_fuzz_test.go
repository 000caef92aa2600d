package scan

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// FuzzSARIF: whatever a report is, reading it ends, in little memory, twice the
// same, and its findings can be kept and compared. What encoding/json cannot read
// is never a clean report.
func FuzzSARIF(f *testing.F) {
	samples, err := filepath.Glob(filepath.Join(sarifSamples, "*.sarif"))
	if err != nil || len(samples) == 0 {
		f.Fatal(err)
	}
	for _, path := range samples {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 12<<10 {
			f.Add(text)
		}
	}
	for _, members := range [][]string{
		{oneTool, `"results":[` + oneResult + `]`},
		{oneTool, `"results":[{"rule":{"index":0,"toolComponent":{"index":1}},"message":{"id":"default","arguments":["a",1]},"kind":"open","level":null,"partialFingerprints":{"primaryLocationLineHash":"a:1"},"locations":[{"physicalLocation":{"artifactLocation":{"index":0},"region":{"startLine":2,"endLine":"3"},"contextRegion":{"startLine":1,"snippet":{"text":"a\nsome line\nb"}}}}]}]`,
			`"artifacts":[{"location":{"uri":"x%20y","uriBaseId":"A"}}]`, `"originalUriBaseIds":{"A":{"uri":"b/","uriBaseId":"B"},"B":{"uri":"file:///C:/w"}}`},
		{`"invocations":[{"executionSuccessful":false,"toolExecutionNotifications":[{"level":"error","message":{"text":"x"}}]}]`, `"externalPropertyFileReferences":{"a":1}`},
	} {
		f.Add([]byte(sarifOf(members...)))
	}
	tree := checks.Tree{Files: map[string]string{"a.go": "1", "b/x y": "2", "lend.js": "3", "src/main.tf": "4"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := everAllocated()
		l, err := parseSARIF("x.sarif", bytes.NewReader(data), nil)
		if grown := everAllocated() - before; grown > uint64(30*len(data))+4<<20 {
			t.Fatalf("%d bytes took %d", len(data), grown)
		}
		if err != nil {
			if fault := new(sarifFault); !errors.As(err, &fault) || l != nil {
				t.Fatalf("%v, %v", l, err)
			}
			return
		}
		if text := bytes.TrimPrefix(data, []byte("\uFEFF")); !json.Valid(text) {
			t.Fatal("read what is no JSON")
		}
		again, err := parseSARIF("x.sarif", bytes.NewReader(data), nil)
		if err != nil || !reflect.DeepEqual(l, again) {
			t.Fatalf("first %+v, then %+v, %v", l, again, err)
		}
		all, got := reported(t, tree, checks.ReportSource{Name: "x.sarif", Data: data})
		wantSense(t, all, got)
	})
}

// wantSense wants what every set of findings promises.
func wantSense(t *testing.T, all []entry, got checks.Findings) {
	t.Helper()
	for i, e := range all {
		for _, s := range []string{e.tool, e.rule, e.path, e.text, e.url} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x00\u202e\u200b") || len(s) > 1300 {
				t.Fatalf("%+v", e)
			}
		}
		if e.tool == "" || e.rule == "" || e.line < 0 || e.end < e.line || e.print.kind == noPrint || e.known && e.path == "" {
			t.Fatalf("%+v", e)
		}
		if i > 0 && all[i-1].path > e.path && all[i-1].tool == e.tool && all[i-1].rule == e.rule {
			t.Fatalf("%+v before %+v", all[i-1], e)
		}
	}
	if len(got.Tools) == 0 || got.Reports[0].Problem != "" || got.Resolved+got.Unresolved > len(all) {
		t.Fatalf("%+v", got)
	}
	set, err := encodeFindings(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, whole := range []bool{true, false} {
		if n := newOf(t, set, &Base{Set: set, Whole: whole}); len(n) > 0 {
			t.Fatalf("new against itself: %v", n)
		}
	}
}

// FuzzPaths: whatever an address is, its path is found in little time and is
// no address any more.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"file:///C:/a%20b", `C:\a\..\b`, "../../x", "file://h/x", "%", "FILE:a", "x://y", "//a", "", "/C:/"} {
		f.Add(s, "A", s)
	}
	f.Fuzz(func(t *testing.T, uri, base, of string) {
		r := sarifRun{bases: map[string]fileRef{"A": {uri: of, base: base}, base: {uri: uri, base: "A"}}}
		p := r.pathOf(fileRef{uri: uri, base: "A", artifact: -1})
		if (p.path == "") != (uri == "") && !strings.HasPrefix(strings.ToLower(uri), "file:") && p.path == "" {
			t.Fatalf("%q is at %+v", uri, p)
		}
		if again := r.pathOf(fileRef{uri: uri, base: "A", artifact: -1}); again != p {
			t.Fatalf("%+v, then %+v", p, again)
		}
		if p.root != "" && !isAbsolute(p.root) {
			t.Fatalf("%q is relative to %q", p.path, p.root)
		}
	})
}
