package checks

import (
	"cmp"
	"slices"
	"time"
)

// Decision is that a candidate is promoted, and what that rests on: the body of the log
// entry release.promoted, and of the signed statement that deployers verify. It is
// stored as JSON, so it is a format: fields are only ever added, never renamed or
// removed.
type Decision struct {
	Repo   string `json:"repo"` // owner/name
	RepoID int64  `json:"repo_id"`
	Tag    string `json:"tag"`
	// Candidate is what is promoted, and Digest its digest.
	Candidate Candidate `json:"candidate"`
	Digest    string    `json:"digest"`
	// At is GitHub's clock when what it rests on was read.
	At time.Time `json:"at"`
	// By is the act that asked for it: of kind promote, the last sign-off where that
	// promotes, or emergency.
	By Act `json:"by"`
	// Emergency says that it was promoted without all that the policy asks for; Missing
	// is that, and FollowUp by when somebody else must have looked at it.
	Emergency bool              `json:"emergency,omitzero"`
	Missing   []DecidedResult   `json:"missing,omitzero"`
	FollowUp  time.Time         `json:"follow_up,omitzero"`
	Signed    []Sign            `json:"signed,omitzero"`
	Stages    []DecidedStage    `json:"stages,omitzero"` // in order
	Accepted  *Act              `json:"accepted,omitzero"`
	Evidence  DecidedEvidence   `json:"evidence"`
	Artifacts []ReleaseArtifact `json:"artifacts,omitzero"`
	// Environments are those of the stages: the candidate may be deployed there.
	Environments []string `json:"environments,omitzero"`
	// Policy are the texts by which it was judged.
	Policy []DecidedSource `json:"policy,omitzero"`
}

// DecidedResult is a requirement that was not met when a release was promoted.
type DecidedResult struct {
	ID      string `json:"id"`
	State   State  `json:"state"`
	Summary string `json:"summary,omitzero"`
}

// DecidedStage is how far a stage was when its release was promoted.
type DecidedStage struct {
	Name        string `json:"name"`
	State       State  `json:"state"`
	Environment string `json:"environment,omitzero"`
}

// DecidedEvidence is what a promoted release brings, in short. The whole list is the log
// entry Seq, and Digest is over it.
type DecidedEvidence struct {
	BaseTag string                `json:"base_tag,omitzero"`
	Base    string                `json:"base,omitzero"`
	Head    string                `json:"head,omitzero"`
	Commits int                   `json:"commits,omitzero"`
	Pulls   int                   `json:"pulls,omitzero"`
	Counts  map[EvidenceState]int `json:"counts,omitzero"`
	Odd     []Brought             `json:"odd,omitzero"`
	Digest  string                `json:"digest,omitzero"`
	Seq     int64                 `json:"seq,omitzero"`
}

// DecidedSource is a policy text, told by where it stands.
type DecidedSource struct {
	Repo   string `json:"repo"` // owner/name
	Path   string `json:"path"`
	Commit string `json:"commit,omitzero"`
	Blob   string `json:"blob,omitzero"`
	Floor  bool   `json:"floor,omitzero"`
}

// Decide says what the promotion of a verdict rests on; it is the zero value where the
// verdict promotes nothing.
func Decide(p Policy, v ReleaseVerdict, r Release) Decision {
	if v.Promote == nil || v.Digest == "" || v.Observe {
		return Decision{}
	}
	w := viewOf(&p, &v, &r)
	d := Decision{
		Repo: r.Repo.String(), RepoID: r.Repo.ID, Tag: r.Tag.Name, Candidate: v.Candidate, Digest: v.Digest, At: r.At,
		By: v.Promote.By, Emergency: v.Promote.Emergency, FollowUp: v.FollowUp, Signed: slices.Clone(v.Promote.Signed), Accepted: v.Promote.Accepted,
		Evidence: decidedEvidence(&r.Evidence), Artifacts: slices.Clone(r.Artifacts), Policy: decidedSources(p.Sources),
	}
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		d.Stages = append(d.Stages, w.decidedStage(s))
		if s.Environment != "" {
			d.Environments = append(d.Environments, s.Environment)
		}
	}
	if d.Emergency {
		d.Missing = missingResults(w.asked(), nil)
	}
	d.Environments = sorted(d.Environments)
	slices.SortFunc(d.Artifacts, func(a, b ReleaseArtifact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.From, b.From), cmp.Compare(a.Run, b.Run))
	})
	return d
}

func (w *releaseView) decidedStage(s *Stage) DecidedStage {
	out := DecidedStage{Name: s.Name, Environment: s.Environment}
	if st := w.standing(s); st != nil {
		out.State = st.State
	}
	return out
}

// decidedEvidence is the evidence as others read it: what is unknown says so.
func decidedEvidence(e *ReleaseEvidence) DecidedEvidence {
	out := DecidedEvidence{
		BaseTag: e.BaseTag, Base: e.Base, Head: e.Head, Commits: e.Total, Pulls: e.Pulls, Odd: slices.Clone(e.Odd), Digest: e.Digest, Seq: e.Seq,
	}
	for state, n := range e.Counts {
		if out.Counts == nil {
			out.Counts = map[EvidenceState]int{}
		}
		out.Counts[cmp.Or(state, decidedUnknown)] += n
	}
	for i := range out.Odd {
		out.Odd[i].State = cmp.Or(out.Odd[i].State, decidedUnknown)
	}
	return out
}

// decidedUnknown is how a decision writes [EvidenceUnknown].
const decidedUnknown EvidenceState = "unknown"

// decidedSources are the policy texts that there were, in the order in which they hold.
func decidedSources(sources []Source) []DecidedSource {
	var out []DecidedSource
	for _, s := range sources {
		if !s.Absent {
			out = append(out, DecidedSource{Repo: s.Repo, Path: s.Path, Commit: s.Commit, Blob: s.Blob, Floor: s.Floor})
		}
	}
	return out
}

// missingResults are the requirements that were not met, those of a part instead of the
// whole.
func missingResults(results []Result, into []DecidedResult) []DecidedResult {
	for i := range results {
		switch r := &results[i]; {
		case r.Observed || r.State.Passes():
		case len(r.Parts) > 0:
			into = missingResults(r.Parts, into)
		default:
			into = append(into, DecidedResult{ID: r.ID, State: r.State, Summary: r.Summary})
		}
	}
	return into
}
