package sim

import (
	"maps"
	"slices"
	"strings"
)

// reach is every commit that can be reached from tip, itself included.
func (o *objects) reach(tip string) map[string]bool {
	seen := map[string]bool{}
	for todo := []string{tip}; len(todo) > 0; {
		sha := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		c := o.commits[sha]
		if c == nil || seen[sha] {
			continue
		}
		seen[sha] = true
		todo = append(todo, c.parents...)
	}
	return seen
}

// mergeBase is the best common ancestor; the newest where there are several,
// "" where there is none.
func (o *objects) mergeBase(a, b string) string {
	ofA := o.reach(a)
	if ofA[b] {
		return b
	}
	ofB := o.reach(b)
	if ofB[a] {
		return a
	}
	var common []string
	for sha := range ofB {
		if ofA[sha] {
			common = append(common, sha)
		}
	}
	shadowed := map[string]bool{}
	for _, sha := range common {
		for _, p := range o.commits[sha].parents {
			shadowed[p] = true
		}
	}
	// Every ancestor of a common ancestor is common itself, so what is no
	// parent of a common one is best.
	var best []string
	for _, sha := range common {
		if !shadowed[sha] {
			best = append(best, sha)
		}
	}
	if len(best) == 0 {
		return ""
	}
	slices.SortFunc(best, func(x, y string) int {
		if c := o.commits[y].committer.at.Compare(o.commits[x].committer.at); c != 0 {
			return c
		}
		return strings.Compare(x, y)
	})
	return best[0]
}

// between is every commit of base..head over all parents, oldest first, no
// commit before its parents.
func (o *objects) between(base, head string) []*commit {
	skip := o.reach(base)
	var list []*commit
	done := map[string]bool{}
	type frame struct {
		sha  string
		next int
	}
	for stack := []frame{{sha: head}}; len(stack) > 0; {
		top := &stack[len(stack)-1]
		c := o.commits[top.sha]
		if c == nil || skip[top.sha] || (done[top.sha] && top.next == 0) {
			stack = stack[:len(stack)-1]
			continue
		}
		if top.next < len(c.parents) {
			p := c.parents[top.next]
			top.next++
			if !done[p] {
				stack = append(stack, frame{sha: p})
			}
			continue
		}
		done[top.sha] = true
		list = append(list, c)
		stack = stack[:len(stack)-1]
	}
	return list
}

// comparison is base...head: what the head changes since the merge base.
type comparison struct {
	mergeBase        string
	commits          []*commit
	files            []fileDiff
	adds, dels       int
	ahead, behind    int
	conflict, merged bool // whether the merge was tried, and failed
	mergeTree        string
}

// compare keeps what it finds, as two commits never change.
func (o *objects) compare(base, head string) *comparison {
	key := [2]string{base, head}
	if c := o.ranges[key]; c != nil {
		return c
	}
	c := &comparison{mergeBase: o.mergeBase(base, head)}
	c.commits = o.between(base, head)
	c.ahead, c.behind = len(c.commits), len(o.between(head, base))
	from := ""
	if mb := o.commits[c.mergeBase]; mb != nil {
		from = mb.tree
	}
	if h := o.commits[head]; h != nil {
		c.files = o.diff(from, h.tree)
	}
	for _, f := range c.files {
		c.adds += f.adds
		c.dels += f.dels
	}
	o.ranges[key] = c
	return c
}

// merge is the tree of head merged into base, path by path, and line by line
// where both changed a file; renames are not followed.
func (o *objects) merge(base, head string) (tree string, conflict bool) {
	c := o.compare(base, head)
	if c.merged {
		return c.mergeTree, c.conflict
	}
	c.merged = true
	old := map[string]file{}
	if mb := o.commits[c.mergeBase]; mb != nil {
		old = o.files(mb.tree)
	}
	ours, theirs := o.files(o.commits[base].tree), o.files(o.commits[head].tree)
	paths := maps.Clone(ours)
	maps.Copy(paths, theirs)
	maps.Copy(paths, old)
	for path := range paths {
		was, a, b := old[path], ours[path], theirs[path]
		switch {
		case a == b || b == was:
		case a == was:
			if b == (file{}) {
				delete(ours, path)
			} else {
				ours[path] = b
			}
		default:
			both, ok := o.mergeFile(was, a, b)
			ours[path] = both
			c.conflict = c.conflict || !ok
		}
	}
	if !c.conflict {
		c.mergeTree = o.build(ours)
	}
	return c.mergeTree, c.conflict
}
