package checks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// history is a real git repository with a branch main and a branch topic.
type history struct {
	t   *testing.T
	dir string
}

func newHistory(t *testing.T) *history {
	h := &history{t, t.TempDir()}
	h.git("init", "-q", "-b", "main")
	h.write("a.txt", strings.Repeat("line\n", 20)+"end\n").write("b.txt", "b\n").write("guard.txt", "open\n").commit("Start")
	h.git("checkout", "-q", "-b", "topic")
	h.write("a.txt", "topic\n"+strings.Repeat("line\n", 20)+"end\n").commit("First")
	return h.write("new.txt", "new\n").commit("Second")
}

func (h *history) git(args ...string) string {
	h.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_EDITOR=true",
		"GIT_AUTHOR_NAME=ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_COMMITTER_NAME=ann", "GIT_COMMITTER_EMAIL=ann@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (h *history) write(name, text string) *history {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
	return h
}

func (h *history) commit(message string) *history {
	h.git("add", "-A")
	h.git("commit", "-q", "--allow-empty", "-m", message)
	return h
}

// onMain does something on main and comes back.
func (h *history) onMain(do func()) *history {
	h.git("checkout", "-q", "main")
	do()
	h.git("checkout", "-q", "topic")
	return h
}

// change is what GitHub lists as the changed files: the difference from where
// topic left main.
func (h *history) change() (sha string, files []File) {
	sha = h.git("rev-parse", "topic")
	out := h.git("diff", "--raw", "-z", "--no-abbrev", "-M", h.git("merge-base", "main", "topic"), sha)
	words := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	for len(words) > 1 {
		meta := strings.Fields(words[0])
		f := File{Path: words[1], Mode: meta[1], SHA: meta[3]}
		words = words[2:]
		switch meta[4][0] {
		case 'A':
			f.Status = "added"
		case 'D':
			f.Status, f.Mode, f.SHA = "removed", "gone", meta[2]
		case 'R':
			f.Status, f.Previous, f.Path = "renamed", f.Path, words[0]
			words = words[1:]
		default:
			f.Status = "modified"
		}
		files = append(files, f)
	}
	return sha, files
}

func TestStale_ApprovalsInRealGitHistoriesEndWithTheContentAndOnlyThen(t *testing.T) {
	for name, c := range map[string]struct {
		keeps bool
		do    func(*history)
	}{
		"amended message": {true, func(h *history) { h.git("commit", "-q", "--amend", "-m", "Better words") }},
		"squash":          {true, func(h *history) { h.git("reset", "-q", "--soft", "main"); h.commit("All") }},
		"rebase on an unrelated base": {true, func(h *history) {
			h.onMain(func() { h.write("b.txt", "changed\n").commit("Elsewhere") }).git("rebase", "-q", "main")
		}},
		"rebase on a base that overlaps": {false, func(h *history) {
			h.onMain(func() { h.write("a.txt", strings.Repeat("line\n", 20)+"END\n").commit("Same file") }).git("rebase", "-q", "main")
		}},
		"update merge of an unrelated base": {true, func(h *history) {
			h.onMain(func() { h.write("b.txt", "changed\n").commit("Elsewhere") }).git("merge", "-q", "--no-ff", "-m", "Merge branch 'main' into topic", "main")
		}},
		"update merge of a base that overlaps": {false, func(h *history) {
			h.onMain(func() { h.write("a.txt", strings.Repeat("line\n", 20)+"END\n").commit("Same file") }).git("merge", "-q", "-m", "Update", "main")
		}},
		"merge with an extra edit": {false, func(h *history) {
			h.onMain(func() { h.write("b.txt", "changed\n").commit("Elsewhere") }).git("merge", "-q", "--no-commit", "--no-ff", "main")
			h.write("new.txt", "evil\n").commit("Merge branch 'main' into topic")
		}},
		"merge -s ours that undoes a fix of the base": {false, func(h *history) {
			h.onMain(func() { h.write("guard.txt", "closed\n").commit("Fix a hole") }).git("merge", "-q", "-s", "ours", "-m", "Update", "main")
		}},
		"the base moves and topic does not": {true, func(h *history) {
			h.onMain(func() { h.write("guard.txt", "closed\n").commit("Fix a hole") })
		}},
		"chmod": {false, func(h *history) {
			if err := os.Chmod(filepath.Join(h.dir, "new.txt"), 0o755); err != nil {
				h.t.Fatal(err)
			}
			h.commit("Make it a program")
		}},
		"rename":                                {false, func(h *history) { h.git("mv", "new.txt", "newer.txt"); h.commit("Rename") }},
		"rename of a file that was not changed": {false, func(h *history) { h.git("mv", "b.txt", "c.txt"); h.commit("Rename") }},
		"push and revert":                       {true, func(h *history) { h.write("a.txt", "x\n").commit("Try"); h.git("revert", "--no-edit", "HEAD") }},
		"force-push back to a commit nobody approved": {false, func(h *history) { h.git("reset", "-q", "--hard", "HEAD~1") }},
		"commits in another order": {true, func(h *history) {
			second := h.git("rev-parse", "HEAD")
			first := h.git("rev-parse", "HEAD~1")
			h.git("reset", "-q", "--hard", "main")
			h.git("cherry-pick", second)
			h.git("cherry-pick", first)
		}},
		"a part of it reaches the base": {false, func(h *history) {
			second := h.git("rev-parse", "topic")
			h.onMain(func() { h.git("cherry-pick", second) }).git("rebase", "-q", "main")
		}},
		"a link instead of a file": {false, func(h *history) {
			if err := os.Remove(filepath.Join(h.dir, "new.txt")); err != nil {
				h.t.Fatal(err)
			}
			if err := os.Symlink("b.txt", filepath.Join(h.dir, "new.txt")); err != nil {
				h.t.Fatal(err)
			}
			h.commit("Link")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h, s := newHistory(t), newScene()
			sha, files := h.change()
			if len(files) != 2 {
				t.Fatalf("the branch changes %v", files)
			}
			s.Files = files
			s.push(sha, "ann").with(func(p *Pull) { p.FileCount = len(files) }).approved("bob")
			c.do(h)
			sha, files = h.change()
			s.Files = files
			s.push(sha, "ann").with(func(p *Pull) { p.FileCount = len(files) })
			want := Waiting
			if c.keeps {
				want = Met
			}
			expect(t, judged(s, rulesOf()), want)
		})
	}
}
