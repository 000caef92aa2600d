package sim

import "strings"

// reviewCommentJSON is a comment of a conversation.
func (gh *GitHub) reviewCommentJSON(c *ReviewComment) m {
	t := c.thread
	r, n, id := t.pull.repo, itoa(t.pull.Number), itoa(int(c.ID))
	api, pull := r.api()+"/pulls/comments/"+id, r.api()+"/pulls/"+n
	html := r.url() + "/pull/" + n + "#discussion_r" + id
	line, outdated := t.now()
	number := func(n int) any { return bool2[any](n > 0, n, nil) }
	hunk := ""
	for _, f := range r.objects.compare(t.pull.repo.branches[t.pull.base], t.commit).files {
		if f.path == t.path {
			hunk = f.patch
		}
	}
	out := m{"id": c.ID, "node_id": c.node(), "url": api, "html_url": html, "pull_request_url": pull, "pull_request_review_id": c.review.ID,
		"diff_hunk": hunk, "path": t.path, "position": bool2[any](outdated, nil, 1), "original_position": 1, "commit_id": bool2(outdated, t.commit, t.pull.head),
		"original_commit_id": t.commit, "user": gh.userOrNil(c.author), "body": c.body, "created_at": date(c.created), "updated_at": date(c.created),
		"author_association": r.association(c.author), "start_line": nil, "original_start_line": nil, "start_side": nil,
		"line": number(line), "original_line": number(t.line), "side": "RIGHT", "subject_type": strings.ToLower(bool2(t.line > 0, "LINE", "FILE")),
		"reactions": reactions(api), "_links": m{"self": m{"href": api}, "html": m{"href": html}, "pull_request": m{"href": pull}}}
	if first := t.comments; len(first) > 0 && first[0] != c {
		out["in_reply_to_id"] = first[0].ID
	}
	return out
}

func (c *call) listReviewComments() {
	if p := c.pull(); p != nil {
		var all []*ReviewComment
		for _, t := range p.threads {
			all = append(all, t.comments...)
		}
		okPage(c, all, func(one *ReviewComment) m {
			out := c.gh.reviewCommentJSON(one)
			for _, name := range []string{"line", "original_line"} {
				if out[name] == nil {
					delete(out, name) // null in webhooks, left out by REST
				}
			}
			return out
		})
	}
}
