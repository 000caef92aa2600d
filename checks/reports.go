package checks

import (
	"time"
)

// Selection says which reports a policy asks for, and how they are read. What is
// read of coverage for one is kept in [Pull.Coverage] under its Key.
type Selection struct {
	// Kind of report: "" is coverage, [SARIFReports] what scanners found.
	Kind string `json:"kind,omitzero"`
	// Reports are the producers that must all have reported. None: every
	// workflow that ran on the commit may leave reports.
	Reports []ReportRule `json:"reports,omitzero"`
	// Artifacts are read of a producer that names none itself. None: the ones that
	// are usual for the kind.
	Artifacts []Glob `json:"artifacts,omitzero"`
	// Ignore are files that are not measured.
	Ignore []Glob `json:"ignore,omitzero"`
	// Roots are directories of the repository to which paths in reports may be
	// relative, besides its top.
	Roots []string `json:"roots,omitzero"`
	// Base: the base branch's coverage is asked for too.
	Base bool `json:"base,omitzero"`
}

// ReportRule is one producer of coverage reports.
type ReportRule struct {
	// Workflow that leaves the reports, by its file: .github/workflows/ci.yml.
	Workflow string `yaml:"workflow" json:"workflow,omitzero" tighten:"-"`
	// Artifacts whose files are read. Default: coverage*, *lcov*.
	Artifacts []Glob `yaml:"artifacts" json:"artifacts,omitzero" tighten:"-"`
	// Files within the artifacts that are read. Default: all.
	Files []Glob `yaml:"files" json:"files,omitzero" tighten:"-"`
	// Checkout says what the workflow tests when it runs for a pull request:
	// merge (the test merge with the base, as actions/checkout does; the default)
	// or head.
	Checkout Checkout `yaml:"checkout" json:"checkout,omitzero" tighten:"-"`
}

// Checkout is what a workflow tests when it runs for a pull request. Its zero
// value is merge.
type Checkout string

// The kinds of checkout.
const (
	CheckoutMerge Checkout = "merge"
	CheckoutHead  Checkout = "head"
)

// UnmarshalText refuses any other word.
func (c *Checkout) UnmarshalText(text []byte) error {
	return oneOf(c, text, CheckoutMerge, CheckoutHead)
}

// DefaultArtifacts are the artifacts that are read where a policy names none.
var DefaultArtifacts = []Glob{"coverage*", "*lcov*"}

// Rule is how the reports of a workflow, given by its file, are read: what the
// policy says of it, with the artifacts filled in where it names none.
func (s Selection) Rule(workflow string) ReportRule {
	rule := ReportRule{Workflow: workflow}
	for _, r := range s.Reports {
		if r.Workflow == workflow {
			rule = r
		}
	}
	switch {
	case len(rule.Artifacts) > 0:
	case len(s.Artifacts) > 0:
		rule.Artifacts = s.Artifacts
	case s.Kind == SARIFReports:
		rule.Artifacts = DefaultSARIF
	default:
		rule.Artifacts = DefaultArtifacts
	}
	return rule
}

// Key stands for the selection in a snapshot and in the store.
func (s Selection) Key() string { return keyOf(s) }

// WorkflowRun is the newest attempt of one run of a GitHub Actions workflow.
// Status and Conclusion are GitHub's words.
type WorkflowRun struct {
	ID      int64  `json:"id"`
	Attempt int    `json:"attempt,omitzero"`
	Number  int    `json:"number,omitzero"` // counts the runs of one workflow
	Path    string `json:"path,omitzero"`   // the workflow's file, without "@ref"
	Name    string `json:"name,omitzero"`   // the workflow's name
	// Uses are files of other workflows of this repository that it called.
	Uses  []string `json:"uses,omitzero"`
	Event string   `json:"event,omitzero"` // push, pull_request, …
	SHA   string   `json:"sha,omitzero"`   // the head commit that it ran for
	// Branch is the head branch, HeadRepo its repository; 0 for a deleted fork.
	Branch     string    `json:"branch,omitzero"`
	HeadRepo   int64     `json:"head_repo,omitzero"`
	Status     string    `json:"status,omitzero"`
	Conclusion string    `json:"conclusion,omitzero"`
	URL        string    `json:"url,omitzero"`
	Created    time.Time `json:"created,omitzero"` // of the first attempt
	Updated    time.Time `json:"updated,omitzero"`
}

// Artifact is what a workflow run left. Digest is GitHub's "sha256:…" of the
// archive, "" where it says none.
type Artifact struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Size    int64     `json:"size,omitzero"` // of the archive, in bytes
	Digest  string    `json:"digest,omitzero"`
	Expired bool      `json:"expired,omitzero"`
	Created time.Time `json:"created,omitzero"`
}

