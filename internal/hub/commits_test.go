package hub

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func comparison(files ...any) m {
	if files == nil {
		files = []any{}
	}
	return m{"status": "ahead", "files": files, "merge_base_commit": m{"sha": oldSHA, "commit": m{"committer": m{"date": "2026-01-01T01:00:00+01:00"}}}}
}

func TestADifferenceHasItsLinesAndSaysWhetherItIsWhole(t *testing.T) {
	f := newForge(t, Config{})
	changed := restFile("a.go", "modified", headSHA)
	changed["patch"] = "@@ -1,2 +1 @@\n-a\n-b\n+c"
	answer := comparison(changed, restFile("b.bin", "modified", headSHA))
	f.rest[comparePath] = func(*http.Request) any { return answer }
	got, err := f.hub.Between(t.Context(), subject, baseSHA, headSHA)
	want := checks.Difference{MergeBase: oldSHA, MergeBaseAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Whole: true, Files: []checks.File{
		{Path: "a.go", Status: "modified", SHA: "b-a.go", Additions: 1, Deletions: 2, Added: checks.Spans{{Start: 1, End: 1}}, Removed: checks.Spans{{Start: 1, End: 2}}, LinesKnown: true},
		{Path: "b.bin", Status: "modified", SHA: "b-b.bin", Additions: 1, Deletions: 2},
	}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	pull := aPull()
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Changes: []string{headSHA}}); err != nil || len(pull.Memory.Changes[headSHA].Files) != 2 {
		t.Fatal(err)
	}
	if file := pull.Memory.Changes[headSHA].Files[0]; file.LinesKnown || file.Added != nil || file.Removed != nil {
		t.Errorf("a fingerprint keeps lines: %+v", file)
	}
	for n, whole := range map[int]bool{0: true, 299: true, 300: false} {
		list := []any{}
		for i := range n {
			list = append(list, restFile(fmt.Sprint(i), "modified", headSHA))
		}
		answer = comparison(list...)
		if got, err := f.hub.Between(t.Context(), subject, baseSHA, headSHA); err != nil || got.Whole != whole || len(got.Files) != n {
			t.Errorf("%d files: %d, whole %v, %v", n, len(got.Files), got.Whole, err)
		}
	}
	answer = comparison()
	delete(answer, "files")
	if got, err := f.hub.Between(t.Context(), subject, baseSHA, headSHA); err != nil || got.Whole {
		t.Errorf("no list of files: %+v, %v", got, err)
	}
	delete(f.rest, comparePath)
	for _, head := range []string{headSHA, "main"} {
		if got, err := f.hub.Between(t.Context(), subject, baseSHA, head); err != nil || !cmp.Equal(got, checks.Difference{}) {
			t.Errorf("GitHub has no such commit: %+v, %v", got, err)
		}
	}
}

func sha(n int) string { return fmt.Sprintf("%040x", n) }

// line answers for a history in which commit n follows n-1, back to 1, and each
// has merged in another commit that stands between them.
func (f *forge) line(op string, vars m) any {
	if op != "History" {
		f.t.Errorf("asked %s", op)
	}
	nodes := []any{}
	var n int
	_, _ = fmt.Sscanf(vars["oid"].(string), "%x", &n)
	for ; n >= 1 && len(nodes) < 100; n-- {
		parents := []any{m{"oid": sha(n - 1)}}
		total := 2
		if n == 1 {
			parents, total = []any{}, 0
		}
		nodes = append(nodes, m{"oid": sha(n), "parents": m{"totalCount": total, "nodes": parents}},
			m{"oid": sha(n + 100000), "parents": m{"totalCount": 1, "nodes": []any{m{"oid": sha(1)}}}})
	}
	return m{"data": m{"repository": m{"databaseId": repoID, "object": m{"history": list(nodes[:min(100, len(nodes))]...)}}}}
}

