package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// The tags of the demo: one from before handrail, a release, and one in an emergency.
const (
	tagBefore = "v0.9.0"
	tagPlay   = "v1.0.0"
	tagUrgent = "v1.0.1"
)

// releaseScenes play a release's life: from the tag over its evidence and sign-offs to
// production, and one in an emergency.
func releaseScenes() []scene {
	return slices.Concat(evidenceScenes(), signingScenes(), promotionScenes(), emergencyScenes())
}

// evidenceScenes play what a release brings: a pull request that was overridden, and a
// commit that no pull request brought.
func evidenceScenes() []scene {
	return []scene{
		{
			title: "olive is an administrator, and pushes straight to main. bob tags v1.0.0; CI passes and leaves a draft of the release.",
			act:   (*theatre).tagged,
			tag:   tagPlay,
			says:  "exceptions",
			comes: func(t *theatre) bool { return t.tracked(tagPlay) },
			tells: func(_ context.Context, t *theatre) (string, error) { return t.saidOf(tagPlay, "- `/"), nil },
		},
		{
			title: "rita answers for the exceptions: she accepts them, with a reason that stays on record.",
			act: func(t *theatre) error {
				return t.speak(tagPlay, "rita", "/override release/evidence Looked through with olive, INC-8")
			},
			tag:  tagPlay,
			says: "accepted by rita",
		},
	}
}

// signingScenes play the stages of a release, and a tag that is moved while they are
// signed.
func signingScenes() []scene {
	return []scene{
		{
			title: "quinn of the QA team presses \"Sign off\" on the check-run of the stage development.",
			act:   func(t *theatre) error { return t.press(tagPlay, "quinn", "development", "sign:") },
			tag:   tagPlay,
			comes: func(t *theatre) bool { return t.conclusion(tagPlay, "development") == "success" },
		},
		{
			title: "bob moves the tag to another commit. What quinn has signed is not what would be released: it is void, and says so.",
			act: func(t *theatre) error {
				sha, err := t.repo.Push(sim.Push{By: "olive", Branch: "main", Message: "Praise the shop", Files: map[string]string{"README.md": "# The shop\n"}})
				if err != nil {
					return err
				}
				if err := t.repo.Tag("bob", tagPlay, sha, true); err != nil {
					return err
				}
				return t.build(tagPlay)
			},
			tag:   tagPlay,
			says:  "was moved",
			comes: func(t *theatre) bool { return t.conclusion(tagPlay, "development") == "" && t.tracked(tagPlay) },
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.part(tagPlay, "What ended earlier sign-offs"), nil
			},
		},
		{
			title: "bob signs for QA, who is not in its team and has put the tag there. That counts for nothing, and why is said.",
			act:   func(t *theatre) error { return t.speak(tagPlay, "bob", "/sign-off qa") },
			tag:   tagPlay,
			says:  "bob's sign-off as qa does not count",
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.part(tagPlay, "What does not count, and why"), nil
			},
		},
		{
			title: "rita accepts the exceptions again, and quinn signs again.",
			act: func(t *theatre) error {
				if err := t.speak(tagPlay, "rita", "/override release/evidence Nothing but the README came, INC-8"); err != nil {
					return err
				}
				return t.press(tagPlay, "quinn", "development", "sign:")
			},
			tag:   tagPlay,
			says:  "accepted by rita: Nothing but",
			comes: func(t *theatre) bool { return t.conclusion(tagPlay, "development") == "success" },
		},
		{
			title: "rita signs for release management by a comment on the tracking issue.",
			act:   func(t *theatre) error { return t.speak(tagPlay, "rita", "/sign-off release-management") },
			tag:   tagPlay,
			says:  "Signed by rita",
		},
		{
			title: "sam signs for security from the command line, which shows what is signed.",
			act: func(t *theatre) (err error) {
				t.printed, err = t.command("sam", "release", "sign", t.repo.FullName(), tagPlay, "--role", "security")
				return err
			},
			tag:   tagPlay,
			says:  "Approved",
			tells: func(_ context.Context, t *theatre) (string, error) { return t.printed, nil },
		},
	}
}

