// Package checks is handrail's core: it judges a pull request and says what
// remains to be written to GitHub.
//
// It is pure and total. It imports no I/O, asks no clock, takes no context and
// never logs; the same input gives the same answer, also years later when an
// auditor replays it. All it may look at is a [Pull], all it decides is a
// [Verdict], and all that follows from it is a list of [Action].
package checks

import "time"

// Pull is a pull request as it was at one moment: everything a check may look
// at, and nothing that can change. It is stored as JSON with every verdict, so
// it is a format: fields are only ever added, never renamed or removed.
//
// Slices may come in any order; no check may depend on it.
type Pull struct {
	// At is GitHub's clock when the snapshot was read. It is the only clock a
	// check has.
	At time.Time `json:"at"`

	Repo   Repo   `json:"repo"`
	Number int    `json:"number"`
	ID     string `json:"id,omitzero"` // GraphQL node id; needed to set labels

	Title  string `json:"title,omitzero"`
	Body   string `json:"body,omitzero"`
	Author Actor  `json:"author,omitzero"`
	Open   bool   `json:"open,omitzero"` // neither closed nor merged
	Merged bool   `json:"merged,omitzero"`
	Draft  bool   `json:"draft,omitzero"`

	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// MergedAt, MergedBy and MergeCommit say when, by whom and as which commit of
	// the base branch it was merged.
	MergedAt    time.Time `json:"merged_at,omitzero"`
	MergedBy    Actor     `json:"merged_by,omitzero"`
	MergeCommit string    `json:"merge_commit,omitzero"`
	// BodyEdited is when the description was last edited; zero if never.
	BodyEdited time.Time `json:"body_edited,omitzero"`
	// BaseChangedAt is when the pull request was last retargeted; zero if never.
	BaseChangedAt time.Time `json:"base_changed_at,omitzero"`

	Base Ref `json:"base,omitzero"` // SHA is the branch's commit now, not as it was on opening
	Head Ref `json:"head,omitzero"`
	// Merge is GitHub's present test merge of the head into the base; empty when
	// it has none.
	Merge TestMerge `json:"merge,omitzero"`

	Labels []string `json:"labels,omitzero"`

	// Files is the three-dot difference base...head.
	Files []File `json:"files,omitzero"`
	// FilesRead says that Files was asked for; its answer may still be cut.
	FilesRead bool `json:"files_read,omitzero"`
	// FileCount is what GitHub says the number of changed files is; it is larger
	// than len(Files) when GitHub cut the list (over 3,000 files) or when they
	// were not fetched.
	FileCount int `json:"file_count,omitzero"`
	// Lines is additions plus deletions as GitHub counts them.
	Lines int `json:"lines,omitzero"`

	// Commits is every commit in merge-base..head; CommitCount is larger than
	// len(Commits) when GitHub cut the list (over 250 commits).
	Commits     []Commit `json:"commits,omitzero"`
	CommitCount int      `json:"commit_count,omitzero"`
	// AccountsRead says that it was asked which authors of commits are bots.
	AccountsRead bool `json:"accounts_read,omitzero"`

	Reviews  []Review  `json:"reviews,omitzero"`
	Comments []Comment `json:"comments,omitzero"`
	// Requested are the logins whose review is asked for now. RequestedTeams are
	// team names as "org/slug".
	Requested      []string `json:"requested,omitzero"`
	RequestedTeams []string `json:"requested_teams,omitzero"`
	Closing        []Issue  `json:"closing,omitzero"` // issues this pull request closes
	// References holds, by "owner/name#number" in lower case, what GitHub answered
	// about numbers that texts name. One that is absent was not asked about.
	References map[string]Reference `json:"references,omitzero"`

	// Runs are the newest check-runs and statuses of each name on the head,
	// ours among them.
	Runs []Run `json:"runs,omitzero"`
	// BranchRequires are the checks that the base branch's rules require.
	BranchRequires []Required `json:"branch_requires,omitzero"`
	// Queue says that the base branch's rules ask for a merge queue.
	Queue bool `json:"queue,omitzero"`
	// AppID is handrail's own GitHub App id, by which its own runs are told apart.
	AppID int64 `json:"app_id,omitzero"`

	// People holds what GitHub answered about everyone whose word may count,
	// by login in lower case. Somebody absent was not asked about, which is
	// not the same as having no permission; see [Wants].
	People map[string]Person `json:"people,omitzero"`
	// Teams holds what GitHub answered about each team, by "org/slug" in lower
	// case. A team absent was not asked about.
	Teams map[string]Team `json:"teams,omitzero"`

	// Owners is the CODEOWNERS file of the base branch.
	Owners OwnersFile `json:"owners,omitzero"`
	// Proposed is set when the pull request changes the policy file: the new
	// text, and what is wrong with it.
	Proposed *ProposedPolicy `json:"proposed,omitzero"`

	// Coverage holds, by [Selection.Key], what coverage reports say. One that is
	// absent was not asked for.
	Coverage map[string]Coverage `json:"coverage,omitzero"`

	// Scans holds, by [Scanning.Key], what the security scan found. One that is
	// absent was not asked for.
	Scans map[string]Scan `json:"scans,omitzero"`
	// Redacted are the secrets that stood in the texts of this snapshot: they were
	// taken out of them before anything else looked at it.
	Redacted []Secret `json:"redacted,omitzero"`

	// Threads are the review conversations. ThreadCount is larger than
	// len(Threads) when GitHub cut the list; ThreadsRead says that they were asked
	// for.
	Threads     []Thread `json:"threads,omitzero"`
	ThreadCount int      `json:"thread_count,omitzero"`
	ThreadsRead bool     `json:"threads_read,omitzero"`

	// Behind says how far the head lags behind the base branch; nil when that was
	// not asked for.
	Behind *Behind `json:"behind,omitzero"`

	// Texts are files of the base branch, by path. One that is absent was not
	// asked for.
	Texts map[string]Text `json:"texts,omitzero"`

	// Values holds, by [Valuation.Key], the values in changed files that limits
	// are about. One that is absent was not asked for.
	Values map[string]Values `json:"values,omitzero"`

	// Siblings are other open pull requests with the same head commit: they
	// share its check-runs.
	Siblings []Sibling `json:"siblings,omitzero"`

	// Memory is what only handrail's own record knows.
	Memory Memory `json:"memory,omitzero"`
}

