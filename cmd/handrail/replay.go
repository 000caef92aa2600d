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
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/store"
)

func auditReplay(open opener) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "replay SEQ...",
		Short: "Judge recorded snapshots again and compare the verdicts",
		Long: `Judge the snapshot of a recorded verdict again, by the policy of its time, and
say whether the same verdict comes out: every state, what it rests on and since
when. A later version may say the same in other words, which is told but is no
difference. Exit code 1 when a verdict is not the same.`,
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
	different, reworded, expunged := 0, 0, 0
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
		r, err := replay(body)
		if err != nil {
			return fmt.Errorf("replay %d: %w", seq, err)
		}
		switch {
		case len(r.differences) > 0:
			different++
			fmt.Fprintf(out, "%d: NOT the same verdict\n", seq)
			for _, d := range r.differences {
				fmt.Fprintf(out, "  %s\n", d)
			}
		case r.reworded:
			reworded++
			fmt.Fprintf(out, "%d: the same verdict, %s, in other words (recorded by handrail %s)\n", seq, row.State, checks.Plain(r.version))
		case len(seqs) <= 20:
			fmt.Fprintf(out, "%d: the same verdict, %s\n", seq, row.State)
		}
		tick(int64(i+1), int64(len(seqs)))
	}
	fmt.Fprintf(out, "%d replayed, %d different, %d in other words, %d expunged\n", len(seqs)-expunged, different, reworded, expunged)
	if different > 0 {
		return errNo
	}
	return nil
}

// replayed is what came of judging a record's snapshot again.
type replayed struct {
	differences []string // a line for each place where the verdicts differ
	reworded    bool     // they are the same but for their words
	version     string   // of the handrail that recorded it
}

func replay(body []byte) (replayed, error) {
	var r store.Record
	if err := json.Unmarshal(body, &r); err != nil {
		return replayed{}, fmt.Errorf("decode record: %w", err)
	}
	var d config.Defaults
	if len(r.Defaults) > 0 {
		if err := json.Unmarshal(r.Defaults, &d); err != nil {
			return replayed{}, fmt.Errorf("decode defaults: %w", err)
		}
	}
	if r.Release != nil {
		return replayRelease(r, d)
	}
	v := judgeAgain(r, d)
	words, err := differences(r.Verdict, v)
	if err != nil || len(words) == 0 {
		return replayed{version: r.Version}, err
	}
	r.Verdict.Results, v.Results = wordless(r.Verdict.Results), wordless(v.Results)
	substance, err := differences(r.Verdict, v)
	return replayed{differences: substance, reworded: len(substance) == 0, version: r.Version}, err
}

// judgeAgain is the verdict that a record's snapshot makes.
func judgeAgain(r store.Record, d config.Defaults) checks.Verdict {
	if r.Group != nil {
		return checks.JudgeGroup(*r.Group, handlers.GroupPolicies(*r.Group, d))
	}
	return checks.Judge(config.Policy(r.Sources, d), r.Pull)
}

func replayRelease(r store.Record, d config.Defaults) (replayed, error) {
	if r.ReleaseVerdict == nil {
		return replayed{}, errors.New("the record has a release and no verdict on it")
	}
	recorded, again := *r.ReleaseVerdict, checks.JudgeRelease(config.Policy(r.Sources, d), *r.Release)
	words, err := differences(recorded, again)
	if err != nil || len(words) == 0 {
		return replayed{version: r.Version}, err
	}
	substance, err := differences(wordlessRelease(recorded), wordlessRelease(again))
	return replayed{differences: substance, reworded: len(substance) == 0, version: r.Version}, err
}

// wordlessRelease is a verdict on a release without its sentences.
func wordlessRelease(v checks.ReleaseVerdict) checks.ReleaseVerdict {
	v.Results, v.Notes = wordless(v.Results), nil
	v.Refused = slices.Clone(v.Refused)
	for i := range v.Refused {
		v.Refused[i].Why = ""
	}
	v.Environments = maps.Clone(v.Environments)
	for name, word := range v.Environments {
		word.Why = ""
		v.Environments[name] = word
	}
	return v
}

// wordless is results without their sentences: what was decided, on what it
// rests, and since when.
func wordless(results []checks.Result) []checks.Result {
	out := make([]checks.Result, len(results))
	for i, r := range results {
		r.Name, r.Summary, r.Progress, r.Can, r.Notes, r.Controls = "", "", "", nil, nil, nil
		r.Evidence = slices.Clone(r.Evidence)
		for k := range r.Evidence {
			r.Evidence[k].Text = ""
		}
		r.Annotations = slices.Clone(r.Annotations)
		for k := range r.Annotations {
			r.Annotations[k].Title, r.Annotations[k].Message = "", ""
		}
		r.Parts = wordless(r.Parts)
		out[i] = r
	}
	return out
}

// differences says where two verdicts are not the same, a line for each place.
// They are compared as the record keeps them.
func differences[V any](recorded, again V) ([]string, error) {
	var sides [2]any
	for i, v := range []V{recorded, again} {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &sides[i]); err != nil {
			return nil, err
		}
	}
	var out []string
	compare("verdict", sides[0], sides[1], &out)
	return out, nil
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
