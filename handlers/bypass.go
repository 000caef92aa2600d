package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// witnessSlack is how far clocks may differ where it is asked whether a branch was
	// watched when something was merged.
	witnessSlack = time.Minute
	// witnessLate is how long ago a pull request may have been merged that nobody has
	// heard of before, on a branch that nobody has looked at before.
	witnessLate = time.Hour
	// mergePatience is how many tries to judge a merge fail before it is a finding that
	// could not be judged: about half an hour of them.
	mergePatience = 10
	// missingListed is how much of what was missing a finding lists.
	missingListed = 20
)

// afterMerge looks at a pull request that was merged: once whether it was met, and
// then for what is owed afterwards. until is when something is overdue.
func (f *Flow) afterMerge(ctx context.Context, job store.Job, j *Judgement) (until time.Time, err error) {
	if !j.Pull.Merged || j.Pull.MergedAt.IsZero() {
		return until, nil
	}
	known, found, err := f.Store.Merged(ctx, job.Subject)
	if err == nil && !found {
		if ok, err := f.witnessed(ctx, job, j); err != nil || !ok {
			return until, err
		}
		if err := f.recordMerge(ctx, job, j); err != nil {
			return until, err
		}
		known, _, err = f.Store.Merged(ctx, job.Subject)
	}
	if err != nil || !known.Enforced || known.Verdict == 0 {
		return until, err
	}
	return f.owed(ctx, job, j, known)
}

// witnessed says whether handrail was watching when it was merged. What was merged
// before is none of its findings.
func (f *Flow) witnessed(ctx context.Context, job store.Job, j *Judgement) (bool, error) {
	if job.Digest != "" {
		return true, nil // it has judged the pull request
	}
	b, found, err := f.Store.Branch(ctx, job.Subject.RepoID, j.Pull.Base.Name)
	if found || err != nil {
		return !j.Pull.MergedAt.Before(b.Since.Add(-witnessSlack)), err
	}
	return !j.Pull.MergedAt.Before(job.FirstTouched.Add(-witnessLate)), nil
}

// recordMerge writes down that it was merged, and by whom, and what that means: it was
// met, or is a finding.
func (f *Flow) recordMerge(ctx context.Context, job store.Job, j *Judgement) error {
	p := &j.Pull
	m := store.Merge{At: p.MergedAt, By: p.MergedBy, Head: p.Head.SHA, Base: p.Base.Name, Commit: p.MergeCommit}
	held, seq, found, err := f.Store.VerdictAt(ctx, job.Subject, m.Head, m.Base, m.At)
	if err != nil {
		return err
	}
	m.Verdict = seq
	sources, certain, err := f.heldSources(ctx, job, j, held, found)
	if err != nil {
		return err
	}
	policy := config.Policy(sources, f.Defaults)
	m.Enforced = !policy.Observe && certain
	var open *store.Opening
	switch {
	case !certain:
		m.How = "It brought the policy, and which one held before is not on record."
	case found && stillMet(held.Verdict, m.At):
		m.Compliant, m.How = true, fmt.Sprintf("Verdict %d, the last from before the merge, says %s.", seq, held.Verdict.State)
	case !m.Enforced:
		m.How = "The policy only observes."
	case !policy.Guards(m.Base, p.Repo.DefaultBranch).Bypass:
		m.How = "The policy does not watch " + checks.Plain(m.Base) + " for bypasses."
	default:
		if open, err = f.judgeMerge(ctx, job, j, &m, Judgement{Pull: *p, Sources: sources, Policy: policy}, held); err != nil {
			return err
		}
	}
	id, err := f.Store.RecordMerge(ctx, job, m, open, f.Now())
	if err == nil && id != 0 {
		f.announce(ctx, []int64{id})
	}
	return err
}

// heldSources are the policy texts that held when it was merged, as far as the record
// knows: those of its last verdict, or the last that were used on the branch. Where it
// knows none they are those of the branch now, which are not certain when the pull
// request itself has changed them.
func (f *Flow) heldSources(ctx context.Context, job store.Job, j *Judgement, held store.Record, found bool) (sources []checks.Source, certain bool, err error) {
	if found && len(held.Sources) > 0 {
		return held.Sources, true, nil
	}
	likely, _, err := f.Store.Likely(ctx, job.Subject)
	if err != nil || len(likely) > 0 {
		return likely, true, err
	}
	pull := j.Pull
	if err := f.Forge.Complete(ctx, job.Subject, &pull, checks.Wants{Files: true}); err != nil {
		return nil, false, fmt.Errorf("read the files of %s: %w", job.Subject, err)
	}
	brought := len(pull.Files) < pull.FileCount || slices.ContainsFunc(pull.Files, func(f checks.File) bool {
		return f.Path == checks.PolicyPath || f.Previous == checks.PolicyPath
	})
	return j.Sources, !brought, nil
}

