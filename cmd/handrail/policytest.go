package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/scan"
)

func policyTest() *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "test [FILE...]",
		Short: "Try a policy on pull requests that are written down beside it",
		Long: `Try a policy on cases: pull requests that are written down in short, with what the
policy should say of them. The cases of handrail.yml are the files handrail.tests/*.yml
beside it. What a case leaves out is as it is on an ordinary pull request: one commit,
one changed file, everybody who is named may write. Nothing is asked of GitHub.

A case:

  teams: {acme/qa: [quinn]}                 # once for the file; so are people, codeowners, texts, floor
  cases:
    - name: a change to the service needs QA
      pull:
        title: "feat: faster checkout"
        files: [src/checkout.go, {path: deploy/api.yaml, before: "...", after: "..."}]
        approvals: [bob]
        comments: [{by: quinn, say: "QA +1"}]
        checks: [build]
      expect: {merge: met, review/qa: met}
      says: [Everything that is needed]     # words of "Merge Requirements"

"merge" is the whole verdict. States are met, waiting, unmet, overridden, exempt, and
absent for a requirement that must not be there. Further keys of a pull request are
author, description, branch, base, draft, labels, commits, reviews, required, closes,
behind, conversations, coverage, findings, now, and snapshot for anything else, in the
form of the record. Exit code 1 when a case comes out otherwise.`,
		Example: `  handrail policy test
  handrail policy test -v .github/handrail.yml`,
		Args: takes(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{checks.PolicyPath}
			}
			t := policyTrial{out: cmd.OutOrStdout(), verbose: verbose, scanner: localScanner()}
			for _, file := range args {
				if err := t.policy(cmd.Context(), file); err != nil {
					return err
				}
			}
			if t.failed > 0 {
				fmt.Fprintf(t.out, "%s, %d not as expected\n", plural(t.tried, "case"), t.failed)
				return errNo
			}
			fmt.Fprintf(t.out, "%s, all as expected\n", plural(t.tried, "case"))
			return nil
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "name every case, and print what would be shown on GitHub")
	return cmd
}

// policyTrial tries policies.
type policyTrial struct {
	out           io.Writer
	verbose       bool
	scanner       *scan.Scanner
	tried, failed int
}

// policy tries one policy on all the cases beside it.
func (t *policyTrial) policy(ctx context.Context, file string) error {
	text, err := readPolicy(file, nil)
	if err != nil {
		return err
	}
	pattern := strings.TrimSuffix(file, filepath.Ext(file)) + ".tests"
	found, err := filepath.Glob(filepath.Join(pattern, "*.y*ml"))
	if err != nil || len(found) == 0 {
		return errors.Join(err, fmt.Errorf("%s has no cases: write them into %s, see handrail policy test --help", file, filepath.Join(pattern, "*.yml")))
	}
	asked := map[string]bool{}
	for _, name := range found {
		text2, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		cases, err := readCases(text2)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		policy, err := t.joined(file, text, name, &cases)
		if err != nil {
			return err
		}
		for i := range cases.Cases {
			if err := t.try(ctx, policy, name, &cases, &cases.Cases[i], asked); err != nil {
				return fmt.Errorf("%s: %s: %w", name, cases.Cases[i].Name, err)
			}
		}
	}
	return nil
}

// joined is the policy with the floor that the cases name.
func (t *policyTrial) joined(file, text, from string, cases *caseFile) (checks.Policy, error) {
	sources := []checks.Source{{Repo: "acme/shop", Path: file, Text: text}}
	if cases.Floor != "" {
		path := filepath.Join(filepath.Dir(from), cases.Floor)
		floor, err := readPolicy(path, nil)
		if err != nil {
			return checks.Policy{}, err
		}
		sources = append(sources, checks.Source{Repo: "acme/.github", Path: path, Text: floor, Floor: true})
	}
	p := config.Policy(sources, config.Defaults{Enforce: true})
	if p.Invalid() {
		printProblems(t.out, file, text, sources[1:]...)
		return p, errNo
	}
	return p, nil
}

// try judges one case and says what differs from what is expected.
func (t *policyTrial) try(ctx context.Context, policy checks.Policy, file string, cases *caseFile, c *policyCase, asked map[string]bool) error {
	pull, err := caseOf(cases, &c.Pull, t.scanner).answer(ctx, policy)
	if err != nil {
		return err
	}
	v := checks.Judge(policy, pull)
	states := map[string]string{"merge": v.State.String()}
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			states[r.ID] = r.State.String()
			walk(r.Parts)
		}
	}
	walk(v.Results)
	shown := checks.Render(v)[0]
	wrong := differencesOf(c, states, shown)
	t.tried++
	if len(wrong) > 0 {
		t.failed++
	}
	switch {
	case len(wrong) > 0:
		fmt.Fprintf(t.out, "FAIL  %s: %s\n", file, c.Name)
		for _, w := range wrong {
			fmt.Fprintf(t.out, "      %s\n", w)
		}
		t.show(v)
	case t.verbose:
		fmt.Fprintf(t.out, "ok    %s: %s\n", file, c.Name)
		t.show(v)
	}
	return nil
}

// differencesOf says in which way a verdict is not as expected.
func differencesOf(c *policyCase, states map[string]string, shown checks.Output) []string {
	var wrong []string
	for _, id := range slices.Sorted(maps.Keys(c.Expect)) {
		got, there := states[id]
		switch want := c.Expect[id]; {
		case !there && want == "absent":
		case !there:
			known := slices.Sorted(maps.Keys(states))
			wrong = append(wrong, fmt.Sprintf("%s should be %s; there is no such requirement, but %s", id, want, strings.Join(known, ", ")))
		case got != want:
			wrong = append(wrong, fmt.Sprintf("%s should be %s and is %s", id, want, got))
		}
	}
	text := strings.ReplaceAll(shown.Title+"\n"+shown.Summary, "\\", "")
	for _, words := range c.Says {
		if !strings.Contains(text, words) {
			wrong = append(wrong, fmt.Sprintf("it should say %q", words))
		}
	}
	return wrong
}

// show prints the results that say something.
func (t *policyTrial) show(v checks.Verdict) {
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			if len(r.Parts) > 0 {
				walk(r.Parts)
				continue
			}
			fmt.Fprintf(t.out, "        %-10s %s: %s\n", r.State, r.ID, oneLine(r.Summary))
		}
	}
	walk(v.Results)
}
