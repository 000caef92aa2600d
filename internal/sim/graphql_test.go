package sim_test

import (
	"os"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// shop is a repository with one open pull request, and a logged-in client.
func shop(t *testing.T) (*client, *sim.Repo, *sim.Pull) {
	t.Helper()
	c := start(t, sim.Options{})
	acme := c.gh.Org("acme")
	acme.AddOwner("root")
	acme.Team("qa", "quinn")
	repo := acme.Repo("shop")
	repo.Allow("alice", "write")
	repo.Allow("bob", "write")
	c.login(acme.Install())
	if _, err := repo.Push(sim.Push{By: "alice", Branch: "feature", Message: "Add a", Files: map[string]string{"a.go": "package a\n"}}); err != nil {
		t.Fatal(err)
	}
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: a", Body: "Fixes #2", Head: "feature"})
	if err != nil {
		t.Fatal(err)
	}
	return c, repo, pull
}

func verdictQuery(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/verdict.graphql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestVerdictQueryIsAnswered(t *testing.T) {
	c, repo, pull := shop(t)
	repo.OpenIssue("bob", "A is missing")
	repo.SetRules("main", sim.Rules{Approvals: 1, Checks: []sim.RequiredCheck{{Name: "build", App: c.gh.OtherApp("github-actions")}}})
	pull.Approve("bob", "fine").Dismiss("alice", "no")
	pull.Approve("bob")
	pull.AddLabel("bob", "x")
	pull.RemoveLabel("bob", "x")
	pull.AddLabel("bob", "y")
	pull.SetTitle("bob", "feat: b")
	pull.RequestReview("alice", "acme/qa")
	if _, err := repo.StartRun(sim.NewRun{Name: "build", SHA: pull.Head(), Conclusion: "success"}); err != nil {
		t.Fatal(err)
	}
	repo.SetStatus("ci", pull.Head(), "ci/travis", "failure", "")
	data := c.query(verdictQuery(t), map[string]any{"owner": "acme", "name": "shop", "number": pull.Number,
		"policy": "main:README.md", "codeowners": "main:CODEOWNERS"})
	for _, want := range []struct {
		value any
		path  []any
	}{
		{"# shop\n", []any{"policy", "text"}},
		{nil, []any{"codeowners"}},
		{"feat: b", []any{"pullRequest", "title"}},
		{"y", []any{"pullRequest", "labels", "nodes", 0, "name"}},
		{"DISMISSED", []any{"pullRequest", "reviews", "nodes", 0, "state"}},
		{"APPROVED", []any{"pullRequest", "latestOpinionatedReviews", "nodes", 0, "state"}},
		{"ADDED", []any{"pullRequest", "files", "nodes", 0, "changeType"}},
		{"alice", []any{"pullRequest", "commits", "nodes", 0, "commit", "author", "user", "login"}},
		{"build", []any{"pullRequest", "statusCheckRollup", "contexts", "nodes", 0, "name"}},
		{true, []any{"pullRequest", "statusCheckRollup", "contexts", "nodes", 0, "isRequired"}},
		{"FAILURE", []any{"pullRequest", "statusCheckRollup", "state"}},
		{"build", []any{"pullRequest", "baseRef", "rules", "nodes", 0, "parameters", "requiredStatusChecks", 0, "context"}},
		{"qa", []any{"pullRequest", "reviewRequests", "nodes", 0, "requestedReviewer", "slug"}},
		{2.0, []any{"pullRequest", "closingIssuesReferences", "nodes", 0, "number"}},
	} {
		if got := dig(data["repository"], want.path...); got != want.value {
			t.Errorf("%v is %v, want %v", want.path, got, want.value)
		}
	}
}
