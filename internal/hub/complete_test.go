package hub

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func aPull() checks.Pull {
	return checks.Pull{
		Repo: checks.Repo{ID: repoID, Owner: "acme", Name: "shop", Private: true}, ID: "PR_1", Number: 12, Open: true,
		Base: checks.Ref{Name: "main", SHA: baseSHA}, Head: checks.Ref{Name: "cart", SHA: headSHA}, FileCount: 1,
	}
}

func restFile(path, status, at string) m {
	return m{"filename": path, "status": status, "sha": "b-" + path, "additions": 1, "deletions": 2,
		"contents_url": "https://api.test/repos/acme/shop/contents/x?ref=" + at}
}

const filesPath = "/repos/acme/shop/pulls/12/files"

func TestRenamedAndRemovedFilesAreReadWithTheirOldPaths(t *testing.T) {
	f := newForge(t, Config{})
	renamed := restFile("b.go", "renamed", headSHA)
	renamed["previous_filename"] = "a.go"
	f.rest[filesPath] = func(*http.Request) any { return []any{renamed, restFile("old.go", "removed", oldSHA)} }
	pull := aPull()
	pull.FileCount = 2
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Files: true}); err != nil {
		t.Fatal(err)
	}
	want := []checks.File{
		{Path: "b.go", Previous: "a.go", Status: "renamed", SHA: "b-b.go", Additions: 1, Deletions: 2},
		{Path: "old.go", Status: "removed", Mode: "gone", SHA: "b-old.go", Additions: 1, Deletions: 2},
	}
	if d := cmp.Diff(want, pull.Files); d != "" || !pull.FilesRead {
		t.Error(d)
	}
	if f.asked() != filesPath {
		t.Errorf("asked %q", f.asked())
	}
}

func TestFilesOfAnotherHeadAreNotTakenForThisOne(t *testing.T) {
	for name, c := range map[string]struct {
		files []any
		now   m
		moved bool
	}{
		"files name another head":     {files: []any{restFile("a", "modified", oldSHA)}, moved: true},
		"only removed, head moved":    {files: []any{restFile("a", "removed", oldSHA)}, now: m{"headRefOid": oldSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": baseSHA}}}, moved: true},
		"only removed, base moved":    {files: []any{restFile("a", "removed", oldSHA)}, now: m{"headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": oldSHA}}}, moved: true},
		"only removed, retargeted":    {files: []any{restFile("a", "removed", oldSHA)}, now: m{"headRefOid": headSHA, "baseRefName": "next", "baseRef": m{"target": m{"oid": baseSHA}}}, moved: true},
		"only removed, nothing moved": {files: []any{restFile("a", "removed", oldSHA)}, now: m{"headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": baseSHA}}}},
		"fewer than stated, moved":    {files: []any{}, now: m{"headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": oldSHA}}}, moved: true},
		"fewer than stated":           {files: []any{}, now: m{"headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": baseSHA}}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.rest[filesPath] = func(*http.Request) any { return c.files }
			f.query = func(string, m) any { return m{"data": m{"node": c.now}} }
			pull := aPull()
			err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Files: true})
			e, ok := errors.AsType[*Error](err)
			if (ok && e.Moved) != c.moved || (err == nil) != pull.FilesRead || !c.moved && err != nil {
				t.Errorf("%v, files read %v", err, pull.FilesRead)
			}
			if !c.moved && pull.FileCount != 1 {
				t.Errorf("%d files are said to be there", pull.FileCount)
			}
		})
	}
}

func TestAThousandFilesAreReadPageByPage(t *testing.T) {
	f := newForge(t, Config{})
	f.rest[filesPath] = func(r *http.Request) any {
		page := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		var list []any
		for i := range 100 {
			list = append(list, restFile(fmt.Sprintf("%d/%d", page, i), "added", headSHA))
		}
		next := ""
		if page < 10 {
			next = fmt.Sprintf(`<%s%s?page=%d&per_page=100>; rel="next"`, f.url, r.URL.Path, page+1)
		}
		return reply{header: map[string]string{"Link": next}, body: list}
	}
	f.query = func(string, m) any {
		return m{"data": m{"node": m{"headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": baseSHA}}}}}
	}
	pull := aPull()
	pull.FileCount = 1000
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Files: true}); err != nil || len(pull.Files) != 1000 {
		t.Errorf("%d files, %v", len(pull.Files), err)
	}
}

