package hub

import (
	"fmt"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func work(sha string, pulls m) m {
	return m{"oid": sha, "author": m{"email": "ann@x.test", "user": m{"login": "ann", "databaseId": 3}}, "committer": m{"email": "noreply@github.com", "user": nil},
		"authors": m{"totalCount": 1, "nodes": []any{m{"email": "ann@x.test", "user": m{"login": "ann", "databaseId": 3}}}}, "signature": m{"isValid": true, "wasSignedByGitHub": true},
		"associatedPullRequests": pulls}
}

func pullsOf(total int, nodes ...any) m {
	return m{"totalCount": total, "nodes": append([]any{}, nodes...)}
}

func TestACommitsPullRequestsAreAllToldOrTheListIsCut(t *testing.T) {
	merged := m{"number": 7, "title": "t", "merged": true, "mergedAt": "2026-01-01T00:00:00Z", "baseRefName": "main", "author": nil, "repository": nil, "mergeCommit": nil}
	for name, c := range map[string]struct {
		commit m
		check  func(checks.RangeCommit) bool
	}{
		"all": {work(headSHA, pullsOf(1, merged)), func(c checks.RangeCommit) bool {
			return !c.Cut && len(c.Pulls) == 1 && len(c.People) == 1 && !c.Nameless
		}},
		"some":           {work(headSHA, pullsOf(11, merged)), func(c checks.RangeCommit) bool { return c.Cut }},
		"more authors":   {set(work(headSHA, pullsOf(0)), 9, "authors", "totalCount"), func(c checks.RangeCommit) bool { return c.Nameless }},
		"not by GitHub":  {set(work(headSHA, pullsOf(0)), false, "signature", "wasSignedByGitHub"), func(c checks.RangeCommit) bool { return c.Nameless }},
		"signed by none": {set(work(headSHA, pullsOf(0)), nil, "signature"), func(c checks.RangeCommit) bool { return c.Nameless }},
		"nobody known":   {set(work(headSHA, pullsOf(0)), nil, "author", "user"), func(c checks.RangeCommit) bool { return c.Nameless }},
		"a bot": {set(work(headSHA, pullsOf(0)), m{"email": "49699333+dependabot[bot]@users.noreply.github.com", "user": nil}, "author"), func(c checks.RangeCommit) bool {
			return !c.Nameless && len(c.People) == 2 && c.People[0].Bot && c.People[0].Login == "dependabot[bot]" && c.People[0].ID == 49699333
		}},
		"GitHub's own name as an author": {set(work(headSHA, pullsOf(0)), m{"email": "noreply@github.com", "user": m{"login": "web-flow", "databaseId": 1}}, "author"), func(c checks.RangeCommit) bool { return c.Nameless }},
	} {
		f := newForge(t, Config{})
		f.query = func(string, m) any {
			return m{"data": m{"about": m{"databaseId": repoID}, "repository": m{"c0": c.commit}}}
		}
		got, err := f.hub.RangePulls(t.Context(), aRelease(), []string{headSHA})
		if err != nil || !c.check(got[headSHA]) {
			t.Errorf("%s: %+v %v", name, got[headSHA], err)
		}
	}
}

func TestACommitThatGitHubDoesNotTellOfIsAnError(t *testing.T) {
	for name, repo := range map[string]any{
		"none": m{"c0": nil}, "left out": m{}, "another": m{"c0": work(baseSHA, pullsOf(0))}, "no list": m{"c0": work(headSHA, nil)},
		"no entries": m{"c0": work(headSHA, m{"totalCount": 1, "nodes": nil})}, "a null": m{"c0": work(headSHA, pullsOf(1, nil))}, "null": nil,
	} {
		f := newForge(t, Config{})
		f.query = func(string, m) any { return m{"data": m{"about": m{"databaseId": repoID}, "repository": repo}} }
		if got, err := f.hub.RangePulls(t.Context(), aRelease(), []string{headSHA}); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestATimeoutThatComesAsAnAnswerIsAskedByHalves(t *testing.T) {
	f := newForge(t, Config{})
	var shas []string
	for i := range 60 {
		shas = append(shas, fmt.Sprintf("%040x", i+1))
	}
	f.query = func(_ string, vars m) any {
		n := len(vars) - 2
		if n > 20 {
			return m{"data": nil, "errors": []any{m{"message": "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."}}}
		}
		repo := m{}
		for i := range n {
			repo[fmt.Sprintf("c%d", i)] = work(vars[fmt.Sprintf("c%d", i)].(string), pullsOf(0))
		}
		return m{"data": m{"about": m{"databaseId": repoID}, "repository": repo}}
	}
	got, err := f.hub.RangePulls(t.Context(), aRelease(), shas)
	if err != nil || len(got) != 60 || len(f.seen) != 7 {
		t.Errorf("%d of 60 in %d requests, %v", len(got), len(f.seen), err)
	}
	f.query = func(string, m) any { return m{"errors": []any{m{"type": "NOT_FOUND", "message": "no"}}} }
	f.seen = nil
	if _, err := f.hub.RangePulls(t.Context(), aRelease(), shas); err == nil || len(f.seen) != 1 {
		t.Errorf("%v after %d requests", err, len(f.seen))
	}
}
