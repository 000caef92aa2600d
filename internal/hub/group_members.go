package hub

import (
	"cmp"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// queueEntry is a pull request in a merge queue. The head commit holds its changes
// upon the base commit, which is the head commit of the entry before it, or the base
// branch's; both are null until GitHub has made the group.
type queueEntry struct {
	Position   int       `json:"position"`
	HeadCommit *oidField `json:"headCommit"`
	BaseCommit *oidField `json:"baseCommit"`
	Pull       *struct {
		Number int `json:"number"`
	} `json:"pullRequest"`
}

// members are the pull requests in a group: those whose commits lead from the
// group's to where the base branch is, and whatever else is before them in the
// queue.
func (a groupAnswer) members(g checks.Group) ([]int, error) {
	if a.Repository.Queue == nil {
		return nil, groupFault("GitHub shows no merge queue of " + harmless(g.Base.Name) + " to this App")
	}
	list := a.Repository.Queue.Entries
	if err := list.whole(opGroup, "entries in the merge queue"); err != nil {
		return nil, err
	}
	in, last, err := chain(list.Nodes, g.Head, g.Base.SHA)
	if err != nil {
		return nil, err
	}
	var found []*queueEntry
	for _, e := range list.Nodes {
		if in[e] || e.Position < last.Position {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *queueEntry) int { return cmp.Compare(a.Position, b.Position) })
	var out []int
	for _, e := range found {
		if e.Pull == nil || e.Pull.Number <= 0 {
			return nil, groupFault("GitHub did not say which pull request an entry of the merge queue is")
		}
		out = append(out, e.Pull.Number)
	}
	return out, nil
}

// chain follows the queue's commits from a group's down to the base branch's. One
// that leads elsewhere means that the queue and the branch were not read at one
// moment, or that what is in the group is not known.
func chain(entries []*queueEntry, head, base string) (in map[*queueEntry]bool, last *queueEntry, err error) {
	byHead := map[string]*queueEntry{}
	for _, e := range entries {
		if e.HeadCommit != nil && e.HeadCommit.OID != "" {
			byHead[e.HeadCommit.OID] = e
		}
	}
	in = map[*queueEntry]bool{}
	for at := head; at != base; {
		e := byHead[at]
		if e == nil || in[e] || e.BaseCommit == nil {
			err := groupFault("the merge queue does not say which pull requests lead from " + harmless(base) + " to " + harmless(head))
			err.Moved = true
			return nil, nil, err
		}
		if in[e] = true; last == nil {
			last = e
		}
		at = e.BaseCommit.OID
	}
	if last == nil {
		err := groupFault("the base branch is at the merge group's commit already")
		err.Moved = true
		return nil, nil, err
	}
	return in, last, nil
}
