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
		Example: `  handrail demo --once          see it work; needs no account and no network
  handrail policy check .github/handrail.yml
  handrail serve`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), demoCommand(), checkCommand(), policyCommand(), auditCommand(), versionCommand())
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: `  handrail version`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "handrail", version)
			return err
		},
	}
}
