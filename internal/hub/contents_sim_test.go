package hub_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// Files come as they were at the commit that is asked for, or with the reason why
// they do not.
func TestFilesComeAsTheyWereAtACommit(t *testing.T) {
	w := newWorld(t)
	large := strings.Repeat("a: 1\n", 150_000) // GraphQL gives a part of it
	huge := strings.Repeat("a: 12345678\n", 300_000)
	w.push("main", map[string]string{"deploy/a.yaml": "a: 1\n", "large.yaml": large, "huge.yaml": huge, "bin": "\x00\x01", "latin": "caf\xe9\n", "d/x": "x\n"})
	if _, err := w.shop.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"link": "deploy/a.yaml"}, Modes: map[string]string{"link": "120000"}}); err != nil {
		t.Fatal(err)
	}
	pull, _ := w.read(checks.Need{})
	w.push("main", map[string]string{"deploy/a.yaml": "a: 2\n"})
	before := w.gh.Count(nil)
	got, err := w.hub.Contents(t.Context(), w.subj, pull.Base.SHA, []string{"deploy/a.yaml", "large.yaml", "huge.yaml", "bin", "latin", "d", "link", "nowhere.yaml"}, 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	if n := w.gh.Count(nil) - before; n != 3 { // one for all, and one each for what GraphQL does not give whole
		t.Errorf("%d requests", n)
	}
	for path, c := range got {
		if (c.Blob == "") != c.Absent {
			t.Errorf("%s is %+v", path, c)
		}
		c.Blob = ""
		got[path] = c
	}
	want := map[string]checks.Content{
		"deploy/a.yaml": {Text: "a: 1\n"}, "large.yaml": {Text: large}, "huge.yaml": {Fault: "it has 3600000 bytes, more than 2097152"}, "bin": {Fault: "it is not text"},
		"latin": {Text: "caf\xe9\n"}, "d": {Fault: "it is not a file"}, "link": {Fault: "it is a symbolic link"}, "nowhere.yaml": {Absent: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, commit := range []string{strings.Repeat("0", 40), "main", ""} {
		if _, err := w.hub.Contents(t.Context(), w.subj, commit, []string{"deploy/a.yaml"}, 100); err == nil {
			t.Errorf("%q is no commit, and has files", commit)
		}
	}
}
