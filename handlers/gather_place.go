package handlers

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// blobsRead is how many files without a report are looked into, and blobLimit
	// how large they may be, in bytes.
	blobsRead = 20
	blobLimit = 1 << 20
)

// emptyExts end the files that are looked into: of others it cannot be said
// that nothing in them runs.
var emptyExts = []string{
	".go", ".py", ".rb", ".php", ".java", ".kt", ".scala", ".cs", ".swift", ".rs", ".c", ".h", ".cc", ".cpp", ".hpp",
	".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts",
}

// Why it is not known which lines of a file are added.
const (
	otherInMerge = "the base branch changes it too, and its lines in the tested merge are not known; update the branch from its base"
	otherBase    = "it was tested with a base that is not part of the base branch; " + beginAnew
)

// errUnreadable says that what was kept of reports is of another form than this
// handrail's, as after an upgrade.
var errUnreadable = errors.New("what was kept cannot be read")

// place says what the reports know of the lines that the pull request adds.
func (k *look) place(ctx context.Context, g *store.Gathered) ([]checks.FileCoverage, error) {
	files, moved, err := k.changed(ctx, g)
	if err != nil {
		return nil, err
	}
	out, err := k.reports.Changed(g.Set, files, k.sel)
	if err != nil {
		return nil, fmt.Errorf("find changed lines in coverage: %w: %w", errUnreadable, err)
	}
	for i := range out {
		why, elsewhere := moved[out[i].Path]
		out[i].AtHead = !elsewhere
		if why != "" {
			out[i].Unplaced = why
		}
	}
	return out, k.empty(ctx, out, files)
}

// changed is the changed files with their lines as they are numbered in the tested
// commit. moved holds those that differ there from the head, with the reason if
// their lines are not known.
func (k *look) changed(ctx context.Context, g *store.Gathered) (files []checks.File, moved map[string]string, err error) {
	files, err = k.hidden(ctx, k.pull.Files, func() (string, error) { return k.forkPoint(ctx) })
	if err != nil || g.Got.Tested == k.pull.Head.SHA {
		return files, nil, err
	}
	return k.inMerge(ctx, files, g.Got.Tested, g.Got.Onto)
}

// inMerge is changed files with their lines as they are numbered in a test
// merge; see changed.
func (k *look) inMerge(ctx context.Context, head []checks.File, merge, onto string) (files []checks.File, moved map[string]string, err error) {
	tree, err := k.tree(ctx, merge)
	if err != nil {
		return nil, nil, err
	}
	files, moved = slices.Clone(head), map[string]string{}
	for i := range files {
		f := &files[i]
		if f.Status == "removed" || tree.Files[f.Path] == f.SHA {
			continue
		}
		if moved[f.Path], err = k.mergedLines(ctx, f, merge, onto); err != nil {
			return nil, nil, err
		}
		f.SHA = tree.Files[f.Path]
	}
	return files, moved, nil
}

// mergedLines gives a file the lines that a merge adds to its base; why is the
// reason if they are not known.
func (k *look) mergedLines(ctx context.Context, f *checks.File, merge, onto string) (why string, err error) {
	f.Added, f.Removed, f.LinesKnown = nil, nil, false
	// What is added to another base than the pull request's is less than what is
	// added to its own.
	if d, err := k.between(ctx, onto, k.pull.Base.SHA); err != nil || d.MergeBase != onto {
		return otherBase, err
	}
	d, err := k.between(ctx, onto, merge)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(d.Files, func(o checks.File) bool { return o.Path == f.Path })
	if i < 0 {
		return otherInMerge, nil
	}
	shown, err := k.hidden(ctx, d.Files[i:i+1], func() (string, error) { return onto, nil })
	if err != nil {
		return "", err
	}
	in := shown[0]
	if !in.LinesKnown && in.Status != f.Status {
		return otherInMerge, nil
	}
	f.Added, f.Removed, f.LinesKnown, f.Additions = in.Added, in.Removed, in.LinesKnown, in.Additions
	return "", nil
}

// empty looks into new files that no report speaks of: one in which nothing can
// run is in none.
func (k *look) empty(ctx context.Context, out []checks.FileCoverage, files []checks.File) error {
	read := 0
	for i := range out {
		c := &out[i]
		if !c.New || c.Measured || c.Empty || !slices.Contains(emptyExts, path.Ext(c.Path)) || read == blobsRead {
			continue
		}
		j := slices.IndexFunc(files, func(f checks.File) bool { return f.Path == c.Path })
		if j < 0 || files[j].SHA == "" {
			continue
		}
		read++
		text, err := k.actions.Blob(ctx, k.s, files[j].SHA, blobLimit)
		if _, is := unusable(err); is {
			continue
		}
		if err != nil {
			return err
		}
		c.Empty = k.reports.Empty(c.Path, text)
	}
	return nil
}
