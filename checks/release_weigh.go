package checks

// Weigh says of each commit of a range what the record holds of the pull request that it
// came by.
func Weigh(base RangeBase, commits []RangeCommit, records map[int]PullRecord, repo Repo, defaultBranch string) (ReleaseEvidence, []Brought) {
	return ReleaseEvidence{BaseTag: base.Tag, Base: base.Base, Head: base.Head, Total: base.Total}, nil
}
