package sim

import (
	"slices"
	"strings"
)

func queueFields() map[string]resolver {
	return map[string]resolver{
		"id":           get(func(q *mergeQueue) any { return q.node() }),
		"repository":   get(func(q *mergeQueue) any { return q.repo }),
		"url":          get(func(q *mergeQueue) any { return q.repo.url() + "/queue/" + q.branch }),
		"resourcePath": get(func(q *mergeQueue) any { return "/" + q.repo.fullName() + "/queue/" + q.branch }),
		"entries":      get(func(q *mergeQueue) any { return connection{kind: "MergeQueueEntry", items: items(q.entries)} }),
	}
}

func queueEntryFields() map[string]resolver {
	commit := func(of func(*queueEntry) string) resolver {
		return get(func(e *queueEntry) any {
			c := e.queue.repo.objects.commits[of(e)]
			return bool2[any](c != nil, commitOf{e.queue.repo, c}, nil)
		})
	}
	return map[string]resolver{
		"id":          get(func(e *queueEntry) any { return e.node() }),
		"mergeQueue":  get(func(e *queueEntry) any { return e.queue }),
		"pullRequest": get(func(e *queueEntry) any { return e.pull }),
		"position":    get(func(e *queueEntry) any { return slices.Index(e.queue.entries, e) + 1 }),
		"state":       get(func(e *queueEntry) any { return e.state() }),
		"enqueuer":    get(func(e *queueEntry) any { return actor(e.by) }),
		"enqueuedAt":  get(func(e *queueEntry) any { return e.at }),
		"jump":        get(func(*queueEntry) any { return false }),
		"solo":        get(func(*queueEntry) any { return false }),
		"headCommit":  commit(func(e *queueEntry) string { return e.head }),
		"baseCommit":  commit(func(e *queueEntry) string { return e.base }),
	}
}

// mergeQueue is the queue of a branch; null where it has none.
func (x *execution) mergeQueue(r *Repo, a args) (any, error) {
	if err := x.needs("merge_queues", "read"); err != nil {
		return nil, err
	}
	branch := a.text("branch")
	if branch == "" {
		branch = r.main
	}
	q := r.queues[branch]
	return bool2[any](q != nil, q, nil), nil
}

// refs are the branches under a prefix, or the tags, whose names hold a text.
func (x *execution) refs(r *Repo, a args) (any, error) {
	if err := x.needs("contents", "read"); err != nil {
		return nil, err
	}
	if a.text("refPrefix") == tagsPrefix {
		return connection{kind: "Ref", items: r.tagRefs(a.text("query"))}, nil
	}
	var all []any
	prefix, ok := strings.CutPrefix(a.text("refPrefix"), "refs/heads/")
	for _, name := range sortedKeys(r.branches) {
		if ok && strings.HasPrefix(name, prefix) && strings.Contains(name, a.text("query")) {
			all = append(all, refOf{r, name})
		}
	}
	return connection{kind: "Ref", items: all}, nil
}

func enqueuePull(x *execution, in args) (m, error) {
	p, err := x.queueable(in.text("pullRequestId"))
	if err != nil {
		return nil, err
	}
	if oid := in.text("expectedHeadOid"); oid != "" && oid != p.head {
		return nil, unprocessable(githubSays("Head branch was modified. Review and try the merge again."))
	}
	jump, _ := in["jump"].(bool)
	e, err := p.enqueue(x.call.bot(), jump)
	if err != nil {
		return nil, unprocessable(err)
	}
	return m{"mergeQueueEntry": bool2[any](p.entry == e, e, nil)}, nil
}

func dequeuePull(x *execution, in args) (m, error) {
	p, err := x.queueable(in.text("id"))
	if err != nil {
		return nil, err
	}
	if p.entry == nil {
		return nil, unprocessable(githubSays("Pull request is not in the merge queue"))
	}
	p.leaveQueue(x.call.bot(), "MANUAL")
	return m{"mergeQueueEntry": nil}, nil
}

func (x *execution) queueable(id string) (*Pull, error) {
	p, _ := x.gh.nodes[id].(*Pull)
	if p == nil || !x.call.token.sees(p.repo) {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", id)
	}
	return p, nil
}

// queueRule is the rule of a branch that has a queue.
func (r *Repo) queueRule(branch string) (object, bool) {
	q := r.queues[branch]
	if q == nil {
		return object{}, false
	}
	return object{"MergeQueueParameters", m{"checkResponseTimeoutMinutes": 60, "groupingStrategy": bool2(q.rules.HeadGreen, "HEADGREEN", "ALLGREEN"),
		"maxEntriesToBuild": q.rules.MaxBuild, "maxEntriesToMerge": q.rules.MaxMerge, "mergeMethod": "MERGE",
		"minEntriesToMerge": 1, "minEntriesToMergeWaitMinutes": 5}}, true
}
