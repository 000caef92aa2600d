package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Issue is an issue of a repository; it and pull requests are numbered in one row.
type Issue struct {
	repo     *Repo
	Number   int
	ID       int64
	title    string
	body     string
	author   *Account
	editor   *Account // of the body; nil until it is edited
	open     bool
	reason   string // why it is closed, or "reopened"
	labels   []*label
	comments []*Comment

	created, updated, edited, closed time.Time
}

// GitHub's limits of an issue's title, and of the text of an issue or a comment.
const maxTitle, maxBodyText = 256, 65536

// checkIssue refuses what GitHub refuses.
func checkIssue(title, body string) error {
	switch {
	case strings.TrimSpace(title) == "":
		return flaw{"Issue", "title", "missing_field", ""}
	case utf8.RuneCountInString(title) > maxTitle:
		return flaw{"Issue", "title", "custom", fmt.Sprintf("title is too long (maximum is %d characters)", maxTitle)}
	case utf8.RuneCountInString(body) > maxBodyText:
		return flaw{"Issue", "body", "custom", fmt.Sprintf("body is too long (maximum is %d characters)", maxBodyText)}
	}
	return nil
}

// OpenIssue opens an issue.
func (r *Repo) OpenIssue(by, title string) *Issue {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.openIssue(r.gh.account(by), title, "", nil)
}

func (r *Repo) openIssue(by *Account, title, body string, labels []*label) *Issue {
	r.number++
	now := r.gh.now()
	i := &Issue{repo: r, Number: r.number, ID: r.gh.id(), title: title, body: body, author: by, open: true, labels: labels, created: now, updated: now}
	r.issues[i.Number] = i
	r.gh.nodes[i.node()] = i
	i.tell("opened", by, nil)
	for _, l := range labels {
		i.tell("labeled", by, m{"label": r.gh.labelJSON(l)})
	}
	return i
}

// SetIssues turns the repository's issues on or off.
func (r *Repo) SetIssues(on bool) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.noIssues = !on
}

const errNoIssues = githubSays("Issues are disabled for this repo")

// issueChange is what somebody wants of an issue; nil fields stay.
type issueChange struct {
	title, body *string
	open        *bool
	reason      string
	labels      *[]*label
}

// change changes an issue, and tells of each thing by itself.
func (i *Issue) change(by *Account, c issueChange) error {
	if err := checkIssue(put(i.title, c.title), put(i.body, c.body)); err != nil {
		return err
	}
	changes := m{}
	if title := put(i.title, c.title); title != i.title {
		changes["title"] = m{"from": i.title}
		i.title = title
	}
	if body := put(i.body, c.body); body != i.body {
		changes["body"] = m{"from": i.body}
		i.body, i.edited, i.editor = body, i.repo.gh.now(), by
	}
	if len(changes) > 0 {
		i.tell("edited", by, m{"changes": changes})
	}
	if c.labels != nil {
		i.relabel(by, *c.labels)
	}
	if c.open != nil {
		i.set(by, *c.open, c.reason)
	}
	return nil
}

func (i *Issue) relabel(by *Account, all []*label) {
	for _, l := range slices.Clone(i.labels) {
		if !slices.Contains(all, l) {
			i.dropLabel(by, l)
		}
	}
	for _, l := range all {
		i.setLabel(by, l)
	}
}

// set closes or opens the issue.
func (i *Issue) set(by *Account, open bool, reason string) {
	if i.open == open {
		return
	}
	i.open, i.closed, i.reason = open, time.Time{}, "reopened"
	if !open {
		i.closed, i.reason = i.repo.gh.now(), reason
		if reason == "" {
			i.reason = "completed"
		}
	}
	i.tell(bool2(open, "reopened", "closed"), by, nil)
}

func (i *Issue) setLabel(by *Account, l *label) {
	if !slices.Contains(i.labels, l) {
		i.labels = append(i.labels, l)
		i.marked("label_added", by, l)
		i.tell("labeled", by, m{"label": i.repo.gh.labelJSON(l)})
	}
}

func (i *Issue) dropLabel(by *Account, l *label) {
	if slices.Contains(i.labels, l) {
		i.labels = slices.DeleteFunc(slices.Clone(i.labels), func(o *label) bool { return o == l })
		i.marked("label_removed", by, l)
		i.tell("unlabeled", by, m{"label": i.repo.gh.labelJSON(l)})
	}
}

func (i *Issue) marked(kind string, by *Account, l *label) {
	i.repo.gh.changed(Change{Kind: kind, Repo: i.repo.fullName(), Issue: i.Number, By: by.Login, Name: l.name})
}

func (i *Issue) node() string { return nodeID("I", i.ID) }

func (i *Issue) state() string { return bool2(i.open, "open", "closed") }

func (i *Issue) tell(action string, by *Account, extra m) {
	gh := i.repo.gh
	i.updated = gh.now()
	gh.changed(Change{Kind: "issue", Repo: i.repo.fullName(), Issue: i.Number, By: by.Login, Value: action})
	body := m{"issue": gh.plainIssueJSON(i)}
	for k, v := range extra {
		body[k] = v
	}
	i.repo.emit(event{name: "issues", action: action, sender: by, body: body})
}
