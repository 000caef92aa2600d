package checks

import (
	"slices"
	"strings"
)

const (
	// oddLimit is how many changes that are not met the evidence holds, and how many
	// commits that belong to nobody; branchLimit how many branches. Ours: the evidence
	// is part of every snapshot, the whole list is in the log.
	oddLimit    = 200
	branchLimit = 20
)

// Weigh says of each commit of a range what the record holds of the pull request that
// brought it, and of all of them together. The list has every pull request once, by
// number, and then the commits that none brought.
//
// A pull request has brought a commit when it is this repository's, was merged, and the
// commit as which it was merged is in the range, too: one that has the same commit and
// was merged elsewhere says nothing about how it came here. Of those into the default
// branch and others the former have brought it. Where several have, each is in the list
// with its own state, so that the better record of one covers nothing of the other.
//
// What GitHub did not list is unknown. commits and records may come in any order;
// records are by the pull request's number.
func Weigh(base RangeBase, commits []RangeCommit, records map[int]PullRecord, repo Repo, defaultBranch string) (ReleaseEvidence, []Brought) {
	w := weighing{base: base, repo: repo, branch: defaultBranch, records: records}
	w.unite(commits)
	w.findPulls()
	for i := range w.commits {
		w.place(&w.commits[i])
	}
	list := w.list()
	e := ReleaseEvidence{
		BaseTag: base.Tag, Base: base.Base, Head: base.Head, Total: max(base.Total, len(w.commits)), Gathered: len(w.commits),
		Done: base.Cut || len(w.commits) >= base.Total, Digest: w.digest(list),
	}
	w.sum(&e, list)
	w.people(&e)
	return e, list
}

// weighing is what is known while a range is weighed.
type weighing struct {
	base    RangeBase
	repo    Repo
	branch  string // default branch
	records map[int]PullRecord

	commits []RangeCommit // each once, by SHA
	pulls   map[int]*weighedPull
	merges  map[string][]int // numbers of pull requests by the commit as which they were merged
	alone   []Brought        // commits that no pull request brought
}

// weighedPull is a merged pull request of the repository that some commit is in.
type weighedPull struct {
	RangePull
	commits []string
	cut     string // a commit whose pull requests are not all known
}

// unite makes one of what several pages say about the same commit, and puts the commits
// in order.
func (w *weighing) unite(commits []RangeCommit) {
	w.commits = slices.Clone(commits)
	slices.SortStableFunc(w.commits, func(a, b RangeCommit) int { return strings.Compare(a.SHA, b.SHA) })
	n := 0
	for i := range w.commits {
		c := w.commits[i]
		if n == 0 || w.commits[n-1].SHA != c.SHA {
			w.commits[n] = c
			n++
			continue
		}
		have := &w.commits[n-1]
		have.Pulls = append(slices.Clip(have.Pulls), c.Pulls...)
		have.People = append(slices.Clip(have.People), c.People...)
		have.Cut, have.Nameless = have.Cut || c.Cut, have.Nameless || c.Nameless
	}
	w.commits = w.commits[:n]
}

// findPulls collects the pull requests of this repository that are merged.
func (w *weighing) findPulls() {
	w.pulls, w.merges = map[int]*weighedPull{}, map[string][]int{}
	for i := range w.commits {
		for _, p := range w.commits[i].Pulls {
			if !w.ours(&p) {
				continue
			}
			switch have := w.pulls[p.Number]; {
			case have == nil:
				w.pulls[p.Number] = &weighedPull{RangePull: p}
			case pullText(&have.RangePull) < pullText(&p):
				have.RangePull = p // it was changed between two pages: any one, but always the same
			}
		}
	}
	for number, p := range w.pulls {
		if p.MergeCommit != "" {
			w.merges[p.MergeCommit] = append(w.merges[p.MergeCommit], number)
		}
	}
}

// ours says whether a pull request is this repository's and merged.
func (w *weighing) ours(p *RangePull) bool {
	return p.Merged && p.Number > 0 && p.RepoID != 0 && p.RepoID == w.repo.ID
}

func pullText(p *RangePull) string { return p.MergeCommit + "\x00" + p.Base + "\x00" + p.Title }

// inRange says whether a commit is in the range, as far as it was listed.
func (w *weighing) inRange(sha string) bool {
	_, found := slices.BinarySearchFunc(w.commits, sha, func(c RangeCommit, sha string) int { return strings.Compare(c.SHA, sha) })
	return sha != "" && found
}

// place puts a commit with the pull requests that brought it.
func (w *weighing) place(c *RangeCommit) {
	numbers := w.brought(c)
	if len(numbers) == 0 {
		w.alone = append(w.alone, w.orphan(c))
		return
	}
	for _, number := range numbers {
		p := w.pulls[number]
		p.commits = append(p.commits, c.SHA)
		if c.Cut && p.cut == "" {
			p.cut = c.SHA
		}
	}
}

// brought are the pull requests that brought a commit.
func (w *weighing) brought(c *RangeCommit) []int {
	numbers := slices.Clone(w.merges[c.SHA])
	for _, p := range c.Pulls {
		if w.ours(&p) && w.inRange(w.pulls[p.Number].MergeCommit) {
			numbers = append(numbers, p.Number)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	into := func(number int) bool { return w.pulls[number].Base == w.branch }
	if slices.ContainsFunc(numbers, into) {
		numbers = slices.DeleteFunc(numbers, func(number int) bool { return !into(number) })
	}
	return numbers
}

// orphan is a commit that no pull request is known to have brought.
func (w *weighing) orphan(c *RangeCommit) Brought {
	b := Brought{Title: c.Subject, Commits: []string{c.SHA}, State: EvidenceNoPull, Why: "No pull request brought it."}
	if len(c.People) > 0 {
		b.Author = c.People[0].Login
	}
	var unmerged, foreign, apart, untold []int
	for _, p := range c.Pulls {
		switch {
		case p.RepoID != w.repo.ID || p.RepoID == 0:
			foreign = append(foreign, p.Number)
		case !w.ours(&p):
			unmerged = append(unmerged, p.Number)
		case w.pulls[p.Number].MergeCommit == "":
			untold = append(untold, p.Number)
		default:
			apart = append(apart, p.Number)
		}
	}
	switch {
	case c.Cut:
		b.State, b.Why = EvidenceUnknown, "GitHub lists only some of the pull requests that it is in."
	case len(untold) > 0:
		b.State, b.Why = EvidenceUnknown, "It is in "+numbered(untold)+", of which GitHub does not say as which commit it was merged."
	case len(apart) > 0 && w.missing() > 0:
		b.State, b.Why = EvidenceUnknown, "It is in "+numbered(apart)+", but not among what GitHub lists of this release is the merge."
	case len(apart) > 0:
		b.Why = "It is in " + numbered(apart) + ", but the merge of that is not in this release."
	case len(unmerged) > 0:
		b.Why = "It is in " + numbered(unmerged) + ", which is not merged."
	case len(foreign) > 0:
		b.Why = "It is in a pull request of another repository only."
	}
	return b
}
