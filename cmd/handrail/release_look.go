package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

func releaseList(where *whereabouts) *cobra.Command {
	var repo, phase, after string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List releases, the newest first",
		Example: `  handrail release list --repo acme/shop
  handrail release list --phase approved --json`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return fmt.Errorf("--limit: %d is too little, it must be at least 1", limit)
			}
			q := web.Query{Repo: repo, Phase: phase, After: after, Limit: limit}
			list, err := where.list(cmd.Context(), q)
			if err != nil {
				return err
			}
			if asJSON {
				for _, r := range list.Releases {
					if err := printJSON(cmd.OutOrStdout(), r, ""); err != nil {
						return err
					}
				}
				return nil
			}
			printRows(cmd.OutOrStdout(), list.Releases)
			if list.Next != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "There may be more: --after %s\n", oneLine(list.Next))
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&repo, "repo", "", "only this repository, as owner/name")
	flags.StringVar(&phase, "phase", "", "only those in this phase: "+strings.Join(web.Phases(), ", "))
	flags.StringVar(&after, "after", "", "go on behind the page before")
	flags.IntVar(&limit, "limit", 50, "how many at most")
	flags.BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func (w *whereabouts) list(ctx context.Context, q web.Query) (web.List, error) {
	if path, ok := w.local(); ok {
		s, err := w.record(ctx, path)
		if err != nil {
			return web.List{}, err
		}
		defer s.Close()
		return web.ReadList(ctx, s, q)
	}
	var list web.List
	c, err := w.client()
	if err != nil {
		return list, err
	}
	return list, c.ask(ctx, http.MethodGet, web.Path+"?"+q.Values().Encode(), nil, &list)
}

func releaseStatus(where *whereabouts) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status OWNER/REPO TAG",
		Short: "Show how far a release is, what is missing, and who can act",
		Example: `  handrail release status acme/shop v1.4.0
  handrail release status acme/shop v1.4.0 --json`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			owner, repo, tag, err := named(args)
			if err != nil {
				return err
			}
			r, err := where.release(cmd.Context(), owner, repo, tag)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), r, "  ")
			}
			printRelease(cmd.OutOrStdout(), r)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "all that is known, as JSON")
	return cmd
}

func (w *whereabouts) release(ctx context.Context, owner, repo, tag string) (web.Release, error) {
	if path, ok := w.local(); ok {
		s, err := w.record(ctx, path)
		if err != nil {
			return web.Release{}, err
		}
		defer s.Close()
		r, err := web.Read(ctx, s, owner+"/"+repo, tag)
		return r, unknownRelease(err, tag)
	}
	var r web.Release
	c, err := w.client()
	if err != nil {
		return r, err
	}
	return r, c.ask(ctx, http.MethodGet, releasePath(owner, repo, tag), nil, &r)
}

// unknownRelease says which tag nobody has heard of.
func unknownRelease(err error, tag string) error {
	if errors.Is(err, store.ErrUnknown) {
		return fmt.Errorf("handrail knows no release of the tag %q there: see handrail release list", checks.Plain(tag))
	}
	return err
}

func releaseChanges(where *whereabouts) *cobra.Command {
	var state string
	var asJSON, asCSV bool
	cmd := &cobra.Command{
		Use:   "changes OWNER/REPO TAG",
		Short: "List what a release brings: pull requests, and commits without one",
		Example: `  handrail release changes acme/shop v1.4.0
  handrail release changes acme/shop v1.4.0 --state bypassed --csv`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			owner, repo, tag, err := named(args)
			if err != nil {
				return err
			}
			list, err := where.changes(cmd.Context(), owner, repo, tag, state)
			if err != nil {
				return err
			}
			return printBrought(cmd.OutOrStdout(), list.Changes, asJSON, asCSV)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&state, "state", "", "only those of this state: "+strings.Join(web.EvidenceStates(), ", "))
	flags.BoolVar(&asJSON, "json", false, "one JSON object a line")
	flags.BoolVar(&asCSV, "csv", false, "as CSV (RFC 4180)")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	return cmd
}

func (w *whereabouts) changes(ctx context.Context, owner, repo, tag, state string) (web.Changes, error) {
	if path, ok := w.local(); ok {
		s, err := w.record(ctx, path)
		if err != nil {
			return web.Changes{}, err
		}
		defer s.Close()
		list, err := web.ReadChanges(ctx, s, owner+"/"+repo, tag, state)
		return list, unknownRelease(err, tag)
	}
	var list web.Changes
	c, err := w.client()
	if err != nil {
		return list, err
	}
	return list, c.ask(ctx, http.MethodGet, releasePath(owner, repo, tag, "changes")+"?"+url.Values{"state": {state}}.Encode(), nil, &list)
}

// printBrought prints a list of changes as a table, as JSON lines or as CSV.
func printBrought(w io.Writer, list []checks.Brought, asJSON, asCSV bool) error {
	switch {
	case asCSV:
		rows := [][]string{{"state", "pull_request", "commits", "author", "log_entry", "title", "why"}}
		for _, b := range list {
			number := ""
			if b.Number > 0 {
				number = strconv.Itoa(b.Number)
			}
			rows = append(rows, []string{evidenceWord(b.State), number, strings.Join(b.Commits, " "), b.Author, strconv.FormatInt(b.Seq, 10), b.Title, b.Why})
		}
		return printCSV(w, rows)
	case asJSON:
		for _, b := range list {
			if err := printJSON(w, b, ""); err != nil {
				return err
			}
		}
		return nil
	}
	printChanges(w, list)
	return nil
}
