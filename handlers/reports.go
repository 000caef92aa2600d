package handlers

import (
	"context"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// Actions is what gathering reports needs of GitHub. An error that has
// a method Unusable says that asking again is of no use, and why.
type Actions interface {
	// WorkflowRuns are the runs on a commit, the newest attempt of each.
	WorkflowRuns(ctx context.Context, s checks.Subject, sha string) (runs []checks.WorkflowRun, cut bool, err error)
	// BranchRuns are the runs for pushes to a branch that were created not after
	// before, newest first.
	BranchRuns(ctx context.Context, s checks.Subject, branch string, before time.Time) ([]checks.WorkflowRun, error)
	// Artifacts are what all attempts of a run left.
	Artifacts(ctx context.Context, s checks.Subject, run int64) ([]checks.Artifact, error)
	Download(ctx context.Context, s checks.Subject, a checks.Artifact) ([]byte, error)
	Tree(ctx context.Context, s checks.Subject, commit string) (checks.Tree, error)
	Between(ctx context.Context, s checks.Subject, base, head string) (checks.Difference, error)
	// FirstParents are a commit and those before it, newest first, n at most.
	FirstParents(ctx context.Context, s checks.Subject, commit string, n int) ([]string, error)
	Blob(ctx context.Context, s checks.Subject, sha string, limit int64) ([]byte, error)
	// Contents are files at a commit, by path, of at most limit bytes each.
	Contents(ctx context.Context, s checks.Subject, commit string, paths []string, limit int) (map[string]checks.Content, error)
}

// Merge puts the reports of one commit together.
type Merge interface {
	// Add reads one artifact or one file that was sent, whose bytes are not
	// needed any more then. What is wrong with it is for Done to tell; an error
	// is that it was not looked at.
	Add(ctx context.Context, s checks.ReportSource) error
	// Done relates what was read to the repository's files, gives it in a form
	// to keep, and says what it was.
	Done(tree checks.Tree) (set []byte, got checks.Coverage, err error)
}

// FindingMerge puts the reports that scanners left of one commit together; its
// methods are as those of [Merge].
type FindingMerge interface {
	Add(ctx context.Context, s checks.ReportSource) error
	Done(tree checks.Tree) (set []byte, got checks.Findings, err error)
}

// FindingReports is what gathering needs of package scan.
type FindingReports struct {
	New func() FindingMerge
	// Compare tells the findings of a set that a change brings. Without a base it
	// goes by the lines that changed, numbered as in the set's commit, adds.
	Compare func(head []byte, base *FindingBase, changed []checks.File) (checks.Findings, error)
}

// FindingBase is what findings are compared with: the set of a commit of the base
// branch, and what changes from that commit to the tested one. Whole says that
// Files are all that change.
type FindingBase struct {
	Set   []byte
	Files []checks.File
	Whole bool
}

// Reports is what gathering them needs of the packages that read them.
type Reports struct {
	NewMerge func(checks.Selection) Merge
	// Changed says what a set knows of the lines that changed files add.
	Changed func(set []byte, files []checks.File, sel checks.Selection) ([]checks.FileCoverage, error)
	// Removed is how much of a set is in the lines that files lose.
	Removed func(set []byte, files []checks.File) (checks.Totals, error)
	// Empty says whether nothing in a file could run.
	Empty    func(path string, content []byte) bool
	Findings FindingReports
	// Redact takes the secrets out of a text; nil leaves them.
	Redact func(text string) string
	// Values reads values of changed files, for limits.
	Values ValueReader
	// Read says what a single coverage report is, or what is wrong with it.
	Read func(name string, data []byte) (format string, files int, err error)
}

// harmless takes secrets out of what is told of reports: the names of artifacts and
// files, and what is wrong with one, which quotes it.
func (r *Reports) harmless(g *checks.Gathering) {
	if r.Redact == nil {
		return
	}
	for i := range g.Reports {
		one := &g.Reports[i]
		one.Name, one.File, one.Problem = r.Redact(one.Name), r.Redact(one.File), r.Redact(one.Problem)
	}
	for i := range g.Odd {
		path, why, two := strings.Cut(g.Odd[i], ": ")
		if g.Odd[i] = r.Redact(path); two {
			g.Odd[i] += ": " + r.Redact(why)
		}
	}
}

// CoverageArchive is what handrail's record keeps of reports, of coverage and of
// scanners.
type CoverageArchive interface {
	// Gathered is what was read before of the reports of a commit, KeepGathered
	// keeps it.
	Gathered(ctx context.Context, of store.CoverageOf) (store.Gathered, bool, error)
	KeepGathered(ctx context.Context, of store.CoverageOf, g store.Gathered) error
	// Uploads are the reports that runs for a commit have sent.
	Uploads(ctx context.Context, repoID int64, sha string) ([]store.Upload, error)
	UploadBody(ctx context.Context, u store.Upload) ([]byte, error)
	// AlsoAt are other pull requests that have, or when they were closed had, a
	// head, and that may have been open at a time or after it.
	AlsoAt(ctx context.Context, s checks.Subject, head string, at time.Time) ([]int, error)
	// Ended is which attempts of runs for a commit events have just told to be
	// over, by run.
	Ended(ctx context.Context, repoID int64, sha string) (map[int64]int, error)
}
