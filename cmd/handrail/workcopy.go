package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// workCopy is a git working copy and what it changes against a base, files that
// are not committed yet among it.
type workCopy struct {
	dir   string // its top
	base  string // the branch that it is compared with, as it was named
	from  string // the commit where it left that branch
	head  string
	files []checks.File
	tree  checks.Tree // every file that git knows or would take
}

// bases are asked for in this order when no base is named.
var bases = []string{"origin/HEAD", "origin/main", "origin/master", "main", "master"}

// readWorkCopy reads the working copy around a directory.
func readWorkCopy(ctx context.Context, dir, base string) (*workCopy, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, errors.New("git is not installed, and only it knows what a working copy changes")
	}
	w := &workCopy{dir: dir}
	top, err := w.line(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, errors.New("this is no git working copy; to judge a pull request, name it: handrail check acme/shop#7")
	}
	w.dir = top
	if w.head, err = w.line(ctx, "rev-parse", "--verify", "HEAD^{commit}"); err != nil {
		return nil, errors.New("the working copy has no commit yet")
	}
	if err := w.since(ctx, base); err != nil {
		return nil, err
	}
	if err := w.readTree(ctx); err != nil {
		return nil, err
	}
	return w, w.readDiff(ctx)
}

// git runs git without anything of a user's configuration that changes what it
// prints.
func (w *workCopy) git(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", w.dir, "-c", "core.quotePath=false", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false"}, args...)...)
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %s", args[0], oneLine(wrong.String()))
	}
	return out, nil
}

func (w *workCopy) line(ctx context.Context, args ...string) (string, error) {
	out, err := w.git(ctx, args...)
	return strings.TrimSpace(string(out)), err
}

// since finds where the working copy left its base branch.
func (w *workCopy) since(ctx context.Context, base string) error {
	try := bases
	if base != "" {
		try = []string{base, "origin/" + base} // a clone has a branch of its own for few of them
	}
	for _, b := range try {
		if _, err := w.line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", b+"^{commit}"); err != nil {
			continue
		}
		from, err := w.line(ctx, "merge-base", "--end-of-options", b, "HEAD")
		if err != nil {
			return fmt.Errorf("%s and HEAD have no commit in common that is here; fetch more of the history: git fetch --unshallow", b)
		}
		w.base, w.from = b, from
		if b == bases[0] {
			if name, err := w.line(ctx, "rev-parse", "--abbrev-ref", b); err == nil && name != "" {
				w.base = name
			}
		}
		return nil
	}
	if base != "" {
		return fmt.Errorf("there is no branch or commit %q here; fetch it, or name another one by --base", base)
	}
	return fmt.Errorf("there is none of %s to compare with: name the base by --base", strings.Join(bases, ", "))
}

