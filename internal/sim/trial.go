package sim

import "fmt"

// trial is a test merge: the commit GitHub tries the merge of head into base
// with, "" when they conflict.
type trial struct{ base, head, sha string }

// DelayTestMerges stops making test merges until it is called with false: a
// pull request whose head or base has moved has none meanwhile, and whether it
// can be merged is not known. Where GitHub needs one to start a workflow, it
// makes it.
func (gh *GitHub) DelayTestMerges(on bool) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.held = on
}

// TestMerge is the present test merge: "" on conflict, and while it is delayed.
func (p *Pull) TestMerge() string {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	sha, _ := p.testMerge()
	return sha
}

// testMerge is the test merge of head and base as they are; known is false
// where it was not made yet. Of a merged pull request it is the merge.
func (p *Pull) testMerge() (sha string, known bool) {
	if p.merged || !p.repo.gh.held {
		return p.tryMerge(), true
	}
	if p.trial.head != p.head || p.trial.base != p.repo.branches[p.base] {
		return "", false
	}
	return p.trial.sha, true
}

// tryMerge makes the test merge where it was not made yet.
func (p *Pull) tryMerge() string {
	o, base := p.repo.objects, p.repo.branches[p.base]
	if p.merged || base == "" || p.head == "" {
		return p.mergeCommit
	}
	if p.trial.base == base && p.trial.head == p.head {
		return p.trial.sha
	}
	p.trial = trial{base: base, head: p.head}
	tree, conflict := o.merge(base, p.head)
	if conflict {
		return ""
	}
	at := o.commits[p.head].committer.at
	who := signature{"GitHub", "noreply@github.com", at}
	p.trial.sha = o.commit(commit{tree: tree, parents: []string{base, p.head}, author: who, committer: who,
		message: fmt.Sprintf("Merge %s into %s", p.head, base)}, true)
	p.tested = p.trial.sha
	return p.trial.sha
}

// mergeRef is where refs/pull/N/merge is: at the newest test merge that was
// made, which stays there when there is a conflict.
func (p *Pull) mergeRef() string {
	if sha, known := p.testMerge(); known && sha != "" {
		return sha
	}
	return p.tested
}

// mergeWord says whether it can be merged in one of three words.
func (p *Pull) mergeWord(unknown, conflict, clean string) string {
	sha, known := p.testMerge()
	if !known {
		return unknown
	}
	return bool2(sha == "", conflict, clean)
}
