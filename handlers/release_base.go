package handlers

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// basesTried is with how many of the newest tags a release is compared that handrail
	// released, and with how many others on GitHub: whoever may publish there must not
	// push out of sight what was released.
	basesTried = 8
	// publishedPages is how many hundreds of releases are listed to find them.
	publishedPages = 1
)

// outs finds the newest tags that are released, and how this one stands to each. base is
// the one from which the range is counted: of those that handrail released, or that
// GitHub had before handrail was told of releases, the one that leaves the fewest commits.
// What was published past handrail since is no base: what it brought was not looked at.
func (l *releaseLook) outs(ctx context.Context) (base checks.RangeBase, found bool, err error) {
	all, ours, err := l.released(ctx)
	if err != nil {
		return base, false, err
	}
	bases, err := l.bases(ctx)
	if err != nil {
		return base, false, err
	}
	for i := range all {
		o := &all[i]
		ahead, known, err := l.ahead(ctx, o.Commit)
		if err != nil {
			return base, false, err
		}
		o.Known, o.Contains = known, known && ahead == 0
		from := o.Commit
		if !ours[o.Tag] {
			if from = bases.of(o); from == "" {
				continue
			}
			if ahead, known, err = l.ahead(ctx, from); err != nil {
				return base, false, err
			}
		}
		// One that was out after this one was, or that has all of it, is no base.
		later := !l.r.Memory.PromotedAt.IsZero() && o.At.After(l.r.Memory.PromotedAt)
		if !known || ahead == unrelated || later || ahead == 0 && from != l.r.Tag.Commit {
			continue
		}
		if !found || ahead < base.Total {
			base, found = checks.RangeBase{Tag: o.Tag, Base: from, Total: ahead}, true
		}
	}
	l.r.Outs = all
	return base, found, nil
}

// released lists the other tags that are released, the newest first. ours are those that
// handrail released.
func (l *releaseLook) released(ctx context.Context) (all []checks.Out, ours map[string]bool, err error) {
	ours = map[string]bool{}
	for _, o := range l.known.Outs {
		ours[o.Tag] = true
		all = append(all, o)
	}
	after := ""
	for range publishedPages {
		var page []checks.Out
		if page, after, err = l.f.Forge.Published(ctx, l.job.Subject, after); err != nil {
			return nil, nil, fmt.Errorf("list releases of %s: %w", l.r.Repo, err)
		}
		for _, o := range page {
			if !ours[o.Tag] {
				all = append(all, o)
			}
		}
		if after == "" {
			break
		}
	}
	all = slices.DeleteFunc(all, func(o checks.Out) bool { return o.Tag == l.r.Tag.Name || !isCommit(o.Commit) })
	slices.SortFunc(all, func(a, b checks.Out) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Tag, b.Tag)) })
	all, err = l.compared(ctx, all, ours)
	return all, ours, err
}

// compared are the newest of some releases, and those with which the tag was compared
// before.
func (l *releaseLook) compared(ctx context.Context, all []checks.Out, ours map[string]bool) ([]checks.Out, error) {
	if err := l.recallRelations(ctx); err != nil {
		return nil, err
	}
	left := map[bool]int{true: basesTried, false: basesTried}
	return slices.DeleteFunc(all, func(o checks.Out) bool {
		left[ours[o.Tag]]--
		_, before := l.relations[o.Commit]
		return left[ours[o.Tag]] < 0 && !before
	}), nil
}

// bases tells which releases on GitHub were out before handrail was told of releases,
// and where their tags were then: the first sweep has seen that. Before it, what there is
// is believed.
type bases struct {
	store.ReleaseBases
	swept bool
}

func (l *releaseLook) bases(ctx context.Context) (b bases, err error) {
	if b.ReleaseBases, err = l.f.Store.ReleaseBases(ctx, l.job.Subject.RepoID); err != nil {
		return b, err
	}
	if b.swept = !b.Since.IsZero(); b.swept {
		return b, nil
	}
	b.Since = l.r.At
	if past := l.r.Memory.Candidates; len(past) > 0 {
		b.Since = past[0].Since
	}
	return b, nil
}

