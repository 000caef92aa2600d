package hub

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opBranch = "branch"
	opLine   = "line"
	// linePages is how many hundreds of commits are looked at for one line.
	linePages = 10
	// newLimit is how many commits of a comparison are listed.
	newLimit = 1000
)

type branchAnswer struct {
	rate
	Repository *struct {
		DatabaseID       int64      `json:"databaseId"`
		Name             string     `json:"name"`
		Owner            loginField `json:"owner"`
		DefaultBranchRef *struct {
			Name string `json:"name"`
		} `json:"defaultBranchRef"`
		Ref *baseAnswer `json:"ref"`
	} `json:"repository"`
	Floor *floorAnswer `json:"floor"`
}

// Branch reads where a branch is, what its rules require, and the policy texts that
// hold on it: the repository's and the organisation's floor. A branch that is not
// there has no SHA.
func (h *Hub) Branch(ctx context.Context, s checks.Subject, name string) (checks.BranchState, []checks.Source, error) {
	out := checks.BranchState{Name: name, AppID: h.cfg.AppID}
	c, err := h.client(s.Installation)
	if err != nil {
		return out, nil, err
	}
	var a branchAnswer
	vars := map[string]any{"owner": s.Owner, "name": s.Repo, "ref": "refs/heads/" + name}
	at, fails, err := h.ask(ctx, c, question{op: opBranch, text: h.text.branch, vars: vars}, &a)
	if err != nil {
		return out, nil, err
	}
	r := reading{h: h, c: c, s: s, at: at, fails: fails}
	if err := accept(opBranch, fails, r.tolerateBranch); err != nil {
		return out, nil, err
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return out, nil, anotherRepository(opBranch)
	}
	r.answer.Repository = &repositoryAnswer{Name: a.Repository.Name, Owner: a.Repository.Owner}
	r.answer.Floor = a.Floor
	out.At = at
	if a.Repository.DefaultBranchRef != nil {
		out.Default = a.Repository.DefaultBranchRef.Name
	}
	own := checks.Source{Repo: a.Repository.Owner.Login + "/" + a.Repository.Name, Path: checks.PolicyPath, Absent: true}
	if b := a.Repository.Ref; b != nil {
		if b.Target == nil || b.Target.OID == "" {
			return out, nil, &Error{Op: opBranch, Status: http.StatusOK, What: "GitHub did not say where the branch is"}
		}
		out.SHA, own.Commit = b.Target.OID, b.Target.OID
		out.Requires, out.RulesKnown = rulesOf(b)
		if err := r.source(ctx, &own, b.Target.Policy); err != nil {
			return out, nil, err
		}
	}
	floor, err := r.floor(ctx)
	return out, []checks.Source{own, floor}, err
}

// tolerateBranch knows the failures that are answers: a floor that is not there, a
// file that is not.
func (r *reading) tolerateBranch(path []string, f failure) bool {
	switch last := path[len(path)-1]; {
	case len(path) == 1 && path[0] == "floor":
		return f.Type == notFound || f.Type == forbidden
	case last == "policy":
		return f.Type == notFound
	}
	return false
}

// rulesOf are the checks that a branch requires, and whether all of its rules were
// shown.
func rulesOf(b *baseAnswer) ([]checks.Required, bool) {
	if b.Rules == nil || b.Rules.Nodes == nil || b.Rules.TotalCount > len(b.Rules.Nodes) {
		return nil, false
	}
	for _, n := range b.Rules.Nodes {
		if n == nil {
			return nil, false
		}
	}
	return required(b), true
}

type lineAnswer struct {
	rate
	Repository *struct {
		DatabaseID int64 `json:"databaseId"`
		Object     *struct {
			History *connection[lineCommit] `json:"history"`
		} `json:"object"`
	} `json:"repository"`
}

type lineCommit struct {
	OID    string `json:"oid"`
	Author *struct {
		User *loginField `json:"user"`
	} `json:"author"`
	Parents *struct {
		TotalCount int        `json:"totalCount"`
		Nodes      []oidField `json:"nodes"`
	} `json:"parents"`
	Pulls *connection[linePull] `json:"associatedPullRequests"`
}

