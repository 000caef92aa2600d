package hub

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opOurIssues = "our issues"
	// issuePages is how many hundreds of open issues are looked at for one of ours, the
	// newest first: it was made a moment ago.
	issuePages  = 5
	issueFields = "issue { id number }"
)

// tell makes the tracking issue and puts it right, comments on it, and answers jobs
// that are not let through.
func (p *releasing) tell(ctx context.Context) error {
	steps := []struct {
		kind checks.Kind
		do   func(context.Context, int) error
	}{{checks.CreateIssue, p.makeIssue}, {checks.UpdateIssue, p.mendIssue}, {checks.CommentIssue, p.comment}, {checks.AnswerGate, p.answerGate}}
	for _, s := range steps {
		for i, a := range p.actions {
			if a.Kind != s.kind || a.Gate != nil && a.Gate.State == gateApproved {
				continue
			}
			if failed := p.outcomes[i].Error; failed != notTried && failed != "" {
				continue // by its label, which was to be taken away
			}
			if err := p.step(ctx, i, s.do); err != nil {
				return err
			}
		}
	}
	return nil
}

// one does a single mutation.
func (p *releasing) one(ctx context.Context, i int, input, mutation, selection string, value any) (*confirmation, error) {
	b := &batch{}
	b.add(i, input, mutation, selection, value)
	answer := map[string]*confirmation{}
	at, fails, err := p.h.ask(ctx, p.c, question{op: opPublish, text: b.text(), vars: b.values, mutation: true}, &answer)
	if err != nil {
		return nil, err
	}
	c := answer["m0"]
	why := failureAt(fails, "m0")
	if why == "" && c == nil {
		why = "GitHub did not confirm it"
	}
	if why == "" {
		why = p.confirm(i, c)
	}
	if why != "" {
		return nil, &Error{Op: opPublish, Status: http.StatusOK, What: permitted(p.actions[i].Kind, why)}
	}
	p.outcomes[i].At = at
	return c, nil
}

// makeIssue makes the tracking issue, unless there is an open one of ours: it may have
// been made, and the answer lost.
func (p *releasing) makeIssue(ctx context.Context, i int) error {
	want := p.actions[i].Issue
	if want == nil {
		return &Error{What: "the plan does not say what the issue is to be"}
	}
	id, number, err := p.ourIssue(ctx)
	if err != nil {
		return err
	}
	if id != "" {
		p.pull.ID, p.outcomes[i].Number = id, number
		return p.writeIssue(ctx, i, id)
	}
	c, err := p.one(ctx, i, "CreateIssueInput", "createIssue", issueFields, map[string]any{
		"repositoryId": p.repo, "title": want.Title, "body": cut(want.Body, commentLimit),
	})
	if err == nil && (c.Issue == nil || c.Issue.ID == "" || c.Issue.Number <= 0) {
		err = &Error{Op: opPublish, Status: http.StatusOK, What: "GitHub did not say which issue it made"}
	}
	if err != nil {
		return err
	}
	p.pull.ID, p.outcomes[i].Number = c.Issue.ID, c.Issue.Number
	return nil
}

// mendIssue puts the tracking issue's text and state right.
func (p *releasing) mendIssue(ctx context.Context, i int) error {
	if p.actions[i].Issue == nil || p.pull.ID == "" {
		return &Error{What: "there is no tracking issue to put right"}
	}
	p.outcomes[i].Number = int64(p.r.Issue.Number)
	return p.writeIssue(ctx, i, p.pull.ID)
}

func (p *releasing) writeIssue(ctx context.Context, i int, id string) error {
	want, state := p.actions[i].Issue, "CLOSED"
	if want.Open {
		state = "OPEN"
	}
	_, err := p.one(ctx, i, "UpdateIssueInput", "updateIssue", issueFields, map[string]any{
		"id": id, "title": want.Title, "body": cut(want.Body, commentLimit), "state": state,
	})
	return err
}

// comment writes on the tracking issue what is not there yet: a comment of ours of
// the same text, since the candidate began, was written and the answer lost.
func (p *releasing) comment(ctx context.Context, i int) error {
	body := cut(p.actions[i].Body, commentLimit)
	if p.pull.ID == "" {
		return &Error{What: "there is no tracking issue to comment on"}
	}
	var since time.Time
	if past := p.r.Memory.Candidates; len(past) > 0 {
		since = past[len(past)-1].Since.Add(-leeway) // our clock
	}
	said := slices.ContainsFunc(p.r.Issue.Comments, func(c checks.Comment) bool {
		return c.Ours && c.Edited.IsZero() && !c.Created.Before(since) && strings.TrimSpace(c.Body) == strings.TrimSpace(body)
	})
	if said {
		return nil
	}
	_, err := p.one(ctx, i, "AddCommentInput", "addComment", "commentEdge { node { id } }", map[string]any{"subjectId": p.pull.ID, "body": body})
	return err
}

// ourIssue is an open issue that we made for this release; "" for none.
func (p *releasing) ourIssue(ctx context.Context) (id string, number int64, err error) {
	type ourIssue struct {
		ID     string `json:"id"`
		Number int64  `json:"number"`
		Ours   bool   `json:"viewerDidAuthor"`
		Title  string `json:"title"`
		Body   string `json:"body"`
	}
	vars := map[string]any{"owner": p.s.Owner, "name": p.s.Repo}
	for range issuePages {
		var a struct {
			rate
			Repository *struct {
				ID         string                `json:"id"`
				DatabaseID int64                 `json:"databaseId"`
				Issues     *connection[ourIssue] `json:"issues"`
			} `json:"repository"`
		}
		if err := p.h.askOf(ctx, p.s.Installation, question{op: opOurIssues, text: p.h.text.ourIssues, vars: vars}, &a); err != nil {
			return "", 0, err
		}
		if a.Repository == nil || a.Repository.DatabaseID != p.r.Repo.ID {
			return "", 0, anotherRepository(opOurIssues)
		}
		list := a.Repository.Issues
		if err := list.whole(opOurIssues, "issues"); err != nil {
			return "", 0, err
		}
		p.repo = a.Repository.ID
		for _, n := range list.Nodes {
			if _, about := checks.ShownIssue(p.r.Tag.Name, n.Title, n.Body); about && n.Ours {
				return n.ID, n.Number, nil
			}
		}
		if !list.PageInfo.HasNextPage || list.PageInfo.EndCursor == nil {
			break
		}
		vars["after"] = *list.PageInfo.EndCursor
	}
	return "", 0, nil
}
