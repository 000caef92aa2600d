package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// queue merges a pull request by way of a queue that waits for "build", past one
// that fails in front of it.
func queue(t *testing.T, repo *sim.Repo, second *sim.Pull) {
	t.Helper()
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	repo.SetQueue("main", sim.Queue{})
	ok(repo.Push(sim.Push{By: "alice", Branch: "red", Files: map[string]string{"red": "r\n"}}))
	red, err := repo.OpenPull(sim.NewPull{By: "alice", Head: "red"})
	ok(nil, err)
	for _, p := range []*sim.Pull{red, second} {
		report(t, repo, p.Head(), "success")
		ok(nil, p.Enqueue("bob"))
	}
	report(t, repo, repo.Queue("main")[0].SHA, "failure")
	report(t, repo, repo.Queue("main")[0].SHA, "success")
	if second.State() != "merged" || red.State() != "open" {
		t.Fatalf("the second is %s, the red one %s", second.State(), red.State())
	}
}

// report has all that main requires reported on a commit.
func report(t *testing.T, repo *sim.Repo, sha, conclusion string) {
	t.Helper()
	for _, name := range []string{"test", "build"} {
		if _, err := repo.StartRun(sim.NewRun{Name: name, SHA: sha, Conclusion: conclusion}); err != nil {
			t.Fatal(err)
		}
	}
}

// three are pull requests in a queue, in their order.
func three(t *testing.T, gh *sim.GitHub, rules sim.Queue) (*sim.Repo, []*sim.Pull) {
	t.Helper()
	org := gh.Org("acme")
	org.Install()
	repo := org.Repo("shop")
	repo.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: "build"}}})
	repo.SetQueue("main", rules)
	var pulls []*sim.Pull
	for _, name := range []string{"one", "two", "three"} {
		if _, err := repo.Push(sim.Push{By: "alice", Branch: name, Files: map[string]string{name: "1\n"}}); err != nil {
			t.Fatal(err)
		}
		p, err := repo.OpenPull(sim.NewPull{By: "alice", Head: name})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Enqueue("bob"); err == nil {
			t.Error("a pull request whose required check is missing is taken into the queue")
		}
		report(t, repo, p.Head(), "success")
		if err := p.Enqueue("bob"); err != nil {
			t.Fatal(err)
		}
		pulls = append(pulls, p)
	}
	return repo, pulls
}

// inQueue is the queue in words: number and state of each.
func inQueue(repo *sim.Repo) string {
	var out []string
	for _, e := range repo.Queue("main") {
		out = append(out, fmt.Sprintf("%d %s", e.Pull, e.State))
	}
	return strings.Join(out, ", ")
}

func TestAQueueMergesWhatPassesInOrderAndMovesTheBranchOnToTheGroup(t *testing.T) {
	c := start(t, sim.Options{})
	repo, pulls := three(t, c.gh, sim.Queue{})
	groups := repo.Queue("main")
	if groups[0].Base != repo.Branch("main") || groups[1].Base != groups[0].SHA || groups[2].Base != groups[1].SHA {
		t.Fatalf("the groups are not made upon each other: %+v", groups)
	}
	report(t, repo, groups[1].SHA, "success")
	if got, want := inQueue(repo), "1 AWAITING_CHECKS, 2 MERGEABLE, 3 AWAITING_CHECKS"; got != want {
		t.Errorf("the queue is %q, want %q", got, want)
	}
	report(t, repo, groups[0].SHA, "success")
	if repo.Branch("main") != groups[1].SHA || pulls[0].State() != "merged" || pulls[1].State() != "merged" || pulls[2].State() != "open" {
		t.Errorf("main is at %s; %s %s %s", repo.Branch("main"), pulls[0].State(), pulls[1].State(), pulls[2].State())
	}
	if left := repo.Queue("main"); len(left) != 1 || left[0].SHA != groups[2].SHA || repo.Branch(groups[0].Ref) != "" {
		t.Errorf("left are %+v, and the merged group's branch is at %q", left, repo.Branch(groups[0].Ref))
	}
}

func TestWhatFailsInFrontIsTakenOutAndTheGroupsBehindItAreMadeAnew(t *testing.T) {
	c := start(t, sim.Options{})
	h := listen(t, c.gh, "sim-webhook-secret")
	oracle.Watch(t, c.gh)
	repo, pulls := three(t, c.gh, sim.Queue{})
	before := repo.Queue("main")
	report(t, repo, before[1].SHA, "failure")
	if got, want := inQueue(repo), "1 AWAITING_CHECKS, 2 UNMERGEABLE, 3 AWAITING_CHECKS"; got != want {
		t.Errorf("the queue is %q, want %q: it may fail for what is before it", got, want)
	}
	report(t, repo, before[0].SHA, "failure")
	after := repo.Queue("main")
	if len(after) != 2 || after[0].Pull != pulls[1].Number || after[0].SHA == before[1].SHA || after[0].Base != repo.Branch("main") || pulls[0].State() != "open" {
		t.Errorf("the queue is %+v, and was %+v", after, before)
	}
	settle(t, c.gh)
	if n := len(slices.DeleteFunc(h.names(), func(s string) bool { return s != "merge_group" })); n != 3+3+2 {
		t.Errorf("%d merge_group events, want 3 groups made, 3 taken apart, 2 made anew", n)
	}
}