type linePull struct {
	Number      int    `json:"number"`
	Merged      bool   `json:"merged"`
	BaseRefName string `json:"baseRefName"`
	Repository  *struct {
		DatabaseID int64 `json:"databaseId"`
	} `json:"repository"`
	MergeCommit *oidField `json:"mergeCommit"`
}

// Line is the line of first parents from a commit down to another, which is not part
// of it; at most limit commits of it.
func (h *Hub) Line(ctx context.Context, s checks.Subject, from, until string, limit int) (checks.Line, error) {
	var out checks.Line
	c, err := h.client(s.Installation)
	if err != nil {
		return out, err
	}
	next := from
	for page := 0; page < linePages && len(out.Commits) < limit; page++ {
		if next == until || next == "" {
			break
		}
		// Asked anew from where the last page ended: commits that came in by merges
		// further up are left out so.
		shown, err := h.lineFrom(ctx, c, s, next)
		if err != nil {
			return out, err
		}
		for n, ok := shown[next]; ok && next != until && len(out.Commits) < limit; n, ok = shown[next] {
			out.Commits = append(out.Commits, n.commit())
			next = ""
			if n.Parents.TotalCount > 0 {
				next = n.Parents.Nodes[0].OID
			}
		}
	}
	out.Met = next == until
	out.Cut = !out.Met && next != ""
	return out, nil
}

// lineFrom is a hundred commits before a commit, that one among them.
func (h *Hub) lineFrom(ctx context.Context, c *client, s checks.Subject, commit string) (map[string]*lineCommit, error) {
	fault := func(what string) error { return &Error{Op: opLine, Status: http.StatusOK, What: what} }
	if !isCommit(commit) {
		return nil, fault("asked for the history of what is no commit")
	}
	var a lineAnswer
	vars := map[string]any{"owner": s.Owner, "name": s.Repo, "oid": commit}
	_, fails, err := h.ask(ctx, c, question{op: opLine, text: h.text.line, vars: vars}, &a)
	if err != nil {
		return nil, err
	}
	if err := accept(opLine, fails, func([]string, failure) bool { return false }); err != nil {
		return nil, err
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return nil, fault("GitHub gave no repository, or another")
	}
	if a.Repository.Object == nil || a.Repository.Object.History == nil {
		return nil, &Error{Op: opLine, Status: http.StatusOK, What: "GitHub does not show the commit", Moved: true}
	}
	list := a.Repository.Object.History
	if err := list.whole(opLine, "commits"); err != nil {
		return nil, err
	}
	out := map[string]*lineCommit{}
	for _, n := range list.Nodes {
		p := n.Parents
		if p == nil || p.TotalCount > 0 && (len(p.Nodes) == 0 || p.Nodes[0].OID == "") {
			return nil, fault("GitHub left out the parents of a commit")
		}
		if err := n.Pulls.whole(opLine, "pull requests"); err != nil {
			return nil, err
		}
		out[n.OID] = n
	}
	if out[commit] == nil {
		return nil, fault("GitHub gave the history of another commit")
	}
	return out, nil
}

func (n *lineCommit) commit() checks.LineCommit {
	out := checks.LineCommit{SHA: n.OID, Cut: n.Pulls.TotalCount > len(n.Pulls.Nodes)}
	if n.Author != nil && n.Author.User != nil {
		out.Author = n.Author.User.Login
	}
	for _, p := range n.Pulls.Nodes {
		q := checks.LinePull{Number: p.Number, Base: p.BaseRefName, Merged: p.Merged}
		if p.Repository != nil {
			q.RepoID = p.Repository.DatabaseID
		}
		if p.MergeCommit != nil {
			q.Commit = p.MergeCommit.OID
		}
		out.Pulls = append(out.Pulls, q)
	}
	return out
}

