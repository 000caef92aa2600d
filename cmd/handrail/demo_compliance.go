package main

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
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
		{
			title: "rita lets that commit pass, too.",
			act: func(t *theatre) error {
				t.pull.Comment("rita", "/override status 2h The mirror is still down, INC-7")
				return nil
			},
			labelled: true,
			says:     "The mirror is still down",
		},
		{
			title: "alice merges it. When a release brings it, the override will be seen there.",
			act: func(t *theatre) error {
				_, err := t.pull.Merge("alice")
				return err
			},
			labelled: true,
			says:     "The mirror is still down",
		},
	}
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
	r, _ := t.pull.Run(run)
	return linesOf(r.Summary, beginnings...)
}

// linesOf are the lines of a summary that begin in one of these ways.
func linesOf(summary string, beginnings ...string) string {
	var b strings.Builder
	for line := range strings.Lines(readable(summary)) {
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
