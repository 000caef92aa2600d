package handlers

import (
	"context"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// heldBy are the sources with the floor that a proposed text is held to. A floor is
// held to none: it takes the other's place.
func heldBy(p *checks.ProposedPolicy, sources []checks.Source) []checks.Source {
	if p.Path != checks.PolicyPath {
		return nil
	}
	return sources
}

// foresee adds to a valid proposed policy what of it can never be met, for which
// GitHub is asked about the teams and people that it names. It is done only where
// the head is a branch of the repository itself: what is said of teams tells
// whoever opened the pull request, and those who can push may know it.
func foresee(ctx context.Context, forge Forge, s checks.Subject, pull *checks.Pull) error {
	p := pull.Proposed
	if p == nil || p.Removed || p.Path != checks.PolicyPath || pull.Head.RepoID == 0 || pull.Head.RepoID != pull.Repo.ID {
		return nil
	}
	seen := p.WhatIf.Seen(pull)
	found, w := config.Foresee(p.Path, p.Text, *pull, seen)
	if !w.None() {
		if err := forge.Complete(ctx, s, pull, w); err != nil {
			return fmt.Errorf("complete what the proposed policy of %s names: %w", s, err)
		}
		found, _ = config.Foresee(p.Path, p.Text, *pull, seen)
	}
	p.Problems = append(p.Problems[:len(p.Problems):len(p.Problems)], found...)
	return nil
}
