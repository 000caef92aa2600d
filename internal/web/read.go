package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// How many releases a page has at most, and by default. Without a repository each
// one's is to be asked about.
const (
	pageLimit  = 100
	pageUsual  = 50
	pageForAll = 20
)

// Query chooses releases. Zero fields choose all.
type Query struct {
	Repo  string // owner/name
	Phase string
	After string // [List.Next] of the page before
	Limit int    // 0 means 50
}

// Values is the query as an address has it.
func (q Query) Values() url.Values {
	v := url.Values{}
	for name, text := range map[string]string{"repo": q.Repo, "phase": q.Phase, "after": q.After} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v
}

// parseQuery reads what Values writes.
func parseQuery(v url.Values) (Query, error) {
	q := Query{Repo: v.Get("repo"), Phase: v.Get("phase"), After: v.Get("after"), Limit: pageUsual}
	if text := v.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > pageLimit {
			return q, &Mistake{"limit", fmt.Sprintf("it must be a number from 1 to %d", pageLimit)}
		}
		q.Limit = n
	}
	if q.Repo == "" {
		q.Limit = min(q.Limit, pageForAll)
	}
	return q, nil
}

// Mistake says what is wrong with a query.
type Mistake struct{ Name, What string }

// Error implements error.
func (m *Mistake) Error() string { return m.Name + ": " + m.What }

// Phases are the words of [Query].Phase.
func Phases() []string {
	return []string{
		string(checks.PhaseGathering), string(checks.PhaseCandidate), string(checks.PhaseSigning), string(checks.PhaseApproved),
		string(checks.PhasePromoting), string(checks.PhaseReleased), string(checks.PhaseDeployed), string(checks.PhaseVoid),
		string(checks.PhaseRejected), string(checks.PhaseSuperseded), string(checks.PhaseFailed),
	}
}

// unknownState is how people write the state that has no name.
const unknownState = "unknown"

// EvidenceStates are the words of a change's state.
func EvidenceStates() []string {
	return []string{
		string(checks.EvidenceMet), string(checks.EvidenceOverridden), string(checks.EvidenceBypassed), unknownState, string(checks.EvidenceNoPull),
	}
}

// EvidenceState is the state that a word of [EvidenceStates] means.
func EvidenceState(word string) (s checks.EvidenceState, ok bool) {
	if !slices.Contains(EvidenceStates(), word) {
		return s, false
	}
	if word == unknownState {
		return checks.EvidenceUnknown, true
	}
	return checks.EvidenceState(word), true
}

// ReadList is a page of releases, by repository and there the newest first. It fails
// with a [*Mistake], and with [store.ErrUnknown] for a repository that nobody has
// heard of.
func ReadList(ctx context.Context, s *store.Store, q Query) (List, error) {
	if q.Phase != "" && !slices.Contains(Phases(), q.Phase) {
		return List{}, &Mistake{"phase", fmt.Sprintf("there is no phase %q, only %s", checks.Plain(q.Phase), strings.Join(Phases(), ", "))}
	}
	if q.Repo != "" && strings.Count(q.Repo, "/") != 1 {
		return List{}, &Mistake{"repo", fmt.Sprintf("%q is not owner/name", checks.Plain(q.Repo))}
	}
	if q.After != "" && !isCursor(q.After) {
		return List{}, &Mistake{"after", fmt.Sprintf("%q is not where a page ends", checks.Plain(q.After))}
	}
	if q.Limit <= 0 {
		q.Limit = pageUsual
	}
	rows, err := s.Releases(ctx, store.ReleaseFilter{Repo: q.Repo, Phase: checks.Phase(q.Phase), After: q.After, Limit: q.Limit})
	if err != nil {
		return List{}, err
	}
	out := List{Releases: []Row{}}
	for _, r := range rows {
		out.Releases = append(out.Releases, rowOf(r))
	}
	if len(rows) == q.Limit {
		out.Next = rows[len(rows)-1].Cursor()
	}
	return out, nil
}

func isCursor(s string) bool {
	repo, number, ok := strings.Cut(s, "/")
	_, err1 := strconv.ParseInt(repo, 10, 64)
	_, err2 := strconv.ParseInt(number, 10, 64)
	return ok && err1 == nil && err2 == nil
}

