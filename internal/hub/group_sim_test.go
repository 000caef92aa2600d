package hub_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

// line is a world whose branch release/1 has a queue with pull requests in it.
func line(t *testing.T, n int) (*world, []sim.Queued) {
	t.Helper()
	w := newWorld(t)
	w.push("release/1", map[string]string{"r": "r\n"})
	w.shop.SetQueue("release/1", sim.Queue{MaxBuild: 100})
	w.shop.SetRules("release/1", sim.Rules{Checks: []sim.RequiredCheck{{Name: "build"}}})
	for i := range n {
		name := fmt.Sprintf("topic%d", i)
		w.push(name, map[string]string{name: "x\n"})
		p, err := w.shop.OpenPull(sim.NewPull{By: "alice", Head: name, Base: "release/1"})
		if err != nil {
			t.Fatal(err)
		}
		w.build(p.Head())
		if err := p.Enqueue("bob"); err != nil {
			t.Fatal(err)
		}
	}
	return w, w.shop.Queue("release/1")
}

func (w *world) build(sha string) {
	w.t.Helper()
	if _, err := w.shop.StartRun(sim.NewRun{Name: "build", SHA: sha, Conclusion: "success"}); err != nil {
		w.t.Fatal(err)
	}
}

// of is the subject of an entry's group.
func (w *world) of(e sim.Queued) checks.Subject {
	s := w.subj
	s.Number, s.Kind, s.Name = 1<<40, checks.KindGroup, e.Ref
	return s
}

func memberNumbers(g checks.Group) (out []int) {
	for _, m := range g.Members {
		out = append(out, m.Number)
	}
	return out
}

func TestAGroupHoldsWhatIsBeforeItInTheQueueUntilThatIsMerged(t *testing.T) {
	w, queue := line(t, 3)
	for i, e := range queue {
		g, err := w.hub.Group(t.Context(), w.of(e))
		if err != nil {
			t.Fatal(err)
		}
		if g.Head != e.SHA || g.Base.Name != "release/1" || g.Base.SHA != w.shop.Branch("release/1") || g.Gone || !slices.Equal(memberNumbers(g), []int{2, 3, 4}[:i+1]) {
			t.Errorf("group %d: %+v", i, g)
		}
	}
	w.build(queue[0].SHA) // which merges it
	g, err := w.hub.Group(t.Context(), w.of(queue[2]))
	if err != nil || !slices.Equal(memberNumbers(g), []int{3, 4}) {
		t.Errorf("after the first was merged: %v %v", memberNumbers(g), err)
	}
	g, err = w.hub.Group(t.Context(), w.of(queue[0]))
	if err != nil || !g.Gone || len(g.Members) > 0 {
		t.Errorf("the merged one: %+v %v", g, err)
	}
	if n := len(w.gh.Requests()); n < 5 {
		t.Errorf("%d requests", n)
	}
}

func TestRunsOnAGroupAreWrittenAndFoundAgain(t *testing.T) {
	w, queue := line(t, 1)
	s := w.of(queue[0])
	g, err := w.hub.Group(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	v := checks.Verdict{State: checks.Unmet, Head: g.Head, Results: []checks.Result{{ID: "pull/2", Name: "#2 topic0", Summary: "It lacks an approval."}}}
	plan := checks.PlanGroup(v, g)
	if _, err := w.hub.Publish(t.Context(), s, g.Surface(), plan); err != nil || len(plan) == 0 {
		t.Fatal(len(plan), err)
	}
	for name, read := range map[string]func() (checks.Group, error){
		"Group":        func() (checks.Group, error) { return w.hub.Group(t.Context(), s) },
		"GlimpseGroup": func() (checks.Group, error) { return w.hub.GlimpseGroup(t.Context(), s) },
	} {
		again, err := read()
		if err != nil {
			t.Fatal(err)
		}
		if left := checks.PlanGroup(v, again); len(left) != 0 {
			t.Errorf("%s: the plan is done, and left is %+v", name, left)
		}
	}
}

func TestWhoIsInAGroupIsAnErrorWhereGitHubDoesNotSay(t *testing.T) {
	w, queue := line(t, 2)
	for _, field := range []string{"mergeQueue", "entries", "nodes", "headCommit", "baseCommit", "pullRequest", "group", "base", "target", "checkSuites", "checkRuns"} {
		heal := w.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Partial(field)}})
		if g, err := w.hub.Group(t.Context(), w.of(queue[1])); err == nil {
			t.Errorf("without %s: %+v", field, g)
		}
		heal()
	}
	w.gh.SetPermission("merge_queues", "")
	if g, err := w.hub.Group(t.Context(), w.of(queue[1])); err == nil || !strings.Contains(err.Error(), "merge_queues: read") {
		t.Errorf("without permission: %+v %v", g, err)
	}
	if _, err := w.hub.GlimpseGroup(t.Context(), w.of(queue[1])); err != nil {
		t.Errorf("where the queue may not be read that cannot be said: %v", err)
	}
	w.gh.SetPermission("merge_queues", "read")
	for _, name := range []string{"main", "gh-readonly-queue/pr-1-a", "gh-readonly-queue//pr-1-a", ""} {
		s := w.of(queue[0])
		s.Name = name
		if _, err := w.hub.Group(t.Context(), s); err == nil {
			t.Errorf("%q is taken for a group", name)
		}
	}
}

// A branch under a group's name is no group: nobody may make themselves a member.
func TestABranchThatOnlyLooksLikeAGroupHasNoMembers(t *testing.T) {
	w, queue := line(t, 1)
	e := queue[0]
	e.Ref = "gh-readonly-queue/release/1/pr-1-" + e.Base
	if err := w.shop.PushCommit("alice", e.Ref, w.pr.Head()); err != nil {
		t.Fatal(err)
	}
	g, err := w.hub.Group(t.Context(), w.of(e))
	if known, ok := errors.AsType[*hub.Error](err); !ok || !known.Moved {
		t.Errorf("%v %v", g, err)
	}
	if err := w.shop.PushCommit("alice", e.Ref, w.shop.Branch("release/1")); err != nil {
		t.Fatal(err)
	}
	if g, err = w.hub.Group(t.Context(), w.of(e)); err == nil {
		t.Errorf("%v", g)
	}
}

func TestAllGroupsOfARepositoryAreListed(t *testing.T) {
	w, queue := line(t, 100)
	w.push("not/gh-readonly-queue/release/1/pr-1-a", nil)
	w.push("gh-readonly-queue/odd", nil)
	var want []checks.GroupGlance
	for _, e := range queue {
		want = append(want, checks.GroupGlance{Name: e.Ref, Head: e.SHA})
	}
	got, err := w.hub.Groups(t.Context(), w.subj.Installation, checks.Repo{ID: w.subj.RepoID, Owner: "acme", Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range want {
		if !slices.Contains(got, g) {
			t.Errorf("%s is not listed", g.Name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d are listed, want %d", len(got), len(want))
	}
	if _, err := w.hub.Groups(t.Context(), w.subj.Installation, checks.Repo{ID: 1, Owner: "acme", Name: "shop"}); err == nil {
		t.Error("groups of another repository")
	}
}
