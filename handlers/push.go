package handlers

import (
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// commitsListed is how many commits a push lists at least when it has more:
	// 2,048 on github.com now, 20 on older Enterprise Servers ("Webhook events
	// and payloads", push).
	commitsListed = 20
	// filesListed is how many files a commit of a push lists at most.
	filesListed = 3000
)

// branchPush heeds a push when it changes what is read from the branch as a base:
// the policy, the owners, and the organisation's floor. Any other push to a base
// changes only how far heads lag behind it: the difference of a pull request is the
// one to the merge base, and what was approved stays what it was. A push to a pull
// request's own branch is told by pull_request, with the number.
func branchPush(e *event) {
	e.refMoved()
	branch, ok := strings.CutPrefix(e.Ref, "refs/heads/")
	if !ok || branch == "" || e.Deleted || e.d.Repo.ID == 0 {
		return
	}
	if isFloorRepo(e.d.Repo) && branch == e.d.Repo.DefaultBranch && e.pushed(checks.FloorPath) {
		e.owner()
	}
	if e.pushed(append([]string{checks.PolicyPath}, checks.OwnersPaths...)...) {
		// Nothing in a later answer would tell that a replica did not have the
		// new policy yet, so they get the time that machines' events get.
		e.touch(store.Touch{Base: branch, Delay: burst})
		return
	}
	e.touch(store.Touch{Behind: branch, Delay: burst})
}

// pushed says whether a push changes one of the paths, or may: of a forced push
// GitHub does not list what was undone, and it cuts long lists.
func (e *event) pushed(paths ...string) bool {
	if e.Forced || len(e.Commits) == 0 || len(e.Commits) >= commitsListed {
		return true
	}
	for _, c := range e.Commits {
		if len(c.Added)+len(c.Removed)+len(c.Modified) >= filesListed {
			return true
		}
		for _, list := range [][]string{c.Added, c.Removed, c.Modified} {
			if slices.ContainsFunc(list, func(p string) bool { return slices.Contains(paths, p) }) {
				return true
			}
		}
	}
	return false
}
