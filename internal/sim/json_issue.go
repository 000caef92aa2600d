package sim

import "maps"

// plainIssueJSON is an issue that is no pull request.
func (gh *GitHub) plainIssueJSON(i *Issue) m {
	r := i.repo
	api := r.api() + "/issues/" + itoa(i.Number)
	out := m{
		"id": i.ID, "node_id": i.node(), "number": i.Number, "title": i.title, "body": orNull(i.body), "state": i.state(), "state_reason": orNull(i.reason),
		"user": gh.userOrNil(i.author), "labels": gh.labelsJSON(i.labels), "locked": false, "active_lock_reason": nil, "assignee": nil, "assignees": []m{},
		"milestone": nil, "comments": len(i.comments), "author_association": r.association(i.author), "created_at": date(i.created),
		"updated_at": date(i.updated), "closed_at": date(i.closed), "reactions": reactions(api), "performed_via_github_app": nil,
	}
	maps.Copy(out, m{"url": api, "repository_url": r.api(), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "html_url": r.url() + "/issues/" + itoa(i.Number), "timeline_url": api + "/timeline"})
	return out
}

func (gh *GitHub) labelsJSON(labels []*label) []m {
	all := []m{}
	for _, l := range labels {
		all = append(all, gh.labelJSON(l))
	}
	return all
}

func (gh *GitHub) commentJSON(c *Comment) m {
	r := c.on.home()
	api := r.api() + "/issues/comments/" + itoa(int(c.ID))
	updated := c.created
	if !c.edited.IsZero() {
		updated = c.edited
	}
	return m{"id": c.ID, "node_id": c.node(), "url": api, "html_url": c.page(),
		"issue_url": r.api() + "/issues/" + itoa(c.on.num()), "user": gh.userOrNil(c.author), "body": c.body,
		"created_at": date(c.created), "updated_at": date(updated), "author_association": r.association(c.author),
		"reactions": reactions(api), "performed_via_github_app": nil}
}
