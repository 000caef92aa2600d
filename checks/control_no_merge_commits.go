package checks

// NoMergeCommits is the control `compliance: {no_merge_commits: …}`: no commit of
// the pull request has more than one parent. `no_merge_commits: true` takes the
// defaults.
//
// Evidence for SOC 2 CC8.1, NIST CM-3, SA-10.
type NoMergeCommits struct {
	// AllowBase lets commits pass that merge the base branch into the head, as the
	// button “Update branch” makes them. Default: false.
	AllowBase bool `yaml:"allow_base" tighten:"off"`
}

// NewNoMergeCommits is the control with its defaults.
func NewNoMergeCommits() *NoMergeCommits { return &NoMergeCommits{} }

// Eval looks at the parents of each commit.
func (n *NoMergeCommits) Eval(pull Pull) Result {
	r := Result{ID: "compliance/no_merge_commits", Name: "No merge commits", Summary: "No commit merges others."}
	if n.AllowBase {
		r.Summary = "No commit merges anything but " + quoted(pull.Base.Name) + "."
	}
	return pull.commitResult(r, pull.merges(n.AllowBase), unmerged(pull))
}

// merges are the merge commits. Those of the base branch can be left out, which
// can be told only when all commits are known.
func (p *Pull) merges(allowBase bool) []objection {
	allowBase = allowBase && p.commitsFault().why == ""
	return p.object(func(c *Commit) string {
		if !c.Merge || allowBase && p.updates(c) {
			return ""
		}
		return "has more than one parent"
	})
}

func unmerged(pull Pull) remedy {
	return remedy{
		is:  "is a merge commit, which is not allowed here.",
		are: "are merge commits, which are not allowed here.",
		do:  "Rebase the head onto " + quoted(pull.Base.Name) + " so that none is left, and push by force.",
	}
}
