package checks

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// gitTree is a working tree of git itself.
type gitTree struct {
	t   *testing.T
	dir string
}

func newGitTree(t *testing.T) *gitTree {
	g := &gitTree{t, t.TempDir()}
	g.git("", "init", "-q")
	return g
}

func (g *gitTree) git(in string, args ...string) []byte {
	g.t.Helper()
	cmd := exec.CommandContext(g.t.Context(), "git", args...)
	cmd.Dir, cmd.Stdin = g.dir, strings.NewReader(in)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_ATTR_NOSYSTEM=1", "XDG_CONFIG_HOME="+g.dir, "HOME="+g.dir)
	out, err := cmd.Output()
	if err != nil {
		g.t.Fatalf("git %v: %v", args, err)
	}
	return out
}

// generated is which of some paths git takes for generated or vendored.
func (g *gitTree) generated(files map[string]string, paths []string) map[string]bool {
	g.t.Helper()
	above, _ := attributePaths(paths)
	for _, name := range above {
		at, text := filepath.Join(g.dir, name), []byte(files[name])
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			g.t.Fatal(err)
		}
		if err := os.WriteFile(at, text, 0o644); err != nil {
			g.t.Fatal(err)
		}
	}
	said := bytes.Split(g.git(strings.Join(paths, "\x00")+"\x00", "check-attr", "-z", "--stdin", attrGenerated, attrVendored), []byte{0})
	out := map[string]bool{}
	for i := 0; i+2 < len(said); i += 3 {
		value := string(said[i+2])
		out[string(said[i])] = out[string(said[i])] || value == "set" || value == "true"
	}
	return out
}

func attributeTexts(files map[string]string, paths []string) map[string]Text {
	out := map[string]Text{}
	above, _ := attributePaths(paths)
	for _, p := range above {
		text, there := files[p]
		out[p] = Text{Text: text, Absent: !there}
	}
	return out
}

