package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// artifactLag is how long after a run's end GitHub may still not show what
	// it left.
	artifactLag = 10 * time.Second
)

// readHead reads what runs for the head left and sent.
func (k *look) readHead(ctx context.Context, runs []checks.WorkflowRun, in string) (store.Gathered, error) {
	leave, err := k.room.enter(ctx)
	if err != nil {
		return store.Gathered{}, err
	}
	defer leave()
	r := reading{look: k, merge: k.kind.merge(k)}
	if err := r.list(ctx, runs, k.uploads(runs)); err != nil {
		return store.Gathered{}, err
	}
	from := r.from()
	if k.missing(runs, from) {
		return store.Gathered{}, errLagging
	}
	if err := r.all(ctx); err != nil {
		return store.Gathered{}, err
	}
	at, why, err := k.tested(ctx, from)
	if err != nil {
		return store.Gathered{}, err
	}
	g, err := r.done(ctx, cmp.Or(at.commit, k.pull.Head.SHA))
	zerolog.Ctx(ctx).Info().Str("sha", k.pull.Head.SHA).Str("tested", at.commit).Int("runs", len(runs)).Int("reports", len(g.Got.Reports)).
		Int("files", g.Got.Resolved).Int("unresolved", g.Got.Unresolved).Err(err).Str("kind", k.sel.Kind).Msg("read reports")
	g.Inputs, g.Got.Tested, g.Got.Onto, g.Got.Unplaced = in, at.commit, at.onto, cmp.Or(g.Got.Unplaced, why)
	return g, err
}

// missing says whether reports that ought to be there may only not be shown yet.
func (k *look) missing(runs, from []checks.WorkflowRun) bool {
	for _, r := range runs {
		has := slices.ContainsFunc(from, func(o checks.WorkflowRun) bool { return o.ID == r.ID })
		wanted := len(k.sel.Reports) > 0 || len(from) == 0
		if !has && wanted && r.Conclusion == "success" && k.pull.At.Sub(r.Updated) < artifactLag {
			return true
		}
	}
	return false
}

// reading is one reading of what some runs left and sent. It holds one archive
// at a time.
type reading struct {
	*look
	merge merging
	left  []leavings
	odd   []checks.Report // what could not even be looked at
}

// leavings is what one run left and sent, and the policy means.
type leavings struct {
	run       checks.WorkflowRun
	rule      checks.ReportRule
	artifacts []checks.Artifact
	sent      []store.Upload
}

// list finds out what there is to be read.
func (r *reading) list(ctx context.Context, runs []checks.WorkflowRun, sent []store.Upload) error {
	for _, run := range runs {
		l := leavings{run: run, rule: r.sel.Rule(run.Path)}
		all, err := r.actions.Artifacts(ctx, r.s, run.ID)
		why, bad := unusable(err)
		switch {
		case bad:
			r.odd = append(r.odd, checks.Report{Run: run.ID, Problem: why})
		case err != nil:
			return fmt.Errorf("list what run %d left: %w", run.ID, err)
		}
		l.artifacts = newestNamed(all, l.rule.Artifacts)
		for _, u := range sent {
			if u.Run == run.ID && counts(l.rule, u.Name) {
				l.sent = append(l.sent, u)
			}
		}
		if bad || len(l.artifacts)+len(l.sent) > 0 {
			r.left = append(r.left, l)
		}
	}
	return nil
}

// from are the runs that left or sent something.
func (r *reading) from() []checks.WorkflowRun {
	var out []checks.WorkflowRun
	for _, l := range r.left {
		out = append(out, l.run)
	}
	return out
}

// all reads what was listed.
func (r *reading) all(ctx context.Context) error {
	if r.tooMuch() {
		return nil
	}
	for _, l := range r.left {
		for _, a := range l.artifacts {
			if err := r.artifact(ctx, l, a); err != nil {
				return fmt.Errorf("read what run %d left: %w", l.run.ID, err)
			}
		}
		for _, u := range l.sent {
			if err := r.upload(ctx, u); err != nil {
				return fmt.Errorf("read what run %d sent: %w", l.run.ID, err)
			}
		}
	}
	return nil
}

func (r *reading) problem(run checks.WorkflowRun, a checks.Artifact, why string) {
	r.odd = append(r.odd, checks.Report{Run: run.ID, Artifact: a.ID, Name: a.Name, Problem: why})
}

func (r *reading) artifact(ctx context.Context, l leavings, a checks.Artifact) error {
	if a.Expired {
		r.problem(l.run, a, "it has expired and GitHub has deleted it; run the workflow again")
		return nil
	}
	data, err := r.actions.Download(ctx, r.s, a)
	if why, is := unusable(err); is {
		r.problem(l.run, a, why)
		return nil
	}
	if err != nil {
		return err
	}
	return r.merge.Add(ctx, checks.ReportSource{Run: l.run.ID, Artifact: a.ID, Name: a.Name, Archive: true, Files: l.rule.Files, Data: data})
}

func (r *reading) upload(ctx context.Context, u store.Upload) error {
	data, err := r.archive.UploadBody(ctx, u)
	if err != nil {
		return err
	}
	return r.merge.Add(ctx, checks.ReportSource{Run: u.Run, Name: u.Name, Data: data})
}

// counts says whether a report that was sent is one that the policy means: any,
// unless it says which files of a workflow are read.
func counts(rule checks.ReportRule, name string) bool {
	match := func(g checks.Glob) bool { return g.Match(name) }
	return len(rule.Files) == 0 || slices.ContainsFunc(rule.Files, match)
}

// done relates what was read to the files at a commit.
func (r *reading) done(ctx context.Context, commit string) (store.Gathered, error) {
	tree, err := r.tree(ctx, commit)
	if err != nil {
		return store.Gathered{}, err
	}
	g, err := r.merge.done(tree)
	if err != nil {
		return store.Gathered{}, fmt.Errorf("put reports together: %w", err)
	}
	got := &g.Got
	got.Read = true
	got.Reports = append(got.Reports, r.odd...)
	r.reports.harmless(&got.Gathering)
	slices.SortStableFunc(got.Reports, func(a, b checks.Report) int {
		return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.Artifact, b.Artifact), strings.Compare(a.Name, b.Name), strings.Compare(a.File, b.File))
	})
	return g, nil
}

// newestNamed are the artifacts whose names match, of each name the newest:
// every attempt of a run may leave one.
func newestNamed(list []checks.Artifact, globs []checks.Glob) []checks.Artifact {
	byName := map[string]checks.Artifact{}
	for _, a := range list {
		if !slices.ContainsFunc(globs, func(g checks.Glob) bool { return g.Match(a.Name) }) {
			continue
		}
		old, have := byName[a.Name]
		if !have || cmp.Or(a.Created.Compare(old.Created), cmp.Compare(a.ID, old.ID)) > 0 {
			byName[a.Name] = a
		}
	}
	out := make([]checks.Artifact, 0, len(byName))
	for _, a := range byName {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b checks.Artifact) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// unusable is GitHub's reason why asking again is of no use.
func unusable(err error) (why string, is bool) {
	var u interface{ Unusable() string }
	if errors.As(err, &u) {
		return u.Unusable(), true
	}
	return "", false
}
