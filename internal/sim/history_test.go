package sim_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// work is a real git repository.
type work struct {
	t   *testing.T
	dir string
	n   int
}

func newWork(t *testing.T) *work {
	t.Helper()
	w := &work{t: t, dir: t.TempDir()}
	w.git("init", "-q", "-b", "main")
	return w
}

func (w *work) git(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", w.dir}, args...)...)
	w.n++
	at := fmt.Sprintf("2026-01-01T00:%02d:%02dZ", w.n/60%60, w.n%60)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.com",
		"GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.com", "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at)
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *work) write(path, text string) {
	w.t.Helper()
	full := filepath.Join(w.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *work) commit(msg string) {
	w.t.Helper()
	w.git("add", "-A")
	w.git("commit", "-q", "--allow-empty", "-m", msg)
}

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// history is a repository with a branch that does everything git can say about
// files, and merges in between.
func history(t *testing.T) *work {
	w := newWork(t)
	w.write("same", "same\n")
	w.write("edit", numbered(1, 60))
	w.write("gone", "gone\n")
	w.write("dir/moved", numbered(100, 120))
	w.write("dir/moved-and-edited", numbered(200, 220))
	w.write("mode", "#!/bin/sh\n")
	w.write("no-newline", "a\nb")
	w.write("binary", "\x00\x01\x02")
	w.write("file-then-dir", "f\n")
	w.write("umlaut ä", "x\n")
	w.commit("start")
	w.git("checkout", "-q", "-b", "feature")
	w.write("edit", strings.Replace(strings.Replace(numbered(1, 60), "line 5\n", "line five\n", 1), "line 40\nline 41\n", "line 41\nnew\n", 1)+"end\n")
	w.write("new/deep/file", "new\n")
	w.git("rm", "-q", "gone")
	w.git("mv", "dir/moved", "elsewhere")
	w.git("mv", "dir/moved-and-edited", "dir/other")
	w.write("dir/other", numbered(200, 219)+"changed\n")
	w.commit("first")
	w.git("update-index", "--chmod=+x", "mode")
	w.git("commit", "-q", "-m", "mode")
	w.git("checkout", "-q", "mode")
	w.write("no-newline", "a\nc")
	w.write("binary", "\x00\x01\x03")
	w.git("rm", "-q", "file-then-dir")
	w.write("file-then-dir/inside", "dir\n")
	if err := os.Symlink("edit", filepath.Join(w.dir, "link")); err != nil {
		t.Fatal(err)
	}
	w.commit("second")
	w.git("checkout", "-q", "main")
	w.write("base-only", "base\n")
	w.commit("base moves")
	w.git("checkout", "-q", "feature")
	w.git("merge", "-q", "--no-edit", "main")
	w.write("after-merge", "x\n")
	w.commit("after")
	w.git("checkout", "-q", "main")
	w.write("edit", numbered(0, 60))
	w.commit("base moves on")
	return w
}

func TestThreeDotDiffIsNotAsGitSaysIt(t *testing.T) {
	w := history(t)
	c := start(t, sim.Options{})
	repo := c.gh.Org("acme").Repo("real")
	if err := repo.ImportBranch(w.dir, "main"); err != nil {
		t.Fatal(err)
	}
	c.login(c.gh.Org("acme").Install())
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Head: "feature"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(w.git("-c", "core.quotePath=false", "diff", "--raw", "-M", "--no-abbrev", "main...feature")) {
		// :100644 100755 <old sha> <new sha> R100\told\tnew
		meta, paths, _ := strings.Cut(strings.TrimSpace(line), "\t")
		f := strings.Fields(meta)
		names := strings.Split(paths, "\t")
		sha, status := f[3], map[byte]string{'A': "added", 'D': "removed", 'M': "modified", 'R': "renamed", 'T': "changed"}[f[4][0]]
		if status == "removed" {
			sha = f[2]
		}
		if f[2] == f[3] && status == "modified" {
			status = "changed"
		}
		previous := ""
		if len(names) == 2 {
			previous = names[0]
		}
		want[names[len(names)-1]] = strings.Join([]string{status, sha, previous}, " ")
	}
	for line := range strings.Lines(w.git("-c", "core.quotePath=false", "diff", "--numstat", "--no-renames", "main...feature")) {
		f := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		if got, ok := want[f[2]]; ok && !strings.HasPrefix(got, "renamed") {
			want[f[2]] += " " + strings.ReplaceAll(f[0]+" "+f[1], "-", "0")
		}
	}
	got := map[string]string{}
	for _, f := range c.must(200, "GET", fmt.Sprintf("/repos/acme/real/pulls/%d/files?per_page=100", pull.Number), nil).list {
		o := object(f)
		previous, _ := o["previous_filename"].(string)
		name, _ := o["filename"].(string)
		got[name] = strings.Join([]string{fmt.Sprint(o["status"]), fmt.Sprint(o["sha"]), previous}, " ")
		if o["status"] != "renamed" {
			got[name] += fmt.Sprintf(" %v %v", o["additions"], o["deletions"])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s: %q, git says %q", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, git says %d", len(got), len(want))
	}
	t.Run("commits", func(t *testing.T) {
		want := strings.Fields(w.git("rev-list", "main..feature"))
		data := c.query(`query($n: Int!) { repository(owner: "acme", name: "real") { pullRequest(number: $n) { commits(first: 100) { nodes { commit { oid } } } } } }`,
			map[string]any{"n": pull.Number})
		all, _ := dig(data, "repository", "pullRequest", "commits", "nodes").([]any)
		var got []string
		for _, n := range all {
			oid, _ := dig(n, "commit", "oid").(string)
			got = append(got, oid)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("commits %v, git says %v", got, want)
		}
	})
}

// Patches are tried by having git apply them.
func TestPatchDoesNotApply(t *testing.T) {
	w := history(t)
	c := start(t, sim.Options{})
	repo := c.gh.Org("acme").Repo("real")
	if err := repo.ImportBranch(w.dir, "main"); err != nil {
		t.Fatal(err)
	}
	c.login(c.gh.Org("acme").Install())
	a := c.must(200, "GET", "/repos/acme/real/compare/main...feature", nil)
	files, _ := a.body["files"].([]any)
	base, _ := dig(a.body, "merge_base_commit", "sha").(string)
	w.git("checkout", "-q", base)
	for _, f := range files {
		o := object(f)
		name, _ := o["filename"].(string)
		patch, _ := o["patch"].(string)
		if patch == "" || o["status"] != "modified" {
			continue
		}
		w.write("../p", "--- a/"+name+"\n+++ b/"+name+"\n"+patch+"\n")
		w.git("apply", "--cached", "../p")
		if got := w.git("rev-parse", ":"+name); got != o["sha"] {
			t.Errorf("%s: the patch makes %s, want %s", name, got, o["sha"])
		}
	}
}

func TestCommitsMadeHereAreNotWhatGitWouldMake(t *testing.T) {
	w := newWork(t)
	w.write("a", "a\n")
	w.commit("start")
	c := start(t, sim.Options{})
	repo := c.gh.Org("acme").Repo("real")
	if err := repo.ImportBranch(w.dir, "main"); err != nil {
		t.Fatal(err)
	}
	c.login(c.gh.Org("acme").Install())
	sha, err := repo.Push(sim.Push{By: "alice", Branch: "x", Message: "m\n", Files: map[string]string{"d/b": "b\n", "d.x": "1", "d0": "2", "a": "c\n"},
		Modes: map[string]string{"d/b": "100755"}})
	if err != nil {
		t.Fatal(err)
	}
	data := c.query(`query($oid: GitObjectID!) { repository(owner: "acme", name: "real") { object(oid: $oid) { ... on Commit { tree { oid } } } } }`, map[string]any{"oid": sha})
	w.write("d/b", "b\n")
	w.write("d.x", "1")
	w.write("d0", "2")
	w.write("a", "c\n")
	w.git("add", "-A")
	w.git("update-index", "--chmod=+x", "d/b")
	if got, want := dig(data, "repository", "object", "tree", "oid"), w.git("write-tree"); got != want {
		t.Errorf("tree %v, git says %v", got, want)
	}
}

func TestUpdateBranchMakesAnAuthorOfWhoPressedTheButtonOnly(t *testing.T) {
	c, repo, pull := shop(t)
	if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"base": "1\n"}}); err != nil {
		t.Fatal(err)
	}
	sha, err := pull.UpdateBranch("bob")
	if err != nil {
		t.Fatal(err)
	}
	data := c.query(`query($oid: GitObjectID!) { repository(owner: "acme", name: "shop") { object(oid: $oid) { ... on Commit {
		author { user { login } } committer { email user { login } } signature { wasSignedByGitHub } parents(first: 3) { totalCount } } } } }`, map[string]any{"oid": sha})
	x := dig(data, "repository", "object")
	if dig(x, "author", "user", "login") != "bob" || dig(x, "committer", "user", "login") != "web-flow" ||
		dig(x, "signature", "wasSignedByGitHub") != true || dig(x, "parents", "totalCount") != 2.0 {
		t.Errorf("update merge is %v", x)
	}
}
