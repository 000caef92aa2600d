package sim

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (p *Pull) graphState() string {
	if p.merged {
		return "MERGED"
	}
	return strings.ToUpper(p.state)
}

func pullFields() map[string]resolver {
	all := map[string]resolver{
		"id":                  get(func(p *Pull) any { return p.node() }),
		"databaseId":          get(func(p *Pull) any { return p.ID }),
		"fullDatabaseId":      get(func(p *Pull) any { return strconv.FormatInt(p.ID, 10) }),
		"number":              get(func(p *Pull) any { return p.Number }),
		"title":               get(func(p *Pull) any { return p.title }),
		"body":                get(func(p *Pull) any { return p.body }),
		"state":               get(func(p *Pull) any { return p.graphState() }),
		"isDraft":             get(func(p *Pull) any { return p.draft }),
		"merged":              get(func(p *Pull) any { return p.merged }),
		"mergedAt":            get(func(p *Pull) any { return p.mergedAt }),
		"mergedBy":            get(func(p *Pull) any { return actor(p.mergedBy) }),
		"closed":              get(func(p *Pull) any { return p.state == "closed" }),
		"closedAt":            get(func(p *Pull) any { return p.closed }),
		"locked":              get(func(*Pull) any { return false }),
		"isCrossRepository":   get(func(p *Pull) any { return p.headRepo != p.repo }),
		"createdAt":           get(func(p *Pull) any { return p.created }),
		"updatedAt":           get(func(p *Pull) any { return p.updated }),
		"lastEditedAt":        get(func(p *Pull) any { return p.edited }),
		"author":              get(func(p *Pull) any { return actor(p.author) }),
		"authorAssociation":   get(func(p *Pull) any { return p.repo.association(p.author) }),
		"url":                 get(func(p *Pull) any { return p.repo.url() + "/pull/" + itoa(p.Number) }),
		"permalink":           get(func(p *Pull) any { return p.repo.url() + "/pull/" + itoa(p.Number) }),
		"repository":          get(func(p *Pull) any { return p.repo }),
		"baseRefName":         get(func(p *Pull) any { return p.base }),
		"baseRefOid":          get(func(p *Pull) any { return p.baseWas }),
		"headRefName":         get(func(p *Pull) any { return p.headRef }),
		"headRefOid":          get(func(p *Pull) any { return p.head }),
		"headRepository":      get(func(p *Pull) any { return p.headRepo }),
		"maintainerCanModify": get(func(*Pull) any { return false }),
		"changedFiles":        get(func(p *Pull) any { return len(p.comparison().files) }),
		"additions":           get(func(p *Pull) any { return p.comparison().adds }),
		"deletions":           get(func(p *Pull) any { return p.comparison().dels }),
		"mergeStateStatus":    get(func(p *Pull) any { return p.mergeWord("UNKNOWN", "DIRTY", "CLEAN") }),
		"mergeable":           get(func(p *Pull) any { return p.mergeWord("UNKNOWN", "CONFLICTING", "MERGEABLE") }),
		"reviewDecision":      get(func(*Pull) any { return nil }),
		"isMergeQueueEnabled": get(func(p *Pull) any { return p.repo.queues[p.base] != nil }),
		"isInMergeQueue":      get(func(p *Pull) any { return p.entry != nil }),
		"mergeQueueEntry":     get(func(p *Pull) any { return bool2[any](p.entry != nil, p.entry, nil) }),
		"autoMergeRequest":    get(func(*Pull) any { return nil }),
		"headRepositoryOwner": get(func(p *Pull) any { return p.repo.gh.ownerOf(p.headRepo) }),
		"statusCheckRollup":   get(func(p *Pull) any { return rollupOf(p.repo, p.head) }),
	}
	maps.Copy(all, pullRefs())
	maps.Copy(all, pullLists())
	return all
}

// pullRefs are branches and commits; null where they are gone.
func pullRefs() map[string]resolver {
	return map[string]resolver{
		"potentialMergeCommit": get(func(p *Pull) any {
			sha, _ := p.testMerge()
			c := p.repo.objects.commits[sha]
			return bool2[any](c != nil && !p.merged, commitOf{p.repo, c}, nil)
		}),
		"mergeCommit": get(func(p *Pull) any {
			c := p.repo.objects.commits[p.mergeCommit]
			return bool2[any](c != nil, commitOf{p.repo, c}, nil)
		}),
		"baseRef": get(func(p *Pull) any {
			return bool2[any](p.repo.branches[p.base] != "", refOf{p.repo, p.base}, nil)
		}),
		"headRef": get(func(p *Pull) any {
			return bool2[any](p.headRepo != nil && p.headRepo.branches[p.headRef] != "", refOf{p.headRepo, p.headRef}, nil)
		}),
	}
}

