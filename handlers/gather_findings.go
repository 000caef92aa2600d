package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// ofScanners is the kind of SARIF reports.
type ofScanners struct{}

func (ofScanners) areSent() bool   { return false }
func (ofScanners) setting() string { return "security.sarif.reports" }

func (ofScanners) merge(k *look) merging { return findingMerge{k.reports.Findings.New()} }

type findingMerge struct{ FindingMerge }

func (m findingMerge) done(tree checks.Tree) (store.Gathered, error) {
	set, got, err := m.Done(tree)
	g := store.Gathered{Set: set}
	g.Got.Gathering, got.Gathering = got.Gathering, checks.Gathering{}
	g.Found = got
	return g, err
}

// place compares by lines only where no base is asked for.
func (o ofScanners) place(ctx context.Context, k *look, g *store.Gathered) error {
	if k.sel.Base {
		return nil // then the base comes at once
	}
	return o.against(ctx, k, g, found{}, true)
}

// against tells the findings that the change brings from those that the base has.
func (ofScanners) against(ctx context.Context, k *look, g *store.Gathered, b found, anew bool) error {
	if old := g.Got.Base; anew || old == nil || old.Commit != b.base.Commit {
		changed, _, err := k.changed(ctx, g)
		if err != nil {
			return err
		}
		before, err := k.before(ctx, g, b)
		if err != nil {
			return err
		}
		got, err := k.reports.Findings.Compare(g.Set, before, changed)
		if err != nil {
			return k.unreadable(ctx, b, fmt.Errorf("compare findings: %w", err))
		}
		if err := k.sameAtHead(ctx, g.Got.Tested, got.New); err != nil {
			return err
		}
		g.Found.New, g.Found.More, g.Found.Old = got.New, got.More, got.Old
	}
	g.Found.Against, g.Found.Behind, g.Found.BasePending = b.base.Commit, b.base.Behind, b.base.Pending
	g.Got.Base = &b.base
	return nil
}

// before is what the findings are compared with; nil is nothing.
func (k *look) before(ctx context.Context, g *store.Gathered, b found) (*FindingBase, error) {
	commit := b.base.Commit
	if commit == "" {
		return nil, nil
	}
	d, err := k.between(ctx, commit, g.Got.Tested)
	if err != nil {
		return nil, err
	}
	files, err := k.hidden(ctx, d.Files, func() (string, error) { return commit, nil })
	return &FindingBase{Set: b.set, Files: files, Whole: d.Whole && d.MergeBase == commit}, err
}

// unreadable says that what was kept is of another handrail, and forgets it of the
// base: the next try finds nothing kept, and reads it.
func (k *look) unreadable(ctx context.Context, b found, why error) error {
	if b.base.Commit == "" {
		return fmt.Errorf("%w: %w", errUnreadable, why)
	}
	forgotten := k.archive.KeepGathered(ctx, k.ofBase(b.base.Commit), store.Gathered{})
	return errors.Join(fmt.Errorf("%w: %w", errUnreadable, why), forgotten)
}

// sameAtHead marks the findings in files that are the same at the head as at the
// tested commit.
func (k *look) sameAtHead(ctx context.Context, tested string, found []checks.Finding) error {
	if len(found) == 0 {
		return nil
	}
	head, err := k.tree(ctx, k.pull.Head.SHA)
	if err != nil {
		return err
	}
	at, err := k.tree(ctx, tested)
	if err != nil {
		return err
	}
	for i := range found {
		blob := at.Files[found[i].Path]
		found[i].AtHead = blob != "" && blob == head.Files[found[i].Path]
	}
	return nil
}

// usable: all could be read, each workflow that the policy names has left one, and
// no scanner failed. That nothing was found is worth as much as anything.
func (ofScanners) usable(k *look, g store.Gathered) bool {
	told := map[int64]bool{}
	for _, r := range g.Got.Reports {
		if r.Problem == "" {
			told[r.Run] = true
		}
	}
	for _, r := range g.Got.Reports {
		if r.Problem != "" && !(r.Foreign && told[r.Run]) {
			return false
		}
	}
	for _, t := range g.Found.Tools {
		if t.Failed != "" {
			return false
		}
	}
	return len(told) > 0 && len(told) >= len(k.sel.Reports) && len(g.Found.Tools) > 0 &&
		g.Got.Unplaced == "" && g.Got.Unresolved <= g.Got.Resolved
}
