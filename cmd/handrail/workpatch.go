package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// gitFile is a changed file as git tells of it, with its blobs.
type gitFile struct {
	checks.PatchFile
	oldMode, oldBlob, newBlob string
}

// statuses are GitHub's words for git's letters.
var statuses = map[byte]string{'A': "added", 'C': "copied", 'D': "removed", 'M': "modified", 'R': "renamed", 'T': "changed"}

// parseDiff reads what git diff --raw --patch -z prints: first the files, with
// their names as they are, then their patches in the same order.
func parseDiff(out []byte) ([]gitFile, error) {
	var files []gitFile
	rest := out
	for len(rest) > 0 && rest[0] == ':' {
		head, after, ok := bytes.Cut(rest, []byte{0})
		fields := strings.Fields(string(head))
		if !ok || len(fields) != 5 {
			return nil, fmt.Errorf("git diff prints %q", clipped(head))
		}
		f := gitFile{oldMode: strings.TrimPrefix(fields[0], ":"), oldBlob: fields[2], newBlob: fields[3]}
		if f.Status = statuses[fields[4][0]]; f.Status == "" {
			return nil, fmt.Errorf("git diff prints %q; has the working copy conflicts?", clipped(head))
		}
		if f.Mode = fields[1]; f.Status == "removed" {
			f.Mode = "gone"
		}
		name, after, _ := bytes.Cut(after, []byte{0})
		if f.Path = string(name); f.Status == "renamed" || f.Status == "copied" {
			f.Previous = f.Path
			name, after, _ = bytes.Cut(after, []byte{0})
			f.Path = string(name)
		}
		files, rest = append(files, f), after
	}
	return files, addPatches(files, bytes.TrimPrefix(rest, []byte{0}))
}

// addPatches reads the patches. A file without one has only changed its name or
// mode, or is binary, which its patch says. A file that became a link, or the
// other way round, has two: the lines of a link are none of a file.
func addPatches(files []gitFile, patches []byte) error {
	at, halves := -1, 0
	for len(patches) > 0 {
		if !bytes.HasPrefix(patches, []byte("diff --git ")) {
			return fmt.Errorf("git diff prints %q", clipped(patches))
		}
		var one []byte
		if end := bytes.Index(patches, []byte("\ndiff --git ")); end >= 0 {
			one, patches = patches[:end+1], patches[end+1:]
		} else {
			one, patches = patches, nil
		}
		if halves == 1 {
			halves = 0
			continue
		}
		if at++; at >= len(files) {
			return errors.New("git diff prints more patches than files")
		}
		if files[at].Status == "changed" {
			halves = 1
			continue
		}
		if err := addLines(&files[at].PatchFile, one); err != nil {
			return err
		}
	}
	if at != len(files)-1 {
		return errors.New("git diff prints fewer patches than files")
	}
	return nil
}

// addLines reads the patch of one file.
func addLines(f *checks.PatchFile, patch []byte) error {
	head := patch
	if start := bytes.Index(patch, []byte("\n@@ ")); start >= 0 {
		head, f.Text = patch[:start], string(patch[start+1:])
	}
	if bytes.Contains(head, []byte("\nBinary files ")) {
		return nil
	}
	f.LinesKnown = true
	for line := range strings.Lines(f.Text) {
		switch line[0] {
		case '+':
			f.Additions++
		case '-':
			f.Deletions++
		}
	}
	lines, ok := f.Lines()
	if f.Text != "" && !ok {
		return fmt.Errorf("git diff prints %q", clipped([]byte(f.Text)))
	}
	for _, l := range lines {
		switch l.Kind {
		case '+':
			addLine(&f.Added, l.New)
		case '-':
			addLine(&f.Removed, l.Old)
		}
	}
	return nil
}

func addLine(to *checks.Spans, n int) {
	if last := len(*to) - 1; last >= 0 && (*to)[last].End == n-1 {
		(*to)[last].End = n
		return
	}
	*to = append(*to, checks.Span{Start: n, End: n})
}

func clipped(b []byte) string { return string(b[:min(len(b), 80)]) }

// nowhere is a blob that git has not stored: the file is in the working copy.
func nowhere(blob string) bool { return strings.Trim(blob, "0") == "" }
