package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Read and verify the record",
		Long: `Read and verify the record: an append-only log of every delivery, verdict and
write. These commands only read, except close, and work beside a running server.`,
		Example: `  handrail audit list --repo acme/shop --pull 7
  handrail audit verify`,
	}
	group(cmd)
	database := cmd.PersistentFlags().String("database", "", "the SQLite file (default: HANDRAIL_DATABASE, else handrail.db)")
	open := func(ctx context.Context) (*store.Store, error) { return openRecord(ctx, *database) }
	cmd.AddCommand(auditList(open), auditShow(open), auditVerify(open), auditReplay(open), auditFindings(open), auditClose(database), auditRelease(open), auditSignOffs(open))
	return cmd
}

// opener opens the record for reading.
type opener func(context.Context) (*store.Store, error)

func openRecord(ctx context.Context, path string) (*store.Store, error) {
	path, err := recordPath(path)
	if err != nil {
		return nil, err
	}
	return store.OpenReadOnly(ctx, path)
}

func auditList(open opener) *cobra.Command {
	var f store.Filter
	var kind string
	var during period
	var asJSON, asCSV bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List entries of the log",
		Example: `  handrail audit list --repo acme/shop --pull 7
  handrail audit list --kind verdict --state unmet --since 2026-01-01 --until 2026-04-01
  handrail audit list --kind verdict --json > verdicts.jsonl`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := known(&f, kind); err != nil {
				return err
			}
			if f.Since, f.Until, err = during.read(); err != nil {
				return err
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			rows, err := s.List(cmd.Context(), f)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				return lines(cmd.OutOrStdout(), rows)
			case asCSV:
				return entryCSV(cmd.OutOrStdout(), rows)
			}
			if err := table(cmd.OutOrStdout(), rows); err != nil {
				return err
			}
			if len(rows) == f.Limit {
				more := "--after"
				if f.Newest {
					more = "--newest --after"
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "There may be more: %s %d\n", more, rows[len(rows)-1].Seq)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Repo, "repo", "", "only this repository, as owner/name")
	flags.IntVar(&f.Pull, "pull", 0, "only this pull request")
	flags.StringVar(&f.Release, "release", "", "only the release of this tag")
	flags.StringVar(&kind, "kind", "", "only this kind: "+kinds())
	flags.StringVar(&f.Actor, "actor", "", "only what this login caused")
	flags.StringVar(&f.State, "state", "", "only verdicts of this state: unmet, waiting, overridden, met, exempt")
	during.flags(cmd)
	flags.Int64Var(&f.After, "after", 0, "go on behind this entry")
	flags.IntVar(&f.Limit, "limit", 100, "how many at most")
	flags.BoolVar(&f.Newest, "newest", false, "the newest first")
	flags.BoolVar(&asJSON, "json", false, "one JSON object a line")
	flags.BoolVar(&asCSV, "csv", false, "as CSV (RFC 4180)")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	return cmd
}

// kinds are the kinds of entry that there are.
func kinds() string {
	var out []string
	for _, k := range store.Kinds {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}

// known puts the kind into the filter and refuses words that no entry can have:
// an empty list would look like an answer.
func known(f *store.Filter, kind string) error {
	if kind != "" && !slices.Contains(store.Kinds, store.Kind(kind)) {
		return fmt.Errorf("--kind: there is no kind %q, only %s", kind, kinds())
	}
	f.Kind = store.Kind(kind)
	var state checks.State
	if f.State != "" && state.UnmarshalText([]byte(f.State)) != nil {
		return fmt.Errorf("--state: there is no state %q, only unmet, waiting, overridden, met, exempt", f.State)
	}
	if f.Limit < 1 {
		return fmt.Errorf("--limit: %d is too little, it must be at least 1", f.Limit)
	}
	return nil
}

func auditShow(open opener) *cobra.Command {
	return &cobra.Command{
		Use:     "show SEQ",
		Short:   "Show one entry whole, as JSON",
		Example: `  handrail audit show 42`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			seq, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not an entry's number", args[0])
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			row, body, err := s.Entry(cmd.Context(), seq)
			if err != nil {
				return err
			}
			shown := struct {
				store.EntryRow
				Body json.RawMessage `json:"body"`
			}{row, body}
			return printJSON(cmd.OutOrStdout(), shown, "  ")
		},
	}
}

func auditVerify(open opener) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Recompute the whole log from its rows and compare",
		Long: `Recompute every leaf and hash of the log from the rows themselves, never from
stored hashes, and compare them with the stored tree, the signed checkpoint and
the bodies. Exit code 1 when anything does not fit.`,
		Example: `  handrail audit verify --database handrail.db`,
		Args:    takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			report, err := s.Verify(cmd.Context(), progress(cmd.ErrOrStderr(), "verified"))
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%d entries, %d bodies compared, %d expunged\ncheckpoint: %d %s\n", report.Entries, report.Bodies, report.Expunged, report.Size, report.Root)
			for _, p := range report.Problems {
				fmt.Fprintln(out, "PROBLEM:", p)
			}
			if !report.OK() {
				return errNo
			}
			fmt.Fprintln(out, "the log verifies")
			return nil
		},
	}
}

// period is from when on and until when entries are asked for.
type period struct{ since, until string }

func (p *period) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&p.since, "since", "", "from this day or moment on (2026-01-31 or 2026-01-31T12:00:00Z)")
	flags.StringVar(&p.until, "until", "", "before this day or moment")
}

// read is the moments that were named; zero for none.
func (p *period) read() (since, until time.Time, err error) {
	if since, err = day(p.since); err != nil {
		return since, until, fmt.Errorf("--since: %w", err)
	}
	if until, err = day(p.until); err != nil {
		return since, until, fmt.Errorf("--until: %w", err)
	}
	return since, until, nil
}

// day reads a date or a moment; "" is the zero time.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date: write 2026-01-31 or 2026-01-31T12:00:00Z", s)
}

// progress prints how far something long is, at most twice a second.
func progress(w io.Writer, verb string) func(done, total int64) {
	var last time.Time
	return func(done, total int64) {
		if now := time.Now(); now.Sub(last) > 500*time.Millisecond {
			if !last.IsZero() {
				fmt.Fprintf(w, "%s %d of %d\n", verb, done, total)
			}
			last = now
		}
	}
}
