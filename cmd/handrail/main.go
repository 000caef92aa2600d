// Command handrail is a self-hosted GitHub App that judges whether a pull
// request meets its merge requirements, says what is missing and who can supply
// it, and keeps a record that auditors can check.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when a release is built.
var version = "dev"

// Exit codes: 0 fine, 1 a no (not met, does not verify), 2 could not do it.
const (
	exitNo    = 1
	exitError = 2
)

// errNo is a "no" that was already printed.
var errNo = errors.New("no")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without the process, for tests.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNo):
		return exitNo
	}
	// Settings and joined errors have a line for each thing that is wrong.
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(stderr, "handrail:", strings.TrimSuffix(line, "\n"))
	}
	return exitError
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "handrail",
		Short: "Merge requirements for GitHub: guard rails, not gatekeepers",
		Long: `handrail judges whether a pull request meets its merge requirements, says what
is missing and who can supply it, sets the label "Merge Requirements Met", and
keeps a record that auditors can check.

Exit codes: 0 fine, 1 a no (not met, does not verify), 2 could not do it.`,
		Example: `  handrail demo --once    # see it work; needs no account and no network
  handrail policy check .github/handrail.yml
  handrail serve`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	group(root)
	root.SetVersionTemplate("handrail {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), demoCommand(), checkCommand(), policyCommand(), auditCommand(), releaseCommand(), uploadCommand(), versionCommand())
	return root
}

// group makes a command that only has others below it: alone it shows its
// help, and a word that none of them is called is an error, with what was
// probably meant.
func group(cmd *cobra.Command) {
	cmd.SuggestionsMinimumDistance = 2
	cmd.DisableFlagsInUseLine = true
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		hint := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = fmt.Sprintf("; did you mean %q?", cmd.CommandPath()+" "+near[0])
		}
		return fmt.Errorf("there is no command %q%s\n\"%s --help\" lists them", cmd.CommandPath()+" "+args[0], hint, cmd.CommandPath())
	}
}

// takes says how many arguments a command takes; most < 0 is any number. Who
// gives another number is told what the command wants.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		wrong := "too few arguments"
		if most >= 0 && len(args) > most {
			wrong = fmt.Sprintf("%q is too much", args[most])
		}
		return fmt.Errorf("%s: write it as: %s\n\"%s --help\" says more", wrong, cmd.UseLine(), cmd.CommandPath())
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: `  handrail version`,
		Args:    takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "handrail", version)
			return err
		},
	}
}
