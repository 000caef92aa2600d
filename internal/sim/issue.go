package sim

import (
	"maps"
	"time"
)

// Issue is an issue of a repository; it and pull requests are numbered in one row.
type Issue struct {
	repo            *Repo
	Number          int
	ID              int64
	title           string
	author          *Account
	open            bool
	created, closed time.Time
}

// OpenIssue opens an issue.
func (r *Repo) OpenIssue(by, title string) *Issue {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.number++
	i := &Issue{repo: r, Number: r.number, ID: r.gh.id(), title: title, author: r.gh.account(by), open: true, created: r.gh.now()}
	r.issues[i.Number] = i
	r.gh.nodes[i.node()] = i
	i.tell("opened", i.author)
	return i
}

// Close closes the issue.
func (i *Issue) Close(by string) {
	gh := i.repo.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	i.open, i.closed = false, gh.now()
	i.tell("closed", gh.account(by))
}

func (i *Issue) node() string { return nodeID("I", i.ID) }

func (i *Issue) state() string { return bool2(i.open, "open", "closed") }

func (i *Issue) tell(action string, by *Account) {
	gh := i.repo.gh
	gh.changed(Change{Kind: "issue", Repo: i.repo.fullName(), By: by.Login, Value: action})
	i.repo.emit(event{name: "issues", action: action, sender: by, body: m{"issue": gh.plainIssueJSON(i)}})
}

// plainIssueJSON is an issue that is no pull request.
func (gh *GitHub) plainIssueJSON(i *Issue) m {
	r := i.repo
	api := r.api() + "/issues/" + itoa(i.Number)
	out := m{
		"id": i.ID, "node_id": i.node(), "number": i.Number, "title": i.title, "body": nil, "state": i.state(), "state_reason": nil,
		"user": gh.userOrNil(i.author), "labels": []m{}, "locked": false, "active_lock_reason": nil, "assignee": nil, "assignees": []m{},
		"milestone": nil, "comments": 0, "author_association": r.association(i.author), "created_at": date(i.created), "updated_at": date(i.created),
		"closed_at": date(i.closed), "reactions": reactions(api), "performed_via_github_app": nil,
	}
	maps.Copy(out, m{"url": api, "repository_url": r.api(), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "html_url": r.url() + "/issues/" + itoa(i.Number), "timeline_url": api + "/timeline"})
	return out
}

func issueFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(i *Issue) any { return i.node() }),
		"databaseId": get(func(i *Issue) any { return i.ID }),
		"number":     get(func(i *Issue) any { return i.Number }),
		"title":      get(func(i *Issue) any { return i.title }),
		"state":      get(func(i *Issue) any { return bool2(i.open, "OPEN", "CLOSED") }),
		"closed":     get(func(i *Issue) any { return !i.open }),
		"repository": get(func(i *Issue) any { return i.repo }),
		"author":     get(func(i *Issue) any { return actor(i.author) }),
	}
}

// issueOrPull is what a number of a repository is.
func (x *execution) issueOrPull(r *Repo, a args) (any, error) {
	n := a.int("number")
	if p := r.pulls[n]; p != nil {
		return p, x.needs("pull_requests", "read")
	}
	if i := r.issues[n]; i != nil {
		return i, x.needs("issues", "read")
	}
	return nil, notFound("Could not resolve to an issue or pull request with the number of %d.", n)
}
