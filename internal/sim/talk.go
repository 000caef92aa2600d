package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Review is a review of a pull request.
type Review struct {
	pull      *Pull
	ID        int64
	author    *Account
	state     string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED
	body      string
	commit    string
	submitted time.Time
	edited    time.Time
	teams     []*Team // on behalf of
}

// Approve submits an approving review of the head.
func (p *Pull) Approve(by string, body ...string) *Review { return p.review(by, "APPROVED", body) }

// RequestChanges submits a review that asks for changes.
func (p *Pull) RequestChanges(by string, body ...string) *Review {
	return p.review(by, "CHANGES_REQUESTED", body)
}

// CommentReview submits a review that neither approves nor blocks.
func (p *Pull) CommentReview(by string, body ...string) *Review {
	return p.review(by, "COMMENTED", body)
}

// ApproveAt approves an older commit of the pull request, as somebody does who
// had not loaded the page again.
func (p *Pull) ApproveAt(by, sha string) *Review {
	rv := p.review(by, "APPROVED", nil)
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	rv.commit = sha
	return rv
}

func (p *Pull) review(by, state string, body []string) *Review {
	var rv *Review
	p.do(by, func(who *Account) { rv = p.addReview(who, state, strings.Join(body, "\n")) })
	return rv
}

func (p *Pull) addReview(who *Account, state, body string) *Review {
	gh := p.repo.gh
	rv := &Review{pull: p, ID: gh.id(), author: who, state: state, body: body, commit: p.head, submitted: gh.now()}
	p.people = slices.DeleteFunc(p.people, func(a *Account) bool { return a == who })
	p.teams = slices.DeleteFunc(p.teams, func(t *Team) bool {
		if slices.Contains(t.all(), who) {
			rv.teams = append(rv.teams, t)
			return true
		}
		return false
	})
	p.reviews = append(p.reviews, rv)
	gh.nodes[rv.node()] = rv
	rv.tell("submitted", who, nil)
	return rv
}

func (rv *Review) node() string { return nodeID("PRR", rv.ID) }

func (rv *Review) tell(action string, by *Account, extra m) {
	p := rv.pull
	gh := p.repo.gh
	p.updated = gh.now()
	gh.changed(Change{Kind: "review", Repo: p.repo.fullName(), Pull: p.Number, SHA: rv.commit, By: by.Login, Name: rv.state, Value: action})
	body := m{"review": gh.reviewJSON(rv), "pull_request": gh.pullJSON(p, false)}
	for k, v := range extra {
		body[k] = v
	}
	p.repo.emit(event{name: "pull_request_review", action: action, sender: by, body: body})
}

// Dismiss takes the review's word away.
func (rv *Review) Dismiss(by, message string) {
	rv.pull.do(by, func(who *Account) {
		was := rv.state
		rv.state = "DISMISSED"
		rv.pull.happened("ReviewDismissedEvent", who, m{"message": message, "previous": was, "review": rv})
		rv.tell("dismissed", who, nil)
	})
}

// Edit changes the review's text.
func (rv *Review) Edit(by, body string) {
	rv.pull.do(by, func(who *Account) {
		was := rv.body
		rv.body, rv.edited = body, rv.pull.repo.gh.now()
		rv.tell("edited", who, m{"changes": m{"body": m{"from": was}}})
	})
}

// Comment writes a comment.
func (p *Pull) Comment(by, body string) *Comment {
	var c *Comment
	p.do(by, func(who *Account) { c = comment(p, who, body) })
	return c
}

// Comments are those that stand, the oldest first.
func (p *Pull) Comments() []*Comment {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	return slices.Clone(p.comments)
}

// String is "owner/name#number".
func (p *Pull) String() string { return fmt.Sprintf("%s#%d", p.repo.FullName(), p.Number) }
