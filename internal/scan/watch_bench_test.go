package scan

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// source is some megabytes of real code, Go's own library, as added lines.
func source(b *testing.B) (lines []checks.PatchLine, size int64) {
	b.Helper()
	for _, dir := range []string{"net/http", "crypto/tls", "go/types", "os", "encoding/json", "text/template"} {
		names, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", dir, "*.go")) //nolint:staticcheck // the benchmark runs where Go is
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				b.Fatal(err)
			}
			size += int64(len(text))
			for line := range strings.SplitSeq(string(text), "\n") {
				lines = append(lines, checks.PatchLine{Kind: '+', New: len(lines) + 1, Text: line})
			}
		}
	}
	if size < 1<<20 {
		b.Fatalf("only %d bytes of code", size)
	}
	return lines, size
}

func benchmarkLook(b *testing.B, p checks.Patterns) {
	lines, size := source(b)
	w := compile(p)
	b.SetBytes(size)
	for b.Loop() {
		// A file at a time, so that the limit of what is told of one does not end it.
		for i := 0; i < len(lines); i += 500 {
			w.look("a.go", lines[i:min(i+500, len(lines))])
		}
	}
}

func BenchmarkLook(b *testing.B) { benchmarkLook(b, someWatched) }

func BenchmarkLookForNothingThatIsThere(b *testing.B) {
	benchmarkLook(b, checks.Patterns{Keywords: []string{"zebra", "wildebeest*"}, Functions: []string{"graze", "zoo.feed"}, Classes: []string{"Savanna*"}})
}

func BenchmarkHidden(b *testing.B) {
	lines, size := source(b)
	b.SetBytes(size)
	for b.Loop() {
		hiddenIn("a.go", lines)
	}
}

func BenchmarkSilenced(b *testing.B) {
	lines, size := source(b)
	b.SetBytes(size)
	for b.Loop() {
		silencedIn("a.go", lines)
	}
}

// Hostile lines, a megabyte each: what is slower than others by more than their
// matches warrant is not linear.
func BenchmarkHostile(b *testing.B) {
	w := compile(someWatched)
	for name, unit := range map[string]string{
		"calls":     "exec ",
		"comments":  "exec/*",
		"closed":    "exec/**/;",
		"arguments": "exec<",
		"indexes":   "exec[",
		"chains":    "os.Exec-a-",
		"back":      "a*/.exec(",
		"brackets":  ")).exec(",
		"camels":    "aBcD",
		"cjk":       "密码密",
		"escapes":   `\u0065`,
		"marks":     "e\u0301\u0301",
		"direction": "\u202e\u200b",
		"silence":   "noqa: E1 nolint:a eslint-disable a ",
		"flags":     "\U0001F3F4\U000E0067",
	} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(unit, 1<<20/len(unit))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				all(w, "+"+text)
			}
		})
	}
}