// promotionScenes play the one click, and what follows from it.
func promotionScenes() []scene {
	return []scene{
		{
			title: "The deployment to production is already waiting: nothing lets it through before the release is promoted.",
			act: func(t *theatre) (err error) {
				t.deployment, err = t.deploy(tagPlay)
				return err
			},
			tag:   tagPlay,
			says:  "Approved",
			comes: func(t *theatre) bool { d := t.deployment.Now(); return d.Gate == "waiting" && len(d.Comments) > 0 },
			tells: func(_ context.Context, t *theatre) (string, error) { return t.gate(), nil },
		},
		{
			title: "rita presses \"Promote\". The draft is published, and the deployment let through.",
			act:   func(t *theatre) error { return t.press(tagPlay, "rita", "", "promote:") },
			tag:   tagPlay,
			says:  "Released",
			comes: func(t *theatre) bool {
				return !t.repo.Release(tagPlay).Now().Draft && t.deployment.Now().Gate == "approved"
			},
			tells: func(_ context.Context, t *theatre) (string, error) { return t.gate(), nil },
		},
		{
			title: "The deployment succeeds, which goes on record. What was decided is signed, and whoever deploys can verify it offline.",
			act:   func(t *theatre) error { t.deployed.Finish("success"); return nil },
			tag:   tagPlay,
			says:  "deployed to production",
			tells: func(_ context.Context, t *theatre) (string, error) { return t.verified(tagPlay) },
		},
	}
}

// emergencyScenes play a release that cannot wait, and what is owed for it.
func emergencyScenes() []scene {
	return []scene{
		{
			title: "The shop loses orders. alice's fix goes straight to main, and bob tags v1.0.1. Nothing of what a release needs is there.",
			act: func(t *theatre) error {
				sha, err := t.repo.Push(sim.Push{By: "alice", Branch: "main", Message: "fix: keep the orders", Files: map[string]string{"shop/orders.go": "package shop\n"}})
				if err != nil {
					return err
				}
				return t.draft(tagUrgent, sha)
			},
			tag:   tagUrgent,
			says:  "shop.tar.gz",
			comes: func(t *theatre) bool { return t.tracked(tagUrgent) },
		},
		{
			title: "rita breaks the glass, and says why. It is out at once, on record as an emergency, and a follow-up is due.",
			act: func(t *theatre) error {
				return t.speak(tagUrgent, "rita", "/break-glass Orders are lost, INC-9")
			},
			tag:   tagUrgent,
			says:  "Released in an emergency",
			comes: func(t *theatre) bool { return !t.repo.Release(tagUrgent).Now().Draft },
		},
		{
			title: "sam of acme/infosec has looked at it afterwards and says so. Nothing is owed any more.",
			act: func(t *theatre) error {
				return t.speak(tagUrgent, "sam", "/follow-up Reviewed with alice; a test was added, INC-9")
			},
			tag:  tagUrgent,
			says: "Released in an emergency by rita; sam has looked at it",
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.command("sam", "release", "list", "--repo", t.repo.FullName())
			},
		},
	}
}

// tagged brings a commit without a pull request, and tags all that is on main.
func (t *theatre) tagged() error {
	sha, err := t.repo.Push(sim.Push{By: "olive", Branch: "main", Message: "Put a logo on the page", Files: map[string]string{"docs/logo.md": "# Logo\n"}})
	if err != nil {
		return err
	}
	return t.draft(tagPlay, sha)
}

// draft tags a commit, lets CI pass on it, and leaves a draft of the release.
func (t *theatre) draft(tag, sha string) error {
	if err := t.repo.Tag("bob", tag, sha, true); err != nil {
		return err
	}
	if err := t.build(tag); err != nil {
		return err
	}
	r, err := t.repo.NewRelease(sim.NewRelease{By: "bob", Tag: tag, Name: "The shop " + tag, Draft: true})
	if err != nil {
		return err
	}
	_, err = r.Upload("bob", "shop.tar.gz", []byte("the shop "+tag+"\n"))
	return err
}

// build lets CI pass on a tag's commit.
func (t *theatre) build(tag string) error {
	run, err := t.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ciWorkflow, Job: "build", Tag: tag, Started: true})
	if err != nil {
		return err
	}
	run.Finish("success")
	return nil
}

// deploy starts the deployment of a tag to production.
func (t *theatre) deploy(tag string) (*sim.Deployment, error) {
	t.repo.Guard("production")
	run, err := t.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Tag: tag, By: "bob"})
	if err != nil {
		return nil, err
	}
	t.deployed = run
	return run.Deploy("production"), nil
}

// gate is what the deployment's page shows of the rule that guards it.
func (t *theatre) gate() string {
	d := t.deployment.Now()
	var b strings.Builder
	fmt.Fprintf(&b, "deployment of %.7s to %s: %s, the rule says %s\n", d.SHA, d.Environment, d.State, d.Gate)
	if n := len(d.Comments); n > 0 {
		fmt.Fprintln(&b, d.Comments[n-1])
	}
	return b.String()
}

// tracking is the tracking issue of a tag, once there is one.
func (t *theatre) tracking(tag string) *sim.Issue {
	for _, issue := range t.repo.Issues() {
		if strings.Contains(issue.Now().Body, "<!-- handrail:release "+tag+" ") {
			return issue
		}
	}
	return nil
}

