package checks

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func pattern(t *testing.T, s string) Pattern {
	t.Helper()
	var p Pattern
	if err := p.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestATitleFollowsConventionalCommits(t *testing.T) {
	for title, says := range map[string]string{
		"feat: add a door": "", "fix(core): mend it": "", "feat!: break it": "", "feat(a b)!: break it": "", "FEAT: shout": "", "revert: feat: x": "", "docs:   spaced": "",
		"add a door":         "does not begin with a type and a colon",
		"":                   "does not begin with a type and a colon",
		": nothing":          "does not begin with a type and a colon",
		"feat add":           "does not begin with a type and a colon",
		"feat : add":         "does not begin with a type and a colon",
		"feat：add":           "does not begin with a type and a colon",
		"f\u200beat: add":    "does not begin with a type and a colon",
		" feat: add":         "does not begin with a type and a colon",
		"feature: add":       "begins with “feature”, which is not one of the types",
		"Merge: x":           "begins with “Merge”, which is not one of the types",
		"feat:add":           "lacks the blank after the colon",
		"feat: ":             "says nothing after the colon",
		"feat: \u200b\u2066": "says nothing after the colon",
		"feat(): add":        "has no scope between its parentheses",
		"feat(core: add":     "has no scope between its parentheses",
		"feat(\u200b): add":  "has no scope between its parentheses",
	} {
		r := NewTitle().Eval(Pull{Title: title})
		if (r.State == Met) != (says == "") || !strings.Contains(r.Summary, says) {
			t.Errorf("%q: %s, %q", title, r.State, r.Summary)
		}
		if r.State == Unmet && (len(r.Can) != 1 || r.Can[0] != "the author" || !strings.Contains(r.Summary, "feat, fix")) {
			t.Errorf("%q: nobody is told what to do: %q by %v", title, r.Summary, r.Can)
		}
	}
}

func TestATitleFollowsThePolicysPattern(t *testing.T) {
	for _, c := range []struct {
		check *Title
		title string
		want  State
	}{
		{&Title{Pattern: pattern(t, `^[A-Z]+-\d+ `)}, "ABC-1 door", Met},
		{&Title{Pattern: pattern(t, `^[A-Z]+-\d+ `)}, "feat: door", Unmet},
		{&Title{Pattern: pattern(t, `ABC-\d+$`), Types: []string{"feat"}}, "feat: door ABC-1", Met},
		{&Title{Pattern: pattern(t, `ABC-\d+$`), Types: []string{"feat"}}, "door ABC-1", Unmet},
		{&Title{Types: []string{"task"}}, "task: door", Met},
		{&Title{Types: []string{"task"}}, "feat: door", Unmet},
	} {
		if r := c.check.Eval(Pull{Title: c.title}); r.State != c.want {
			t.Errorf("%q: %s, %q", c.title, r.State, r.Summary)
		}
	}
}

func TestATicketIsAClosedIssueOrAKey(t *testing.T) {
	keyed := func() *Ticket { return &Ticket{Closing: true, Key: pattern(t, `ABC-\d+`)} }
	issue := []Issue{{Number: 12, Repo: "acme/shop"}}
	for name, c := range map[string]struct {
		check *Ticket
		pull  Pull
		want  State
		says  string
	}{
		"closes an issue":       {NewTicket(), Pull{Closing: issue}, Met, "Merging closes acme/shop#12."},
		"nothing":               {NewTicket(), Pull{Title: "ABC-1"}, Unmet, "Write “Closes #123”"},
		"key in the title":      {keyed(), Pull{Title: "ABC-1: x"}, Met, "The title names the ticket ABC-1."},
		"key in the branch":     {keyed(), Pull{Head: Ref{Name: "ann/ABC-2"}}, Met, "The branch names the ticket ABC-2."},
		"key in the body":       {keyed(), Pull{Body: "For ABC-3"}, Met, "The description names the ticket ABC-3."},
		"key in a comment":      {keyed(), Pull{Body: "<!-- such as ABC-123 -->"}, Unmet, "No ticket is named."},
		"key in code":           {keyed(), Pull{Body: "```\nABC-123\n```"}, Unmet, "No ticket is named."},
		"closing switched off":  {&Ticket{Key: pattern(t, `ABC-\d+`)}, Pull{Closing: issue}, Unmet, "Put a key that matches"},
		"another repository":    {&Ticket{Closing: true, Repositories: []Glob{"acme/*"}}, Pull{Closing: []Issue{{Number: 1, Repo: "evil/shop"}}}, Unmet, "No ticket"},
		"repository by case":    {&Ticket{Closing: true, Repositories: []Glob{"ACME/*"}}, Pull{Closing: issue}, Met, "acme/shop#12"},
		"with an address":       {&Ticket{Key: pattern(t, `A.*`), URL: "https://x.example/{key}"}, Pull{Title: "A/../b?c"}, Met, "https://x.example/A%2F..%2Fb%3Fc."},
		"invisible key":         {&Ticket{Key: pattern(t, `\x{200b}+`)}, Pull{Title: "\u200b\u200b"}, Unmet, "No ticket"},
		"nothing counts":        {&Ticket{}, Pull{Title: "ABC-1", Closing: issue}, Unmet, "The policy names nothing"},
		"a title does not help": {NewTicket(), Pull{Title: "docs: x", Files: []File{{Path: "docs/a"}}, FileCount: 1, FilesRead: true}, Unmet, "No ticket"},
	} {
		r := c.check.Eval(c.pull)
		if r.State != c.want || !strings.Contains(r.Summary, c.says) {
			t.Errorf("%s: %s, %q", name, r.State, r.Summary)
		}
	}
}

func TestPathsExemptFromATicketOnlyWhenAllOfThemAreKnown(t *testing.T) {
	check := &Ticket{Closing: true, Unless: &Condition{OnlyFiles: []Glob{"docs/**", "*.md"}}}
	if !check.Need().Files || NewTicket().Need().Files {
		t.Error("the files are not asked for just where they are needed")
	}
	for name, c := range map[string]struct {
		pull Pull
		want State
	}{
		"all covered":       {Pull{FilesRead: true, FileCount: 2, Files: filesOf("docs/a/b.txt", "README.md")}, Exempt},
		"one is not":        {Pull{FilesRead: true, FileCount: 2, Files: filesOf("docs/a", "src/a.go")}, Unmet},
		"renamed out of it": {Pull{FilesRead: true, FileCount: 1, Files: filesOf("src/a.go->docs/a.go")}, Unmet},
		"cut by GitHub":     {Pull{FilesRead: true, FileCount: 3001, Files: filesOf("docs/a")}, Unmet},
		"not read":          {Pull{FileCount: 1}, Unmet},
		"none":              {Pull{FilesRead: true}, Unmet},
	} {
		if r := check.Eval(c.pull); r.State != c.want {
			t.Errorf("%s: %s", name, r.State)
		}
	}
	cut := check.Eval(Pull{FilesRead: true, FileCount: 3001, Files: filesOf("docs/a")})
	if said := strings.Join(cut.Notes, " "); said != "Whether none is needed cannot be told: GitHub does not list every changed file." {
		t.Errorf("of a list that is cut it says %q", said)
	}
	bots := &Ticket{Closing: true, Unless: &Condition{Authors: []string{"renovate[bot]"}}}
	for login, want := range map[string]State{"renovate[bot]": Exempt, "Renovate[bot]": Exempt, "renovate": Unmet, "": Unmet} {
		if r := bots.Eval(Pull{Author: Actor{Login: login, Bot: strings.HasSuffix(login, "[bot]")}}); r.State != want {
			t.Errorf("by %q: %s", login, r.State)
		}
	}
	yes := true
	updates := &Ticket{Closing: true, Unless: &Condition{DependencyUpdate: &yes}}
	updates.UseTerms(&Terms{})
	if len(updates.Faults()) != 1 || updates.Eval(Pull{}).State != Unmet {
		t.Error("what nothing says to be a dependency update needs no ticket")
	}
	labelled := &Ticket{Closing: true, Unless: &Condition{Labels: []string{"trivial"}}}
	if len(labelled.Faults()) == 0 || labelled.Eval(Pull{Labels: []string{"trivial"}}).State != Unmet {
		t.Error("a label, which anybody may set, lets a change go without a ticket")
	}
}

func TestAMentionedIssueIsATicketOnlyIfItIsThereAndNoPullRequest(t *testing.T) {
	shop := Repo{Owner: "Acme", Name: "shop"}
	known := map[string]Reference{
		"acme/shop#12":  {Found: true, Issue: Issue{Number: 12, Repo: "Acme/shop", Title: "Cart"}},
		"acme/other#3":  {Found: true, Issue: Issue{Number: 3, Repo: "Acme/other"}},
		"acme/shop#13":  {PullRequest: true},
		"acme/shop#14":  {},
		"acme/moved#15": {Found: true, Issue: Issue{Number: 15, Repo: "evil/moved"}},
		"evil/x#1":      {Found: true, Issue: Issue{Number: 1, Repo: "evil/x"}},
	}
	for name, c := range map[string]struct {
		pull Pull
		want State
		says string
	}{
		"by its number":           {Pull{Body: "For #12."}, Met, "The issue Acme/shop#12 is named."},
		"in the title":            {Pull{Title: "mend (#12)"}, Met, "Acme/shop#12"},
		"in brackets":             {Pull{Body: "[#12](x)"}, Met, "Acme/shop#12"},
		"of another repository":   {Pull{Body: "see acme/other#3"}, Met, "Acme/other#3"},
		"by its address":          {Pull{Body: "https://github.com/acme/shop/issues/12#x"}, Met, "Acme/shop#12"},
		"GH-":                     {Pull{Body: "gh-12"}, Met, "Acme/shop#12"},
		"the branch of an issue":  {Pull{Head: Ref{Name: "ann/12-mend-it"}}, Met, "Acme/shop#12"},
		"GH- in the branch":       {Pull{Head: Ref{Name: "ann/gh-12"}}, Unmet, "No ticket"},
		"a date in the branch":    {Pull{Head: Ref{Name: "12-01-mend"}}, Unmet, "No ticket"},
		"a pull request":          {Pull{Body: "#13"}, Unmet, "acme/shop#13 is a pull request"},
		"a pull request and more": {Pull{Body: "#13 #12"}, Met, "Acme/shop#12"},
		"not there":               {Pull{Body: "#14"}, Unmet, "acme/shop#14 is no issue that is there"},
		"not asked":               {Pull{Body: "#99"}, Unmet, "was not asked whether acme/shop#99"},
		"another owner's":         {Pull{Body: "evil/x#1"}, Unmet, "No ticket is named"},
		"moved to another owner":  {Pull{Body: "acme/moved#15"}, Unmet, "is now in evil/moved"},
		"in code":                 {Pull{Body: "```\n#12\n```"}, Unmet, "No ticket is named"},
		"in a comment":            {Pull{Body: "<!-- #12 -->"}, Unmet, "No ticket is named"},
		"part of a word":          {Pull{Body: "a#12 /#12 x.#12 ##12 #12a"}, Unmet, "No ticket is named"},
		"itself":                  {Pull{Number: 12, Body: "#12"}, Unmet, "No ticket is named"},
	} {
		c.pull.Repo, c.pull.References = shop, known
		check := &Ticket{References: true}
		r := check.Eval(c.pull)
		if said := r.Summary + strings.Join(r.Notes, " "); r.State != c.want || !strings.Contains(said, c.says) || r.Unknown != (name == "not asked") {
			t.Errorf("%s: %s, %q", name, r.State, said)
		}
		if (&Ticket{Closing: true}).Eval(c.pull).State != Unmet {
			t.Errorf("%s: counts though references are off", name)
		}
	}
}

func TestMentionsAreAskedAboutOnlyWhereNothingElseIsATicket(t *testing.T) {
	check := &Ticket{Closing: true, References: true, Unless: &Condition{OnlyFiles: []Glob{"docs/**"}}}
	many := "#0 #1 #2"
	for i := 3; i < 40; i++ {
		many += " #" + strconv.Itoa(i)
	}
	pull := Pull{Repo: Repo{Owner: "acme", Name: "shop"}, Number: 1, Body: many, FilesRead: true, FileCount: 1, Files: filesOf("a.go")}
	if got := check.Wants(pull).References; len(got) != 10 || got[0] != "acme/shop#10" && got[0] != "acme/shop#2" {
		t.Errorf("asks %v", got)
	}
	pull.References = map[string]Reference{"acme/shop#2": {}}
	if got := check.Wants(pull).References; len(got) != 9 {
		t.Errorf("asks %v when one is known", got)
	}
	closes := pull
	closes.Closing = []Issue{{Number: 3, Repo: "acme/shop"}}
	exempt := pull
	exempt.Files = filesOf("docs/a")
	for name, p := range map[string]Pull{"an issue is closed": closes, "it is exempt": exempt, "there is no text": {}} {
		if got := check.Wants(p).References; len(got) != 0 {
			t.Errorf("asks %v though %s", got, name)
		}
	}
	if far := (&Ticket{References: true, Repositories: []Glob{"evil/*"}}).Wants(Pull{Repo: pull.Repo, Body: "evil/x#1 #2"}); !slices.Equal(far.References, []string{"evil/x#1"}) {
		t.Errorf("asks %v where another owner's count", far.References)
	}
}

func TestLabelsAreComparedAsGitHubDoes(t *testing.T) {
	check := &Labels{Require: []string{"Reviewed"}, Forbid: []string{"hold"}}
	for _, c := range []struct {
		labels []string
		want   State
		says   string
	}{
		{[]string{"reviewed"}, Met, ""},
		{nil, Unmet, "Set the label “Reviewed”."},
		{[]string{"reviewed", "HOLD"}, Unmet, "With the label “hold” it cannot be merged"},
		{[]string{"hold"}, Unmet, "Set the label “Reviewed”. With"},
	} {
		if r := check.Eval(Pull{Labels: c.labels}); r.State != c.want || !strings.Contains(r.Summary, c.says) {
			t.Errorf("%v: %s, %q", c.labels, r.State, r.Summary)
		}
	}
	if r := NewLabels().Eval(Pull{Labels: []string{"do-not-merge"}}); r.State != Unmet {
		t.Errorf("do-not-merge by default: %s", r.State)
	}
}

func TestWorkInProgressWaits(t *testing.T) {
	for title, wip := range map[string]bool{
		"WIP: x": true, "wip x": true, "[WIP] x": true, "(wip)": true, "Draft: x": true, "[draft]x": true, "WIP": true, "W\u200bIP x": true, "  wip": true, "Do not merge yet": true, "WIP:": true,
		"Wipe the table": false, "Draft an answer": false, "feat: stop WIP": false, "wip2": false, "": false, "İwip": false, "W": false, "WIPé": false,
	} {
		r := NewWIP().Eval(Pull{Title: title})
		if (r.State == Waiting) != wip || !wip && r.State != Met {
			t.Errorf("%q: %s, %q", title, r.State, r.Summary)
		}
	}
	if r := NewWIP().Eval(Pull{Title: "x", Labels: []string{"Work in Progress"}}); r.State != Waiting {
		t.Errorf("by label: %s", r.State)
	}
}

func TestADescriptionHasItsHeadingsAndTextBelowThem(t *testing.T) {
	check := &Description{Headings: []string{"Why", "How it was tested"}}
	const rest = "\n## How it was tested\nby hand"
	for body, says := range map[string]string{
		"## Why\nbecause" + rest:                                          "",
		"# WHY:\r\nbecause\r\n### **How it was tested**\r\nby hand":       "",
		"Why\n===\nbecause" + rest:                                        "",
		"## Why ##\n### Detail\nbecause" + rest:                           "",
		"## Why\n```\ncode\n```" + rest:                                   "",
		"## Why\n- [ ] tick" + rest:                                       "",
		"## Why\n<!-- hint --> because" + rest:                            "",
		"## Why\n<!--> because" + rest:                                    "",
		"":                                                                "Add the headings “Why” and “How it was tested”",
		"Why because" + rest:                                              "Add the heading “Why”",
		"##Why\nbecause" + rest:                                           "Add the heading “Why”",
		"    ## Why\nbecause" + rest:                                      "Add the heading “Why”",
		"```\n## Why\nbecause\n```" + rest:                                "Add the heading “Why”",
		"<!--\n## Why\nbecause\n-->" + rest:                               "Add the heading “Why”",
		"## Why not\nbecause" + rest:                                      "Add the heading “Why”",
		"## Why\n" + rest:                                                 "Write something below the heading “Why”",
		"## Why\n<!-- say why\n here -->\n" + rest:                        "Write something below the heading “Why”",
		"## Why\n- [ ]\n* \n---\n> \n\u200b\u00a0" + rest:                 "Write something below the heading “Why”",
		"## Why\n### Detail\n" + rest:                                     "Write something below the heading “Why”",
		"## Why\n```\n\n```" + rest:                                       "Write something below the heading “Why”",
		"## Why\nbecause\n## How it was tested\n<!-- not closed\nby hand": "Write something below the heading “How it was tested”",
	} {
		r := check.Eval(Pull{Body: body})
		if (r.State == Met) != (says == "") || !strings.Contains(r.Summary, says) {
			t.Errorf("%q: %s, %q", body, r.State, r.Summary)
		}
	}
	for body, want := range map[string]State{"": Unmet, "<!-- template -->\n\n": Unmet, "# Title only": Unmet, "text": Met} {
		if r := NewDescription().Eval(Pull{Body: body}); r.State != want {
			t.Errorf("without headings, %q: %s", body, r.State)
		}
	}
}

func TestHostileDescriptionsAreReadInTime(t *testing.T) {
	check := &Description{Headings: []string{"Why"}}
	ticket := &Ticket{Key: pattern(t, `[A-Z]+-\d+`)}
	for _, unit := range []string{"<!--", "-->", "```\n", "# \n", "a\n---\n", "<!-- -->", "`~", "\n", "# Why\n", "> ", "\u202e"} {
		body := strings.Repeat(unit, 65536/len(unit))
		start := time.Now()
		check.Eval(Pull{Body: body})
		ticket.Eval(Pull{Body: body})
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%q repeated takes %v", unit, took)
		}
	}
}

func FuzzControlsNeverPanicAndAlwaysExplain(f *testing.F) {
	f.Add("feat(x): y", "## Why\n<!-- a -->\n```\nb\n```", "hold")
	f.Add("[WIP] \u200b", "Why\n---\n", "")
	f.Fuzz(func(t *testing.T, title, body, label string) {
		pull := Pull{Title: title, Body: body, Labels: []string{label}, Head: Ref{Name: title}}
		for _, c := range []Check{
			NewTitle(), NewWIP(), NewLabels(), NewTicket(), NewDescription(),
			&Description{Headings: []string{label, "Why"}}, &WIP{Title: []string{label}}, &Ticket{Key: pattern(t, `[A-Z]+-\d+`)},
		} {
			if r := c.Eval(pull); r.ID == "" || r.Summary == "" || r.State == Unmet && len(r.Can) == 0 {
				t.Errorf("%T says nothing: %+v", c, r)
			}
		}
	})
}
