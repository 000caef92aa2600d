package hub

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opFiles       = "files"
	opPullPatch   = "pull-patch"
	opCommitPatch = "commit-patch"
)

// PullPatch is what a pull request changes, base...head, with the text of its
// lines. It is of pull's head and base, or an [Error] that has moved. What Read
// and Complete have just read is not asked for again.
func (h *Hub) PullPatch(ctx context.Context, s checks.Subject, pull *checks.Pull) (checks.Patch, error) {
	if p, ok := h.patches.take(patchOf(s, pull)); ok {
		return p, nil
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.Patch{}, err
	}
	list, err := h.listFiles(ctx, c, s, pull, opPullPatch)
	if err != nil {
		return checks.Patch{}, err
	}
	return pullPatch(list, pull), nil
}

func pullPatch(list []*github.CommitFile, pull *checks.Pull) checks.Patch {
	return checks.Patch{Files: patchFiles(list), Cut: pull.FileCount > len(list)}
}

func patchFiles(list []*github.CommitFile) []checks.PatchFile {
	var out []checks.PatchFile
	for _, f := range list {
		out = append(out, checks.PatchFile{File: lined(f), Text: f.GetPatch()})
	}
	return out
}

// CommitPatch is what one commit changes, with the text of its lines. Of a merge
// it is what stands in none of what was merged: the files that differ from the
// first parent and from the last one, as compared with the last one. That GitHub
// does not have the commit any more, or shows no difference of it, is a [Fault].
//
// It takes one request for each 300 files, and one more of a merge that differs
// from its first parent. All of them yield to other requests; when there is no
// room for them the [Error] says when there may be.
func (h *Hub) CommitPatch(ctx context.Context, s checks.Subject, sha string) (checks.Patch, error) {
	if !isCommit(sha) {
		return checks.Patch{}, &Error{Op: opCommitPatch, What: "asked for the changes of what is no commit"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.Patch{}, err
	}
	out, list, err := h.commitFiles(ctx, c, s, sha)
	if err != nil {
		return checks.Patch{}, unshown(err)
	}
	if n := len(out.Parents); n > 1 && len(list) > 0 {
		if list, err = h.merged(ctx, c, s, out.Parents[n-1], sha, list, &out.Cut); err != nil {
			return checks.Patch{}, unshown(err)
		}
	}
	out.Files = patchFiles(list)
	return out, nil
}

// commitFiles reads what a commit changes compared with its first parent (REST
// docs, "Get a commit": 300 files a page, at most 3,000).
func (h *Hub) commitFiles(ctx context.Context, c *client, s checks.Subject, sha string) (out checks.Patch, list []*github.CommitFile, err error) {
	lines, counted := 0, 0
	for page := 1; page != 0 && len(list) < fileLimit; {
		var got *github.RepositoryCommit
		next := 0
		err := h.restAfter(ctx, c, opCommitPatch, func(ctx context.Context, ses *session) error {
			commit, resp, err := ses.rest.Repositories.GetCommit(ctx, s.Owner, s.Repo, sha, &github.ListOptions{Page: page})
			if err == nil {
				got, next = commit, resp.NextPage
			}
			return err
		})
		if err != nil {
			return out, nil, err
		}
		if got.GetSHA() != sha || got.Files == nil {
			return out, nil, &Error{Op: opCommitPatch, Status: http.StatusOK, What: "GitHub gave another commit than was asked for, or no list of files"}
		}
		list, page = append(list, got.Files...), next
		counted = got.GetStats().GetTotal()
		out.Commit, out.Parents = sha, parentsOf(got)
	}
	for _, f := range list {
		lines += f.GetAdditions() + f.GetDeletions()
	}
	// A server that does not page its answer counts what it leaves out.
	out.Cut = len(list) >= fileLimit || lines < counted
	return out, list, nil
}

func parentsOf(c *github.RepositoryCommit) []string {
	var out []string
	for _, p := range c.Parents {
		out = append(out, p.GetSHA())
	}
	return out
}

// merged are those files of a merge's comparison with its last parent that list,
// its comparison with the first, has too.
func (h *Hub) merged(ctx context.Context, c *client, s checks.Subject, last, sha string, list []*github.CommitFile, cut *bool) ([]*github.CommitFile, error) {
	if !isCommit(last) {
		return nil, &Error{Op: opCommitPatch, Status: http.StatusOK, What: "GitHub left out the parents of a commit"}
	}
	var got *github.CommitsComparison
	err := h.restAfter(ctx, c, opCommitPatch, func(ctx context.Context, ses *session) error {
		var err error
		got, _, err = ses.rest.Repositories.CompareCommits(ctx, s.Owner, s.Repo, last, sha, &github.ListOptions{Page: 1, PerPage: 1})
		return err
	})
	if err != nil {
		return nil, err
	}
	if got.Files == nil {
		return nil, &Error{Op: opCommitPatch, Status: http.StatusOK, What: "GitHub gave no list of files"}
	}
	*cut = *cut || len(got.Files) >= compareLimit
	both := map[string]bool{}
	for _, f := range list {
		both[f.GetFilename()] = true
	}
	return slices.DeleteFunc(got.Files, func(f *github.CommitFile) bool { return !both[f.GetFilename()] }), nil
}

// unshown makes a fault of GitHub's answers that it has no such commit (404, 410,
// 409 of an empty repository, 422) and that a difference takes too long to make.
func unshown(err error) error {
	e, ok := err.(*Error)
	if !ok || e.Op != opCommitPatch || e.Limited {
		return err
	}
	switch {
	case strings.Contains(strings.ToLower(e.What), "this diff is"):
		return &Fault{"GitHub does not show what the commit changes"}
	case e.Status == http.StatusNotFound, e.Status == http.StatusGone, e.Status == http.StatusConflict, e.Status == http.StatusUnprocessableEntity:
		return &Fault{"GitHub does not have the commit any more"}
	}
	return err
}

// patchKey is which difference base...head a patch is of.
type patchKey struct{ at, base, head string }

func patchOf(s checks.Subject, pull *checks.Pull) patchKey {
	return patchKey{fmt.Sprintf("%d/%s", s.Installation, s), pull.Base.Name + " " + pull.Base.SHA, pull.Head.SHA}
}
