package checks_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// checklists are templates of which a random policy has some.
var checklists = []string{
	"{name: Pull request}",
	"{name: Readiness, file: docs/orr.md, when: {new_service: true}, role: qa}",
	"{name: No service, file: docs/orr.md, when: {new_service: false}, role: reviewer}",
	"{name: Always, file: docs/light.md, role: qa}",
	"{name: Updates, file: docs/light.md, when: {dependency_update: false}}",
}

// bots are settings of the control dependency_bot, each stricter than the one
// before it.
var bots = []string{
	"{authors: ['renovate[bot]', 'dependabot[bot]'], files: ['**/*.go', 'docs/**', go.mod, '**/go.sum'], step: any}",
	"{authors: ['renovate[bot]', 'dependabot[bot]'], files: ['docs/**', go.mod, '**/go.sum'], step: any}",
	"{files: [go.mod, '**/go.sum'], step: major}",
	"{files: [go.mod, '**/go.sum'], step: minor}",
	"{files: [go.mod], step: minor}",
	"{files: [go.mod], step: patch}",
	"{authors: ['renovate[bot]'], files: [go.mod], step: patch}",
}

var lighter = []string{
	"{name: Ordinary, role: qa, unless: {dependency_update: true}}",
	"{name: Light, role: reviewer, when: {dependency_update: true}}",
	"{name: Service, role: reviewer, when: {new_service: true}}",
	"{name: Old services, role: qa, unless: {new_service: true}}",
	"{name: Plain, role: reviewer, unless: {new_service: false}}",
}

type drawnTerms struct {
	templates, rules []string
	bot              int
}

func drawTerms(t *rapid.T) drawnTerms {
	id := func(s string) string { return s }
	d := drawnTerms{bot: rapid.IntRange(0, len(bots)-1).Draw(t, "bot")}
	d.templates = distinct(some(t, 2, "templates", func() string { return pick(t, checklists, "template") }), id)
	d.rules = distinct(some(t, 2, "rules", func() string { return pick(t, lighter, "rule") }), id)
	return d
}

func (d drawnTerms) text() string {
	return "version: 1\nroles:\n  qa: {team: acme/qa, say: ['QA +1'], github_review: true}\nreview: {sign_offs: [" + strings.Join(d.rules, ", ") + "]}\nstatus:\ncompliance:\n" +
		"  title: {pattern: '[a-z]'}\n  dependency_bot: " + bots[d.bot] + "\n  checklist: {new_service: {files: ['services/*/service.yaml'], directories: ['services/*', 'jobs/*']}, templates: [" +
		strings.Join(d.templates, ", ") + "]}\n"
}

var taskLines = []string{
	"- [x] Alerts exist <!-- handrail:alerts -->", "- [ ] Alerts exist <!-- handrail:alerts -->", "* [X] n/a: none <!-- handrail:alerts -->", "- [x] n/a <!-- handrail:alerts -->",
	"1. [x] Backup <!-- handrail:backup -->", "  - [x] Backup <!-- handrail:backup -->", "- [ ] Backup", "- [ ] ~~Backup~~ n/a, no data <!-- handrail:backup -->",
	"- [x] Alerts exist <!-- handrail:alerts --> <!-- handrail:backup -->", "> - [x] Backup <!-- handrail:backup -->", "```", "<!--", "-->", "<blockquote>", "</blockquote>", "", "Words", "    code",
}

