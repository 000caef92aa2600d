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
		{Path: "a.go", Status: "modified", Mode: "100644", Additions: 2, Deletions: 1, Added: checks.Spans{{Start: 2, End: 2}, {Start: 5, End: 5}}, Removed: span(3, 3), LinesKnown: true},
		{Path: "bin", Status: "modified", Mode: "100644"},
		{Path: "gone.go", Status: "removed", Mode: "gone", Deletions: 2, Removed: span(1, 2), LinesKnown: true},
		{Path: "kind", Status: "changed", Mode: "120000"},
		{Path: "minus.sql", Status: "removed", Mode: "gone", Deletions: 2, Removed: span(1, 2), LinesKnown: true},
		{Path: "new name.go", Previous: "old name.go", Status: "renamed", Mode: "100644", LinesKnown: true},
		{Path: "räksmörgås.go", Status: "modified", Mode: "100644", Additions: 1, Added: span(2, 2), LinesKnown: true},
		{Path: "sub/none.go", Status: "added", Mode: "100644", LinesKnown: true},
		{Path: "untracked.go", Status: "added", Mode: "100644", Additions: 2, Added: span(1, 2), LinesKnown: true},
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
	for _, set := range []string{"diff.noprefix=true", "diff.mnemonicPrefix=true", "color.ui=always", "diff.external=false", "diff.renames=false", "core.quotePath=true", "diff.context=9", "diff.suppressBlankEmpty=true", "diff.interHunkContext=9", "diff.relative=true", "diff.orderFile=.git/config"} {
		key, value, _ := strings.Cut(set, "=")
		c.git("config", key, value)
	}
	w, err := readWorkCopy(t.Context(), c.dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	want := []checks.File{{Path: "a.go", Status: "modified", Mode: "100644", Additions: 1, Added: checks.Spans{{Start: 3, End: 3}}, LinesKnown: true}}
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

// What a push would bring is more than what is left at its end.
func TestEachCommitIsReadByItselfAndAMergeForWhatIsItsOwn(t *testing.T) {
	c := newCopy(t, map[string]string{"a.go": "1\n", "b.go": "1\n2\n3\n4\n5\n6\n7\n8\n"})
	c.git("checkout", "-q", "-b", "work")
	c.write(map[string]string{"a.go": "1\nfirst\n", "b.go": "work\n2\n3\n4\n5\n6\n7\n8\n"})
	c.commit()
	c.git("checkout", "-q", "main")
	c.write(map[string]string{"theirs.go": "1\n", "b.go": "1\n2\n3\n4\n5\n6\n7\nmain\n"})
	c.commit()
	c.git("checkout", "-q", "work")
	c.git("merge", "-q", "--no-commit", "main")
	c.write(map[string]string{"a.go": "1\n", "evil.go": "only in the merge\n"})
	c.commit()
	w, err := readWorkCopy(t.Context(), c.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	commits, err := w.commits(t.Context())
	if err != nil || len(commits) != 2 || commits[0].message != "Change" || len(commits[1].parents) != 2 {
		t.Fatalf("%v, %v", commits, err)
	}
	for i, want := range [][]string{{"a.go: +first", "b.go: +work"}, {"b.go: +work", "evil.go: +only in the merge"}} {
		p, err := w.commitPatch(t.Context(), commits[i])
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range p.Files {
			lines, ok := f.Lines()
			if !ok {
				t.Errorf("the patch of %s cannot be read: %q", f.Path, f.Text)
			}
			for _, l := range lines {
				if l.Kind == '+' {
					got = append(got, f.Path+": +"+l.Text)
				}
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("commit %d: %s", i+1, d)
		}
	}
}

// An attribute that says so makes no file one that is not looked at.
func TestWhatGitShowsNoLinesOfIsReadByItsContent(t *testing.T) {
	c := newCopy(t, map[string]string{"old.txt": "1\n", "bin": "a\x00b", ".gitattributes": "*.txt -diff\n"})
	c.git("checkout", "-q", "-b", "work")
	c.write(map[string]string{"old.txt": "1\n2\n", "bin": "a\x00c", "new.txt": "1\n"})
	c.commit()
	c.write(map[string]string{"bin": "a\x00d", "fresh.txt": "here\n"})
	w, err := readWorkCopy(t.Context(), c.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	commits, err := w.commits(t.Context())
	if err != nil || len(commits) != 1 {
		t.Fatalf("%v, %v", commits, err)
	}
	commit, err := w.commitPatch(t.Context(), commits[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]struct {
		patch checks.Patch
		want  map[string][2]string
	}{
		"working copy": {w.patch, map[string][2]string{"old.txt": {"1\n", "1\n2\n"}, "bin": {"a\x00b", "a\x00d"}, "new.txt": {"", "1\n"}, "fresh.txt": {"", "here\n"}}},
		"commit":       {commit, map[string][2]string{"old.txt": {"1\n", "1\n2\n"}, "bin": {"a\x00b", "a\x00c"}, "new.txt": {"", "1\n"}}},
	} {
		got := map[string][2]string{}
		for _, f := range p.patch.Files {
			if !f.Fetched || f.Unread != "" || f.Text != "" {
				t.Errorf("%s: %+v", name, f)
			}
			got[f.Path] = [2]string{string(f.Old), string(f.New)}
		}
		if d := cmp.Diff(p.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
