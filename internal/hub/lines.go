package hub

import (
	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

// lined is a changed file with the lines that it adds and removes, where GitHub
// shows them.
func lined(f *github.CommitFile) checks.File {
	out := file(f)
	out.Added, out.Removed, out.LinesKnown = linesOf(f)
	return out
}

// emptyBlobs are the ids of a file without content, in both of git's formats.
var emptyBlobs = []string{
	"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
	"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}

// linesOf reads which lines a change adds and removes. GitHub leaves the patch
// out where nothing but the name changed, but also of a large or binary file,
// whose counts it may give as zero: only the former is known to change none.
func linesOf(f *github.CommitFile) (added, removed checks.Spans, known bool) {
	if f.GetPatch() != "" {
		return readPatch(f.GetPatch(), f.GetAdditions(), f.GetDeletions())
	}
	if f.GetAdditions() != 0 || f.GetDeletions() != 0 {
		return nil, nil, false
	}
	switch f.GetStatus() {
	case "renamed", "copied", "unchanged":
		return nil, nil, true
	}
	return nil, nil, f.GetSHA() == emptyBlobs[0] || f.GetSHA() == emptyBlobs[1]
}

// readPatch is which lines a patch adds and removes.
func readPatch(patch string, additions, deletions int) (added, removed checks.Spans, known bool) {
	lines, ok := checks.ReadPatch(patch, additions, deletions)
	for i := range lines {
		switch l := &lines[i]; l.Kind {
		case '+':
			added = added.Add(l.New)
		case '-':
			removed = removed.Add(l.Old)
		}
	}
	return added, removed, ok
}
