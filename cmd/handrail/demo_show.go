package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// until waits until the pull request shows what the scene is to come to.
func (t *theatre) until(ctx context.Context, s scene) error {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	for {
		if err := t.github.Settle(ctx); err != nil {
			return err
		}
		shown, ok := t.shows(s)
		if ok && (s.comes == nil || s.comes(t)) && (s.tag != "" || t.rests(ctx)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("what is shown is %s", shown), ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// rests says whether nothing is due. Behind a direct push to main it is looked for what
// explains it, for half a minute: a scene about a release does not wait for that.
func (t *theatre) rests(ctx context.Context) bool {
	q, err := t.server.store.Queue(ctx, time.Now())
	return err == nil && q.Depth == 0
}

// shows says whether the check-run and the labels that the scene is about are what they
// are to be, and what they are.
func (t *theatre) shows(s scene) (shown string, ok bool) {
	if s.tag != "" {
		run, ok := t.releaseRun(s.tag, checks.RunRelease)
		return fmt.Sprintf("%q of %s: %s", run.Title, s.tag, t.part(s.tag, "What does not count, and why")), ok && strings.Contains(run.Title+readable(run.Summary), s.says)
	}
	run, ok := t.pull.Run(checks.RunMerge)
	ok = ok && t.pull.HasLabel(checks.LabelMet) == s.labelled && t.pull.HasLabel(checks.LabelSecurity) == s.reviewing &&
		strings.Contains(run.Title+readable(run.Summary), s.says)
	return fmt.Sprintf("%q, labels %q", run.Title, t.pull.Labels()), ok
}

// show prints what a developer sees on the pull request.
func (t *theatre) show(out io.Writer) {
	label := "no label"
	if labels := t.pull.Labels(); len(labels) > 0 {
		label = fmt.Sprintf("label %q", labels)
	}
	fmt.Fprintf(out, "\n     #%d, head %.7s, %s\n", t.pull.Number, t.pull.Head(), label)
	run, ok := t.pull.Run(checks.RunMerge)
	if !ok {
		return
	}
	fmt.Fprintf(out, "     %s: %s: %s\n", checks.RunMerge, stateOf(run), run.Title)
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	showTable(tw, run.Summary)
	tw.Flush()
	t.showNotes(out)
	fmt.Fprintln(out)
}

// stateOf is a check-run's conclusion, or how far it is.
func stateOf(run sim.Run) string { return cmp.Or(run.Conclusion, run.Status) }

// showTable prints the table of requirements in a summary, which is its first, without
// those that do not apply.
func showTable(out io.Writer, summary string) {
	_, table, _ := strings.Cut(readable(summary), "\n| ")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) >= 4 && cells[0] != "Requirement" && !strings.Contains(cells[1], "does not apply") {
			fmt.Fprintf(out, "       %s\t%s\t%s\n", cells[1], cells[0][:strings.IndexByte(cells[0]+"`", '`')], cells[2])
		}
	}
}

// showNotes prints the notes of the sections that say the lines. What GitHub's own
// alerts lack is left out: the stand-in's repository has none.
func (t *theatre) showNotes(out io.Writer) {
	for _, name := range []string{"security-scan", "coverage"} {
		run, ok := t.pull.Run(checks.RunPrefix + name)
		if !ok || run.Conclusion != "failure" {
			continue
		}
		for line := range strings.Lines(readable(run.Summary)) {
			if strings.HasPrefix(line, "- ") && !strings.Contains(line, "is not available") && !strings.Contains(line, "by GitHub") {
				fmt.Fprint(out, "     ", checks.RunPrefix, name, ": ", line[len("- "):])
			}
		}
	}
}

// readable is Markdown as GitHub would show it, nearly.
func readable(markdown string) string {
	return strings.NewReplacer("<!-- -->", "", "&lt;", "<", "&gt;", ">", "&amp;", "&", "\\", "").Replace(markdown)
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ") + "\n"
}
