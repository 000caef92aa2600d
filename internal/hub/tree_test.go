package hub

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func entry(path, kind, mode, sha string) m {
	return m{"path": path, "type": kind, "mode": mode, "sha": sha, "size": 3, "url": "https://api.test/" + path}
}

func TestATreeIsItsOrdinaryFiles(t *testing.T) {
	f := newForge(t, Config{})
	f.rest[treePath] = func(r *http.Request) any {
		if r.URL.RawQuery != "recursive=1" {
			t.Errorf("asked %s", r.URL.RawQuery)
		}
		return m{"sha": "t", "url": "u", "tree": []any{
			entry("a.go", "blob", "100644", "s1"), entry("bin", "tree", "040000", "s2"), entry("bin/x y", "blob", "100755", "s3"),
			entry("link", "blob", "120000", "s4"), entry("sub", "commit", "160000", "s5"),
		}, "truncated": false}
	}
	tree, err := f.hub.Tree(t.Context(), subject, headSHA)
	if d := cmp.Diff(checks.Tree{Files: map[string]string{"a.go": "s1", "bin/x y": "s3"}}, tree); d != "" || err != nil {
		t.Error(d, err)
	}
}

// forest answers for a repository whose top has so many directories, which is
// listed at once only below those.
func (f *forge) forest(dirs int, deep bool) {
	top := []any{entry("a.go", "blob", "100644", "s")}
	for i := range dirs {
		name := fmt.Sprintf("d%02d", i)
		top = append(top, entry(name, "tree", "040000", name))
		f.rest["/repos/acme/shop/git/trees/"+name] = func(r *http.Request) any {
			if deep && r.URL.RawQuery == "" {
				return m{"tree": []any{entry("e", "tree", "040000", "e"), entry("y.go", "blob", "100644", "s")}, "truncated": false}
			}
			return m{"tree": []any{entry("x.go", "blob", "100644", "s")}, "truncated": deep}
		}
	}
	f.rest["/repos/acme/shop/git/trees/e"] = func(*http.Request) any {
		return m{"tree": []any{entry("z.go", "blob", "100644", "s")}, "truncated": false}
	}
	f.rest[treePath] = func(r *http.Request) any {
		return m{"tree": top, "truncated": r.URL.RawQuery != ""}
	}
}

func TestALargeTreeIsReadByDirectoriesOrSaidToBeCut(t *testing.T) {
	for _, c := range []struct {
		name            string
		dirs            int
		deep            bool
		files, requests int
		cut             bool
	}{
		{"all its directories", 18, false, 19, 20, false},
		{"one directory more", 19, false, 19, 20, true},
		{"a directory that is too large itself", 2, true, 7, 8, false},
		{"directories of such", 7, true, 0, 20, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.forest(c.dirs, c.deep)
			tree, err := f.hub.Tree(t.Context(), subject, headSHA)
			if err != nil || tree.Cut != c.cut || f.hub.Counts()[Operation{REST, "tree"}] != c.requests || !c.cut && len(tree.Files) != c.files {
				t.Errorf("%d files, cut %v, %v, %d requests", len(tree.Files), tree.Cut, err, f.hub.Counts()[Operation{REST, "tree"}])
			}
			if c.deep && tree.Files["d00/y.go"] == "" || tree.Files["a.go"] == "" {
				t.Errorf("%v", tree.Files)
			}
		})
	}
}

func TestATreeBeyondTheLimitOfAnAnswerIsAnError(t *testing.T) {
	f := newForge(t, Config{AnswerLimit: 2000})
	f.rest[treePath] = func(*http.Request) any {
		list := []any{}
		for i := range 100 {
			list = append(list, entry(fmt.Sprint(i), "blob", "100644", "s"))
		}
		return m{"tree": list, "truncated": false}
	}
	if tree, err := f.hub.Tree(t.Context(), subject, headSHA); !errors.Is(err, errTooLarge) {
		t.Errorf("%d files, %v", len(tree.Files), err)
	}
}

func TestAFileIsReadWholeAndAsItWasAskedFor(t *testing.T) {
	f := newForge(t, Config{})
	content := "aGVs\nbG8K\n"
	f.rest[blobPath] = func(*http.Request) any {
		return m{"content": content, "encoding": "base64", "size": 6, "sha": helloBlob}
	}
	if data, err := f.hub.Blob(t.Context(), subject, helloBlob, 6); err != nil || string(data) != "hello\n" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := f.hub.Blob(t.Context(), subject, helloBlob, 5); !isFault(err) {
		t.Error(err)
	}
	content = strings.Repeat("AAAA", 1<<20)
	if _, err := f.hub.Blob(t.Context(), subject, helloBlob, 6); !isFault(err) {
		t.Error(err)
	}
	for _, content = range []string{"", "aGVsbG8=", "%%"} {
		if data, err := f.hub.Blob(t.Context(), subject, helloBlob, 6); err == nil || isFault(err) {
			t.Errorf("taken: %q, %v", data, err)
		}
	}
}

func isFault(err error) bool {
	_, ok := errors.AsType[*Fault](err)
	return ok
}

// BenchmarkReadTree reads the longest list that GitHub gives: 100,000 entries.
func BenchmarkReadTree(b *testing.B) {
	var text bytes.Buffer
	text.WriteString(`{"sha":"x","tree":[`)
	for i := range 100_000 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"path":"src/pkg%d/file%d.go","mode":"100644","type":"blob","sha":"%040x","size":120,"url":"https://api.github.com/repos/acme/shop/git/blobs/%040x"}`, i%997, i, i, i)
	}
	text.WriteString(`],"truncated":false}`)
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		files := map[string]string{}
		if _, err := readTree(bytes.NewReader(text.Bytes()), func(e treeEntry) { files[e.Path] = e.SHA }); err != nil || len(files) != 100_000 {
			b.Fatal(err, len(files))
		}
	}
}
