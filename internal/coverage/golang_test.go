package coverage

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzGo(f *testing.F) {
	for _, s := range goSeeds {
		f.Add([]byte(s))
	}
	fuzzFormat(f, parseGo)
}

var goSeeds = []string{
	"mode: set\n",
	"mode: count\na.go:1.2,3.4 5 6\na.go:1.2,3.4 5 0\nb.go:3.1,3.9 1 0\n",
	"mode: atomic\r\nexample.com/m/a.go:10.13,12.2 1 4294967296\r\nmode: set\r\n\r\nD:\\m\\b.go:1.1,2.2 0 0\r\n",
	"mode: set\na.go:1.1,1000000000.1 1 1\n",
	"mode: set\na.go:9.1,3.1 2 1",
	"mode: set\na.go:1.1,2.2 1\n",
}

func TestGoProfileIsReadAsWritten(t *testing.T) {
	text := "\uFEFF" + strings.ReplaceAll(`mode: count
example.com/m/b.go:3.14,5.9 2 7
example.com/m/b.go:5.9,7.3 1 0

mode: set
example.com/m/a.go:1.1,2.2 0 0
example.com/m/b.go:5.9,7.3 1 0
D:\m\c.go:4.1,4.9 1 1
mode: atomic
example.com/m/b.go:3.14,5.9 2 0
`, "\n", "\r\n")
	r, err := Parse("c.out", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{Format: goFormat, Files: []File{
		{Path: "D:/m/c.go", Blocks: []Block{{4, 4, 1, 9, 1, true}}},
		{Path: "example.com/m/a.go"},
		{Path: "example.com/m/b.go", Blocks: []Block{{3, 5, 14, 9, 2, true}, {5, 7, 9, 3, 1, false}}},
	}}
	if d := cmp.Diff(want, r); d != "" {
		t.Fatal(d)
	}
	runs := stretchLines(stretches(r.Files[2].Blocks))
	if d := cmp.Diff([]Run{{3, 4, Hit}, {5, 5, Partial}, {6, 7, Miss}}, runs); d != "" {
		t.Fatal(d)
	}
}

func TestGoProfileFaultsNameTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"mode: set\na.go:1.1,1000000000.1 1 1\n":       "Go cover profile, line 2: lines 1 to 1000000000: a line is a number from 1 to 2000000",
		"mode: set\n\na.go:0.1,1.1 1 1\n":              "Go cover profile, line 3: lines 0 to 1: a line is a number from 1 to 2000000",
		"mode: set\na.go:1.1,1.1 1\n":                  `Go cover profile, line 2: "a.go:1.1,1.1 1" is no block`,
		"mode: set\nmode: often\n":                     `Go cover profile, line 2: " often" is no mode`,
		"mode: set\nnothing\n":                         `Go cover profile, line 2: "nothing" is no block`,
		"mode: set\na.go:1.1,1.1 99999999999 1\n":      "Go cover profile, line 2: a number above 2000000",
		"mode: set\n:1.1,1.1 1 1\n":                    `Go cover profile, line 2: ":1.1,1.1 1 1" is no block`,
		"mode: set\na.go:1.1,1.1 1 -1\n":               `Go cover profile, line 2: "a.go:1.1,1.1 1 -1" is no block`,
		"mode: set\n" + strings.Repeat("a", maxText+9): "Go cover profile, line 2: a line of more than 1048576 bytes",
	} {
		r, err := Parse("", strings.NewReader(text))
		if r != nil || err == nil || err.Error() != want {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
}

// A profile of several test binaries has each block many times.
func TestGoBlocksSaidAgainTakeNoMemory(t *testing.T) {
	var text bytes.Buffer
	text.WriteString("mode: set\n")
	for range 50 {
		for i := range 5000 {
			fmt.Fprintf(&text, "a.go:%d.1,%d.9 1 0\n", i+1, i+1)
		}
	}
	b := newBuilder(goFormat)
	p := goParser{b: b}
	in := newTextLines(bytes.NewReader(text.Bytes()))
	for line, ok := in.next(); ok; line, ok = in.next() {
		p.line(line, in.n)
	}
	if n := cap(b.files["a.go"].file.Blocks); n > 20_000 {
		t.Fatalf("%d blocks are kept of 5,000", n)
	}
	r, err := b.report()
	if err != nil || len(r.Files[0].Blocks) != 5000 {
		t.Fatal(len(r.Files[0].Blocks), err)
	}
}

func TestGoTotalsAreThoseOfTheGoTool(t *testing.T) {
	dir := t.TempDir()
	for name, text := range goModule {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	one := goShard(t, dir, "one.out", "set", "./one")
	two := goShard(t, dir, "two.out", "set", "./two", "./none")
	for name, profile := range map[string]string{
		"one": one, "two": two, "both": one + two[strings.IndexByte(two, '\n')+1:],
	} {
		want := goTotal(t, dir, profile)
		if got := percentOf(t, profile); got != want {
			t.Errorf("%s: %s, go tool cover says %s", name, got, want)
		}
	}
	counted := goShard(t, dir, "counted.out", "atomic", "./two", "./none")
	if got, want := percentOf(t, one+counted), percentOf(t, one+two); got != want {
		t.Errorf("modes mixed: %s, want %s", got, want)
	}
}

func TestGoTotalsOfThisModuleAreThoseOfTheGoTool(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text := goShard(t, root, filepath.Join(t.TempDir(), "config.out"), "set", "./config")
	// The tool leaves out what is written outside of functions.
	if got, want := percentOf(t, withoutLiterals(t, root, text)), goTotal(t, root, text); got != want {
		t.Errorf("%s, go tool cover says %s", got, want)
	}
}

// withoutLiterals is a profile of this module without the function literals that
// stand outside of functions, which only the source tells.
func withoutLiterals(t *testing.T, root, profile string) string {
	t.Helper()
	spans := map[string][][2]int{}
	kept := 0
	var out strings.Builder
	for line := range strings.Lines(profile) {
		name, place, ok := strings.Cut(line, ":")
		file, ours := strings.CutPrefix(name, "github.com/handrail-bot/handrail/")
		if !ok || !ours {
			out.WriteString(line)
			continue
		}
		if _, read := spans[file]; !read {
			spans[file] = literalsIn(t, filepath.Join(root, file))
		}
		var from, column, to int
		if _, err := fmt.Sscanf(place, "%d.%d,%d", &from, &column, &to); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if !slices.ContainsFunc(spans[file], func(s [2]int) bool { return s[0] <= from && to <= s[1] }) {
			out.WriteString(line)
			kept++
		}
	}
	if kept == 0 {
		t.Fatal("the profile is of no function of this module")
	}
	return out.String()
}

// literalsIn is from which line to which each literal outside of a function goes.
func literalsIn(t *testing.T, file string) (spans [][2]int) {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		if _, is := d.(*ast.FuncDecl); is {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if f, is := n.(*ast.FuncLit); is {
				spans = append(spans, [2]int{set.Position(f.Pos()).Line, set.Position(f.End()).Line})
			}
			return true
		})
	}
	return spans
}

