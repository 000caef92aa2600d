package hub

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const commitPath = "/repos/acme/shop/commits/" + headSHA

// commit is a commit as REST tells it, with some files of one line each.
func commit(parents []string, files ...m) m {
	of := []any{}
	for _, p := range parents {
		of = append(of, m{"sha": p})
	}
	list := []any{}
	for _, f := range files {
		list = append(list, f)
	}
	return m{"sha": headSHA, "parents": of, "files": list, "stats": m{"total": len(files)}}
}

func added(path string) m {
	return m{"filename": path, "status": "added", "sha": "b-" + path, "additions": 1, "deletions": 0, "patch": "@@ -0,0 +1 @@\n+" + path,
		"contents_url": "https://api.test/repos/acme/shop/contents/x?ref=" + headSHA}
}

func paths(p checks.Patch) string {
	var out []string
	for _, f := range p.Files {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

func TestTheTextsThatCameWithTheFilesAreNotAskedForAgainAndHandedOverOnce(t *testing.T) {
	f := newForge(t, Config{})
	f.rest[filesPath] = func(*http.Request) any { return []any{added("a")} }
	pull := aPull()
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Files: true}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 2} {
		got, err := f.hub.PullPatch(t.Context(), subject, &pull)
		if err != nil || got.Commit != "" || got.Cut || paths(got) != "a" || got.Files[0].Text != "@@ -0,0 +1 @@\n+a" {
			t.Errorf("%+v, %v", got, err)
		}
		if lines, ok := got.Files[0].Lines(); !ok || len(lines) != 1 {
			t.Errorf("%v %v", lines, ok)
		}
		if n := len(strings.Fields(f.asked())); n != want {
			t.Errorf("round %d: %d requests, want %d", i, n, want)
		}
	}
	for op, want := range map[string]int{opFiles: 1, opPullPatch: 1} {
		if n := f.hub.Counts()[Operation{REST, op}]; n != want {
			t.Errorf("%s was counted %d times", op, n)
		}
	}
}

func TestTextsOfAnotherHeadOrBaseOrOfLongAgoAreNotHandedOver(t *testing.T) {
	pull := aPull()
	key := patchOf(subject, &pull)
	big := func(size int) checks.Patch {
		return checks.Patch{Files: []checks.PatchFile{{Text: strings.Repeat("x", size)}}}
	}
	for name, change := range map[string]func(*checks.Pull){
		"head":   func(p *checks.Pull) { p.Head.SHA = oldSHA },
		"base":   func(p *checks.Pull) { p.Base.SHA = oldSHA },
		"target": func(p *checks.Pull) { p.Base.Name = "next" },
	} {
		var o handover
		o.put(key, big(1), time.Now())
		other := pull
		change(&other)
		if _, ok := o.take(patchOf(subject, &other)); ok {
			t.Errorf("another %s has these texts", name)
		}
	}
	var o handover
	start := time.Now()
	numbered := func(n int) patchKey { return patchKey{at: fmt.Sprint(n)} }
	for n := range 20 {
		o.put(numbered(n), big(1<<20), start)
		if o.bytes > handoverBytes {
			t.Fatalf("%d bytes are kept", o.bytes)
		}
	}
	o.put(numbered(99), big(handoverBytes+1), start)
	_, first := o.take(numbered(0))
	_, large := o.take(numbered(99))
	_, last := o.take(numbered(19))
	if first || large || !last {
		t.Errorf("first %v, too large %v, last %v", first, large, last)
	}
	if o.put(numbered(100), big(1), start.Add(handoverTime)); len(o.kept) != 1 {
		t.Errorf("%d patches are kept for too long", len(o.kept)-1)
	}
}

