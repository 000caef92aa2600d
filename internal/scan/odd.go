package scan

import (
	"bytes"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// oddities is what a changed file is if it is no text, or may be none. The lines
// are those of its Text; what is fetched instead speaks for itself. What is
// neither shown nor fetched is said nothing of.
func oddities(f *checks.PatchFile, lines []checks.PatchLine) []checks.Oddity {
	if f.Status == "removed" {
		return nil
	}
	var odd []checks.Oddity
	add := func(kind checks.OddKind) { odd = append(odd, checks.Oddity{Path: f.Path, Kind: kind}) }
	if binary(f, lines) {
		add(checks.OddBinary)
	}
	switch {
	case f.Mode == "160000" || submodule(f, lines):
		add(checks.OddSubmodule)
	case f.Mode == "120000":
		add(checks.OddSymlink)
	case (f.Mode == "" || f.Mode == "?") && loneLine(f, lines):
		add(checks.OddLoneLine)
	}
	return odd
}

// binary goes by a NUL, as Git does ("git help attributes", diff), but wherever it
// is: a long text before it changes nothing.
func binary(f *checks.PatchFile, lines []checks.PatchLine) bool {
	if f.Fetched {
		return bytes.IndexByte(f.New, 0) >= 0
	}
	for i := range lines {
		if lines[i].Kind == '+' && strings.IndexByte(lines[i].Text, 0) >= 0 {
			return true
		}
	}
	return false
}

// submodule goes by the only line that Git shows of one.
func submodule(f *checks.PatchFile, lines []checks.PatchLine) bool {
	line, ok := onlyLine(f, lines)
	commit, named := strings.CutPrefix(line.Text, "Subproject commit ")
	commit = strings.TrimSuffix(commit, "-dirty")
	return ok && named && (len(commit) == 40 || len(commit) == 64) && strings.Trim(commit, "0123456789abcdef") == ""
}

// longestTarget is how long the path in a symbolic link can be (Linux, PATH_MAX).
const longestTarget = 4096

// loneLine says whether a file looks as a symbolic link does: its target, without
// a line's end. A file of which GitHub says "changed", its word for another mode,
// and shows nothing, can be one too.
func loneLine(f *checks.PatchFile, lines []checks.PatchLine) bool {
	if f.Status == "changed" && f.Text == "" && !f.Fetched {
		return true
	}
	line, ok := onlyLine(f, lines)
	return ok && line.Open && line.Text != "" && len(line.Text) < longestTarget
}

// onlyLine is the line of a file that has no other, if the change touches it.
func onlyLine(f *checks.PatchFile, lines []checks.PatchLine) (only checks.PatchLine, ok bool) {
	if f.Fetched {
		text, ended := strings.CutSuffix(string(f.New[:min(len(f.New), longestTarget+1)]), "\n")
		return checks.PatchLine{Kind: '+', New: 1, Text: text, Open: !ended}, text != "" && !strings.Contains(text, "\n")
	}
	for i := range lines {
		switch {
		case lines[i].Kind == '-':
		case ok || lines[i].Kind != '+' || lines[i].New != 1:
			return checks.PatchLine{}, false
		default:
			only, ok = lines[i], true
		}
	}
	return only, ok
}
