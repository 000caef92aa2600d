package sim

import (
	"cmp"
	"fmt"
	"slices"
)

// UpdateBranch merges the base into the head as the page's button does: the
// committer is GitHub, the author who pressed it.
func (p *Pull) UpdateBranch(by string) (sha string, err error) {
	p.do(by, func(who *Account) {
		o, base := p.repo.objects, p.repo.branches[p.base]
		if p.headRepo == nil {
			err = fmt.Errorf("update branch of #%d: its repository was deleted", p.Number)
			return
		}
		tree, conflict := o.merge(p.head, base)
		if conflict {
			err = fmt.Errorf("update branch of #%d: merge conflict", p.Number)
			return
		}
		msg := fmt.Sprintf("Merge branch '%s' into %s", p.base, p.headRef)
		sha = o.commit(commit{tree: tree, parents: []string{p.head, base}, author: p.repo.identity(by),
			committer: p.repo.identity("web-flow"), message: msg}, true)
		err = p.headRepo.move(who, p.headRef, sha)
	})
	return sha, err
}

// Merge merges the pull request with a merge commit.
func (p *Pull) Merge(by string) (sha string, err error) {
	p.do(by, func(who *Account) {
		o, base := p.repo.objects, p.repo.branches[p.base]
		tree, conflict := o.merge(base, p.head)
		if conflict || p.state != "open" {
			err = fmt.Errorf("merge #%d: conflict or closed", p.Number)
			return
		}
		msg := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.headOf.Login, p.headRef, p.title)
		sha = o.commit(commit{tree: tree, parents: []string{base, p.head}, author: p.repo.identity(by),
			committer: p.repo.identity("web-flow"), message: msg}, true)
		err = p.repo.move(who, p.base, sha)
	})
	return sha, err
}

// Squash merges the pull request as one commit upon the base.
func (p *Pull) Squash(by string) (sha string, err error) {
	p.do(by, func(who *Account) {
		o, base := p.repo.objects, p.repo.branches[p.base]
		tree, conflict := o.merge(base, p.head)
		if conflict || p.state != "open" {
			err = fmt.Errorf("squash #%d: conflict or closed", p.Number)
			return
		}
		sha = o.commit(commit{tree: tree, parents: []string{base}, author: p.repo.identity(p.author.Login),
			committer: p.repo.identity("web-flow"), message: fmt.Sprintf("%s (#%d)", p.title, p.Number)}, true)
		err = p.landAt(who, base, sha)
	})
	return sha, err
}

// Rebase merges the pull request by putting each of its commits upon the base anew.
func (p *Pull) Rebase(by string) (sha string, err error) {
	p.do(by, func(who *Account) {
		o, base := p.repo.objects, p.repo.branches[p.base]
		tip, onto := base, ""
		if _, conflict := o.merge(base, p.head); conflict || p.state != "open" {
			err = fmt.Errorf("rebase #%d: conflict or closed", p.Number)
			return
		}
		for _, c := range p.comparison().commits {
			if onto, _ = o.merge(base, c.sha); len(c.parents) != 1 {
				continue
			}
			tip = o.commit(commit{tree: onto, parents: []string{tip}, author: c.author, committer: p.repo.identity("web-flow"), message: c.message}, false)
			p.rebased = append(p.rebased, tip)
		}
		sha = tip
		err = p.landAt(who, base, sha)
	})
	return sha, err
}

// landAt moves the base to a commit that stands for the head.
func (p *Pull) landAt(by *Account, was, sha string) error {
	if err := p.repo.move(by, p.base, sha); err != nil {
		return err
	}
	if p.state == "open" {
		p.land(by, was, sha)
	}
	return nil
}

// land closes the pull request as merged, once its base holds its head.
func (p *Pull) land(by *Account, was, sha string) {
	p.unindex()
	p.landedOn = was
	if e := p.entry; e != nil && p.repo.objects.reach(sha)[e.head] {
		sha = e.head // each of a queue has a commit of its own
	}
	if e := p.entry; e != nil && e.queue.moving {
		by, sha = e.by, e.head
	}
	p.state, p.merged, p.mergedBy, p.mergeCommit = "closed", true, by, sha
	p.closed, p.mergedAt = p.repo.gh.now(), p.repo.gh.now()
	for _, c := range p.comparison().commits {
		p.repo.bring(p, c.sha)
	}
	for _, sha := range append(slices.Clone(p.rebased), p.head, sha) {
		p.repo.bring(p, sha)
	}
	p.happened("MergedEvent", by, m{})
	p.happened("ClosedEvent", by, m{})
	p.act("closed", by, nil)
	p.leaveQueue(by, "ALREADY_MERGED")
}

// comparison is what the pull request changes: against its base as it is, or
// as it was just before merging.
func (p *Pull) comparison() *comparison {
	base := cmp.Or(p.landedOn, p.repo.branches[p.base], p.baseWas)
	return p.repo.objects.compare(base, p.head)
}
