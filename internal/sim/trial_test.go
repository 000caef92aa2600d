package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// push is a commit of alice's on a branch.
func push(t *testing.T, r *sim.Repo, branch string, files map[string]string) string {
	t.Helper()
	sha, err := r.Push(sim.Push{By: "alice", Branch: branch, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

// lines numbers lines, so that each is another.
func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

const trialQuery = `{ repository(owner: "acme", name: "shop") { pullRequest(number: 2) { mergeable mergeStateStatus
	potentialMergeCommit { oid parents(first: 2) { nodes { oid } } } } } }`

func TestTestMergeIsOfWhatWas(t *testing.T) {
	c, repo, _ := shop(t)
	base := push(t, repo, "main", map[string]string{"f": lines(1, 20)})
	head := push(t, repo, "work", map[string]string{"f": lines(1, 20) + "added\n"})
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Head: "work"})
	if err != nil {
		t.Fatal(err)
	}
	check := func(base, head string) string {
		t.Helper()
		pr := dig(c.query(trialQuery, nil), "repository", "pullRequest")
		m := fmt.Sprint(dig(pr, "potentialMergeCommit", "oid"))
		parents := dig(pr, "potentialMergeCommit", "parents", "nodes")
		if dig(parents, 0, "oid") != base || dig(parents, 1, "oid") != head || dig(pr, "mergeable") != "MERGEABLE" {
			t.Fatalf("test merge of %s and %s is %v", base, head, pr)
		}
		rest := c.must(200, "GET", "/repos/acme/shop/pulls/2", nil).body
		ref := c.must(200, "GET", "/repos/acme/shop/commits/"+"refs%2Fpull%2F2%2Fmerge", nil).body
		if rest["merge_commit_sha"] != m || rest["mergeable"] != true || ref["sha"] != m || pull.TestMerge() != m {
			t.Fatalf("REST has %v and %v, GraphQL %s", rest["merge_commit_sha"], ref["sha"], m)
		}
		return m
	}
	first := check(base, head)
	// The base moves the lines of the same file: they are in the merge.
	base = push(t, repo, "main", map[string]string{"f": "above\n" + lines(1, 20)})
	second := check(base, head)
	if text, err := repo.Read(second, "f"); err != nil || text != "above\n"+lines(1, 20)+"added\n" {
		t.Errorf("merged into %q, %v", text, err)
	}
	file := dig(c.must(200, "GET", "/repos/acme/shop/compare/"+base+"..."+second, nil).body, "files", 0)
	if patch := fmt.Sprint(dig(file, "patch")); dig(file, "filename") != "f" || !strings.HasPrefix(patch, "@@ -19,3 +19,4 @@") {
		t.Errorf("what the merge changes is %v", file)
	}
	head = push(t, repo, "work", map[string]string{"g": "g\n"})
	if third := check(base, head); third == second || second == first {
		t.Errorf("test merges are %s, %s, %s", first, second, third)
	}
}

func TestTestMergeIsThereTooSoon(t *testing.T) {
	c, repo, _ := shop(t)
	push(t, repo, "main", map[string]string{"f": "1\n"})
	push(t, repo, "work", map[string]string{"g": "1\n"})
	pull, err := repo.OpenPull(sim.NewPull{By: "alice", Head: "work"})
	if err != nil {
		t.Fatal(err)
	}
	before := pull.TestMerge()
	state := func(mergeable, status string, rest any, there bool) {
		t.Helper()
		pr := dig(c.query(trialQuery, nil), "repository", "pullRequest")
		got := c.must(200, "GET", "/repos/acme/shop/pulls/2", nil).body
		if dig(pr, "mergeable") != mergeable || dig(pr, "mergeStateStatus") != status || (dig(pr, "potentialMergeCommit") != nil) != there ||
			got["mergeable"] != rest || (got["merge_commit_sha"] != nil) != there {
			t.Fatalf("GraphQL has %v, REST %v and %v", pr, got["mergeable"], got["merge_commit_sha"])
		}
	}
	state("MERGEABLE", "CLEAN", true, true)
	c.gh.DelayTestMerges(true)
	state("MERGEABLE", "CLEAN", true, true)
	base := push(t, repo, "main", map[string]string{"f": "2\n"})
	state("UNKNOWN", "UNKNOWN", nil, false)
	ref := "/repos/acme/shop/commits/refs%2Fpull%2F2%2Fmerge"
	if got := c.must(200, "GET", ref, nil).body["sha"]; got != before {
		t.Errorf("the ref moved to %v without a merge", got)
	}
	c.gh.DelayTestMerges(false)
	state("MERGEABLE", "CLEAN", true, true)
	if got := c.must(200, "GET", ref, nil).body; dig(got, "parents", 0, "sha") != base {
		t.Errorf("the ref is at %v", got)
	}
	after := pull.TestMerge()
	push(t, repo, "work", map[string]string{"f": "3\n"})
	state("CONFLICTING", "DIRTY", false, false)
	if got := c.must(200, "GET", ref, nil).body["sha"]; got != after {
		t.Errorf("in a conflict the ref moves to %v", got)
	}
	c.gh.DelayTestMerges(true)
	push(t, repo, "work", map[string]string{"f": "1\n"})
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull})
	if state("MERGEABLE", "CLEAN", true, true); w.Tested() != pull.TestMerge() {
		t.Errorf("a run tests %s while the test merge is %s", w.Tested(), pull.TestMerge())
	}
}

