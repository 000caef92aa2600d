package hub_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// A pull request must not judge itself by a file that it brings.
func TestFilesOfTheBaseBranchAreNotThoseOfTheHead(t *testing.T) {
	w := newWorld(t)
	w.push("main", map[string]string{".gitattributes": "*.pb.go linguist-generated\n", "docs/.gitattributes": "", "bin": "\x00\x01", "latin": "caf\xe9\n", "d/x": "x\n"})
	if _, err := w.shop.Push(sim.Push{By: "alice", Branch: "feature", Files: map[string]string{".gitattributes": "* linguist-generated\n", "new/.gitattributes": "x\n"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.shop.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"link": "a.go"}, Modes: map[string]string{"link": "120000"}}); err != nil {
		t.Fatal(err)
	}
	pull, _ := w.read(checks.Need{})
	w.push("main", map[string]string{".gitattributes": "later\n"})
	before := w.gh.Count(nil)
	paths := []string{".gitattributes", "docs/.gitattributes", "new/.gitattributes", "nowhere/else/.gitattributes", "bin", "latin", "d", "link"}
	if err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Texts: paths}); err != nil {
		t.Fatal(err)
	}
	want := map[string]checks.Text{
		".gitattributes": {Text: "*.pb.go linguist-generated\n"}, "docs/.gitattributes": {},
		"new/.gitattributes": {Absent: true}, "nowhere/else/.gitattributes": {Absent: true},
		"bin": {Cut: true}, "latin": {Cut: true}, "d": {Cut: true}, "link": {Cut: true},
	}
	if d := cmp.Diff(want, pull.Texts); d != "" {
		t.Error(d)
	}
	if n := w.gh.Count(nil) - before; n != 2 { // one for all, and one for what is no UTF-8
		t.Errorf("%d requests", n)
	}
	pull.Base.SHA = strings.Repeat("0", 40)
	if err := w.hub.Complete(t.Context(), w.subj, &pull, checks.Wants{Texts: []string{"other"}}); err == nil {
		t.Error("a commit that GitHub does not show has no files")
	}
}
