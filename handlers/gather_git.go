package handlers

import (
	"context"

	"github.com/handrail-bot/handrail/checks"
)

// tree is what files a commit has.
func (g *gathering) tree(ctx context.Context, commit string) (checks.Tree, error) {
	if t, ok := g.trees[commit]; ok {
		return t, nil
	}
	t, err := g.actions.Tree(ctx, g.s, commit)
	if err == nil {
		g.trees[commit] = t
	}
	return t, err
}

// between is what changes from one commit to another.
func (g *gathering) between(ctx context.Context, base, head string) (checks.Difference, error) {
	pair := [2]string{base, head}
	if d, ok := g.differences[pair]; ok {
		return d, nil
	}
	d, err := g.actions.Between(ctx, g.s, base, head)
	if err == nil {
		g.differences[pair] = d
	}
	return d, err
}

// forkPoint is the commit that GitHub compares the head with.
func (g *gathering) forkPoint(ctx context.Context) (string, error) {
	d, err := g.between(ctx, g.pull.Base.SHA, g.pull.Head.SHA)
	return d.MergeBase, err
}
