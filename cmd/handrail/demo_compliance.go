package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// complianceScenes are about what is agreed beforehand: how large a number may
// become, who may make an exception, and that no repository is laxer than its
// organisation.
func complianceScenes() []scene {
	return slices.Concat(limitScenes(), floorScenes(), overrideScenes(), findingScenes(), queueScenes())
}

// limitScenes play the guard rail on values.
func limitScenes() []scene {
	return []scene{
		{
			title: "alice gives the shop 1Gi of memory instead of 512Mi. That is within the limit of the policy: nobody is asked.",
			act: func(t *theatre) error {
				return t.change("alice", "memory", "chore: give the shop 1Gi", map[string]string{manifestPath: manifest("1Gi")})
			},
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "In another pull request she gives it 1Ti. It waits for acme/platform; her own \"/approve platform\" does not count.",
			act: func(t *theatre) error {
				if err := t.change("alice", "huge", "chore: give the shop 1Ti", map[string]string{manifestPath: manifest("1Ti")}); err != nil {
					return err
				}
				t.github.Advance(time.Minute)
				t.pull.Comment("alice", "/approve platform")
				return nil
			},
			says: "Waiting for: Memory",
		},
		{
			title:    "pat of acme/platform has a look and says \"/approve platform\".",
			act:      func(t *theatre) error { t.pull.Comment("pat", "/approve platform"); return nil },
			labelled: true,
			says:     "All merge requirements are met",
		},
	}
}

// floorScenes play a repository that would like to be laxer than its organisation,
// and a policy whose consequences are seen beforehand.
func floorScenes() []scene {
	return []scene{
		{
			title: "The organisation's own policy has that limit, too. mallory brings a policy that would allow 64Ti: it is weaker, and refused.",
			act: func(t *theatre) error {
				text := strings.Replace(demoPolicy, "over: 1Gi", "over: 64Ti", 1)
				return t.change("mallory", "lax", "chore: allow more memory", map[string]string{checks.PolicyPath: text})
			},
			reviewing: true,
			says:      "weaker than \"1Gi\"",
		},
		{
			title: "olive would have two people review each change. Before anybody merges that, it is said which pull requests it would hold up.",
			act: func(t *theatre) error {
				text := strings.Replace(demoPolicy, "role: reviewer, unless", "role: reviewer, count: 2, unless", 1)
				return t.change("olive", "strict", "chore: let two people review", map[string]string{checks.PolicyPath: text})
			},
			reviewing: true,
			says:      "judged again",
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.said(checks.RunMerge, "- The newest verdict", "- #"), nil
			},
		},
	}
}

// overrideScenes play an exception: who makes it, what it says, and how it ends.
func overrideScenes() []scene {
	return []scene{
		{
			title: "The shop is down. alice's fix is approved, but a build of CI is red since a mirror does not answer.",
			act: func(t *theatre) error {
				if err := t.change("alice", "outage", "fix: let the shop start", map[string]string{"shop/start.go": "package shop\n"}); err != nil {
					return err
				}
				t.approve()
				return t.fail()
			},
			says: "To do: Status checks",
		},
		{
			title: "alice asks what is in the way, by \"/explain\". handrail answers once, by a comment.",
			act: func(t *theatre) error {
				t.talk = len(t.pull.Comments()) + 1
				t.pull.Comment("alice", "/explain")
				return nil
			},
			says:  "To do: Status checks",
			comes: func(t *theatre) bool { return len(t.pull.Comments()) > t.talk },
			tells: func(ctx context.Context, t *theatre) (string, error) { return t.answer(ctx) },
		},
		{
			title: "rita of acme/release-management lets it pass for two hours and says why. It is shown, and in the record.",
			act: func(t *theatre) error {
				t.pull.Comment("rita", "/override status 2h The mirror is down and so is the shop, INC-7")
				return nil
			},
			labelled: true,
			says:     "The mirror is down",
		},
		{
			title: "alice pushes once more. What rita let pass was another commit: the override is void.",
			act: func(t *theatre) error {
				if _, err := t.repo.Push(sim.Push{By: "alice", Branch: "outage", Message: "And greet", Files: map[string]string{"shop/start.go": "package shop\n\n// Greeting is shown first.\nconst Greeting = \"hello\"\n"}}); err != nil {
					return err
				}
				if err := t.pass(); err != nil {
					return err
				}
				t.approve()
				return t.fail()
			},
			says:  "does not count: it was written for",
			tells: func(_ context.Context, t *theatre) (string, error) { return t.said(checks.RunMerge, "rita's"), nil },
		},
	}
}

