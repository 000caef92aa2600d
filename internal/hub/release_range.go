package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opRange = "range"
	// rangePage is how many commits come with one page of a comparison or a history,
	// the most that GitHub gives.
	rangePage = 100
	// subjectLimit is how many bytes of a commit's first line, or a title, are handed on.
	// It is far more than is kept of it: a secret that was cut before it is looked for
	// would not be found.
	subjectLimit = 4096
)

// rangeCommit is a commit as REST tells it (docs, "Compare two commits").
type rangeCommit struct {
	SHA    string `json:"sha"`
	Commit *struct {
		Message      string     `json:"message"`
		Author       *restNamed `json:"author"`
		Committer    *restNamed `json:"committer"`
		Verification struct {
			Verified bool `json:"verified"`
		} `json:"verification"`
	} `json:"commit"`
	Author    *restActor `json:"author"`
	Committer *restActor `json:"committer"`
}

// restNamed is who git says somebody is.
type restNamed struct {
	Email string `json:"email"`
}

// RangePage is a page, the first is 1, of the commits that head has and base does not;
// base "" is for all that head is made of. Both are SHAs, so that every page is of the
// same list however the branches go on. total is their number; of a whole history it
// is rounded up to hundreds while there are more pages. next is the page after this
// one, 0 for none. It takes one request. That GitHub does not know a commit is a
// [Fault].
//
// A commit's people are its author and its committer, where GitHub knows their
// accounts; its co-authors come with [Hub.RangePulls].
func (h *Hub) RangePage(ctx context.Context, s checks.Subject, base, head string, page int) (commits []checks.RangeCommit, total, next int, err error) {
	if !isCommit(head) || base != "" && !isCommit(base) || page < 1 {
		return nil, 0, 0, &Error{Op: opRange, What: "asked for the commits between what are no commits"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, 0, 0, err
	}
	q := url.Values{"per_page": {strconv.Itoa(rangePage)}, "page": {strconv.Itoa(page)}}
	var list []rangeCommit
	if base == "" {
		list, total, next, err = h.historyPage(ctx, c, s, head, page, q)
	} else {
		list, total, next, err = h.comparePage(ctx, c, s, base, head, q)
	}
	if err != nil {
		return nil, 0, 0, faultIfMissing(opRange, err, "GitHub does not know one of the commits that the release goes from and to")
	}
	for i := range list {
		n := &list[i]
		if !isCommit(n.SHA) || n.Commit == nil {
			return nil, 0, 0, &Error{Op: opRange, Status: http.StatusOK, What: "GitHub left out what a commit is"}
		}
		commits = append(commits, n.commit())
	}
	return commits, total, next, nil
}

func (h *Hub) comparePage(ctx context.Context, c *client, s checks.Subject, base, head string, q url.Values) ([]rangeCommit, int, int, error) {
	var a struct {
		Total   *int          `json:"total_commits"`
		Commits []rangeCommit `json:"commits"`
	}
	next, err := h.get(ctx, c, resource{s, opRange, "compare/" + base + "..." + head}, q, into(&a))
	if err == nil && (a.Total == nil || a.Commits == nil) {
		err = &Error{Op: opRange, Status: http.StatusOK, What: "GitHub gave no list of commits"}
	}
	if err != nil {
		return nil, 0, 0, err
	}
	return a.Commits, *a.Total, next, nil
}

func (h *Hub) historyPage(ctx context.Context, c *client, s checks.Subject, head string, page int, q url.Values) (list []rangeCommit, total, next int, err error) {
	q.Set("sha", head)
	last := 0
	err = h.rest(ctx, c, opRange, func(ctx context.Context, ses *session) error {
		req, err := ses.rest.NewRequest(http.MethodGet, resource{s, opRange, "commits"}.url(q), nil)
		if err != nil {
			return &Error{What: "make request"}
		}
		resp, err := ses.rest.BareDo(ctx, req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		next, last = resp.NextPage, resp.LastPage
		return into(&list)(resp.Body)
	})
	if err != nil {
		return nil, 0, 0, err
	}
	if next != 0 {
		return list, max(last, next) * rangePage, next, nil
	}
	if len(list) == 0 {
		return nil, 0, 0, &Error{Op: opRange, Status: http.StatusOK, What: fmt.Sprintf("GitHub gave an empty page %d of a history", page)}
	}
	return list, (page-1)*rangePage + len(list), 0, nil
}

// commit is the commit with the people whom GitHub knows.
func (n *rangeCommit) commit() checks.RangeCommit {
	first, _, _ := strings.Cut(n.Commit.Message, "\n")
	out := checks.RangeCommit{SHA: n.SHA, Subject: cut(strings.TrimSpace(first), subjectLimit)}
	w := workers{commit: &out, byGitHub: n.Commit.Verification.Verified}
	w.add(n.Author.actor(), email(n.Commit.Author), false)
	w.add(n.Committer.actor(), email(n.Commit.Committer), true)
	return out
}

func email(n *restNamed) string {
	if n == nil {
		return ""
	}
	return n.Email
}
