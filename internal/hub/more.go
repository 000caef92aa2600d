package hub

import (
	"context"
	"fmt"
	"net/http"
)

// commitLimit is how many commits of a pull request GitHub lists at most,
// without saying that there are more (REST docs, "List commits on a pull request").
const commitLimit = 250

// pageLimit ends a list that never ends: 100 pages of 100.
const pageLimit = 100

const opMore = "more"

// rest reads the further pages of every list that has them, all lists together,
// and refuses lists that are not whole.
func (r *reading) rest(ctx context.Context) error {
	p := r.answer.Repository.PullRequest
	if err := p.lists.whole(opVerdict, p.BaseRef != nil); err != nil {
		return err
	}
	latest := p.lists
	for n := 0; ; n++ {
		vars, more := latest.next()
		if !more {
			return p.lists.complete()
		}
		if n >= pageLimit {
			return &Error{Op: opMore, What: fmt.Sprintf("a list is longer than %d pages", pageLimit)}
		}
		vars["id"] = p.ID
		var answer struct {
			rate
			Node *struct {
				HeadRefOID  string `json:"headRefOid"`
				BaseRefName string `json:"baseRefName"`
				lists
			} `json:"node"`
		}
		_, fails, err := r.h.ask(ctx, r.c, question{op: opMore, text: r.h.text.more, vars: vars}, &answer)
		if err != nil {
			return err
		}
		if err := accept(opMore, fails, r.tolerateMore); err != nil {
			return err
		}
		if answer.Node == nil || answer.Node.HeadRefOID != p.HeadRefOID || answer.Node.BaseRefName != p.BaseRefName {
			return &Error{Op: opMore, Status: http.StatusOK, What: "the pull request changed while it was read", Moved: true}
		}
		if latest, err = p.lists.join(answer.Node.lists, latest); err != nil {
			return err
		}
	}
}

func (r *reading) tolerateMore(path []string, f failure) bool {
	return len(path) > 1 && path[1] == "closingIssuesReferences" && (f.Type == notFound || f.Type == forbidden)
}

// whole refuses lists that are null or hold a null.
func (l *lists) whole(op string, base bool) error {
	checks := []error{
		l.Labels.whole(op, "labels"), l.Commits.whole(op, "commits"), l.Reviews.whole(op, "reviews"),
		l.Comments.whole(op, "comments"), l.Requests.whole(op, "review requests"), l.Timeline.whole(op, "events"),
	}
	if base {
		checks = append(checks, l.BaseRef.Rules.whole(op, "branch rules"))
	}
	if l.Rollup != nil { // null is a head without any check
		checks = append(checks, l.Rollup.Contexts.whole(op, "checks"))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// next is the variables of the next page, and whether there is one.
func (l *lists) next() (map[string]any, bool) {
	vars, more := map[string]any{}, false
	want := func(name, upper string, has bool, cursor *string) {
		has = has && cursor != nil
		vars["more"+upper] = has
		if has {
			vars[name], more = *cursor, true
		}
	}
	forward(want, "labels", "Labels", l.Labels)
	forward(want, "commits", "Commits", l.Commits)
	forward(want, "reviews", "Reviews", l.Reviews)
	forward(want, "comments", "Comments", l.Comments)
	forward(want, "requests", "Requests", l.Requests)
	forward(want, "issues", "Issues", l.Issues)
	var rules *connection[ruleAnswer]
	if l.BaseRef != nil {
		rules = l.BaseRef.Rules
	}
	forward(want, "rules", "Rules", rules)
	var contexts *connection[contextAnswer]
	if l.Rollup != nil {
		contexts = l.Rollup.Contexts
	}
	forward(want, "contexts", "Contexts", contexts)
	if l.Timeline != nil {
		want("timeline", "Timeline", l.Timeline.PageInfo.HasPreviousPage, l.Timeline.PageInfo.StartCursor)
	} else {
		want("timeline", "Timeline", false, nil)
	}
	return vars, more
}

func forward[T any](want func(string, string, bool, *string), name, upper string, c *connection[T]) {
	if c == nil {
		want(name, upper, false, nil)
		return
	}
	want(name, upper, c.PageInfo.HasNextPage, c.PageInfo.EndCursor)
}

// join adds a further page to what was read and returns that page, with only
// the lists that were asked for. asked is the page before it.
func (l *lists) join(next, asked lists) (lists, error) {
	vars, _ := asked.next()
	want := func(name string) bool { has, _ := vars["more"+name].(bool); return has }
	out := lists{}
	errs := []error{
		joinList(want("Labels"), &l.Labels, next.Labels, &out.Labels, "labels"),
		joinList(want("Commits"), &l.Commits, next.Commits, &out.Commits, "commits"),
		joinList(want("Reviews"), &l.Reviews, next.Reviews, &out.Reviews, "reviews"),
		joinList(want("Comments"), &l.Comments, next.Comments, &out.Comments, "comments"),
		joinList(want("Requests"), &l.Requests, next.Requests, &out.Requests, "review requests"),
		joinList(want("Timeline"), &l.Timeline, next.Timeline, &out.Timeline, "events"),
	}
	if want("Issues") && next.Issues != nil { // see tolerate: fewer issues help nobody
		l.Issues.Nodes = append(l.Issues.Nodes, next.Issues.Nodes...)
		out.Issues = next.Issues
	}
	if want("Rules") {
		b := &baseAnswer{}
		if next.BaseRef == nil {
			next.BaseRef = b
		}
		errs = append(errs, joinList(true, &l.BaseRef.Rules, next.BaseRef.Rules, &b.Rules, "branch rules"))
		out.BaseRef = b
	}
	if want("Contexts") {
		ru := &rollupAnswer{}
		if next.Rollup == nil {
			next.Rollup = ru
		}
		errs = append(errs, joinList(true, &l.Rollup.Contexts, next.Rollup.Contexts, &ru.Contexts, "checks"))
		out.Rollup = ru
	}
	for _, err := range errs {
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func joinList[T any](want bool, all **connection[T], next *connection[T], out **connection[T], what string) error {
	if !want {
		return nil
	}
	if err := next.whole(opMore, what); err != nil {
		return err
	}
	(*all).Nodes = append((*all).Nodes, next.Nodes...)
	(*all).TotalCount = next.TotalCount
	*out = next
	return nil
}

// complete refuses lists that are shorter than GitHub says they are. Commits
// are not among them: GitHub cuts their list, and a check knows it by the count.
func (l *lists) complete() error {
	errs := []error{
		l.Labels.complete("labels"), l.Reviews.complete("reviews"),
		l.Comments.complete("comments"), l.Requests.complete("review requests"),
	}
	if l.BaseRef != nil {
		errs = append(errs, l.BaseRef.Rules.complete("branch rules"))
	}
	if l.Rollup != nil {
		errs = append(errs, l.Rollup.Contexts.complete("checks"))
	}
	if n := len(l.Commits.Nodes); n < min(l.Commits.TotalCount, commitLimit) {
		errs = append(errs, l.Commits.complete("commits"))
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *connection[T]) complete(what string) error {
	if c != nil && len(c.Nodes) < c.TotalCount {
		return &Error{Op: opMore, Status: http.StatusOK, What: fmt.Sprintf("GitHub listed %d of %d %s", len(c.Nodes), c.TotalCount, what)}
	}
	return nil
}