// ownerOf is null for a fork that was deleted.
func (gh *GitHub) ownerOf(r *Repo) any {
	if r == nil {
		return nil
	}
	if r.org != nil {
		return r.org
	}
	return r.owner
}

func pullLists() map[string]resolver {
	return map[string]resolver{
		"labels": get(func(p *Pull) any { return connection{kind: "Label", items: items(p.labels)} }),
		"files": get(func(p *Pull) any {
			var all []any
			files := p.comparison().files
			for _, f := range files[:min(len(files), maxFiles)] {
				all = append(all, changedFile{p, f})
			}
			return connection{kind: "PullRequestChangedFile", items: all, total: len(files)}
		}),
		"commits": get(func(p *Pull) any {
			var all []any
			commits := p.comparison().commits
			for _, c := range commits[:min(len(commits), maxCommits)] {
				all = append(all, pullCommit{p, commitOf{p.repo, c}})
			}
			return connection{kind: "PullRequestCommit", items: all, total: len(commits)}
		}),
		"reviews": on(func(_ *execution, p *Pull, a args) (any, error) {
			all, states := slices.Clone(p.reviews), a.texts("states")
			all = slices.DeleteFunc(all, func(rv *Review) bool {
				return len(states) > 0 && !slices.Contains(states, rv.state) || a.has("author") && !named(rv.author, a.text("author"))
			})
			return connection{kind: "PullRequestReview", items: items(all)}, nil
		}),
		"latestOpinionatedReviews": on(func(_ *execution, p *Pull, a args) (any, error) {
			writers, _ := a["writersOnly"].(bool)
			return connection{kind: "PullRequestReview", items: items(p.opinions(writers))}, nil
		}),
		"comments": get(func(p *Pull) any { return connection{kind: "IssueComment", items: items(p.comments)} }),
		"reviewRequests": get(func(p *Pull) any {
			var all []any
			for _, u := range p.people {
				all = append(all, object{"ReviewRequest", m{"asCodeOwner": false, "requestedReviewer": u}})
			}
			for _, t := range p.teams {
				all = append(all, object{"ReviewRequest", m{"asCodeOwner": false, "requestedReviewer": t}})
			}
			return connection{kind: "ReviewRequest", items: all}
		}),
		"reviewThreads": get(func(p *Pull) any {
			return connection{kind: "PullRequestReviewThread", items: items(p.threads)}
		}),
		"closingIssuesReferences": get(func(p *Pull) any { return connection{kind: "Issue", items: p.closes()} }),
		"timelineItems": on(func(_ *execution, p *Pull, a args) (any, error) {
			var all []any
			kinds := a.texts("itemTypes")
			for _, h := range p.timeline {
				if len(kinds) == 0 || slices.Contains(kinds, itemType(h.kind)) {
					all = append(all, happeningOf{p, h})
				}
			}
			return connection{kind: "PullRequestTimelineItems", items: all}, nil
		}),
	}
}

func named(a *Account, login string) bool { return a != nil && strings.EqualFold(a.Login, login) }

// opinions are each person's latest review that is more than a comment.
func (p *Pull) opinions(writersOnly bool) []*Review {
	var all []*Review
	for i, rv := range p.reviews {
		later := slices.ContainsFunc(p.reviews[i+1:], func(o *Review) bool { return o.author == rv.author && o.state != "COMMENTED" })
		if rv.state == "COMMENTED" || later || writersOnly && rank(p.repo.permission(rv.author)) < rank("write") {
			continue
		}
		all = append(all, rv)
	}
	return all
}

