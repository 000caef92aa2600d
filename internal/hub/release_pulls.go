package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opRangePulls = "range pulls"
	// rangeBatch is of how many commits one request asks. Each costs three of the
	// hundred connections that a point buys, far below GitHub's 500,000 nodes.
	rangeBatch = 150
	// rangeLeast is how many commits a request must at least have asked of before it is
	// asked of fewer, and rangeTries how many requests one call makes at most.
	rangeLeast, rangeTries = 10, 24
)

// RangePulls says of commits, 150 at most, which pull requests GitHub says they came
// by, and the accounts of everybody who worked on them. It takes one request; where
// GitHub has no answer in time the commits are asked about by halves.
func (h *Hub) RangePulls(ctx context.Context, s checks.Subject, shas []string) (map[string]checks.RangeCommit, error) {
	if len(shas) > rangeBatch || slices.ContainsFunc(shas, func(sha string) bool { return !isCommit(sha) }) {
		return nil, &Error{Op: opRangePulls, What: fmt.Sprintf("asked about more than %d commits, or about what is no commit", rangeBatch)}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	out := make(map[string]checks.RangeCommit, len(shas))
	todo := [][]string{shas}
	for tries := 0; len(todo) > 0; tries++ {
		part := todo[0]
		todo = todo[1:]
		if len(part) == 0 {
			continue
		}
		err := h.rangePulls(ctx, c, s, part, out)
		if err == nil {
			continue
		}
		if !tooSlow(ctx, err) || len(part) < 2*rangeLeast || tries >= rangeTries {
			return nil, err
		}
		todo = append([][]string{part[:len(part)/2], part[len(part)/2:]}, todo...)
	}
	return out, nil
}

// tooSlow says whether GitHub may have an answer to a smaller question: it cuts one
// off that takes it 10 seconds or too much else ("Rate limits and query limits for the
// GraphQL API", timeouts and resource limits), by a gateway's status or by a failure
// that speaks of it.
func tooSlow(ctx context.Context, err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Limited || ctx.Err() != nil {
		return false
	}
	what := strings.ToLower(e.What)
	return e.Status == http.StatusBadGateway || e.Status == http.StatusGatewayTimeout ||
		errors.Is(err, context.DeadlineExceeded) || strings.Contains(what, "timeout") ||
		strings.Contains(what, "resource_limits_exceeded")
}

// workAnswer is one commit of the answer.
type workAnswer struct {
	OID       string     `json:"oid"`
	Author    *workField `json:"author"`
	Committer *workField `json:"committer"`
	Authors   *struct {
		TotalCount int          `json:"totalCount"`
		Nodes      []*workField `json:"nodes"`
	} `json:"authors"`
	Signature *struct {
		IsValid           bool `json:"isValid"`
		WasSignedByGitHub bool `json:"wasSignedByGitHub"`
	} `json:"signature"`
	Pulls *struct {
		TotalCount int         `json:"totalCount"`
		Nodes      []*workPull `json:"nodes"`
	} `json:"associatedPullRequests"`
}

type workField struct {
	Email *string `json:"email"`
	User  *struct {
		Login      string `json:"login"`
		DatabaseID int64  `json:"databaseId"`
	} `json:"user"`
}

type workPull struct {
	Number      int        `json:"number"`
	Title       string     `json:"title"`
	Merged      bool       `json:"merged"`
	MergedAt    *time.Time `json:"mergedAt"`
	BaseRefName string     `json:"baseRefName"`
	Author      *who       `json:"author"`
	Repository  *struct {
		DatabaseID int64 `json:"databaseId"`
	} `json:"repository"`
	MergeCommit *oidField `json:"mergeCommit"`
}

// rangeText is the question about n commits, each under the alias "c" and its index.
func rangeText(t texts, n int) string {
	var vars, fields strings.Builder
	for i := range n {
		fmt.Fprintf(&vars, " $c%d: GitObjectID!", i)
		fmt.Fprintf(&fields, " c%d: object(oid: $c%d) { ...Work }", i, i)
	}
	return t.complete("query RangePulls($owner: String!, $name: String!" + vars.String() + ") { rateLimit { ...Rate }" +
		" about: repository(owner: $owner, name: $name) { databaseId } repository(owner: $owner, name: $name) {" + fields.String() + " } }")
}

// rangePulls asks about some commits and puts the answers into a map.
func (h *Hub) rangePulls(ctx context.Context, c *client, s checks.Subject, shas []string, into map[string]checks.RangeCommit) error {
	vars := map[string]any{"owner": s.Owner, "name": s.Repo}
	for i, sha := range shas {
		vars[fmt.Sprintf("c%d", i)] = sha
	}
	var a struct {
		rate
		About *struct {
			DatabaseID int64 `json:"databaseId"`
		} `json:"about"`
		Repository map[string]*workAnswer `json:"repository"`
	}
	_, fails, err := h.ask(ctx, c, question{op: opRangePulls, text: rangeText(h.text, len(shas)), vars: vars}, &a)
	if err != nil {
		return err
	}
	if err := accept(opRangePulls, fails, func([]string, failure) bool { return false }); err != nil {
		return err
	}
	if a.About == nil || s.RepoID != 0 && a.About.DatabaseID != s.RepoID {
		return anotherRepository(opRangePulls)
	}
	for i, sha := range shas {
		n := a.Repository[fmt.Sprintf("c%d", i)]
		if n == nil || n.OID != sha {
			return &Error{Op: opRangePulls, Status: http.StatusOK, What: "GitHub does not show a commit of the release", Moved: true}
		}
		if n.Pulls == nil || n.Pulls.Nodes == nil || slices.Contains(n.Pulls.Nodes, nil) {
			return &Error{Op: opRangePulls, Status: http.StatusOK, What: "GitHub gave no list of pull requests"}
		}
		into[sha] = n.commit()
	}
	return nil
}

func (n *workAnswer) commit() checks.RangeCommit {
	out := checks.RangeCommit{SHA: n.OID, Cut: n.Pulls.TotalCount > len(n.Pulls.Nodes)}
	for _, p := range n.Pulls.Nodes {
		q := checks.RangePull{
			Number: p.Number, Title: cut(p.Title, subjectLimit), Author: p.Author.actor(), Base: p.BaseRefName,
			Merged: p.Merged, MergedAt: value(p.MergedAt),
		}
		if p.Repository != nil {
			q.RepoID = p.Repository.DatabaseID
		}
		if p.MergeCommit != nil {
			q.MergeCommit = p.MergeCommit.OID
		}
		out.Pulls = append(out.Pulls, q)
	}
	w := workers{commit: &out, byGitHub: n.Signature != nil && n.Signature.IsValid && n.Signature.WasSignedByGitHub}
	w.add(n.Author.actor(), n.Author.email(), false)
	w.add(n.Committer.actor(), n.Committer.email(), true)
	if n.Authors == nil || n.Authors.TotalCount > len(n.Authors.Nodes) {
		out.Nameless = true
		return out
	}
	for _, f := range n.Authors.Nodes {
		w.add(f.actor(), f.email(), false)
	}
	return out
}

func (f *workField) email() string {
	if f == nil {
		return ""
	}
	return text(f.Email)
}

// actor is the account; none where GitHub knows nobody by that e-mail.
func (f *workField) actor() checks.Actor {
	if f == nil || f.User == nil {
		return checks.Actor{}
	}
	w := who{Type: "User", Login: f.User.Login, DatabaseID: f.User.DatabaseID}
	if strings.HasSuffix(w.Login, "[bot]") {
		w.Type = "Bot"
	}
	return w.actor()
}
