package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

func policyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "policy",
		Short:   "Work on a policy file",
		Example: `  handrail policy check .github/handrail.yml`,
	}
	group(cmd)
	cmd.AddCommand(policyCheck(), policyTest(), policySchema(), policyExplain())
	return cmd
}

func policyCheck() *cobra.Command {
	var floor string
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Say all mistakes of a policy file, with line and column",
		Long: `Say all mistakes of a policy file at once: file, line, column, the offending text
and what was probably meant. What only GitHub knows (whether a team exists) is said
on the pull request. "-" reads standard input. With --floor the organisation's floor
is read as well, and what is weaker than it is a mistake, with the places of both.
Exit code 1 when there are mistakes.`,
		Example: `  handrail policy check .github/handrail.yml
  handrail policy check .github/handrail.yml --floor ../.github/handrail.yml
  git show main:.github/handrail.yml | handrail policy check -`,
		Args: takes(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bad := false
			var sources []checks.Source
			if floor != "" {
				text, err := readPolicy(floor, cmd.InOrStdin())
				if err != nil {
					return err
				}
				bad = printProblems(cmd.OutOrStdout(), floor, text)
				sources = []checks.Source{{Path: floor, Text: text, Floor: true}}
			}
			for _, file := range args {
				text, err := readPolicy(file, cmd.InOrStdin())
				if err != nil {
					return err
				}
				bad = printProblems(cmd.OutOrStdout(), file, text, sources...) || bad
			}
			if bad {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&floor, "floor", "", "the organisation's floor, which FILE may only tighten")
	return cmd
}

func readPolicy(file string, stdin io.Reader) (string, error) {
	if file == "-" {
		text, err := io.ReadAll(io.LimitReader(stdin, 1<<20))
		return string(text), err
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("there is no file %s; a repository's policy is %s", file, checks.PolicyPath)
	}
	return string(text), err
}

// printProblems prints each problem with its line and a mark below it, and says
// whether one of them is more than a warning.
func printProblems(w io.Writer, file, text string, sources ...checks.Source) (bad bool) {
	problems := config.Proposed(file, text, sources)
	mistakes := 0
	for _, p := range problems {
		fmt.Fprintln(w, strings.Map(visible, config.Render(p, text)))
		if !p.Warning {
			mistakes++
		}
	}
	switch {
	case mistakes > 0:
		fmt.Fprintf(w, "%s: %s\n", file, plural(mistakes, "mistake"))
	case len(problems) > 0:
		fmt.Fprintf(w, "%s: valid, with %s\n", file, plural(len(problems), "warning"))
	default:
		fmt.Fprintf(w, "%s: valid\n", file)
	}
	return mistakes > 0
}

func plural(n int, noun string) string {
	return strings.TrimSuffix(fmt.Sprintf("%d %ss", n, noun), map[bool]string{true: "s"}[n == 1])
}
