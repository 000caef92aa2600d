package checks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hmarr/codeowners"
	"pgregory.net/rapid"
)

func TestOwnersOfPathsAreThoseThatGitHubDocuments(t *testing.T) {
	book := parseOwners(strings.Join([]string{
		"*       @global",
		"*.js    @js",
		"/build/logs/ @logs",
		"docs/*  docs@example.com",
		"apps/   @octocat",
		"/scripts/ @doctocat @acme/scripts",
		"**/deep @deep",
		"/apps/github",
		"/ @root",
		`/my\ file.txt @blank`,
		"/straße/ @street",
	}, "\n"))
	for path, want := range map[string]int{
		"README.md": 1, "a/b.js": 2, "build/logs/x/y.txt": 3, "docs/getting-started.md": 4, "docs/build-app/x.md": 1,
		"x/apps/y": 5, "scripts/a": 6, "a/deep": 7, "deep/x/y": 7, "apps/github": 8, "apps/github/z": 8, "my file.txt": 10, "straße/a": 11,
	} {
		if i := decides(book, path); i < 0 || book[i].number != want {
			t.Errorf("%s is decided by line index %d, want line %d", path, i, want)
		}
	}
}

// sameAsLibrary compares one line and one path with the library's answer.
func sameAsLibrary(t interface{ Fatalf(string, ...any) }, line, path string) {
	if strings.ContainsAny(path, "\n\r") || path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
		return // no path of git
	}
	trimmed := strings.TrimSpace(line)
	pattern := trimmed[:patternEnd(trimmed)]
	if strings.ContainsAny(line, "\n\r\v\f\u0085\u00a0\ufeff") || pattern == "/" || strings.Contains(pattern, "**/**") || strings.HasSuffix(pattern, "**/") || strings.HasPrefix(pattern, "/#") {
		return // on these the library panics, or matches nothing where gitignore's rules do
	}
	rules, err := codeowners.ParseFile(strings.NewReader(line))
	if err != nil || len(rules) == 0 || rules[0].RawPattern() == "" || rules[0].RawPattern() == "/" {
		return // it knows fewer characters than GitHub does
	}
	book := parseOwners(line)
	if len(book) != 1 || book[0].bad != "" {
		t.Fatalf("%q is bad here (%+v) and good to the library", line, book)
	}
	var theirs, ours []string
	for _, o := range rules[0].Owners {
		theirs = append(theirs, o.String())
	}
	for _, o := range book[0].owners {
		ours = append(ours, o.text)
	}
	if d := cmp.Diff(theirs, ours); d != "" {
		t.Fatalf("owners of %q differ: %s", line, d)
	}
	want, err := rules[0].Match(path)
	if err != nil {
		t.Fatalf("match %q: %v", line, err)
	}
	if got := book[0].pattern.match(path); got != want {
		t.Fatalf("%q and %q: %v, the library says %v (shape %d, %q)", line, path, got, want, book[0].pattern.shape, book[0].pattern.text)
	}
}

func TestOurMatcherOfOwnersAgreesWithTheLibrary(t *testing.T) {
	seg := rapid.SampledFrom([]string{"a", "b", "ab", "*.go", "**", "*", "a*", "*a", "?", "a?b", "a*b*", `\*`, `a\ b`, "a+b", "(x)", "aa", "a**b", "*?", "?*b"})
	name := rapid.SampledFrom([]string{"a", "b", "ab", "x.go", "aab", "*", "a b", "a+b", "(x)", "aaa", "é", "aéb", "abab", ".go"})
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Join(rapid.SliceOfN(seg, 1, 4).Draw(t, "segments"), "/")
		line = rapid.SampledFrom([]string{"", "/"}).Draw(t, "root") + line + rapid.SampledFrom([]string{"", "/"}).Draw(t, "end")
		line += rapid.SampledFrom([]string{"", " @bob", "\t@acme/web me@example.com # why"}).Draw(t, "owners")
		sameAsLibrary(t, line, strings.Join(rapid.SliceOfN(name, 1, 5).Draw(t, "path"), "/"))
	})
}

func FuzzOurMatcherOfOwnersAgreesWithTheLibrary(f *testing.F) {
	f.Add("/a/**/b*.go @bob", "a/x/y/bc.go")
	f.Add("docs/ @acme/web", "x/docs/y")
	f.Add(`*\*? a@b.co`, "é*x")
	f.Fuzz(func(t *testing.T, line, path string) { sameAsLibrary(t, line, path) })
}

func FuzzAnyCodeownersIsReadWithoutPanic(f *testing.F) {
	f.Add("* @a\n[ @x\n/\\ \n!\n#\n @", "a/b")
	f.Fuzz(func(t *testing.T, text, path string) {
		if len(text) > 2000 || len(path) > 500 {
			return
		}
		decides(parseOwners(text), path)
	})
}

func TestAPatternOfManyWildcardsCannotStallAVerdict(t *testing.T) {
	book := parseOwners(strings.Repeat("**/a/", 20) + "b @bob\n" + strings.Repeat("*a", 20) + "b @bob\n")
	path := strings.Repeat("a/", 2000) + strings.Repeat("a", 200)
	if decides(book, path) >= 0 {
		t.Error("it matches")
	}
}

func BenchmarkDecides(b *testing.B) {
	s, _ := bigPull()
	book := parseOwners(s.Owners.Text)
	for b.Loop() {
		for i := range s.Files {
			decides(book, s.Files[i].Path)
		}
	}
}

func ExampleSignOff() {
	r := NewReview()
	fmt.Println(r.SignOffs[0].Name, r.SignOffs[0].Role)
	// Output: Code review reviewer
}
