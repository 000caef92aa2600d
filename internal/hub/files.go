package hub

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// fileLimit is how many files of a pull request GitHub lists (REST docs,
	// "List pull requests files").
	fileLimit = 3000
	// compareLimit is how many files a comparison lists (REST docs, "Compare two
	// commits"). A list of exactly that length may have been cut.
	compareLimit = 300
)

// rest makes one GET of REST.
func (h *Hub) rest(ctx context.Context, c *client, op string, do func(context.Context, *session) error) error {
	yields := ctx.Value(after{}) != nil
	return h.call(ctx, request{c: c, op: Operation{REST, op}, points: 1, yields: yields, do: func(ctx context.Context, s *session) (int, error) {
		return 0, do(ctx, s)
	}})
}

// missing says whether GitHub answered that there is no such thing.
func missing(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusUnprocessableEntity) && !e.gone
}

// restAfter is rest for a request that yields to all others; see gate.enter.
func (h *Hub) restAfter(ctx context.Context, c *client, op string, do func(context.Context, *session) error) error {
	return h.rest(h.After(ctx), c, op, do)
}

// files reads the changed files of base...head into pull. Their texts, which
// come along, are kept for a moment: a scan may ask for them.
func (h *Hub) files(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull) error {
	if pull.FilesRead {
		return nil
	}
	got := patchList{room: handoverBytes}
	if err := h.listFiles(ctx, c, s, pull, opFiles, &got); err != nil {
		return err
	}
	pull.Files = nil
	for i := range got.files {
		pull.Files = append(pull.Files, got.files[i].File)
	}
	pull.FilesRead = true
	pull.FileCount = max(pull.FileCount, len(got.files))
	if !got.full {
		h.patches.put(patchOf(s, pull), got.of(pull), h.now())
	}
	return nil
}

// listFiles reads the changed files of base...head, and makes sure that they are
// those of the head that pull has.
func (h *Hub) listFiles(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, op string, list *patchList) error {
	certain, pages := false, 0
	for page := 1; page != 0 && len(list.files) < fileLimit; {
		var got []*github.CommitFile
		next := 0
		err := h.rest(ctx, c, op, func(ctx context.Context, ses *session) error {
			files, resp, err := ses.rest.PullRequests.ListFiles(ctx, s.Owner, s.Repo, s.Number, &github.ListOptions{Page: page, PerPage: 100})
			if err == nil {
				got, next = files, resp.NextPage
			}
			return err
		})
		if err != nil {
			return goneIfMissing(err)
		}
		for _, f := range got {
			at := commitOf(f)
			if at != "" && at != pull.Head.SHA {
				return &Error{Op: op, Status: http.StatusOK, What: "the head moved while the files were read", Moved: true}
			}
			certain = certain || at != ""
		}
		list.add(got)
		page = next
		pages++
	}
	// One page whose files name the head is of one moment, and if its length is
	// as expected of the same base. Otherwise it is worth a request to know.
	if !certain || pages > 1 || len(list.files) != pull.FileCount {
		if err := h.unmoved(ctx, c, pull); err != nil {
			return err
		}
	}
	return nil
}

func goneIfMissing(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusNotFound {
		e.gone = true
	}
	return err
}

// commitOf is the commit that a file of the list is shown at; "" when its
// addresses do not say, or when it was removed: then they show the old one.
func commitOf(f *github.CommitFile) string {
	if f.GetStatus() == "removed" {
		return ""
	}
	u, err := url.Parse(f.GetContentsURL())
	if err != nil {
		return ""
	}
	if ref := u.Query().Get("ref"); len(ref) == 40 || len(ref) == 64 {
		return ref
	}
	return ""
}

func file(f *github.CommitFile) checks.File {
	out := checks.File{
		Path: f.GetFilename(), Previous: f.GetPreviousFilename(), Status: f.GetStatus(), SHA: f.GetSHA(),
		Additions: f.GetAdditions(), Deletions: f.GetDeletions(),
	}
	if out.Status == "removed" {
		out.Mode = modeGone
	}
	return out
}

const opNow = "now"

// unmoved makes sure that both ends of the pull request are where pull has them.
func (h *Hub) unmoved(ctx context.Context, c *client, pull *checks.Pull) error {
	var a struct {
		rate
		Node *struct {
			HeadRefOID  string `json:"headRefOid"`
			BaseRefName string `json:"baseRefName"`
			BaseRef     *struct {
				Target *oidField `json:"target"`
			} `json:"baseRef"`
		} `json:"node"`
	}
	_, fails, err := h.ask(ctx, c, question{op: opNow, text: h.text.now, vars: map[string]any{"id": pull.ID}}, &a)
	if err != nil {
		return err
	}
	if err := accept(opNow, fails, func([]string, failure) bool { return false }); err != nil {
		return err
	}
	n := a.Node
	if n == nil || n.HeadRefOID != pull.Head.SHA || n.BaseRefName != pull.Base.Name ||
		n.BaseRef != nil && (n.BaseRef.Target == nil || n.BaseRef.Target.OID != pull.Base.SHA) {
		return &Error{Op: opNow, Status: http.StatusOK, What: "the pull request moved while its files were read", Moved: true}
	}
	return nil
}

// change reads the pull request's difference at an earlier commit. A commit
// that GitHub does not have any more, or a list that may be cut, is not whole.
// Which lines changed is left out: it is compared by content, and kept for long.
func (h *Hub) change(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, commit string) (checks.Change, error) {
	out := checks.Change{Base: pull.Base.Name}
	got, err := h.compare(ctx, c, s, pull.Base.SHA, commit)
	if err != nil || got == nil {
		return out, err
	}
	if got.Files == nil || len(got.Files) >= compareLimit {
		return out, nil
	}
	for _, f := range got.Files {
		out.Files = append(out.Files, file(f))
	}
	out.Whole = true
	return out, nil
}

// isCommit says whether a text is a commit's id, and nothing that would mean
// something else in a URL.
func isCommit(sha string) bool {
	return (len(sha) == 40 || len(sha) == 64) && strings.Trim(sha, "0123456789abcdef") == ""
}
