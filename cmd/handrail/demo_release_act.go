package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

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
	fmt.Fprintf(&b, "deployment of %.7s to %s: %s, the rule says %s\n", d.SHA, d.Environment, cmp.Or(d.State, "waiting"), d.Gate)
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
