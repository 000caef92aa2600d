package hub

import (
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// pull makes the snapshot of what was read.
func (r *reading) pull() (checks.Pull, error) {
	repo, p := r.answer.Repository, r.answer.Repository.PullRequest
	out := checks.Pull{
		At:     r.at,
		Repo:   checks.Repo{ID: repo.DatabaseID, Owner: repo.Owner.Login, Name: repo.Name, Private: repo.IsPrivate, Archived: repo.IsArchived},
		Number: p.Number, ID: p.ID, Title: p.Title, Body: p.Body, Author: p.Author.actor(),
		Open: p.State == "OPEN", Merged: p.State == "MERGED", Draft: p.IsDraft,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, BodyEdited: value(p.LastEditedAt),
		Base:      checks.Ref{Name: p.BaseRefName, SHA: p.BaseRefOID, RepoID: repo.DatabaseID},
		Head:      checks.Ref{Name: p.HeadRefName, SHA: p.HeadRefOID},
		Merge:     p.testMerge(),
		FileCount: p.ChangedFiles, Lines: p.Additions + p.Deletions, CommitCount: p.Commits.TotalCount,
	}
	if out.Merged {
		out.MergedAt, out.MergedBy = value(p.MergedAt), p.MergedBy.actor()
	}
	if out.Merged && p.MergeCommit != nil {
		out.MergeCommit = p.MergeCommit.OID
	}
	if repo.DefaultBranchRef != nil {
		out.Repo.DefaultBranch = repo.DefaultBranchRef.Name
	}
	if p.HeadRepository != nil {
		out.Head.RepoID = p.HeadRepository.DatabaseID
	}
	if p.BaseRef != nil {
		out.Base.SHA = p.BaseRef.Target.OID
		out.BranchRequires = required(p.BaseRef)
		out.Queue = slices.ContainsFunc(p.BaseRef.Rules.Nodes, func(r *ruleAnswer) bool { return r.Type == "MERGE_QUEUE" })
	}
	for _, l := range p.Labels.Nodes {
		out.Labels = append(out.Labels, l.Name)
	}
	for _, n := range p.Commits.Nodes {
		if n.Commit == nil || n.Commit.Parents == nil {
			return out, r.fault("GitHub left a commit out, or its parents")
		}
		out.Commits = append(out.Commits, n.commit())
	}
	for _, c := range p.Comments.Nodes {
		out.Comments = append(out.Comments, checks.Comment{
			ID: int64(c.ID), Author: c.Author.actor(), Body: c.Body, Created: c.CreatedAt, Edited: value(c.LastEditedAt), Ours: c.Ours,
		})
	}
	out.Reviews, out.BaseChangedAt = reviews(p)
	requested(p, &out)
	if p.Issues != nil {
		for _, i := range p.Issues.Nodes {
			if i != nil && i.Repository != nil {
				out.Closing = append(out.Closing, i.issue())
			}
		}
	}
	if p.Rollup != nil {
		for _, c := range p.Rollup.Contexts.Nodes {
			out.Runs = append(out.Runs, c.run())
		}
	}
	return out, nil
}

// testMerge is GitHub's test merge of this very head; it may still be showing
// the one of an earlier head.
func (p *pullAnswer) testMerge() checks.TestMerge {
	if p.Merge == nil || p.Merge.Parents == nil || len(p.Merge.Parents.Nodes) != 2 {
		return checks.TestMerge{}
	}
	onto, head := p.Merge.Parents.Nodes[0].OID, p.Merge.Parents.Nodes[1].OID
	if head != p.HeadRefOID || onto == "" || p.Merge.OID == "" {
		return checks.TestMerge{}
	}
	return checks.TestMerge{SHA: p.Merge.OID, Onto: onto, Head: head}
}

// value is the time that a pointer points at; zero for null.
func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// reviews are the reviews with who dismissed them, and when the pull request
// was last retargeted.
func reviews(p *pullAnswer) (list []checks.Review, retargeted time.Time) {
	dismissed := map[bigint]string{}
	for _, e := range p.Timeline.Nodes {
		switch e.Type {
		case "ReviewDismissedEvent":
			if e.Review != nil {
				dismissed[e.Review.ID] = e.Actor.actor().Login
			}
		case "BaseRefChangedEvent", "AutomaticBaseChangeSucceededEvent":
			if e.CreatedAt.After(retargeted) {
				retargeted = e.CreatedAt
			}
		}
	}
	for _, v := range p.Reviews.Nodes {
		out := checks.Review{
			ID: int64(v.ID), Author: v.Author.actor(), State: v.State, Body: v.Body,
			Submitted: value(v.SubmittedAt), Edited: value(v.LastEditedAt),
		}
		if v.Commit != nil {
			out.Commit = v.Commit.OID
		}
		if v.State == "DISMISSED" {
			out.DismissedBy = dismissed[v.ID]
		}
		list = append(list, out)
	}
	return list, retargeted
}

// requested fills in whose review is asked for. A reviewer that GitHub does not
// show (a deleted account, a secret team) has no opinion that it could end.
func requested(p *pullAnswer, out *checks.Pull) {
	for _, q := range p.Requests.Nodes {
		v := q.Reviewer
		switch {
		case v == nil:
		case v.Type == "Team":
			if v.Organization != nil {
				out.RequestedTeams = append(out.RequestedTeams, strings.ToLower(v.Organization.Login+"/"+v.Slug))
			}
		default:
			w := who{Type: v.Type, Login: v.Login}
			out.Requested = append(out.Requested, w.actor().Login)
		}
	}
}

// required is every check that the base branch requires: by rulesets, which may
// pin an App, and by classic protection, which GraphQL shows by name only. A
// name that a ruleset pins is not listed once more without its App.
func required(b *baseAnswer) []checks.Required {
	var out []checks.Required
	seen := map[checks.Required]bool{}
	pinned := map[string]bool{}
	for _, rule := range b.Rules.Nodes {
		if rule.Parameters == nil {
			continue
		}
		for _, c := range rule.Parameters.Checks {
			r := checks.Required{Name: c.Context}
			if c.IntegrationID != nil {
				r.AppID = *c.IntegrationID
			}
			pinned[r.Name] = pinned[r.Name] || r.AppID != 0
			if !seen[r] {
				seen[r] = true
				out = append(out, r)
			}
		}
	}
	if b.RefUpdateRule == nil {
		return out
	}
	for _, name := range b.RefUpdateRule.Contexts {
		if name == nil || pinned[*name] {
			continue
		}
		if r := (checks.Required{Name: *name}); !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

// run makes a check-run of a check-run or of a commit status.
func (c *contextAnswer) run() checks.Run {
	if c.Type == "StatusContext" {
		out := checks.Run{
			ID: c.ID, Name: c.Context, Context: true, Creator: c.Creator.actor().Login,
			URL: text(c.TargetURL), Started: value(c.CreatedAt), Status: "completed",
		}
		switch c.State {
		case "SUCCESS":
			out.Conclusion = "success"
		case "FAILURE", "ERROR":
			out.Conclusion = "failure"
		default: // PENDING, EXPECTED
			out.Status = "in_progress"
		}
		if out.Status == "completed" {
			out.Completed = value(c.CreatedAt)
		}
		return out
	}
	out := checks.Run{
		ID: c.ID, DatabaseID: c.DatabaseID, Name: c.Name, Status: strings.ToLower(c.Status),
		Conclusion: strings.ToLower(text(c.Conclusion)), ExternalID: text(c.ExternalID), URL: text(c.DetailsURL),
		Started: value(c.StartedAt), Completed: value(c.CompletedAt),
	}
	if c.CheckSuite != nil && c.CheckSuite.App != nil {
		out.AppID, out.App = c.CheckSuite.App.DatabaseID, c.CheckSuite.App.Slug
	}
	return out
}
