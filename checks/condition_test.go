package checks

import (
	"testing"

	"pgregory.net/rapid"
)

func TestARuleAppliesIffWhenHoldsAndUnlessDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		when, unless *Condition
		applies      bool
	}{
		"always":                        {nil, nil, true},
		"a file matches":                {&Condition{Files: []Glob{"x/**", "src/**"}}, nil, true},
		"no file matches":               {&Condition{Files: []Glob{"x/**"}}, nil, false},
		"only such files":               {&Condition{OnlyFiles: []Glob{"src/**", "docs/**"}}, nil, true},
		"other files as well":           {&Condition{OnlyFiles: []Glob{"src/**"}}, nil, false},
		"no such file":                  {&Condition{NotFiles: []Glob{"deploy/**"}}, nil, true},
		"such a file":                   {&Condition{NotFiles: []Glob{"docs/**"}}, nil, false},
		"this author":                   {&Condition{Authors: []string{"bob", "ANN"}}, nil, true},
		"another author":                {&Condition{Authors: []string{"ann[bot]"}}, nil, false},
		"an author of the role":         {&Condition{AuthorRole: "qa"}, nil, true},
		"an author without the role":    {&Condition{AuthorRole: "platform"}, nil, false},
		"an author of an unseen team":   {&Condition{AuthorRole: "security"}, nil, true},
		"this branch":                   {&Condition{Branches: []Glob{"release/*", "main"}}, nil, true},
		"another branch":                {&Condition{Branches: []Glob{"release/*"}}, nil, false},
		"a label":                       {&Condition{Labels: []string{"risky", "Urgent"}}, nil, true},
		"no such label":                 {&Condition{Labels: []string{"risky"}}, nil, false},
		"over so many lines":            {&Condition{LinesOver: new(99)}, nil, true},
		"not over so many lines":        {&Condition{LinesOver: new(100)}, nil, false},
		"over so many files":            {&Condition{FilesOver: new(1)}, nil, true},
		"not over so many files":        {&Condition{FilesOver: new(2)}, nil, false},
		"no draft":                      {&Condition{Draft: new(false)}, nil, true},
		"a draft":                       {&Condition{Draft: new(true)}, nil, false},
		"a finding is not known":        {&Condition{SecurityFinding: new(true)}, nil, true},
		"a new service is not defined":  {&Condition{NewService: new(true)}, nil, true},
		"all keys of one are needed":    {&Condition{Files: []Glob{"src/**"}, LinesOver: new(1000)}, nil, false},
		"unless it holds":               {nil, &Condition{Branches: []Glob{"main"}}, false},
		"unless it does not":            {nil, &Condition{Branches: []Glob{"dev"}}, true},
		"unless partly":                 {nil, &Condition{Branches: []Glob{"main"}, LinesOver: new(1000)}, true},
		"unless what cannot be known":   {nil, &Condition{SecurityFinding: new(false)}, true},
		"unless nothing is said":        {nil, &Condition{}, true},
		"unless a label":                {nil, &Condition{Labels: []string{"urgent"}}, true},
		"unless a label and what holds": {nil, &Condition{Labels: []string{"urgent"}, Branches: []Glob{"main"}}, true},
		"when holds, unless too":        {&Condition{Branches: []Glob{"main"}}, &Condition{Files: []Glob{"docs/**"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene().files("src/a.go", "docs/x.md").team("acme/qa", "ann", "bob").team("acme/platform", "bob", "finn").noTeam("acme/infosec")
			s.Lines, s.Labels = 100, []string{"urgent"}
			want := Exempt
			if c.applies {
				want = Waiting
			}
			expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", When: c.when, Unless: c.unless})), want)
		})
	}
}

func TestWhatCannotBeKnownOfACutFileListApplies(t *testing.T) {
	for _, c := range []struct{ when, unless *Condition }{
		{&Condition{Files: []Glob{"x/**"}}, nil},
		{&Condition{OnlyFiles: []Glob{"src/**"}}, nil},
		{&Condition{NotFiles: []Glob{"x/**"}}, nil},
		{nil, &Condition{OnlyFiles: []Glob{"src/**"}}},
		{nil, &Condition{NotFiles: []Glob{"x/**"}}},
		{&Condition{FilesOver: new(3000)}, nil},
	} {
		s := newScene()
		s.FileCount = 3001
		expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", When: c.when, Unless: c.unless})), Waiting)
	}
	s := newScene()
	s.FileCount = 3001
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Unless: &Condition{Files: []Glob{"src/**"}}})), Exempt)
}

func TestAPullRequestWithoutFilesIsNotExemptForHavingOnlySuchFiles(t *testing.T) {
	s := newScene().files()
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Unless: &Condition{OnlyFiles: []Glob{"docs/**"}}})), Waiting)
}

func TestAnExemptRuleSaysWhy(t *testing.T) {
	s := newScene().files("docs/x.md")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Unless: &Condition{OnlyFiles: []Glob{"docs/**"}}})), Exempt,
		"every changed file matches docs/**")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", When: &Condition{Files: []Glob{"deploy/**", "**/*.tf"}}})), Exempt,
		"no changed file matches deploy/** and **/*.tf")
}

func TestTheQuickShapesOfGlobsMatchWhatDoublestarMatches(t *testing.T) {
	seg := rapid.SampledFrom([]string{"a", "b", "ab", ".a", "x.go", "*.go", "**", "*", "a*", "?", "{a,b}", "[ab]", ".go"})
	path := rapid.SampledFrom([]string{"a", "b", "ab", ".a", "x.go", ".go", "go", "x.tf"})
	rapid.Check(t, func(t *rapid.T) {
		join := func(words []string) (s string) {
			for i, w := range words {
				if i > 0 {
					s += "/"
				}
				s += w
			}
			return s
		}
		g := Glob(join(rapid.SliceOfN(seg, 1, 4).Draw(t, "glob")))
		p := join(rapid.SliceOfN(path, 1, 4).Draw(t, "path"))
		if s := shapeOf(g); s.match(p) != g.Match(p) {
			t.Fatalf("%q and %q: quick %v, doublestar %v", g, p, s.match(p), g.Match(p))
		}
	})
}