var attributeTable = map[string]struct {
	files map[string]string
	yes   []string
	no    []string
}{
	"by name, at any depth":               {map[string]string{"": "*.pb.go linguist-generated\nMakefile linguist-vendored"}, []string{"x.pb.go", "a/b/x.pb.go", "a/Makefile"}, []string{"x.go", "pb.go", "x.pb.go/y", "a/makefile"}},
	"a path is from the root on":          {map[string]string{"": "/gen linguist-generated\na/gen linguist-generated"}, []string{"gen", "a/gen"}, []string{"b/gen", "b/a/gen", "gen/x", "a/gen/x"}},
	"a directory is no file":              {map[string]string{"": "gen/ linguist-generated\n/vendor/ linguist-vendored"}, nil, []string{"gen/x", "gen", "vendor/x", "vendor"}},
	"two asterisks":                       {map[string]string{"": "gen/** linguist-generated\n**/mock linguist-generated\na/**/z linguist-generated"}, []string{"gen/x", "gen/a/b", "mock", "x/y/mock", "a/z", "a/b/c/z"}, []string{"gen", "x/gen/y", "mock/x", "a/z/b", "xa/z"}},
	"one asterisk stays in its directory": {map[string]string{"": "gen/* linguist-generated\n*/x linguist-generated"}, []string{"gen/a", "b/x"}, []string{"gen/a/b", "x", "a/b/x"}},
	"the last line holds":                 {map[string]string{"": "* linguist-generated\n*.go -linguist-generated\nx.go linguist-generated"}, []string{"a", "x.go", "b/x.go"}, []string{"y.go"}},
	"taken back":                          {map[string]string{"": "* linguist-generated\na !linguist-generated\nb linguist-generated=false\nc -linguist-generated"}, []string{"d"}, []string{"a", "b", "c"}},
	"taken back is one attribute":         {map[string]string{"": "* linguist-generated linguist-vendored\na -linguist-generated"}, []string{"a"}, nil},
	"values":                              {map[string]string{"": "a linguist-generated=true\nb linguist-generated=false\nc linguist-generated=True\nd linguist-generated=\ne linguist-generated=1"}, []string{"a"}, []string{"b", "c", "d", "e"}},
	"the last of a line":                  {map[string]string{"": "a linguist-generated -linguist-generated\nb -linguist-generated linguist-generated"}, []string{"b"}, []string{"a"}},
	"the deepest file holds":              {map[string]string{"": "*.go linguist-generated", "hand": "* -linguist-generated", "hand/gen": "*.go linguist-generated"}, []string{"a.go", "hand/gen/a.go"}, []string{"hand/a.go", "hand/b/a.go", "hand/gen/a.c"}},
	"a file's patterns are from it on":    {map[string]string{"sub": "/a linguist-generated\nb/c linguist-generated\n*.x linguist-generated"}, []string{"sub/a", "sub/b/c", "sub/q/y.x"}, []string{"a", "b/c", "y.x", "sub/q/a", "sub2/y.x"}},
	"quoted":                              {map[string]string{"": "\"a b\" linguist-generated\n\"q\\\"\\101\\t\" linguist-generated\n\"\\303\\274\" linguist-generated\n\"x\"linguist-generated"}, []string{"a b", "c/a b", "q\"A\t", "ü", "x"}, []string{"a", "b"}},
	"badly quoted":                        {map[string]string{"": "\"a linguist-generated\n\"b\\q\" linguist-generated\n\"c\\400\" linguist-generated"}, []string{"\"a", "\"bq\"", "\"c400\""}, []string{"a", "b", "bq"}},
	"no negative patterns":                {map[string]string{"": "!a linguist-generated\n\\!b linguist-generated\n\"!c\" linguist-generated"}, []string{"!b"}, []string{"a", "!a", "b", "c", "!c"}},
	"a wrong line is none":                {map[string]string{"": "a linguist-generated -\nb linguist-generated a$\nc linguist-generated --x\nd linguist-generated =x\ne linguist-generated ok"}, []string{"e"}, []string{"a", "b", "c", "d"}},
	"remarks and blanks":                  {map[string]string{"": "# * linguist-generated\n \t a\tlinguist-generated\r\n\n\x20\n#b linguist-generated\nc#d linguist-generated\n\\#e linguist-generated\nf # linguist-generated"}, []string{"a", "c#d", "#e"}, []string{"b", "#b", "x", "f"}},
	"a mark at the beginning":             {map[string]string{"": "\ufeffa linguist-generated"}, []string{"a"}, []string{"\ufeffa"}},
	"a line too long":                     {map[string]string{"": "a linguist-generated " + strings.Repeat("x", 2048-22) + "\nb linguist-generated " + strings.Repeat("x", 2048-21) + "\nc linguist-generated"}, []string{"a", "c"}, []string{"b"}},
	"macros":                              {map[string]string{"": "[attr]gen linguist-generated\n[attr]hand -linguist-generated\n*.g gen\n*.h gen\nx.h hand\ny.h -gen\nz.h gen=1", "sub": "[attr]other linguist-generated\n*.o other\n*.p gen"}, []string{"a.g", "a.h", "sub/a.p"}, []string{"y.h", "sub/y.h", "x.h", "z.hh", "sub/a.o", "sub/x.h"}},
	"a macro that was redefined":          {map[string]string{"": "[attr]m linguist-generated\n[attr]m text\n[attr]n n m linguist-vendored\na m\nb n"}, []string{"b"}, []string{"a"}},
	"macros in quotes and oddly":          {map[string]string{"": "\"[attr] m\" linguist-generated\na m\n[attr]! linguist-generated\n[attr] linguist-generated\n[attr]-x linguist-generated\nb x"}, []string{"a", "t", "x/r"}, []string{"b", "!"}},
	"classes":                             {map[string]string{"": "[a-c]1 linguist-generated\n[!a]2 linguist-generated\n[^a]3 linguist-generated\n[]-]4 linguist-generated\n[[:digit:]]5 linguist-generated\n[[:nope:]]6 linguist-generated\n[a7 linguist-generated\n[\\]]8 linguist-generated\n[a-]9 linguist-generated\n[[:x]0 linguist-generated"}, []string{"b1", "b2", "b3", "]4", "-4", "15", "]8", "-9", "a9", "[0", ":0", "x0"}, []string{"d1", "a2", "a3", "a4", "a5", "16", "a7", "[a7", "a8", "b9", "a6"}},
	"no class holds a slash":              {map[string]string{"": "a[/]b linguist-generated\na[!x]c linguist-generated\nd[.-0]e linguist-generated"}, []string{"aqc", "d.e"}, []string{"a/b", "a/c", "d/e"}},
	"nothing set":                         {map[string]string{"": "*\n* text\n* linguist-detectable linguist-documentation"}, nil, []string{"a"}},
	"asterisks that do not stand alone":   {map[string]string{"": "a/b**c linguist-generated\nd/**e linguist-generated\nf**/g linguist-generated"}, []string{"a/bxc", "d/xe", "f/x/y/g", "f/g"}, []string{"a/b/c", "d/x/e"}},
}

func TestGeneratedFilesAreThoseThatGitSaysAre(t *testing.T) {
	tree := newGitTree(t)
	for name, c := range attributeTable {
		files := map[string]string{}
		for dir, text := range c.files {
			files[path.Join(dir, AttributesName)] = text
		}
		paths := append(append([]string(nil), c.yes...), c.no...)
		git, ours := tree.generated(files, paths), attributesOf(attributeTexts(files, paths))
		for _, p := range paths {
			want := slices.Contains(c.yes, p)
			if git[p] != want || ours.generated(p) != want {
				t.Errorf("%s: %q is generated: %v by git, %v by us, %v is meant", name, p, git[p], ours.generated(p), want)
			}
		}
	}
}

