package handlers

import (
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// tagsName is what the tags of a repository are called as a subject.
const tagsName = "tags"

// refMoved tells of a branch or tag that was moved, made or deleted, and touches it.
// Which are watched is for the store to say; a push that changes the policy may
// change that, too.
func (e *event) refMoved() {
	ref, ok := strings.CutPrefix(e.Ref, "refs/")
	if !ok || e.d.Repo.ID == 0 {
		return
	}
	f := store.RefMoved{Ref: ref, Forced: e.Forced, By: e.Sender.actor()}
	if isCommit(e.Before) {
		f.Before = e.Before
	}
	if isCommit(e.After) && !e.Deleted {
		f.After = e.After
	}
	if f.Before == f.After {
		return
	}
	switch branch, isBranch := strings.CutPrefix(ref, "heads/"); {
	case isBranch && branch != "" && !strings.HasPrefix(branch, "gh-readonly-queue/"):
		f.Anyhow = branch == e.d.Repo.DefaultBranch && e.pushed(checks.PolicyPath)
		e.tell(f)
		e.touch(store.Touch{Kind: checks.KindBranch, Name: branch, Anyhow: f.Anyhow, Delay: burst})
	case strings.HasPrefix(ref, "tags/") && len(ref) > len("tags/"):
		e.tell(f)
		e.touch(store.Touch{Kind: checks.KindTags, Name: tagsName, Delay: burst})
		e.tagPushed(strings.TrimPrefix(ref, "tags/"), f)
	}
}
