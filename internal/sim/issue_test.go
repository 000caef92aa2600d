package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestIssuesAreToldAsGitHubTellsThem(t *testing.T) {
	c, repo, h := shelf(t)
	var issue *sim.Issue
	var said *sim.Comment
	for _, step := range []struct {
		what string
		do   func()
		want []string
	}{
		{"opened", func() { issue = repo.OpenIssue("bob", "Release v1") }, []string{"issues.opened"}},
		{"its title", func() { _ = issue.SetTitle("bob", "Release 1") }, []string{"issues.edited"}},
		{"its text", func() { _ = issue.SetBody("alice", "Text") }, []string{"issues.edited"}},
		{"the same text", func() { _ = issue.SetBody("alice", "Text") }, nil},
		{"labelled", func() { issue.AddLabel("alice", "x"); issue.AddLabel("alice", "x") }, []string{"label.created", "issues.labeled"}},
		{"unlabelled", func() { issue.RemoveLabel("alice", "x"); issue.RemoveLabel("alice", "y") }, []string{"issues.unlabeled"}},
		{"commented", func() { said = issue.Comment("carl", "/sign-off qa") }, []string{"issue_comment.created"}},
		{"edited", func() { said.Edit("carl", "no") }, []string{"issue_comment.edited"}},
		{"minimized", func() { said.Minimize() }, nil},
		{"taken back", func() { said.Delete("carl") }, []string{"issue_comment.deleted"}},
		{"closed", func() { issue.Close("bob"); issue.Close("bob") }, []string{"issues.closed"}},
		{"reopened", func() { issue.Reopen("bob") }, []string{"issues.reopened"}},
		{"deleted", func() { issue.Delete("root") }, []string{"issues.deleted"}},
	} {
		step.do()
		expect(t, step.what, heard(t, c.gh, h), step.want...)
	}
	if repo.Issue(issue.Number) != nil || len(repo.Issues()) != 0 {
		t.Error("a deleted issue is there")
	}
	if issue.SetTitle("bob", " ") == nil || issue.SetTitle("bob", strings.Repeat("x", 257)) == nil || issue.SetBody("bob", strings.Repeat("x", 65537)) == nil {
		t.Error("an issue takes an empty title, or one that is too long")
	}
}

func TestAnAppKeepsAnIssueOverREST(t *testing.T) {
	c, repo, _ := shelf(t)
	repo.OpenIssue("bob", "Another")
	a := c.must(201, "POST", "/repos/acme/shop/issues", map[string]any{"title": "Release v1", "body": "wait", "labels": []any{"one", map[string]any{"name": "two"}}})
	at := fmt.Sprintf("/repos/acme/shop/issues/%.0f", a.body["number"])
	issue := repo.Issue(int(a.body["number"].(float64)))
	c.must(200, "PATCH", at, map[string]any{"title": "Release v1.0", "state": "closed", "labels": []any{"two"}})
	if s := issue.Now(); s.Title != "Release v1.0" || s.Open || !slices.Equal(s.Labels, []string{"two"}) || s.Author != "handrail[bot]" || s.Body != "wait" {
		t.Errorf("it is %+v", s)
	}
	c.must(200, "PATCH", at, map[string]any{"state": "open"})
	said := c.must(201, "POST", at+"/comments", map[string]any{"body": "hello"})
	comment := fmt.Sprintf("/repos/acme/shop/issues/comments/%.0f", said.body["id"])
	c.must(200, "PATCH", comment, map[string]any{"body": "hi"})
	c.must(422, "PATCH", comment, map[string]any{"body": ""})
	c.must(200, "GET", comment, nil)
	c.must(200, "POST", at+"/labels", []string{"three"})
	c.must(200, "DELETE", at+"/labels/three", nil)
	for query, want := range map[string]int{"": 2, "?creator=handrail%5Bbot%5D&state=all": 1, "?labels=two": 1, "?state=closed": 0, "?since=2000-01-01T00:00:00Z": 2} {
		if got := len(c.must(200, "GET", "/repos/acme/shop/issues"+query, nil).list); got != want {
			t.Errorf("%q lists %d issues, want %d", query, got, want)
		}
	}
	if n := len(c.must(200, "GET", at+"/comments", nil).list); n != 1 || !slices.Equal(issue.Now().Comments, []string{"hi"}) {
		t.Errorf("%d comments, %v", n, issue.Now().Comments)
	}
	c.must(204, "DELETE", comment, nil)
	c.must(404, "GET", comment, nil)
	c.must(422, "POST", "/repos/acme/shop/issues", map[string]any{"title": ""})
	c.must(404, "PATCH", "/repos/acme/shop/issues/99", map[string]any{"title": "x"})
	repo.SetIssues(false)
	c.must(410, "POST", "/repos/acme/shop/issues", map[string]any{"title": "x"})
}