func TestATextThatIsTooLargeToBeKeptIsSaidToBeUnread(t *testing.T) {
	f := newForge(t, Config{})
	text := "@@ -0,0 +1 @@\n+" + strings.Repeat("x", handoverBytes/2)
	f.rest[filesPath] = func(*http.Request) any {
		var list []any
		for _, name := range []string{"a", "b", "c"} {
			file := added(name)
			file["patch"] = text
			list = append(list, file)
		}
		return list
	}
	pull := aPull()
	pull.FileCount = 3
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Files: true}); err != nil || len(pull.Files) != 3 || !pull.Files[2].LinesKnown {
		t.Fatalf("%d files, %v", len(pull.Files), err)
	}
	if f.hub.patches.bytes != 0 {
		t.Error("a part of the texts is kept")
	}
	got, err := f.hub.PullPatch(t.Context(), subject, &pull)
	if err != nil || got.Files[2].Text != text || got.Files[2].Unread != "" {
		t.Errorf("asked for by itself: %v", err)
	}
	list := patchList{room: 10}
	for _, size := range []int{6, 5, 4} {
		patch := strings.Repeat("x", size)
		list.add([]*github.CommitFile{{Patch: &patch}})
	}
	if list.files[0].Unread != "" || list.files[1].Unread == "" || list.files[1].Text != "" || list.files[2].Unread != "" || !list.full {
		t.Errorf("%+v", list)
	}
}

func TestAPatchOfAMovedHeadIsNotTaken(t *testing.T) {
	f := newForge(t, Config{})
	f.rest[filesPath] = func(*http.Request) any { return []any{restFile("a", "modified", oldSHA)} }
	pull := aPull()
	_, err := f.hub.PullPatch(t.Context(), subject, &pull)
	if e, ok := errors.AsType[*Error](err); !ok || !e.HasMoved() {
		t.Errorf("%v", err)
	}
}

func TestAPullRequestOverGitHubsLimitIsKnownToBeCut(t *testing.T) {
	f := newForge(t, Config{RESTPoints: -1})
	f.rest[filesPath] = f.paged("files", 3100, func(i int) any { return added(fmt.Sprint(i)) })
	list := f.rest[filesPath]
	f.rest[filesPath] = func(r *http.Request) any {
		rep := list(r).(reply)
		rep.body = rep.body.(m)["files"]
		return rep
	}
	f.query = func(string, m) any {
		return dated(m{"data": m{"node": m{"headRefOid": headSHA, "baseRefName": "main", "baseRef": m{"target": m{"oid": baseSHA}}}}}, "Thu, 01 Jan 2026 01:00:00 GMT")
	}
	pull := aPull()
	pull.FileCount = 3100
	got, err := f.hub.PullPatch(t.Context(), subject, &pull)
	if err != nil || !got.Cut || len(got.Files) != fileLimit {
		t.Errorf("%d files, cut %v, %v", len(got.Files), got.Cut, err)
	}
}