// findingScenes play what nobody can keep an administrator from, and how it is found.
func findingScenes() []scene {
	tells := func(ctx context.Context, t *theatre) (string, error) { return t.findings(ctx) }
	return []scene{
		{
			title: "olive is an administrator, and merges mallory's pull request though no test runs its lines. That is a finding.",
			act: func(t *theatre) error {
				t.pull, t.main = t.repo.Pull(3), t.repo.Branch("main")
				_, err := t.pull.Merge("olive")
				return err
			},
			says:  "To do: Patch coverage",
			comes: func(t *theatre) bool { return t.open(1) },
			tells: tells,
		},
		{
			title: "mallory takes the merge off main again, by a forced push. That is another one.",
			act:   func(t *theatre) error { return t.repo.PushCommit("mallory", "main", t.main) },
			says:  "To do: Patch coverage",
			comes: func(t *theatre) bool { return t.open(2) },
			tells: tells,
		},
		{
			title: "sam of acme/infosec has looked at the first, and closes it with a reason by a comment on the pull request. The other stays open.",
			act: func(t *theatre) error {
				t.pull.Comment("sam", "/close-finding 1 It is off main again, and olive was asked")
				return nil
			},
			says:  "To do: Patch coverage",
			comes: func(t *theatre) bool { return t.open(1) },
			tells: tells,
		},
	}
}

// queueScenes play a merge queue whose main waits for handrail and for a build.
func queueScenes() []scene {
	tells := func(_ context.Context, t *theatre) (string, error) { return t.groups(), nil }
	return []scene{
		{
			title:    "main gets a merge queue. alice opens three pull requests; bob approves.",
			act:      (*theatre).prepare,
			labelled: true,
			says:     "All merge requirements are met",
			comes: func(t *theatre) bool {
				return !slices.ContainsFunc(t.trio, func(p *sim.Pull) bool { return !p.HasLabel(checks.LabelMet) })
			},
		},
		{
			title:    "They are put into the queue. Each one's group is judged with all that are in it.",
			act:      (*theatre).enqueue,
			labelled: true,
			says:     "All merge requirements are met",
			comes:    func(t *theatre) bool { return t.grouped("success", "success", "success") },
			tells:    tells,
		},
		{
			title: "bob has second thoughts about the one in the middle. The groups that it is in fail, and name it.",
			act: func(t *theatre) error {
				t.trio[1].RequestChanges("bob", "Not like this.")
				return nil
			},
			labelled: true,
			says:     "All merge requirements are met",
			comes:    func(t *theatre) bool { return t.grouped("success", "failure", "failure") },
			tells:    tells,
		},
		{
			title: "The builds pass. The first is merged, the second leaves the queue, and the third is judged in a new group without it.",
			act: func(t *theatre) error {
				for _, q := range t.repo.Queue("main") {
					if _, err := t.repo.StartRun(sim.NewRun{SHA: q.SHA, Name: "build", Conclusion: "success"}); err != nil {
						return err
					}
				}
				return nil
			},
			labelled: true,
			says:     "All merge requirements are met",
			comes: func(t *theatre) bool {
				return t.trio[0].State() == "merged" && t.trio[1].State() == "open" && t.grouped("success")
			},
			tells: tells,
		},
	}
}

// prepare gives main a merge queue and opens three pull requests that are met.
func (t *theatre) prepare() error {
	t.repo.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge, App: t.github.App().ID}, {Name: "build"}}})
	t.repo.SetQueue("main", sim.Queue{})
	for _, drink := range []string{"coffee", "tea", "water"} {
		if err := t.change("alice", drink, "docs: praise "+drink, map[string]string{"docs/" + drink + ".md": "# " + drink + "\n"}); err != nil {
			return err
		}
		t.approve()
		t.trio = append(t.trio, t.pull)
	}
	return nil
}

