package hub

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func date(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAnOrdinaryPullRequestIsReadInOneRequestAndNothingIsLost(t *testing.T) {
	f := newForge(t, Config{})
	f.query = func(string, m) any {
		return dated(m{"data": ordinary(), "errors": floorMissing()}, "Thu, 01 Jan 2026 00:11:00 GMT")
	}
	pull, sources, err := f.hub.Read(t.Context(), subject, checks.Need{Users: []string{"Frank"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := func(minute int) time.Time { return date(fmt.Sprintf("2026-01-01T00:%02d:00Z", minute)) }
	ann := checks.Signature{Name: "Ann", Email: "ann@acme.test", Login: "ann"}
	want := checks.Pull{
		At: at(11), Repo: checks.Repo{ID: repoID, Owner: "acme", Name: "shop", Private: true, DefaultBranch: "main"},
		Number: 12, ID: "PR_1", Title: "Add a cart", Body: "Closes #3", Author: checks.Actor{Login: "ann", ID: 3}, Open: true,
		CreatedAt: at(0), UpdatedAt: at(10), BodyEdited: at(8), BaseChangedAt: at(3), AppID: appID,
		Base: checks.Ref{Name: "main", SHA: baseSHA, RepoID: repoID}, Head: checks.Ref{Name: "cart", SHA: headSHA, RepoID: repoID},
		Labels: []string{"bug"}, FileCount: 2, Lines: 13, CommitCount: 1,
		Commits: []checks.Commit{{SHA: headSHA, Message: "Add a cart", Author: ann, Committer: ann, CoAuthors: []checks.Signature{{Name: "Dan", Email: "dan@x.test"}}}},
		Reviews: []checks.Review{
			{ID: 5001, Author: checks.Actor{Login: "bob", ID: 3}, State: "APPROVED", Commit: headSHA, Submitted: at(5)},
			{ID: 5002, Author: checks.Actor{Login: "zoe", ID: 3}, State: "DISMISSED", Body: "no", Submitted: at(6), Edited: at(7), DismissedBy: "bob"},
		},
		Comments:  []checks.Comment{{ID: 6001, Author: checks.Actor{Login: "yan", ID: 3}, Body: "+1", Created: at(4)}},
		Requested: []string{"bob"}, RequestedTeams: []string{"acme/web"},
		Closing: []checks.Issue{{Number: 3, Repo: "acme/shop", Title: "Cart", Open: true}},
		Runs: []checks.Run{
			{ID: "CR_1", DatabaseID: 8589934592, Name: "build", AppID: 5, App: "ci", Status: "completed", Conclusion: "success", ExternalID: "x", URL: "https://ci.test/1", Started: at(1), Completed: at(2)},
			{ID: "SC_1", Name: "legacy", Context: true, Status: "completed", Conclusion: "failure", Started: at(2), Completed: at(2)},
			{ID: "SC_2", Name: "slow", Context: true, Creator: "ci", Status: "in_progress", Started: at(2)},
		},
		BranchRequires: []checks.Required{{Name: "build", AppID: 5}, {Name: "lint"}},
		People: map[string]checks.Person{
			"ann": {Login: "Ann", Permission: "write"}, "bob": {Login: "bob", Permission: "admin"},
			"zoe": {Login: "zoe", Permission: "none"}, "yan": {Login: "yan", Permission: "none"},
			"frank": {Login: "Frank", Permission: "none"}, "carl": {Login: "Carl", Permission: "none"},
		},
		Teams:  map[string]checks.Team{},
		Owners: checks.OwnersFile{Path: "CODEOWNERS", Text: "* @bob @acme/web @Carl\n"},
	}
	if d := cmp.Diff(want, pull); d != "" {
		t.Error(d)
	}
	wantSources := []checks.Source{
		{Repo: "acme/shop", Path: ".github/handrail.yml", Commit: baseSHA, Blob: "b1", Text: "version: 1\n"},
		{Repo: "acme/.github", Path: "handrail.yml", Absent: true, Floor: true},
	}
	if d := cmp.Diff(wantSources, sources); d != "" {
		t.Error(d)
	}
	if f.asked() != "Verdict" || f.mints != 1 {
		t.Errorf("asked %q and minted %d times", f.asked(), f.mints)
	}
}

func TestGhostsForksBotsAndImportsAreToldApart(t *testing.T) {
	f := newForge(t, Config{})
	data := ordinary()
	pr := data["repository"].(m)["pullRequest"].(m)
	pr["author"], pr["headRepository"], pr["statusCheckRollup"], pr["closingIssuesReferences"] = nil, nil, nil, nil
	pr["baseRef"].(m)["refUpdateRule"] = nil
	pr["commits"] = list(m{"commit": m{"oid": headSHA, "message": "", "committedViaWeb": true, "author": nil, "committer": m{"name": nil, "email": nil, "user": nil},
		"authors": m{"totalCount": 12, "nodes": []any{nil}}, "parents": m{"totalCount": 2}, "signature": m{"isValid": true, "wasSignedByGitHub": true}}})
	pr["reviews"] = list(
		m{"fullDatabaseId": "1", "state": "APPROVED", "body": "", "submittedAt": nil, "author": m{"__typename": "Bot", "login": "renovate", "databaseId": 8}, "commit": nil},
		m{"fullDatabaseId": "2", "state": "APPROVED", "body": "", "submittedAt": nil, "author": m{"__typename": "Mannequin", "login": "bob"}, "commit": nil},
		m{"fullDatabaseId": "3", "state": "APPROVED", "body": "", "submittedAt": nil, "author": nil, "commit": nil},
	)
	pr["reviewRequests"] = list(m{"requestedReviewer": nil})
	f.shows(data)
	pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCommit := checks.Commit{SHA: headSHA, Web: true, Merge: true, CoAuthorsCut: true, GitHubSigned: true, Verified: true}
	if d := cmp.Diff([]checks.Commit{wantCommit}, pull.Commits); d != "" {
		t.Error(d)
	}
	got := []checks.Actor{pull.Author, pull.Reviews[0].Author, pull.Reviews[1].Author, pull.Reviews[2].Author}
	want := []checks.Actor{{}, {Login: "renovate[bot]", ID: 8, Bot: true}, {Login: "bob[mannequin]", Bot: true}, {}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if pull.Head.RepoID != 0 || pull.Runs != nil || pull.Requested != nil || pull.People["bob[mannequin]"].Permission != "none" {
		t.Errorf("head repository %d, runs %v, requested %v, people %v", pull.Head.RepoID, pull.Runs, pull.Requested, pull.People)
	}
}

func TestAMergedPullRequestWhoseBaseIsGoneIsStillRead(t *testing.T) {
	f := newForge(t, Config{})
	data := set(set(ordinary(), nil, "repository", "pullRequest", "baseRef"), "MERGED", "repository", "pullRequest", "state")
	f.shows(data)
	pull, sources, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
	if err != nil || pull.Open || !pull.Merged || pull.Base.SHA != oldSHA || !sources[0].Absent || f.asked() != "Verdict" {
		t.Errorf("%v, %+v, %+v", err, pull, sources)
	}
}

func TestWhatGitHubLeavesOutIsAnErrorAndNeverNone(t *testing.T) {
	pr := func(p ...string) []string { return append([]string{"repository", "pullRequest"}, p...) }
	for name, c := range map[string]struct {
		value any
		path  []string
		fails []any
	}{
		"no reviews":                {path: pr("reviews")},
		"null reviews":              {path: pr("reviews", "nodes")},
		"a null review":             {value: []any{nil}, path: pr("reviews", "nodes")},
		"no comments":               {path: pr("comments")},
		"no labels":                 {path: pr("labels")},
		"no commits":                {path: pr("commits")},
		"a commit without parents":  {value: []any{m{"commit": m{"oid": headSHA, "message": "x"}}}, path: pr("commits", "nodes")},
		"a null commit":             {value: []any{m{"commit": nil}}, path: pr("commits", "nodes")},
		"no requests":               {path: pr("reviewRequests")},
		"no events":                 {path: pr("timelineItems")},
		"no rules":                  {path: pr("baseRef", "rules")},
		"no contexts":               {path: pr("statusCheckRollup", "contexts")},
		"a null context":            {value: []any{nil}, path: pr("statusCheckRollup", "contexts", "nodes")},
		"no base of an open one":    {path: pr("baseRef")},
		"no base commit":            {path: pr("baseRef", "target")},
		"no pull request":           {path: []string{"repository", "pullRequest"}},
		"no repository":             {path: []string{"repository"}},
		"fewer reviews than stated": {value: 7, path: pr("reviews", "totalCount")},
		"fewer checks than stated":  {value: 9, path: pr("statusCheckRollup", "contexts", "totalCount")},
		"fewer commits than stated": {value: 2, path: pr("commits", "totalCount")},
		"checks of another commit":  {value: oldSHA, path: pr("statusCheckRollup", "commit", "oid")},
		"another repository":        {value: 98, path: []string{"repository", "databaseId"}},
		"a failure":                 {value: "x", path: pr("title"), fails: []any{m{"message": "Something went wrong", "path": []any{"repository", "pullRequest", "mergeable"}}}},
		"a failure without a path":  {value: "x", path: pr("title"), fails: []any{m{"message": "timeout"}}},
		"a file that failed":        {path: pr("baseRef", "target", "policy"), fails: []any{m{"type": "SERVICE_UNAVAILABLE", "path": []any{"repository", "pullRequest", "baseRef", "target", "policy"}}}},
		"a floor that failed":       {path: []string{"floor"}, fails: []any{m{"type": "INTERNAL", "path": []any{"floor"}, "message": "x"}}},
		"a review not found":        {value: "x", path: pr("title"), fails: []any{m{"type": "NOT_FOUND", "path": []any{"repository", "pullRequest", "reviews", "nodes", 0, "commit"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			data := set(ordinary(), c.value, c.path...)
			f.query = func(string, m) any { return m{"data": data, "errors": append(floorMissing(), c.fails...)} }
			pull, sources, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
			if err == nil {
				t.Fatalf("read %+v, %+v", pull, sources)
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("%T: %v", err, err)
			}
		})
	}
}

func TestMissingFilesTeamsAndFloorsAreAnswers(t *testing.T) {
	f := newForge(t, Config{})
	data := ordinary()
	target := data["repository"].(m)["pullRequest"].(m)["baseRef"].(m)["target"].(m)
	target["policy"], target["owners1"], target["owners2"] = nil, nil, nil
	data["repository"].(m)["head"].(m)["policy"] = nil
	data["t0"], data["t1"], data["t2"] = m{"team": nil}, nil, m{"team": m{"members": list()}}
	miss := func(typ string, path ...any) any {
		return m{"type": typ, "path": path, "message": "Could not resolve file for path"}
	}
	base := []any{"repository", "pullRequest", "baseRef", "target"}
	fails := append(floorMissing(), miss("NOT_FOUND", append(base[:4:4], "policy")...), miss("NOT_FOUND", append(base[:4:4], "owners0")...),
		miss("NOT_FOUND", "repository", "head", "policy"), miss("NOT_FOUND", "t1"), miss("FORBIDDEN", "t0", "team"))
	f.query = func(string, m) any { return m{"data": data, "errors": fails} }
	pull, sources, err := f.hub.Read(t.Context(), subject, checks.Need{Teams: []string{"acme/sec", "other/x", "acme/empty"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !sources[0].Absent || !sources[1].Absent || pull.Owners.Path != "" || pull.Proposed != nil {
		t.Errorf("sources %+v, owners %+v, proposed %v", sources, pull.Owners, pull.Proposed)
	}
	want := map[string]checks.Team{"acme/sec": {Name: "acme/sec"}, "other/x": {Name: "other/x"}, "acme/empty": {Name: "acme/empty", Found: true}}
	if d := cmp.Diff(want, pull.Teams); d != "" {
		t.Error(d)
	}
}

func TestWhatIsGoneIsSaidToBeGone(t *testing.T) {
	for name, c := range map[string]struct {
		query func(string, m) any
		mint  int
		body  string
		gone  bool
	}{
		"pull request": {query: func(string, m) any {
			return m{"data": m{"repository": m{"pullRequest": nil}}, "errors": []any{m{"type": "NOT_FOUND", "path": []any{"repository", "pullRequest"}}}}
		}, gone: true},
		"repository": {query: func(string, m) any {
			return m{"data": m{"repository": nil}, "errors": []any{m{"type": "NOT_FOUND", "path": []any{"repository"}}}}
		}, gone: true},
		"renamed over":    {query: func(string, m) any { return m{"data": set(ordinary(), 3, "repository", "databaseId")} }, gone: true},
		"installation":    {mint: 404, body: "Not Found", gone: true},
		"suspended":       {mint: 403, body: "This installation has been suspended", gone: true},
		"our credentials": {mint: 401, body: "A JSON web token could not be decoded"},
		"GitHub is down":  {mint: 502, body: "Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			f.query = c.query
			if c.mint != 0 {
				f.mint = func(w http.ResponseWriter) bool {
					f.write(w, reply{status: c.mint, body: m{"message": c.body}})
					return true
				}
			}
			_, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Gone() != c.gone {
				t.Errorf("gone is %v for %v, want %v", ok && e.Gone(), err, c.gone)
			}
			want := 1
			if c.mint >= 500 {
				want = 2 // it may be over in a moment, so a question is asked once more
			}
			if c.mint != 0 && f.mints != want {
				t.Errorf("minted %d times, want %d", f.mints, want)
			}
		})
	}
}

func TestListsLongerThanAPageAreReadToTheirEnd(t *testing.T) {
	f := newForge(t, Config{})
	review := func(i int) any {
		return m{"fullDatabaseId": fmt.Sprint(i), "state": "COMMENTED", "body": "", "author": user("bob"), "commit": nil}
	}
	comment := func(i int) any {
		return m{"fullDatabaseId": fmt.Sprint(i), "body": "", "createdAt": "2026-01-01T00:00:00Z", "author": nil}
	}
	run := func(i int) any {
		return m{"__typename": "StatusContext", "id": fmt.Sprint(i), "context": fmt.Sprint("c", i), "state": "SUCCESS", "createdAt": "2026-01-01T00:00:00Z"}
	}
	commit := func(i int) any {
		return m{"commit": m{"oid": fmt.Sprintf("%040d", i), "message": "", "parents": m{"totalCount": 1}}}
	}
	slice := func(total, from, to, stop int, of func(int) any) m {
		nodes := []any{}
		for i := from; i < min(to, stop); i++ {
			nodes = append(nodes, of(i))
		}
		l := list(nodes...)
		if to < stop {
			l = cutList(total, fmt.Sprint(to), nodes...)
		}
		l["totalCount"] = total
		return l
	}
	page := func(vars m, name string) (from int) {
		_, _ = fmt.Sscan(vars[name].(string), &from)
		return from
	}
	f.query = func(op string, vars m) any {
		if op == "Verdict" {
			data := ordinary()
			pr := data["repository"].(m)["pullRequest"].(m)
			pr["reviews"], pr["comments"] = slice(250, 0, 100, 250, review), slice(101, 0, 100, 101, comment)
			pr["commits"] = slice(270, 0, 100, 250, commit)
			pr["statusCheckRollup"].(m)["contexts"] = slice(130, 0, 100, 130, run)
			tl := list(pr["timelineItems"].(m)["nodes"].([]any)...)
			tl["pageInfo"] = m{"hasPreviousPage": true, "startCursor": "t1"}
			pr["timelineItems"] = tl
			return m{"data": data, "errors": floorMissing()}
		}
		if vars["id"] != "PR_1" {
			t.Errorf("asked for more of %v", vars["id"])
		}
		node := m{"headRefOid": headSHA, "baseRefName": "main"}
		if vars["moreReviews"].(bool) {
			n := page(vars, "reviews")
			node["reviews"] = slice(250, n, n+100, 250, review)
		}
		if vars["moreCommits"].(bool) {
			n := page(vars, "commits")
			node["commits"] = slice(270, n, n+100, 250, commit)
		}
		if vars["moreComments"].(bool) {
			node["comments"] = slice(101, 100, 200, 101, comment)
		}
		if vars["moreContexts"].(bool) {
			node["statusCheckRollup"] = m{"commit": m{"oid": headSHA}, "contexts": slice(130, 100, 200, 130, run)}
		}
		if vars["moreTimeline"].(bool) {
			node["timelineItems"] = list(m{"__typename": "ReviewDismissedEvent", "actor": user("bob"), "review": m{"fullDatabaseId": "9"}})
		}
		return m{"data": m{"node": node}}
	}
	pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := []int{len(pull.Reviews), len(pull.Comments), len(pull.Runs), len(pull.Commits), pull.CommitCount}
	if d := cmp.Diff([]int{250, 101, 130, 250, 270}, got); d != "" {
		t.Error(d)
	}
	seen := map[int64]bool{}
	for _, r := range pull.Reviews {
		seen[r.ID] = true
	}
	if len(seen) != 250 || f.asked() != "Verdict More More" {
		t.Errorf("%d different reviews by %q", len(seen), f.asked())
	}
}

func TestAPullRequestThatMovesWhileItIsReadIsReadAgain(t *testing.T) {
	f := newForge(t, Config{})
	f.query = func(op string, _ m) any {
		if op == "More" {
			return m{"data": m{"node": m{"headRefOid": oldSHA, "baseRefName": "main"}}}
		}
		data := ordinary()
		data["repository"].(m)["pullRequest"].(m)["comments"] = cutList(2, "c", m{"fullDatabaseId": "1", "createdAt": "2026-01-01T00:00:00Z"})
		return m{"data": data, "errors": floorMissing()}
	}
	_, _, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
	if e, ok := errors.AsType[*Error](err); !ok || !e.Moved || e.Gone() {
		t.Errorf("read over two heads: %v", err)
	}
}

func TestHostileTextNeverReachesTheQuery(t *testing.T) {
	evil := "x\") { id } } #\u202e\x00\"; drop"
	f := newForge(t, Config{})
	texts := map[string]bool{}
	f.query = func(op string, vars m) any {
		data := ordinary()
		set(data, evil, "repository", "pullRequest", "title")
		for k, v := range vars {
			if s, ok := v.(string); ok && strings.Contains(s, "drop") {
				texts[k[:1]] = true
			}
		}
		data["repository"].(m)["collaborators"] = m{"totalCount": 500, "edges": []any{}}
		data["t0"], data["people"] = m{"team": nil}, m{"u0": people(evil, "ADMIN")}
		return m{"data": data, "errors": floorMissing()}
	}
	for range 2 { // only after the first read is it known that the list of people is too long
		pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{Teams: []string{"acme/" + evil}}, []string{strings.ReplaceAll(evil, " ", "-")})
		if err != nil {
			t.Fatal(err)
		}
		if pull.Title != evil {
			t.Errorf("title %q", pull.Title)
		}
		if p := pull.People[strings.ToLower(strings.ReplaceAll(evil, " ", "-"))]; p.Permission == "admin" {
			t.Error("somebody else's permission was taken")
		}
	}
	if !texts["s"] {
		t.Errorf("values did not go by variables: %v", texts)
	}
	if texts["u"] {
		t.Error("a login that nobody can have was asked for")
	}
}

func TestAFloorIsReadAtItsOwnCommit(t *testing.T) {
	f := newForge(t, Config{})
	data := ordinary()
	data["floor"] = m{"name": ".github", "owner": m{"login": "acme"}, "defaultBranchRef": m{"target": m{"oid": oldSHA, "policy": blobOf("f1", "version: 1\nx: y\n")}}}
	f.query = func(string, m) any { return m{"data": data} }
	_, sources, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := checks.Source{Repo: "acme/.github", Path: "handrail.yml", Commit: oldSHA, Blob: "f1", Text: "version: 1\nx: y\n", Floor: true}
	if d := cmp.Diff(want, sources[1]); d != "" {
		t.Error(d)
	}
}

func TestAPolicyThatGitHubCutsIsReadWholeOrBroken(t *testing.T) {
	long := strings.Repeat("# long\n", 90000)
	for name, c := range map[string]struct {
		object m
		blob   any
		text   string
		broken bool
	}{
		"cut, then whole":      {m{"__typename": "Blob", "text": long[:100], "isTruncated": true, "isBinary": false, "byteSize": len(long)}, reply{body: []byte(long)}, long, false},
		"cut, then cut":        {m{"__typename": "Blob", "text": long[:100], "isTruncated": true, "isBinary": false, "byteSize": len(long)}, reply{body: []byte(long[:50])}, "", true},
		"binary":               {m{"__typename": "Blob", "text": nil, "isTruncated": false, "isBinary": true, "byteSize": 10}, nil, "", true},
		"a directory":          {m{"__typename": "Tree"}, nil, "", true},
		"a submodule":          {nil, nil, "", true},
		"larger than any file": {m{"__typename": "Blob", "text": "v", "isTruncated": true, "isBinary": false, "byteSize": 2 << 20}, nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			data := ordinary()
			target := data["repository"].(m)["pullRequest"].(m)["baseRef"].(m)["target"].(m)
			target["policy"], target["owners1"] = m{"oid": "b1", "object": c.object}, m{"oid": "b1", "object": c.object}
			if c.object == nil {
				target["policy"], target["owners1"] = m{"oid": "b1", "object": nil}, m{"oid": "b1", "object": nil}
			}
			f.rest["/repos/acme/shop/git/blobs/b1"] = func(*http.Request) any { return c.blob }
			f.shows(data)
			pull, sources, err := f.hub.Read(t.Context(), subject, checks.Need{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			s := sources[0]
			if s.Absent || s.Text != c.text || (s.Broken != "") != c.broken {
				t.Errorf("absent %v, broken %q, %d bytes", s.Absent, s.Broken, len(s.Text))
			}
			if pull.Owners.Path == "" || pull.Owners.Cut != (c.broken && name != "larger than any file") && name != "larger than any file" {
				t.Errorf("owners %q cut %v", pull.Owners.Path, pull.Owners.Cut)
			}
		})
	}
}
