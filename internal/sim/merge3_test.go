package sim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Random edits of one text are merged as git merge-file does.
func TestMergeIsNotGits(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	dir := t.TempDir()
	mutate := func(lines []string) string {
		var out []string
		for i, l := range lines {
			switch r.IntN(12) {
			case 0:
			case 1:
				out = append(out, fmt.Sprintf("changed %d %d\n", i, r.IntN(2)))
			case 2:
				out = append(out, l, fmt.Sprintf("added %d\n", r.IntN(3)))
			default:
				out = append(out, l)
			}
		}
		return strings.Join(out, "")
	}
	clean := 0
	for range 60 {
		var lines []string
		for i := range 4 + r.IntN(30) {
			lines = append(lines, fmt.Sprintf("line %d\n", i))
		}
		old, ours, theirs := strings.Join(lines, ""), mutate(lines), mutate(lines)
		for name, text := range map[string]string{"old": old, "ours": ours, "theirs": theirs} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("git", "merge-file", "-p", "ours", "old", "theirs")
		cmd.Dir = dir
		want, err := cmd.Output()
		got, ok := mergeText(old, ours, theirs)
		if ok != (err == nil) || ok && got != string(want) {
			t.Fatalf("old %q\nours %q\ntheirs %q\nmerge %v %q\ngit %v %q", old, ours, theirs, ok, got, err, want)
		}
		if ok {
			clean++
		}
	}
	if clean < 5 {
		t.Errorf("only %d of the merges were clean", clean)
	}
}