// enqueue puts them into the queue.
func (t *theatre) enqueue() error {
	for _, p := range t.trio {
		if err := p.Enqueue("alice"); err != nil {
			return err
		}
	}
	return nil
}

// grouped says whether these are the conclusions of the groups in main's queue.
func (t *theatre) grouped(conclusions ...string) bool {
	var got []string
	for _, q := range t.repo.Queue("main") {
		got = append(got, t.group(q.SHA).Conclusion)
	}
	return slices.Equal(got, conclusions)
}

// group is what handrail shows on a group's commit.
func (t *theatre) group(sha string) (last sim.Run) {
	for _, run := range t.repo.Runs(sha) {
		if run.Name == checks.RunMerge {
			last = run
		}
	}
	return last
}

// groups is what handrail shows on the groups in main's queue.
func (t *theatre) groups() string {
	var b strings.Builder
	for _, q := range t.repo.Queue("main") {
		run := t.group(q.SHA)
		fmt.Fprintf(&b, "group of #%d at %.7s: %s: %s\n", q.Pull, q.SHA, run.Conclusion, run.Title)
	}
	return b.String()
}

// change lets somebody open a pull request that brings some files, and CI pass on
// it.
func (t *theatre) change(by, branch, title string, files map[string]string) (err error) {
	if _, err = t.repo.Push(sim.Push{By: by, Branch: branch, Message: title, Files: files}); err != nil {
		return err
	}
	if t.pull, err = t.repo.OpenPull(sim.NewPull{By: by, Title: title, Head: branch}); err != nil {
		return err
	}
	return t.pass()
}

// fail lets the build of another workflow fail on the head.
func (t *theatre) fail() error {
	run, err := t.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/image.yml", Job: "build", Pull: t.pull, Started: true})
	if err != nil {
		return err
	}
	run.Finish("failure")
	return nil
}

// said are the lines of a check-run on the head that begin in one of these ways.
func (t *theatre) said(run string, beginnings ...string) string {
	var b strings.Builder
	r, _ := t.pull.Run(run)
	for line := range strings.Lines(readable(r.Summary)) {
		if slices.ContainsFunc(beginnings, func(s string) bool { return strings.HasPrefix(line, s) }) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// answer is the newest comment that handrail has written on the pull request,
// without the table, and of what is folded only what is not met.
func (t *theatre) answer(ctx context.Context) (string, error) {
	subject, err := t.server.hub.Find(ctx, "acme", "shop", t.pull.Number)
	if err != nil {
		return "", err
	}
	pull, _, err := t.server.hub.Read(ctx, subject, checks.Need{}, nil)
	if err != nil {
		return "", err
	}
	text := ""
	for _, c := range pull.Comments {
		if c.Ours {
			text = c.Body
		}
	}
	if text == "" {
		return "", errors.New("there is no answer")
	}
	return abridged(readable(text)), nil
}

// abridged leaves out of an answer to "/explain" the table, and what is folded and
// met.
func abridged(answer string) string {
	var b strings.Builder
	folded, blank := false, true
	for line := range strings.Lines(answer) {
		if strings.HasPrefix(line, "<details>") {
			folded = !strings.Contains(line, checks.Unmet.String())
		}
		shown := strings.TrimSpace(markup.ReplaceAllString(line, ""))
		if !folded && !strings.HasPrefix(line, "|") && (shown != "" || !blank) {
			b.WriteString(shown + "\n")
			blank = shown == ""
		}
		folded = folded && !strings.HasPrefix(line, "</details>")
	}
	return b.String()
}

var markup = regexp.MustCompile("<[^>]*>")

// open says whether so many findings are open.
func (t *theatre) open(n int) bool {
	list, err := t.server.store.Findings(context.Background(), store.FindingFilter{Open: true, Limit: 100})
	return err == nil && len(list) == n
}

// findings are all that there are, as "handrail audit findings" prints them.
func (t *theatre) findings(ctx context.Context) (string, error) {
	list, err := t.server.store.Findings(ctx, store.FindingFilter{Limit: 100})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = findingTable(&b, list)
	return b.String(), err
}
