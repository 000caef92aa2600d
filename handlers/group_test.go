package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// queued is a rig whose main has a merge queue that waits for "Merge Requirements"
// and for a build, with pull requests in it that are approved and met. Their groups
// are made, and nothing was told of them yet.
func queued(t *testing.T, names ...string) (*rig, []*sim.Pull) {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.repo.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge, App: r.gh.App().ID}, {Name: "build"}}})
	r.repo.SetQueue("main", sim.Queue{})
	var pulls []*sim.Pull
	for _, name := range names {
		r.push("alice", name, map[string]string{name + ".go": "package a\n"})
		p := r.open(name)
		p.Approve("bob")
		pulls = append(pulls, p)
		r.build(p.Head(), "success")
	}
	r.settle()
	for _, p := range pulls {
		r.shows(p, met)
		r.enqueue(p)
	}
	return r, pulls
}

func (r *rig) enqueue(p *sim.Pull) {
	r.t.Helper()
	if err := p.Enqueue("bob"); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) build(sha, conclusion string) {
	r.t.Helper()
	if _, err := r.repo.StartRun(sim.NewRun{Name: "build", SHA: sha, Conclusion: conclusion}); err != nil {
		r.t.Fatal(err)
	}
}

// group is the newest of our runs of a name on a commit.
func (r *rig) group(sha, name string) (last sim.Run, state string) {
	state = "none"
	for _, run := range r.repo.Runs(sha) {
		if run.Name == name && run.App == r.gh.App().ID {
			last, state = run, strings.Trim(run.Status+"/"+run.Conclusion, "/")
		}
	}
	return last, state
}

// groups checks what the groups in the queue show, in its order.
func (r *rig) groups(want ...string) {
	r.t.Helper()
	var got []string
	for _, e := range r.repo.Queue("main") {
		_, state := r.group(e.SHA, checks.RunMerge)
		got = append(got, fmt.Sprintf("%d %s", e.Pull, state))
	}
	if d := cmp.Diff(want, got); d != "" {
		r.t.Errorf("the groups in the queue (-want +got):\n%s", d)
	}
}

func states(pulls []*sim.Pull) string {
	var out []string
	for _, p := range pulls {
		out = append(out, p.State())
	}
	return strings.Join(out, " ")
}

func TestThreePullRequestsOfAGroupAreAllJudgedOnItsCommitAndMerged(t *testing.T) {
	r, pulls := queued(t, "one", "two", "three")
	r.settle()
	r.groups("1 "+met, "2 "+met, "3 "+met)
	last := r.repo.Queue("main")[2]
	run, _ := r.group(last.SHA, checks.RunMerge)
	for _, want := range []string{"are met for #1, #2 and #3", "change one", "change two", "change three"} {
		if !strings.Contains(run.Title+run.Summary, want) {
			t.Errorf("the last group does not say %q: %s\n%s", want, run.Title, run.Summary)
		}
	}
	if _, state := r.group(last.SHA, "handrail/review"); state != met {
		t.Errorf("a branch rule may require handrail/review, which is %s", state)
	}
	if all, _ := r.requests(r.settle); all != 0 {
		t.Errorf("at rest %d requests are made", all)
	}
	for _, e := range r.repo.Queue("main") {
		r.build(e.SHA, "success")
	}
	r.settle()
	if got := states(pulls); got != "merged merged merged" {
		t.Errorf("the pull requests are %s", got)
	}
	r.recorded()
}

// recorded checks that each verdict on a group can be worked out again from its
// record, and that all of the log is sound.
func (r *rig) recorded() {
	r.t.Helper()
	rows, err := r.store.List(r.t.Context(), store.Filter{Kind: store.KindVerdict})
	if err != nil {
		r.t.Fatal(err)
	}
	groups := 0
	for _, row := range rows {
		if !strings.HasPrefix(row.Subject, "group/") {
			continue
		}
		groups++
		_, body, err := r.store.Entry(r.t.Context(), row.Seq)
		if err != nil {
			r.t.Fatal(err)
		}
		var rec store.Record
		if err := json.Unmarshal(body, &rec); err != nil || rec.Group == nil {
			r.t.Fatalf("the record of %s holds no group: %v", row.Subject, err)
		}
		again := checks.JudgeGroup(*rec.Group, handlers.GroupPolicies(*rec.Group, config.Defaults{}))
		if a, b := handlers.Digest(rec.Verdict), handlers.Digest(again); a != b {
			r.t.Errorf("%s was %s, and is %s when it is judged again", row.Subject, rec.Verdict.State, again.State)
		}
	}
	if groups == 0 {
		r.t.Error("no verdict on a group is recorded")
	}
	report, err := r.store.Verify(r.t.Context(), func(int64, int64) {})
	if err != nil || !report.OK() {
		r.t.Errorf("the log does not verify: %v %v", err, report.Problems)
	}
}