// Repo is a repository.
type Repo struct {
	ID            int64  `json:"id"`
	Owner         string `json:"owner"`
	Name          string `json:"name"`
	Private       bool   `json:"private,omitzero"`
	Archived      bool   `json:"archived,omitzero"`
	DefaultBranch string `json:"default_branch,omitzero"`
}

// String is "owner/name".
func (r Repo) String() string { return r.Owner + "/" + r.Name }

// Ref is a branch at a commit. RepoID is 0 when the head repository (a fork)
// was deleted.
type Ref struct {
	Name   string `json:"name,omitzero"`
	SHA    string `json:"sha,omitzero"`
	RepoID int64  `json:"repo_id,omitzero"`
}

// TestMerge is the commit that GitHub makes to see whether a head can be merged,
// and that workflows for the pull request test. Onto is the base commit in it.
type TestMerge struct {
	SHA  string `json:"sha,omitzero"`
	Onto string `json:"onto,omitzero"`
	Head string `json:"head,omitzero"`
	// Since is when handrail first saw it (GitHub's clock).
	Since time.Time `json:"since,omitzero"`
}

// Actor is an account. Login is empty for a deleted account (a "ghost").
type Actor struct {
	Login string `json:"login,omitzero"`
	ID    int64  `json:"id,omitzero"`
	Bot   bool   `json:"bot,omitzero"` // an App or a bot account
}

// File is one changed file. Status is GitHub's word: added, removed, modified,
// renamed, copied, changed or unchanged. SHA is the blob at the head (for a
// removed file, the blob that was removed). Mode is git's (100644, 100755,
// 120000, 160000), "" where it was not asked for, "gone" for a removed file, and
// "?" where it was asked for and could not be read, which equals nothing.
type File struct {
	Path      string `json:"path"`
	Previous  string `json:"previous,omitzero"` // the old path of a rename or copy
	Status    string `json:"status,omitzero"`
	Mode      string `json:"mode,omitzero"`
	SHA       string `json:"sha,omitzero"`
	Additions int    `json:"additions,omitzero"`
	Deletions int    `json:"deletions,omitzero"`
	// Added are the added lines, numbered as at the head, Removed the removed
	// ones, numbered as at the base. They are known only where LinesKnown is set:
	// GitHub shows no lines of a large or binary file.
	Added      Spans `json:"added,omitzero"`
	Removed    Spans `json:"removed,omitzero"`
	LinesKnown bool  `json:"lines_known,omitzero"`
}

