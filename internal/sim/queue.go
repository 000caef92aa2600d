package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Queue says how the merge queue of a branch works. Which checks a group waits for
// are those of the branch's Rules.
type Queue struct {
	// HeadGreen lets pull requests be merged together when the last one's group
	// passes; else each one's must.
	HeadGreen bool
	// MaxBuild is how many groups wait for checks at once, MaxMerge how many pull
	// requests are merged at once; default 5 each, as on GitHub.
	MaxBuild, MaxMerge int
}

// mergeQueue is the queue of one branch, the next to be merged first.
type mergeQueue struct {
	repo    *Repo
	branch  string
	id      int64
	rules   Queue
	entries []*queueEntry
	moving  bool // it is the queue that moves the branch
	busy    bool
}

// queueEntry is a pull request in the queue. Its group, once made, is the commit
// head on the branch ref: the pull request merged into base, which is the head of
// the entry before it, or where the branch is.
type queueEntry struct {
	queue           *mergeQueue
	pull            *Pull
	id              int64
	by              *Account
	at              time.Time
	ref, base, head string
}

// Queued is an entry of a merge queue as it is at one moment. Ref and SHA are the
// group's, "" until it is made.
type Queued struct {
	Pull       int
	State      string // GraphQL's word
	Ref, SHA   string
	Base, Head string // commits that the group is made of
}

// SetQueue gives a branch a merge queue.
func (r *Repo) SetQueue(branch string, rules Queue) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	rules.MaxBuild, rules.MaxMerge = cmp.Or(rules.MaxBuild, 5), cmp.Or(rules.MaxMerge, 5)
	if q := r.queues[branch]; q != nil {
		q.rules = rules
		return
	}
	q := &mergeQueue{repo: r, branch: branch, id: r.gh.id(), rules: rules}
	if r.queues == nil {
		r.queues = map[string]*mergeQueue{}
	}
	r.queues[branch], r.gh.nodes[q.node()] = q, q
}

// Queue is what is in a branch's merge queue.
func (r *Repo) Queue(branch string) []Queued {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	q := r.queues[branch]
	if q == nil {
		return nil
	}
	var out []Queued
	for _, e := range q.entries {
		out = append(out, Queued{Pull: e.pull.Number, State: e.state(), Ref: e.ref, SHA: e.head, Base: e.base, Head: e.pull.head})
	}
	return out
}

// Enqueue puts the pull request at the end of its base branch's merge queue, as the
// button "Merge when ready" does when all that the branch requires is there.
func (p *Pull) Enqueue(by string) error {
	var err error
	p.do(by, func(who *Account) { _, err = p.enqueue(who, false) })
	return err
}

// Dequeue takes it out of the queue.
func (p *Pull) Dequeue(by string) {
	p.do(by, func(who *Account) { p.leaveQueue(who, "MANUAL") })
}

func (p *Pull) enqueue(by *Account, jump bool) (*queueEntry, error) {
	q := p.repo.queues[p.base]
	switch {
	case q == nil:
		return nil, fmt.Errorf("enqueue #%d: %s has no merge queue", p.Number, p.base)
	case p.state != "open" || p.draft || p.entry != nil:
		return nil, fmt.Errorf("enqueue #%d: it is closed, a draft or queued already", p.Number)
	case q.required(p.head) != "success":
		return nil, fmt.Errorf("enqueue #%d: required status checks have not succeeded", p.Number)
	}
	e := &queueEntry{queue: q, pull: p, id: p.repo.gh.id(), by: by, at: p.repo.gh.now()}
	p.entry, p.repo.gh.nodes[e.node()] = e, e
	p.act("enqueued", by, nil)
	if jump {
		q.spoil(0, by)
		q.entries = slices.Insert(q.entries, 0, e)
	} else {
		q.entries = append(q.entries, e)
	}
	q.advance()
	return e, nil
}

// leaveQueue takes a pull request out of the queue; the groups that hold it are
// made anew without it.
func (p *Pull) leaveQueue(by *Account, reason string) {
	e := p.entry
	if e == nil || e.queue.moving {
		return
	}
	e.queue.remove(e, by, reason)
	e.queue.advance()
}

func (q *mergeQueue) remove(e *queueEntry, by *Account, reason string) {
	i := slices.Index(q.entries, e)
	q.spoil(i+1, by)
	q.entries = slices.Delete(q.entries, i, i+1)
	e.destroy(by, "dequeued")
	e.leave(by, reason)
}