func TestAPullRequestThatIsNotMetAnyMoreFailsItsGroupWithItsNameAndThoseBehindGoOn(t *testing.T) {
	r, pulls := queued(t, "one", "two", "three")
	r.settle()
	before := r.repo.Queue("main")
	pulls[1].RequestChanges("carol", "not like this")
	r.settle()
	r.groups("1 "+met, "2 "+unmet, "3 "+unmet)
	for _, e := range before[1:] {
		for _, name := range []string{checks.RunMerge, "handrail/review"} {
			if run, _ := r.group(e.SHA, name); !strings.Contains(run.Title, "#2 is not met: ") || strings.Contains(run.Title, "#1") {
				t.Errorf("%s on the group of #%d says %q", name, e.Pull, run.Title)
			}
		}
	}
	for _, e := range before {
		r.build(e.SHA, "success")
	}
	r.settle()
	if got := states(pulls); got != "merged open open" {
		t.Errorf("the pull requests are %s", got)
	}
	after := r.repo.Queue("main")
	if len(after) != 1 || after[0].Pull != pulls[2].Number || after[0].SHA == before[2].SHA {
		t.Fatalf("the queue is %+v", after)
	}
	r.groups("3 " + met)
	r.build(after[0].SHA, "success")
	if got := states(pulls); got != "merged open merged" {
		t.Errorf("the pull requests are %s", got)
	}
	r.settle()
	r.recorded()
}

func TestAnApprovalTakenBackKeepsTheGroupOpenUntilItIsGivenAgain(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.repo.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge}, {Name: "build"}}})
	r.repo.SetQueue("main", sim.Queue{})
	p := r.topic()
	review := p.Approve("bob")
	r.build(p.Head(), "success")
	r.settle()
	r.enqueue(p)
	r.settle()
	r.groups("1 " + met)
	review.Dismiss("carol", "too early")
	r.settle()
	r.groups("1 " + waiting)
	if run, _ := r.group(r.repo.Queue("main")[0].SHA, checks.RunMerge); !strings.Contains(run.Title, "#1 is waiting: Code review") {
		t.Errorf("it says %q", run.Title)
	}
	p.Approve("carol")
	r.settle()
	r.groups("1 " + met)
}

func TestAGroupThatNoEventToldOfIsFoundByTheSweep(t *testing.T) {
	r, pulls := queued(t)
	for _, name := range []string{"one", "two"} {
		r.push("alice", name, map[string]string{name + ".go": "package a\n"})
		p := r.open(name)
		p.Approve("bob")
		r.build(p.Head(), "success")
		pulls = append(pulls, p)
	}
	r.settle()
	r.lost(func() { r.enqueue(pulls[0]); r.enqueue(pulls[1]) })
	r.settle()
	r.groups("1 none", "2 none")
	r.sweep()
	r.groups("1 "+met, "2 "+met)
	// Now a member changes, and that is lost, too.
	r.lost(func() { pulls[1].RequestChanges("carol", "no") })
	r.settle()
	r.groups("1 "+met, "2 "+met)
	r.sweep()
	r.groups("1 "+met, "2 "+unmet)
	// And that the first one fails, which takes it out, while nobody is told.
	r.lost(func() { r.build(r.repo.Queue("main")[0].SHA, "failure") })
	r.settle()
	r.groups("2 none")
	r.sweep()
	r.groups() // the second one still is not met, and is taken out as well
	if all, _ := r.requests(r.sweep); all > 5 {
		t.Errorf("a sweep that finds nothing new takes %d requests", all)
	}
}

