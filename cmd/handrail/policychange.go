package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

func (s *staging) changes() {
	changes := s.pull.Files
	if len(changes) == 0 {
		changes = []caseChange{{Path: "main.go"}}
	}
	for i, c := range changes {
		f := checks.File{
			Path: c.Path, Previous: c.Previous, Status: cmp.Or(c.Status, "modified"), Mode: "100644", SHA: fmt.Sprintf("%040x", i+1),
			Additions: max(c.Added, 1), Deletions: c.Removed, LinesKnown: true,
		}
		text := ""
		if c.Before != nil || c.After != nil {
			text = replaced(&f, c)
		} else {
			f.Added = checks.Spans{{Start: 1, End: f.Additions}}
			text = hunk(0, nil, 0, make([]string, f.Additions))
			if f.Deletions > 0 {
				f.Removed = checks.Spans{{Start: 1, End: f.Deletions}}
				text = hunk(1, make([]string, f.Deletions), 1, make([]string, f.Additions))
			}
		}
		s.out.Files = append(s.out.Files, f)
		s.out.Lines += f.Additions + f.Deletions
		s.patch.Files = append(s.patch.Files, checks.PatchFile{File: f, Text: text})
	}
	s.out.FileCount = len(s.out.Files)
}

// replaced fills in what changes from one text to another: the lines between
// those that both begin with and those that both end with.
func replaced(f *checks.File, c caseChange) (patch string) {
	old, now := caseLines(c.Before), caseLines(c.After)
	switch {
	case c.Status != "":
	case c.Before == nil:
		f.Status = "added"
	case c.After == nil:
		f.Status = "removed"
	}
	from := 0
	for from < len(old) && from < len(now) && old[from] == now[from] {
		from++
	}
	till := 0
	for till < len(old)-from && till < len(now)-from && old[len(old)-1-till] == now[len(now)-1-till] {
		till++
	}
	gone, come := old[from:len(old)-till], now[from:len(now)-till]
	f.Additions, f.Deletions = len(come), len(gone)
	if len(come) > 0 {
		f.Added = checks.Spans{{Start: from + 1, End: from + len(come)}}
	}
	if len(gone) > 0 {
		f.Removed = checks.Spans{{Start: from + 1, End: from + len(gone)}}
	}
	return hunk(from+1, gone, from+1, come)
}

func caseLines(text *string) []string {
	if text == nil || *text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(*text, "\n"), "\n")
}

// hunk is GitHub's patch that replaces some lines by others.
func hunk(oldStart int, gone []string, newStart int, come []string) string {
	if len(gone)+len(come) == 0 {
		return ""
	}
	if len(gone) == 0 {
		oldStart = max(oldStart-1, 0)
	}
	if len(come) == 0 {
		newStart = max(newStart-1, 0)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@", oldStart, len(gone), max(newStart, min(1, len(come))), len(come))
	for _, l := range gone {
		b.WriteString("\n-" + l)
	}
	for _, l := range come {
		b.WriteString("\n+" + l)
	}
	return b.String()
}
