package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// baseDepth is how many commits are looked at for a report of the base
	// branch, baseTries how many of them are downloaded in one evaluation.
	baseDepth = 50
	baseTries = 5
	// baseLate is how long after a commit its runs may be created that are asked
	// for.
	baseLate = 24 * time.Hour
)

// compare adds what the base branch's reports say to what was read. anew says that
// what the pull request changes is not what it was. It says whether that is
// something new.
func (k *look) compare(ctx context.Context, g *store.Gathered, anew bool) (learned bool, err error) {
	trail, err := k.trail(ctx, g)
	if err != nil {
		return false, err
	}
	old := g.Got.Base
	if !anew && old != nil && old.Commit != "" && !old.Pending && old.Start == trail.Start {
		learned = trail.Tip != g.Trail.Tip
		g.Trail = trail
		return learned, nil
	}
	b, err := k.search(ctx, &trail)
	if err != nil {
		return false, err
	}
	if b.base.Commit != "" && !b.base.Pending {
		trail.Line = nil // not needed any more
	}
	if err := k.kind.against(ctx, k, g, b, anew); err != nil {
		return false, err
	}
	learned = old == nil || *old != *g.Got.Base || trail.Tip != g.Trail.Tip || len(trail.Line) != len(g.Trail.Line)
	g.Trail = trail
	return learned, nil
}

// trail is where the base's reports are looked for from: the base commit in the
// tested merge, or where the head left the base branch.
func (k *look) trail(ctx context.Context, g *store.Gathered) (store.Trail, error) {
	old := g.Trail
	if onto := g.Got.Onto; onto != "" {
		if old.Start == onto {
			return old, nil
		}
		d, err := k.between(ctx, onto, g.Got.Tested)
		return store.Trail{Start: onto, StartAt: d.MergeBaseAt}, err
	}
	if old.Tip != "" && old.Tip == k.pull.Base.SHA {
		return old, nil
	}
	d, err := k.between(ctx, k.pull.Base.SHA, k.pull.Head.SHA)
	t := store.Trail{Tip: k.pull.Base.SHA, Start: d.MergeBase, StartAt: d.MergeBaseAt}
	if t.Start == old.Start {
		t.Line = old.Line
	}
	return t, err
}

// removed is how much of the base's coverage is in lines that the change
// removes, numbered as at the base commit that it starts from.
func (k *look) removed(ctx context.Context, g *store.Gathered, b found) (checks.Totals, error) {
	files := k.pull.Files
	if g.Got.Onto != "" {
		d, err := k.between(ctx, g.Got.Onto, g.Got.Tested)
		if err != nil {
			return checks.Totals{}, err
		}
		files = d.Files
	}
	out, err := k.reports.Removed(b.set, files)
	if err != nil {
		return out, k.unreadable(ctx, b, fmt.Errorf("find removed lines in coverage: %w", err))
	}
	return out, nil
}

// found is a report of the base branch.
type found struct {
	base checks.BaseCoverage
	set  []byte
}

// search finds the nearest commit of the base branch, from the start of the
// trail along first parents, of which there are complete reports by pushes to
// that branch.
func (k *look) search(ctx context.Context, t *store.Trail) (found, error) {
	out := found{base: checks.BaseCoverage{Start: t.Start}}
	if t.Start == "" {
		return out, nil
	}
	if g, ok, err := k.archive.Gathered(ctx, k.ofBase(t.Start)); err != nil {
		return out, err
	} else if ok && k.kind.usable(k, g) {
		out.base.Searched = 1
		return out.at(t.Start, 0, g), nil
	}
	if t.Line == nil {
		line, err := k.actions.FirstParents(ctx, k.s, t.Start, baseDepth)
		if err != nil {
			return out, err
		}
		t.Line = line
	}
	b := baseRuns{look: k, trail: t}
	for i, commit := range t.Line {
		out.base.Searched = i + 1
		g, ok, err := k.baseAt(ctx, &b, commit)
		if err != nil {
			return out, err
		}
		if ok {
			out.base.Pending = b.running
			return out.at(commit, i, g), nil
		}
		if b.tried > baseTries {
			break // the next evaluation goes on from here
		}
	}
	return out, nil
}

func (f found) at(commit string, behind int, g store.Gathered) found {
	f.base.Commit, f.base.Behind, f.base.Total = commit, behind, g.Got.Total
	f.set = g.Set
	return f
}

func (k *look) ofBase(commit string) store.CoverageOf {
	return store.CoverageOf{RepoID: k.s.RepoID, SHA: commit, Branch: k.pull.Base.Name, Key: k.sel.Key()}
}

// baseAt is what the reports of one commit of the base branch say, if they are
// complete and of use. What the record does not have is downloaded.
func (k *look) baseAt(ctx context.Context, b *baseRuns, commit string) (g store.Gathered, ok bool, err error) {
	of := k.ofBase(commit)
	g, kept, err := k.archive.Gathered(ctx, of)
	if err != nil || kept && k.kind.usable(k, g) {
		return g, err == nil, err
	}
	runs, err := b.complete(ctx, commit)
	if err != nil || len(runs) == 0 {
		return g, false, err
	}
	var sent []store.Upload
	if k.kind.areSent() {
		if sent, err = k.archive.Uploads(ctx, k.s.RepoID, commit); err != nil {
			return g, false, err
		}
		sent = ofRuns(sent, runs)
	}
	in := inputs(runs, sent, k.pull.Base.Name)
	if kept && g.Inputs == in {
		return g, false, nil // known to be of no use
	}
	if b.tried++; b.tried > baseTries {
		return g, false, nil
	}
	if g, err = k.readBase(ctx, commit, runs, sent, in); err != nil {
		return g, false, err
	}
	ok = k.kind.usable(k, g)
	if !ok && k.pull.At.Sub(newest(runs)) < artifactLag {
		return g, false, nil // GitHub may not show all of it yet
	}
	return g, ok, k.archive.KeepGathered(ctx, of, g)
}

func (k *look) readBase(ctx context.Context, commit string, runs []checks.WorkflowRun, sent []store.Upload, in string) (store.Gathered, error) {
	leave, err := k.room.enter(ctx)
	if err != nil {
		return store.Gathered{}, err
	}
	defer leave()
	r := reading{look: k, merge: k.kind.merge(k)}
	if err := r.list(ctx, runs, sent); err != nil {
		return store.Gathered{}, err
	}
	if err := r.all(ctx); err != nil {
		return store.Gathered{}, err
	}
	g, err := r.done(ctx, commit)
	g.Inputs, g.Got.Tested = in, commit
	return g, err
}