var (
	patternParts = []string{"*", "*", "**", "/", "/", "**/", "/**", "?", "a", "b", "ab", ".go", "[ab]", "[!a]", "[a-c]", "[[:alpha:]]", "[]a]", "[a", "]", `\*`, `\`, `"`, "!", "[:a:]", "-", `\a`, "[a-b-c]", "[[:space:][:punct:]]", `[\a-\c]`, "ü", "***"}
	attributeBag = []string{"linguist-generated", "-linguist-generated", "!linguist-generated", "linguist-generated=true", "linguist-generated=false", "linguist-vendored", "-linguist-vendored", "m", "-m", "n", "m=1", "text", "*", ""}
	pathBag      = []string{"a", "b", "c", "ab", "a.go", "b.go", "*", "a*", "[a", "-", "ü", `\`, "a b", `"`, "!a", "]", "x"}
)

func randomAttributes(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(8) {
		line := ""
		for range 1 + r.IntN(5) {
			line += patternParts[r.IntN(len(patternParts))]
		}
		switch r.IntN(8) {
		case 0:
			line = `"` + line + `"`
		case 1:
			line = "[attr]" + []string{"m", "n"}[r.IntN(2)]
		}
		for range 1 + r.IntN(3) {
			line += " " + attributeBag[r.IntN(len(attributeBag))]
		}
		b.WriteString(line + []string{"\n", "\r\n", " \n"}[r.IntN(3)])
	}
	return b.String()
}

// Whatever somebody writes into attribute files, a file that git does not take for
// generated must be counted.
func TestNoAttributesAreReadOtherwiseThanGitReadsThem(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	tree, marked := newGitTree(t), 0
	for trial := range 250 {
		files := map[string]string{AttributesName: randomAttributes(r), "a/" + AttributesName: randomAttributes(r), "a/b/" + AttributesName: randomAttributes(r)}
		var paths []string
		for range 60 {
			p := pathBag[r.IntN(len(pathBag))]
			for range r.IntN(4) {
				p = []string{"a", "b", "ab", "c"}[r.IntN(4)] + "/" + p
			}
			paths = append(paths, p)
		}
		git, ours := tree.generated(files, paths), attributesOf(attributeTexts(files, paths))
		for _, p := range paths {
			if git[p] {
				marked++
			}
			if ours.generated(p) != git[p] {
				t.Fatalf("trial %d: %q is generated: %v by git, %v by us, with\n%q", trial, p, git[p], ours.generated(p), files)
			}
		}
	}
	if marked < 500 {
		t.Errorf("only %d paths were generated, so nothing was tried", marked)
	}
}

func TestWhatAttributesAreNotKnownMarksNothing(t *testing.T) {
	all := Text{Text: "* linguist-generated\n"}
	for name, texts := range map[string]map[string]Text{
		"nothing was read":       nil,
		"the root was not":       {"a/" + AttributesName: all},
		"the root is cut":        {"a/" + AttributesName: all, AttributesName: {Text: all.Text, Cut: true}},
		"the directory's is cut": {"a/" + AttributesName: {Cut: true}, AttributesName: all},
		"the directory was not":  {AttributesName: all},
	} {
		if attributesOf(texts).generated("a/x") {
			t.Errorf("%s, and the file is generated", name)
		}
	}
	known := map[string]Text{AttributesName: all, "a/" + AttributesName: {Absent: true}}
	if a := attributesOf(known); !a.generated("a/x") || !a.generated("y") {
		t.Error("what is known marks nothing either")
	}
}

func TestAttributeFilesAreThoseAboveAFile(t *testing.T) {
	got, cut := attributePaths([]string{"b/c/d.go", "b/e.go", "a.go", "a/x"})
	if want := []string{".gitattributes", "a/.gitattributes", "b/.gitattributes", "b/c/.gitattributes"}; !slices.Equal(got, want) || cut {
		t.Errorf("%q, cut %v", got, cut)
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprint(i, "/deep/x"))
	}
	if got, cut := attributePaths(many); len(got) != attributeLimit || got[0] != AttributesName || !cut {
		t.Errorf("%d files, the first %q", len(got), got[0])
	}
}

// A pattern is somebody's text: none may take more than its share.
func TestNoPatternTakesForEver(t *testing.T) {
	long := strings.Repeat("a", 4000)
	for _, pattern := range []string{strings.Repeat("*a", 900) + "b", strings.Repeat("**/", 600) + "b", "/" + strings.Repeat("a*", 900) + "/**/" + strings.Repeat("*a", 100) + "b", strings.Repeat("?*", 900) + "[b]"} {
		texts := map[string]Text{AttributesName: {Text: strings.Repeat(pattern+" linguist-generated\n", 100)}}
		a := attributesOf(texts)
		for range 50 {
			if a.generated(long) {
				t.Errorf("%.20s… matches", pattern)
			}
		}
		if a.steps < -20_000 {
			t.Errorf("%.20s…: %d steps too many", pattern, -a.steps)
		}
	}
}

// What a match makes room for is work, too: a pattern that soon comes to nothing, of as
// many files as GitHub lists, would else take a megabyte for each.
func TestTheRoomOfAMatchIsCounted(t *testing.T) {
	p, path := newAttributePattern("*b"+strings.Repeat("?", 2000)+"/*b"), "a/"+strings.Repeat("a", 3900)+"b"
	steps, tries := attributeSteps, 0
	for ; steps > 0 && tries <= 20_000; tries++ {
		if p.match(path, &steps) {
			t.Fatal("it matches")
		}
	}
	if tries > 20_000 {
		t.Errorf("%d matches of %d steps in all", tries, attributeSteps)
	}
}
