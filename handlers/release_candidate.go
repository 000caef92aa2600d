package handlers

import (
	"context"

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
			why = next.Candidate.Changed(last.Candidate)
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
