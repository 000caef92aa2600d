package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/config"
)

func policySchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the policy language as a JSON Schema, for editors",
		Long: `Print the policy language as a JSON Schema (draft 2020-12). An editor that knows it
completes keys, shows what they mean, and marks mistakes while typing. What a schema
cannot say, such as that a role is defined, "handrail policy check" does. Editors with
yaml-language-server look for it in the first line of the policy:

  # yaml-language-server: $schema=handrail.schema.json`,
		Example: `  handrail policy schema > .github/handrail.schema.json`,
		Args:    takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", text)
			return err
		},
	}
}

func policyExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [KEY]",
		Short: "Say what a key of the policy file means, and which there are",
		Long: `Say what a key of the policy file means, which values it takes, what its default is
and which keys are below it. KEY is its dotted path; without one the top of the file
is explained.`,
		Example: `  handrail policy explain
  handrail policy explain review.sign_offs
  handrail policy explain compliance.limits.over`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) > 0 {
				path = args[0]
			}
			text, err := config.Explain(path)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}
