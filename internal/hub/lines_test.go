package hub

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

func TestLinesAreReadFromAPatchOrSaidToBeUnknown(t *testing.T) {
	const unknown = "unknown"
	for name, c := range map[string]struct {
		file github.CommitFile
		want string // "+added -removed"
	}{
		"changed in two places": {file: patched(3, 2, "@@ -1,3 +1,4 @@ package a\n a\n-b\n+c\n+d\n e\n@@ -10,3 +11,3 @@ func x() {\n f\n-g\n+h\n i"), want: "+2-3,12 -2,11"},
		"a new file":            {file: patched(3, 0, "@@ -0,0 +1,3 @@\n+a\n+\n+c"), want: "+1-3 -"},
		"a new file of one line, without its line feed": {file: patched(1, 0, "@@ -0,0 +1 @@\n+a\n\\ No newline at end of file"), want: "+1 -"},
		"a removed file":                             {file: patched(0, 2, "@@ -1,2 +0,0 @@\n-a\n-b"), want: "+ -1-2"},
		"only the last line feed":                    {file: patched(1, 1, "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b"), want: "+2 -2"},
		"neither has a last line feed":               {file: patched(1, 1, "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file"), want: "+1 -1"},
		"text that looks like a hunk":                {file: patched(1, 1, "@@ -1 +1 @@\n-@@ -1 +1 @@\n+@@ -5,5 +6,6 @@"), want: "+1 -1"},
		"text that looks like a file's name":         {file: patched(1, 1, "@@ -1 +1 @@\n--- a/x\n+++ b/x"), want: "+1 -1"},
		"carriage returns":                           {file: patched(1, 1, "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r"), want: "+2 -2"},
		"without context":                            {file: patched(2, 0, "@@ -4,0 +5,2 @@\n+a\n+b"), want: "+5-6 -"},
		"a blank line's space is lost":               {file: patched(1, 0, "@@ -1,1 +1,2 @@\n\n+a"), want: unknown},
		"cut within a hunk":                          {file: patched(3, 0, "@@ -0,0 +1,3 @@\n+a\n+b"), want: unknown},
		"cut between hunks":                          {file: patched(2, 0, "@@ -1 +1,2 @@\n a\n+b"), want: unknown},
		"more than the hunk says":                    {file: patched(2, 0, "@@ -0,0 +1 @@\n+a\n+b"), want: unknown},
		"more removed than GitHub counts":            {file: patched(0, 0, "@@ -1 +0,0 @@\n-a"), want: unknown},
		"hunks that overlap":                         {file: patched(2, 0, "@@ -1 +1,2 @@\n a\n+b\n@@ -1 +1,2 @@\n a\n+b"), want: unknown},
		"hunks in the wrong order":                   {file: patched(2, 0, "@@ -8 +8,2 @@\n a\n+b\n@@ -1 +1,2 @@\n a\n+b"), want: unknown},
		"a hunk at line 0":                           {file: patched(1, 0, "@@ -0,0 +0,1 @@\n+a"), want: unknown},
		"a hunk of nothing":                          {file: patched(0, 0, "@@ -1,0 +1,0 @@"), want: unknown},
		"a number beyond all files":                  {file: patched(1, 0, "@@ -0,0 +99999999999999999999 @@\n+a"), want: unknown},
		"a negative number":                          {file: patched(1, 0, "@@ -0,0 +-5,1 @@\n+a"), want: unknown},
		"not a patch":                                {file: patched(0, 0, "Binary files differ"), want: unknown},
		"renamed only":                               {file: github.CommitFile{Status: github.String("renamed")}, want: "+ -"},
		"renamed and changed, too large to be shown": {file: github.CommitFile{Status: github.String("renamed"), Additions: github.Int(9)}, want: unknown},
		"binary":           {file: github.CommitFile{Status: github.String("modified")}, want: unknown},
		"a new binary":     {file: github.CommitFile{Status: github.String("added"), SHA: github.String(headSHA)}, want: unknown},
		"a new empty file": {file: github.CommitFile{Status: github.String("added"), SHA: github.String("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")}, want: "+ -"},
		"large":            {file: github.CommitFile{Status: github.String("modified"), Additions: github.Int(20000), Deletions: github.Int(4)}, want: unknown},
	} {
		t.Run(name, func(t *testing.T) {
			got := unknown
			f := lined(&c.file)
			if f.LinesKnown {
				got = "+" + f.Added.String() + " -" + f.Removed.String()
			}
			if got != c.want || !f.LinesKnown && (f.Added != nil || f.Removed != nil) {
				t.Errorf("%s (%+v), want %s", got, f, c.want)
			}
		})
	}
}

