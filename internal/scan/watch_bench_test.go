package scan

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// source is real code as added lines: this module's own.
func source(b *testing.B) (lines []checks.PatchLine, size int64) {
	b.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		size += int64(len(text))
		for line := range strings.SplitSeq(string(text), "\n") {
			lines = append(lines, checks.PatchLine{Kind: '+', New: len(lines) + 1, Text: line})
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
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
			w.look("a.go", "", lines[i:min(i+500, len(lines))])
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