// Gathering is what workflows for a pull request's head left of reports, and what
// became of reading it.
type Gathering struct {
	// Runs are the workflow runs on the head, the newest attempt of each.
	Runs []WorkflowRun `json:"runs,omitzero"`
	// RunsCut says that there are more than were listed.
	RunsCut bool `json:"runs_cut,omitzero"`
	// Uploads are the runs that sent reports themselves, by id.
	Uploads []int64 `json:"uploads,omitzero"`
	// Read says that every producer was done and that what they left was read;
	// all below is meaningful only then.
	Read bool `json:"read,omitzero"`
	// Reports is what was read, and what could not be.
	Reports []Report `json:"reports,omitzero"`
	// Tested is the commit whose content was tested: the head, or a merge of it
	// into the base commit Onto.
	Tested string `json:"tested,omitzero"`
	Onto   string `json:"onto,omitzero"`
	// Unplaced says why the lines of the reports cannot be related to the
	// repository at all; "" if they can.
	Unplaced string `json:"unplaced,omitzero"`
	// Resolved and Unresolved count the files of the reports that are and are not
	// files of the repository; Odd are some of the latter, with the reason.
	Resolved   int      `json:"resolved,omitzero"`
	Unresolved int      `json:"unresolved,omitzero"`
	Odd        []string `json:"odd,omitzero"`
}

// Coverage is what coverage reports say about a pull request's head.
type Coverage struct {
	Gathering
	// Files says what the reports know about each changed file that is not
	// ignored.
	Files []FileCoverage `json:"files,omitzero"`
	Total Totals         `json:"total,omitzero"` // of all files that are not ignored
	// Base is set where the selection asks for it.
	Base *BaseCoverage `json:"base,omitzero"`
}

// Report is one file of coverage data, or one artifact that held none.
type Report struct {
	Run      int64  `json:"run,omitzero"`
	Artifact int64  `json:"artifact,omitzero"` // 0 when it was sent
	Name     string `json:"name,omitzero"`     // of the artifact, or what was sent
	File     string `json:"file,omitzero"`     // within the artifact
	Format   string `json:"format,omitzero"`   // as package coverage calls it
	Files    int    `json:"files,omitzero"`    // source files it speaks of
	// SummaryOnly: it holds totals and no lines.
	SummaryOnly bool `json:"summary_only,omitzero"`
	// Foreign: the artifact was read whole and none of it is a coverage report,
	// as Problem says. That is no fault where the same run left another one.
	Foreign bool `json:"foreign,omitzero"`
	// Problem is why it cannot be used, one sentence without its full stop; ""
	// when it could be read.
	Problem string `json:"problem,omitzero"`
}

// Totals count what can be covered. Hit is never more than All.
type Totals struct {
	All int64 `json:"all,omitzero"`
	Hit int64 `json:"hit,omitzero"`
	// Partial is how many of Hit are covered in part: a branch was not taken.
	Partial int64 `json:"partial,omitzero"`
	// Statements says that some were counted in statements rather than lines, as
	// Go's own tool does.
	Statements bool `json:"statements,omitzero"`
}

// FileCoverage is what the reports know of the lines that the change adds to
// one file. Lines are numbered as in the tested commit.
type FileCoverage struct {
	Path string `json:"path"`
	New  bool   `json:"new,omitzero"`
	// Measured says that some report speaks of the file.
	Measured bool `json:"measured,omitzero"`
	// Empty says that there is nothing in the file that could run.
	Empty bool `json:"empty,omitzero"`
	// Unplaced is why the added lines are not known; "" when they are.
	Unplaced string `json:"unplaced,omitzero"`
	// Added is how many lines the change adds; those that a report knows are in
	// one of the three.
	Added   int   `json:"added,omitzero"`
	Hit     Spans `json:"hit,omitzero"`
	Partial Spans `json:"partial,omitzero"`
	Miss    Spans `json:"miss,omitzero"`
	// AtHead says that the file is the same at the head, so that its line
	// numbers hold there.
	AtHead bool `json:"at_head,omitzero"`
}

// BaseCoverage is the coverage that the head's is compared with.
type BaseCoverage struct {
	// Start is the base commit from which a report was looked for, along first
	// parents; Searched is how many commits were looked at.
	Start    string `json:"start,omitzero"`
	Searched int    `json:"searched,omitzero"`
	// Commit that has one, so many commits before Start; "" when none has.
	Commit string `json:"commit,omitzero"`
	Behind int    `json:"behind,omitzero"`
	// Pending says that a commit nearer to Start, whose workflows still ran, may
	// have a report soon.
	Pending bool   `json:"pending,omitzero"`
	Total   Totals `json:"total,omitzero"`
	// Removed is what of Total the change removes; known only when Commit is
	// Start.
	Removed Totals `json:"removed,omitzero"`
}

// ReportSource is what was fetched: an artifact's zip archive, or one file that
// was sent.
type ReportSource struct {
	Run      int64
	Artifact int64  // 0 when it was sent
	Name     string // of the artifact or the file
	Archive  bool   // Data is a zip archive
	Files    []Glob // which entries of the archive are read; none is all
	Data     []byte
}

// Tree is the files of a repository at a commit, with their blobs. Cut: GitHub
// listed only a part.
type Tree struct {
	Files map[string]string
	Cut   bool
}

// Difference is what changes from one commit to another, from their merge base
// on. Whole is false when GitHub may have listed only a part of the files.
type Difference struct {
	MergeBase   string
	MergeBaseAt time.Time // when it was committed
	Files       []File
	Whole       bool
}

// RunToken is what GitHub Actions vouches for about who sends a report: the
// claims of an OpenID Connect token that was verified.
type RunToken struct {
	ID      string // jti: every token is used once
	Expires time.Time
	RepoID  int64
	OwnerID int64
	Run     int64
	Attempt int
	SHA     string // the commit that was checked out: for a pull request, its test merge
	Event   string
}
