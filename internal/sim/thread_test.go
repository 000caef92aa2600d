package sim_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

const threadsQuery = `query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) {
	reviewThreads(first: 10) { totalCount pageInfo { hasNextPage endCursor } nodes {
		id path line originalLine isResolved isOutdated isCollapsed subjectType diffSide resolvedBy { login } pullRequest { number } repository { name }
		comments(first: 5) { totalCount nodes { id databaseId fullDatabaseId body path createdAt author { login } pullRequestReview { state } } } } }
	closingIssuesReferences(first: 10) { totalCount nodes { id databaseId number title state closed author { login } repository { name owner { login } } } } }
	one: issueOrPullRequest(number: 1) { __typename ... on Issue { number } ... on PullRequest { number } }
	two: issueOrPullRequest(number: 2) { __typename } } }`

// discussed is a pull request with issues and a conversation, watched by the
// oracle: number 1 is an issue, 2 the pull request.
func discussed(t *testing.T) (*client, *hook, *sim.Repo, *sim.Pull, *sim.Thread) {
	t.Helper()
	c := start(t, sim.Options{Secret: "s3cret"})
	h := listen(t, c.gh, "s3cret")
	oracle.Watch(t, c.gh)
	acme := c.gh.Org("acme")
	acme.AddOwner("root")
	in := acme.Install()
	repo := acme.Repo("shop")
	repo.Allow("alice", "write")
	repo.Allow("bob", "write")
	if n := repo.OpenIssue("bob", "Mend the door").Number; n != 1 {
		t.Fatalf("the issue is number %d", n)
	}
	if _, err := repo.Push(sim.Push{By: "alice", Branch: "topic", Signed: true, Files: map[string]string{"a.go": "1\n2\n3\n"}}); err != nil {
		t.Fatal(err)
	}
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Body: "Fixes #1, closes #9, resolves #2", Head: "topic"})
	if err != nil {
		t.Fatal(err)
	}
	thread, err := pull.StartThread("bob", "a.go", 2, "why 2?")
	if err != nil {
		t.Fatal(err)
	}
	return c.login(in), h, repo, pull, thread
}

func TestConversationsAreAsGitHubDescribesThem(t *testing.T) {
	c, h, repo, pull, thread := discussed(t)
	thread.Reply("alice", "because")
	if _, err := pull.StartThread("eve", "a.go", 0, "the file"); err != nil {
		t.Fatal(err)
	}
	for line, path := range map[int]string{1: "b.go", 4: "a.go", -1: "a.go"} {
		if _, err := pull.StartThread("bob", path, line, "x"); err == nil {
			t.Errorf("a conversation about line %d of %s, which is not in the diff", line, path)
		}
	}
	if err := thread.Resolve("eve"); err == nil {
		t.Error("eve resolves a conversation without access")
	}
	for _, f := range []func(string) error{thread.Resolve, thread.Unresolve, thread.Resolve} {
		if err := f("alice"); err != nil {
			t.Fatal(err)
		}
	}
	at := func() any {
		return dig(c.query(threadsQuery, map[string]any{"n": pull.Number}), "repository", "pullRequest", "reviewThreads", "nodes", 0)
	}
	shows := func(want string) {
		t.Helper()
		got := at()
		if s := fmt.Sprintf("%v %v %v %v %v", dig(got, "line"), dig(got, "isOutdated"), dig(got, "isResolved"), dig(got, "resolvedBy", "login"), dig(got, "comments", "totalCount")); s != want {
			t.Errorf("the conversation is %s, not %s", s, want)
		}
	}
	shows("2 false true alice 2")
	push := func(text string) {
		t.Helper()
		if _, err := repo.Push(sim.Push{By: "alice", Branch: "topic", Files: map[string]string{"a.go": text}}); err != nil {
			t.Fatal(err)
		}
	}
	push("0\n1\n2\n3\n")
	shows("3 false true alice 2")
	push("0\n1\n9\n3\n")
	shows("<nil> true true alice 2")
	push("0\n1\n2\n3\n")
	shows("3 false true alice 2")
	a := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/pulls/%d/comments?per_page=100", pull.Number), nil)
	if len(a.list) != 3 || dig(a.list, 1, "in_reply_to_id") != dig(a.list, 0, "id") || dig(a.list, 2, "line") != nil {
		t.Errorf("the comments are %v", a.list)
	}
	id, _ := dig(at(), "id").(string)
	c.query(`mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }`, map[string]any{"id": id})
	shows("3 false false <nil> 2")
	c.query(`mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved resolvedBy { login } } clientMutationId } }`, map[string]any{"id": id})
	shows("3 false true <nil> 2")
	settle(t, c.gh)
	if len(h.bad) > 0 {
		t.Errorf("%d deliveries with a wrong signature", len(h.bad))
	}
	for _, want := range []string{"pull_request_review_comment", "pull_request_review_thread", "issues"} {
		if !slices.Contains(h.names(), want) {
			t.Errorf("no %s was delivered", want)
		}
	}
}

