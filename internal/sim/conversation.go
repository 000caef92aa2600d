package sim

import (
	"slices"
	"time"
)

// conversation is what people comment on and put labels to: a pull request or an
// issue.
type conversation interface {
	home() *Repo
	num() int
	node() string
	place() string // of its page: "pull" or "issues"
	form() m       // as events about issues have it
	said() *[]*Comment
	marks() *[]*label
	touch(now time.Time)
	setLabel(by *Account, l *label)
	dropLabel(by *Account, l *label)
}

func (p *Pull) home() *Repo         { return p.repo }
func (p *Pull) num() int            { return p.Number }
func (p *Pull) place() string       { return "pull" }
func (p *Pull) form() m             { return p.repo.gh.issueJSON(p) }
func (p *Pull) said() *[]*Comment   { return &p.comments }
func (p *Pull) marks() *[]*label    { return &p.labels }
func (p *Pull) touch(now time.Time) { p.updated = now }

func (i *Issue) home() *Repo         { return i.repo }
func (i *Issue) num() int            { return i.Number }
func (i *Issue) place() string       { return "issues" }
func (i *Issue) form() m             { return i.repo.gh.plainIssueJSON(i) }
func (i *Issue) said() *[]*Comment   { return &i.comments }
func (i *Issue) marks() *[]*label    { return &i.labels }
func (i *Issue) touch(now time.Time) { i.updated = now }

// Comment is a comment on a pull request or an issue.
type Comment struct {
	on        conversation
	ID        int64
	author    *Account
	body      string
	created   time.Time
	edited    time.Time
	editor    *Account
	minimized bool
}

func comment(on conversation, who *Account, body string) *Comment {
	gh := on.home().gh
	c := &Comment{on: on, ID: gh.id(), author: who, body: body, created: gh.now()}
	all := on.said()
	*all = append(*all, c)
	gh.nodes[c.node()] = c
	c.tell("created", who, nil)
	return c
}

func (c *Comment) node() string { return nodeID("IC", c.ID) }

func (c *Comment) page() string {
	return c.on.home().url() + "/" + c.on.place() + "/" + itoa(c.on.num()) + "#issuecomment-" + itoa(int(c.ID))
}

func (c *Comment) tell(action string, by *Account, extra m) {
	r := c.on.home()
	c.on.touch(r.gh.now())
	ch, needs := Change{Kind: "comment", Repo: r.fullName(), By: by.Login, Value: action}, ""
	if _, ok := c.on.(*Issue); ok {
		ch.Issue, needs = c.on.num(), "issues"
	} else {
		ch.Pull = c.on.num()
	}
	r.gh.changed(ch)
	body := m{"comment": r.gh.commentJSON(c), "issue": c.on.form()}
	for k, v := range extra {
		body[k] = v
	}
	r.emit(event{name: "issue_comment", action: action, sender: by, needs: needs, body: body})
}

// do runs what somebody does to the comment under the lock.
func (c *Comment) do(by string, f func(who *Account)) {
	gh := c.on.home().gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	f(gh.account(by))
}

// Edit changes the comment's text.
func (c *Comment) Edit(by, body string) { c.do(by, func(who *Account) { c.edit(who, body) }) }

func (c *Comment) edit(by *Account, body string) {
	was := c.body
	c.body, c.edited, c.editor = body, c.on.home().gh.now(), by
	c.tell("edited", by, m{"changes": m{"body": m{"from": was}}})
}

// Minimize hides the comment; GitHub sends no webhook for it.
func (c *Comment) Minimize() { c.do("ghost", func(*Account) { c.minimized = true }) }

// Delete deletes the comment.
func (c *Comment) Delete(by string) { c.do(by, c.remove) }

func (c *Comment) remove(by *Account) {
	all := c.on.said()
	*all = slices.DeleteFunc(*all, func(x *Comment) bool { return x == c })
	delete(c.on.home().gh.nodes, c.node())
	c.tell("deleted", by, nil)
}

// Said is who wrote the comment, and its text as it is.
func (c *Comment) Said() (by, body string) {
	c.do("ghost", func(*Account) { by, body = c.author.Login, c.body })
	return by, body
}
