package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

func demoCommand() *cobra.Command {
	var once bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a pull request's and a release's life with a stand-in for GitHub",
		Long: `Start handrail and a stand-in for GitHub in one process and play a pull request's
and a release's life through real signed webhooks. Needs no account, no network and no
configuration, and leaves nothing behind. Without --once it stays, with a page on
which you can act as any of the people.`,
		Example: `  handrail demo --once
  handrail demo`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), cmd.OutOrStdout(), once)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "play it and leave")
	return cmd
}

// demoPatience is how long a scene may take before the demo gives up.
const demoPatience = time.Minute

func demo(ctx context.Context, out io.Writer, once bool) error {
	t, err := startTheatre(ctx)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.play(ctx, out); err != nil {
		return err
	}
	if once {
		return nil
	}
	fmt.Fprintf(out, `
The stand-in stays. Open it and act as any of the people:

    %[1]s/%[2]s/pull/1   met, as GitHub would show it
    %[1]s/%[2]s/pull/3   merged though it was not met: a finding
    %[1]s/%[2]s/pull/4   a mistake in the policy
    %[1]s/%[2]s/pull/5   met, now that no secret is in its history
    %[1]s/%[2]s/pull/6   watched code: "security +1" as sam gives the review that it waits for
    %[1]s/%[2]s/pull/7   met, with a scanner's findings that were there before
    %[1]s/%[2]s/pull/9   met, since platform has signed for 1Ti
    %[1]s/%[2]s/pull/10  a policy that is weaker than the organisation's
    %[1]s/%[2]s/pull/12  merged with red CI, which rita let pass
    %[1]s/%[2]s/pull/15  in the merge queue
    %[1]s/%[2]s/issues/16   the release v1.0.0, signed, promoted and deployed
    %[1]s/%[2]s/issues/17   the release v1.0.1, out in an emergency
    %[3]s/metrics                what handrail counts

Stop with Ctrl-C.
`, t.github.URL(), t.repo.FullName(), t.server.URL())
	<-ctx.Done()
	return nil
}

// play plays all scenes and says what handrail showed after each.
func (t *theatre) play(ctx context.Context, out io.Writer) error {
	began := time.Now()
	fmt.Fprintf(out, "A stand-in for GitHub is at %s, handrail at %s.\nThe policy of %s, .github/handrail.yml on main:\n\n%s\n",
		t.github.URL(), t.server.URL(), t.repo.FullName(), indent(demoPolicy))
	fmt.Fprintf(out, "What the organisation asks for in any case, handrail.yml in acme/.github:\n\n%s\n", indent(demoFloor))
	all := slices.Concat(scenes(), securityScenes(), complianceScenes(), releaseScenes())
	for i, s := range all {
		fmt.Fprintf(out, "%d/%d  %s\n", i+1, len(all), s.title)
		t.github.Advance(10 * time.Minute)
		if err := s.act(t); err != nil {
			return fmt.Errorf("scene %q: %w", s.title, err)
		}
		if err := t.until(ctx, s); err != nil {
			return fmt.Errorf("scene %q: %w", s.title, err)
		}
		if s.tag != "" {
			t.showRelease(out, s.tag)
		} else {
			t.show(out)
		}
		if s.tells != nil {
			text, err := s.tells(ctx, t)
			if err != nil {
				return fmt.Errorf("scene %q: %w", s.title, err)
			}
			fmt.Fprintln(out, strings.TrimRight(indent(text), "\n")+"\n")
		}
	}
	report, err := t.server.store.Verify(ctx, func(int64, int64) {})
	if err != nil {
		return err
	}
	if !report.OK() {
		return fmt.Errorf("the record does not verify: %s", strings.Join(report.Problems, "; "))
	}
	fmt.Fprintf(out, "The record of it: %d entries, and it verifies (checkpoint %d %s).\nAll of this took %s.\n",
		report.Entries, report.Size, report.Root, time.Since(began).Round(10*time.Millisecond))
	return nil
}

// scene is something that people do, and what handrail is to make of it.
type scene struct {
	title     string
	act       func(*theatre) error
	tag       string // of the release that it is about; "" for one about the pull request
	labelled  bool
	reviewing bool   // the label that asks for a security review is there
	says      string // part of what "Merge Requirements" or "Release Requirements" shows
	// comes is what else must have come; nil is nothing.
	comes func(*theatre) bool
	// tells is what else is to be seen; nil is nothing.
	tells func(context.Context, *theatre) (string, error)
}