func TestEveryWantGetsAnAnswerEvenIfItIsNoAnswer(t *testing.T) {
	f := newForge(t, Config{})
	compare := func(commit string) string { return "/repos/acme/shop/compare/" + baseSHA + "..." + commit }
	cut, lost, foreign := strings.Repeat("4", 40), strings.Repeat("5", 40), "main; rm -rf /"
	f.rest[compare(oldSHA)] = func(*http.Request) any {
		return m{"status": "ahead", "files": []any{restFile("a", "modified", oldSHA)}}
	}
	f.rest[compare(cut)] = func(*http.Request) any {
		list := []any{}
		for i := range 300 {
			list = append(list, restFile(fmt.Sprint(i), "added", cut))
		}
		return m{"status": "ahead", "files": list}
	}
	f.query = func(op string, vars m) any {
		switch op {
		case "People":
			return m{"data": m{"repository": m{"databaseId": repoID},
				"people": m{"u0": people("Ann", "MAINTAIN"), "u1": people(), "u2": people("ann", "ADMIN")},
				"t0":     m{"team": m{"members": cutList(101, "c", m{"login": "x"})}}, "t1": m{"team": nil}}}
		case "Modes":
			return m{"data": m{"repository": m{
				"c0": m{"f0": m{"mode": 33261}, "f1": nil},
				"c1": nil,
			}}, "errors": []any{m{"type": "NOT_FOUND", "path": []any{"repository", "c0", "f1"}}}}
		}
		t.Errorf("asked %s with %v", op, vars)
		return nil
	}
	first := f.query
	f.query = func(op string, vars m) any {
		if op == "People" && vars["a0"] == "c" {
			nodes := []any{}
			for i := range 100 {
				nodes = append(nodes, m{"login": fmt.Sprint("m", i)})
			}
			last := list(nodes...)
			last["totalCount"] = 101
			return m{"data": m{"repository": m{"databaseId": repoID}, "t0": m{"team": m{"members": last}}}}
		}
		return first(op, vars)
	}
	pull := aPull()
	pull.FilesRead, pull.Files = true, []checks.File{{Path: "x", Status: "modified"}, {Path: "y", Status: "modified"}, {Path: "z", Status: "removed"}}
	shared := pull.Files
	w := checks.Wants{
		Users: []string{"ann", "bob", "mallory", "ci[bot]"}, Teams: []string{"acme/big", "acme/none", "nonsense"},
		Changes: []string{oldSHA, cut, lost, foreign},
		Modes:   map[string][]string{headSHA: {"x", "y"}, oldSHA: {"a"}},
	}
	if err := f.hub.Complete(t.Context(), subject, &pull, w); err != nil {
		t.Fatal(err)
	}
	wantPeople := map[string]checks.Person{
		"ann": {Login: "ann", Permission: "maintain"}, "bob": {Login: "bob", Permission: "none"},
		"mallory": {Login: "mallory", Permission: "none"}, "ci[bot]": {Login: "ci[bot]", Permission: "none"},
	}
	if d := cmp.Diff(wantPeople, pull.People); d != "" {
		t.Error(d)
	}
	if b := pull.Teams["acme/big"]; !b.Found || len(b.Members) != 101 {
		t.Errorf("%d members", len(b.Members))
	}
	for _, name := range []string{"acme/none", "nonsense"} {
		if x, ok := pull.Teams[name]; !ok || x.Found {
			t.Errorf("team %s: %v %v", name, x, ok)
		}
	}
	wantChanges := map[string]checks.Change{
		oldSHA: {Base: "main", Whole: true, Files: []checks.File{{Path: "a", Status: "modified", SHA: "b-a", Mode: "?", Additions: 1, Deletions: 2}}},
		cut:    {Base: "main"}, lost: {Base: "main"}, foreign: {Base: "main"},
	}
	if d := cmp.Diff(wantChanges, pull.Memory.Changes); d != "" {
		t.Error(d)
	}
	if pull.Files[0].Mode != "100755" || pull.Files[1].Mode != "?" || shared[0].Mode != "" {
		t.Errorf("modes %+v, shared %+v", pull.Files, shared)
	}
}

