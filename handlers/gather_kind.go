package handlers

import (
	"context"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// reportKind is what differs between kinds of reports; how they are found,
// fetched and kept is the same for all.
type reportKind interface {
	// areSent says whether runs may send such reports themselves.
	areSent() bool
	// setting is the policy's key that lists who makes them.
	setting() string
	merge(k *look) merging
	// place adds what the reports say of the changed files.
	place(ctx context.Context, k *look, g *store.Gathered) error
	// against adds what they say in comparison with those of the base, of which
	// there may be none. anew says that what the pull request changes, or the base,
	// is not what it was.
	against(ctx context.Context, k *look, g *store.Gathered, b found, anew bool) error
	// usable says whether the reports of a commit of the base branch are worth to
	// be compared with.
	usable(k *look, g store.Gathered) bool
}

// merging puts the reports of one commit together, of whatever kind; see [Merge].
type merging interface {
	Add(ctx context.Context, s checks.ReportSource) error
	done(tree checks.Tree) (store.Gathered, error)
}

// ofCoverage is the kind of coverage reports.
type ofCoverage struct{}

func (ofCoverage) areSent() bool   { return true }
func (ofCoverage) setting() string { return "coverage.reports" }

func (ofCoverage) merge(k *look) merging { return coverageMerge{k.reports.NewMerge(k.sel)} }

type coverageMerge struct{ Merge }

func (m coverageMerge) done(tree checks.Tree) (store.Gathered, error) {
	set, got, err := m.Done(tree)
	return store.Gathered{Set: set, Got: got}, err
}

func (ofCoverage) place(ctx context.Context, k *look, g *store.Gathered) (err error) {
	g.Got.Files, err = k.place(ctx, g)
	return err
}

func (ofCoverage) against(ctx context.Context, k *look, g *store.Gathered, b found, _ bool) (err error) {
	if b.base.Commit != "" && b.base.Commit == b.base.Start {
		b.base.Removed, err = k.removed(ctx, g, b)
	}
	g.Got.Base = &b.base
	return err
}

// usable: all could be read, each workflow that the policy names has left one, and
// they are of this repository's files.
func (ofCoverage) usable(k *look, g store.Gathered) bool {
	told := map[int64]bool{}
	for _, r := range g.Got.Reports {
		if r.Problem != "" {
			return false
		}
		if r.Files > 0 || r.SummaryOnly {
			told[r.Run] = true
		}
	}
	return len(told) > 0 && len(told) >= len(k.sel.Reports) &&
		g.Got.Unplaced == "" && g.Got.Unresolved <= g.Got.Resolved && g.Got.Total.All > 0
}