// Commit is one commit of the pull request. People without a GitHub account
// have an empty Login and keep their e-mail.
type Commit struct {
	SHA       string      `json:"sha"`
	Message   string      `json:"message,omitzero"`
	Author    Signature   `json:"author,omitzero"`
	Committer Signature   `json:"committer,omitzero"`
	CoAuthors []Signature `json:"co_authors,omitzero"` // from Co-authored-by trailers
	// CoAuthorsCut says that GitHub listed fewer authors than there are.
	CoAuthorsCut bool `json:"co_authors_cut,omitzero"`
	// Parents are the first three, which tells a merge of two from one of more. Those
	// that are not among the pull request's own commits are commits of the base branch.
	Parents      []string `json:"parents,omitzero"`
	Merge        bool     `json:"merge,omitzero"`         // has more than one parent
	Web          bool     `json:"web,omitzero"`           // committed through GitHub's web pages
	GitHubSigned bool     `json:"github_signed,omitzero"` // signed by GitHub itself, signature valid
	Verified     bool     `json:"verified,omitzero"`      // any valid signature
}

// Thread is one review conversation. ResolvedBy is who resolved it, where it is
// resolved and that is known.
type Thread struct {
	Path       string `json:"path,omitzero"`
	Line       int    `json:"line,omitzero"` // 0 when it is about the file, or outdated
	Resolved   bool   `json:"resolved,omitzero"`
	Outdated   bool   `json:"outdated,omitzero"`
	Author     Actor  `json:"author,omitzero"` // of the first comment
	ResolvedBy string `json:"resolved_by,omitzero"`
}

// Behind says how many commits of the base branch, at Base, the head lacks, at
// Head. Known is false when GitHub could not say.
type Behind struct {
	Base  string `json:"base,omitzero"`
	Head  string `json:"head,omitzero"`
	By    int    `json:"by,omitzero"`
	Known bool   `json:"known,omitzero"`
}

// Text is a file of the base branch. Absent means that there is none; Cut that
// GitHub gave only a part of it, or that it is no text, which satisfies nothing.
type Text struct {
	Text   string `json:"text,omitzero"`
	Absent bool   `json:"absent,omitzero"`
	Cut    bool   `json:"cut,omitzero"`
}

// Signature is who git says wrote or committed, and the account that GitHub
// found for it ("" when none).
type Signature struct {
	Name  string `json:"name,omitzero"`
	Email string `json:"email,omitzero"`
	Login string `json:"login,omitzero"`
	// Bot: the account is an App's or a bot's, as GitHub says of the e-mail. Anybody
	// can write any e-mail into a commit, so it proves nothing by itself. It is
	// known of a commit's author where [Pull.AccountsRead] says so.
	Bot bool `json:"bot,omitzero"`
	// Account is the bot's login, "name[bot]". Login is the account where GitHub's
	// GraphQL interface names it, which it does of people only.
	Account string `json:"account,omitzero"`
}

// Review is one submitted review. State is GitHub's word: APPROVED,
// CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING. ID is GitHub's database id.
type Review struct {
	ID        int64     `json:"id"`
	Author    Actor     `json:"author"`
	State     string    `json:"state"`
	Body      string    `json:"body,omitzero"`
	Commit    string    `json:"commit,omitzero"` // the reviewed commit; "" when GitHub no longer says
	Submitted time.Time `json:"submitted,omitzero"`
	Edited    time.Time `json:"edited,omitzero"` // last edit of the body; zero if never
	// DismissedBy is who dismissed it, where State is DISMISSED and it is known.
	DismissedBy string `json:"dismissed_by,omitzero"`
}

// Comment is one comment in the conversation. ID is GitHub's database id.
type Comment struct {
	ID      int64     `json:"id"`
	Author  Actor     `json:"author"`
	Body    string    `json:"body,omitzero"`
	Created time.Time `json:"created,omitzero"`
	Edited  time.Time `json:"edited,omitzero"` // zero if never
	// Ours: this App wrote it. It says nothing that anybody said.
	Ours bool `json:"ours,omitzero"`
}

