package checks

import (
	"strconv"
	"strings"
)

// Patch is what one commit, or a whole pull request, changes, with the text of
// its lines. It goes from who reads it to who scans it and is kept nowhere.
type Patch struct {
	Commit  string // "" is a pull request's base...head
	Parents []string
	Files   []PatchFile
	// Cut says that there are more files than GitHub lists.
	Cut bool
}

// PatchFile is one changed file with its text.
type PatchFile struct {
	File
	// Text is GitHub's patch: the hunks of a unified difference without the lines
	// that name the files. It is "" where GitHub shows none.
	Text string
	// New and Old are the whole file as it is and as it was, where they were
	// fetched since there is no Text. Fetched says so of New.
	New, Old []byte
	Fetched  bool
	// Unread is why neither is known, a sentence's end; "" otherwise.
	Unread string
}

// PatchLine is one line of a patch. Kind is '+', '-' or ' '; Old and New are its
// numbers on either side, as far as it is there.
type PatchLine struct {
	Kind     byte
	Old, New int
	Text     string // without its end; a carriage return stays
	// Open says that the file ends with it, without a line's end.
	Open bool
}

// Lines reads the file's Text; see [ReadPatch].
func (f *PatchFile) Lines() (lines []PatchLine, ok bool) {
	return ReadPatch(f.Text, f.Additions, f.Deletions)
}

// ReadPatch reads GitHub's patch of one file, which is the hunks of a unified
// difference without the lines that name the files (GNU diffutils, "Detailed
// Description of Unified Format"). It is ok only when every hunk is as long as it
// says and all together add and remove as many lines as GitHub counted: a patch
// that was cut is not read in part.
func ReadPatch(patch string, additions, deletions int) (lines []PatchLine, ok bool) {
	var h hunk
	oldEnd, newEnd, added, removed := 0, 0, 0, 0
	lines = make([]PatchLine, 0, strings.Count(patch, "\n"))
	for line := range strings.SplitSeq(strings.TrimSuffix(patch, "\n"), "\n") {
		if strings.HasPrefix(line, `\`) { // "\ No newline at end of file"
			if n := len(lines); n > 0 {
				lines[n-1].Open = true
			}
			continue
		}
		if h.oldLeft == 0 && h.newLeft == 0 {
			if h, ok = readHunk(line); !ok || h.old <= oldEnd || h.new <= newEnd {
				return nil, false
			}
			continue
		}
		if line == "" {
			return nil, false
		}
		l := PatchLine{Kind: line[0], Old: h.old, New: h.new, Text: line[1:]}
		if !h.take(l.Kind) {
			return nil, false
		}
		switch l.Kind {
		case '+':
			l.Old, added = 0, added+1
		case '-':
			l.New, removed = 0, removed+1
		}
		lines = append(lines, l)
		oldEnd, newEnd = h.old-1, h.new-1
	}
	if h.oldLeft != 0 || h.newLeft != 0 || added != additions || removed != deletions {
		return nil, false
	}
	return lines, true
}

// hunk is where one part of a patch stands: the next line on either side, and
// how many are to come.
type hunk struct{ old, oldLeft, new, newLeft int }

// take goes on by a line of a kind; it says whether the hunk has room for it.
func (h *hunk) take(kind byte) bool {
	switch kind {
	case ' ':
		h.old, h.oldLeft = h.old+1, h.oldLeft-1
		h.new, h.newLeft = h.new+1, h.newLeft-1
	case '-':
		h.old, h.oldLeft = h.old+1, h.oldLeft-1
	case '+':
		h.new, h.newLeft = h.new+1, h.newLeft-1
	default:
		return false
	}
	return h.oldLeft >= 0 && h.newLeft >= 0
}

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
