package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

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
