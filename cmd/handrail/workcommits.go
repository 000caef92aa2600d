package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// localCommit is a commit that the working copy has and its base has not.
type localCommit struct {
	sha     string
	parents []string
	message string
}

// commits are those that a push would bring, the oldest first.
func (w *workCopy) commits(ctx context.Context) ([]localCommit, error) {
	out, err := w.git(ctx, "log", "-z", "--no-color", "--no-show-signature", "--no-notes", "--encoding=UTF-8", "--topo-order", "--reverse", "--format=%H %P%n%B", w.head, "^"+w.tip, "--")
	if err != nil {
		return nil, err
	}
	var all []localCommit
	for text := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if text == "" {
			continue
		}
		head, message, _ := strings.Cut(text, "\n")
		names := strings.Fields(head)
		if len(names) == 0 {
			return nil, fmt.Errorf("git log prints %q", clipped([]byte(head)))
		}
		all = append(all, localCommit{names[0], names[1:], strings.TrimSpace(message)})
	}
	return all, nil
}

// commitPatch is what one commit changes. Of a merge it is the files that differ
// from both sides, against its last parent: what the other side brings is not
// the pull request's.
func (w *workCopy) commitPatch(ctx context.Context, c localCommit) (checks.Patch, error) {
	p := checks.Patch{Commit: c.sha, Parents: c.parents}
	args := slices.Concat([]string{"diff-tree", "-r", "--root", "--no-commit-id"}, asPatch)
	merge := len(c.parents) > 1
	if merge {
		args = append(args, c.parents[len(c.parents)-1])
	}
	out, err := w.git(ctx, append(args, c.sha, "--")...)
	if err != nil {
		return p, err
	}
	files, err := parseDiff(out)
	if err != nil {
		return p, err
	}
	var differs map[string]bool
	if merge {
		if differs, err = w.names(ctx, c.parents[0], c.sha); err != nil {
			return p, err
		}
	}
	for i := range files {
		if merge && !differs[files[i].Path] {
			continue
		}
		w.addContent(ctx, &files[i])
		p.Files = append(p.Files, files[i].PatchFile)
	}
	return p, nil
}

// names are the files that differ between two commits.
func (w *workCopy) names(ctx context.Context, from, to string) (map[string]bool, error) {
	out, err := w.git(ctx, "diff-tree", "-r", "-z", "--name-only", "--no-renames", from, to, "--")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		names[name] = true
	}
	return names, nil
}
