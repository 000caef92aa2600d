package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

func auditReplay(open opener) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "replay SEQ...",
		Short: "Judge recorded snapshots again and compare the verdicts",
		Long: `Judge the snapshot of a recorded verdict again, by the policy of its time, and
say whether the same verdict comes out. Exit code 1 when one does not.`,
		Example: `  handrail audit replay 42
  handrail audit replay --all`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("name the entries to replay, or --all")
			}
			s, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			seqs, err := verdicts(cmd.Context(), s, args)
			if err != nil {
				return err
			}
			return replayAll(cmd, s, seqs)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every recorded verdict")
	return cmd
}

// verdicts are the entries named, or every verdict's.
func verdicts(ctx context.Context, s *store.Store, args []string) (seqs []int64, err error) {
	for _, a := range args {
		seq, err := strconv.ParseInt(a, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not an entry's number", a)
		}
		seqs = append(seqs, seq)
	}
	if len(args) > 0 {
		return seqs, nil
	}
	for f := (store.Filter{Kind: store.KindVerdict, Limit: 1000}); ; {
		rows, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			seqs = append(seqs, r.Seq)
			f.After = r.Seq
		}
		if len(rows) < f.Limit {
			return seqs, nil
		}
	}
}

func replayAll(cmd *cobra.Command, s *store.Store, seqs []int64) error {
	out, tick := cmd.OutOrStdout(), progress(cmd.ErrOrStderr(), "replayed")
	different, expunged := 0, 0
	for i, seq := range seqs {
		row, body, err := s.Entry(cmd.Context(), seq)
		switch {
		case err != nil:
			return err
		case row.Kind != store.KindVerdict:
			return fmt.Errorf("entry %d is a %s, not a verdict", seq, row.Kind)
		case row.Expunged:
			expunged++
			fmt.Fprintf(out, "%d: its body was expunged, on record\n", seq)
			continue
		}
		recorded, again, err := replay(body)
		if err != nil {
			return fmt.Errorf("replay %d: %w", seq, err)
		}
		if recorded != again {
			different++
			fmt.Fprintf(out, "%d: NOT the same verdict\n", seq)
			for _, d := range differences(recorded, again) {
				fmt.Fprintf(out, "  %s\n", d)
			}
		} else if len(seqs) <= 20 {
			fmt.Fprintf(out, "%d: the same verdict, %s\n", seq, row.State)
		}
		tick(int64(i+1), int64(len(seqs)))
	}
	fmt.Fprintf(out, "%d replayed, %d different, %d expunged\n", len(seqs)-expunged, different, expunged)
	if different > 0 {
		return errNo
	}
	return nil
}

// replay judges a record's snapshot again; both answers are verdicts as JSON.
func replay(body []byte) (recorded, again string, err error) {
	var r store.Record
	if err := json.Unmarshal(body, &r); err != nil {
		return "", "", fmt.Errorf("decode record: %w", err)
	}
	var d config.Defaults
	if len(r.Defaults) > 0 {
		if err := json.Unmarshal(r.Defaults, &d); err != nil {
			return "", "", fmt.Errorf("decode defaults: %w", err)
		}
	}
	v := checks.Judge(config.Policy(r.Sources, d), r.Pull)
	was, err := json.Marshal(r.Verdict)
	if err != nil {
		return "", "", err
	}
	now, err := json.Marshal(v)
	return string(was), string(now), err
}

// differences says where two verdicts (JSON) are not the same, a line for each
// place.
func differences(recorded, again string) []string {
	var was, now any
	if json.Unmarshal([]byte(recorded), &was) != nil || json.Unmarshal([]byte(again), &now) != nil {
		return []string{"one of them cannot be read"}
	}
	var out []string
	compare("verdict", was, now, &out)
	return out
}

func compare(at string, was, now any, out *[]string) {
	switch a := was.(type) {
	case map[string]any:
		if b, ok := now.(map[string]any); ok {
			keys := maps.Clone(a)
			maps.Copy(keys, b)
			for _, k := range slices.Sorted(maps.Keys(keys)) {
				compare(at+"."+k, a[k], b[k], out)
			}
			return
		}
	case []any:
		if b, ok := now.([]any); ok && len(a) == len(b) {
			for i := range a {
				compare(at+"["+strconv.Itoa(i)+"]", a[i], b[i], out)
			}
			return
		}
	}
	if x, y := shown(was), shown(now); x != y {
		*out = append(*out, fmt.Sprintf("%s: recorded %s, replayed %s", checks.Plain(at), checks.Plain(x), checks.Plain(y)))
	}
}

func shown(v any) string {
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
