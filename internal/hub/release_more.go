package hub

import (
	"context"
	"fmt"
	"net/http"

	"github.com/handrail-bot/handrail/checks"
)

// commentPages is how many hundreds of comments on a tracking issue are read, the
// newest first; it is our own, since every snapshot keeps them.
const commentPages = 5

const opReleaseMore = "more of a release"

// moreAnswer is the answer to release_more.graphql.
type moreAnswer struct {
	rate
	Repository *struct {
		DatabaseID int64 `json:"databaseId"`
		Object     *struct {
			OID    string        `json:"oid"`
			Rollup *rollupAnswer `json:"statusCheckRollup"`
		} `json:"object"`
		Ref   *baseAnswer `json:"ref"`
		Issue *struct {
			ID       string                     `json:"id"`
			Comments *connection[commentAnswer] `json:"comments"`
		} `json:"issue"`
	} `json:"repository"`
}

// rest reads the further pages of every list that has them, and refuses lists that
// are not whole. Of comments the newest 500 are read.
func (r *releaseReading) rest(ctx context.Context) error {
	repo := r.answer.Repository
	var rules *connection[ruleAnswer]
	if repo.Default != nil {
		if rules = repo.Default.Rules; rules.whole(opRelease, "branch rules") != nil {
			return rules.whole(opRelease, "branch rules")
		}
	}
	contexts, comments := r.contexts(), r.comments()
	if err := wholeUnlessNone(contexts, "checks"); err != nil {
		return err
	}
	if err := wholeUnlessNone(comments, "comments"); err != nil {
		return err
	}
	for n := 1; ; n++ {
		vars, more := r.next(rules, contexts, comments, n < commentPages)
		if !more {
			break
		}
		if n >= pageLimit {
			return releaseFault(fmt.Sprintf("a list is longer than %d pages", pageLimit))
		}
		if err := r.further(ctx, vars, rules, contexts, comments); err != nil {
			return err
		}
	}
	r.commentsCut = comments != nil && (comments.PageInfo.HasPreviousPage || len(comments.Nodes) < comments.TotalCount)
	if err := contexts.complete("checks"); err != nil {
		return err
	}
	return rules.complete("branch rules")
}

func wholeUnlessNone[T any](c *connection[T], what string) error {
	if c == nil {
		return nil
	}
	return c.whole(opRelease, what)
}

// comments is the list of comments on the tracking issue, nil where there is none.
func (r *releaseReading) comments() *connection[commentAnswer] {
	if i := r.answer.Repository.Issue; i != nil && i.Ours {
		return i.Comments
	}
	return nil
}

// next is the variables of the next page, and whether there is one.
func (r *releaseReading) next(rules *connection[ruleAnswer], contexts *connection[contextAnswer], comments *connection[commentAnswer], talk bool) (map[string]any, bool) {
	repo := r.answer.Repository
	vars, more := map[string]any{
		"owner": r.s.Owner, "name": r.s.Repo, "commit": noCommit, "branch": "refs/heads/", "issue": r.issue,
	}, false
	if repo.Default != nil {
		vars["branch"] = "refs/heads/" + repo.Default.Name
	}
	if repo.Ref != nil {
		if c := repo.Ref.Target.commit(); c != nil {
			vars["commit"] = c.OID
		}
	}
	want := func(name, upper string, has bool, cursor *string) {
		has = has && cursor != nil
		vars["more"+upper] = has
		if has {
			vars[name], more = *cursor, true
		}
	}
	forward(want, "rules", "Rules", rules)
	forward(want, "contexts", "Contexts", contexts)
	if comments != nil && talk {
		want("comments", "Comments", comments.PageInfo.HasPreviousPage, comments.PageInfo.StartCursor)
	} else {
		want("comments", "Comments", false, nil)
	}
	return vars, more
}

// noCommit stands where a query must name a commit that it does not ask about.
const noCommit = "0000000000000000000000000000000000000000"

// further reads one further page of the lists that vars name, and adds it to them.
func (r *releaseReading) further(ctx context.Context, vars map[string]any, rules *connection[ruleAnswer], contexts *connection[contextAnswer], comments *connection[commentAnswer]) error {
	var a moreAnswer
	_, fails, err := r.h.ask(ctx, r.c, question{op: opReleaseMore, text: r.h.text.releaseMore, vars: vars}, &a)
	if err != nil {
		return err
	}
	if err := accept(opReleaseMore, fails, func([]string, failure) bool { return false }); err != nil {
		return err
	}
	moved := &Error{Op: opReleaseMore, Status: http.StatusOK, What: "the release changed while it was read", Moved: true}
	repo := a.Repository
	if repo == nil || repo.DatabaseID != r.answer.Repository.DatabaseID {
		return moved
	}
	if vars["moreContexts"] == true {
		if repo.Object == nil || repo.Object.Rollup == nil {
			return moved
		}
		if err := contexts.add(repo.Object.Rollup.Contexts, "checks"); err != nil {
			return err
		}
	}
	if vars["moreRules"] == true {
		if repo.Ref == nil {
			return moved
		}
		if err := rules.add(repo.Ref.Rules, "branch rules"); err != nil {
			return err
		}
	}
	if vars["moreComments"] != true {
		return nil
	}
	if repo.Issue == nil || repo.Issue.ID != r.answer.Repository.Issue.ID {
		return moved
	}
	return comments.add(repo.Issue.Comments, "comments")
}

// add puts a further page behind what was read, and goes on from where it ends.
func (c *connection[T]) add(next *connection[T], what string) error {
	if err := next.whole(opReleaseMore, what); err != nil {
		return err
	}
	c.Nodes, c.TotalCount, c.PageInfo = append(c.Nodes, next.Nodes...), next.TotalCount, next.PageInfo
	return nil
}

// tracking is the tracking issue. One that is not ours, or was moved to another
// repository, is none: another will be made.
func (r *releaseReading) tracking() checks.TrackingIssue {
	repo, i := r.answer.Repository, r.answer.Repository.Issue
	out := checks.TrackingIssue{Denied: !repo.HasIssues || repo.IsArchived || r.c.lacks(issuesWrite) != ""}
	if i == nil || !i.Ours || i.Repository == nil || i.Repository.DatabaseID != repo.DatabaseID {
		return out
	}
	out.Number, out.NodeID, out.Open, out.Title = i.Number, i.ID, i.State == "OPEN", i.Title
	out.Shown, _ = checks.ShownIssue(r.s.Name, i.Title, i.Body)
	if i.Labels != nil {
		for _, l := range i.Labels.Nodes {
			if l != nil {
				out.Labels = append(out.Labels, l.Name)
			}
		}
	}
	if out.Cut = r.commentsCut; i.Comments == nil {
		out.Cut = true
		return out
	}
	for _, c := range i.Comments.Nodes {
		out.Comments = append(out.Comments, checks.Comment{
			ID: int64(c.ID), Author: c.Author.actor(), Body: c.Body, Created: c.CreatedAt, Edited: value(c.LastEditedAt), Ours: c.Ours,
		})
	}
	return out
}
