package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

// auditRelease answers which pull requests are in a release, and which of them were not
// compliant.
func auditRelease(open opener) *cobra.Command {
	var odd, asJSON, asCSV bool
	var state string
	cmd := &cobra.Command{
		Use:   "release OWNER/REPO TAG",
		Short: "List the pull requests in a release, and which were not compliant",
		Long: `List what is in a release: every pull request, and every commit that none brought,
each with its state and the log entry that says so. Of a promoted release it is the
list that was on record when it was promoted.`,
		Example: `  handrail audit release acme/shop v1.4.0
  handrail audit release acme/shop v1.4.0 --not-compliant --csv`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			owner, repo, tag, err := named(args)
			if err != nil {
				return err
			}
			f := store.BroughtFilter{Odd: odd}
			if state != "" {
				if f.State, f.Any = web.EvidenceState(state); !f.Any {
					return fmt.Errorf("--state: there is no state %q, only %s", state, strings.Join(web.EvidenceStates(), ", "))
				}
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			e, list, seq, err := s.BroughtIn(cmd.Context(), owner+"/"+repo, tag, f)
			if errors.Is(err, store.ErrUnknown) {
				return unknownRelease(err, tag)
			}
			if err != nil {
				return err
			}
			if !asJSON && !asCSV {
				tellEvidence(cmd.OutOrStdout(), e, seq)
			}
			return printBrought(cmd.OutOrStdout(), list, asJSON, asCSV)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&odd, "not-compliant", false, "only what was not met")
	flags.StringVar(&state, "state", "", "only those of this state: "+strings.Join(web.EvidenceStates(), ", "))
	flags.BoolVar(&asJSON, "json", false, "one JSON object a line")
	flags.BoolVar(&asCSV, "csv", false, "as CSV (RFC 4180)")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	return cmd
}

// tellEvidence says what a list is of.
func tellEvidence(w io.Writer, e checks.ReleaseEvidence, seq int64) {
	r := web.Release{Evidence: checks.DecidedEvidence{BaseTag: e.BaseTag, Base: e.Base, Commits: e.Total, Pulls: e.Pulls, Counts: e.Counts}}
	fmt.Fprintf(w, "%s\nentry %d of the log, digest %s\n\n", evidenceLine(r), seq, short(e.Digest))
}

// auditSignOffs answers who signed which release in which role, for which digest, when.
func auditSignOffs(open opener) *cobra.Command {
	var f store.ActFilter
	var kind string
	var during period
	var asJSON, asCSV bool
	cmd := &cobra.Command{
		Use:   "sign-offs",
		Short: "List who signed, rejected or promoted which release, in which role and when",
		Long: `List who did what about releases: in which role, for which candidate, when, by which
way, and whether it counts by the last verdict. Nothing is ever taken off this list.`,
		Example: `  handrail audit sign-offs --repo acme/shop --release v1.4.0
  handrail audit sign-offs --actor sam --since 2026-01-01 --until 2026-04-01 --csv`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if f.Kind = checks.ActKind(kind); kind != "" && !slices.Contains(checks.ActKinds(), f.Kind) {
				return fmt.Errorf("--kind: there is no kind %q, only %s", kind, checks.ActNames())
			}
			if f.Limit < 1 {
				return fmt.Errorf("--limit: %d is too little, it must be at least 1", f.Limit)
			}
			if f.Since, f.Until, err = during.read(); err != nil {
				return err
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			list, err := s.SignOffs(cmd.Context(), f)
			if err != nil {
				return err
			}
			if len(list) == f.Limit {
				fmt.Fprintf(cmd.ErrOrStderr(), "There may be more: --after %d\n", list[len(list)-1].Seq)
			}
			return printSignOffs(cmd.OutOrStdout(), list, asJSON, asCSV)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Repo, "repo", "", "only this repository, as owner/name")
	flags.StringVar(&f.Tag, "release", "", "only the release of this tag")
	flags.StringVar(&f.By, "actor", "", "only what this login did")
	flags.StringVar(&kind, "kind", "", "only this kind: "+checks.ActNames())
	flags.BoolVar(&f.Counts, "counts", false, "only what counts by the last verdict")
	during.flags(cmd)
	flags.Int64Var(&f.After, "after", 0, "go on behind this entry")
	flags.IntVar(&f.Limit, "limit", 100, "how many at most")
	flags.BoolVar(&asJSON, "json", false, "one JSON object a line")
	flags.BoolVar(&asCSV, "csv", false, "as CSV (RFC 4180)")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	return cmd
}

func printSignOffs(w io.Writer, list []store.ActRow, asJSON, asCSV bool) error {
	switch {
	case asJSON:
		for _, a := range list {
			if err := printJSON(w, a, ""); err != nil {
				return err
			}
		}
		return nil
	case asCSV:
		rows := [][]string{{"log_entry", "time", "repository", "release", "kind", "role", "by", "by_id", "via", "candidate", "counts", "counts_in", "refused", "reason", "edited"}}
		for _, a := range list {
			rows = append(rows, []string{
				strconv.FormatInt(a.Seq, 10), a.At.UTC().Format(time.RFC3339), a.Repo, a.Tag, string(a.Kind), string(a.Role), a.By.Login, strconv.FormatInt(a.By.ID, 10),
				a.Via, a.Candidate, strconv.FormatBool(a.Counts), a.CountsIn, a.Refused, a.Reason, strconv.FormatBool(a.Edited),
			})
		}
		return printCSV(w, rows)
	}
	rows := [][]string{{"ENTRY", "WHEN (UTC)", "REPOSITORY", "RELEASE", "KIND", "ROLE", "BY", "HOW", "CANDIDATE", "COUNTS", "REASON"}}
	for _, a := range list {
		rows = append(rows, []string{
			strconv.FormatInt(a.Seq, 10), minute(a.At), oneLine(a.Repo), oneLine(a.Tag), string(a.Kind), oneLine(string(a.Role)), oneLine(a.By.Login), oneLine(a.Via),
			short(a.Candidate), oneLine(counting(a)), oneLine(a.Reason),
		})
	}
	printTable(w, rows)
	return nil
}

// counting says whether an act counts, or why it does not.
func counting(a store.ActRow) string {
	switch {
	case a.CountsIn != "":
		return "for " + a.CountsIn
	case a.Counts:
		return "yes"
	case a.Refused != "":
		return "no: " + a.Refused
	}
	return ""
}