// listed is a snapshot with templates, a description that answers some of them,
// and files of services and manifests. Some are a bot's.
func listed(t *rapid.T) checks.Pull {
	p := snapshot(t)
	if rapid.IntRange(0, 3).Draw(t, "readable") > 0 {
		p.Title = "feat: x"
	}
	var body []string
	if rapid.Bool().Draw(t, "answered") {
		body = []string{taskLines[0], taskLines[4]}
	}
	p.Body = strings.Join(append(body, some(t, 5, "lines", func() string { return pick(t, taskLines, "line") })...), pick(t, []string{"\n", "\r\n"}, "end"))
	p.Files = distinct(append(p.Files, some(t, 2, "service files", func() checks.File {
		f := file(t)
		f.Path = pick(t, []string{"services/a/service.yaml", "services/a/x.go", "jobs/b/x.go", "go.mod", "sub/go.sum"}, "service path")
		f.Status = pick(t, []string{"added", "modified", "removed", "renamed", "copied", ""}, "service status")
		return f
	})...), func(f checks.File) string { return f.Path })
	p.FileCount = max(p.FileCount, len(p.Files))
	p.Texts = map[string]checks.Text{}
	for _, path := range append(slices.Clone(checks.PullTemplatePaths), "docs/orr.md", "docs/light.md", "services/a", "jobs/b") {
		switch rapid.IntRange(0, 7).Draw(t, "text") {
		case 0:
			p.Texts[path] = checks.Text{Cut: true}
		case 1:
			p.Texts[path] = checks.Text{Absent: true}
		case 2:
		case 3:
			p.Texts[path] = checks.Text{Text: "# Nothing to tick\n"}
		default:
			p.Texts[path] = checks.Text{Text: "- [ ] Alerts exist <!-- handrail:alerts -->\n- [ ] Backup <!-- handrail:backup -->\n"}
		}
	}
	if rapid.Bool().Draw(t, "edited") {
		p.BodyEdited = moment(t)
	}
	if rapid.Bool().Draw(t, "by a bot") {
		automate(t, &p)
	}
	return p
}

// automate makes a snapshot a bot's, most of all of it.
func automate(t *rapid.T, p *checks.Pull) {
	bot := pick(t, []string{"renovate[bot]", "dependabot[bot]"}, "bot")
	p.Author = checks.Actor{Login: bot, Bot: rapid.IntRange(0, 9).Draw(t, "is one") > 0}
	p.Commits = []checks.Commit{{
		SHA: p.Head.SHA, Author: checks.Signature{Email: "1+" + bot + "@users.noreply.github.com"}, Committer: checks.Signature{Login: "web-flow", Name: "GitHub", Email: "noreply@github.com"},
		GitHubSigned: rapid.IntRange(0, 9).Draw(t, "signed") > 0,
		Message: "Bump\n\n---\nupdated-dependencies:\n- dependency-name: x\n  update-type: version-update:semver-" +
			pick(t, []string{"patch", "patch", "minor", "major", "odd"}, "step") + "\n...\n",
	}}
	p.CommitCount = 1
	p.Memory.Heads = []checks.Head{{SHA: p.Head.SHA, Since: start, Sender: pick(t, []string{bot, bot, bot, bot, "alice", ""}, "sender"), Bot: true}}
	if rapid.IntRange(0, 3).Draw(t, "manifests") > 0 {
		p.Files = []checks.File{{Path: "go.mod", Status: "modified", SHA: "m"}, {Path: pick(t, []string{"sub/go.sum", "docs/a.md", "x.go"}, "beside"), Status: "modified", SHA: "s"}}[:rapid.IntRange(1, 2).Draw(t, "files")]
		p.FileCount = len(p.Files)
	}
}

func TestLawChecklistsAndUpdatesGiveTheSameAnswerAgainAndExplainIt(t *testing.T) {
	met, proved := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p, pull := policy(t, drawTerms(t).text()), listed(t)
		answersAgain(t, p, pull, shuffled(pull, rapid.Int64().Draw(t, "seed")), func(r checks.Result) {
			if r.ID == "compliance/checklist" && r.State == checks.Met {
				met++
			}
			if r.ID == "compliance/dependency_bot" && r.State == checks.Met {
				proved++
			}
		})
	})
	if met == 0 || proved == 0 {
		t.Errorf("%d checklists were met, %d updates proved", met, proved)
	}
}

func TestLawOneTemplateOrRuleMoreOrAStricterBotNeverHelps(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) {
		id := func(s string) string { return s }
		d, pull := drawTerms(t), listed(t)
		more := d
		switch rapid.IntRange(0, 2).Draw(t, "more") {
		case 0:
			more.templates = distinct(append(slices.Clone(d.templates), pick(t, checklists, "one more")), id)
		case 1:
			more.rules = distinct(append(slices.Clone(d.rules), pick(t, lighter, "one more")), id)
		default:
			// A rule that is there for updates alone ends with them, as it should.
			d.rules, more.rules = lighter[:1], lighter[:1]
			d.templates = nil
			more.templates, more.bot = nil, min(d.bot+1, len(bots)-1)
		}
		before, after := checks.Judge(policy(t, d.text()), pull), checks.Judge(policy(t, more.text()), pull)
		if after.State > before.State && !(after.State.Passes() && before.State.Passes()) {
			t.Fatalf("with more asked for %s becomes %s:\n%s%s", before.State, after.State, d.text(), more.text())
		}
		if after.State < before.State {
			worse++
		}
	})
	if worse == 0 {
		t.Error("more was never harder")
	}
}

