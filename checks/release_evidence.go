package checks

import "time"

// RangeCommit is one commit that a release brings, and the pull requests that GitHub
// says it came by.
type RangeCommit struct {
	SHA string `json:"sha"`
	// Subject is the message's first line.
	Subject string `json:"subject,omitzero"`
	// People are the accounts of author, committer and co-authors; Nameless says that
	// one of them belongs to no account that GitHub knows.
	People   []Actor     `json:"people,omitzero"`
	Nameless bool        `json:"nameless,omitzero"`
	Pulls    []RangePull `json:"pulls,omitzero"`
	// Cut says that GitHub listed fewer pull requests than there are.
	Cut bool `json:"cut,omitzero"`
}

// RangePull is a pull request that a commit is in.
type RangePull struct {
	Number int    `json:"number"`
	RepoID int64  `json:"repo_id,omitzero"`
	Title  string `json:"title,omitzero"`
	Author Actor  `json:"author,omitzero"`
	Base   string `json:"base,omitzero"`
	Merged bool   `json:"merged,omitzero"`
	// MergeCommit is the commit as which it was merged, MergedAt when.
	MergeCommit string    `json:"merge_commit,omitzero"`
	MergedAt    time.Time `json:"merged_at,omitzero"`
}

// EvidenceState is what is on record of a commit that a release brings. The zero value
// is unknown.
type EvidenceState string

// The states of evidence. Unknown is from before handrail, or from when it was blind.
const (
	EvidenceUnknown    EvidenceState = ""
	EvidenceMet        EvidenceState = "met"
	EvidenceOverridden EvidenceState = "overridden"
	EvidenceBypassed   EvidenceState = "bypassed"
	EvidenceNoPull     EvidenceState = "no_pull_request"
)

// PullRecord is what the record holds of a merged pull request.
type PullRecord struct {
	State EvidenceState `json:"state,omitzero"`
	// Seq is the log entry that says so, 0 for none.
	Seq int64 `json:"seq,omitzero"`
	// Why is one sentence: who overrode what and why, what was missing at the merge.
	Why string `json:"why,omitzero"`
}

// Brought is one thing that a release brings: a merged pull request with its commits,
// or a commit that no merged pull request brought. One without number and commits
// stands for the commits that GitHub did not list.
type Brought struct {
	Number int    `json:"number,omitzero"` // of the pull request, 0 for none
	Title  string `json:"title,omitzero"`
	Author string `json:"author,omitzero"`
	// Base is the branch that it was merged into, where that is not the default one: it
	// was judged by that branch's policy.
	Base    string        `json:"base,omitzero"`
	Commits []string      `json:"commits,omitzero"`
	State   EvidenceState `json:"state,omitzero"`
	Seq     int64         `json:"seq,omitzero"`
	Why     string        `json:"why,omitzero"`
}

// ReleaseEvidence is what a release brings, weighed: its commits are those of
// (last released tag, this tag]. The whole list is a log entry of its own.
type ReleaseEvidence struct {
	BaseTag string `json:"base_tag,omitzero"` // "" for a first release
	Base    string `json:"base,omitzero"`     // commit; "" for everything that the tag is made of
	Head    string `json:"head,omitzero"`
	// Total is the number of commits, Gathered of how many it is known where they came
	// from. Done says that all of it is known and recorded.
	Total    int  `json:"total,omitzero"`
	Gathered int  `json:"gathered,omitzero"`
	Done     bool `json:"done,omitzero"`
	// Broken says why it cannot be gathered, "" where it can.
	Broken string `json:"broken,omitzero"`
	Pulls  int    `json:"pulls,omitzero"`
	// Elsewhere is how many of the pull requests were merged into other branches than
	// the default one, Branches are the first 20 of those in the order of their names.
	Elsewhere int      `json:"elsewhere,omitzero"`
	Branches  []string `json:"branches,omitzero"`
	// Counts are the numbers of changes in each state.
	Counts map[EvidenceState]int `json:"counts,omitzero"`
	// Odd are the changes that are not met, at most 200, the worst first; Counts has
	// all.
	Odd []Brought `json:"odd,omitzero"`
	// Contributors are everybody who worked on a commit or opened a pull request of the
	// range, by account, each with one commit; Nameless are commits that belong to no
	// account, at most 200 of NamelessCount.
	Contributors  []RangeContributor `json:"contributors,omitzero"`
	Nameless      []string           `json:"nameless,omitzero"`
	NamelessCount int                `json:"nameless_count,omitzero"`
	// Digest is over the range and the number, state, record, branch and commits of each
	// change, whatever their order; Seq is the log entry that holds the whole list.
	Digest string `json:"digest,omitzero"`
	Seq    int64  `json:"seq,omitzero"`
	// Since is when it was first recorded so; zero where that is not told. What was
	// written before was about other evidence.
	Since time.Time `json:"since,omitzero"`
}

// RangeContributor is somebody who worked on what a release brings.
type RangeContributor struct {
	Login  string `json:"login"`
	ID     int64  `json:"id,omitzero"`
	Commit string `json:"commit,omitzero"`
	Pull   int    `json:"pull,omitzero"`
}

// RangeBase says where a range of commits begins and ends, as GitHub compared it. Total
// is how many commits GitHub counts in it; Cut says that not all of them were listed.
type RangeBase struct {
	Tag   string // the released tag that Base is of; "" for none
	Base  string // commit; "" for everything that the head is made of
	Head  string
	Total int
	Cut   bool
}
