package scan

import (
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func TestWhatIsNoTextIsSaid(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	shown := func(text string, added, removed int) checks.PatchFile {
		return checks.PatchFile{Text: text, File: checks.File{Status: "modified", Additions: added, Deletions: removed}}
	}
	fetched := func(text string) checks.PatchFile {
		return checks.PatchFile{New: []byte(text), Fetched: true, File: checks.File{Status: "modified"}}
	}
	with := func(f checks.PatchFile, status, mode string) checks.PatchFile {
		f.Status, f.Mode = status, mode
		return f
	}
	for name, c := range map[string]struct {
		file checks.PatchFile
		want []checks.OddKind
	}{
		"text":                      {shown("@@ -1 +1 @@\n-a\n+b", 1, 1), nil},
		"text without an end":       {shown("@@ -1 +1,2 @@\n a\n+b\n\\ No newline at end of file", 1, 0), nil},
		"one line without an end":   {shown("@@ -0,0 +1 @@\n+../../etc/passwd\n\\ No newline at end of file", 1, 0), []checks.OddKind{checks.OddLoneLine}},
		"another target":            {shown("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file", 1, 1), []checks.OddKind{checks.OddLoneLine}},
		"no longer a link":          {shown("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b", 1, 1), nil},
		"a known plain file":        {with(shown("@@ -0,0 +1 @@\n+a\n\\ No newline at end of file", 1, 0), "added", "100644"), nil},
		"an unknown mode":           {with(shown("@@ -0,0 +1 @@\n+a\n\\ No newline at end of file", 1, 0), "added", "?"), []checks.OddKind{checks.OddLoneLine}},
		"a known link":              {with(shown("@@ -0,0 +1 @@\n+a\n\\ No newline at end of file", 1, 0), "added", "120000"), []checks.OddKind{checks.OddSymlink}},
		"too long for a target":     {shown("@@ -0,0 +1 @@\n+"+strings.Repeat("a", 4096)+"\n\\ No newline at end of file", 1, 0), nil},
		"only the mode":             {with(checks.PatchFile{}, "changed", ""), []checks.OddKind{checks.OddLoneLine}},
		"a submodule":               {shown("@@ -0,0 +1 @@\n+Subproject commit "+commit, 1, 0), []checks.OddKind{checks.OddSubmodule}},
		"a submodule's commit":      {shown("@@ -1 +1 @@\n-Subproject commit "+strings.Repeat("0", 40)+"\n+Subproject commit "+commit, 1, 1), []checks.OddKind{checks.OddSubmodule}},
		"a text about submodules":   {shown("@@ -0,0 +1,2 @@\n+Subproject commit "+commit+"\n+is its line", 2, 0), nil},
		"a submodule by its mode":   {with(checks.PatchFile{}, "added", "160000"), []checks.OddKind{checks.OddSubmodule}},
		"a submodule gone":          {with(shown("@@ -1 +0,0 @@\n-Subproject commit "+commit, 0, 1), "removed", ""), nil},
		"NUL in the patch":          {shown("@@ -0,0 +1 @@\n+a\x00b", 1, 0), []checks.OddKind{checks.OddBinary}},
		"NUL that is removed":       {shown("@@ -1 +0,0 @@\n-a\x00b", 0, 1), nil},
		"binary":                    {fetched("a\n\x00\n"), []checks.OddKind{checks.OddBinary}},
		"NUL far behind":            {fetched(strings.Repeat("text\n", 1<<16) + "\x00\n"), []checks.OddKind{checks.OddBinary}},
		"a fetched text":            {fetched("a\nb"), nil},
		"a fetched line":            {fetched("target"), []checks.OddKind{checks.OddLoneLine}},
		"nothing":                   {fetched(""), nil},
		"neither shown nor at hand": {checks.PatchFile{File: checks.File{Status: "modified"}}, nil},
	} {
		c.file.Path = "a/b"
		lines, ok := c.file.Lines()
		if c.file.Text != "" && !ok {
			t.Fatalf("%s: not a patch", name)
		}
		var got []checks.OddKind
		for _, o := range oddities(&c.file, lines) {
			if o.Path != "a/b" {
				t.Errorf("%s: of %q", name, o.Path)
			}
			got = append(got, o.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
