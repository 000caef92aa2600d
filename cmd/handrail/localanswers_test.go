package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// checkOf is a check of a working copy, compared with a base.
func checkOf(t *testing.T, dir, base string) *localCheck {
	t.Helper()
	w, err := readWorkCopy(t.Context(), dir, base)
	if err != nil {
		t.Fatal(err)
	}
	return &localCheck{workCopy: w, scanner: localScanner(), say: io.Discard, tell: io.Discard}
}

func TestFilesOfTheBaseAreReadAsTheServerReadsThem(t *testing.T) {
	c := newCopy(t, map[string]string{
		"list.md": "- [ ] Tried <!-- handrail:tried -->\n", "dir/a": "a\n", "binary": "a\x00b", "latin": "r\xe4ksm\xf6rg\xe5s",
		"large": strings.Repeat("a\n", templateLimit/2+1), "[a]*": "literal\n", "a": "not it\n",
	})
	if err := os.Symlink("list.md", filepath.Join(c.dir, "link")); err != nil {
		t.Fatal(err)
	}
	c.commit()
	c.git("checkout", "-q", "-b", "work")
	c.write(map[string]string{"list.md": "changed\n", "new.md": "new\n"})
	c.commit()
	check := checkOf(t, c.dir, "main")
	for name, want := range map[string]checks.Text{
		"list.md": {Text: "- [ ] Tried <!-- handrail:tried -->\n"}, "[a]*": {Text: "literal\n"},
		"new.md": {Absent: true}, "dir/none": {Absent: true}, "none/none": {Absent: true},
		"dir": {Cut: true}, "binary": {Cut: true}, "latin": {Cut: true}, "large": {Cut: true}, "link": {Cut: true},
	} {
		got, err := check.baseText(t.Context(), name)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestCommitsKeepTheNamesThatGitHasOfThem(t *testing.T) {
	c := newCopy(t, map[string]string{"a": "1\n"})
	c.git("checkout", "-q", "-b", "work")
	c.git("-c", "log.mailmap=true", "commit", "-q", "--allow-empty", "--author", "Åsa  %n x <ASA@example.com>", "-m", "One\n\n\nBody\n\nSigned-off-by: Åsa <asa@example.com>")
	c.write(map[string]string{".mailmap": "Eve <eve@example.com> <ASA@example.com>\n"})
	c.git("checkout", "-q", "-b", "side")
	c.git("commit", "-q", "--allow-empty", "-m", "Side")
	c.git("checkout", "-q", "work")
	c.git("commit", "-q", "--allow-empty", "-m", "Two")
	c.git("merge", "-q", "-m", "Merge side", "side")
	check := checkOf(t, c.dir, "main")
	pull, err := check.asProposed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ann := checks.Signature{Name: "ann", Email: "ann@example.com", Login: you}
	id := func(rev string) string { return c.git("rev-parse", rev) }
	want := []checks.Commit{
		{
			SHA: id("side~1"), Parents: []string{id("main")}, Message: "One\n\nBody\n\nSigned-off-by: Åsa <asa@example.com>",
			Author: checks.Signature{Name: "Åsa  %n x", Email: "ASA@example.com", Login: you}, Committer: ann,
		},
		{SHA: id("side"), Parents: []string{id("side~1")}, Message: "Side", Author: ann, Committer: ann},
		{SHA: id("work~1"), Parents: []string{id("side~1")}, Message: "Two", Author: ann, Committer: ann},
		{SHA: id("work"), Parents: []string{id("work~1"), id("side")}, Merge: true, Message: "Merge side", Author: ann, Committer: ann},
	}
	byName := func(a, b checks.Commit) int { return strings.Compare(a.SHA, b.SHA) }
	slices.SortFunc(want, byName)
	slices.SortFunc(pull.Commits, byName)
	if d := cmp.Diff(want, pull.Commits); d != "" || pull.Title != "" {
		t.Error(d, pull.Title)
	}
}

func TestTheBaseIsCalledAsOnGitHub(t *testing.T) {
	up := newCopy(t, map[string]string{"a": "1\n"})
	up.git("checkout", "-q", "-b", "release/1.0")
	c := copyOf{t, filepath.Join(t.TempDir(), "clone")}
	up.git("clone", "-q", up.dir, c.dir)
	c.git("checkout", "-q", "-b", "work", "origin/main")
	c.write(map[string]string{"a": "2\n"})
	c.commit()
	for base, want := range map[string]workCopy{
		"origin/release/1.0":         {onto: "release/1.0", fetched: true},
		"release/1.0":                {onto: "release/1.0"}, // a branch of the clone's own
		"":                           {onto: "release/1.0", fetched: true},
		"main":                       {onto: "main", fetched: true},
		"HEAD~1":                     {},
		c.git("rev-parse", "HEAD~1"): {},
	} {
		got, err := readWorkCopy(t.Context(), c.dir, base)
		if err != nil {
			t.Errorf("%q: %v", base, err)
		} else if got.onto != want.onto || got.fetched != want.fetched || got.branch != "work" {
			t.Errorf("%q: %q, fetched %v, from %q", base, got.onto, got.fetched, got.branch)
		}
	}
}