func TestPermissionsComeByRESTWhereGraphQLHidesThem(t *testing.T) {
	f := newForge(t, Config{})
	f.query = func(op string, vars m) any {
		if op == "Verdict" {
			data := ordinary()
			fails := floorMissing()
			if vars["collaborators"] == true {
				fails = append(fails, m{"type": "FORBIDDEN", "path": []any{"repository", "collaborators"}, "message": "Resource not accessible by integration"})
			}
			data["repository"].(m)["collaborators"] = nil
			data["people"] = nil
			return m{"data": data, "errors": append(fails, m{"type": "FORBIDDEN", "path": []any{"people", "u0"}})}
		}
		return m{"data": m{"repository": m{"databaseId": repoID}, "people": m{"u0": nil}}, "errors": []any{m{"type": "FORBIDDEN", "path": []any{"people", "u0"}}}}
	}
	f.rest["/repos/acme/shop/collaborators/bob/permission"] = func(*http.Request) any {
		return m{"permission": "write", "user": m{"login": "bob", "permissions": m{"admin": false, "maintain": true, "push": true}}}
	}
	for range 2 {
		pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, []string{"bob"})
		if err != nil {
			t.Fatal(err)
		}
		if len(pull.People) != 0 {
			t.Errorf("people %v", pull.People)
		}
		if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Users: []string{"bob", "eve"}}); err != nil {
			t.Fatal(err)
		}
		if pull.People["bob"].Permission != "maintain" || pull.People["eve"].Permission != "none" {
			t.Errorf("people %v", pull.People)
		}
	}
}

func TestAProposedPolicyIsShownOnlyWhenThePullRequestChangesIt(t *testing.T) {
	for name, c := range map[string]struct {
		head  m
		files []any
		want  *checks.ProposedPolicy
		asked string
	}{
		"changed": {m{"oid": headSHA, "policy": blobOf("b2", "version: 2\n")}, []any{restFile(".github/handrail.yml", "modified", headSHA), restFile("x", "added", headSHA)},
			&checks.ProposedPolicy{Path: ".github/handrail.yml", Text: "version: 2\n"}, "Verdict " + filesPath},
		"removed": {m{"oid": headSHA, "policy": nil}, []any{restFile(".github/handrail.yml", "removed", baseSHA), restFile("x", "added", headSHA)},
			&checks.ProposedPolicy{Path: ".github/handrail.yml", Removed: true}, "Verdict " + filesPath},
		"the base went on": {m{"oid": headSHA, "policy": blobOf("b0", "version: 0\n")}, []any{restFile("y", "added", headSHA), restFile("x", "added", headSHA)}, nil, "Verdict " + filesPath},
		"unchanged":        {m{"oid": headSHA, "policy": blobOf("b1", "version: 1\n")}, nil, nil, "Verdict"},
		"the ref lags":     {m{"oid": oldSHA, "policy": blobOf("b1", "version: 1\n")}, []any{restFile(".github/handrail.yml", "modified", headSHA), restFile("x", "added", headSHA)}, &checks.ProposedPolicy{Path: ".github/handrail.yml", Text: "version: 3\n"}, "Verdict Proposed " + filesPath},
		"there is no ref":  {nil, []any{restFile(".github/handrail.yml", "modified", headSHA), restFile("x", "added", headSHA)}, &checks.ProposedPolicy{Path: ".github/handrail.yml", Text: "version: 3\n"}, "Verdict Proposed " + filesPath},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.query = func(op string, vars m) any {
				if op == "Proposed" {
					if vars["oid"] != headSHA {
						t.Errorf("asked about %v", vars["oid"])
					}
					return m{"data": m{"repository": m{"head": m{"oid": headSHA, "policy": blobOf("b3", "version: 3\n")}}}}
				}
				data := ordinary()
				data["repository"].(m)["head"] = c.head
				if c.head == nil {
					data["repository"].(m)["head"] = nil
				}
				return m{"data": data, "errors": floorMissing()}
			}
			f.rest[filesPath] = func(*http.Request) any { return c.files }
			pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, pull.Proposed); d != "" {
				t.Error(d)
			}
			if f.asked() != c.asked {
				t.Errorf("asked %q", f.asked())
			}
		})
	}
}