// doubts take away what is known of a bot's pull request, or add what is not the
// bot's.
var doubts = []func(*checks.Pull){
	func(p *checks.Pull) { p.Author.Bot = false },
	func(p *checks.Pull) { p.FilesRead = false },
	func(p *checks.Pull) { p.FileCount++ },
	func(p *checks.Pull) { p.CommitCount++ },
	func(p *checks.Pull) {
		p.Files = append(slices.Clone(p.Files), checks.File{Path: "main.sh", Status: "added"})
		p.FileCount++
	},
	func(p *checks.Pull) {
		p.Commits = append(slices.Clone(p.Commits), checks.Commit{SHA: "e5", Author: checks.Signature{Login: "alice"}})
		p.CommitCount++
	},
	func(p *checks.Pull) {
		p.Commits = changed(p.Commits, func(c *checks.Commit) { c.GitHubSigned = false })
	},
	func(p *checks.Pull) { p.Commits = changed(p.Commits, func(c *checks.Commit) { c.CoAuthorsCut = true }) },
	func(p *checks.Pull) { p.Commits = changed(p.Commits, func(c *checks.Commit) { c.Merge = true }) },
	func(p *checks.Pull) {
		p.Commits = changed(p.Commits, func(c *checks.Commit) { c.CoAuthors = []checks.Signature{{Login: "alice"}} })
	},
	func(p *checks.Pull) { p.Memory.Heads = nil },
	func(p *checks.Pull) {
		p.Memory.Heads = append(slices.Clone(p.Memory.Heads), checks.Head{SHA: "e5", Sender: "alice"})
	},
	func(p *checks.Pull) { p.Memory.Heads = append(slices.Clone(p.Memory.Heads), checks.Head{SHA: "e5"}) },
}

func changed(commits []checks.Commit, change func(*checks.Commit)) []checks.Commit {
	out := slices.Clone(commits)
	for i := range out {
		change(&out[i])
	}
	return out
}

func TestLawADoubtEndsEveryProofOfABot(t *testing.T) {
	proved := 0
	untilTried(t, &proved, func(t *rapid.T) {
		bot, pull := checks.NewDependencyBot(), listed(t)
		bot.Step = pick(t, []checks.Step{checks.StepPatch, checks.StepMajor, checks.StepAny}, "step")
		automate(t, &pull)
		if bot.Eval(pull).State == checks.Met {
			proved++
		}
		pick(t, doubts, "doubt")(&pull)
		if r := bot.Eval(pull); r.State != checks.Exempt {
			t.Fatalf("in spite of a doubt it is %s: %s", r.State, r.Summary)
		}
	})
	if proved == 0 {
		t.Error("nothing was ever proved")
	}
}

func TestLawTakingAwayATickOrATemplateNeverHelps(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) {
		d, pull := drawTerms(t), listed(t)
		if len(d.templates) == 0 {
			d.templates = checklists[3:4]
		}
		state := func(p checks.Pull) checks.State {
			for _, r := range checks.Judge(policy(t, d.text()), p).Results {
				for _, part := range r.Parts {
					if part.ID == "compliance/checklist" {
						return part.State
					}
				}
			}
			t.Fatal("there is no checklist")
			return checks.Unmet
		}
		before := state(pull)
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			pull.Body = strings.NewReplacer("[x]", "[ ]", "[X]", "[ ]").Replace(pull.Body)
		case 1:
			pull.Body = strings.ReplaceAll(pull.Body, "handrail:backup", "handrail:other")
		case 2:
			pull.Body = "````\n" + pull.Body + "\n````\n"
		default:
			cut := map[string]checks.Text{}
			for path, text := range pull.Texts {
				if !strings.HasSuffix(path, ".md") || text.Absent { // what a directory is, and which place counts, must stay
					cut[path] = text
				} else {
					cut[path] = checks.Text{Cut: true, Text: text.Text}
				}
			}
			pull.Texts = cut
		}
		after := state(pull)
		if after > before {
			t.Fatalf("%s becomes %s with the description %q", before, after, pull.Body)
		}
		if after < before {
			worse++
		}
	})
	if worse == 0 {
		t.Error("it was never harder")
	}
}