// leave ends an entry and tells so.
func (e *queueEntry) leave(by *Account, reason string) {
	e.pull.entry = nil
	delete(e.queue.repo.gh.nodes, e.node())
	e.pull.act("dequeued", by, m{"reason": reason})
}

// spoil takes apart the groups from an entry on.
func (q *mergeQueue) spoil(from int, by *Account) {
	for _, e := range q.entries[from:] {
		e.destroy(by, "invalidated")
	}
}

// branchMoved has every group made anew when somebody else moved the branch.
func (q *mergeQueue) branchMoved(by *Account) {
	if q == nil || q.moving {
		return
	}
	q.spoil(0, by)
	q.advance()
}

var errConflict = errors.New("merge conflict")

// advance makes the groups that are to be made, merges those that may be merged and
// takes out the first when it fails, until there is nothing to do. What fails behind
// others stays until they are merged or gone: it may be they that it fails for.
func (q *mergeQueue) advance() {
	if q == nil || q.busy {
		return
	}
	q.busy = true
	defer func() { q.busy = false }()
	for {
		if e := q.build(); e != nil {
			q.remove(e, e.by, "MERGE_CONFLICT")
			continue
		}
		if n := q.ready(); n > 0 {
			q.merge(n)
			continue
		}
		if !q.failing() {
			return
		}
		q.remove(q.entries[0], q.entries[0].by, "CI_FAILURE")
	}
}

// failing says whether the first entry is to go. Where the last group decides, it
// may yet be carried by one behind it.
func (q *mergeQueue) failing() bool {
	for i, e := range q.entries[:min(len(q.entries), q.rules.MaxMerge)] {
		state := e.state()
		if i == 0 && state != "UNMERGEABLE" || state == "AWAITING_CHECKS" && q.rules.HeadGreen {
			return false
		}
	}
	return len(q.entries) > 0
}

// build makes the groups that are missing, and returns the entry that cannot be
// merged into what is before it.
func (q *mergeQueue) build() (conflicting *queueEntry) {
	tip := q.repo.branches[q.branch]
	for i, e := range q.entries {
		if i == q.rules.MaxBuild {
			return nil
		}
		if e.head == "" {
			if err := e.make(tip); err != nil {
				return e
			}
		}
		tip = e.head
	}
	return nil
}

// ready is how many entries may be merged now.
func (q *mergeQueue) ready() int {
	n := 0
	for i, e := range q.entries[:min(len(q.entries), q.rules.MaxMerge)] {
		switch {
		case e.state() == "MERGEABLE":
			n = i + 1
		case !q.rules.HeadGreen:
			return n
		}
	}
	return n
}

// merge moves the branch on to the group of the n-th entry.
func (q *mergeQueue) merge(n int) {
	done := slices.Clone(q.entries[:n])
	last := done[n-1]
	q.moving = true
	err := q.repo.move(last.by, q.branch, last.head)
	q.moving = false
	if err != nil {
		return // it is our own commit, which is there
	}
	q.entries = slices.Delete(q.entries, 0, n)
	for _, e := range done {
		e.destroy(e.by, "merged")
		e.leave(e.by, "MERGE")
	}
}

// required is what the branch's required checks come to on a commit: success,
// failure or pending.
func (q *mergeQueue) required(sha string) string {
	out := "success"
	for _, c := range q.repo.rules[q.branch].Checks {
		switch q.repo.on(sha).of(c) {
		case "failure":
			return "failure"
		case "pending":
			out = "pending"
		}
	}
	return out
}

// of is what a required check came to. One that was not reported is pending.
func (c *checks) of(required RequiredCheck) string {
	out := "pending"
	for _, run := range c.newest() {
		switch {
		case run.name != required.Name || required.App != 0 && required.App != run.app.ID:
		case run.status != "completed":
			return "pending"
		case !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion):
			return "failure"
		default:
			out = "success"
		}
	}
	for _, s := range c.newestStatus() {
		switch {
		case s.context != required.Name || required.App != 0:
		case s.state == "pending":
			return "pending"
		case s.state != "success":
			return "failure"
		default:
			out = "success"
		}
	}
	return out
}

// heard moves the queues on whose groups have a commit that something was reported
// of.
func (r *Repo) heard(sha string) {
	for _, branch := range sortedKeys(r.queues) {
		q := r.queues[branch]
		if slices.ContainsFunc(q.entries, func(e *queueEntry) bool { return e.head == sha }) {
			q.advance()
		}
	}
}
