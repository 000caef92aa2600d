package checks

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// orr is a template with three tasks that must be answered and one that need not.
const orr = `## Operational readiness
<!-- - [ ] An example <!-- handrail:orr/example -->
- [ ] Alerts exist <!-- handrail:orr/alerts -->
- [ ] Backups are restored in a test (n/a if there is no data) <!-- handrail:orr/backup -->
  - [ ] The run book names who is on call <!-- handrail:orr/runbook -->
- [ ] Tell your friends
`

func filled(body string) Result {
	r := Result{ID: checklistID, Name: checklistName}
	t := readTemplate(".github/pull_request_template.md", orr)
	t.fill(&r, body)
	return r
}

func TestATaskCountsOnlyAsAReaderSeesItTicked(t *testing.T) {
	const backup = "- [x] Backups are restored in a test (n/a if there is no data) <!-- handrail:orr/backup -->\n"
	const runbook = "- [x] The run book names who is on call <!-- handrail:orr/runbook -->\n"
	const rest = backup + runbook
	const alerts = "- [x] Alerts exist <!-- handrail:orr/alerts -->\n"
	for name, c := range map[string]struct {
		body string
		want State
		says string
	}{
		"all ticked":                        {alerts + rest, Met, "Every task of .github/pull_request_template.md is done: 3."},
		"the template itself":               {orr, Unmet, "3 of 3 tasks"},
		"nothing at all":                    {"", Unmet, "Put “Alerts exist”, “Backups are restored"},
		"carriage returns":                  {strings.ReplaceAll(alerts+rest, "\n", "\r\n"), Met, ""},
		"old carriage returns":              {strings.ReplaceAll(alerts+rest, "\n", "\r"), Met, ""},
		"a large X and a star":              {"* [X] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"a plus":                            {"+ [x] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"numbers":                           {"1. [x] Alerts exist <!-- handrail:orr/alerts -->\n2) [x] x\n\n" + rest, Met, ""},
		"a number after its list":           {"1. one\n2. [x] Alerts exist <!-- handrail:orr/alerts -->\n\n" + rest, Met, ""},
		"a number in a paragraph":           {"We have\n2. [x] Alerts exist <!-- handrail:orr/alerts -->\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"nested below a list":               {"- Before going live\n  1. first\n     - [x] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"nested on one line":                {"- 1. [x] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"below text":                        {"Done:\n" + alerts + rest, Met, ""},
		"tabs":                              {"-\t[x]\tAlerts exist\t<!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"more said than asked":              {"- [x] Alerts exist: see https://example.org <!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"said in other words":               {"- [x] We have alerts <!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"an id in large letters":            {"- [x] Alerts exist <!-- Handrail: ORR/alerts -->\n" + rest, Met, ""},
		"a task without an id is free":      {alerts + rest + "- [ ] Tell your friends\n", Met, ""},
		"in a folded part":                  {"<details>\n<summary>List</summary>\n\n" + alerts + rest + "\n</details>\n", Met, ""},
		"behind a closed quote":             {"> well\n" + alerts + rest, Met, ""},
		"behind a closed fence":             {"```\ncode\n```\n" + alerts + rest, Met, ""},
		"behind a fence in an item":         {"- a\n  ```\n  code\n  ```\n" + alerts + rest, Met, ""},
		"behind a comment":                  {"<!--\nhi\n-->\n" + alerts + rest, Met, ""},
		"with code beside it":               {"- [x] Alerts exist `<!-- not` <!-- handrail:orr/alerts -->\n" + rest, Met, ""},
		"not ticked":                        {"- [ ] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "1 of 3 tasks of .github/pull_request_template.md is not done. Tick “Alerts exist”"},
		"the line removed":                  {rest, Unmet, "Put “Alerts exist” back into the description, as the template has it"},
		"the id removed":                    {"- [x] Alerts exist\n" + rest, Unmet, "Put “Alerts exist” back"},
		"the id changed":                    {"- [x] Alerts exist <!-- handrail:orr/alert -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"twice, once not ticked":            {alerts + "- [ ] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Tick “Alerts exist”"},
		"twice, both ticked":                {alerts + alerts + rest, Met, ""},
		"the id at an unmarked copy":        {"- [x] ok <!-- handrail:orr/alerts -->\n- [ ] Alerts exist\n" + rest, Unmet, "Tick “Alerts exist”"},
		"the id at another task":            {"- [x] Tell your friends\n- [x] The run book names who is on call <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"two ids on one line":               {"- [x] Alerts exist <!-- handrail:orr/alerts --> <!-- handrail:orr/backup -->\n" + runbook, Unmet, "Put “Alerts exist” and “Backups"},
		"the id on a line of its own":       {"- [x] Alerts exist\n<!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"the id at a plain item":            {"- Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"no list":                           {"[x] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"no blank behind the box":           {"- [x]Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"a hook instead of an x":            {"- [✓] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a fence":                        {"```\n" + alerts + "```\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a fence of an item":             {"- a\n  ~~~\n  " + alerts + "  ~~~\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a fence that does not end":      {rest + "```\n" + alerts, Unmet, "Put “Alerts exist” back"},
		"in code by its indentation":        {rest + "\ntext\n\n    " + alerts, Unmet, "Put “Alerts exist” back"},
		"in code behind a mark":             {"-      [x] Alerts exist <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in code under a rule":              {"* * *\n    " + alerts + rest, Unmet, "Put “Alerts exist” back"},
		"in a quote":                        {"> " + alerts + "\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a quote of an item":             {"- > " + alerts + "\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a comment":                      {"<!--\n" + alerts + "\n-->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a comment that does not end":    {rest + "<!-- " + alerts, Unmet, "Put “Alerts exist” back"},
		"in a comment of an item":           {rest + "- <!--\n  " + alerts + "  -->\n", Unmet, "Put “Alerts exist” back"},
		"on the last line of a comment":     {"<!--\n--> " + alerts + rest, Unmet, "Put “Alerts exist” back"},
		"in preformatted text":              {"<pre>\n\n" + alerts + "</pre>\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a quote by tags":                {"<blockquote>\n\n" + alerts + "\n</blockquote>\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"struck out by tags":                {"Hello <del>\n\n" + alerts + "\n</del>\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a block of tags":                {"<div>\n" + alerts + "</div>\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a declaration":                  {"<?php\n\n" + alerts + "?>\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a marked section":               {"<![CDATA[\n\n" + alerts + "]]>\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a tag of an item":               {"- text\n- <b>\n  " + alerts + "\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a block left open before":       {"- <!X\n- <div>\n  " + alerts + "\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"below a heading, too far in":       {"text\n- \n  1. text\n    " + alerts + "\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a fence behind a lazy line":     {rest + "lazy\n2. ```\n   " + alerts, Unmet, "Put “Alerts exist” back"},
		"in a block behind a silent one":    {"- </style>\n  <style>\n- </style>\n  " + alerts + "\n\n" + rest, Unmet, "Put “Alerts exist” back"},
		"in a comment in a quote by tags":   {rest + "\n\n<blockquote>\n\n<!--\n</blockquote>\n\n" + alerts + "-->\n", Unmet, "Put “Alerts exist” back"},
		"the id in code over lines":         {"- [x] Alerts exist ` <!-- handrail:orr/alerts -->\n  end`\n" + rest, Unmet, "Put “Alerts exist” back"},
		"the id in code":                    {"- [x] Alerts exist `<!-- handrail:orr/alerts -->`\n" + rest, Unmet, "Put “Alerts exist” back"},
		"the id escaped":                    {"- [x] Alerts exist \\<!-- handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"the id in a comment with more":     {"- [x] Alerts exist <!-- see handrail:orr/alerts -->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"the id in a comment without end":   {"- [x] Alerts exist <!-- handrail:orr/alerts\n-->\n" + rest, Unmet, "Put “Alerts exist” back"},
		"struck out":                        {"- [x] ~~Alerts exist~~ <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist” does not apply"},
		"n/a with a reason":                 {"- [x] n/a: it has no alerts <!-- handrail:orr/alerts -->\n" + rest, Met, "2 ticked, 1 with a reason why not"},
		"n/a with a reason, not ticked":     {"- [ ] N/A – it has no alerts <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"n/a behind the words":              {"- [ ] Alerts exist: n/a, it has none <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"n/a in brackets behind the words":  {"- [ ] Alerts exist (n/a, it has none) <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"n/a behind what is struck out":     {"- [ ] ~~Alerts exist~~ n.a.: it has none <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"not applicable":                    {"- [x] **Not applicable**: it has none <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"does not apply":                    {"- [x] Does not apply, as it has none <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"a reason in other letters":         {"- [x] n/a: 無 <!-- handrail:orr/alerts -->\n" + rest, Met, "1 with a reason why not"},
		"a blank n/a":                       {"- [x] n/a <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist” does not apply: “n/a:” and the reason."},
		"a blank n/a with a colon":          {"- [x] n/a: … <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist”"},
		"a blank n/a behind the words":      {"- [x] Alerts exist - n/a <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist”"},
		"a blank n/a at the end":            {"- [x] Alerts: n/a. <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist”"},
		"n/a twice":                         {"- [x] n/a: N/A <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist”"},
		"a reason that nobody sees":         {"- [x] n/a: <!-- no data --> <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist”"},
		"a reason of hidden characters":     {"- [x] n/a: \u200b\u2060 <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Say why “Alerts exist”"},
		"a word that begins like n/a":       {"- [ ] n/able to say <!-- handrail:orr/alerts -->\n" + rest, Unmet, "Tick “Alerts exist”"},
		"the template's own n/a, open":      {alerts + "- [ ] Backups are restored in a test (n/a if there is no data) <!-- handrail:orr/backup -->\n" + runbook, Unmet, "Tick “Backups"},
		"the template's own n/a, in bold":   {alerts + "- [ ] **Backups** are restored in a test (n/a if there is no data) <!-- handrail:orr/backup -->\n" + runbook, Unmet, "Tick “Backups"},
		"n/a behind the template's own n/a": {alerts + "- [ ] Backups are restored in a test (n/a if there is no data): n/a, no data <!-- handrail:orr/backup -->\n" + runbook, Met, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := filled(c.body)
			if r.State != c.want || !strings.Contains(r.Summary, c.says) || r.Unknown {
				t.Errorf("%s: %q, want %s with %q\n%+v", r.State, r.Summary, c.want, c.says, tasksOf(c.body))
			}
			if r.State == Unmet && (len(r.Can) != 1 || r.Can[0] != theAuthor) {
				t.Errorf("nobody is told to mend it: %v", r.Can)
			}
		})
	}
}

func TestWhoeverHidATaskIsToldWhereItIs(t *testing.T) {
	r := filled("```\n- [x] Alerts exist <!-- handrail:orr/alerts -->\n```\n")
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "“Alerts exist” is not found as a task: its id orr/alerts stands in code") || strings.Contains(notes, "backup") {
		t.Errorf("notes: %s", notes)
	}
	r = filled("- [x] a <!-- handrail:orr/alerts --> <!-- handrail:orr/backup -->\n- [x] n/a: `none` of it <!-- handrail:orr/runbook -->")
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "that has a second id") || !strings.Contains(notes, "“The run book names who is on call” is not for this change: none of it.") {
		t.Errorf("notes: %s", notes)
	}
}

func TestATemplateThatNobodyCanTickIsAFaultOfThePolicy(t *testing.T) {
	paths := []string{"a.md", "b.md"}
	for name, c := range map[string]struct {
		texts   map[string]Text
		says    string
		unknown bool
		can     string
	}{
		"no task":     {map[string]Text{"a.md": {Text: "# Hello\n"}}, "The template a.md has no task with an id", false, templateChangers},
		"no id":       {map[string]Text{"a.md": {Text: "- [ ] Alerts exist\n"}}, "The template a.md has no task with an id", false, templateChangers},
		"ids in code": {map[string]Text{"a.md": {Text: "```\n- [ ] Alerts exist <!-- handrail:a -->\n```\n"}}, "has no task with an id", false, templateChangers},
		"a bad id":    {map[string]Text{"a.md": {Text: "- [ ] Alerts exist <!-- handrail:a b -->\n"}}, "has no task with an id", false, templateChangers},
		"two ids":     {map[string]Text{"a.md": {Text: "- [ ] x <!-- handrail:a --> <!-- handrail:b -->\n"}}, "has several ids on one line, “x”", false, templateChangers},
		"an id twice": {map[string]Text{"a.md": {Text: "- [ ] x <!-- handrail:a -->\n- [ ] y <!-- handrail:A -->\n"}}, "has the id a twice", false, templateChangers},
		"cut":         {map[string]Text{"a.md": {Cut: true, Text: "- [ ] x <!-- handrail:a -->\n"}}, "no text that could be read whole", true, templateChangers},
		"not read":    {map[string]Text{"a.md": {Absent: true}}, "b.md has not been read yet", true, operators},
		"not there":   {map[string]Text{"a.md": {Absent: true}, "b.md": {Absent: true}}, "the base branch has no template", true, policyChangers},
	} {
		t.Run(name, func(t *testing.T) {
			var r Result
			tmpl := templateOf(&Pull{Texts: c.texts}, paths)
			tmpl.fill(&r, "- [x] x <!-- handrail:a -->\n- [x] y <!-- handrail:b -->")
			if r.State != Unmet || r.Unknown != c.unknown || !strings.Contains(r.Summary, c.says) || len(r.Can) != 1 || r.Can[0] != c.can {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestTheFirstTemplateThatIsThereCounts(t *testing.T) {
	texts := map[string]Text{}
	for _, p := range PullTemplatePaths {
		texts[p] = Text{Absent: true}
	}
	texts["docs/pull_request_template.md"] = Text{Text: "- [ ] docs <!-- handrail:docs -->"}
	texts["PULL_REQUEST_TEMPLATE.md"] = Text{Text: "- [ ] root <!-- handrail:root -->"}
	r := NewChecklist().Eval(Pull{Texts: texts, Body: "- [x] root <!-- handrail:root -->"})
	if r.State != Met || r.Evidence[0].ID != "PULL_REQUEST_TEMPLATE.md" {
		t.Errorf("%+v", r)
	}
}

func TestADescriptionMadeToConfuseIsReadAndNotDone(t *testing.T) {
	for _, unit := range []string{
		"<!--", "`", "`a``b```c", "- ", "- [x] ", "<s>", "<", "\\", "> ", "~~a~~", "~", "n/a:", "n/a ", "\t", "1. ", "</", "<!-->", "=", "* ", "- <", "-->",
		"- [x] n/a: <!-- handrail:orr/alerts -->\n", "\u200b", "[", "_*", "<pre>", "<!-- handrail:orr/alerts -->",
	} {
		text := strings.Repeat(unit, 200_000/len(unit))
		for _, body := range []string{text, "- [x] " + text + " <!-- handrail:orr/alerts -->", "- [ ] n/a: " + text, text + orr} {
			if r := filled(body); r.State != Unmet {
				t.Errorf("with %q it is %s", unit, r.State)
			}
		}
	}
}

func TestATextBeforeTheListHidesItOnlyWhereItIsLeftOpen(t *testing.T) {
	const list = "- [x] Alerts exist <!-- handrail:orr/alerts -->"
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringMatching("[a-z .,\n#*_-]{0,60}").Draw(t, "before")
		if got := tasksOf(before + "\n\n" + list); len(got) == 0 || got[len(got)-1].ids[0] != "orr/alerts" || !got[len(got)-1].ticked {
			t.Fatalf("%q hides the list: %+v", before, got)
		}
	})
}
