package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// lineLimit is how many commits of one move of a branch are looked at; a longer
	// move is a finding that says so.
	lineLimit = 500
	// stepLimit is how many moves of a branch are told apart at once; of more the last
	// is from where the others lead to where the branch is.
	stepLimit = 200
	// explainRetry is how soon GitHub is asked again for the pull request of a commit
	// that has just come and has none yet; explainMost is how long.
	explainRetry = 10 * time.Second
	explainMost  = 30 * time.Second
)

// branchLook is one look at a branch: what was known, what is, and what comes of it.
type branchLook struct {
	f     *Flow
	job   store.Job
	was   store.Branch
	now   checks.BranchState
	seen  store.BranchSeen
	pulls []int // pull requests that explain what came
}

// lookAtBranch compares a watched branch with how it was last seen. What no pull
// request explains becomes a finding, together with the new state or not at all.
func (f *Flow) lookAtBranch(ctx context.Context, job store.Job) error {
	s := job.Subject
	now, sources, err := f.Forge.Branch(ctx, s, s.Name)
	if err != nil {
		return fmt.Errorf("read %s: %w", s, err)
	}
	was, known, err := f.Store.Branch(ctx, s.RepoID, s.Name)
	if err != nil {
		return err
	}
	moves, err := f.Store.RefMoves(ctx, s.RepoID, "heads/"+s.Name)
	if err != nil {
		return err
	}
	if behind(now, was, moves, f.Now()) {
		return errLagging
	}
	sources = f.Inspector.redactSources(sources, f.Defaults)
	policy := config.Policy(sources, f.Defaults)
	l := &branchLook{f: f, job: job, was: was, now: now}
	l.seen = store.BranchSeen{At: now.At, First: !known, Moves: ids(moves), Sources: sources}
	l.seen.Now = store.Branch{Name: s.Name, SHA: now.SHA, Protection: was.Protection, Changed: was.Changed}
	l.seen.Now.Guard = policy.Guards(s.Name, now.Default)
	if s.Name == now.Default {
		releases, err := f.releases(ctx, s.RepoID, policy)
		if err != nil {
			return err
		}
		l.seen.Watching = &store.Watching{Default: now.Default, Branches: policy.WatchedBranches(now.Default), Tags: policy.WatchedTags(), Releases: releases}
	}
	early, err := l.compare(ctx, known, policy.FloorGuards(s.Name, now.Default), moves)
	switch {
	case err != nil:
		return err
	case early:
		return held(f.Store.Postpone(ctx, job, f.Now().Add(explainRetry), f.Now()))
	}
	return l.keep(ctx)
}

// compare finds what has changed. What counts is what was looked for before: a push
// that brings the policy is not held to it, and one that takes it away is. The
// organisation's floor holds at once.
func (l *branchLook) compare(ctx context.Context, known bool, floor checks.Guard, moves []store.RefMove) (early bool, err error) {
	guard := l.was.Guard.And(floor)
	l.protection(known, guard)
	if !known {
		return false, nil // how it was before is not known
	}
	steps, past := chain(l.was.SHA, l.now.SHA, moves)
	for _, m := range steps {
		if m.GUID == "" {
			l.seen.Late = append(l.seen.Late, m)
		}
	}
	if !guard.DirectPush && !guard.Bypass {
		return false, nil
	}
	if early, err = l.walk(ctx, steps); err != nil || early {
		return early, err
	}
	for _, m := range past {
		l.past(m)
	}
	if !guard.DirectPush {
		l.seen.Findings = slices.DeleteFunc(l.seen.Findings, func(o store.Opening) bool { return o.Kind != store.FindingDrift })
	}
	return false, nil
}

// keep writes down what was seen, makes the merges due that explain it, and logs what
// is found.
func (l *branchLook) keep(ctx context.Context) error {
	f, s := l.f, l.job.Subject
	if l.seen.Now.Guard.Bypass || l.was.Guard.Bypass {
		for _, n := range l.pulls {
			if err := f.dueIfUnseen(ctx, s, n); err != nil {
				return err
			}
		}
	}
	opened, err := f.Store.SeeBranch(ctx, l.job, l.seen, f.Now())
	if err != nil {
		return err
	}
	f.announce(ctx, opened)
	if w := l.seen.Watching; w != nil && len(w.Tags) > 0 {
		if err := f.firstTags(ctx, s); err != nil {
			return err
		}
	}
	if w := l.seen.Watching; w != nil {
		if err := f.firstReleases(ctx, s); err != nil {
			return err
		}
	}
	return f.Store.Finish(ctx, l.job, store.FinishInfo{NotBefore: f.Now().Add(pace)}, f.Now())
}

// dueIfUnseen makes a merged pull request due whose merge was not looked at: no event
// has told of it.
func (f *Flow) dueIfUnseen(ctx context.Context, of checks.Subject, number int) error {
	s := checks.Subject{Installation: of.Installation, RepoID: of.RepoID, Owner: of.Owner, Repo: of.Repo, Number: number}
	if _, found, err := f.Store.Merged(ctx, s); err != nil || found {
		return err
	}
	return f.Store.Touch(ctx, s, store.Known{}, "branch", f.Now().Add(pace), f.Now())
}

// announce logs findings that are new.
func (f *Flow) announce(ctx context.Context, opened []int64) {
	for _, id := range opened {
		found, err := f.Store.Finding(ctx, id)
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Int64("finding", id).Msg("a finding was opened")
			continue
		}
		zerolog.Ctx(ctx).Warn().Int64("finding", id).Str("kind", string(found.Kind)).Str("subject", found.Subject).Msg("a finding was opened: " + found.Detail.What)
	}
}

// behind says whether GitHub's answer is older than what an event has told: that is
// believed for a moment only.
func behind(now checks.BranchState, was store.Branch, moves []store.RefMove, clock time.Time) bool {
	if len(moves) == 0 {
		return false
	}
	last := moves[len(moves)-1]
	if now.SHA == last.After || clock.Sub(last.Heard) >= lagMost {
		return false
	}
	for _, m := range moves {
		if now.SHA == m.Before {
			return true
		}
	}
	return now.SHA == was.SHA
}

func ids(moves []store.RefMove) []int64 {
	out := make([]int64, len(moves))
	for i, m := range moves {
		out[i] = m.ID
	}
	return out
}

// chain puts moves in an order in which one leads to the next, from where the branch
// was to where it is. A step that no event has told of has no GUID. past are the
// moves that lead nowhere: they were before what is known already.
func chain(from, to string, moves []store.RefMove) (steps, past []store.RefMove) {
	rest := moves
	for at := from; ; at = steps[len(steps)-1].After {
		i := -1
		for n, m := range rest {
			if m.Before == at {
				i = n
				break
			}
		}
		if i < 0 || len(steps) == stepLimit {
			if at != to {
				steps = append(steps, store.RefMove{Before: at, After: to})
			}
			return steps, rest
		}
		steps = append(steps, rest[i])
		rest = append(append([]store.RefMove{}, rest[:i]...), rest[i+1:]...)
	}
}