func TestOpenPullRequestsInstallationsAndRepositoriesAreListedToTheirEnd(t *testing.T) {
	f := newForge(t, Config{})
	two := func(r *http.Request, first, second any) any {
		if r.URL.Query().Get("page") == "2" {
			return second
		}
		return reply{header: map[string]string{"Link": fmt.Sprintf(`<%s%s?page=2>; rel="next"`, f.url, r.URL.Path)}, body: first}
	}
	f.rest["/app"] = func(*http.Request) any { return m{"id": appID, "slug": "handrail", "name": "Handrail"} }
	f.rest["/app/installations"] = func(r *http.Request) any {
		return two(r, []any{m{"id": 1}, m{"id": 2, "suspended_at": "2026-01-01T00:00:00Z"}}, []any{m{"id": 3}})
	}
	repo := m{"id": repoID, "name": "shop", "owner": m{"login": "acme"}, "private": true, "archived": true, "default_branch": "main"}
	f.rest["/installation/repositories"] = func(r *http.Request) any {
		return two(r, m{"repositories": []any{repo}}, m{"repositories": []any{m{"id": 2}}})
	}
	f.rest["/repos/acme/shop/installation"] = func(*http.Request) any { return m{"id": 7} }
	f.rest["/repos/acme/shop"] = func(*http.Request) any { return repo }
	f.query = func(_ string, vars m) any {
		pr := m{"number": 12, "headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": baseSHA}}, "updatedAt": "2026-01-01T00:00:00Z",
			"labels": list(m{"name": "merge requirements met"}), "statusCheckRollup": m{"state": "SUCCESS"}}
		if vars["after"] == nil {
			return m{"data": m{"repository": m{"databaseId": repoID, "heads": list(), "tags": list(), "pullRequests": cutList(2, "n", pr)}}}
		}
		return m{"data": m{"repository": m{"databaseId": repoID, "pullRequests": list(m{"number": 13, "labels": list(), "updatedAt": "2026-01-01T00:00:00Z"})}}}
	}
	ctx := t.Context()
	if a, err := f.hub.App(ctx); err != nil || a != (App{ID: appID, Slug: "handrail", Name: "Handrail"}) {
		t.Errorf("%+v %v", a, err)
	}
	if got, err := f.hub.Installations(ctx); err != nil || !cmp.Equal(got, []int64{1, 3}) {
		t.Errorf("%v %v", got, err)
	}
	shop := checks.Repo{ID: repoID, Owner: "acme", Name: "shop", Private: true, Archived: true, DefaultBranch: "main"}
	if got, err := f.hub.Repos(ctx, 7); err != nil || !cmp.Equal(got, []checks.Repo{shop, {ID: 2}}) {
		t.Errorf("%v %v", got, err)
	}
	if s, err := f.hub.Find(ctx, "acme", "shop", 12); err != nil || s != subject {
		t.Errorf("%+v %v", s, err)
	}
	list, _, next, err := f.hub.OpenPulls(ctx, 7, shop, "")
	want := []checks.Glance{{Number: 12, Head: headSHA, Base: baseSHA, BaseName: "main", UpdatedAt: date("2026-01-01T00:00:00Z"), Labelled: true, Rollup: "SUCCESS"}}
	if d := cmp.Diff(want, list); err != nil || d != "" || next != "n" {
		t.Error(d, next, err)
	}
	if list, _, next, err = f.hub.OpenPulls(ctx, 7, shop, next); err != nil || len(list) != 1 || next != "" {
		t.Error(list, next, err)
	}
}