func TestOnlyIssuesThatAreThereAreClosedAndFoundByTheirNumber(t *testing.T) {
	c, _, repo, pull, _ := discussed(t)
	data := dig(c.query(threadsQuery, map[string]any{"n": pull.Number}), "repository")
	if n := dig(data, "pullRequest", "closingIssuesReferences", "totalCount"); n != float64(1) {
		t.Errorf("%v issues are closed", n)
	}
	if one, two := dig(data, "one", "__typename"), dig(data, "two", "__typename"); one != "Issue" || two != "PullRequest" {
		t.Errorf("number 1 is %v, number 2 %v", one, two)
	}
	a := c.must(200, "POST", "/graphql", map[string]any{"query": `{ repository(owner: "acme", name: "shop") { issueOrPullRequest(number: 9) { __typename } } }`})
	if got := dig(a.body, "errors", 0, "type"); got != "NOT_FOUND" {
		t.Errorf("number 9 is %v", a.body)
	}
	repo.OpenIssue("bob", "Another").Close("bob")
}

func TestACommitSignedByAPersonIsValidButNotGitHubs(t *testing.T) {
	c, _, _, pull, _ := discussed(t)
	const ask = `query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) { commits(first: 1) { nodes { commit {
		committedViaWeb signature { isValid wasSignedByGitHub signer { login } email } } } } } } }`
	got := dig(c.query(ask, map[string]any{"n": pull.Number}), "repository", "pullRequest", "commits", "nodes", 0, "commit")
	if s := fmt.Sprintf("%v %v %v %v", dig(got, "committedViaWeb"), dig(got, "signature", "isValid"), dig(got, "signature", "wasSignedByGitHub"), dig(got, "signature", "signer", "login")); s != "false true false alice" {
		t.Error(s)
	}
	a := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/pulls/%d/commits", pull.Number), nil)
	if dig(a.list, 0, "commit", "verification", "verified") != true {
		t.Errorf("REST says %v", a.list)
	}
}

func TestALaterPageOfAComparisonHasNoFiles(t *testing.T) {
	c, _, repo, pull, _ := discussed(t)
	if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"c.go": "c\n"}}); err != nil {
		t.Fatal(err)
	}
	for page, files := range map[string]int{"": 1, "?page=1&per_page=1": 1, "?page=2&per_page=1": 0} {
		a := c.must(200, "GET", "/repos/acme/shop/compare/"+repo.Branch("main")+"..."+pull.Head()+page, nil)
		list, _ := a.body["files"].([]any)
		if len(list) != files || a.body["behind_by"] != float64(1) || a.body["ahead_by"] != float64(1) {
			t.Errorf("%q: %d files, behind by %v", page, len(list), a.body["behind_by"])
		}
	}
}
