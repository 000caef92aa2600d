package hub

import (
	"context"
	"net/http"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opCompare = "compare"
	opHistory = "history"
	// historyPages is how many hundreds of commits are looked at for first
	// parents.
	historyPages = 5
)

// Between is what changes from a commit to another, from their merge base on.
// Of commits that GitHub does not have, or that have none in common, it is
// empty and not whole.
func (h *Hub) Between(ctx context.Context, s checks.Subject, base, head string) (checks.Difference, error) {
	var out checks.Difference
	c, err := h.client(s.Installation)
	if err != nil {
		return out, err
	}
	got, err := h.compare(ctx, c, s, base, head)
	if err != nil || got == nil {
		return out, err
	}
	out.MergeBase = got.GetMergeBaseCommit().GetSHA()
	out.MergeBaseAt = got.GetMergeBaseCommit().GetCommit().GetCommitter().GetDate().UTC()
	if !isCommit(out.MergeBase) || out.MergeBaseAt.IsZero() {
		return checks.Difference{}, &Error{Op: opCompare, Status: http.StatusOK, What: "GitHub did not say where two commits part"}
	}
	for _, f := range got.Files {
		out.Files = append(out.Files, lined(f))
	}
	out.Whole = got.Files != nil && len(got.Files) < compareLimit
	return out, nil
}

// compare asks for the difference base...head; nil is that GitHub knows none.
func (h *Hub) compare(ctx context.Context, c *client, s checks.Subject, base, head string) (*github.CommitsComparison, error) {
	if !isCommit(base) || !isCommit(head) {
		return nil, nil
	}
	var got *github.CommitsComparison
	err := h.rest(ctx, c, opCompare, func(ctx context.Context, ses *session) error {
		var err error
		// The files are all on the first page, however many commits are on it.
		got, _, err = ses.rest.Repositories.CompareCommits(ctx, s.Owner, s.Repo, base, head, &github.ListOptions{Page: 1, PerPage: 1})
		return err
	})
	if err != nil {
		if missing(err) {
			return nil, nil
		}
		return nil, err
	}
	return got, nil
}

// FirstParents are a commit and those before it along first parents, newest
// first: n of them, or fewer where history ends or where they are not among the
// commits that five requests show.
func (h *Hub) FirstParents(ctx context.Context, s checks.Subject, commit string, n int) ([]string, error) {
	if !isCommit(commit) {
		return nil, &Error{Op: opHistory, What: "asked for the history of what is no commit"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	var line []string
	next := commit
	for page := 0; page < historyPages && next != "" && len(line) < n; page++ {
		// Asked anew from where the last page ended, rather than for its next page:
		// commits that came in by merges further up are then left out.
		parents, err := h.history(ctx, c, s, next)
		if err != nil {
			return nil, err
		}
		for next != "" && len(line) < n {
			parent, shown := parents[next]
			if !shown {
				break
			}
			line = append(line, next)
			next = parent
		}
	}
	return line, nil
}

type historyAnswer struct {
	rate
	Repository *struct {
		DatabaseID int64 `json:"databaseId"`
		Object     *struct {
			History *connection[struct {
				OID     string `json:"oid"`
				Parents *struct {
					TotalCount int        `json:"totalCount"`
					Nodes      []oidField `json:"nodes"`
				} `json:"parents"`
			}] `json:"history"`
		} `json:"object"`
	} `json:"repository"`
}

// history is the first parent of each of a hundred commits, of the one asked
// for among them; "" where a commit has none.
func (h *Hub) history(ctx context.Context, c *client, s checks.Subject, commit string) (map[string]string, error) {
	var a historyAnswer
	vars := map[string]any{"owner": s.Owner, "name": s.Repo, "oid": commit}
	_, fails, err := h.ask(ctx, c, question{op: opHistory, text: h.text.history, vars: vars}, &a)
	if err != nil {
		return nil, err
	}
	if err := accept(opHistory, fails, func([]string, failure) bool { return false }); err != nil {
		return nil, err
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return nil, &Error{Op: opHistory, Status: http.StatusOK, What: "GitHub gave no repository, or another"}
	}
	if a.Repository.Object == nil {
		// GitHub has just told of the commit, so it is a replica that lags.
		return nil, &Error{Op: opHistory, Status: http.StatusOK, What: "GitHub does not show the commit", Moved: true}
	}
	list := a.Repository.Object.History
	if err := list.whole(opHistory, "commits"); err != nil {
		return nil, err
	}
	parents := map[string]string{}
	for _, n := range list.Nodes {
		p := n.Parents
		if p == nil || p.TotalCount > 0 && (len(p.Nodes) == 0 || p.Nodes[0].OID == "") {
			return nil, &Error{Op: opHistory, Status: http.StatusOK, What: "GitHub left out the parents of a commit"}
		}
		parents[n.OID] = ""
		if p.TotalCount > 0 {
			parents[n.OID] = p.Nodes[0].OID
		}
	}
	if _, shown := parents[commit]; !shown {
		return nil, &Error{Op: opHistory, Status: http.StatusOK, What: "GitHub gave the history of another commit"}
	}
	return parents, nil
}