// lost is what GitHub does while no event arrives.
func (r *rig) lost(f func()) {
	r.t.Helper()
	if err := r.gh.Settle(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.gh.HoldDeliveries(true)
	f()
	r.gh.DropDeliveries()
	r.gh.HoldDeliveries(false)
}

func (r *rig) sweep() {
	r.t.Helper()
	if !r.flow.SweepOnce(r.t.Context()) {
		r.t.Fatal("the sweep failed")
	}
	r.settle()
}

func TestNothingIsPostedOnAGroupThatIsThereNoMore(t *testing.T) {
	r, pulls := queued(t, "one", "two")
	gone := r.repo.Queue("main")
	if err := r.gh.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	pulls[0].Dequeue("bob")
	r.settle()
	for _, e := range gone {
		if _, state := r.group(e.SHA, checks.RunMerge); state != "none" {
			t.Errorf("the destroyed group of #%d shows %s", e.Pull, state)
		}
	}
	r.groups("2 " + met)
	r.lost(func() { pulls[1].Dequeue("bob") }) // nobody tells of the end of this one
	pulls[1].Comment("carol", "hm")
	r.settle()
	all, _ := r.requests(func() {
		pulls[1].Comment("carol", "hm, hm")
		r.settle()
	})
	if all != 1 {
		t.Errorf("a look at a pull request whose group is gone takes %d requests", all)
	}
}

func TestDoubledAndReorderedEventsOfGroupsChangeNothing(t *testing.T) {
	r, pulls := queued(t, "one", "two", "three")
	r.settle()
	for _, d := range r.gh.Deliveries() {
		if d.Event == "merge_group" {
			r.gh.Redeliver(d.ID)
		}
	}
	r.settle()
	r.groups("1 "+met, "2 "+met, "3 "+met)
	// A group's end comes before its beginning.
	r.gh.HoldDeliveries(true)
	pulls[0].Dequeue("bob")
	r.enqueue(pulls[0])
	r.gh.HoldDeliveries(false)
	r.settle()
	r.groups("2 "+met, "3 "+met, "1 "+met)
	r.receive("late", "gh-readonly-queue/main/pr-9-"+r.repo.Branch("main")) // of a group that was destroyed before
	r.settle()
	if n := r.failing(); n != 0 {
		t.Errorf("%d tries count as failed", n)
	}
	r.groups("2 "+met, "3 "+met, "1 "+met)
}

// receive takes in the event that a group was made.
func (r *rig) receive(guid, name string) {
	r.t.Helper()
	head := strings.Repeat("ab", 20)
	_, err := r.store.Receive(r.t.Context(), store.Delivery{
		AppID: r.gh.App().ID, GUID: guid, Event: "merge_group", Action: "checks_requested", Body: []byte("{}"), ReceivedAt: r.now(),
		Repo: checks.Repo{ID: r.repo.ID, Owner: "acme", Name: "shop"}, Installation: r.gh.Org("acme").Install().ID,
		Facts: []store.Fact{store.GroupMade{Name: name, Head: head}}, Touches: []store.Touch{{Kind: checks.KindGroup, Name: name, At: head}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestAGroupOfWhichSomethingCannotBeReadIsNoPassAndSaysSoIfItLasts(t *testing.T) {
	for _, field := range []string{"mergeQueue", "entries", "headCommit", "baseCommit", "reviews"} {
		t.Run(field, func(t *testing.T) {
			r, _ := queued(t, "one")
			heal := r.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Partial(field)}})
			r.work(10 * time.Minute)
			r.groups("1 " + waiting)
			run, _ := r.group(r.repo.Queue("main")[0].SHA, checks.RunMerge)
			if !strings.Contains(run.Title, "Could not be judged") {
				t.Errorf("it says %q", run.Title)
			}
			heal()
			r.pass(time.Hour)
			r.settle()
			r.groups("1 " + met)
		})
	}
}

// work lets time pass, and does what is due meanwhile.
func (r *rig) work(d time.Duration) {
	r.t.Helper()
	for end := r.now().Add(d); r.now().Before(end); r.pass(time.Second) {
		if err := r.gh.Settle(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		r.step()
	}
}

func TestAGroupWhoseVerdictWasRecordedButNotPostedIsPostedAfterwards(t *testing.T) {
	for _, failure := range []sim.Failure{sim.Cut(), sim.Cut().After()} {
		r, _ := queued(t, "one", "two")
		heal := r.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return slices.Contains(q.Mutations, "createCheckRun") }, Times: 1, Do: []sim.Failure{failure}})
		r.settle()
		heal()
		r.groups("1 "+met, "2 "+met)
		for _, e := range r.repo.Queue("main") {
			if n := len(r.repo.Runs(e.SHA)); n > 3 {
				t.Errorf("the group of #%d has %d runs", e.Pull, n)
			}
		}
		r.recorded()
	}
}

func TestAGroupIsPostedThoughHandrailDiedBetweenRecordAndPost(t *testing.T) {
	r, _ := queued(t, "one", "two")
	f := &forge{Forge: r.flow.Forge}
	r.flow.Forge = f
	f.publish = func(context.Context, []checks.Action) ([]checks.Outcome, error) {
		return nil, store.ErrLost // nothing of it is settled: whoever had the lease is silent from here on
	}
	r.work(10 * time.Second)
	r.groups("1 none", "2 none")
	f.publish = nil
	r.work(3 * time.Minute) // the leases run out
	r.groups("1 "+met, "2 "+met)
	r.recorded()
}