var closing = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b`)

// closes are the issues that the description says it closes.
func (p *Pull) closes() []any {
	var all []any
	for _, hit := range closing.FindAllStringSubmatch(p.body, -1) {
		n, err := strconv.Atoi(hit[1])
		if i := p.repo.issues[n]; err == nil && i != nil && !slices.Contains(all, any(i)) {
			all = append(all, i)
		}
	}
	return all
}

func reviewFields() map[string]resolver {
	return map[string]resolver{
		"id":                get(func(rv *Review) any { return rv.node() }),
		"databaseId":        get(func(rv *Review) any { return rv.ID }),
		"fullDatabaseId":    get(func(rv *Review) any { return strconv.FormatInt(rv.ID, 10) }),
		"state":             get(func(rv *Review) any { return rv.state }),
		"submittedAt":       get(func(rv *Review) any { return rv.submitted }),
		"createdAt":         get(func(rv *Review) any { return rv.submitted }),
		"lastEditedAt":      get(func(rv *Review) any { return rv.edited }),
		"body":              get(func(rv *Review) any { return rv.body }),
		"isMinimized":       get(func(*Review) any { return false }),
		"author":            get(func(rv *Review) any { return actor(rv.author) }),
		"authorAssociation": get(func(rv *Review) any { return rv.pull.repo.association(rv.author) }),
		"authorCanPushToRepository": get(func(rv *Review) any {
			return rank(rv.pull.repo.permission(rv.author)) >= rank("write")
		}),
		"commit": get(func(rv *Review) any {
			c := rv.pull.repo.objects.commits[rv.commit]
			return bool2[any](c != nil, commitOf{rv.pull.repo, c}, nil)
		}),
		"onBehalfOf": get(func(rv *Review) any { return connection{kind: "Team", items: items(rv.teams)} }),
		"url": get(func(rv *Review) any {
			return rv.pull.repo.url() + "/pull/" + itoa(rv.pull.Number) + "#pullrequestreview-" + itoa(int(rv.ID))
		}),
	}
}

func commentFields() map[string]resolver {
	return map[string]resolver{
		"id":                get(func(c *Comment) any { return c.node() }),
		"databaseId":        get(func(c *Comment) any { return c.ID }),
		"fullDatabaseId":    get(func(c *Comment) any { return strconv.FormatInt(c.ID, 10) }),
		"author":            get(func(c *Comment) any { return actor(c.author) }),
		"authorAssociation": get(func(c *Comment) any { return c.on.home().association(c.author) }),
		"body":              get(func(c *Comment) any { return c.body }),
		"createdAt":         get(func(c *Comment) any { return c.created }),
		"publishedAt":       get(func(c *Comment) any { return c.created }),
		"lastEditedAt":      get(func(c *Comment) any { return c.edited }),
		"viewerDidAuthor":   on(func(x *execution, c *Comment, _ args) (any, error) { return c.author == x.call.bot(), nil }),
		"isMinimized":       get(func(c *Comment) any { return c.minimized }),
		"minimizedReason":   get(func(c *Comment) any { return bool2[any](c.minimized, "off-topic", nil) }),
		"editor":            get(func(c *Comment) any { return actor(c.editor) }),
		"issue":             get(func(c *Comment) any { i, _ := c.on.(*Issue); return i }),
		"url":               get(func(c *Comment) any { return c.page() }),
	}
}

// itemType is a timeline type as an enum: HeadRefForcePushedEvent is
// HEAD_REF_FORCE_PUSHED_EVENT.
func itemType(kind string) string {
	var b strings.Builder
	for i, c := range kind {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return strings.ToUpper(b.String())
}

func timelineFields() map[string]map[string]resolver {
	extra := func(name string) resolver {
		return get(func(v happeningOf) any { return v.extra[name] })
	}
	oid := func(name string) resolver {
		return get(func(v happeningOf) any {
			sha, _ := v.extra[name].(string)
			c := v.p.repo.objects.commits[sha]
			return bool2[any](c != nil, commitOf{v.p.repo, c}, nil)
		})
	}
	own := map[string]map[string]resolver{
		"HeadRefForcePushedEvent": {"beforeCommit": oid("before"), "afterCommit": oid("after")},
		"BaseRefForcePushedEvent": {},
		"BaseRefChangedEvent":     {"previousRefName": extra("previous"), "currentRefName": extra("current")},
		"ReviewDismissedEvent": {"dismissalMessage": extra("message"), "previousReviewState": extra("previous"), "review": extra("review"),
			"pullRequestCommit": get(func(happeningOf) any { return nil })},
		"LabeledEvent":        {"label": extra("label")},
		"UnlabeledEvent":      {"label": extra("label")},
		"ConvertToDraftEvent": {}, "ReadyForReviewEvent": {}, "ReopenedEvent": {}, "ClosedEvent": {}, "MergedEvent": {},
		"RenamedTitleEvent": {"previousTitle": extra("previous"), "currentTitle": extra("current")},
	}
	for _, fields := range own {
		fields["id"] = get(func(v happeningOf) any { return nodeID("E", v.id) })
		fields["createdAt"] = get(func(v happeningOf) any { return v.at })
		fields["actor"] = get(func(v happeningOf) any { return actor(v.by) })
	}
	return own
}
