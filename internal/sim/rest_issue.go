package sim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (rt route) issues() {
	rt.on("GET /repos/{owner}/{repo}/issues", "issues:read", (*call).listIssues)
	rt.on("POST /repos/{owner}/{repo}/issues", "issues:write", (*call).postIssue)
	rt.on("GET /repos/{owner}/{repo}/issues/{n}", "talk:read", (*call).getIssue)
	rt.on("PATCH /repos/{owner}/{repo}/issues/{n}", "issues:write", (*call).patchIssue)
	rt.on("GET /repos/{owner}/{repo}/issues/{n}/labels", "talk:read", (*call).talkLabels)
	rt.on("POST /repos/{owner}/{repo}/issues/{n}/labels", "talk:write", (*call).addLabels)
	rt.on("DELETE /repos/{owner}/{repo}/issues/{n}/labels/{name}", "talk:write", (*call).removeLabel)
	rt.on("GET /repos/{owner}/{repo}/issues/{n}/comments", "talk:read", (*call).listComments)
	rt.on("POST /repos/{owner}/{repo}/issues/{n}/comments", "talk:write", (*call).postComment)
	rt.on("GET /repos/{owner}/{repo}/issues/comments/{id}", "metadata:read", (*call).getComment)
	rt.on("PATCH /repos/{owner}/{repo}/issues/comments/{id}", "metadata:write", (*call).patchComment)
	rt.on("DELETE /repos/{owner}/{repo}/issues/comments/{id}", "metadata:write", (*call).deleteComment)
}

// talkPermission is the permission that a number needs: issues, or pull_requests for
// one that is a pull request.
func (r *Repo) talkPermission(n int) string {
	return bool2(r.issues[n] != nil, "issues", "pull_requests")
}

// talk is the route's issue or pull request; nil when answered with 404.
func (c *call) talk() conversation {
	n := int(c.number("n"))
	if p := c.repo.pulls[n]; p != nil {
		return p
	}
	if i := c.repo.issues[n]; i != nil {
		return i
	}
	c.missing()
	return nil
}

// listIssues lists issues and pull requests, the newest first (REST docs: every pull
// request is an issue).
func (c *call) listIssues() {
	q := c.r.URL.Query()
	state := q.Get("state")
	if state == "" {
		state = "open"
	}
	since, err := time.Parse(time.RFC3339, q.Get("since"))
	if err != nil && q.Get("since") != "" {
		c.refuse(http.StatusUnprocessableEntity, "since is no time")
		return
	}
	var all []m
	for n := c.repo.number; n > 0; n-- {
		var one conversation
		var author *Account
		var now string
		var updated time.Time
		if i := c.repo.issues[n]; i != nil {
			one, author, now, updated = i, i.author, i.state(), i.updated
		} else if p := c.repo.pulls[n]; p != nil {
			one, author, now, updated = p, p.author, p.state, p.updated
		}
		if one == nil || state != "all" && state != now || q.Get("creator") != "" && !named(author, q.Get("creator")) || updated.Before(since) ||
			q.Get("labels") != "" && !labelled(*one.marks(), strings.Split(q.Get("labels"), ",")) {
			continue
		}
		all = append(all, one.form())
	}
	if q.Get("direction") == "asc" {
		slices.Reverse(all)
	}
	okPage(c, all, func(one m) m { return one })
}

// labelled says whether all labels of those names are among some.
func labelled(all []*label, names []string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(all, func(l *label) bool { return strings.EqualFold(l.name, strings.TrimSpace(name)) }) {
			return false
		}
	}
	return true
}

// restIssue is the body of POST and PATCH issues.
type restIssue struct {
	Title, Body *string
	State       *string
	Reason      string `json:"state_reason"`
	Labels      *[]json.RawMessage
}

// labels are those asked for, by name or as objects; what is not there is made.
func (c *call) labels(asked []json.RawMessage) []*label {
	all := []*label{}
	for _, raw := range asked {
		var name string
		if json.Unmarshal(raw, &name) != nil {
			var o struct{ Name string }
			_ = json.Unmarshal(raw, &o) // what has no name is none
			name = o.Name
		}
		if name != "" {
			all = append(all, c.repo.needLabel(c.bot(), name))
		}
	}
	return all
}

func (c *call) postIssue() {
	var ask restIssue
	if !c.decode(&ask) {
		return
	}
	if c.repo.noIssues {
		c.refuse(http.StatusGone, errNoIssues.Error())
		return
	}
	title, body := put("", ask.Title), put("", ask.Body)
	if err := checkIssue(title, body); err != nil {
		c.flawed(err)
		return
	}
	var labels []*label
	if ask.Labels != nil {
		labels = c.labels(*ask.Labels)
	}
	c.created(c.gh.plainIssueJSON(c.repo.openIssue(c.bot(), title, body, labels)))
}

func (c *call) getIssue() {
	if one := c.talk(); one != nil {
		c.ok(one.form())
	}
}

func (c *call) patchIssue() {
	i := c.repo.issues[int(c.number("n"))]
	var ask restIssue
	if i == nil {
		c.missing()
		return
	}
	if !c.decode(&ask) {
		return
	}
	ch := issueChange{title: ask.Title, body: ask.Body, reason: ask.Reason}
	if ask.State != nil {
		ch.open = ref(*ask.State == "open")
	}
	if ask.Labels != nil {
		ch.labels = ref(c.labels(*ask.Labels))
	}
	if err := i.change(c.bot(), ch); err != nil {
		c.flawed(err)
		return
	}
	c.ok(c.gh.plainIssueJSON(i))
}

// comment is the route's comment, if the token may do that much with it; nil when
// answered.
func (c *call) comment(level string) *Comment {
	one, _ := c.gh.nodes[nodeID("IC", c.number("id"))].(*Comment)
	switch {
	case one == nil || one.on.home() != c.repo:
		c.missing()
	case !c.token.may(c.repo.talkPermission(one.on.num()), level):
		c.refuse(http.StatusForbidden, "Resource not accessible by integration")
	default:
		return one
	}
	return nil
}

func (c *call) getComment() {
	if one := c.comment("read"); one != nil {
		c.ok(c.gh.commentJSON(one))
	}
}

func (c *call) patchComment() {
	one := c.comment("write")
	var ask struct{ Body string }
	if one == nil || !c.decode(&ask) {
		return
	}
	if err := checkIssue("x", ask.Body); err != nil || ask.Body == "" {
		c.flawed(flaw{"IssueComment", "body", "custom", "body is empty or too long"})
		return
	}
	one.edit(c.bot(), ask.Body)
	c.ok(c.gh.commentJSON(one))
}

func (c *call) deleteComment() {
	if one := c.comment("write"); one != nil {
		one.remove(c.bot())
		c.res = answer{status: http.StatusNoContent}
	}
}
