package checks

import (
	"slices"
	"time"
)

// BranchState is a branch as GitHub shows it.
type BranchState struct {
	At      time.Time // GitHub's clock
	Name    string
	SHA     string // "" when there is no such branch
	Default string // name of the repository's default branch
	// Requires are the checks that the branch's rules require. RulesKnown says that
	// the list is whole.
	Requires   []Required
	RulesKnown bool
	AppID      int64 // our own
}

// LineCommit is a commit on the line of first parents of a branch.
type LineCommit struct {
	SHA    string
	Author string // login; "" where GitHub knows none
	// Pulls are the pull requests that GitHub says it belongs to. Cut says that it has
	// shown a part of them only.
	Pulls []LinePull
	Cut   bool
}

// LinePull is a pull request that a commit belongs to.
type LinePull struct {
	Number int
	RepoID int64 // where it is
	Base   string
	Merged bool
	Commit string // its merge commit
}

// Line is a branch's first parents, newest first, down to a commit that is not among
// them. Met says that this commit was met, Cut that there are more.
type Line struct {
	Commits []LineCommit
	Met     bool
	Cut     bool
}

// Unexplained are the commits of a line, newest first, that no pull request merged
// into this branch of this repository brought. A pull request explains its merge
// commit, and those below it that are its own, as when it was rebased, or merged in a
// group with others. pulls are the numbers of those that explain something.
func Unexplained(line []LineCommit, repoID int64, branch string) (left []LineCommit, pulls []int) {
	merged := map[int]bool{}
	for i := range line {
		c := &line[i]
		explained := false
		for _, p := range c.Pulls {
			if !p.Merged || p.RepoID != repoID || p.Base != branch {
				continue
			}
			if !p.above(line[:i+1]) {
				continue
			}
			explained = true
			if !merged[p.Number] {
				merged[p.Number] = true
				pulls = append(pulls, p.Number)
			}
		}
		if !explained {
			left = append(left, *c)
		}
	}
	return left, pulls
}

// above says whether the merge commit is one of those.
func (p *LinePull) above(line []LineCommit) bool {
	return slices.ContainsFunc(line, func(c LineCommit) bool { return c.SHA == p.Commit })
}

// Relation is how two commits stand to each other.
type Relation struct {
	Base          string // their merge base
	Ahead, Behind int    // commits that only the second, only the first has
	// New are the commits that only the second has, where all of them are known.
	New []string
	// Known is false where GitHub knows one of them no more, or nothing in common.
	Known bool
}

// TagState is a tag as GitHub shows it.
type TagState struct {
	Name string
	OID  string // of the tag object, or of the commit where there is none
	SHA  string // the commit; "" where it is of something else
}

// RefGlance is what a sweep sees of the branches and tags of a repository.
type RefGlance struct {
	Default BranchState // the default branch
	Heads   map[string]string
	Tags    map[string]string // name to OID
	// HeadsAfter and TagsAfter are where the lists go on; "" where they are whole.
	HeadsAfter, TagsAfter string
}