func TestLimitsAreNotKept(t *testing.T) {
	c, repo, pull := shop(t)
	push(t, repo, "feature", map[string]string{"long": lines(1, 9), "wide": strings.Repeat("x", 999), "short": "1\n"})
	patches := func() (shown string) {
		files := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/pulls/%d/files", pull.Number), nil)
		for _, f := range files.list {
			if dig(f, "patch") != nil {
				shown += fmt.Sprint(dig(f, "filename"), " ")
			}
		}
		return shown
	}
	tree := func() any {
		return c.must(200, "GET", "/repos/acme/shop/git/trees/"+pull.Head()+"?recursive=1", nil).body["truncated"]
	}
	if patches() != "a.go long short wide " || tree() != false {
		t.Errorf("cut without need: %s, %v", patches(), tree())
	}
	c.gh.SetLimits(sim.Limits{PatchLines: 8, PatchBytes: 900, TreeEntries: 4})
	if patches() != "a.go short " || tree() != true {
		t.Errorf("not cut: %s, %v", patches(), tree())
	}
}

func TestHistoryIsOutOfOrder(t *testing.T) {
	w := newWork(t)
	w.write("a", "1")
	w.commit("one")
	w.git("checkout", "-q", "-b", "side")
	w.write("b", "1")
	w.commit("two")
	w.git("checkout", "-q", "main")
	w.write("a", "2")
	w.commit("three")
	w.git("merge", "-q", "--no-ff", "-m", "four", "side")
	want := strings.Fields(w.git("log", "--date-order", "--format=%H", "main"))
	c, repo, _ := shop(t)
	if err := repo.ImportBranch(w.dir, "main"); err != nil {
		t.Fatal(err)
	}
	var rest, graph []string
	for page := 1; page <= 2; page++ {
		for _, x := range c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/commits?sha=main&per_page=3&page=%d", page), nil).list {
			rest = append(rest, fmt.Sprint(dig(x, "sha")))
		}
	}
	query := `query($after: String) { repository(owner: "acme", name: "shop") { object(expression: "main") { ... on Commit {
		history(first: 3, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes { oid parents(first: 1) { nodes { oid } } } } } } } }`
	var after any
	for more := any(true); more == true; {
		h := dig(c.query(query, map[string]any{"after": after}), "repository", "object", "history")
		nodes, _ := dig(h, "nodes").([]any)
		for _, x := range nodes {
			graph = append(graph, fmt.Sprint(dig(x, "oid")))
		}
		after, more = dig(h, "pageInfo", "endCursor"), dig(h, "pageInfo", "hasNextPage")
	}
	if len(want) != 4 || fmt.Sprint(rest) != fmt.Sprint(want) || fmt.Sprint(graph) != fmt.Sprint(want) {
		t.Errorf("REST lists %v, GraphQL %v, git %v", rest, graph, want)
	}
	c.must(404, "GET", "/repos/acme/shop/commits?sha=none", nil)
	c.must(404, "GET", "/repos/acme/shop/commits?path=a", nil) // not supported, and said so
}
