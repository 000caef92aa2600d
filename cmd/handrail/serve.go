package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/config"
)

func serveCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Receive webhooks and judge pull requests",
		Long: `Receive webhooks and judge pull requests, until SIGTERM or Ctrl-C.

Settings come from the environment or a YAML file with the same names; the README
lists them. A wrong or missing one stops the start with one line for each.`,
		Example: `  handrail serve
  handrail serve --config handrail-server.yml`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := config.Load(file, os.Environ(), os.ReadFile)
			if err != nil {
				return err
			}
			for _, w := range set.Warnings {
				fmt.Fprintln(cmd.ErrOrStderr(), "handrail: warning:", w)
			}
			// One delivery may be 25 MB; between such peaks the memory goes back.
			debug.SetGCPercent(50)
			log := logger(set.LogLevel, set.LogFormat, cmd.ErrOrStderr())
			ctx := log.WithContext(cmd.Context())
			s, err := startServer(ctx, set)
			if err != nil {
				return err
			}
			log.Info().Str("address", s.URL()).Str("version", version).Str("database", set.Database).Msg("ready")
			select {
			case <-ctx.Done():
				log.Info().Msg("stopping: what has begun is finished first")
			case err = <-s.failed:
			}
			s.close()
			return err
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "a YAML file with settings; the environment goes before it")
	return cmd
}
