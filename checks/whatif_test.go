package checks_test

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

func under(t *testing.T, text string) checks.Policy {
	t.Helper()
	p := config.Policy([]checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}}, config.Defaults{})
	if p.Invalid() {
		t.Fatalf("%v", p.Problems)
	}
	return p
}

func TestWhatIfTellsWhatWouldDifferAndWhatCannotBeTold(t *testing.T) {
	titles := under(t, "version: 1\nreview: {sign_offs: []}\ncompliance: {title: conventional}\n")
	anything := under(t, "version: 1\nreview: {sign_offs: []}\ncompliance: {wip: true}\n")
	covered := under(t, "version: 1\nreview: {sign_offs: []}\ncoverage: {}\n")
	base := checks.Pull{Open: true, FilesRead: true, Title: "whatever", Files: []checks.File{{Path: "a.go", Status: "added", LinesKnown: true, Added: checks.Spans{{Start: 1, End: 2}}}}, FileCount: 1}
	pull := func(n int) checks.Pull { p := base; p.Number = n; return p }

	var w checks.WhatIf
	for n := range 3 {
		w.Add(int64(10+n), checks.Judge(anything, pull(n+1)), titles, pull(n+1))
	}
	w.Add(20, checks.Judge(titles, pull(9)), titles, pull(9))
	if w.Looked != 4 || len(w.Differs) != 3 || w.Untold != 0 {
		t.Fatalf("%+v", w)
	}
	if d := w.Differs[0]; d.Was != checks.Met || d.Would != checks.Unmet || d.Why != "Title" || d.Seq != 10 || d.Number != 1 {
		t.Errorf("%+v", d)
	}
	var back checks.WhatIf
	back.Add(1, checks.Judge(titles, pull(1)), anything, pull(1))
	if len(back.Differs) != 1 || back.Differs[0].Would != checks.Met || back.Differs[0].Why != "Title" {
		t.Errorf("%+v", back)
	}
	var untold checks.WhatIf
	untold.Add(1, checks.Judge(titles, pull(1)), covered, pull(1))
	if untold.Untold != 1 || len(untold.Differs) != 0 {
		t.Errorf("a snapshot without coverage was judged by it: %+v", untold)
	}
	said := pull(7)
	said.Proposed = &checks.ProposedPolicy{Path: checks.PolicyPath, WhatIf: &w}
	notes := strings.Join(checks.Judge(anything, said).Results[0].Notes, "\n")
	for _, want := range []string{"4 other pull requests", "3 would differ", "#3 was met (record 12) and would be unmet, for lack of: Title."} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in:\n%s", want, notes)
		}
	}
}