// stillMet says whether a verdict let it pass, and still did at a moment: an override
// ends.
func stillMet(v checks.Verdict, at time.Time) bool {
	return v.State.Passes() && (v.Until.IsZero() || v.Until.After(at))
}

// judgeMerge judges what held at the moment of the merge, since no verdict from before
// says that it was met: somebody may have approved it a moment earlier. What cannot be
// judged after several tries is a finding that says so.
func (f *Flow) judgeMerge(ctx context.Context, job store.Job, j *Judgement, m *store.Merge, then Judgement, held store.Record) (*store.Opening, error) {
	state, missing := held.Verdict.State, missingIn(held.Verdict)
	err := f.judgeThen(ctx, job, &then, held, m.At)
	switch {
	case err != nil && (job.Tries+1 < mergePatience || !limitedUntil(err).IsZero()):
		return nil, err
	case err != nil:
		m.How = "It could not be judged as of the merge: " + f.Inspector.harmless(err).Error()
		missing = append(missing, m.How)
	default:
		m.Judged = &store.Record{Pull: then.Pull, Sources: then.Sources, Verdict: then.Verdict, Digest: Digest(then.Verdict), Version: f.Version, Causes: job.Causes}
		state, missing = then.Verdict.Own, missingIn(then.Verdict)
		m.Compliant = state.Passes()
		m.How = "No verdict from before the merge says that it was met. Judged afterwards, as of the merge, it was " + state.String() + "."
	}
	if m.Compliant {
		return nil, nil
	}
	what := fmt.Sprintf("%s merged #%d into %s while its requirements were %s.", who(m.By), j.Pull.Number, checks.Plain(m.Base), state)
	if m.Judged == nil && m.Verdict == 0 {
		what = fmt.Sprintf("%s merged #%d into %s, and whether its requirements were met could not be judged.", who(m.By), j.Pull.Number, checks.Plain(m.Base))
	}
	d := store.FindingDetail{
		What: what,
		By:   m.By, At: m.At, Branch: m.Base, Pull: j.Pull.Number, Before: m.Head, After: m.Commit,
		Verdict: m.Verdict, State: state.String(), Missing: missing,
	}
	return &store.Opening{Kind: store.FindingBypass, Fact: fmt.Sprintf("%d %s", j.Pull.Number, m.Head), Detail: d, Source: source(job)}, nil
}

// judgeThen judges a snapshot as of a moment in the past: what was said and done since
// is left out, and the base is as it was.
func (f *Flow) judgeThen(ctx context.Context, job store.Job, j *Judgement, held store.Record, at time.Time) error {
	a := archive{f.Store, job, f.Now}
	if err := a.Recall(ctx, job.Subject, &j.Pull); err != nil {
		return err
	}
	f.Inspector.redactSeen(&j.Pull)
	asOf(&j.Pull, at)
	if err := f.onto(ctx, job.Subject, j, &held.Pull); err != nil {
		return err
	}
	if err := complete(ctx, f.Forge, a, Sources{f.Coverage, f.Inspector}, job.Subject, j); err != nil {
		return err
	}
	j.Verdict = checks.Judge(j.Policy, j.Pull)
	return nil
}

// asOf makes a merged pull request's snapshot one of the moment of its merge.
func asOf(p *checks.Pull, at time.Time) {
	p.At, p.Open, p.Merged, p.Siblings = at, true, false, nil
	p.Reviews = until(p.Reviews, at, func(r *checks.Review) time.Time { return r.Submitted })
	p.Comments = until(p.Comments, at, func(c *checks.Comment) time.Time { return c.Created })
	p.Runs = until(p.Runs, at, func(r *checks.Run) time.Time { return r.Started })
	for i := range p.Runs {
		if p.Runs[i].Completed.After(at) {
			p.Runs[i].Status, p.Runs[i].Conclusion = "in_progress", ""
		}
	}
}

func until[T any](list []T, at time.Time, when func(*T) time.Time) []T {
	var out []T
	for i := range list {
		if !when(&list[i]).After(at) {
			out = append(out, list[i])
		}
	}
	return out
}

// missingIn is what a verdict says is missing, a sentence for each.
func missingIn(v checks.Verdict) []string {
	var out []string
	for _, r := range v.Results {
		if !r.Observed && !r.State.Passes() && len(out) < missingListed {
			out = append(out, r.Name+": "+r.Summary)
		}
	}
	return out
}