// Relation says how two commits stand to each other.
func (h *Hub) Relation(ctx context.Context, s checks.Subject, base, head string) (checks.Relation, error) {
	var out checks.Relation
	c, err := h.client(s.Installation)
	if err != nil || !isCommit(base) || !isCommit(head) {
		return out, err
	}
	for page := 1; page != 0; {
		var got *github.CommitsComparison
		var next int
		err := h.rest(ctx, c, opCompare, func(ctx context.Context, ses *session) error {
			list, resp, err := ses.rest.Repositories.CompareCommits(ctx, s.Owner, s.Repo, base, head, &github.ListOptions{Page: page, PerPage: 100})
			if err == nil {
				got, next = list, resp.NextPage
			}
			return err
		})
		if err != nil {
			if missing(err) {
				return checks.Relation{}, nil
			}
			return out, err
		}
		out.Base, out.Ahead, out.Behind, out.Known = got.GetMergeBaseCommit().GetSHA(), got.GetAheadBy(), got.GetBehindBy(), true
		for _, n := range got.Commits {
			out.New = append(out.New, n.GetSHA())
		}
		if page = next; len(out.New) >= newLimit {
			page = 0
		}
	}
	if len(out.New) < out.Ahead {
		out.New = nil
	}
	if !isCommit(out.Base) {
		return out, &Error{Op: opCompare, Status: http.StatusOK, What: "GitHub did not say where two commits part"}
	}
	return out, nil
}

// floorAnswer is the organisation's repository with the floor.
type floorAnswer struct {
	Name             string     `json:"name"`
	Owner            loginField `json:"owner"`
	DefaultBranchRef *struct {
		Target *commitTexts `json:"target"`
	} `json:"defaultBranchRef"`
}

// refAnswer is a branch or tag.
type refAnswer struct {
	Name   string     `json:"name"`
	Target *gitAnswer `json:"target"`
}

// gitAnswer is an object of git's: a commit, or a tag that is about another.
type gitAnswer struct {
	Type   string     `json:"__typename"`
	OID    string     `json:"oid"`
	Target *gitAnswer `json:"target"`
}

// tag is a tag with the commit that it is about.
func (r *refAnswer) tag() checks.TagState {
	out := checks.TagState{Name: r.Name}
	if r.Target == nil {
		return out
	}
	out.OID = r.Target.OID
	at := r.Target
	for at != nil && at.Type == "Tag" {
		at = at.Target
	}
	if at != nil && at.Type == "Commit" {
		out.SHA = at.OID
	}
	return out
}

const opRefs = "refs"

// Refs are the branches (kind "heads") or tags (kind "tags") of a repository, a
// hundred to a request. after is "" for the first hundred; next is "" when there are
// no more.
func (h *Hub) Refs(ctx context.Context, s checks.Subject, kind, after string) (list []checks.TagState, next string, at time.Time, err error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, "", at, err
	}
	var a struct {
		rate
		Repository *struct {
			DatabaseID int64                  `json:"databaseId"`
			Refs       *connection[refAnswer] `json:"refs"`
		} `json:"repository"`
	}
	vars := map[string]any{"owner": s.Owner, "name": s.Repo, "prefix": "refs/" + kind + "/"}
	if after != "" {
		vars["after"] = after
	}
	at, fails, err := h.ask(ctx, c, question{op: opRefs, text: h.text.refs, vars: vars}, &a)
	if err != nil {
		return nil, "", at, err
	}
	if err := accept(opRefs, fails, func([]string, failure) bool { return false }); err != nil {
		return nil, "", at, err
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return nil, "", at, anotherRepository(opRefs)
	}
	list, next, err = refList(opRefs, a.Repository.Refs)
	return list, next, at, err
}

// refList is a page of refs, and where it goes on.
func refList(op string, c *connection[refAnswer]) (list []checks.TagState, next string, err error) {
	if err := c.whole(op, "refs"); err != nil {
		return nil, "", err
	}
	for _, n := range c.Nodes {
		if n.Target == nil || n.Target.OID == "" {
			return nil, "", &Error{Op: op, Status: http.StatusOK, What: fmt.Sprintf("GitHub did not say where %.100q is", n.Name)}
		}
		list = append(list, n.tag())
	}
	if c.PageInfo.HasNextPage && c.PageInfo.EndCursor != nil {
		next = *c.PageInfo.EndCursor
	}
	return list, next, nil
}
