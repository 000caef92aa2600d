package hub

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// The largest texts that are read, in bytes. GitHub ignores a larger CODEOWNERS
// (GitHub Docs, "About code owners"); the limit on policies is our own.
const (
	policyLimit = 1 << 20
	ownersLimit = 3 << 20
)

// sources are the policy texts; on the way it fills in the owners and, where
// the pull request changes the policy, the proposed text.
func (r *reading) sources(ctx context.Context, pull *checks.Pull) ([]checks.Source, error) {
	repo := checks.Source{Repo: pull.Repo.String(), Path: checks.PolicyPath, Absent: true}
	base := r.answer.Repository.PullRequest.BaseRef
	if base != nil {
		repo.Commit = base.Target.OID
		if err := r.source(ctx, &repo, base.Target.Policy); err != nil {
			return nil, err
		}
		if err := r.owners(ctx, pull, base.Target); err != nil {
			return nil, err
		}
	}
	floor, err := r.floor(ctx)
	if err != nil {
		return nil, err
	}
	head := r.answer.Repository.Head
	if head != nil && head.OID != pull.Head.SHA {
		head = nil // refs/pull/N/head lags behind a push
	}
	if err := r.proposed(ctx, pull, repo, head); err != nil {
		return nil, err
	}
	if pull.Repo.Name == floorRepo && pull.Base.Name == pull.Repo.DefaultBranch {
		// A floor that cannot be used would block every repository.
		if err := r.proposed(ctx, pull, floor, nil); err != nil {
			return nil, err
		}
	}
	return []checks.Source{repo, floor}, nil
}

// floorRepo is the repository of an organisation that has its floor.
const floorRepo = ".github"

// source fills a text in. A file that is there and is no text is Broken, since
// it was meant to be a policy.
func (r *reading) source(ctx context.Context, s *checks.Source, t *textAnswer) error {
	if t == nil {
		return nil
	}
	s.Absent, s.Blob = false, t.OID
	var err error
	s.Text, s.Broken, err = r.h.blob(ctx, r.c, r.s, t, policyLimit)
	return err
}

// floor is the organisation's policy. GitHub does not tell a repository that
// is not there from one that is not shown to this App: both are Absent, and
// whoever requires a floor must take that for a fault.
func (r *reading) floor(ctx context.Context) (checks.Source, error) {
	out := checks.Source{Repo: r.answer.Repository.Owner.Login + "/.github", Path: checks.FloorPath, Floor: true, Absent: true}
	for _, f := range r.fails {
		if f.at() == "floor" && f.Type == forbidden {
			out.Absent, out.Broken = false, "GitHub does not let this App read it"
		}
	}
	f := r.answer.Floor
	if f == nil || f.DefaultBranchRef == nil {
		return out, nil
	}
	if f.DefaultBranchRef.Target == nil || f.DefaultBranchRef.Target.OID == "" {
		return out, r.fault("GitHub did not say where the floor's branch is")
	}
	out.Commit = f.DefaultBranchRef.Target.OID
	from := *r
	from.s.Repo = f.Name
	err := from.source(ctx, &out, f.DefaultBranchRef.Target.Policy)
	return out, err
}

// owners fills in CODEOWNERS, from the first place that has one.
func (r *reading) owners(ctx context.Context, pull *checks.Pull, at *commitTexts) error {
	for i, t := range []*textAnswer{at.Owners0, at.Owners1, at.Owners2} {
		if t == nil {
			continue
		}
		text, broken, err := r.h.blob(ctx, r.c, r.s, t, ownersLimit)
		pull.Owners = checks.OwnersFile{Path: checks.OwnersPaths[i], Text: text, Cut: broken != ""}
		return err
	}
	return nil
}

// blob is the text of a file, or why there is none. What GraphQL cuts is read
// once more by REST, by its own id.
func (h *Hub) blob(ctx context.Context, c *client, s checks.Subject, t *textAnswer, limit int) (text, broken string, err error) {
	o := t.Object
	switch {
	case o == nil:
		return "", "GitHub did not give its text", nil
	case o.Type != "Blob":
		return "", "it is not a file", nil
	case o.ByteSize > limit:
		return "", fmt.Sprintf("it has %d bytes, more than %d", o.ByteSize, limit), nil
	case o.IsBinary != nil && *o.IsBinary:
		return "", "it is not text", nil
	case o.Text != nil && !o.IsTruncated:
		return *o.Text, "", nil
	}
	var raw []byte
	err = h.rest(ctx, c, "blob", func(ctx context.Context, ses *session) error {
		var err error
		raw, _, err = ses.rest.Git.GetBlobRaw(ctx, s.Owner, s.Repo, t.OID)
		return err
	})
	switch {
	case err != nil && missing(err):
		return "", "GitHub did not give its text", nil
	case err != nil:
		return "", "", err
	case len(raw) != o.ByteSize:
		return "", "GitHub gave only a part of it", nil
	}
	return string(raw), "", nil
}

const opProposed = "proposed"

// proposed fills in the policy text that the pull request brings in the place of
// one on the base branch; head has the texts at the head where they were read. The
// texts at both ends tell that nothing changed; when they differ it may have been
// the base that went on, and only the list of files tells.
func (r *reading) proposed(ctx context.Context, pull *checks.Pull, now checks.Source, head *commitTexts) error {
	if r.answer.Repository.PullRequest.BaseRef == nil {
		return nil
	}
	if head == nil {
		var err error
		if head, err = r.head(ctx, pull.Head.SHA, now.Path); err != nil {
			return err
		}
	}
	blob := ""
	if head.Policy != nil {
		blob = head.Policy.OID
	}
	if blob == now.Blob {
		return nil
	}
	if err := r.h.files(ctx, r.c, r.s, pull); err != nil {
		return err
	}
	changed := slices.ContainsFunc(pull.Files, func(f checks.File) bool {
		return f.Path == now.Path || f.Previous == now.Path && f.Status == "renamed"
	})
	if !changed && len(pull.Files) >= pull.FileCount {
		return nil
	}
	out := &checks.ProposedPolicy{Path: now.Path, Removed: head.Policy == nil}
	if head.Policy != nil {
		text, broken, err := r.h.blob(ctx, r.c, r.s, head.Policy, policyLimit)
		if err != nil {
			return err
		}
		out.Text = text
		if broken != "" {
			out.Problems = []checks.Problem{{File: now.Path, Message: "The proposed policy cannot be read: " + broken + "."}}
		}
	}
	pull.Proposed = out
	return nil
}

// head reads a policy text at the head commit.
func (r *reading) head(ctx context.Context, sha, path string) (*commitTexts, error) {
	var a struct {
		rate
		Repository *struct {
			Head *commitTexts `json:"head"`
		} `json:"repository"`
	}
	_, fails, err := r.h.ask(ctx, r.c, question{op: opProposed, text: r.h.text.proposed, vars: map[string]any{
		"owner": r.s.Owner, "name": r.s.Repo, "oid": sha, "path": path,
	}}, &a)
	if err != nil {
		return nil, err
	}
	err = accept(opProposed, fails, func(path []string, f failure) bool {
		return f.Type == notFound && len(path) == 3 && path[2] == "policy"
	})
	if err != nil {
		return nil, err
	}
	if a.Repository == nil || a.Repository.Head == nil || a.Repository.Head.OID != sha {
		return nil, &Error{Op: opProposed, Status: http.StatusOK, What: "GitHub does not show the head commit yet", Moved: true}
	}
	return a.Repository.Head, nil
}
