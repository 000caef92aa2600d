package checks

import (
	"fmt"
	"time"
)

// Subject is what a verdict is about: a pull request.
type Subject struct {
	Installation int64  `json:"installation,omitzero"` // of our App, through which GitHub is asked
	RepoID       int64  `json:"repo_id"`
	Owner        string `json:"owner"`
	Repo         string `json:"repo"`
	Number       int    `json:"number"`
}

// String is "owner/repo#number".
func (s Subject) String() string { return fmt.Sprintf("%s/%s#%d", s.Owner, s.Repo, s.Number) }

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
}