func TestAMemberIsNotReadFromAReplicaThatHasNotHeardOfItsEvent(t *testing.T) {
	r, pulls := queued(t, "one")
	r.settle()
	f := &forge{Forge: r.flow.Forge}
	r.flow.Forge = f
	var old checks.Pull
	f.read = func(pull checks.Pull, sources []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		old = pull
		return pull, sources, err
	}
	pulls[0].Comment("carol", "hm")
	r.settle()
	r.pass(5 * time.Second)
	f.read = func(pull checks.Pull, sources []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		stale := old
		stale.At = pull.At
		return stale, sources, err
	}
	pulls[0].RequestChanges("carol", "no")
	all := r.evals
	r.work(6 * time.Second)
	if r.evals != all {
		t.Errorf("%d evaluations count, though only an old answer was there", r.evals-all)
	}
	f.read = nil
	r.settle()
	r.groups() // it failed, and was taken out
	if pulls[0].State() != "open" {
		t.Error("it was merged on the word of an old answer")
	}
}

func TestAGroupIsNotForgottenBecauseGitHubDoesNotFindOneOfItsPullRequests(t *testing.T) {
	r, _ := queued(t, "one")
	f := &forge{Forge: r.flow.Forge}
	r.flow.Forge = f
	f.read = func(pull checks.Pull, sources []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		return pull, sources, notThere{}
	}
	r.work(20 * time.Second)
	r.groups("1 " + waiting) // it says that it could not be judged
	f.read = nil
	r.pass(time.Hour)
	r.settle()
	r.groups("1 " + met)
}

func TestABranchThatIsCalledLikeAGroupDoesNothingToThePullRequestWhoseHeadItIs(t *testing.T) {
	r, pulls := queued(t, "one", "two")
	r.settle()
	name := fmt.Sprintf("gh-readonly-queue/main/pr-%d-%s", pulls[0].Number, strings.Repeat("0", 40))
	if err := r.repo.PushCommit("mallory", name, pulls[1].Head()); err != nil {
		t.Fatal(err)
	}
	pulls[1].Dequeue("bob")
	if !r.flow.SweepOnce(t.Context()) {
		t.Fatal("the sweep failed")
	}
	r.work(5 * time.Minute)
	r.shows(pulls[1], met)
	if n := r.failing(); n < 3 {
		t.Errorf("the branch was looked at %d times", n)
	}
	r.groups("1 " + met)
}

type notThere struct{}

func (notThere) Error() string { return "GitHub finds no such pull request" }
func (notThere) Gone() bool    { return true }

func TestAButtonOnAGroupsRunMakesItAnew(t *testing.T) {
	r, _ := queued(t, "one")
	r.settle()
	first, _ := r.group(r.repo.Queue("main")[0].SHA, checks.RunMerge)
	r.gh.FindRun(first.ID).Rerequest("bob")
	r.settle()
	second, state := r.group(first.SHA, checks.RunMerge)
	if second.ID == first.ID || state != met {
		t.Errorf("run %d %s was made, and %d asked for anew", second.ID, state, first.ID)
	}
	if all, _ := r.requests(r.settle); all != 0 {
		t.Errorf("it is made again and again: %d requests", all)
	}
}

func TestAGroupOfAPolicyThatOnlyObservesShowsNothing(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.policy("mode: observe\n" + rigPolicy)
	r.repo.SetQueue("main", sim.Queue{})
	r.repo.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: "build"}}})
	p := r.topic()
	r.build(p.Head(), "success")
	r.settle()
	r.enqueue(p)
	r.settle()
	r.groups("1 none")
}

// One reading of the group, one of each member, one write: what is judged again.
func TestAGroupOfThreeTakesFiveRequests(t *testing.T) {
	r, pulls := queued(t, "one", "two", "three")
	r.settle()
	all, writes := r.requests(func() {
		pulls[2].RequestChanges("carol", "no")
		r.settle()
	})
	// Besides the group's there are the reading and the writing of the pull request.
	if all != 5+2 || writes != 1+1 {
		t.Errorf("a change to the last of three took %d requests, %d of them writes", all, writes)
	}
}

// Those behind lack what is merged before them, which is what a queue is for.
func TestAGroupIsNotHeldUpByTheLagOfItsMembers(t *testing.T) {
	r, _ := queued(t, "one", "two")
	r.policy(rigPolicy + "compliance: {up_to_date: true, linear: true}\n")
	r.settle()
	for _, e := range r.repo.Queue("main") {
		if run, state := r.group(e.SHA, checks.RunMerge); state != met {
			t.Errorf("%s shows %s %q:\n%s", e.SHA, state, run.Title, run.Summary)
		}
	}
}