// tracked says whether the tracking issue of a tag shows where the tag is now, with the
// file of its release: what is said from then on is about that.
func (t *theatre) tracked(tag string) bool {
	issue := t.tracking(tag)
	if issue == nil {
		return false
	}
	_, sha := t.repo.TagAt(tag)
	body := issue.Now().Body
	return strings.Contains(body, sha[:7]) && strings.Contains(body, "shop.tar.gz")
}

// speak says something on the tracking issue of a tag.
func (t *theatre) speak(tag, by, text string) error {
	issue := t.tracking(tag)
	if issue == nil {
		return fmt.Errorf("there is no tracking issue of %s", tag)
	}
	issue.Comment(by, text)
	return nil
}

// press presses the button of the newest check-run of a stage, or of the release.
func (t *theatre) press(tag, by, stage, button string) error {
	name := checks.RunRelease
	if stage != "" {
		name = checks.RunStagePrefix + stage
	}
	run, ok := t.releaseRun(tag, name)
	if !ok {
		return fmt.Errorf("%s has no check-run %s", tag, name)
	}
	for _, b := range run.Actions {
		if strings.HasPrefix(b, button) {
			return t.github.FindRun(run.ID).Press(by, b)
		}
	}
	return fmt.Errorf("the check-run %s of %s has no button %s", name, tag, button)
}

// releaseRun is the newest check-run of a name on a tag's commit.
func (t *theatre) releaseRun(tag, name string) (last sim.Run, ok bool) {
	_, sha := t.repo.TagAt(tag)
	for _, run := range t.repo.Runs(sha) {
		if run.Name == name {
			last, ok = run, true
		}
	}
	return last, ok
}

// conclusion is that of a stage's check-run, "" while it is open or not there.
func (t *theatre) conclusion(tag, stage string) string {
	run, _ := t.releaseRun(tag, checks.RunStagePrefix+stage)
	return run.Conclusion
}

// saidOf are the lines of "Release Requirements" that begin in one of these ways.
func (t *theatre) saidOf(tag string, beginnings ...string) string {
	run, _ := t.releaseRun(tag, checks.RunRelease)
	return linesOf(run.Summary, beginnings...)
}

// part is what stands under a heading of "Release Requirements".
func (t *theatre) part(tag, heading string) string {
	run, _ := t.releaseRun(tag, checks.RunRelease)
	_, text, _ := strings.Cut(readable(run.Summary), "**"+heading+"**\n")
	text, _, _ = strings.Cut(text, "\n\n")
	return text
}

// command runs a command line of handrail as one of the people, and is what it prints,
// below the command.
func (t *theatre) command(as string, args ...string) (string, error) {
	token := filepath.Join(t.dir, "token")
	if err := os.WriteFile(token, []byte(t.github.PersonToken(as)+"\n"), 0o600); err != nil {
		return "", err
	}
	defer os.Remove(token)
	out, err := typed(append(args, "--server", t.server.URL(), "--token-file", token)...)
	return "$ handrail " + strings.Join(args, " ") + "\n" + out, err
}

// typed runs a command line of handrail, and is what it prints.
func typed(args ...string) (string, error) {
	var out bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	if err := cmd.Execute(); err != nil {
		return "", errors.Join(fmt.Errorf("handrail %s says %q", strings.Join(args, " "), out.String()), err)
	}
	return out.String(), nil
}

// verified fetches the decision on a release and verifies it by the log's key alone.
func (t *theatre) verified(tag string) (string, error) {
	decision, file := filepath.Join(t.dir, "decision.json"), filepath.Join(t.dir, "handrail.pub")
	if _, err := t.command("sam", "release", "decision", t.repo.FullName(), tag, "--output", decision); err != nil {
		return "", err
	}
	key, err := typed("release", "key", "--server", t.server.URL())
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		return "", err
	}
	_, sha := t.repo.TagAt(tag)
	args := []string{"release", "verify", decision, "--key-file", file, "--tag", tag, "--commit", sha, "--environment", "production"}
	out, err := typed(args...)
	return "$ handrail " + strings.ReplaceAll(strings.Join(args, " "), t.dir+string(filepath.Separator), "") + "\n" + out, err
}

// showRelease prints what is shown of a release on its tag's commit.
func (t *theatre) showRelease(out io.Writer, tag string) {
	_, sha := t.repo.TagAt(tag)
	issue := "no tracking issue"
	if i := t.tracking(tag); i != nil {
		issue = fmt.Sprintf("tracking issue #%d, labels %q", i.Number, i.Now().Labels)
	}
	fmt.Fprintf(out, "\n     %s, commit %.7s, %s\n", tag, sha, issue)
	run, ok := t.releaseRun(tag, checks.RunRelease)
	if !ok {
		return
	}
	fmt.Fprintf(out, "     %s: %s: %s\n", checks.RunRelease, stateOf(run), run.Title)
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	showTable(tw, run.Summary)
	tw.Flush()
	fmt.Fprintln(out)
}
