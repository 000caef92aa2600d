package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// askedAtOnce is how many numbers stand in one query: SQLite takes 32,766 values,
	// PostgreSQL 65,535.
	askedAtOnce = 1000
	// whyKept is how many characters are said of why a pull request is not met.
	whyKept = 600
)

// mergedRow is what is on record of one merged pull request.
type mergedRow struct {
	number       int
	seq, verdict int64
	enforced     bool
	compliant    *bool // nil where the row does not say
	state        string
}

// PullRecords is what the record holds of merged pull requests, by number. Of those that
// are not in the answer it holds nothing: they were merged before handrail, or it was
// not looking.
func (s *Store) PullRecords(ctx context.Context, repoID int64, numbers []int) (map[int]checks.PullRecord, error) {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	r := pullRecords{ctx: ctx, q: tx, repoID: repoID, out: map[int]checks.PullRecord{}}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(numbers))), askedAtOnce) {
		if err := r.read(part); err != nil {
			return nil, fmt.Errorf("read what is on record of pull requests: %w", err)
		}
	}
	return r.out, nil
}

// pullRecords is one PullRecords under way.
type pullRecords struct {
	ctx    context.Context
	q      querier
	repoID int64
	out    map[int]checks.PullRecord
}

func (r *pullRecords) read(numbers []int) error {
	rows, err := r.merged(numbers)
	if err != nil {
		return err
	}
	bypassed, err := r.bypassed(numbers)
	if err != nil {
		return err
	}
	unread := map[int64]mergedRow{} // by the entry that is to be read
	for _, m := range rows {
		rec, entry := m.record()
		if found, ok := bypassed[m.number]; ok {
			rec, entry = found, 0
		}
		if entry != 0 {
			unread[entry] = m
			continue
		}
		r.out[m.number] = rec
	}
	for number, rec := range bypassed {
		if _, ok := r.out[number]; !ok {
			r.out[number] = rec
		}
	}
	return r.entries(unread)
}

// list is the part of a query that names values, and they.
func list[T any](first []any, values []T, text func(T) any) (marks string, args []any) {
	for _, v := range values {
		first = append(first, text(v))
	}
	return `(?` + strings.Repeat(", ?", len(values)-1) + `)`, first
}

func (r *pullRecords) merged(numbers []int) ([]mergedRow, error) {
	marks, args := list([]any{r.repoID}, numbers, func(n int) any { return n })
	rows, err := r.q.QueryContext(r.ctx, `SELECT m.number, m.seq, m.verdict, m.enforced, m.compliant, CASE WHEN m.state <> '' THEN m.state ELSE coalesce(v.state, '') END
		FROM merged_pulls m LEFT JOIN entry_states v ON v.seq = m.verdict WHERE m.repo_id = ? AND m.number IN `+marks, args...)
	if err != nil {
		return nil, err
	}
	var out []mergedRow
	err = eachRow(rows, func(scan func(...any) error) error {
		var m mergedRow
		err := scan(&m.number, &m.seq, &m.verdict, &m.enforced, &m.compliant, &m.state)
		out = append(out, m)
		return err
	})
	return out, err
}

// bypassed are those that are, or were, a finding: what was merged without is not made
// good by closing that.
func (r *pullRecords) bypassed(numbers []int) (map[int]checks.PullRecord, error) {
	marks, args := list([]any{r.repoID}, numbers, func(n int) any { return subjectName(checks.Subject{Number: n}) })
	rows, err := r.q.QueryContext(r.ctx, `SELECT subject, detail, opened_seq, closed_by, reason FROM findings
		WHERE repo_id = ? AND subject IN `+marks+` AND kind = 'bypass' ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	out := map[int]checks.PullRecord{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var subject, detail, by, reason string
		var number int
		rec := checks.PullRecord{State: checks.EvidenceBypassed}
		if err := scan(&subject, &detail, &rec.Seq, &by, &reason); err != nil {
			return err
		}
		if _, err := fmt.Sscanf(subject, "pull/%d", &number); err != nil {
			return err
		}
		var d FindingDetail
		if err := json.Unmarshal([]byte(detail), &d); err != nil {
			return err
		}
		rec.Why = d.What
		if len(d.Missing) > 0 {
			rec.Why += " Missing: " + strings.Join(d.Missing, " ")
		}
		if by != "" {
			rec.Why += " " + by + " closed the finding: " + reason
		}
		rec.Why = shortened(rec.Why)
		out[number] = rec
		return nil
	})
	return out, err
}
