package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// copyOf is a git working copy with some files, committed on main.
type copyOf struct {
	t   *testing.T
	dir string
}

func newCopy(t *testing.T, files map[string]string) copyOf {
	c := copyOf{t, t.TempDir()}
	c.git("init", "-q", "-b", "main")
	c.write(files)
	c.commit()
	return c
}

func (c copyOf) git(args ...string) string {
	c.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", c.dir, "-c", "user.name=ann", "-c", "user.email=ann@example.com"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c copyOf) write(files map[string]string) {
	c.t.Helper()
	for name, text := range files {
		path := filepath.Join(c.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c copyOf) commit() { c.git("add", "-A"); c.git("commit", "-q", "-m", "Change") }

func TestAWorkingCopyIsReadWithWhatIsNotCommittedYet(t *testing.T) {
	c := newCopy(t, map[string]string{
		"a.go": "1\n2\n3\n4\n", "gone.go": "x\ny\n", "old name.go": "same\nsame\nsame\n", "räksmörgås.go": "1\n", "bin": "a\x00b", ".gitignore": "out/\n",
		"minus.sql": "-- one\n-- two\n", "kind": "a\nb\n",
	})
	c.git("checkout", "-q", "-b", "work")
	c.write(map[string]string{"a.go": "1\nnew\n2\n4\n5", "räksmörgås.go": "1\n2\n"})
	c.git("mv", "old name.go", "new name.go")
	c.git("rm", "-q", "gone.go", "minus.sql")
	c.commit()
	c.write(map[string]string{"untracked.go": "1\n2", "out/ignored.go": "1\n", "bin": "a\x00c", "sub/none.go": ""})
	if err := os.Remove(filepath.Join(c.dir, "kind")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.go", filepath.Join(c.dir, "kind")); err != nil {
		t.Fatal(err)
	}
	w, err := readWorkCopy(t.Context(), filepath.Join(c.dir, "sub"), "")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(w.files, func(a, b checks.File) int { return strings.Compare(a.Path, b.Path) })
	span := func(from, to int) checks.Spans { return checks.Spans{{Start: from, End: to}} }
	want := []checks.File{
		{Path: "a.go", Status: "modified", Additions: 2, Deletions: 1, Added: checks.Spans{{Start: 2, End: 2}, {Start: 5, End: 5}}, Removed: span(3, 3), LinesKnown: true},
		{Path: "bin", Status: "modified"},
		{Path: "gone.go", Status: "removed", Deletions: 2, Removed: span(1, 2), LinesKnown: true},
		{Path: "kind", Status: "changed", Additions: 1, Deletions: 2, Added: span(1, 1), Removed: span(1, 2)},
		{Path: "minus.sql", Status: "removed", Deletions: 2, Removed: span(1, 2), LinesKnown: true},
		{Path: "new name.go", Previous: "old name.go", Status: "renamed", LinesKnown: true},
		{Path: "räksmörgås.go", Status: "modified", Additions: 1, Added: span(2, 2), LinesKnown: true},
		{Path: "sub/none.go", Status: "added", LinesKnown: true},
		{Path: "untracked.go", Status: "added", Additions: 2, Added: span(1, 2), LinesKnown: true},
	}
	if d := cmp.Diff(want, w.files); d != "" {
		t.Error(d)
	}
	if _, ok := w.tree.Files["out/ignored.go"]; ok {
		t.Error("an ignored file is taken for one of the repository")
	}
	if _, ok := w.tree.Files["untracked.go"]; !ok || w.base != "main" {
		t.Errorf("base %q, tree %v", w.base, w.tree.Files)
	}
}

// A user's own configuration must not change what is understood.
func TestAWorkingCopyIsReadTheSameWhateverGitIsSetTo(t *testing.T) {
	c := newCopy(t, map[string]string{"a.go": "1\n2\n"})
	c.write(map[string]string{"a.go": "1\n2\n3\n"})
	for _, set := range []string{"diff.noprefix=true", "diff.mnemonicPrefix=true", "color.ui=always", "diff.external=false", "diff.renames=false", "core.quotePath=true", "diff.context=9"} {
		key, value, _ := strings.Cut(set, "=")
		c.git("config", key, value)
	}
	w, err := readWorkCopy(t.Context(), c.dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	want := []checks.File{{Path: "a.go", Status: "modified", Additions: 1, Added: checks.Spans{{Start: 3, End: 3}}, LinesKnown: true}}
	if d := cmp.Diff(want, w.files); d != "" {
		t.Error(d)
	}
}

func TestWhatIsNoWorkingCopyIsSaid(t *testing.T) {
	if _, err := readWorkCopy(t.Context(), t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "no git working copy") {
		t.Errorf("%v", err)
	}
	c := newCopy(t, map[string]string{"a.go": "1\n"})
	if _, err := readWorkCopy(t.Context(), c.dir, "nowhere"); err == nil || !strings.Contains(err.Error(), `no branch or commit "nowhere"`) {
		t.Errorf("%v", err)
	}
	if _, err := readWorkCopy(t.Context(), c.dir, "--output=/tmp/x"); err == nil {
		t.Error("an option is taken for a branch")
	}
}
