package hub_test

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func TestWhoMergedAPullRequestAndAsWhichCommitIsRead(t *testing.T) {
	w := newWorld(t)
	before, _ := w.read(checks.Need{})
	if !before.MergedAt.IsZero() || before.MergedBy != (checks.Actor{}) || before.MergeCommit != "" {
		t.Errorf("an open one is merged at %s by %+v as %s", before.MergedAt, before.MergedBy, before.MergeCommit)
	}
	sha, err := w.pr.Merge("bob")
	if err != nil {
		t.Fatal(err)
	}
	after, _ := w.read(checks.Need{})
	if !after.Merged || after.MergedAt.IsZero() || after.MergedBy.Login != "bob" || after.MergedBy.ID == 0 || after.MergeCommit != sha {
		t.Errorf("merged at %s by %+v as %s, not %s", after.MergedAt, after.MergedBy, after.MergeCommit, sha)
	}
	w.gh.User("bob").Delete()
	if ghost, _ := w.read(checks.Need{}); ghost.MergedBy != (checks.Actor{}) || ghost.MergeCommit != sha {
		t.Errorf("merged by %+v whose account is gone, as %s", ghost.MergedBy, ghost.MergeCommit)
	}
}