// Issue is an issue that the pull request closes when merged.
type Issue struct {
	Number int    `json:"number"`
	Repo   string `json:"repo,omitzero"` // owner/name
	Title  string `json:"title,omitzero"`
	Open   bool   `json:"open,omitzero"`
}

// Reference is what GitHub answered about the number of an issue. Found is false
// when there is none that handrail may see.
type Reference struct {
	Issue       Issue `json:"issue,omitzero"`
	Found       bool  `json:"found,omitzero"`
	PullRequest bool  `json:"pull_request,omitzero"` // the number is a pull request's
}

// Run is a check-run, or a commit status (Context). Status and Conclusion are
// GitHub's words in lower case; a commit status is given the check-run words
// that mean the same: pending is in_progress, error is failure.
type Run struct {
	ID         string    `json:"id,omitzero"` // GraphQL node id
	DatabaseID int64     `json:"database_id,omitzero"`
	Name       string    `json:"name"`
	AppID      int64     `json:"app_id,omitzero"` // 0 for a commit status
	App        string    `json:"app,omitzero"`    // the App's slug
	Context    bool      `json:"context,omitzero"`
	Creator    string    `json:"creator,omitzero"`    // of a commit status
	Status     string    `json:"status,omitzero"`     // queued, in_progress, completed, waiting, pending, requested
	Conclusion string    `json:"conclusion,omitzero"` // success, failure, neutral, cancelled, skipped, timed_out, action_required, stale, startup_failure
	ExternalID string    `json:"external_id,omitzero"`
	URL        string    `json:"url,omitzero"`
	Started    time.Time `json:"started,omitzero"`
	Completed  time.Time `json:"completed,omitzero"`
}

// Required is a check that the base branch's rules require. AppID is 0 when
// any App may supply it.
type Required struct {
	Name  string `json:"name"`
	AppID int64  `json:"app_id,omitzero"`
}

// Person is what GitHub answers about an account's access to the repository.
// Permission is none, read, triage, write, maintain or admin; "" means that it
// could not be read, which satisfies nothing.
type Person struct {
	Login      string `json:"login"`
	Permission string `json:"permission,omitzero"`
}

// Team is what GitHub answers about a team. Members are active members, child
// teams included.
type Team struct {
	Name    string   `json:"name"` // org/slug
	Found   bool     `json:"found,omitzero"`
	Members []string `json:"members,omitzero"`
}

// OwnersFile is CODEOWNERS on the base branch. Path is "" when there is none.
type OwnersFile struct {
	Path string `json:"path,omitzero"`
	Text string `json:"text,omitzero"`
	// Cut says that GitHub gave only a part of the file, which satisfies nothing.
	Cut bool `json:"cut,omitzero"`
}

// ProposedPolicy is the policy text that the pull request brings. Removed means
// that it deletes the file.
type ProposedPolicy struct {
	Path     string    `json:"path"`
	Text     string    `json:"text,omitzero"`
	Removed  bool      `json:"removed,omitzero"`
	Problems []Problem `json:"problems,omitzero"`
	// WhatIf is what the newest verdicts of the repository would be under it; nil
	// where that was not worked out.
	WhatIf *WhatIf `json:"what_if,omitzero"`
}

// Problem is one mistake in a policy. Line and Column count from 1; 0 when the
// problem has no place.
type Problem struct {
	File    string `json:"file,omitzero"`
	Line    int    `json:"line,omitzero"`
	Column  int    `json:"column,omitzero"`
	Key     string `json:"key,omitzero"`     // dotted path of the offending key
	Message string `json:"message"`          // what is wrong, with the offending text
	Suggest string `json:"suggest,omitzero"` // what was probably meant
	Warning bool   `json:"warning,omitzero"` // does not make the policy invalid
	// Weaker: nothing is wrong but that a repository's value is weaker than the
	// organisation floor's, which holds in any case.
	Weaker bool `json:"weaker,omitzero"`
}

// Sibling is another open pull request with the same head commit. State is its
// own last verdict; the zero value blocks, which is right for one that was not
// judged yet.
type Sibling struct {
	Number  int    `json:"number"`
	State   State  `json:"state"`
	Judged  bool   `json:"judged,omitzero"`
	Summary string `json:"summary,omitzero"`
	// Observed says that it is judged for information only and blocks nothing.
	Observed bool `json:"observed,omitzero"`
}

