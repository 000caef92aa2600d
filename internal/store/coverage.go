package store

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// CoverageOf names what [Gathered] is of: the reports of one commit under one
// selection, for one pull request's head or for a base branch.
type CoverageOf struct {
	RepoID int64
	SHA    string
	Number int    // the pull request; 0 for a base branch's
	Branch string // "" for a pull request's
	Key    string // of the selection
}

// Gathered is what was read of the reports of one commit, of one kind.
type Gathered struct {
	// Inputs is the identity of all that was read.
	Inputs string
	// Set is what package coverage, or scan, makes of it.
	Set []byte
	// Got is what was read and what it says, without the runs. Of what scanners
	// found it holds how that was gathered and where the base's was looked for.
	Got checks.Coverage
	// Found is what scanners found, without how it was gathered.
	Found checks.Findings
	// About is the identity of the changed files that Got.Files, or Found, speaks
	// of.
	About string
	// Trail is how the base's reports were looked for.
	Trail Trail
	// Used is when it was last kept (our clock).
	Used time.Time
}

// Trail is the way from a pull request to reports of its base branch.
type Trail struct {
	// Tip is the base branch's commit that it was found with; "" where a test
	// merge says where to start.
	Tip string `json:"tip,omitzero"`
	// Start is the commit to begin with, StartAt when it was committed.
	Start   string    `json:"start,omitzero"`
	StartAt time.Time `json:"start_at,omitzero"`
	// Line is Start and those before it along first parents.
	Line []string `json:"line,omitzero"`
}

// gathered is the part of a Gathered that is stored as JSON.
type gathered struct {
	Got   checks.Coverage `json:"got"`
	Found checks.Findings `json:"found,omitzero"`
	About string          `json:"about,omitzero"`
	Trail Trail           `json:"trail,omitzero"`
}

// Gathered is what [Store.KeepGathered] kept last.
func (s *Store) Gathered(ctx context.Context, of CoverageOf) (Gathered, bool, error) {
	var g Gathered
	var packed []byte
	var used int64
	const read = `SELECT inputs, lines, got, used FROM coverage_sets WHERE repo_id = ? AND sha = ? AND number = ? AND branch = ? AND key = ?`
	err := s.read.QueryRowContext(ctx, read, of.RepoID, of.SHA, of.Number, of.Branch, of.Key).Scan(&g.Inputs, &g.Set, &packed, &used)
	if none(err) {
		return g, false, nil
	}
	var text gathered
	if err == nil {
		err = unpackJSON(packed, &text)
	}
	if err != nil {
		return g, false, fmt.Errorf("read coverage of %s: %w", of.SHA, err)
	}
	g.Got, g.Found, g.About, g.Trail, g.Used = text.Got, text.Found, text.About, text.Trail, moment(used)
	return g, true, nil
}

// KeepGathered remembers what was read, in the place of what was read before.
func (s *Store) KeepGathered(ctx context.Context, of CoverageOf, g Gathered, now time.Time) error {
	g.Got.Runs = nil
	packed, err := s.packer.packJSON(gathered{g.Got, g.Found, g.About, g.Trail})
	if err != nil {
		return err
	}
	if g.Set == nil {
		g.Set = []byte{}
	}
	return s.change(ctx, func(t *txn) error {
		const keep = `INSERT INTO coverage_sets (repo_id, sha, number, branch, key, inputs, lines, got, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (repo_id, sha, number, branch, key) DO UPDATE SET
				inputs = excluded.inputs, lines = excluded.lines, got = excluded.got, used = excluded.used`
		err := t.exec0(keep, of.RepoID, of.SHA, of.Number, of.Branch, of.Key, g.Inputs, g.Set, packed, millis(now))
		if err != nil {
			return fmt.Errorf("keep coverage of %s: %w", of.SHA, err)
		}
		return nil
	})
}

// Ended is which attempts of runs for a commit an event has told to be over since
// a moment of our clock, by run.
func (s *Store) Ended(ctx context.Context, repoID int64, sha string, since time.Time) (map[int64]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT run, attempt FROM ended_runs WHERE repo_id = ? AND sha = ? AND told > ?`, repoID, sha, millis(since))
	if err != nil {
		return nil, fmt.Errorf("read which runs are over: %w", err)
	}
	out := map[int64]int{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var run int64
		var attempt int
		if err := scan(&run, &attempt); err != nil {
			return err
		}
		out[run] = attempt
		return nil
	})
	return out, err
}

// lacksBase says whether a snapshot asks for reports of its base branch and
// there are none, or soon nearer ones.
func lacksBase(pull *checks.Pull) bool {
	for _, c := range pull.Coverage {
		if c.Base != nil && (c.Base.Commit == "" || c.Base.Pending) {
			return true
		}
	}
	for _, scan := range pull.Scans {
		if f := scan.SARIF; f != nil && (f.Against == "" || f.BasePending) {
			return true
		}
	}
	return false
}

// keepLack keeps whether an evaluation lacked a report of the base branch.
func (t *txn) keepLack(s checks.Subject, lacks bool) error {
	err := t.exec0(`UPDATE subjects SET lacks_base = ?1 WHERE repo_id = ?2 AND number = ?3 AND lacks_base <> ?1`, flag(lacks), s.RepoID, s.Number)
	if err != nil {
		return fmt.Errorf("keep that a base report is lacking: %w", err)
	}
	return nil
}
