package handlers

import (
	"context"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// baseRuns are the runs for pushes to the base branch, asked for when they are
// needed.
type baseRuns struct {
	*look
	trail *store.Trail
	// start are the runs of the first commit, rest those of the branch.
	start, rest listed
	tried       int  // commits whose reports were to be downloaded
	running     bool // a commit's producers were not over
}

// listed is an answer that was asked for, or not yet.
type listed struct {
	runs  []checks.WorkflowRun
	asked bool
}

// complete are the producers' runs for a commit when all have succeeded; nil
// otherwise.
func (b *baseRuns) complete(ctx context.Context, commit string) ([]checks.WorkflowRun, error) {
	all, err := b.of(ctx, commit)
	if err != nil {
		return nil, err
	}
	runs := b.succeeded(all, commit)
	if len(runs) == 0 || commit == b.trail.Start {
		return runs, nil
	}
	// The list of a branch may end in the middle of a commit's runs.
	all, cut, err := b.actions.WorkflowRuns(ctx, b.s, commit)
	if err != nil || cut {
		return nil, err
	}
	return b.succeeded(all, commit), nil
}

// succeeded are the producers' runs by pushes of a commit to the base branch,
// when all of them have succeeded.
func (b *baseRuns) succeeded(all []checks.WorkflowRun, commit string) []checks.WorkflowRun {
	var pushes []checks.WorkflowRun
	for _, r := range all {
		if r.Event == "push" && r.HeadRepo == b.s.RepoID && r.Branch == b.pull.Base.Name && r.SHA == commit {
			pushes = append(pushes, r)
		}
	}
	// As if the commit were a head of this repository.
	at := checks.Pull{At: b.pull.At, Head: checks.Ref{SHA: commit, RepoID: b.s.RepoID}}
	state := checks.Producers(b.sel, &at, pushes, 0)
	running := func(r checks.WorkflowRun) bool { return r.Status != "completed" }
	b.running = b.running || slices.ContainsFunc(state.Runs, running)
	failed := func(r checks.WorkflowRun) bool { return r.Conclusion != "success" }
	if !state.Done || slices.ContainsFunc(state.Runs, failed) {
		return nil
	}
	return state.Runs
}

// of asks for the runs of the first commit by itself: of a branch on which much
// happens GitHub lists only the newest. What is cut there is not all.
func (b *baseRuns) of(ctx context.Context, commit string) ([]checks.WorkflowRun, error) {
	list, ask := &b.rest, func() ([]checks.WorkflowRun, error) {
		return b.actions.BranchRuns(ctx, b.s, b.pull.Base.Name, b.trail.StartAt.Add(baseLate))
	}
	if commit == b.trail.Start {
		list, ask = &b.start, func() ([]checks.WorkflowRun, error) {
			runs, cut, err := b.actions.WorkflowRuns(ctx, b.s, commit)
			if cut {
				return nil, err
			}
			return runs, err
		}
	}
	if list.asked {
		return list.runs, nil
	}
	runs, err := ask()
	*list = listed{runs, err == nil}
	return runs, err
}

// newest is when the last of some runs ended.
func newest(runs []checks.WorkflowRun) time.Time {
	var out time.Time
	for _, r := range runs {
		out = later(out, r.Updated)
	}
	return out
}