// goShard is the profile of the whole module that the tests of some packages
// give.
func goShard(t *testing.T, dir, out, mode string, args ...string) string {
	t.Helper()
	run := exec.Command("go", append([]string{"test", "-covermode=" + mode, "-coverpkg=./...", "-coverprofile=" + out}, args...)...)
	run.Dir = dir
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if !filepath.IsAbs(out) {
		out = filepath.Join(dir, out)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var goToolTotal = regexp.MustCompile(`total:\s+\(statements\)\s+([\d.]+%)`)

func goTotal(t *testing.T, dir, profile string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "profile")
	if err := os.WriteFile(out, []byte(profile), 0o644); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "tool", "cover", "-func="+out)
	run.Dir = dir
	said, err := run.CombinedOutput()
	m := goToolTotal.FindSubmatch(said)
	if err != nil || m == nil {
		t.Fatalf("%v: %s", err, said)
	}
	return string(m[1])
}

func percentOf(t *testing.T, profile string) string {
	t.Helper()
	r, err := Parse("", strings.NewReader(profile))
	if err != nil {
		t.Fatal(err)
	}
	var all, hit int64
	for _, f := range r.Files {
		for _, k := range f.Blocks {
			all += int64(k.Stmts)
			if k.Hit {
				hit += int64(k.Stmts)
			}
		}
	}
	return fmt.Sprintf("%.1f%%", 100*float64(hit)/float64(all))
}

// goModule has what makes blocks share lines: conditions, closures, loops,
// cases, several statements in a line.
var goModule = map[string]string{
	"go.mod": "module example.com/m\n\ngo 1.24\n",
	"one/one.go": `package one

import "example.com/m/two"

type Shape interface{ Area() int }

func Abs(n int) int {
	if n < 0 {
		return -n
	} else if n == 0 { return 0 }
	return n
}

func Each(ns []int, do func(int)) (sum int) {
	for _, n := range ns {
		switch { case n > 100: do(100); case n < -100: do(-100)
		default:
			func() { do(n); sum += two.Double(n) }()
		}
	}
	return sum
}

func Never() { select {} }
`,
	"one/one_test.go": `package one

import "testing"

func TestEach(t *testing.T) {
	if Each([]int{1, 2, 300}, func(n int) { Abs(n) }) != 6 {
		t.Fatal("sum")
	}
}
`,
	"two/two.go": `package two

func Double(n int) int {
	if n > 1000 {
		n = 1000
	}
	return 2 * n
}

func Half(n int) (int, bool) {
	defer func() { _ = recover() }()
	if n%2 == 1 {
		return 0, false
	}
	return n / 2, true
}
`,
	"two/two_test.go": `package two

import "testing"

func TestHalf(t *testing.T) {
	if n, ok := Half(4); n != 2 || !ok {
		t.Fatal(n, ok)
	}
}
`,
	"none/none.go": "package none\n\nfunc F() { println() }\n",
}