func TestACommitsPagesAreAllReadAndWhatIsCutIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		total, pages int // of 300
		counted      int // lines by GitHub's own account
		files        int
		cut          bool
	}{
		"one page":                      {total: 300, pages: 1, counted: 300, files: 300},
		"two pages":                     {total: 301, pages: 2, counted: 301, files: 301},
		"exactly the limit":             {total: 3000, pages: 10, counted: 3000, files: 3000, cut: true},
		"over the limit":                {total: 4000, pages: 10, counted: 4000, files: 3000, cut: true},
		"a server that does not page":   {total: 300, pages: 1, counted: 301, files: 300, cut: true},
		"a commit that changes nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{RESTPoints: -1})
			f.rest[commitPath] = func(r *http.Request) any {
				page := 1
				_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
				var files []m
				for i := (page - 1) * 300; i < min(page*300, c.total); i++ {
					files = append(files, added(fmt.Sprint(i)))
				}
				body := commit([]string{oldSHA}, files...)
				body["stats"] = m{"total": c.counted}
				rep := reply{body: body, header: map[string]string{}}
				if page < c.pages || c.pages == 10 {
					rep.header["Link"] = fmt.Sprintf(`<%s/api/v3%s?page=%d>; rel="next"`, f.url, commitPath, page+1)
				}
				return rep
			}
			got, err := f.hub.CommitPatch(t.Context(), subject, headSHA)
			if err != nil || len(got.Files) != c.files || got.Cut != c.cut || got.Commit != headSHA || len(got.Parents) != 1 {
				t.Errorf("%d files, cut %v, of %s: %v", len(got.Files), got.Cut, got.Commit, err)
			}
			if n := len(strings.Fields(f.asked())); n != max(c.pages, 1) {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestAMergesComparisonThatMayBeCutIsKnownToBe(t *testing.T) {
	f := newForge(t, Config{})
	f.rest[commitPath] = func(*http.Request) any { return commit([]string{oldSHA, baseSHA}, added("a")) }
	compare := func(n int) func(*http.Request) any {
		return func(*http.Request) any {
			list := []any{}
			for i := range n {
				list = append(list, added(fmt.Sprint(i)))
			}
			return m{"files": append(list, added("a"))}
		}
	}
	at := "/repos/acme/shop/compare/" + baseSHA + "..." + headSHA
	for n, cut := range map[int]bool{298: false, 299: true} {
		f.rest[at] = compare(n)
		got, err := f.hub.CommitPatch(t.Context(), subject, headSHA)
		if err != nil || got.Cut != cut || paths(got) != "a" {
			t.Errorf("%d files: %s, cut %v, %v", n+1, paths(got), got.Cut, err)
		}
	}
	f.rest[at] = func(*http.Request) any { return m{} }
	if _, err := f.hub.CommitPatch(t.Context(), subject, headSHA); err == nil {
		t.Error("a merge whose comparison has no files is taken for one that changes nothing")
	}
	delete(f.rest, at)
	if _, err := f.hub.CommitPatch(t.Context(), subject, headSHA); !isFault(err) {
		t.Errorf("a merge whose parent is gone: %v", err)
	}
}

func TestACommitThatGitHubDoesNotShowIsAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		rep  reply
		want string
	}{
		"gone":         {reply{status: 422, body: m{"message": "No commit found for SHA: " + headSHA}}, "does not have the commit"},
		"not found":    {reply{status: 404, body: m{"message": "Not Found"}}, "does not have the commit"},
		"empty":        {reply{status: 409, body: m{"message": "Git Repository is empty."}}, "does not have the commit"},
		"too large":    {reply{status: 422, body: m{"message": "Server Error: Sorry, this diff is taking too long to generate."}}, "does not show"},
		"too large, 5": {reply{status: 500, body: m{"message": "Server Error: Sorry, this diff is taking too long to generate."}}, "does not show"},
	} {
		f := newForge(t, Config{})
		f.rest[commitPath] = func(*http.Request) any { return c.rep }
		if _, err := f.hub.CommitPatch(t.Context(), subject, headSHA); !isFault(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoErrorHoldsTheTextOfAPatch(t *testing.T) {
	secret := strings.Join([]string{"hunter", "two"}, "-")
	for name, body := range map[string]any{
		"of another commit": m{"sha": oldSHA, "files": []any{m{"filename": "a", "patch": secret}}},
		"of another kind":   m{"sha": headSHA, "files": []any{m{"filename": 5, "patch": secret}}},
		"a number for it":   []byte(`{"sha": "` + headSHA + `", "files": [{"patch": "` + secret + `", "additions": "` + secret + `"}]}`),
		"cut":               []byte(`{"sha": "` + headSHA + `", "files": [{"patch": "` + secret),
		"no JSON":           []byte(secret),
	} {
		f := newForge(t, Config{})
		f.rest[commitPath] = func(*http.Request) any { return body }
		f.rest[filesPath] = func(*http.Request) any { return body }
		pull := aPull()
		_, one := f.hub.CommitPatch(t.Context(), subject, headSHA)
		_, two := f.hub.PullPatch(t.Context(), subject, &pull)
		if one == nil || two == nil || strings.Contains(one.Error()+two.Error(), secret) {
			t.Errorf("%s: %v, %v", name, one, two)
		}
	}
}
