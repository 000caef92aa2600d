package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// resolved is what becomes of the paths of one report: the file, or the reason
// why there is none.
func resolved(tree checks.Tree, own, declared []string, paths ...string) map[string]string {
	slices.Sort(paths)
	out := map[string]string{}
	for i, p := range NewIndex(tree).Resolve(paths, own, declared) {
		out[Slashes(paths[i])] = p.File
		if p.File == "" {
			out[Slashes(paths[i])] = "? " + p.Odd
		}
	}
	return out
}

func TestPathsOfReportsAreFoundInTheRepository(t *testing.T) {
	const absent = "? " + OddAbsent
	for name, c := range map[string]struct {
		tree          []string
		own, declared []string
		want          map[string]string
	}{
		"as they are": {
			tree: []string{"src/a.py", "b.py"},
			want: map[string]string{"src/a.py": "src/a.py", "./b.py": "b.py", "src/../src/./a.py": "src/a.py", "src/A.py": absent},
		},
		"under a directory that the policy names": {
			tree: []string{"web/src/a.ts", "api/src/a.ts", "web/src/b.ts"}, declared: []string{"web/"},
			want: map[string]string{"src/a.ts": "web/src/a.ts", "src/b.ts": "web/src/b.ts"},
		},
		"under a directory that the report names": {
			tree: []string{"web/src/a.ts", "api/src/a.ts"}, own: []string{"api/src"},
			want: map[string]string{"a.ts": "api/src/a.ts"},
		},
		"under both": {
			tree: []string{"web/src/a.ts", "api/src/a.ts"}, own: []string{"./src"}, declared: []string{"api"},
			want: map[string]string{"a.ts": "api/src/a.ts"},
		},
		"under an absolute directory that the report names": {
			tree: []string{"web/src/a.ts", "api/src/a.ts", "api/src/b.ts"}, own: []string{"/home/runner/work/r/r/api"},
			want: map[string]string{"src/a.ts": "api/src/a.ts", "src/b.ts": "api/src/b.ts"},
		},
		"under a Windows directory that the report names": {
			tree: []string{"web/src/a.cs", "api/src/a.cs", "api/src/b.cs"}, own: []string{`D:\a\r\r\api\src`},
			want: map[string]string{"a.cs": "api/src/a.cs", "b.cs": "api/src/b.cs"},
		},
		"below several that the report names": {
			tree: []string{"m/src/main/java/o/A.java", "n/src/main/java/o/B.java", "n/src/main/java/o/A.txt"},
			own:  []string{"m/src/main/java", "n/src/main/java"},
			want: map[string]string{"o/A.java": "m/src/main/java/o/A.java", "o/B.java": "n/src/main/java/o/B.java"},
		},
		"by import path": {
			tree: []string{"main.go", "pkg/f.go", "cmd/main.go"},
			want: map[string]string{"github.com/o/r/pkg/f.go": "pkg/f.go", "github.com/o/r/main.go": "main.go", "github.com/o/r/gen.go": absent},
		},
		"by import path, all at the top": {
			tree: []string{"doc.go", "lib.go", "examples/x/doc.go"},
			want: map[string]string{"github.com/o/r/doc.go": "doc.go", "github.com/o/r/lib.go": "lib.go"},
		},
		"absolute": {
			tree: []string{"src/a.py", "setup.py", "tools/setup.py"},
			want: map[string]string{"/home/runner/work/r/r/src/a.py": "src/a.py", "/home/runner/work/r/r/setup.py": "setup.py"},
		},
		"absolute on Windows": {
			tree: []string{"b/c.cs", "x/b/d.cs"},
			want: map[string]string{`D:\a\b\c.cs`: "b/c.cs", `D:\a\x\b\d.cs`: "x/b/d.cs"},
		},
		"absolute, of a directory mounted elsewhere": {
			tree: []string{"backend/src/a.py", "backend/src/b.py", "backend/setup.py", "setup.py"},
			want: map[string]string{"/app/src/a.py": "backend/src/a.py", "/app/src/b.py": "backend/src/b.py", "/app/setup.py": "backend/setup.py"},
		},
		"bare": {
			tree: []string{"src/deep/a.c", "x/b.c", "y/b.c"},
			want: map[string]string{"a.c": "src/deep/a.c", "b.c": "? may be x/b.c or y/b.c"},
		},
		"relative to a directory that nobody names": {
			tree: []string{"m/src/main/java/o/A.java", "n/src/main/java/o/B.java", "n/src/test/java/o/B.java"},
			want: map[string]string{"o/A.java": "m/src/main/java/o/A.java", "o/B.java": "? may be n/src/main/java/o/B.java or n/src/test/java/o/B.java"},
		},
		"not in the repository": {
			tree: []string{"src/a.ts", "lib/index.js", "bits/io.h", "index.js", "gen/src/b.ts", "fmt/print.go"},
			want: map[string]string{
				"/w/r/src/a.ts": "src/a.ts", "/w/r/node_modules/x/lib/index.js": absent, "/usr/include/c++/13/bits/io.h": absent,
				"/w/r/build/lib/index.js": absent, "/opt/go/src/fmt/print.go": absent, "/opt/go/src/fmt/scan.go": absent, "/opt/go/src/io/io.go": absent,
			},
		},
		"dependencies beside": {
			tree: []string{"src/a.ts", "lib/index.js"},
			want: map[string]string{"src/a.ts": "src/a.ts", "node_modules/x/lib/index.js": absent, "../node_modules/y/lib/index.js": absent},
		},
		"what a compiler made beside": {
			tree: []string{"src/a.ts", "src/b.ts"},
			want: map[string]string{"src/a.ts": "src/a.ts", "dist/src/b.ts": absent, "dist/src/a.ts": absent},
		},
		"a stranger whose file ends alike": {
			tree: []string{"src/a.ts", "src/b.ts", "src/c.ts", "lib/index.js"},
			want: map[string]string{"/w/src/a.ts": "src/a.ts", "/w/src/b.ts": "src/b.ts", "/w/src/c.ts": "src/c.ts", "/opt/x/lib/index.js": absent},
		},
		"a stranger of the same name": {
			tree: []string{"src/util.c", "src/list.c"},
			want: map[string]string{"/opt/x/util.c": absent, "/opt/x/list.c": absent},
		},
		"of two machines": {
			tree: []string{"src/a.ts", "src/b.ts", "src/c.ts"},
			want: map[string]string{"/w/src/a.ts": "src/a.ts", "/w/src/b.ts": "src/b.ts", `D:\w\src\b.ts`: "src/b.ts", `D:\w\src\c.ts`: "src/c.ts"},
		},
		"alike at the top and below, made at the top": {
			tree: []string{"src/a.ts", "src/b.ts", "web/src/a.ts"}, declared: []string{"web"},
			want: map[string]string{"src/a.ts": "src/a.ts", "src/b.ts": "src/b.ts"},
		},
		"alike at the top and below, made below": {
			tree: []string{"src/a.ts", "web/src/b.ts", "web/src/a.ts"}, declared: []string{"web"},
			want: map[string]string{"src/a.ts": "web/src/a.ts", "src/b.ts": "web/src/b.ts"},
		},
		"alike at the top and below, made in both": {
			tree: []string{"src/a.ts", "web/src/a.ts", "web/src/b.ts", "src/c.ts"}, declared: []string{"web"},
			want: map[string]string{"src/a.ts": "? may be src/a.ts or web/src/a.ts", "src/b.ts": "web/src/b.ts", "src/c.ts": "src/c.ts"},
		},
		"too long or too deep": {
			tree: []string{"a.ts"},
			want: map[string]string{strings.Repeat("d/", 65) + "a.ts": "? " + oddLong, strings.Repeat("d", longestPath) + "/a.ts": "? " + oddLong},
		},
	} {
		var paths []string
		for p := range c.want {
			paths = append(paths, p)
		}
		want := map[string]string{}
		for p, file := range c.want {
			want[Slashes(p)] = file
		}
		if d := cmp.Diff(want, resolved(treeOf(c.tree...), c.own, c.declared, paths...)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Of a repository of which GitHub listed a part, nobody knows whether a path's
// end is that of one file only.
func TestPathsAreNotGuessedWhereFilesAreNotListed(t *testing.T) {
	tree := treeOf("src/a.py", "lib/b.py")
	tree.Cut = true
	got := resolved(tree, []string{"lib", "/w/r"}, nil, "src/a.py", "b.py", "/w/r/src/a.py", "a.py")
	want := map[string]string{"src/a.py": "src/a.py", "b.py": "lib/b.py", "/w/r/src/a.py": "? " + OddAbsent, "a.py": "? " + OddAbsent}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
}

func TestOddPathsAreListedInOrder(t *testing.T) {
	odd := map[string]string{}
	for i := range 30 {
		odd[fmt.Sprintf("f%02d", i)] = OddAbsent
	}
	odd["z"] = "may be a/z or b/z"
	got := Oddities(odd)
	if len(got) != 20 || got[0] != "z: may be a/z or b/z" || got[1] != "f00: "+OddAbsent || got[19] != "f18: "+OddAbsent {
		t.Fatal(got)
	}
}

func treeOf(paths ...string) checks.Tree {
	tree := checks.Tree{Files: map[string]string{}}
	for _, p := range paths {
		tree.Files[p] = "blob"
	}
	return tree
}