func TestFirstParentsAreFollowedPastWhatWasMergedIn(t *testing.T) {
	for _, c := range []struct{ from, n, want, asked int }{{400, 50, 50, 1}, {400, 51, 51, 2}, {30, 50, 30, 1}, {1, 50, 1, 1}, {4000, 1000, 250, 5}} {
		f := newForge(t, Config{})
		f.query = f.line
		got, err := f.hub.FirstParents(t.Context(), subject, sha(c.from), c.n)
		if err != nil || len(got) != c.want || got[0] != sha(c.from) || got[len(got)-1] != sha(c.from-c.want+1) {
			t.Errorf("%+v: %d commits, %v", c, len(got), err)
		}
		if n := f.hub.Counts()[Operation{GraphQL, "history"}]; n != c.asked {
			t.Errorf("%+v: asked %d times", c, n)
		}
	}
}

func TestAHistoryThatIsNotWhatWasAskedForIsAnError(t *testing.T) {
	commit := func(parents any) m { return m{"oid": headSHA, "parents": parents} }
	for name, repo := range map[string]any{
		"no repository":              nil,
		"another repository":         m{"databaseId": 1, "object": m{"history": list(commit(m{"totalCount": 0, "nodes": []any{}}))}},
		"no commit":                  m{"databaseId": repoID, "object": nil},
		"another commit":             m{"databaseId": repoID, "object": m{"history": list(m{"oid": oldSHA, "parents": m{"totalCount": 0, "nodes": []any{}}})}},
		"not a commit":               m{"databaseId": repoID, "object": m{}},
		"a commit left out":          m{"databaseId": repoID, "object": m{"history": list(nil)}},
		"parents left out":           m{"databaseId": repoID, "object": m{"history": list(commit(nil))}},
		"the first parent left out":  m{"databaseId": repoID, "object": m{"history": list(commit(m{"totalCount": 1, "nodes": []any{}}))}},
		"the first parent not shown": m{"databaseId": repoID, "object": m{"history": list(commit(m{"totalCount": 1, "nodes": []any{nil}}))}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.query = func(string, m) any { return m{"data": m{"repository": repo}} }
			got, err := f.hub.FirstParents(t.Context(), subject, headSHA, 50)
			if e, ok := errors.AsType[*Error](err); !ok || e.Moved != (name == "no commit") {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	f := newForge(t, Config{})
	f.query = func(string, m) any {
		return m{"data": m{"repository": m{"databaseId": repoID, "object": nil}}, "errors": []any{m{"type": "SERVICE_UNAVAILABLE", "path": []any{"repository", "object"}}}}
	}
	if _, err := f.hub.FirstParents(t.Context(), subject, headSHA, 50); err == nil {
		t.Error("no error")
	}
}

func TestATestMergeOfAnotherHeadIsNotTheHeads(t *testing.T) {
	parents := func(oids ...any) m {
		nodes := []any{}
		for _, o := range oids {
			if o != nil {
				o = m{"oid": o}
			}
			nodes = append(nodes, o)
		}
		return m{"oid": "m1", "parents": m{"nodes": nodes}}
	}
	for name, c := range map[string]struct {
		merge any
		want  checks.TestMerge
	}{
		"none":                {nil, checks.TestMerge{}},
		"of this head":        {parents(baseSHA, headSHA), checks.TestMerge{SHA: "m1", Onto: baseSHA, Head: headSHA}},
		"of an earlier head":  {parents(baseSHA, oldSHA), checks.TestMerge{}},
		"the head is first":   {parents(headSHA, baseSHA), checks.TestMerge{}},
		"a parent not shown":  {parents(nil, headSHA), checks.TestMerge{}},
		"one parent":          {parents(headSHA), checks.TestMerge{}},
		"parents not shown":   {m{"oid": "m1", "parents": nil}, checks.TestMerge{}},
		"its id is not shown": {m{"oid": "", "parents": parents(baseSHA, headSHA)["parents"]}, checks.TestMerge{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.shows(set(ordinary(), c.merge, "repository", "pullRequest", "potentialMergeCommit"))
			pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
			if err != nil || pull.Merge != c.want {
				t.Errorf("%+v, %v", pull.Merge, err)
			}
		})
	}
}
