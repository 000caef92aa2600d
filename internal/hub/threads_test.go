package hub

import (
	"errors"
	"net/http"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func aThread() m {
	return m{"path": "a.go", "line": nil, "isResolved": false, "isOutdated": true, "resolvedBy": nil, "comments": m{"nodes": []any{m{"author": nil}}}}
}

func TestConversationsThatGitHubLeavesOutAreAnErrorAndNeverNone(t *testing.T) {
	bare := list()
	bare["nodes"] = nil
	for name, threads := range map[string]any{"no list": nil, "a null list": bare, "a null in it": list(nil, aThread())} {
		f := newForge(t, Config{})
		f.query = func(op string, _ m) any {
			if op == "Threads" {
				return m{"data": m{"node": m{"headRefOid": headSHA, "reviewThreads": threads}}}
			}
			return m{"data": set(ordinary(), threads, "repository", "pullRequest", "reviewThreads"), "errors": floorMissing()}
		}
		if pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{Threads: true}, nil); err == nil {
			t.Errorf("%s: read %+v", name, pull.Threads)
		}
		pull := aPull()
		if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Threads: true}); err == nil || pull.ThreadsRead {
			t.Errorf("%s: completed with %+v", name, pull.Threads)
		}
	}
}

func TestACutListOfConversationsIsKnownByItsCount(t *testing.T) {
	f := newForge(t, Config{})
	short := list(aThread())
	short["totalCount"] = 7
	f.shows(set(ordinary(), short, "repository", "pullRequest", "reviewThreads"))
	pull, _, err := f.hub.Read(t.Context(), subject, checks.Need{Threads: true}, nil)
	if err != nil || pull.ThreadCount != 7 || len(pull.Threads) != 1 || !pull.ThreadsRead || pull.Threads[0] != (checks.Thread{Path: "a.go", Outdated: true}) {
		t.Errorf("%v, %d of %d: %+v", err, len(pull.Threads), pull.ThreadCount, pull.Threads)
	}
}

func TestALagThatGitHubDoesNotSayIsNotTakenForNone(t *testing.T) {
	const path = "/repos/acme/shop/compare/" + baseSHA + "..." + headSHA
	for name, c := range map[string]struct {
		answer any
		known  bool
		fails  bool
		moved  bool
	}{
		"said":                {m{"behind_by": 3, "files": []any{}}, true, false, false},
		"left out":            {m{"ahead_by": 3}, false, true, false},
		"less than none":      {m{"behind_by": -1}, false, true, false},
		"no common ancestor":  {reply{status: 404, body: m{"message": "No common ancestor between " + baseSHA + " and " + headSHA + "."}}, false, false, false},
		"not shown yet":       {reply{status: 404, body: m{"message": "Not Found"}}, false, true, true},
		"GitHub is not well":  {reply{status: 502}, false, true, false},
		"nothing that is any": {[]any{}, false, true, false},
	} {
		f := newForge(t, Config{})
		f.rest[path] = func(r *http.Request) any {
			if r.URL.Query().Get("page") != "2" || r.URL.Query().Get("per_page") != "1" {
				t.Errorf("asks for %s, which may be large", r.URL)
			}
			return c.answer
		}
		pull := aPull()
		err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Behind: true})
		var moved interface{ HasMoved() bool }
		if (err != nil) != c.fails || (errors.As(err, &moved) && moved.HasMoved()) != c.moved {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (pull.Behind == nil || pull.Behind.Known != c.known || pull.Behind.Head != headSHA || c.known && pull.Behind.By != 3) {
			t.Errorf("%s: %+v", name, pull.Behind)
		}
	}
}

func TestOnlyWhatGitHubCallsABotIsOne(t *testing.T) {
	f := newForge(t, Config{})
	f.rest["/repos/acme/shop/pulls/12/commits"] = func(*http.Request) any {
		return []any{
			m{"sha": headSHA, "author": m{"login": "renovate[bot]", "type": "Bot"}}, m{"sha": oldSHA, "author": m{"login": "bot", "type": "User"}},
			m{"sha": "c3", "author": nil}, m{"sha": "c4", "author": m{}},
		}
	}
	pull := aPull()
	for _, sha := range []string{headSHA, oldSHA, "c3", "c4", "unlisted"} {
		pull.Commits = append(pull.Commits, checks.Commit{SHA: sha})
	}
	if err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{Accounts: true}); err != nil || !pull.AccountsRead {
		t.Fatal(err)
	}
	for i, c := range pull.Commits {
		if c.Author.Bot != (i == 0) || (c.Author.Account != "") != (i == 0) {
			t.Errorf("%s is by %+v", c.SHA, c.Author)
		}
	}
}

func TestANumberThatCannotBeLookedUpIsNoIssueUnlessGitHubFailed(t *testing.T) {
	answer := func(kind string) m {
		return m{"issueOrPullRequest": m{"__typename": "Issue", "number": 3, "title": "x", "closed": false, "repository": m{"name": "shop", "owner": m{"login": "acme"}}}, "k": kind}
	}
	gone := func(kind string) []any {
		return []any{m{"type": kind, "message": "no", "path": []any{"r1", "issueOrPullRequest"}}}
	}
	for kind, fails := range map[string]bool{"NOT_FOUND": false, "FORBIDDEN": false, "INTERNAL": true} {
		f := newForge(t, Config{})
		f.query = func(string, m) any {
			return m{"data": m{"r0": answer(kind), "r1": m{"issueOrPullRequest": nil}, "r2": nil}, "errors": gone(kind)}
		}
		pull := aPull()
		err := f.hub.Complete(t.Context(), subject, &pull, checks.Wants{References: []string{"acme/shop#3", "acme/shop#4", "evil/x#1"}})
		if (err != nil) != fails {
			t.Errorf("%s: %v", kind, err)
		}
		if err == nil && (!pull.References["acme/shop#3"].Found || pull.References["acme/shop#4"] != (checks.Reference{}) || len(pull.References) != 3) {
			t.Errorf("%s: %+v", kind, pull.References)
		}
	}
}
