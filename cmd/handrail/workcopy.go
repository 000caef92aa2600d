package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// workCopy is a git working copy and what it changes against a base, files that
// are not committed yet among it.
type workCopy struct {
	dir     string // its top
	base    string // the branch that it is compared with, as it was named
	onto    string // what that branch is called on GitHub; "" if it is no branch
	fetched bool   // it is a remote's branch, as it was last fetched
	tip     string // that branch's commit
	from    string // the commit where the working copy left it
	head    string
	branch  string // that is checked out; "" for none
	files   []checks.File
	// patch is the same with its text, what is not committed yet among it.
	patch checks.Patch
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
	if w.branch, err = w.line(ctx, "symbolic-ref", "--short", "--quiet", "HEAD"); err != nil {
		w.branch = "" // the head is detached
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
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", w.dir, "-c", "core.quotePath=false", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", "-c", "diff.suppressBlankEmpty=false"}, args...)...)
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
		tip, err := w.line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", b+"^{commit}")
		if err != nil {
			continue
		}
		from, err := w.line(ctx, "merge-base", "--end-of-options", b, "HEAD")
		if err != nil {
			return fmt.Errorf("%s and HEAD have no commit in common that is here; fetch more of the history: git fetch --unshallow", b)
		}
		w.base, w.tip, w.from = b, tip, from
		if b == bases[0] {
			if name, err := w.line(ctx, "rev-parse", "--abbrev-ref", b); err == nil && name != "" {
				w.base = name
			}
		}
		w.nameBase(ctx, b)
		return nil
	}
	if base != "" {
		return fmt.Errorf("there is no branch or commit %q here; fetch it, or name another one by --base", base)
	}
	return fmt.Errorf("there is none of %s to compare with: name the base by --base", strings.Join(bases, ", "))
}

// nameBase finds out what the base is called on GitHub: rules for some branches go by
// that name.
func (w *workCopy) nameBase(ctx context.Context, b string) {
	full, err := w.line(ctx, "rev-parse", "--verify", "--quiet", "--symbolic-full-name", "--end-of-options", b)
	if err != nil {
		return
	}
	if rest, ok := strings.CutPrefix(full, "refs/remotes/"); ok {
		if _, name, ok := strings.Cut(rest, "/"); ok {
			w.onto, w.fetched = name, true
		}
	} else if name, ok := strings.CutPrefix(full, "refs/heads/"); ok {
		w.onto = name
	}
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