func TestAnAppWithoutIssuesWritesThem(t *testing.T) {
	c, repo, h := shelf(t)
	issue := repo.OpenIssue("bob", "Release v1")
	said := issue.Comment("bob", "x")
	at := fmt.Sprintf("/repos/acme/shop/issues/%d", issue.Number)
	id := dig(c.query(`{ repository(owner: "acme", name: "shop") { issue(number: 1) { id } } }`, nil), "repository", "issue", "id")
	c.gh.SetPermission("issues", "read")
	c.must(200, "GET", at, nil)
	for _, ask := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/repos/acme/shop/issues", map[string]any{"title": "x"}},
		{"PATCH", at, map[string]any{"title": "x"}},
		{"POST", at + "/comments", map[string]any{"body": "x"}},
		{"POST", at + "/labels", []string{"x"}},
		{"PATCH", fmt.Sprintf("/repos/acme/shop/issues/comments/%d", said.ID), map[string]any{"body": "x"}},
	} {
		if a := c.must(403, ask.method, ask.path, ask.body); a.body["message"] != "Resource not accessible by integration" {
			t.Errorf("%s %s: %v", ask.method, ask.path, a.body)
		}
	}
	for _, mutation := range []string{`updateIssue(input: {id: $id, title: "x"}) { issue { id } }`, `addComment(input: {subjectId: $id, body: "x"}) { clientMutationId }`,
		`addLabelsToLabelable(input: {labelableId: $id, labelIds: []}) { clientMutationId }`} {
		a := c.must(200, "POST", "/graphql", map[string]any{"query": "mutation($id: ID!) { " + mutation + " }", "variables": map[string]any{"id": id}})
		if dig(a.body, "errors", 0, "type") != "FORBIDDEN" {
			t.Errorf("%s: %v", mutation, a.body)
		}
	}
	c.gh.SetPermission("issues", "")
	c.must(403, "GET", at, nil)
	settle(t, c.gh)
	h.forget()
	issue.Comment("bob", "y")
	issue.Close("bob")
	expect(t, "without issues", heard(t, c.gh, h))
}

func TestAnAppKeepsAnIssueOverGraphQL(t *testing.T) {
	c, repo, _ := shelf(t)
	repo.OpenIssue("bob", "Another").AddLabel("bob", "keep")
	here := dig(c.query(`{ repository(owner: "acme", name: "shop") { id hasIssuesEnabled label(name: "keep") { id } } }`, nil), "repository")
	made := c.query(`mutation($repo: ID!) { createIssue(input: {repositoryId: $repo, title: "Release v1", body: "wait"}) { issue { id number } } }`, map[string]any{"repo": dig(here, "id")})
	id := dig(made, "createIssue", "issue", "id")
	c.query(`mutation($id: ID!, $label: ID!) {
		text: updateIssue(input: {id: $id, body: "there", state: CLOSED}) { issue { state stateReason } }
		open: reopenIssue(input: {issueId: $id}) { issue { state } }
		mark: addLabelsToLabelable(input: {labelableId: $id, labelIds: [$label]}) { labelable { ... on Issue { labels(first: 3) { nodes { name } } } } }
		say: addComment(input: {subjectId: $id, body: "hello"}) { commentEdge { node { id issue { number } } } subject { id } } }`,
		map[string]any{"id": id, "label": dig(here, "label", "id")})
	data := dig(c.query(`{ repository(owner: "acme", name: "shop") {
		issue(number: 2) { id number state title body viewerDidAuthor createdAt updatedAt lastEditedAt url stateReason author { login } editor { __typename login } labels(first: 5) { nodes { name } }
			comments(last: 5) { totalCount nodes { id databaseId body viewerDidAuthor editor { login } url issue { number } } } }
		issues(first: 5, states: [OPEN], filterBy: {createdBy: "handrail"}, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount pageInfo { hasNextPage } nodes { number viewerDidAuthor } } } }`, nil), "repository")
	for _, want := range []struct {
		value any
		path  []any
	}{
		{"OPEN", []any{"issue", "state"}}, {"there", []any{"issue", "body"}}, {true, []any{"issue", "viewerDidAuthor"}}, {"Bot", []any{"issue", "editor", "__typename"}},
		{"keep", []any{"issue", "labels", "nodes", 0, "name"}}, {"hello", []any{"issue", "comments", "nodes", 0, "body"}}, {1.0, []any{"issues", "totalCount"}},
	} {
		if got := dig(data, want.path...); got != want.value {
			t.Errorf("%v is %v, want %v", want.path, got, want.value)
		}
	}
	comment := dig(data, "issue", "comments", "nodes", 0, "id")
	c.query(`mutation($id: ID!) { updateIssueComment(input: {id: $id, body: "hi"}) { issueComment { body lastEditedAt } } }`, map[string]any{"id": comment})
	a := c.must(200, "POST", "/graphql", map[string]any{"query": `{ repository(owner: "acme", name: "shop") { issue(number: 9) { id } } }`})
	if dig(a.body, "errors", 0, "type") != "NOT_FOUND" || dig(a.body, "errors", 0, "path", 1) != "issue" {
		t.Errorf("an issue that is not there: %v", a.body)
	}
}
