package sim

import "slices"

// IssueState is an issue as it is at one moment.
type IssueState struct {
	Title, Body, Author string
	Open                bool
	Labels              []string
	Comments            []string // texts, the oldest first
}

// Issue finds an issue by its number; nil if there is none.
func (r *Repo) Issue(number int) *Issue {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.issues[number]
}

// Issues are the repository's issues, the oldest first.
func (r *Repo) Issues() []*Issue {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.issueList()
}

func (r *Repo) issueList() []*Issue {
	var all []*Issue
	for n := 1; n <= r.number; n++ {
		if i := r.issues[n]; i != nil {
			all = append(all, i)
		}
	}
	return all
}

func (i *Issue) do(by string, f func(who *Account)) {
	i.repo.gh.mu.Lock()
	defer i.repo.gh.mu.Unlock()
	f(i.repo.gh.account(by))
}

// Now is the issue as it is.
func (i *Issue) Now() (s IssueState) {
	i.do("ghost", func(*Account) {
		s = IssueState{Title: i.title, Body: i.body, Author: i.author.Login, Open: i.open}
		for _, l := range i.labels {
			s.Labels = append(s.Labels, l.name)
		}
		for _, c := range i.comments {
			s.Comments = append(s.Comments, c.body)
		}
	})
	return s
}

// Close closes the issue.
func (i *Issue) Close(by string) { i.do(by, func(who *Account) { i.set(who, false, "") }) }

// Reopen opens it again.
func (i *Issue) Reopen(by string) { i.do(by, func(who *Account) { i.set(who, true, "") }) }

// SetTitle changes the title.
func (i *Issue) SetTitle(by, title string) (err error) {
	i.do(by, func(who *Account) { err = i.change(who, issueChange{title: &title}) })
	return err
}

// SetBody changes the text.
func (i *Issue) SetBody(by, body string) (err error) {
	i.do(by, func(who *Account) { err = i.change(who, issueChange{body: &body}) })
	return err
}

// AddLabel sets a label, making it in the repository if need be.
func (i *Issue) AddLabel(by, name string) {
	i.do(by, func(who *Account) { i.setLabel(who, i.repo.needLabel(who, name)) })
}

// RemoveLabel takes a label off.
func (i *Issue) RemoveLabel(by, name string) {
	i.do(by, func(who *Account) {
		if l := i.repo.label(name); l != nil {
			i.dropLabel(who, l)
		}
	})
}

// Comment writes a comment.
func (i *Issue) Comment(by, body string) (c *Comment) {
	i.do(by, func(who *Account) { c = comment(i, who, body) })
	return c
}

// Comments are those that stand, the oldest first.
func (i *Issue) Comments() (all []*Comment) {
	i.do("ghost", func(*Account) { all = slices.Clone(i.comments) })
	return all
}

// Delete deletes the issue, as an administrator may.
func (i *Issue) Delete(by string) {
	i.do(by, func(who *Account) {
		delete(i.repo.issues, i.Number)
		delete(i.repo.gh.nodes, i.node())
		i.tell("deleted", who, nil)
	})
}
