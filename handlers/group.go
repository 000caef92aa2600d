package handlers

import (
	"context"
	"fmt"
	"strings"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

// mergeGroup heeds that GitHub asks for checks of a merge group, or needs them no
// more. What is in the group its body does not say.
func mergeGroup(e *event) {
	name, ok := strings.CutPrefix(e.MergeGroup.HeadRef, "refs/heads/")
	head := e.MergeGroup.HeadSHA
	if !ok || checks.GroupBase(name) == "" || !isCommit(head) || e.d.Repo.ID == 0 {
		return
	}
	switch e.Action {
	case "checks_requested":
		e.tell(store.GroupMade{Name: name, Head: head})
		e.touch(store.Touch{Kind: checks.KindGroup, Name: name, At: head, Delay: soon})
	case "destroyed":
		e.tell(store.GroupDestroyed{Name: name, Head: head})
	}
}

// evaluateGroup judges a merge group by judging each pull request in it, and shows
// the verdict on the group's commit. A group that is there no more is left alone.
func (f *Flow) evaluateGroup(ctx context.Context, job store.Job) (state string, writes int, err error) {
	known, open, err := f.Store.OpenGroup(ctx, job.Subject)
	if err != nil {
		return "", 0, err
	}
	finish := store.FinishInfo{NotBefore: f.Now().Add(pace)}
	if !open {
		return "closed", 0, f.Store.Finish(ctx, job, finish, f.Now())
	}
	g, err := f.readGroup(ctx, job, known)
	if err != nil {
		return "", 0, err
	}
	if g.Gone {
		if err := f.Store.CloseGroup(ctx, job, known.Head, f.Now()); err != nil {
			return "", 0, err
		}
		return "closed", 0, f.Store.Finish(ctx, job, finish, f.Now())
	}
	if err := f.judgeMembers(ctx, job, &g); err != nil {
		return "", 0, err
	}
	v := checks.JudgeGroup(g, GroupPolicies(g, f.Defaults))
	if !v.Until.IsZero() {
		finish.Until = f.Now().Add(v.Until.Sub(g.At))
	}
	plan, digest := checks.PlanGroup(v, g), Digest(v)
	if len(plan) > 0 || digest != job.Digest {
		if writes, err = f.writeGroup(ctx, job, g, v, plan, digest); err != nil {
			return "", writes, err
		}
	}
	return v.State.String(), writes, f.Store.Finish(ctx, job, finish, f.Now())
}

// readGroup reads where a group is and who is in it. While it is new its event is
// believed rather than an answer that does not know of it.
func (f *Flow) readGroup(ctx context.Context, job store.Job, known store.OpenGroup) (checks.Group, error) {
	g, err := f.Forge.Group(ctx, job.Subject)
	if err != nil {
		return g, fmt.Errorf("read %s: %w", job.Subject, err)
	}
	if (g.Gone || g.Head != known.Head) && f.Now().Sub(known.Heard) < lagMost {
		return g, errLagging
	}
	if g.Gone {
		return g, nil
	}
	if g.Head == known.Head {
		g.Reruns = known.Reruns
	}
	numbers := make([]int, len(g.Members))
	for i, m := range g.Members {
		numbers[i] = m.Number
	}
	// From here on whatever happens to a member makes the group due again.
	open, err := f.Store.KeepGroup(ctx, job, g.Head, numbers, f.Now())
	g.Gone = !open
	return g, err
}

// judgeMembers fills in the snapshots of all members, complete for their policies.
// What keeps one from being judged keeps the group.
func (f *Flow) judgeMembers(ctx context.Context, job store.Job, g *checks.Group) error {
	for i := range g.Members {
		m := &g.Members[i]
		s := job.Subject
		s.Kind, s.Name, s.Number = "", "", m.Number
		j, err := Judge(ctx, f.Forge, memberArchive{archive{f.Store, job, f.Now}}, Sources{f.Coverage, f.Inspector}, f.Defaults, s, nil)
		if gone(err) {
			// That it is gone says nothing of the group, which is still there.
			return fmt.Errorf("judge #%d of the group: %v", m.Number, err)
		}
		if err != nil {
			return fmt.Errorf("judge #%d of the group: %w", m.Number, err)
		}
		if lagging(j.Pull) {
			return errLagging
		}
		m.Pull, m.Sources = j.Pull, j.Sources
		if j.Pull.At.After(g.At) {
			g.At = j.Pull.At
		}
	}
	return nil
}

// GroupPolicies makes the policy of each member of a group from the texts that the
// snapshot holds.
func GroupPolicies(g checks.Group, d config.Defaults) []checks.Policy {
	out := make([]checks.Policy, len(g.Members))
	for i, m := range g.Members {
		out[i] = config.Policy(m.Sources, d)
	}
	return out
}

// writeGroup records the verdict on a group and shows it, unless an event has told
// meanwhile that the group is there no more.
func (f *Flow) writeGroup(ctx context.Context, job store.Job, g checks.Group, v checks.Verdict, plan []checks.Action, digest string) (int, error) {
	now, open, err := f.Store.OpenGroup(ctx, job.Subject)
	if err != nil || !open || now.Head != g.Head {
		return 0, err
	}
	done, err := f.carryOut(ctx, job, store.Record{Pull: g.Surface(), Group: &g, Verdict: v, Digest: digest, Actions: plan})
	return len(done), err
}

// memberArchive is the record as judging a member of a merge group sees it, while
// the lease of the group's job is held. Nothing is written to the member, so its own
// is not needed; what is read of it is kept as by itself.
type memberArchive struct{ archive }

// Observe keeps nothing of an answer that is older than what is known of the pull
// request.
func (a memberArchive) Observe(ctx context.Context, s checks.Subject, pull *checks.Pull) error {
	updated, err := a.Updated(ctx, s)
	if err != nil {
		return err
	}
	if older(*pull, updated) {
		return errLagging
	}
	pull.Queue = true // of a queue that is no ruleset's, a snapshot does not tell
	return a.ObserveMember(ctx, a.job, s, pull, a.now())
}

// confessGroup shows on a merge group that it could not be judged, and why.
func (f *Flow) confessGroup(ctx context.Context, job store.Job, why error) {
	err := f.showGroupFailure(ctx, job, why)
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(f.Inspector.harmless(err)).Msg("could not show the failure on the merge group")
	}
}

