package checks

import (
	"fmt"
	"time"
)

// SubjectKind says what a subject is. The zero value is a pull request.
type SubjectKind string

// The kinds of subject besides pull requests.
const (
	// KindGroup is a merge group of a merge queue; its name is its ref,
	// gh-readonly-queue/BASE/pr-N-SHA.
	KindGroup SubjectKind = "group"
	// KindBranch is a branch whose pushes are watched; its name is the branch's.
	KindBranch SubjectKind = "branch"
	// KindTags are the tags of a repository, all together; its name is "tags".
	KindTags SubjectKind = "tags"
)

// Subject is what is looked at as one: a pull request by its number, or by kind
// and name a merge group, a branch or a repository's tags. Those have a number,
// too, which handrail gave them: it is above any of GitHub's.
type Subject struct {
	Installation int64  `json:"installation,omitzero"` // of our App, through which GitHub is asked
	RepoID       int64  `json:"repo_id"`
	Owner        string `json:"owner"`
	Repo         string `json:"repo"`
	Number       int    `json:"number"`

	Kind SubjectKind `json:"kind,omitzero"`
	Name string      `json:"name,omitzero"`
}

// String is "owner/repo#number", or "owner/repo kind name".
func (s Subject) String() string {
	if s.Kind != "" {
		return fmt.Sprintf("%s/%s %s %s", s.Owner, s.Repo, s.Kind, s.Name)
	}
	return fmt.Sprintf("%s/%s#%d", s.Owner, s.Repo, s.Number)
}

// Glance is what a sweep sees of an open pull request, a hundred to a request:
// enough to tell whether it has changed since it was last judged.
type Glance struct {
	Number    int
	Head      string
	Base      string // the base branch's commit now
	BaseName  string
	UpdatedAt time.Time
	Labelled  bool   // has our label "Merge Requirements Met"
	Reviewing bool   // has our label "Security Review Required"
	Rollup    string // GitHub's summary of all checks on the head
}

// Outcome is what became of one action. Error is "" when GitHub confirmed it.
type Outcome struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name,omitzero"`   // of the run, or the label
	RunID string `json:"run_id,omitzero"` // the GraphQL node id that GitHub gave or kept
	Error string `json:"error,omitzero"`

	// Number is of the tracking issue that CreateIssue made or found, or of the workflow
	// run that StartWorkflow started, 0 where GitHub did not tell.
	Number int64 `json:"number,omitzero"`
	// At is GitHub's clock when it confirmed, where it was told.
	At time.Time `json:"at,omitzero"`
	// Gone says that what AnswerGate was about waits no more: there is nothing left to
	// answer, and it was not approved by this. Error says so, too.
	Gone bool `json:"gone,omitzero"`
}
