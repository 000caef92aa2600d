package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

func releaseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "release",
		Short: "Look at releases, sign and promote them, and verify what was decided",
		Long: `Look at releases, sign and promote them, and verify what was decided. A release is
a repository's tag; what is signed is its candidate, which the first 12 digits of
a digest stand for.

What people do is sent to handrail (--server, by default HANDRAIL_PUBLIC_URL), which
asks GitHub who they are: by a personal access token in GITHUB_TOKEN or GH_TOKEN, or
in a file named by --token-file. Whether it counts is judged as if it had been said
on GitHub.

To look, list, status, changes and decision also take the record itself, beside a
running server, where there is one (--database, HANDRAIL_DATABASE) and no --server.`,
		Example: `  handrail release status acme/shop v1.4.0
  handrail release sign acme/shop v1.5.0 --role qa
  handrail release verify decision.json --key-file handrail.pub --tag v1.4.0`,
	}
	group(cmd)
	where := &whereabouts{}
	flags := cmd.PersistentFlags()
	flags.StringVar(&where.server, "server", "", "where handrail is (default: HANDRAIL_PUBLIC_URL)")
	flags.StringVar(&where.tokenFile, "token-file", "", "a file with your GitHub token (default: GITHUB_TOKEN, GH_TOKEN)")
	flags.StringVar(&where.database, "database", "", "the SQLite file, to look without a server (default: HANDRAIL_DATABASE)")
	cmd.AddCommand(releaseList(where), releaseStatus(where), releaseChanges(where), releaseDecision(where), releaseKey(where), releaseVerify())
	cmd.AddCommand(releaseActs(where)...)
	return cmd
}

// whereabouts is where releases are looked at.
type whereabouts struct {
	server, tokenFile, database string
}

// local says whether the record itself is to be looked at, and where it is.
func (w *whereabouts) local() (path string, ok bool) {
	if w.server != "" {
		return "", false
	}
	if w.database != "" {
		return w.database, true
	}
	path, err := recordPath("")
	return path, err == nil
}

// record opens the record for reading.
func (w *whereabouts) record(ctx context.Context, path string) (*store.Store, error) {
	return openRecord(ctx, path)
}

// address is where the server is, without a slash at the end.
func (w *whereabouts) address() (string, error) {
	server := w.server
	if server == "" {
		server = os.Getenv("HANDRAIL_PUBLIC_URL")
	}
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.User != nil {
		return "", errors.New("it is not known where handrail is: give --server https://…, or set HANDRAIL_PUBLIC_URL")
	}
	if base.Scheme == "http" && !config.Loopback(base.Hostname()) {
		return "", errors.New("--server: your GitHub token would go over the network for all to read: write https://…")
	}
	return strings.TrimSuffix(server, "/"), nil
}

// token is the person's, which is sent to the server and shown nowhere.
func (w *whereabouts) token() (string, error) {
	if w.tokenFile != "" {
		text, err := os.ReadFile(w.tokenFile)
		if err != nil {
			return "", fmt.Errorf("--token-file: %w", err)
		}
		if token := strings.TrimSpace(string(text)); token != "" && !strings.ContainsAny(token, " \t\r\n") {
			return token, nil
		}
		return "", fmt.Errorf("--token-file: %s holds no token, alone on a line", w.tokenFile)
	}
	for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN"} {
		if token := strings.TrimSpace(os.Getenv(name)); token != "" {
			return token, nil
		}
	}
	return "", errors.New("it is not known who you are: set GITHUB_TOKEN to a personal access token of yours (export GITHUB_TOKEN=$(gh auth token)), or name a file by --token-file")
}

// named reads the two words that name a release.
func named(args []string) (owner, repo, tag string, err error) {
	owner, repo, ok := strings.Cut(args[0], "/")
	if !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return "", "", "", fmt.Errorf("%q is no repository: write it as acme/shop", args[0])
	}
	if args[1] == "" {
		return "", "", "", errors.New("the tag is empty")
	}
	return owner, repo, args[1], nil
}