func rowOf(r store.ReleaseRow) Row {
	return Row{
		Repo: r.Repo, RepoID: r.RepoID, Tag: r.Tag, Commit: r.Commit, Gone: r.Gone, Candidate: r.Candidate, Phase: r.Phase, State: r.State,
		Observed: r.Observed, Emergency: r.Emergency, Issue: r.Issue, Promoted: r.PromotedAt, Released: r.Released,
	}
}

// Read is how far a release is, as last judged. repo is owner/name. It fails with
// [store.ErrUnknown].
func Read(ctx context.Context, s *store.Store, repo, tag string) (Release, error) {
	row, err := s.ReleaseOf(ctx, repo, tag)
	if err != nil {
		return Release{}, err
	}
	out := Release{Row: rowOf(row), TagOID: row.OID, Verdict: row.Verdict, Judged: row.At, Decision: row.PromotedSeq, PromotedCandidate: row.Promoted}
	if out.Acts, err = acts(ctx, s, row); err != nil {
		return Release{}, err
	}
	r, found, err := s.ReleaseRecord(ctx, row)
	if err != nil || !found || r.Release == nil || r.ReleaseVerdict == nil {
		return out, err
	}
	out.judged(r.Release, r.ReleaseVerdict)
	return out, nil
}

// judged fills in what the last record says.
func (out *Release) judged(r *checks.Release, v *checks.ReleaseVerdict) {
	out.Stages, out.Missing, out.Environments = v.Stages, missing(v.Results), v.Environments
	out.Artifacts, out.Deployments, out.Candidates = v.Candidate.Artifacts, r.Deployments, r.Memory.Candidates
	if v.FollowedUp == nil {
		out.FollowUp = v.FollowUp
	}
	e := r.Evidence
	out.Evidence = checks.DecidedEvidence{
		BaseTag: e.BaseTag, Base: e.Base, Head: e.Head, Commits: e.Total, Pulls: e.Pulls, Counts: e.Counts, Odd: e.Odd, Digest: e.Digest, Seq: e.Seq,
	}
	switch {
	case e.Broken != "":
		out.Gathering = "what it brings cannot be gathered: " + e.Broken
	case !e.Done:
		out.Gathering = fmt.Sprintf("%d of %d commits are gathered", e.Gathered, e.Total)
	}
}

// acts are those about one release.
func acts(ctx context.Context, s *store.Store, row store.ReleaseRow) ([]Act, error) {
	var out []Act
	for f := (store.ActFilter{Repo: row.Repo, Tag: row.Tag, Limit: 1000}); ; {
		list, err := s.SignOffs(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			f.After = a.Seq
			if a.RepoID == row.RepoID { // and not of one that had the name before
				out = append(out, Act{a.Act, row.Verdict > a.Seq || a.Counts || a.Refused != "", a.Counts, a.CountsIn, a.Refused})
			}
		}
		if len(list) < f.Limit {
			return out, nil
		}
	}
}

// ReadChanges is what a release brings; state chooses among it, "" all. It fails with a
// [*Mistake] and with [store.ErrUnknown].
func ReadChanges(ctx context.Context, s *store.Store, repo, tag, state string) (Changes, error) {
	var f store.BroughtFilter
	if state != "" {
		if f.State, f.Any = EvidenceState(state); !f.Any {
			return Changes{}, &Mistake{"state", fmt.Sprintf("there is no state %q, only %s", checks.Plain(state), strings.Join(EvidenceStates(), ", "))}
		}
	}
	e, list, seq, err := s.BroughtIn(ctx, repo, tag, f)
	out := Changes{Repo: repo, Tag: tag, Changes: []checks.Brought{}}
	if errors.Is(err, store.ErrNoEvidence) {
		return out, nil
	}
	if err != nil {
		return Changes{}, err
	}
	out.BaseTag, out.Base, out.Digest, out.Seq, out.Changes = e.BaseTag, e.Base, e.Digest, seq, list
	return out, nil
}

// badQuery turns a mistake in a query into an answer.
func badQuery(err error) error {
	var m *Mistake
	if errors.As(err, &m) {
		return &refusal{status: 400, Word: "bad_query", Message: m.Name + ": " + m.What + "."}
	}
	return err
}
