package handlers

import (
	"context"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// mergeLag is how long after a run's creation handrail may first see the test
// merge that it tests.
const mergeLag = time.Minute

// Why the lines of reports cannot be related to the pull request.
const (
	unknownMerge = "it is not known which merge with the base branch was tested; run the workflow again"
	targetEvent  = "a workflow that runs for pull_request_target tests the base branch unless it checks out the head; if it does, say so in the policy by \"checkout: head\""
	manyTested   = "the workflows tested different commits, in which changed files differ, so their line numbers do not fit together; run them again, or list under coverage.reports those that test the same"
)

// tested is a commit that was tested: the head, or a merge of it into onto.
type tested struct{ commit, onto string }

// tested finds out which commit some runs tested; why is the reason if that
// cannot be said. Where there are several and the changed files are the same in
// all of them it is the head, or the last.
func (k *look) tested(ctx context.Context, runs []checks.WorkflowRun) (at tested, why string, err error) {
	head := tested{commit: k.pull.Head.SHA}
	var all []tested
	for _, run := range runs {
		t, why, err := k.testedBy(ctx, run)
		if err != nil || why != "" {
			return tested{}, why, err
		}
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	switch len(all) {
	case 0:
		return head, "", nil
	case 1:
		return all[0], "", nil
	}
	alike, err := k.alike(ctx, all)
	switch {
	case err != nil:
		return tested{}, "", err
	case !alike:
		return tested{}, manyTested, nil
	case slices.Contains(all, head):
		return head, "", nil
	}
	return all[len(all)-1], "", nil
}

// testedBy finds out which commit one run tested.
func (k *look) testedBy(ctx context.Context, run checks.WorkflowRun) (tested, string, error) {
	head := tested{commit: k.pull.Head.SHA}
	if run.Event == "pull_request_target" && k.rule(run).Checkout != checks.CheckoutHead {
		return tested{}, targetEvent, nil
	}
	if !testsMerge(run.Event) || k.rule(run).Checkout == checks.CheckoutHead {
		return head, "", nil
	}
	for _, u := range k.sent {
		if u.Run != run.ID || !isCommit(u.Tested) {
			continue
		}
		if u.Tested == head.commit {
			return head, "", nil
		}
		return k.vouched(ctx, u.Tested)
	}
	if m, ok := k.mergeAt(run.Created); ok {
		return tested{m.SHA, m.Onto}, "", nil
	}
	d, err := k.between(ctx, k.pull.Base.SHA, k.pull.Head.SHA)
	if err != nil {
		return tested{}, "", err
	}
	if d.MergeBase != "" && d.MergeBase == k.pull.Base.SHA {
		return head, "", nil // a merge of what holds the base already is the head
	}
	return tested{}, unknownMerge, nil
}

// testsMerge says whether runs of an event check out the test merge of a pull
// request (GitHub Docs, "Events that trigger workflows", GITHUB_SHA).
func testsMerge(event string) bool {
	return event == "pull_request" || event == "pull_request_review" || event == "pull_request_review_comment"
}

// vouched is a test merge that a run's token names.
func (k *look) vouched(ctx context.Context, merge string) (tested, string, error) {
	for _, m := range append(k.pull.Memory.Merges, k.pull.Merge) {
		if m.SHA == merge && m.Onto != "" && m.Head == k.pull.Head.SHA {
			return tested{m.SHA, m.Onto}, "", nil
		}
	}
	line, err := k.actions.FirstParents(ctx, k.s, merge, 2)
	if err != nil {
		return tested{}, "", err
	}
	if len(line) < 2 || line[0] != merge {
		return tested{}, unknownMerge, nil
	}
	return tested{merge, line[1]}, "", nil
}

// mergeAt is the test merge that was the present one when a run was created: the
// last that was seen by then, or else the first that was seen at all.
func (k *look) mergeAt(created time.Time) (checks.TestMerge, bool) {
	var out checks.TestMerge
	for _, m := range k.pull.Memory.Merges {
		if m.Head == k.pull.Head.SHA && (out.SHA == "" || !m.Since.After(created.Add(mergeLag))) {
			out = m
		}
	}
	if now := k.pull.Merge; out.SHA == "" && now.Head == k.pull.Head.SHA {
		out = now
	}
	return out, out.SHA != "" && out.Onto != ""
}

// alike says whether the changed files are the same at some commits.
func (k *look) alike(ctx context.Context, all []tested) (bool, error) {
	for _, t := range all {
		if t.commit == k.pull.Head.SHA {
			continue
		}
		tree, err := k.tree(ctx, t.commit)
		if err != nil {
			return false, err
		}
		for _, f := range k.pull.Files {
			// Files that are the same as at the head are the same as each other; the
			// converse is not worth a fourth look.
			if f.Status != "removed" && tree.Files[f.Path] != f.SHA {
				return false, nil
			}
		}
	}
	return true, nil
}
