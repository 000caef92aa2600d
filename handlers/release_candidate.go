package handlers

import (
	"context"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// see keeps which candidate is there now. Another one than before ends what was signed,
// and the record says why; a tag that is gone ends it, too.
func (l *releaseLook) see(ctx context.Context) error {
	r, now := &l.r, l.f.Now()
	last, had := present(r.Memory)
	there := !r.Tag.Gone && r.Tag.Commit != ""
	if !there && !had {
		return l.left(ctx)
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
	if !had || last.Digest != next.Digest {
		if err := l.f.Store.SeeCandidate(ctx, l.job, next, why, now); err != nil {
			return err
		}
		if err := l.remember(ctx); err != nil {
			return err
		}
	}
	return l.left(ctx)
}

// left finds at which commits that the tag has left another release is now.
func (l *releaseLook) left(ctx context.Context) error {
	elsewhere := func(c checks.PastCandidate) bool { return c.Commit != "" && c.Commit != l.r.Tag.Commit }
	if !slices.ContainsFunc(l.r.Memory.Candidates, elsewhere) {
		return nil
	}
	rows, err := l.f.Store.Releases(ctx, store.ReleaseFilter{Repo: l.r.Repo.String(), Limit: leftAmong})
	if err != nil {
		return err
	}
	for _, row := range rows {
		at := func(c checks.PastCandidate) bool { return elsewhere(c) && c.Commit == row.Commit }
		if row.Tag != l.r.Tag.Name && !row.Gone && row.Candidate != "" && slices.ContainsFunc(l.r.Memory.Candidates, at) {
			l.r.Taken = append(l.r.Taken, row.Commit)
		}
	}
	slices.Sort(l.r.Taken)
	l.r.Taken = slices.Compact(l.r.Taken)
	return nil
}

// leftAmong is among how many releases it is looked for that one, the newest.
const leftAmong = 500

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
