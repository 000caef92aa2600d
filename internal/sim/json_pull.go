package sim

import (
	"maps"
	"strings"
)

func (gh *GitHub) labelJSON(l *label) m {
	var description any
	if l.description != "" {
		description = l.description
	}
	return m{"id": l.id, "node_id": l.node(), "url": l.repo.api() + "/labels/" + strings.ReplaceAll(l.name, " ", "%20"),
		"name": l.name, "color": l.color, "default": false, "description": description}
}

// sideJSON is the head or base of a pull request.
func (gh *GitHub) sideJSON(r *Repo, owner *Account, branch, sha string) m {
	out := m{"label": owner.Login + ":" + branch, "ref": branch, "sha": sha, "user": gh.userJSON(owner), "repo": nil}
	if r != nil {
		side := gh.repoJSON(r)
		for _, k := range []string{"allow_squash_merge", "allow_merge_commit", "allow_rebase_merge"} {
			side[k] = true
		}
		for _, k := range []string{"allow_auto_merge", "delete_branch_on_merge", "allow_update_branch", "use_squash_pr_title_as_default"} {
			side[k] = false
		}
		side["squash_merge_commit_message"], side["squash_merge_commit_title"] = "COMMIT_MESSAGES", "COMMIT_OR_PR_TITLE"
		side["merge_commit_message"], side["merge_commit_title"] = "PR_TITLE", "MERGE_MESSAGE"
		out["repo"] = side
	}
	return out
}

// pullJSON is a pull request; full adds the counts, which lists and reviews'
// webhooks lack.
func (gh *GitHub) pullJSON(p *Pull, full bool) m {
	r, n := p.repo, itoa(p.Number)
	api, issue, html := r.api()+"/pulls/"+n, r.api()+"/issues/"+n, r.url()+"/pull/"+n
	var body, mergeSHA, mergedBy any
	if p.body != "" {
		body = p.body
	}
	if p.mergeCommit != "" {
		mergeSHA = p.mergeCommit
	} else if p.trial.base == r.branches[p.base] && p.trial.head == p.head {
		mergeSHA = orNull(p.trial.sha)
	}
	mergedBy = gh.userOrNil(p.mergedBy)
	people, teams := []m{}, []m{}
	for _, a := range p.people {
		people = append(people, gh.userJSON(a))
	}
	for _, t := range p.teams {
		teams = append(teams, gh.teamJSON(t))
	}
	statuses := r.api() + "/statuses/" + p.head
	out := m{
		"id": p.ID, "node_id": p.node(), "number": p.Number, "state": p.state, "locked": false, "active_lock_reason": nil,
		"title": p.title, "body": body, "user": gh.userJSON(p.author), "draft": p.draft, "labels": gh.labelsJSON(p.labels), "milestone": nil,
		"assignee": nil, "assignees": []m{}, "requested_reviewers": people, "requested_teams": teams,
		"created_at": date(p.created), "updated_at": date(p.updated), "closed_at": date(p.closed), "merged_at": date(p.mergedAt),
		"merge_commit_sha": mergeSHA, "author_association": r.association(p.author), "auto_merge": nil,
		"head": gh.sideJSON(p.headRepo, p.headOf, p.headRef, p.head), "base": gh.sideJSON(r, r.owner, p.base, p.baseWas),
		"url": api, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch", "issue_url": issue,
		"commits_url": api + "/commits", "review_comments_url": api + "/comments", "comments_url": issue + "/comments",
		"review_comment_url": r.api() + "/pulls/comments{/number}", "statuses_url": statuses,
		"_links": m{"self": m{"href": api}, "html": m{"href": html}, "issue": m{"href": issue},
			"comments": m{"href": issue + "/comments"}, "review_comments": m{"href": api + "/comments"},
			"review_comment": m{"href": r.api() + "/pulls/comments{/number}"}, "commits": m{"href": api + "/commits"},
			"statuses": m{"href": statuses}},
	}
	if full {
		c := p.comparison()
		maps.Copy(out, m{"merged": p.merged, "mergeable": nil, "rebaseable": nil, "mergeable_state": "unknown", "merged_by": mergedBy,
			"comments": len(p.comments), "review_comments": 0, "maintainer_can_modify": false, "commits": len(c.commits),
			"additions": c.adds, "deletions": c.dels, "changed_files": len(c.files)})
	}
	return out
}

func reactions(url string) m {
	out := m{"url": url + "/reactions", "total_count": 0}
	for _, k := range []string{"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"} {
		out[k] = 0
	}
	return out
}

func (gh *GitHub) issueJSON(p *Pull) m {
	r, n := p.repo, itoa(p.Number)
	api, pull, html := r.api()+"/issues/"+n, r.api()+"/pulls/"+n, r.url()+"/pull/"+n
	var body any
	if p.body != "" {
		body = p.body
	}
	return m{
		"id": p.ID, "node_id": p.node(), "number": p.Number, "title": p.title, "body": body, "state": p.state, "state_reason": nil,
		"user": gh.userJSON(p.author), "labels": gh.labelsJSON(p.labels), "locked": false, "active_lock_reason": nil, "assignee": nil,
		"assignees": []m{}, "milestone": nil, "comments": len(p.comments), "draft": p.draft, "author_association": r.association(p.author),
		"created_at": date(p.created), "updated_at": date(p.updated), "closed_at": date(p.closed), "reactions": reactions(api),
		"url": api, "repository_url": r.api(), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "html_url": html, "timeline_url": api + "/timeline", "performed_via_github_app": nil,
		"pull_request": m{"url": pull, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch", "merged_at": date(p.mergedAt)},
	}
}

func (gh *GitHub) reviewJSON(rv *Review) m {
	r, n := rv.pull.repo, itoa(rv.pull.Number)
	html, pull := r.url()+"/pull/"+n+"#pullrequestreview-"+itoa(int(rv.ID)), r.api()+"/pulls/"+n
	var body any
	if rv.body != "" {
		body = rv.body
	}
	return m{"id": rv.ID, "node_id": rv.node(), "user": gh.userOrNil(rv.author), "body": body, "state": strings.ToLower(rv.state),
		"commit_id": rv.commit, "submitted_at": date(rv.submitted), "author_association": r.association(rv.author),
		"html_url": html, "pull_request_url": pull, "_links": m{"html": m{"href": html}, "pull_request": m{"href": pull}}}
}

// pullRefJSON is a pull request as check-runs' and suites' webhooks name it.
func (gh *GitHub) pullRefJSON(p *Pull) m {
	short := func(r *Repo) m { return m{"id": r.ID, "url": r.api(), "name": r.name} }
	return m{"id": p.ID, "number": p.Number, "url": p.repo.api() + "/pulls/" + itoa(p.Number),
		"head": m{"ref": p.headRef, "sha": p.head, "repo": short(p.headRepo)},
		"base": m{"ref": p.base, "sha": p.baseWas, "repo": short(p.repo)}}
}
