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

// A policy is anybody's who proposes it: what it takes to judge by it has an end.
func TestWhatIfLeavesOutWhatTakesTooLong(t *testing.T) {
	var w checks.WhatIf
	small, large := checks.Pull{Files: make([]checks.File, 20)}, checks.Pull{Files: make([]checks.File, 3000), Body: strings.Repeat("x", 60_000)}
	for range 10 {
		if !w.Affords(10_000, &small) {
			t.Fatal("a usual policy is not judged by")
		}
	}
	if w.Affords(250_000, &large) || w.Left != 1 || !w.Affords(10_000, &small) {
		t.Errorf("%+v", w)
	}
	for range 1000 {
		w.Affords(250_000, &small)
	}
	if w.Left < 900 {
		t.Errorf("only %d are left out", w.Left)
	}
	only := checks.WhatIf{Left: 3}
	said := checks.Pull{Open: true, Proposed: &checks.ProposedPolicy{Path: checks.PolicyPath, WhatIf: &only}}
	if notes := strings.Join(checks.Judge(checks.Policy{}, said).Results[0].Notes, "\n"); !strings.Contains(notes, "would take too long") {
		t.Errorf("it says %q", notes)
	}
}

func TestAnExpressionOfTooManyStepsIsRefused(t *testing.T) {
	for text, ok := range map[string]bool{
		`^(feat|fix)(\([a-z-]{1,40}\))?!?: .{1,72}$`: true, strings.Repeat("(a|b)*", 1000): false, "((a|b|c){30}){30}": false, `\pL{1,1000}`: false, `[A-Z]{2,10}-[0-9]+`: true,
	} {
		var p checks.Pattern
		if err := p.UnmarshalText([]byte(text)); (err == nil) != ok {
			t.Errorf("%.40q: %v", text, err)
		}
		var f checks.Phrase
		if err := f.UnmarshalText([]byte("/x" + text + "/")); (err == nil) != ok {
			t.Errorf("a phrase of %.40q: %v", text, err)
		}
	}
}
