package hub

import (
	"strconv"
	"strings"

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

// readPatch reads GitHub's patch of one file, which is the hunks of a unified
// difference without the lines that name the files (GNU diffutils, "Detailed
// Description of Unified Format"). Lines are known only when every hunk is as
// long as it says and all together add and remove as many lines as GitHub
// counted; a patch that was cut is not read in part.
func readPatch(patch string, additions, deletions int) (added, removed checks.Spans, known bool) {
	var h hunk
	oldEnd, newEnd := 0, 0 // the last lines that were shown
	for line := range strings.SplitSeq(strings.TrimSuffix(patch, "\n"), "\n") {
		if strings.HasPrefix(line, `\`) { // "\ No newline at end of file"
			continue
		}
		if h.oldLeft == 0 && h.newLeft == 0 {
			var ok bool
			if h, ok = readHunk(line); !ok || h.old <= oldEnd || h.new <= newEnd {
				return nil, nil, false
			}
			continue
		}
		switch {
		case strings.HasPrefix(line, " "):
			h.oldLeft--
			h.newLeft--
			h.old++
			h.new++
		case strings.HasPrefix(line, "-"):
			removed = removed.Add(h.old)
			h.oldLeft--
			h.old++
		case strings.HasPrefix(line, "+"):
			added = added.Add(h.new)
			h.newLeft--
			h.new++
		default:
			return nil, nil, false
		}
		if h.oldLeft < 0 || h.newLeft < 0 {
			return nil, nil, false
		}
		oldEnd, newEnd = h.old-1, h.new-1
	}
	if h.oldLeft != 0 || h.newLeft != 0 || added.Len() != additions || removed.Len() != deletions {
		return nil, nil, false
	}
	return added, removed, true
}

// hunk is where one part of a patch stands: the next line on either side, and
// how many are to come.
type hunk struct{ old, oldLeft, new, newLeft int }

// readHunk reads "@@ -old[,lines] +new[,lines] @@", which text may follow. A
// hunk of no lines names the line before it.
func readHunk(line string) (h hunk, ok bool) {
	text, found := strings.CutPrefix(line, "@@ -")
	text, _, closed := strings.Cut(text, " @@")
	from, to, two := strings.Cut(text, " +")
	if !found || !closed || !two {
		return h, false
	}
	var ok1, ok2 bool
	h.old, h.oldLeft, ok1 = readRange(from)
	h.new, h.newLeft, ok2 = readRange(to)
	return h, ok1 && ok2 && h.oldLeft+h.newLeft > 0
}

func readRange(text string) (start, lines int, ok bool) {
	from, count, counted := strings.Cut(text, ",")
	if !counted {
		count = "1"
	}
	a, err1 := strconv.ParseUint(from, 10, 30)
	n, err2 := strconv.ParseUint(count, 10, 30)
	if err1 != nil || err2 != nil || a == 0 && n > 0 {
		return 0, 0, false
	}
	if n == 0 {
		a++
	}
	return int(a), int(n), true
}