func scenes() []scene {
	return []scene{
		{
			title: "alice opens a pull request called \"faster checkout\".",
			act: func(t *theatre) (err error) {
				if _, err = t.repo.Push(sim.Push{By: "alice", Branch: "checkout", Message: "Keep the basket in memory", Files: map[string]string{"shop/checkout.go": checkoutV1}}); err != nil {
					return err
				}
				t.pull, err = t.repo.OpenPull(sim.NewPull{By: "alice", Title: "faster checkout", Head: "checkout", Body: "The basket need not be read from disk each time."})
				return err
			},
			says: "To do: Title",
		},
		{
			title: "alice gives it a title by the rules, and CI starts.",
			act: func(t *theatre) error {
				t.pull.SetTitle("alice", "perf: keep the basket in memory")
				return t.begin()
			},
			says: "Waiting for",
		},
		{
			title: "The build passes and leaves its coverage report: no test runs two of the new lines.",
			act:   func(t *theatre) error { t.end(profile(false)); return nil },
			says:  "Patch coverage",
		},
		{
			title: "alice adds the test. bob approves; alice approves herself with a \"+1\", which does not count.",
			act: func(t *theatre) error {
				if _, err := t.repo.Push(sim.Push{By: "alice", Branch: "checkout", Message: "Test what nothing does", Files: map[string]string{"shop/checkout_test.go": checkoutTest}}); err != nil {
					return err
				}
				if err := t.pass(); err != nil {
					return err
				}
				t.pull.Approve("bob")
				t.pull.Comment("alice", "+1")
				return nil
			},
			says: "Waiting for: QA",
		},
		{
			title:    "quinn of the QA team says \"QA +1\". All is there, so the label comes by itself.",
			act:      func(t *theatre) error { t.pull.Comment("quinn", "QA +1"); return nil },
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "alice pushes another change to the reviewed file: what was approved is not what would be merged.",
			act: func(t *theatre) error {
				_, err := t.repo.Push(sim.Push{By: "alice", Branch: "checkout", Message: "And never write it", Files: map[string]string{"shop/checkout.go": checkoutV2}})
				return err
			},
			says: "Code review",
		},
		{
			title: "The build passes again; bob and quinn look again and sign.",
			act: func(t *theatre) error {
				if err := t.pass(); err != nil {
					return err
				}
				t.pull.Approve("bob")
				t.pull.Comment("quinn", "QA +1")
				return nil
			},
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "bob writes documentation, which QA need not look at. alice approves.",
			act: func(t *theatre) error {
				if err := t.change("bob", "words", "docs: say hello", map[string]string{"docs/hello.md": "# Hello\n"}); err != nil {
					return err
				}
				t.github.Advance(5 * time.Minute)
				t.pull.Approve("alice")
				return nil
			},
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "bob merges it, so main moves on, and alice rebases: new commits, the same content. Nobody has to look again.",
			act: func(t *theatre) error {
				if _, err := t.pull.Merge("bob"); err != nil {
					return err
				}
				t.pull = t.repo.Pull(1)
				_, err := t.repo.Push(sim.Push{By: "alice", Branch: "checkout", Message: "Keep the basket in memory", Parents: []string{t.repo.Branch("main")}, Files: map[string]string{"shop/checkout.go": checkoutV2, "shop/checkout_test.go": checkoutTest}})
				if err != nil {
					return err
				}
				return t.pass()
			},
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "mallory sets the label on a pull request that nobody has looked at and no test runs. It is taken away again.",
			act: func(t *theatre) (err error) {
				if _, err = t.repo.Push(sim.Push{By: "mallory", Branch: "quick", Message: "Quick one", Files: map[string]string{"shop/quick.go": quick}}); err != nil {
					return err
				}
				t.pull, err = t.repo.OpenPull(sim.NewPull{By: "mallory", Title: "fix: quick one", Head: "quick"})
				if err != nil {
					return err
				}
				t.pull.AddLabel("mallory", checks.LabelMet)
				if err := t.begin(); err != nil {
					return err
				}
				t.end([]byte(quickProfile))
				return nil
			},
			says: "To do: Patch coverage",
		},
		{
			title: "olive changes the policy, with a typing mistake. The mistake is shown on its line, before it can block anybody.",
			act: func(t *theatre) (err error) {
				text := strings.Replace(demoPolicy, "sign_offs", "sign_ofs", 1)
				if _, err = t.repo.Push(sim.Push{By: "olive", Branch: "policy", Message: "Change the policy", Files: map[string]string{checks.PolicyPath: text}}); err != nil {
					return err
				}
				t.pull, err = t.repo.OpenPull(sim.NewPull{By: "olive", Title: "chore: change the policy", Head: "policy"})
				return err
			},
			reviewing: true, // whoever may change the policy may let anything pass
			says:      "sign_ofs",
		},
	}
}
