package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// line makes a line of commits upon another and says the newest.
func (w *world) line(n int, upon string) string {
	w.t.Helper()
	for i := range n {
		upon = w.upon(fmt.Sprint("commit ", i), upon)
	}
	return upon
}

func (w *world) upon(message string, parents ...string) string {
	w.t.Helper()
	sha, err := w.shop.Commit(sim.Push{By: "alice", Branch: "main", Message: message, Parents: parents})
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

func TestALineOfFirstParentsIsReadDownToACommitAndNoFurther(t *testing.T) {
	w := newWorld(t)
	base := w.shop.Branch("main")
	side := w.line(120, base)
	tip := w.line(130, base)
	merged := w.upon("merge", tip, side)
	other := w.upon("the other way round", side, tip)
	for name, c := range map[string]struct {
		from, until string
		limit, want int
		met, cut    bool
	}{
		"nothing":                 {tip, tip, 500, 0, true, false},
		"over pages":              {tip, base, 500, 130, true, false},
		"with others beside it":   {merged, base, 500, 131, true, false},
		"at most":                 {tip, base, 50, 50, false, true},
		"just as many":            {tip, base, 130, 130, true, false},
		"to what is not on it":    {other, tip, 50, 50, false, true},
		"to what is nowhere":      {base, tip, 500, 2, false, false},
		"a merge's other parents": {merged, tip, 500, 1, true, false},
	} {
		line, err := w.hub.Line(t.Context(), w.subj, c.from, c.until, c.limit)
		if err != nil || len(line.Commits) != c.want || line.Met != c.met || line.Cut != c.cut {
			t.Errorf("%s: %d commits, met %v, cut %v, %v", name, len(line.Commits), line.Met, line.Cut, err)
		}
	}
	if _, err := w.hub.Line(t.Context(), w.subj, strings.Repeat("a", 40), base, 9); err == nil {
		t.Error("the history of a commit that is not there was read")
	}
}

func TestTwoCommitsStandToEachOtherAsTheyDo(t *testing.T) {
	w := newWorld(t)
	base := w.shop.Branch("main")
	left, right := w.line(3, base), w.upon("right", base)
	for name, c := range map[string]struct {
		from, to      string
		ahead, behind int
		known         bool
	}{
		"the same": {left, left, 0, 0, true}, "ahead": {base, left, 3, 0, true}, "behind": {left, base, 0, 3, true},
		"apart": {left, right, 1, 3, true}, "not there": {strings.Repeat("a", 40), left, 0, 0, false}, "none": {"", left, 0, 0, false},
	} {
		got, err := w.hub.Relation(t.Context(), w.subj, c.from, c.to)
		if err != nil || got.Ahead != c.ahead || got.Behind != c.behind || got.Known != c.known || len(got.New) != c.ahead {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	long := w.line(230, base)
	if got, err := w.hub.Relation(t.Context(), w.subj, base, long); err != nil || len(got.New) != 230 {
		t.Errorf("of 230 commits %d are listed, %v", len(got.New), err)
	}
}

func TestABranchIsReadWithItsPolicyAndWhatItRequires(t *testing.T) {
	w := newWorld(t)
	app := w.gh.App().ID
	w.push("main", map[string]string{checks.PolicyPath: "version: 1\n"})
	w.shop.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge, App: app}}})
	b, sources, err := w.hub.Branch(t.Context(), w.subj, "main")
	if err != nil || b.SHA != w.shop.Branch("main") || b.Default != "main" || !b.RulesKnown || b.AppID != app || b.At.IsZero() {
		t.Fatalf("%+v %v", b, err)
	}
	if len(b.Requires) != 1 || b.Requires[0] != (checks.Required{Name: checks.RunMerge, AppID: app}) {
		t.Errorf("it requires %+v", b.Requires)
	}
	if len(sources) != 2 || sources[0].Text != "version: 1\n" || sources[0].Commit != b.SHA || !sources[1].Floor {
		t.Errorf("its policy is %+v", sources)
	}
	b, sources, err = w.hub.Branch(t.Context(), w.subj, "none")
	if err != nil || b.SHA != "" || b.RulesKnown || !sources[0].Absent {
		t.Errorf("what is not there is %+v, %+v, %v", b, sources, err)
	}
}

func TestTagsAreReadWithTheCommitThatTheyAreAbout(t *testing.T) {
	w := newWorld(t)
	main := w.shop.Branch("main")
	for i := range 101 {
		if err := w.shop.Tag("alice", fmt.Sprintf("v%03d", i), main, i%2 == 1); err != nil {
			t.Fatal(err)
		}
	}
	all, next, _, err := w.hub.Refs(t.Context(), w.subj, "tags", "")
	if err != nil || len(all) != 100 || next == "" {
		t.Fatalf("%d tags, %v", len(all), err)
	}
	more, next, _, err := w.hub.Refs(t.Context(), w.subj, "tags", next)
	if err != nil || len(more) != 1 || next != "" {
		t.Fatalf("%d more tags, %v", len(more), err)
	}
	for i, tag := range append(all, more...) {
		if tag.SHA != main || (tag.OID == main) != (i%2 == 0) || tag.Name != fmt.Sprintf("v%03d", i) {
			t.Fatalf("%d is %+v", i, tag)
		}
	}
}
