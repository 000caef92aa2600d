package scan

import (
	"cmp"
	"container/heap"
	"slices"
)

// neighbours are findings of the head and of the base that are alike, by line.
type neighbours struct {
	all   []neighbour
	heads int
}

type neighbour struct {
	line, index int
	head        bool
	left, right int // those that are left beside it, -1 is none
	paired      bool
}

func (n *neighbours) add(line, index int, head bool) {
	n.all = append(n.all, neighbour{line: line, index: index, head: head})
	if head {
		n.heads++
	}
}

// pairs says which of the head go with which of the base, the nearest first.
// Nearest are always two that stand beside each other, since one between them
// would be nearer.
func (n *neighbours) pairs(say func(head, base int)) {
	if n.heads == 0 || n.heads == len(n.all) {
		return
	}
	slices.SortStableFunc(n.all, func(a, b neighbour) int { return cmp.Compare(a.line, b.line) })
	var q nearest
	for i := range n.all {
		n.all[i].left, n.all[i].right = i-1, i+1
		n.offer(&q, i-1, i)
	}
	n.all[len(n.all)-1].right = -1
	heap.Init(&q)
	for q.Len() > 0 {
		p := heap.Pop(&q).(couple)
		a, b := &n.all[p.a], &n.all[p.b]
		if a.paired || b.paired {
			continue
		}
		a.paired, b.paired = true, true
		if a.head {
			say(a.index, b.index)
		} else {
			say(b.index, a.index)
		}
		n.close(a.left, b.right, &q)
	}
}

// close makes neighbours of what stood around a pair.
func (n *neighbours) close(left, right int, q *nearest) {
	if left >= 0 {
		n.all[left].right = right
	}
	if right >= 0 {
		n.all[right].left = left
	}
	before := len(*q)
	if n.offer(q, left, right); len(*q) > before {
		heap.Fix(q, before)
	}
}

// offer puts two into the queue if they can be a pair.
func (n *neighbours) offer(q *nearest, a, b int) {
	if a >= 0 && b >= 0 && n.all[a].head != n.all[b].head {
		*q = append(*q, couple{a, b, n.all[b].line - n.all[a].line})
	}
}

// couple is two neighbours, a before b, and how many lines are between them.
type couple struct{ a, b, apart int }

// nearest is a queue of couples.
type nearest []couple

func (q nearest) Len() int { return len(q) }
func (q nearest) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].apart, q[j].apart), cmp.Compare(q[i].a, q[j].a)) < 0
}
func (q nearest) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *nearest) Push(x any)   { *q = append(*q, x.(couple)) }
func (q *nearest) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
