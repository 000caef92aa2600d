package handlers

import (
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// What an event tells that GitHub does not say again. A fact that a body does
// not tell whole is left out: what is unknown counts as stale, never as
// approved.

func (e *event) tell(f store.Fact) { e.d.Facts = append(e.d.Facts, f) }

// subject says whether a fact can be about this pull request at all.
func (e *event) subject(number int) bool { return number > 0 && e.d.Repo.ID != 0 }

// about is the pull request that an event is about, and when it was last updated
// then: an answer of GitHub's from before that does not know of the event.
func (p *payload) about() (number int, updated time.Time) {
	if p.Issue.PullRequest != nil {
		return p.Issue.Number, p.Issue.UpdatedAt.Time
	}
	return p.PullRequest.Number, p.PullRequest.UpdatedAt.Time
}

func (e *event) pullChanged(number int) {
	p := e.PullRequest
	if !e.subject(number) || p.State == "" {
		return
	}
	f := store.PullChanged{Number: number, Open: p.State == "open", Base: p.Base.Ref, Title: p.Title}
	if isCommit(p.Head.SHA) {
		f.Head = p.Head.SHA
	}
	e.tell(f)
}

// headMoved tells of a new head. Whoever opens a pull request or pushes to it is
// named; whoever reopens it need not have pushed what came meanwhile.
func (e *event) headMoved(number int) {
	f := store.HeadMoved{Number: number, SHA: e.PullRequest.Head.SHA}
	sender := e.Sender.actor()
	switch e.Action {
	case "opened":
		f.At, f.Opened = e.PullRequest.CreatedAt.Time, true
		f.Sender, f.SenderID, f.Bot = sender.Login, sender.ID, sender.Bot
	case "synchronize":
		f.At = e.PullRequest.UpdatedAt.Time
		f.Sender, f.SenderID, f.Bot = sender.Login, sender.ID, sender.Bot
		if isCommit(e.After) {
			f.SHA = e.After // the pull request is shown as it is on sending
		}
		if isCommit(e.Before) {
			f.Before = e.Before
		}
	case "reopened":
		// Pushes while it was closed were not told.
		f.At = e.PullRequest.UpdatedAt.Time
	default:
		return
	}
	if e.subject(number) && isCommit(f.SHA) && !f.At.IsZero() {
		e.tell(f)
	}
}

func (e *event) labelChanged(number int) {
	if !e.subject(number) || !isOurs(e.Label.Name) {
		return
	}
	e.tell(store.LabelChanged{
		Number: number, Label: e.Label.Name, Added: e.Action == "labeled", By: e.Sender.actor(), At: e.clock(e.PullRequest.UpdatedAt),
	})
}

// isOurs says whether a label is one of handrail's.
func isOurs(label string) bool {
	return strings.EqualFold(label, checks.LabelMet) || strings.EqualFold(label, checks.LabelSecurity)
}

// reviewSaid tells the first text of a review, or that it is not the first any
// more. An edit that changed no text is none.
func (e *event) reviewSaid() {
	r, number := e.Review, e.PullRequest.Number
	if !e.subject(number) || r.ID <= 0 {
		return
	}
	key := "review/" + strconv.FormatInt(r.ID, 10)
	switch {
	case e.Action == "submitted":
		f := store.Said{Number: number, Key: key, Author: r.User.Login, Text: r.Body, Created: r.SubmittedAt.Time}
		if isCommit(r.CommitID) {
			f.Commit = r.CommitID
		}
		e.tell(f)
	case e.Action == "edited" && e.Changes.Body != nil:
		e.tell(store.Unsaid{Number: number, Key: key, Before: e.Changes.Body.From})
	}
}

func (e *event) commentSaid() {
	c, number := e.Comment, e.Issue.Number
	if !e.subject(number) || c.ID <= 0 {
		return
	}
	key := "comment/" + strconv.FormatInt(c.ID, 10)
	switch {
	case e.Action == "created":
		e.tell(store.Said{Number: number, Key: key, Author: c.User.Login, Text: c.Body, Created: c.CreatedAt.Time})
	case e.Action == "edited" && e.Changes.Body != nil:
		e.tell(store.Unsaid{Number: number, Key: key, Before: e.Changes.Body.From})
	case e.Action == "deleted":
		e.tell(store.Unsaid{Number: number, Key: key, Before: c.Body, Deleted: true})
	}
}

// rerunAsked tells that a button was pressed. A check-run's event has no time
// for it, a suite's has.
func (e *event) rerunAsked(r run, id int64) {
	if e.d.Repo.ID != 0 && isCommit(r.HeadSHA) {
		e.tell(store.RerunAsked{Head: r.HeadSHA, Run: id, At: e.clock(r.UpdatedAt)})
	}
}

// runEnded tells that a workflow run is over: a list of runs from before that
// may still be what GitHub answers.
func (e *event) runEnded(r run) {
	if e.Action == "completed" && e.d.Repo.ID != 0 && r.ID > 0 && r.Attempt > 0 && isCommit(r.HeadSHA) {
		e.tell(store.RunEnded{SHA: r.HeadSHA, Run: r.ID, Attempt: r.Attempt})
	}
}

// clock is GitHub's time, or ours where it did not say.
func (e *event) clock(m moment) time.Time {
	if m.IsZero() {
		return e.d.ReceivedAt
	}
	return m.Time
}

func (e *event) reposAdded(list []repo) {
	if repos := known(list); len(repos) > 0 {
		e.tell(store.ReposAdded{Repos: repos})
	}
}

func (e *event) reposRemoved(list []repo) {
	if repos := known(list); len(repos) > 0 {
		e.tell(store.ReposRemoved{Repos: repos})
	}
}

func known(list []repo) []checks.Repo {
	var out []checks.Repo
	for _, r := range list {
		if repo, ok := r.repo(); ok {
			out = append(out, repo)
		}
	}
	return out
}