func TestAQueueLetsGoOfWhatIsPushedToClosedOrMergedOtherwise(t *testing.T) {
	c := start(t, sim.Options{})
	repo, pulls := three(t, c.gh, sim.Queue{})
	if _, err := repo.Push(sim.Push{By: "alice", Branch: "two", Files: map[string]string{"two": "2\n"}}); err != nil {
		t.Fatal(err)
	}
	if got, want := inQueue(repo), "1 AWAITING_CHECKS, 3 AWAITING_CHECKS"; got != want {
		t.Errorf("after a push the queue is %q, want %q", got, want)
	}
	was := repo.Queue("main")[0].SHA
	if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"x": "x\n"}}); err != nil {
		t.Fatal(err)
	}
	if now := repo.Queue("main"); now[0].SHA == was || now[0].Base != repo.Branch("main") {
		t.Errorf("somebody moved main, and the groups stay: %+v", now)
	}
	if _, err := pulls[0].Merge("bob"); err != nil {
		t.Fatal(err)
	}
	pulls[2].Close("alice")
	if got := inQueue(repo); got != "" {
		t.Errorf("the queue is %q", got)
	}
}

func TestWhereTheLastGroupDecidesItCarriesWhatFailedBeforeIt(t *testing.T) {
	c := start(t, sim.Options{})
	repo, pulls := three(t, c.gh, sim.Queue{HeadGreen: true})
	groups := repo.Queue("main")
	report(t, repo, groups[0].SHA, "failure")
	if got, want := inQueue(repo), "1 UNMERGEABLE, 2 AWAITING_CHECKS, 3 AWAITING_CHECKS"; got != want {
		t.Errorf("the queue is %q, want %q: those behind may carry it", got, want)
	}
	report(t, repo, groups[2].SHA, "success")
	for _, p := range pulls {
		if p.State() != "merged" {
			t.Errorf("%s is %s", p, p.State())
		}
	}
}

func TestAQueueIsAskedAndJoinedOverGraphQLAsGitHubDescribesIt(t *testing.T) {
	c := start(t, sim.Options{})
	oracle.Watch(t, c.gh)
	c.gh.SetPermission("merge_queues", "write")
	repo, pulls := three(t, c.gh, sim.Queue{})
	in := c.gh.Org("acme").Install()
	c.login(in)
	all := c.query(askQueue, nil)
	for i, want := range repo.Queue("main") {
		at := []any{"repository", "mergeQueue", "entries", "nodes", i}
		if dig(all, append(at, "headCommit", "oid")...) != want.SHA || dig(all, append(at, "baseCommit", "oid")...) != want.Base ||
			fmt.Sprint(dig(all, append(at, "pullRequest", "number")...)) != fmt.Sprint(want.Pull) {
			t.Errorf("entry %d: %v", i, dig(all, at...))
		}
	}
	id, _ := dig(all, "repository", "pullRequest", "id").(string)
	c.query(`mutation($id: ID!) { dequeuePullRequest(input: {id: $id}) { mergeQueueEntry { id } } }`, map[string]any{"id": id})
	if got := repo.Queue("main"); len(got) != 2 {
		t.Errorf("the queue is %+v", got)
	}
	c.query(`mutation($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {pullRequestId: $id, jump: true, expectedHeadOid: $head}) { mergeQueueEntry { id position state } } }`,
		map[string]any{"id": id, "head": pulls[0].Head()})
	if got := repo.Queue("main"); len(got) != 3 || got[0].Pull != 1 {
		t.Errorf("the queue is %+v", got)
	}
}

const askQueue = `query { repository(owner: "acme", name: "shop") {
  none: mergeQueue(branch: "other") { id }
  mergeQueue(branch: "main") { id url resourcePath repository { name } entries(first: 10) { totalCount pageInfo { hasNextPage endCursor } nodes {
    id position state jump solo enqueuedAt enqueuer { login } headCommit { oid } baseCommit { oid } pullRequest { number } mergeQueue { id } } } }
  refs(refPrefix: "refs/heads/", query: "gh-readonly-queue/", first: 10) { totalCount nodes { name prefix target { oid } } }
  ref(qualifiedName: "refs/heads/main") { rules(first: 10) { nodes { type parameters { __typename
    ... on MergeQueueParameters { groupingStrategy maxEntriesToBuild maxEntriesToMerge minEntriesToMerge minEntriesToMergeWaitMinutes mergeMethod checkResponseTimeoutMinutes } } } } }
  pullRequest(number: 1) { id isMergeQueueEnabled isInMergeQueue mergeQueueEntry { position } }
} }`
