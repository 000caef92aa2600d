package sim

import "fmt"

func (q *mergeQueue) node() string { return nodeID("MQ", q.id) }

func (e *queueEntry) node() string { return nodeID("MQE", e.id) }

// make makes an entry's group upon a commit and asks for its checks.
func (e *queueEntry) make(base string) error {
	r, p := e.queue.repo, e.pull
	tree, conflict := r.objects.merge(base, p.head)
	if conflict {
		return errConflict
	}
	msg := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.headOf.Login, p.headRef, p.title)
	e.base, e.ref = base, fmt.Sprintf("gh-readonly-queue/%s/pr-%d-%s", e.queue.branch, p.Number, base)
	e.head = r.objects.commit(commit{tree: tree, parents: []string{base, p.head}, author: r.identity(e.by.Login),
		committer: r.identity("web-flow"), message: msg}, true)
	r.branches[e.ref] = e.head
	r.emitPush(e.by, e.ref, "", e.head, false)
	r.requestSuites(e.by, e.ref, base, e.head)
	r.emit(event{name: "merge_group", action: "checks_requested", sender: e.by, body: m{"merge_group": e.json()}})
	return nil
}

// destroy takes an entry's group apart, if there is one.
func (e *queueEntry) destroy(by *Account, reason string) {
	if e.head == "" {
		return
	}
	r, group := e.queue.repo, e.json()
	delete(r.branches, e.ref)
	r.emitPush(by, e.ref, e.head, "", false)
	e.ref, e.base, e.head = "", "", ""
	r.emit(event{name: "merge_group", action: "destroyed", sender: by, body: m{"merge_group": group, "reason": reason}})
}

func (e *queueEntry) json() m {
	r := e.queue.repo
	return m{"head_sha": e.head, "head_ref": "refs/heads/" + e.ref, "base_sha": e.base, "base_ref": "refs/heads/" + e.queue.branch,
		"head_commit": r.simpleCommitJSON(r.objects.commits[e.head])}
}

func (e *queueEntry) state() string {
	if e.head == "" {
		return "QUEUED"
	}
	switch e.queue.required(e.head) {
	case "success":
		return "MERGEABLE"
	case "failure":
		return "UNMERGEABLE"
	}
	return "AWAITING_CHECKS"
}