func (f *Flow) showGroupFailure(ctx context.Context, job store.Job, why error) error {
	known, open, err := f.Store.OpenGroup(ctx, job.Subject)
	if err != nil || !open || !known.Enforced && !job.Enforced {
		return err
	}
	g, err := f.Forge.GlimpseGroup(ctx, job.Subject)
	if err != nil {
		return err
	}
	// Whoever may push may name a branch like a group: its commit may be the head of
	// a pull request, whose runs are not to be written over.
	others, err := f.Store.AlsoAt(ctx, job.Subject, g.Head, f.Now())
	if err != nil || len(others) > 0 {
		return err
	}
	plan := checks.PlanGroupFailure(g, why.Error(), job.Tries+1)
	if len(plan) == 0 {
		return nil
	}
	publish := func() ([]checks.Outcome, error) { return f.Forge.Publish(ctx, job.Subject, g.Surface(), plan) }
	return f.showFailure(ctx, job, g.Head, why, plan, publish)
}

// sweepGroups finds the merge groups that no event told of, where there is or was a
// merge queue.
func (f *Flow) sweepGroups(ctx context.Context, installation int64, repo checks.Repo, spent map[int64]int) (due int, err error) {
	queue, err := f.Store.HasQueue(ctx, repo.ID)
	if err != nil || !queue {
		return 0, err
	}
	if err := f.afford(ctx, installation, spent); err != nil {
		return 0, err
	}
	found, err := f.Forge.Groups(ctx, installation, repo)
	if err != nil {
		return 0, fmt.Errorf("list merge groups of %s: %w", repo, err)
	}
	return f.Store.FoundGroups(ctx, installation, repo, found, f.Now())
}
