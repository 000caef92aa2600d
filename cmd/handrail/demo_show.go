package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// until waits until the pull request shows what the scene is to come to.
func (t *theatre) until(ctx context.Context, s scene) error {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	for {
		if err := t.github.Settle(ctx); err != nil {
			return err
		}
		run, ok := t.pull.Run(checks.RunMerge)
		if q, err := t.server.store.Queue(ctx, time.Now()); err == nil && q.Depth == 0 && ok &&
			t.pull.HasLabel(checks.LabelMet) == s.labelled && t.pull.HasLabel(checks.LabelSecurity) == s.reviewing &&
			strings.Contains(run.Title+readable(run.Summary), s.says) && (s.comes == nil || s.comes(t)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("pull request shows %q, labels %q", run.Title, t.pull.Labels()), ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
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
	state := run.Conclusion
	if state == "" {
		state = run.Status
	}
	fmt.Fprintf(out, "     %s: %s: %s\n", checks.RunMerge, state, run.Title)
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for line := range strings.Lines(readable(run.Summary)) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) >= 4 && cells[0] != "Requirement" && !strings.Contains(cells[1], "does not apply") {
			fmt.Fprintf(tw, "       %s\t%s\t%s\n", cells[1], cells[0][:strings.IndexByte(cells[0]+"`", '`')], cells[2])
		}
	}
	tw.Flush()
	t.showNotes(out)
	fmt.Fprintln(out)
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
