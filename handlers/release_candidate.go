package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// see keeps which candidate is there now. Another one than before ends what was signed,
// and the record says why; a tag that is gone ends it, too.
func (l *releaseLook) see(ctx context.Context) error {
	r, now := &l.r, l.f.Now()
	last, had := present(r.Memory)
	there := !r.Tag.Gone && r.Tag.Commit != ""
	if !there && !had {
		return nil
	}
	next, why := checks.PastCandidate{Since: r.At}, "The tag was deleted."
	if there {
		next.Candidate = r.Candidate(l.policy)
		next.Digest = next.Candidate.Digest()
		if why = ""; had {
			why = whyAnother(last.Candidate, next.Candidate)
		}
	} else if !r.Tag.Gone {
		why = "The tag was moved to something that is no commit."
	}
	if had && last.Digest == next.Digest {
		return nil
	}
	if err := l.f.Store.SeeCandidate(ctx, l.job, next, why, now); err != nil {
		return err
	}
	return l.remember(ctx)
}

// present is the candidate that was there at the last look.
func present(m checks.ReleaseMemory) (checks.PastCandidate, bool) {
	if n := len(m.Candidates); n > 0 && m.Candidates[n-1].Ended.IsZero() {
		return m.Candidates[n-1], true
	}
	return checks.PastCandidate{}, false
}

// remember reads again what the record knows, after something was added to it.
func (l *releaseLook) remember(ctx context.Context) error {
	known, err := l.f.Store.ReleaseKnown(ctx, l.job.Subject, l.r.Tag.Commit, l.r.Tag.OID)
	if err == nil {
		l.r.Memory, l.r.SharedWith = known.Memory, known.SharedWith
	}
	return err
}

// changesListed is how many changes of artifacts are named where a candidate ends.
const changesListed = 5

// whyAnother says what made another candidate of one.
func whyAnother(was, now checks.Candidate) string {
	var why []string
	switch {
	case was.Commit != now.Commit:
		why = append(why, fmt.Sprintf("The tag was moved from %s to %s.", short(was.Commit), short(now.Commit)))
	case was.TagOID != now.TagOID:
		why = append(why, "The tag was made anew, at the same commit.")
	}
	switch {
	case was.ReleaseID == now.ReleaseID:
	case now.ReleaseID == 0:
		why = append(why, "GitHub's release of the tag was deleted.")
	case was.ReleaseID == 0:
		why = append(why, "GitHub's release of the tag was made.")
	default:
		why = append(why, "GitHub's release of the tag was made anew.")
	}
	why = append(why, artifactChanges(was.Artifacts, now.Artifacts)...)
	if was.Policy != now.Policy {
		why = append(why, "What the policy says about releases was changed.")
	}
	return strings.Join(why, " ")
}

func artifactChanges(was, now []checks.CandidateArtifact) []string {
	var out []string
	named := func(list []checks.CandidateArtifact, name string) bool {
		return slices.ContainsFunc(list, func(a checks.CandidateArtifact) bool { return a.Name == name })
	}
	for _, a := range now {
		switch {
		case slices.Contains(was, a):
		case named(was, a.Name):
			out = append(out, fmt.Sprintf("%s is another one.", checks.Plain(a.Name)))
		default:
			out = append(out, fmt.Sprintf("%s was added.", checks.Plain(a.Name)))
		}
	}
	for _, a := range was {
		if !named(now, a.Name) {
			out = append(out, fmt.Sprintf("%s was taken away.", checks.Plain(a.Name)))
		}
	}
	if more := len(out) - changesListed; more > 0 {
		out = append(out[:changesListed], fmt.Sprintf("%d more artifacts changed.", more))
	}
	return out
}
