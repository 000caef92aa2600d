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
	// author and committer are who git says they are.
	author, committer checks.Signature
}

// commits are those that a push would bring, the oldest first.
func (w *workCopy) commits(ctx context.Context) ([]localCommit, error) {
	out, err := w.git(ctx, "log", "-z", "--no-color", "--no-show-signature", "--no-notes", "--encoding=UTF-8", "--topo-order", "--reverse", "--format="+commitForm, w.head, "^"+w.tip, "--")
	if err != nil {
		return nil, err
	}
	var all []localCommit
	for text := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if text == "" {
			continue
		}
		one, err := parseCommit(text)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// commitForm is what git prints of a commit; names and addresses hold no line end.
const commitForm = "%H %P%n%an%n%ae%n%cn%n%ce%n%B"

func parseCommit(text string) (localCommit, error) {
	lines := strings.SplitN(text, "\n", 6)
	names := strings.Fields(lines[0])
	if len(lines) < 6 || len(names) == 0 {
		return localCommit{}, fmt.Errorf("git log prints %q", clipped([]byte(text)))
	}
	return localCommit{
		sha: names[0], parents: names[1:], message: strings.TrimSpace(lines[5]),
		author: checks.Signature{Name: lines[1], Email: lines[2]}, committer: checks.Signature{Name: lines[3], Email: lines[4]},
	}, nil
}

// texts are what whoever makes a commit writes there as they like.
func (l *localCommit) texts() []*string {
	return []*string{&l.message, &l.author.Name, &l.author.Email, &l.committer.Name, &l.committer.Email}
}

// committed says whether there is a commit that a push would bring.
func (w *workCopy) committed() bool { return w.head != w.from }

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