// Memory is what GitHub forgets and handrail's record keeps.
type Memory struct {
	// Heads are the heads this pull request had, oldest first, each with the
	// time (GitHub's clock) from which it was certainly the head.
	Heads []Head `json:"heads,omitzero"`
	// Changes holds, by commit, the pull request's difference at that commit
	// where it is known: the fingerprint of what an approval at it has seen.
	Changes map[string]Change `json:"changes,omitzero"`
	// Seen holds, by "review/ID" or "comment/ID", what was true when handrail
	// first saw it.
	Seen map[string]Seen `json:"seen,omitzero"`
	// Since says, by result id, since when a result has had its present state.
	Since map[string]Since `json:"since,omitzero"`
	// Labelled says that handrail's record has the label as given by itself and
	// not taken away since.
	Labelled bool `json:"labelled,omitzero"`
	// LabelRepairs are the times in the last hour at which handrail put right
	// its label after somebody else had set or removed it.
	LabelRepairs []time.Time `json:"label_repairs,omitzero"`
	// Security is the same of the label "Security Review Required".
	Security LabelMemory `json:"security,omitzero"`
	// Asked are the comments and reviews, deleted since, that asked for a security
	// review: whoever deletes one takes nothing back.
	Asked []Asked `json:"asked,omitzero"`
	// Reruns are requests, by button, to make our check-runs anew.
	Reruns []Rerun `json:"reruns,omitzero"`
	// Answers are the comments by which handrail has answered, or may have, people
	// who asked it to explain.
	Answers []Answered `json:"answers,omitzero"`
	// Merges are the test merges that GitHub had made of this head, in the order
	// in which handrail first saw them.
	Merges []TestMerge `json:"merges,omitzero"`
}

// LabelMemory is what handrail's record has of one of its labels: that it was
// given and not taken away since, and when in the last hour it was put right.
type LabelMemory struct {
	Given   bool        `json:"given,omitzero"`
	Repairs []time.Time `json:"repairs,omitzero"`
}

// Asked is a request for a security review. Key is "review/ID" or "comment/ID".
type Asked struct {
	Key string    `json:"key"`
	At  time.Time `json:"at"`
}

// Rerun is a person's request to make a check-run anew. Run is the database id
// of the run, or 0 for every run of ours on the head that was started before At.
type Rerun struct {
	Run int64     `json:"run,omitzero"`
	At  time.Time `json:"at"`
}

// Answered is one try to answer a comment. To is the comment's id, At when it was
// tried (GitHub's clock); Done says that GitHub has confirmed it.
type Answered struct {
	To   int64     `json:"to"`
	At   time.Time `json:"at"`
	Done bool      `json:"done,omitzero"`
}

// Head is one head that the pull request had.
type Head struct {
	SHA   string    `json:"sha"`
	Since time.Time `json:"since"`
	// Sender pushed it, where handrail saw the push; "" otherwise.
	Sender string `json:"sender,omitzero"`
	Bot    bool   `json:"bot,omitzero"`
	// SenderID is the sender's account, which keeps its number when its login
	// changes; 0 when unknown.
	SenderID int64 `json:"sender_id,omitzero"`
}

// Change is the pull request's difference base...commit. Whole is false when
// it is not known in full, which never equals anything.
type Change struct {
	Base  string `json:"base"` // the base branch's name when it was read
	Files []File `json:"files,omitzero"`
	Whole bool   `json:"whole,omitzero"`
}

// Seen is what was true when a review or comment was first seen.
type Seen struct {
	// Text is the first text. It stays in the record when the author edits it.
	Text string `json:"text,omitzero"`
	// Head is the commit that was the head when it was written; "" when unknown.
	Head string `json:"head,omitzero"`
	// Base is the name of the base branch then; "" when unknown.
	Base string `json:"base,omitzero"`
	// Permission the author had then.
	Permission string `json:"permission,omitzero"`
	// Edited says that the text was seen to differ from the first one.
	Edited bool `json:"edited,omitzero"`
}

// Since says from when on a result had a state.
type Since struct {
	State State     `json:"state"`
	At    time.Time `json:"at"`
}
