package sim

import "strconv"

func threadFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(t *Thread) any { return t.node() }),
		"path":        get(func(t *Thread) any { return t.path }),
		"line":        get(func(t *Thread) any { line, _ := t.now(); return bool2[any](line > 0, line, nil) }),
		"isOutdated":  get(func(t *Thread) any { _, outdated := t.now(); return outdated }),
		"isResolved":  get(func(t *Thread) any { return t.resolved }),
		"isCollapsed": get(func(t *Thread) any { return t.resolved }),
		// A User by the schema, which an App is none of.
		"resolvedBy": get(func(t *Thread) any {
			if t.resolvedBy == nil || t.resolvedBy.deleted || t.resolvedBy.Kind != "User" {
				return nil
			}
			return t.resolvedBy
		}),
		"originalLine": get(func(t *Thread) any { return bool2[any](t.line > 0, t.line, nil) }),
		"diffSide":     get(func(*Thread) any { return "RIGHT" }),
		"subjectType":  get(func(t *Thread) any { return bool2(t.line > 0, "LINE", "FILE") }),
		"pullRequest":  get(func(t *Thread) any { return t.pull }),
		"repository":   get(func(t *Thread) any { return t.pull.repo }),
		"comments":     get(func(t *Thread) any { return connection{kind: "PullRequestReviewComment", items: items(t.comments)} }),
	}
}

func reviewCommentFields() map[string]resolver {
	return map[string]resolver{
		"id":                get(func(c *ReviewComment) any { return c.node() }),
		"databaseId":        get(func(c *ReviewComment) any { return c.ID }),
		"fullDatabaseId":    get(func(c *ReviewComment) any { return strconv.FormatInt(c.ID, 10) }),
		"author":            get(func(c *ReviewComment) any { return actor(c.author) }),
		"body":              get(func(c *ReviewComment) any { return c.body }),
		"path":              get(func(c *ReviewComment) any { return c.thread.path }),
		"createdAt":         get(func(c *ReviewComment) any { return c.created }),
		"pullRequestReview": get(func(c *ReviewComment) any { return c.review }),
	}
}

// markThread is resolveReviewThread and its opposite.
func markThread(resolved bool) func(x *execution, in args) (m, error) {
	return func(x *execution, in args) (m, error) {
		t, _ := x.gh.nodes[in.text("threadId")].(*Thread)
		if t == nil || !x.call.token.sees(t.pull.repo) {
			return nil, notFound("Could not resolve to a node with the global id of '%s'", in.text("threadId"))
		}
		if t.pull.repo.archived {
			return nil, graphError{"FORBIDDEN", "Repository was archived so is read-only."}
		}
		t.mark(x.call.bot(), resolved)
		return m{"thread": t}, nil
	}
}