// of is the commit at which a release on GitHub was, "" where it came later.
func (b *bases) of(o *checks.Out) string {
	switch {
	case !o.At.Before(b.Since):
		return ""
	case b.swept:
		return b.Commits[o.Tag]
	}
	return o.Commit
}

// ahead is how many commits the tag has that a commit has not; it is not known where
// GitHub cannot compare the two. How two commits stand to each other never changes, so
// that is asked once.
func (l *releaseLook) ahead(ctx context.Context, base string) (ahead int, known bool, err error) {
	s, head := l.job.Subject, l.r.Tag.Commit
	if err := l.recallRelations(ctx); err != nil {
		return 0, false, err
	}
	rel, had := l.relations[base]
	if !had {
		if rel, err = l.compare(ctx, base); err != nil {
			return 0, false, fmt.Errorf("compare %s with %s: %w", s, short(base), err)
		}
		if err := l.f.Store.KeepRelation(ctx, s.RepoID, base, head, rel, l.f.Now()); err != nil {
			return 0, false, err
		}
	}
	return rel.Ahead, rel.Known, nil
}

func (l *releaseLook) recallRelations(ctx context.Context) (err error) {
	if l.relations == nil {
		l.relations, err = l.f.Store.Relations(ctx, l.job.Subject.RepoID, l.r.Tag.Commit)
	}
	return err
}

// unrelated is how many commits the tag is ahead of one with which it has nothing in
// common.
const unrelated = math.MaxInt32

// compare asks how many commits the tag has that a commit has not. GitHub says that it
// cannot compare two that have nothing in common just as if one were not there; so of
// the other one it is asked whether it is.
func (l *releaseLook) compare(ctx context.Context, base string) (checks.Relation, error) {
	s := l.job.Subject
	_, total, _, err := l.f.Forge.RangePage(ctx, s, base, l.r.Tag.Commit, 1)
	if err == nil {
		return checks.Relation{Known: true, Ahead: total}, nil
	}
	if _, never := unusable(err); !never {
		return checks.Relation{}, err
	}
	_, _, _, err = l.f.Forge.RangePage(ctx, s, "", base, 1)
	if _, never := unusable(err); err != nil && !never {
		return checks.Relation{}, err
	}
	return checks.Relation{Known: err == nil, Ahead: unrelated}, nil
}

// tagCommit is the commit that a tag of the repository is at.
func (l *releaseLook) tagCommit(ctx context.Context, tag string) (commit string, there bool, err error) {
	s := l.job.Subject
	s.Name = tag
	r, _, err := l.f.Forge.Release(ctx, s, 0)
	if err != nil {
		return "", false, fmt.Errorf("look for the tag %s: %w", checks.Plain(tag), err)
	}
	return r.Tag.Commit, r.Tag.Commit != "", nil
}

// baseline is where a first release begins, as the policy says; broken says why that
// cannot be told.
func (l *releaseLook) baseline(ctx context.Context) (base checks.RangeBase, broken string, err error) {
	name := l.policy.ReleaseRules().Baseline
	if name == "" {
		return base, "", nil
	}
	commit := name
	if !isCommit(name) {
		tag, there, err := l.tagCommit(ctx, name)
		if err != nil {
			return base, "", err
		}
		if !there {
			return base, fmt.Sprintf("The policy's baseline, %s, is no tag of the repository.", checks.Plain(name)), nil
		}
		if commit, err = l.f.Store.KeepReleaseBase(ctx, l.job, name, tag, l.f.Now()); err != nil {
			return base, "", err
		}
		base.Tag = name
	}
	ahead, known, err := l.ahead(ctx, commit)
	if err == nil && (!known || ahead == unrelated) {
		broken = fmt.Sprintf("The policy's baseline, %s, is no commit that GitHub can compare the tag with.", checks.Plain(name))
	}
	base.Base = commit
	return base, broken, err
}
