package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// namesOf are the kinds of finding, as a person writes them.
func namesOf(kinds []store.FindingKind) string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return strings.Join(out, ", ")
}

func auditFindings(open opener) *cobra.Command {
	var f store.FindingFilter
	var kind string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "findings",
		Short: "List what was found after the fact",
		Long: `List what was found after the fact: merges while requirements were not met, direct
and forced pushes to protected branches, their deletion, protection that was taken
away, tags that were moved, emergencies that nobody followed up. A finding stays
open until a named person closes it with a reason.`,
		Example: `  handrail audit findings --open
  handrail audit findings --repo acme/shop --kind bypass --json`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.Kind = store.FindingKind(kind)
			if kind != "" && !slices.Contains(store.FindingKinds, f.Kind) {
				return fmt.Errorf("--kind: there is no kind %q, only %s", kind, namesOf(store.FindingKinds))
			}
			if f.Limit < 1 {
				return fmt.Errorf("--limit: %d is too little, it must be at least 1", f.Limit)
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			list, err := s.Findings(cmd.Context(), f)
			if err != nil {
				return err
			}
			if asJSON {
				for _, x := range list {
					if err := printJSON(cmd.OutOrStdout(), x, ""); err != nil {
						return err
					}
				}
				return nil
			}
			if err := findingTable(cmd.OutOrStdout(), list); err != nil {
				return err
			}
			if len(list) == f.Limit {
				fmt.Fprintf(cmd.ErrOrStderr(), "There may be more: --after %d\n", list[len(list)-1].ID)
			}
			return unprotected(cmd.Context(), cmd.ErrOrStderr(), s, f.Repo)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.Open, "open", false, "only those that nobody has closed")
	flags.StringVar(&f.Repo, "repo", "", "only this repository, as owner/name")
	flags.StringVar(&kind, "kind", "", "only this kind: "+namesOf(store.FindingKinds))
	flags.IntVar(&f.Pull, "pull", 0, "only about this pull request")
	flags.Int64Var(&f.After, "after", 0, "go on behind this finding")
	flags.IntVar(&f.Limit, "limit", 100, "how many at most")
	flags.BoolVar(&asJSON, "json", false, "one JSON object a line, with all that is known")
	return cmd
}

// findingTable prints a line for each finding, and below it what was missing and how
// it was closed.
func findingTable(w io.Writer, list []store.Finding) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tOPENED (UTC)\tKIND\tREPOSITORY\tSTATE\tWHAT")
	for _, f := range list {
		state := "open"
		if !f.Closed.IsZero() {
			state = "closed"
		}
		fmt.Fprintln(tw, strings.Join([]string{
			strconv.FormatInt(f.ID, 10), f.Opened.UTC().Format(time.DateTime), string(f.Kind), checks.Plain(f.Repo), state, oneLine(f.Detail.What),
		}, "\t"))
		for _, m := range f.Detail.Missing {
			fmt.Fprintln(tw, "\t\t\t\t\t  missing: "+oneLine(m))
		}
		if !f.Closed.IsZero() {
			fmt.Fprintf(tw, "\t\t\t\t\t  closed %s by %s: %s\n", f.Closed.UTC().Format(time.DateTime), checks.Plain(f.By), oneLine(f.Reason))
		}
	}
	return tw.Flush()
}

// unprotected notes which watched branches do not require the check: that is no
// finding, since they never did.
func unprotected(ctx context.Context, w io.Writer, s *store.Store, repo string) error {
	list, err := s.Unprotected(ctx)
	if err != nil {
		return err
	}
	for _, u := range list {
		if repo != "" && !strings.EqualFold(repo, u.Repo) {
			continue
		}
		what := fmt.Sprintf("does not require %q", checks.RunMerge)
		if u.Required {
			what = fmt.Sprintf("requires %q from anybody, not from this App alone", checks.RunMerge)
		}
		fmt.Fprintf(w, "note: %s of %s %s\n", checks.Plain(u.Branch), checks.Plain(u.Repo), what)
	}
	return nil
}

func auditClose(database *string) *cobra.Command {
	var by, reason string
	cmd := &cobra.Command{
		Use:   "close ID",
		Short: "Close a finding, on record, with a reason",
		Long: `Close a finding. Who closes it and why are required and go into the log. It works
beside a running server.`,
		Example: `  handrail audit close 1 --by olga --reason "reverted by #481, agreed with security"`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(strings.TrimPrefix(args[0], "#"), 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not a finding's number", args[0])
			}
			if strings.TrimSpace(by) == "" {
				return errors.New("--by: say who closes it")
			}
			if strings.TrimSpace(reason) == "" {
				return errors.New("--reason: say why it can be closed")
			}
			s, err := openToWrite(cmd.Context(), *database)
			if err != nil {
				return err
			}
			defer s.Close()
			c := store.Closing{ID: id, By: checks.Actor{Login: by}, Reason: reason, Source: "command"}
			f, err := s.CloseFinding(cmd.Context(), c, time.Now())
			if errors.Is(err, store.ErrNoFinding) {
				return fmt.Errorf("there is no open finding %d: see handrail audit findings --open", id)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "closed finding %d by %s: entry %d of the log\n", f.ID, checks.Plain(f.By), f.ClosedEntry)
			return nil
		},
	}
	cmd.Flags().StringVar(&by, "by", "", "login of the person who closes it")
	cmd.Flags().StringVar(&reason, "reason", "", "why it can be closed")
	return cmd
}

// openToWrite opens the record that is there to add to it. One of another version is
// left alone: a server may be using it.
func openToWrite(ctx context.Context, path string) (*store.Store, error) {
	path, err := recordPath(path)
	if err != nil {
		return nil, err
	}
	look, err := store.OpenReadOnly(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := look.Close(); err != nil {
		return nil, err
	}
	return store.Open(ctx, path, store.Options{})
}

// recordPath is where the record is, which must be there.
func recordPath(path string) (string, error) {
	if path == "" {
		path = os.Getenv("HANDRAIL_DATABASE")
	}
	if path == "" {
		path = "handrail.db"
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no database at %s: name it with --database or HANDRAIL_DATABASE", path)
	}
	return path, nil
}