// readTree lists what git tracks, and what it would take if it were added.
func (w *workCopy) readTree(ctx context.Context) error {
	out, err := w.git(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	w.tree.Files = map[string]string{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		if info, err := os.Lstat(filepath.Join(w.dir, name)); name != "" && err == nil && info.Mode().IsRegular() {
			w.tree.Files[name] = ""
		}
	}
	return nil
}

// readDiff reads what the working copy changes.
func (w *workCopy) readDiff(ctx context.Context) error {
	out, err := w.git(ctx, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--unified=0", "--find-renames", "--raw", "--patch", "-z", w.from, "--")
	if err != nil {
		return err
	}
	if w.files, err = parseDiff(out); err != nil {
		return err
	}
	out, err = w.git(ctx, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(string(out), "\x00") {
		if _, regular := w.tree.Files[name]; !regular {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			return fmt.Errorf("read working copy: %w", err)
		}
		w.files = append(w.files, newFile(name, text))
	}
	return nil
}

// newFile is a file that git does not have yet.
func newFile(name string, text []byte) checks.File {
	f := checks.File{Path: name, Status: "added"}
	if bytes.IndexByte(text, 0) >= 0 {
		return f // binary, as git would say
	}
	f.LinesKnown = true
	f.Additions = bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		f.Additions++
	}
	if f.Additions > 0 {
		f.Added = checks.Spans{{Start: 1, End: f.Additions}}
	}
	return f
}

// statuses are GitHub's words for git's letters.
var statuses = map[byte]string{'A': "added", 'C': "copied", 'D': "removed", 'M': "modified", 'R': "renamed", 'T': "changed"}

// parseDiff reads what git diff --raw --patch --unified=0 -z prints: first the
// files, with their names as they are, then their patches in the same order.
func parseDiff(out []byte) ([]checks.File, error) {
	var files []checks.File
	rest := out
	for len(rest) > 0 && rest[0] == ':' {
		head, after, ok := bytes.Cut(rest, []byte{0})
		fields := strings.Fields(string(head))
		if !ok || len(fields) != 5 {
			return nil, fmt.Errorf("git diff prints %q", clipped(head))
		}
		f := checks.File{Status: statuses[fields[4][0]]}
		if f.Status == "" {
			return nil, fmt.Errorf("git diff prints %q; has the working copy conflicts?", clipped(head))
		}
		name, after, _ := bytes.Cut(after, []byte{0})
		if f.Path = string(name); f.Status == "renamed" || f.Status == "copied" {
			f.Previous = f.Path
			name, after, _ = bytes.Cut(after, []byte{0})
			f.Path = string(name)
		}
		files, rest = append(files, f), after
	}
	rest = bytes.TrimPrefix(rest, []byte{0})
	return files, addLines(files, rest)
}

// addLines reads the patches. A file without one has only changed its name or
// mode, or is binary, which its patch says.
func addLines(files []checks.File, patches []byte) error {
	at := -1
	halves := 0         // of a file that became another kind, which has two patches
	left, right := 0, 0 // lines of the present hunk still to come
	for text := range bytes.Lines(patches) {
		line := string(bytes.TrimSuffix(text, []byte("\n")))
		switch {
		case left+right > 0:
			if strings.HasPrefix(line, "-") {
				left--
			} else if strings.HasPrefix(line, "+") {
				right--
			}
		case strings.HasPrefix(line, "diff --git ") && halves == 1:
			halves = 0
			files[at].LinesKnown = false // the lines of a link are none of a file
		case strings.HasPrefix(line, "diff --git "):
			at++
			if at >= len(files) {
				return errors.New("git diff prints more patches than files")
			}
			files[at].LinesKnown = true
			if files[at].Status == "changed" {
				halves = 1
			}
		case at < 0:
			return fmt.Errorf("git diff prints %q", clipped(text))
		case strings.HasPrefix(line, "Binary files "):
			files[at].LinesKnown = false
		case strings.HasPrefix(line, "@@ "):
			removed, added, err := hunk(line)
			if err != nil {
				return err
			}
			f := &files[at]
			left, right = addSpan(&f.Removed, removed), addSpan(&f.Added, added)
			f.Deletions, f.Additions = f.Deletions+left, f.Additions+right
		}
	}
	if at != len(files)-1 {
		return errors.New("git diff prints fewer patches than files")
	}
	return nil
}

func addSpan(to *checks.Spans, s checks.Span) int {
	n := s.End - s.Start + 1
	if n > 0 {
		*to = append(*to, s)
	}
	return n
}

// hunk reads "@@ -a,b +c,d @@": the lines removed and added.
func hunk(line string) (removed, added checks.Span, err error) {
	parts := strings.Fields(line)
	if len(parts) < 4 {
		return removed, added, fmt.Errorf("git diff prints %q", clipped([]byte(line)))
	}
	for i, s := range []*checks.Span{&removed, &added} {
		from, count, counted := strings.Cut(strings.TrimLeft(parts[i+1], "-+"), ",")
		if !counted {
			count = "1"
		}
		a, err1 := strconv.Atoi(from)
		n, err2 := strconv.Atoi(count)
		if err1 != nil || err2 != nil {
			return removed, added, fmt.Errorf("git diff prints %q", clipped([]byte(line)))
		}
		*s = checks.Span{Start: a, End: a + n - 1}
	}
	return removed, added, nil
}

func clipped(b []byte) string { return string(b[:min(len(b), 80)]) }