func patched(additions, deletions int, patch string) github.CommitFile {
	return github.CommitFile{Status: github.String("modified"), Additions: &additions, Deletions: &deletions, Patch: &patch}
}

// What is neither added nor removed must be the same lines on both sides.
func TestLinesOfGitsOwnPatchesFitBothSides(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		before, after := randomLines(r)
		for name, lines := range map[string][]string{"before": before, "after": after} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "git", "diff", "--no-index", "--no-color", fmt.Sprintf("-U%d", r.IntN(4)), "before", "after")
		cmd.Dir = dir
		out, _ := cmd.Output() // git says by its status that they differ
		_, patch, differ := strings.Cut(string(out), "\n@@ ")
		if !differ {
			continue
		}
		patch = strings.TrimSuffix("@@ "+patch, "\n")
		added, removed, known := readPatch(patch, countLines(patch, "+"), countLines(patch, "-"))
		if !known {
			t.Fatalf("not read:\n%s", patch)
		}
		if d := cmp.Diff(without(before, removed), without(after, added)); d != "" {
			t.Fatalf("%s\n%s", patch, d)
		}
	}
}

func randomLines(r *rand.Rand) (before, after []string) {
	for i := range 1 + r.IntN(60) {
		line := fmt.Sprint("line ", r.IntN(20))
		switch r.IntN(8) {
		case 0:
			before = append(before, line)
		case 1:
			after = append(after, fmt.Sprint("+ ", i))
		default:
			before, after = append(before, line), append(after, line)
		}
	}
	if len(before) > 0 && r.IntN(2) == 0 {
		before = append(before, "") // the last line ends with a line feed
	}
	return before, after
}

// countLines counts the lines of a patch that begin so.
func countLines(patch, with string) (n int) {
	for line := range strings.SplitSeq(patch, "\n") {
		if strings.HasPrefix(line, with) {
			n++
		}
	}
	return n
}

// without is a file's lines without some; the text behind the last line feed,
// if any, is none.
func without(lines []string, spans checks.Spans) []string {
	drop := map[int]bool{}
	for _, s := range spans {
		for n := s.Start; n <= s.End; n++ {
			drop[n] = true
		}
	}
	var out []string
	for i, l := range lines {
		if !drop[i+1] && (l != "" || i < len(lines)-1) {
			out = append(out, l)
		}
	}
	return out
}

func FuzzAPatchNeverGivesLinesThatDisagreeWithItsCounts(f *testing.F) {
	f.Add("@@ -1,3 +1,4 @@ x\n a\n-b\n+c\n+d\n e\n@@ -10 +11 @@\n-g\n+h", 3, 2)
	f.Add("@@ -0,0 +1 @@\n+a\n\\ No newline at end of file", 1, 0)
	f.Fuzz(func(t *testing.T, patch string, additions, deletions int) {
		added, removed, known := readPatch(patch, additions, deletions)
		if !known {
			return
		}
		if added.Len() != additions || removed.Len() != deletions {
			t.Errorf("%v %v, counted %d %d", added, removed, additions, deletions)
		}
		var again checks.Spans
		for _, s := range []checks.Spans{added, removed} {
			if err := again.UnmarshalText([]byte(s.String())); err != nil || again.String() != s.String() {
				t.Errorf("%v: %v", s, err)
			}
		}
	})
}
