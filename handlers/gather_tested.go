package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// mergeLag is how long after a run's creation handrail may first see the test
// merge that it tests.
const mergeLag = time.Minute

// beginAnew is how workflows come to test the present merge: a run that is
// merely repeated tests what it tested before.
const beginAnew = "push a commit, or close the pull request and open it again, so that workflows begin anew"

// Why the lines of reports cannot be related to the pull request.
const (
	unknownMerge = "it is not known which merge with the base branch was tested; " + beginAnew
	testsBase    = "a workflow that runs for pull_request_target tests the base branch unless it checks out the head; if it does, say so in the policy by \"checkout: head\""
	manyPulls    = "pull request #%d has the same head, so it is not known for which of the two a workflow ran; push a commit of its own for one of them, or have the report sent, which says it"
	manyTested   = "the workflows tested different commits, in which changed files differ, so their line numbers do not fit together; " + beginAnew + ", or list under %s those that test the same"
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
		return tested{}, fmt.Sprintf(manyTested, k.kind.setting()), nil
	case slices.Contains(all, head):
		return head, "", nil
	}
	return all[len(all)-1], "", nil
}

// testedBy finds out which commit one run tested. A run for a pull request takes
// its workflow from there too, or from the base branch, so that one for another
// base is worth nothing whatever it checks out.
func (k *look) testedBy(ctx context.Context, run checks.WorkflowRun) (tested, string, error) {
	head := tested{commit: k.pull.Head.SHA}
	ofHead := k.sel.Rule(run.Path).Checkout == checks.CheckoutHead
	switch {
	case run.Event == targetEvent && !ofHead:
		return tested{}, testsBase, nil
	case run.Event != targetEvent && !testsMerge(run.Event):
		return head, "", nil
	}
	at, why, err := k.mergeOf(ctx, run)
	if err != nil || why != "" && (why != unknownMerge || !ofHead || k.retargeted(run)) {
		return tested{}, why, err
	}
	if ofHead {
		return head, "", nil
	}
	return at, why, nil
}

// mergeOf finds out which test merge a run was for.
func (k *look) mergeOf(ctx context.Context, run checks.WorkflowRun) (tested, string, error) {
	head := tested{commit: k.pull.Head.SHA}
	for _, u := range k.sent {
		if u.Run != run.ID || !isCommit(u.Tested) || run.Event == targetEvent {
			continue
		}
		if u.Tested == head.commit {
			return head, "", nil
		}
		return k.vouched(ctx, u.Tested)
	}
	others, err := k.archive.AlsoAt(ctx, k.s, k.pull.Head.SHA, run.Created)
	if err != nil {
		return tested{}, "", err
	}
	if len(others) > 0 {
		return tested{}, fmt.Sprintf(manyPulls, others[0]), nil
	}
	if m, ok := k.mergeAt(run); ok {
		return k.onBase(ctx, tested{m.SHA, m.Onto})
	}
	if k.retargeted(run) {
		return tested{}, unknownMerge, nil
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

// onBase refuses a merge into what is no part of the base branch: there somebody
// else may have decided what its workflows do.
func (k *look) onBase(ctx context.Context, at tested) (tested, string, error) {
	if at.onto == k.pull.Base.SHA {
		return at, "", nil
	}
	d, err := k.between(ctx, at.onto, k.pull.Base.SHA)
	if err != nil {
		return tested{}, "", err
	}
	if d.MergeBase != at.onto {
		return tested{}, otherBase, nil
	}
	return at, "", nil
}

// retargeted says whether the pull request was put on its base branch after a
// run had begun.
func (k *look) retargeted(run checks.WorkflowRun) bool {
	at := k.pull.BaseChangedAt
	return !at.IsZero() && !run.Created.After(at)
}

// targetEvent is the event whose runs check out the base branch, and take their
// workflow from there.
const targetEvent = "pull_request_target"

// testsMerge says whether runs of an event check out the test merge of a pull
// request (GitHub Docs, "Events that trigger workflows", GITHUB_SHA).
func testsMerge(event string) bool {
	return event == "pull_request" || event == "pull_request_review" || event == "pull_request_review_comment"
}

// vouched is a test merge that a run's token names.
func (k *look) vouched(ctx context.Context, merge string) (tested, string, error) {
	for _, m := range append(k.pull.Memory.Merges, k.pull.Merge) {
		if m.SHA == merge && m.Onto != "" && m.Head == k.pull.Head.SHA {
			return k.onBase(ctx, tested{m.SHA, m.Onto})
		}
	}
	line, err := k.actions.FirstParents(ctx, k.s, merge, 2)
	if err != nil {
		return tested{}, "", err
	}
	if len(line) < 2 || line[0] != merge {
		return tested{}, unknownMerge, nil
	}
	return k.onBase(ctx, tested{merge, line[1]})
}

// mergeAt is the test merge that was the present one when a run was created: the
// last that was seen by then, or else the first that was seen at all. Those that
// were seen while the pull request was on another base than the run are none.
func (k *look) mergeAt(run checks.WorkflowRun) (checks.TestMerge, bool) {
	var out checks.TestMerge
	before, changed := k.retargeted(run), k.pull.BaseChangedAt
	for _, m := range k.pull.Memory.Merges {
		if m.Head != k.pull.Head.SHA || before && !m.Since.Before(changed) || !before && !m.Since.After(changed) {
			continue
		}
		if out.SHA == "" || !m.Since.After(run.Created.Add(mergeLag)) {
			out = m
		}
	}
	if now := k.pull.Merge; out.SHA == "" && !before && now.Head == k.pull.Head.SHA {
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
