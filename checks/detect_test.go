package checks

import (
	"strings"
	"testing"
)

func TestACommitIsExplainedByAPullRequestMergedIntoThisBranchOnly(t *testing.T) {
	const repo = 7
	merged := func(n int, commit string) LinePull {
		return LinePull{Number: n, RepoID: repo, Base: "main", Merged: true, Commit: commit}
	}
	with := func(p LinePull, f func(*LinePull)) LinePull { f(&p); return p }
	commit := func(sha string, pulls ...LinePull) LineCommit { return LineCommit{SHA: sha, Pulls: pulls} }
	for name, c := range map[string]struct {
		line        []LineCommit // newest first
		left, pulls string
	}{
		"nothing":                         {nil, "", ""},
		"nobody's":                        {[]LineCommit{commit("c")}, "c", ""},
		"a merge or squash commit":        {[]LineCommit{commit("c", merged(1, "c"))}, "", "1"},
		"one on top of it":                {[]LineCommit{commit("d"), commit("c", merged(1, "c"))}, "d", "1"},
		"one below it":                    {[]LineCommit{commit("d", merged(1, "d")), commit("c")}, "c", "1"},
		"rebased":                         {[]LineCommit{commit("d", merged(1, "d")), commit("c", merged(1, "d"))}, "", "1"},
		"a group of two":                  {[]LineCommit{commit("d", merged(2, "d")), commit("c", merged(1, "c"))}, "", "2 1"},
		"a group whose commit is the tip": {[]LineCommit{commit("d", merged(2, "d")), commit("c", merged(1, "d"))}, "", "2 1"},
		"above its merge commit":          {[]LineCommit{commit("d", merged(1, "c")), commit("c", merged(1, "c"))}, "d", "1"},
		"merged elsewhere in history":     {[]LineCommit{commit("c", merged(1, "b"))}, "c", ""},
		"open":                            {[]LineCommit{commit("c", with(merged(1, "c"), func(p *LinePull) { p.Merged = false }))}, "c", ""},
		"into another branch":             {[]LineCommit{commit("c", with(merged(1, "c"), func(p *LinePull) { p.Base = "next" }))}, "c", ""},
		"in a fork":                       {[]LineCommit{commit("c", with(merged(1, "c"), func(p *LinePull) { p.RepoID = 8 }))}, "c", ""},
		"one of several":                  {[]LineCommit{commit("c", with(merged(1, "c"), func(p *LinePull) { p.Base = "next" }), merged(2, "c"))}, "", "2"},
	} {
		left, pulls := Unexplained(c.line, repo, "main")
		var shas, numbers []string
		for _, l := range left {
			shas = append(shas, l.SHA)
		}
		for _, n := range pulls {
			numbers = append(numbers, evidenceID(int64(n)))
		}
		if got := strings.Join(shas, " "); got != c.left || strings.Join(numbers, " ") != c.pulls {
			t.Errorf("%s: left %q, explained by %q", name, got, numbers)
		}
	}
}

func TestWhatEitherFileWatchesIsWatchedUnlessThePolicyObserves(t *testing.T) {
	all := Guard{Bypass: true, DirectPush: true, Protection: true}
	own := &Detect{Branches: []Glob{"release/*"}, Bypass: true, Tags: []Glob{"v*"}}
	p := Policy{Detect: own, FloorDetect: NewDetect()}
	if g := p.Guards("main", "main"); g != all {
		t.Errorf("the floor's is %+v", g)
	}
	if g := p.Guards("release/1", "main"); g != (Guard{Bypass: true}) {
		t.Errorf("the repository's is %+v", g)
	}
	if g := p.FloorGuards("release/1", "main"); g.Any() {
		t.Errorf("the floor alone watches %+v", g)
	}
	if got := strings.Join(p.WatchedBranches("main"), " "); got != "main release/*" {
		t.Errorf("watched are %s", got)
	}
	if got := strings.Join(p.WatchedTags(), " "); got != "v*" {
		t.Errorf("watched tags are %s", got)
	}
	p.Observe = true
	if p.Guards("main", "main").Any() || len(p.WatchedBranches("main"))+len(p.WatchedTags()) > 0 {
		t.Error("a policy that observes looks for something")
	}
	if f := (&Detect{Branches: []Glob{"main"}}).Faults(); len(f) != 1 || !f[0].Warning {
		t.Errorf("it says %+v", f)
	}
}
