package sim

import (
	"container/heap"
	"net/http"
	"time"
)

// log is every commit that can be reached from tip, as git log lists them: the
// newest first by committer date, none before its children.
func (o *objects) log(tip string) []*commit {
	if o.logTip != tip {
		o.logTip, o.logList = tip, o.newLog(tip)
	}
	return o.logList
}

func (o *objects) newLog(tip string) []*commit {
	children := map[string]int{}
	for sha := range o.reach(tip) {
		for _, p := range o.commits[sha].parents {
			children[p]++
		}
	}
	var list []*commit
	todo := &newestFirst{}
	push := func(sha string) {
		if c := o.commits[sha]; c != nil {
			heap.Push(todo, c)
		}
	}
	for push(tip); todo.Len() > 0; {
		c, _ := heap.Pop(todo).(*commit)
		list = append(list, c)
		for _, p := range c.parents {
			if children[p]--; children[p] == 0 {
				push(p)
			}
		}
	}
	return list
}

// newestFirst is a heap of commits.
type newestFirst []*commit

func (h newestFirst) Len() int { return len(h) }

func (h newestFirst) Less(i, j int) bool {
	if a, b := h[i].committer.at, h[j].committer.at; !a.Equal(b) {
		return a.After(b)
	}
	return h[i].sha < h[j].sha
}

func (h newestFirst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *newestFirst) Push(v any) {
	if c, ok := v.(*commit); ok {
		*h = append(*h, c)
	}
}

// Pop implements heap.Interface.
func (h *newestFirst) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}

// made is the commits of a list that were committed within a span.
func (s timeSpan) made(list []*commit) []*commit {
	var out []*commit
	for _, c := range list {
		if s.has(c.committer.at) {
			out = append(out, c)
		}
	}
	return out
}

func (c *call) listCommits() {
	q := c.r.URL.Query()
	for _, name := range []string{"path", "author", "committer"} {
		if q.Get(name) != "" {
			c.refuse(http.StatusNotFound, "sim: commits by "+name+" are not supported")
			return
		}
	}
	tip := c.repo.objects.commits[c.repo.resolve(q.Get("sha"))]
	if tip == nil {
		c.missing()
		return
	}
	span, ok := parseDates(q.Get("since"), q.Get("until"))
	if !ok {
		c.refuse(http.StatusUnprocessableEntity, "since or until is no time")
		return
	}
	okPage(c, span.made(c.repo.objects.log(tip.sha)), c.repo.commitJSON)
}

// parseDates is a span of two times; "" is open.
func parseDates(since, until string) (s timeSpan, ok bool) {
	for into, text := range map[*time.Time]string{&s.from: since, &s.to: until} {
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return s, false
		}
		*into = t
	}
	return s, true
}

// history is a commit and those before it.
func (x *execution) history(v commitOf, a args) (any, error) {
	if a.has("path") || a.has("author") {
		return nil, githubSays("sim: history by path or author is not supported")
	}
	span, ok := parseDates(a.text("since"), a.text("until"))
	if !ok {
		return nil, githubSays("since or until is no time")
	}
	var all []any
	for _, c := range span.made(v.r.objects.log(v.c.sha)) {
		all = append(all, commitOf{v.r, c})
	}
	return connection{kind: "CommitHistory", item: "Commit", items: all}, nil
}
