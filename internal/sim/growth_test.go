package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// A range of a size that a release may have: every commit is listed, page by page, and
// every one but the last few leads to its pull request.
func TestALongRangeIsNotListedWhole(t *testing.T) {
	c, repo, h := shelf(t)
	if err := repo.Tag("alice", "v1", "main", false); err != nil {
		t.Fatal(err)
	}
	_ = heard(t, c.gh, h)
	const commits, pulls, direct = 500, 200, 5
	made, err := repo.Grow(sim.Growth{Commits: commits, Pulls: pulls, Direct: direct, People: []string{"alice", "bob", "carl"}})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "grown", heard(t, c.gh, h))
	if err := repo.PushTags("alice", sim.NewTag{Name: "v2", SHA: "main", Annotated: true}); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for path := "/repos/acme/shop/compare/v1...v2?per_page=100&page=1"; path != ""; {
		a := c.must(200, "GET", path, nil)
		for i := range a.body["commits"].([]any) {
			listed = append(listed, fmt.Sprint(dig(a.body, "commits", i, "sha")))
		}
		if a.body["total_commits"] != float64(commits) {
			t.Fatalf("there are %v commits in all", a.body["total_commits"])
		}
		path = next(a)
	}
	slices.Sort(made)
	if slices.Sort(listed); len(listed) != commits || !slices.Equal(slices.Compact(listed), made) {
		t.Fatalf("%d commits are listed, %d were made", len(listed), len(made))
	}
	if newest := c.must(200, "GET", "/repos/acme/shop/compare/v1...v2", nil).body["commits"].([]any); len(newest) != 250 || dig(newest, 249, "sha") != repo.Branch("main") {
		t.Errorf("without pages there are %d", len(newest))
	}
	found, none := map[any]bool{}, 0
	for chunk := range slices.Chunk(listed, 150) {
		var q strings.Builder
		for i, sha := range chunk {
			fmt.Fprintf(&q, " c%d: object(oid: %q) { ... on Commit { oid associatedPullRequests(first: 10) { totalCount nodes { number merged mergeCommit { oid } } } } }", i, sha)
		}
		data := dig(c.query("{ repository(owner: \"acme\", name: \"shop\") {"+q.String()+"} }", nil), "repository")
		for i := range chunk {
			all := dig(data, fmt.Sprintf("c%d", i), "associatedPullRequests")
			switch dig(all, "totalCount") {
			case 0.0:
				none++
			case 1.0:
				found[dig(all, "nodes", 0, "number")] = true
			default:
				t.Errorf("a commit is of %v", all)
			}
		}
	}
	if len(found) != pulls || none != direct {
		t.Errorf("%d pull requests, and %d commits without one", len(found), none)
	}
	if got := c.must(200, "GET", "/repos/acme/shop/commits/"+listed[0]+"/pulls", nil).list; len(got) > 1 {
		t.Errorf("REST says %v of a commit", got)
	}
	pages := 0
	for path := "/repos/acme/shop/commits?sha=v2&per_page=100"; path != ""; pages++ {
		path = next(c.must(200, "GET", path, nil))
	}
	if pages != 6 {
		t.Errorf("the whole history has %d pages", pages)
	}
}

// next is the path of the next page; "" after the last.
func next(a answer) string {
	for link := range strings.SplitSeq(a.header.Get("Link"), ", ") {
		if at, ok := strings.CutSuffix(link, `>; rel="next"`); ok {
			return at[strings.Index(at, "/api/v3")+len("/api/v3"):]
		}
	}
	return ""
}

func TestAHistoryIsGrownFromNothing(t *testing.T) {
	_, repo, _ := shelf(t)
	for _, g := range []sim.Growth{{Commits: 1, Pulls: 2}, {Commits: 1}, {Commits: 1, Direct: 2, Pulls: 1}} {
		if _, err := repo.Grow(g); err == nil {
			t.Errorf("%+v grows", g)
		}
	}
	made, err := repo.Grow(sim.Growth{Commits: 3, Direct: 3})
	if err != nil || len(made) != 3 || made[2] != repo.Branch("main") {
		t.Errorf("%v, %v", made, err)
	}
}
