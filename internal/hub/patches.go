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
	// patchBytes is how much text of a patch is read.
	patchBytes = 32 << 20
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
	list := patchList{room: patchBytes}
	if err := h.listFiles(ctx, c, s, pull, opPullPatch, &list); err != nil {
		return checks.Patch{}, err
	}
	return list.of(pull), nil
}

// patchList is changed files with their texts, as many bytes of these as there is
// room for.
type patchList struct {
	files []checks.PatchFile
	room  int
	full  bool // some texts were left out
}

func (l *patchList) add(list []*github.CommitFile) {
	for _, f := range list {
		p := checks.PatchFile{File: lined(f), Text: f.GetPatch()}
		if l.room -= len(p.Text); l.room < 0 {
			l.full, l.room = true, l.room+len(p.Text)
			p.Text, p.Unread = "", "the change as a whole is too large to be scanned"
		}
		l.files = append(l.files, p)
	}
}

// of is the list as a pull request's patch.
func (l *patchList) of(pull *checks.Pull) checks.Patch {
	return checks.Patch{Files: l.files, Cut: pull.FileCount > len(l.files)}
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
	out, err := h.commitFiles(ctx, c, s, sha)
	if err == nil && len(out.Parents) > 1 && len(out.Files) > 0 {
		err = h.merged(ctx, c, s, &out)
	}
	if err != nil {
		return checks.Patch{}, unshown(err)
	}
	return out, nil
}

// commitFiles reads what a commit changes compared with its first parent (REST
// docs, "Get a commit": 300 files a page, at most 3,000).
func (h *Hub) commitFiles(ctx context.Context, c *client, s checks.Subject, sha string) (checks.Patch, error) {
	out := checks.Patch{Commit: sha}
	list := patchList{room: patchBytes}
	counted := 0
	for page := 1; page != 0 && len(list.files) < fileLimit; {
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
			return out, err
		}
		if got.GetSHA() != sha || got.Files == nil {
			return out, &Error{Op: opCommitPatch, Status: http.StatusOK, What: "GitHub gave another commit than was asked for, or no list of files"}
		}
		list.add(got.Files)
		page, counted, out.Parents = next, got.GetStats().GetTotal(), parentsOf(got)
	}
	for i := range list.files {
		counted -= list.files[i].Additions + list.files[i].Deletions
	}
	// A server that does not page its answer counts what it leaves out.
	out.Files, out.Cut = list.files, len(list.files) >= fileLimit || counted > 0
	return out, nil
}

func parentsOf(c *github.RepositoryCommit) []string {
	var out []string
	for _, p := range c.Parents {
		out = append(out, p.GetSHA())
	}
	return out
}

// merged leaves of a merge's files, as compared with its first parent, those that
// its comparison with the last one has too, as they are there.
func (h *Hub) merged(ctx context.Context, c *client, s checks.Subject, out *checks.Patch) error {
	last := out.Parents[len(out.Parents)-1]
	if !isCommit(last) {
		return &Error{Op: opCommitPatch, Status: http.StatusOK, What: "GitHub left out the parents of a commit"}
	}
	var got *github.CommitsComparison
	err := h.restAfter(ctx, c, opCommitPatch, func(ctx context.Context, ses *session) error {
		var err error
		got, _, err = ses.rest.Repositories.CompareCommits(ctx, s.Owner, s.Repo, last, out.Commit, &github.ListOptions{Page: 1, PerPage: 1})
		return err
	})
	if err != nil {
		return err
	}
	if got.Files == nil {
		return &Error{Op: opCommitPatch, Status: http.StatusOK, What: "GitHub gave no list of files"}
	}
	out.Cut = out.Cut || len(got.Files) >= compareLimit
	both := map[string]bool{}
	for i := range out.Files {
		both[out.Files[i].Path] = true
	}
	list := patchList{room: patchBytes}
	list.add(slices.DeleteFunc(got.Files, func(f *github.CommitFile) bool { return !both[f.GetFilename()] }))
	out.Files = list.files
	return nil
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
