package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// record is what a row says by itself; entry is the one that must be read where it does
// not say all.
func (m mergedRow) record() (rec checks.PullRecord, entry int64) {
	rec = checks.PullRecord{Seq: m.seq}
	switch {
	case m.compliant == nil:
		return rec, m.seq
	case *m.compliant && m.enforced && (m.state == "met" || m.state == "exempt"):
		rec.State = checks.EvidenceMet
		return rec, 0
	case *m.compliant && m.enforced && m.state == "overridden" && m.verdict != 0:
		return rec, m.verdict
	}
	return rec, m.seq
}

// told is what matters here of the body of an entry of kind merged.
type told struct {
	Compliant bool        `json:"compliant"`
	Enforced  bool        `json:"enforced"`
	How       string      `json:"how"`
	Judged    *toldRecord `json:"judged"`
}

// toldRecord is what matters here of a record.
type toldRecord struct {
	Verdict checks.Verdict `json:"verdict"`
}

// entries finishes the records for which an entry must be read.
func (r *pullRecords) entries(of map[int64]mergedRow) error {
	bodies, err := r.bodies(of)
	if err != nil {
		return err
	}
	more := map[int64]mergedRow{}
	for seq, m := range of {
		rec := checks.PullRecord{Seq: m.seq}
		body, ok := bodies[seq]
		switch {
		case !ok:
			rec.Why = "What is on record of its merge was expunged."
		case seq == m.seq:
			again := false
			if rec, again, err = m.byMerge(body); err != nil {
				return err
			}
			if again {
				more[m.verdict] = m
				continue
			}
		default:
			if rec, err = m.byVerdict(body); err != nil {
				return err
			}
		}
		r.out[m.number] = rec
	}
	if len(more) > 0 {
		return r.entries(more)
	}
	return nil
}

// byMerge is what the entry of a merge says. again: the verdict's has to be read for who
// has overridden what.
func (m mergedRow) byMerge(body []byte) (rec checks.PullRecord, again bool, err error) {
	var x told
	if err := json.Unmarshal(body, &x); err != nil {
		return rec, false, fmt.Errorf("decode merge: %w", err)
	}
	rec = checks.PullRecord{Seq: m.seq, Why: shortened(x.How)}
	switch {
	case !x.Compliant || !x.Enforced:
		// Not known to be met, and no finding says that it was not: unknown.
	case x.Judged != nil && x.Judged.Verdict.Own == checks.Overridden:
		rec.State, rec.Why = checks.EvidenceOverridden, overriddenBy(x.Judged.Verdict)
	case x.Judged != nil && x.Judged.Verdict.Own.Passes():
		rec.State, rec.Why = checks.EvidenceMet, ""
	case x.Judged != nil || m.verdict == 0:
	case m.state == "overridden":
		return rec, m.verdict != m.seq, nil
	case m.state == "met" || m.state == "exempt":
		rec.State, rec.Why = checks.EvidenceMet, ""
	}
	return rec, false, nil
}

// byVerdict is what the entry of the verdict that held says of an override.
func (m mergedRow) byVerdict(body []byte) (checks.PullRecord, error) {
	var x toldRecord
	if err := json.Unmarshal(body, &x); err != nil {
		return checks.PullRecord{}, fmt.Errorf("decode verdict: %w", err)
	}
	return checks.PullRecord{State: checks.EvidenceOverridden, Seq: m.verdict, Why: overriddenBy(x.Verdict)}, nil
}

// overriddenBy says what of a verdict passes by an override only, by whom and why.
func overriddenBy(v checks.Verdict) string {
	var out []string
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			switch {
			case r.Observed || r.State != checks.Overridden:
			case len(r.Parts) > 0:
				walk(r.Parts)
			default:
				out = append(out, r.Name+": "+r.Summary)
			}
		}
	}
	walk(v.Results)
	return shortened(strings.Join(out, " "))
}

// shortened is the beginning of a text, cut between characters.
func shortened(text string) string {
	runes := []rune(text)
	if len(runes) <= whyKept {
		return text
	}
	return string(runes[:whyKept-1]) + "…"
}

// bodies are the bodies of entries, of those that are there.
func (r *pullRecords) bodies(of map[int64]mergedRow) (map[int64][]byte, error) {
	out := map[int64][]byte{}
	seqs := make([]int64, 0, len(of))
	for seq := range of {
		seqs = append(seqs, seq)
	}
	slices.Sort(seqs)
	var f inflater
	for part := range slices.Chunk(seqs, askedAtOnce) {
		marks, args := list(nil, part, func(n int64) any { return n })
		rows, err := r.q.QueryContext(r.ctx, `SELECT seq, encoding, body FROM entry_bodies WHERE seq IN `+marks, args...)
		if err != nil {
			return nil, err
		}
		err = eachRow(rows, func(scan func(...any) error) error {
			var seq int64
			var encoding string
			var body []byte
			if err := scan(&seq, &encoding, &body); err != nil {
				return err
			}
			if encoding == "deflate" {
				text, err := f.unpack(body)
				if err != nil {
					return err
				}
				body = slices.Clone(text)
			}
			out[seq] = body
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
