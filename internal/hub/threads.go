package hub

import (
	"context"
	"fmt"
	"net/http"

	"github.com/handrail-bot/handrail/checks"
)

const opThreads = "threads"

// thread is a conversation as a snapshot has it.
func (n *threadAnswer) thread() checks.Thread {
	out := checks.Thread{Path: n.Path, Resolved: n.IsResolved, Outdated: n.IsOutdated}
	if n.Line != nil {
		out.Line = *n.Line
	}
	if n.ResolvedBy != nil {
		out.ResolvedBy = n.ResolvedBy.Login
	}
	if n.Comments != nil && len(n.Comments.Nodes) > 0 && n.Comments.Nodes[0] != nil {
		out.Author = n.Comments.Nodes[0].Author.actor()
	}
	return out
}

// threads reads the conversations of a pull request. first is their first page,
// nil when it is to be asked for as well. GitHub may list fewer than it counts;
// a check knows it by the count.
func (h *Hub) threads(ctx context.Context, c *client, pull *checks.Pull, first *connection[threadAnswer]) error {
	var all []checks.Thread
	vars := map[string]any{"id": pull.ID}
	for page := first; len(all) < 100*pageLimit; page = nil {
		if page == nil {
			var err error
			if page, err = h.threadPage(ctx, c, pull, vars); err != nil {
				return err
			}
		}
		if err := page.whole(opThreads, "conversations"); err != nil {
			return err
		}
		for _, n := range page.Nodes {
			all = append(all, n.thread())
		}
		if !page.PageInfo.HasNextPage || page.PageInfo.EndCursor == nil || len(page.Nodes) == 0 {
			pull.Threads, pull.ThreadCount, pull.ThreadsRead = all, page.TotalCount, true
			return nil
		}
		vars["after"] = *page.PageInfo.EndCursor
	}
	return &Error{Op: opThreads, What: fmt.Sprintf("the list of conversations is longer than %d pages", pageLimit)}
}

// threadPage asks for a page of conversations.
func (h *Hub) threadPage(ctx context.Context, c *client, pull *checks.Pull, vars map[string]any) (*connection[threadAnswer], error) {
	var a struct {
		rate
		Node *struct {
			HeadRefOID string                    `json:"headRefOid"`
			Threads    *connection[threadAnswer] `json:"reviewThreads"`
		} `json:"node"`
	}
	_, fails, err := h.ask(ctx, c, question{op: opThreads, text: h.text.threads, vars: vars}, &a)
	if err != nil {
		return nil, err
	}
	if err := accept(opThreads, fails, func([]string, failure) bool { return false }); err != nil {
		return nil, err
	}
	if a.Node == nil || a.Node.HeadRefOID != pull.Head.SHA {
		return nil, &Error{Op: opThreads, Status: http.StatusOK, What: "the pull request changed while it was read", Moved: true}
	}
	if a.Node.Threads == nil {
		a.Node.Threads = &connection[threadAnswer]{} // no list, which is refused
	}
	return a.Node.Threads, nil
}
