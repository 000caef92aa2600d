package hub_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

func (w *world) complete(pull *checks.Pull, wants checks.Wants) {
	w.t.Helper()
	if err := w.hub.Complete(w.t.Context(), w.subj, pull, wants); err != nil {
		w.t.Fatal(err)
	}
}

// asked is how often the hub has asked for something.
func (w *world) asked(name string) int {
	return w.hub.Counts()[hub.Operation{Kind: hub.GraphQL, Name: name}] + w.hub.Counts()[hub.Operation{Kind: hub.REST, Name: name}]
}

func TestConversationsAreReadWithTheRestWhereThePolicyNeedsThemAndNotOtherwise(t *testing.T) {
	w := newWorld(t)
	begin := func(by string, line int) *sim.Thread {
		th, err := w.pr.StartThread(by, "b.go", line, "hm")
		if err != nil {
			t.Fatal(err)
		}
		return th
	}
	open, done := begin("bob", 1), begin("quinn", 0)
	if err := done.Resolve("alice"); err != nil {
		t.Fatal(err)
	}
	open.Reply("alice", "well")
	want := []checks.Thread{
		{Path: "b.go", Line: 1, Author: checks.Actor{Login: "bob", ID: w.gh.User("bob").ID}},
		{Path: "b.go", Resolved: true, ResolvedBy: "alice", Author: checks.Actor{Login: "quinn", ID: w.gh.User("quinn").ID}},
	}
	without, _ := w.read(checks.Need{})
	if without.ThreadsRead || without.Threads != nil || without.ThreadCount != 0 {
		t.Errorf("read without being needed: %+v", without.Threads)
	}
	with, _ := w.read(checks.Need{Threads: true})
	if d := cmp.Diff(want, with.Threads); d != "" || !with.ThreadsRead || with.ThreadCount != 2 || w.asked("threads") != 0 {
		t.Errorf("%s in %d requests more", d, w.asked("threads"))
	}
	w.complete(&without, checks.Wants{Threads: true})
	if d := cmp.Diff(want, without.Threads); d != "" || !without.ThreadsRead || w.asked("threads") != 1 {
		t.Errorf("%s in %d requests", d, w.asked("threads"))
	}
	for i := range 119 {
		begin("bob", i%2)
	}
	for _, need := range []checks.Need{{Threads: true}, {}} {
		long, _ := w.read(need)
		if !need.Threads {
			w.complete(&long, checks.Wants{Threads: true})
		}
		if len(long.Threads) != 121 || long.ThreadCount != 121 || !long.ThreadsRead {
			t.Errorf("%d of %d conversations are read", len(long.Threads), long.ThreadCount)
		}
	}
	stale, _ := w.read(checks.Need{})
	w.push("feature", map[string]string{"b.go": "package c\n"})
	var moved interface{ HasMoved() bool }
	if err := w.hub.Complete(t.Context(), w.subj, &stale, checks.Wants{Threads: true}); !errors.As(err, &moved) || !moved.HasMoved() || stale.ThreadsRead {
		t.Errorf("conversations of a later head are taken for this one's: %v", err)
	}
	now, _ := w.read(checks.Need{Threads: true})
	if !now.Threads[0].Outdated || now.Threads[0].Line != 0 {
		t.Errorf("a conversation about a line that has changed is %+v", now.Threads[0])
	}
}

func TestHowFarAHeadLagsIsAskedInOneSmallRequest(t *testing.T) {
	w := newWorld(t)
	pull, _ := w.read(checks.Need{})
	lag := func(want int) {
		t.Helper()
		pull, _ = w.read(checks.Need{})
		before := w.asked("behind")
		w.complete(&pull, checks.Wants{Behind: true})
		d := cmp.Diff(&checks.Behind{Base: pull.Base.SHA, Head: pull.Head.SHA, By: want, Known: true}, pull.Behind)
		if d != "" || w.asked("behind") != before+1 {
			t.Errorf("%s in %d requests", d, w.asked("behind")-before)
		}
	}
	lag(0)
	w.push("main", map[string]string{"x.go": "package x\n"})
	w.push("main", map[string]string{"y.go": "package y\n"})
	lag(2)
	if _, err := w.pr.UpdateBranch("alice"); err != nil {
		t.Fatal(err)
	}
	lag(0)
	gone := pull
	gone.Base.SHA = strings.Repeat("0", 39) + "1"
	var moved interface{ HasMoved() bool }
	if err := w.hub.Complete(t.Context(), w.subj, &gone, checks.Wants{Behind: true}); !errors.As(err, &moved) || !moved.HasMoved() {
		t.Errorf("a commit that GitHub does not show yet: %v", err)
	}
	none := pull
	none.Base.SHA = ""
	w.complete(&none, checks.Wants{Behind: true})
	if none.Behind == nil || none.Behind.Known {
		t.Errorf("of no base the lag is %+v", none.Behind)
	}
	orphan, err := w.shop.Commit(sim.Push{By: "alice", Parents: []string{}, Files: map[string]string{"z": "z\n"}})
	if err != nil {
		t.Fatal(err)
	}
	apart := pull
	apart.Base.SHA = orphan
	w.complete(&apart, checks.Wants{Behind: true})
	if apart.Behind == nil || apart.Behind.Known {
		t.Errorf("of a branch with no commit in common the lag is %+v", apart.Behind)
	}
}

func TestParentsAndBotsOfCommitsAreRead(t *testing.T) {
	w := newWorld(t)
	first := w.pr.Head()
	bot, err := w.shop.Push(sim.Push{By: "renovate[bot]", Branch: "feature", Message: "Update", Web: true, Files: map[string]string{"c.go": "package c\n"}})
	if err != nil {
		t.Fatal(err)
	}
	w.push("main", map[string]string{"x.go": "package x\n"})
	merge, err := w.pr.UpdateBranch("alice")
	if err != nil {
		t.Fatal(err)
	}
	pull, _ := w.read(checks.Need{})
	by := map[string]checks.Commit{}
	for _, c := range pull.Commits {
		by[c.SHA] = c
	}
	if got := by[merge]; !got.Merge || !cmp.Equal(got.Parents, []string{bot, w.shop.Branch("main")}) || by[first].Merge || len(by[first].Parents) != 1 {
		t.Errorf("parents are %q and %q", got.Parents, by[first].Parents)
	}
	if pull.AccountsRead || by[bot].Author.Bot || by[bot].Author.Login != "" {
		t.Errorf("GraphQL names a bot: %+v", by[bot].Author)
	}
	shared := pull.Commits
	w.complete(&pull, checks.Wants{Accounts: true})
	for _, c := range pull.Commits {
		want := c.SHA == bot
		if c.Author.Bot != want || (c.Author.Account == "renovate[bot]") != want {
			t.Errorf("commit %s is by %+v", c.SHA, c.Author)
		}
	}
	if !pull.AccountsRead || w.asked("accounts") != 1 || fmt.Sprint(shared) == fmt.Sprint(pull.Commits) {
		t.Errorf("asked %d times, or what others share was changed", w.asked("accounts"))
	}
}

// A merge of three looks like an update from the base branch by its first two parents.
func TestAMergeOfThreeIsNoUpdateFromTheBaseBranch(t *testing.T) {
	w := newWorld(t)
	mine := w.pr.Head()
	side := w.commit(sim.Push{Branch: "side", Parents: []string{w.shop.Branch("main")}, Files: map[string]string{"side.go": "package side\n"}})
	w.push("main", map[string]string{"x.go": "package x\n"})
	merge := w.commit(sim.Push{Branch: "feature", Parents: []string{mine, w.shop.Branch("main"), side}, Files: map[string]string{"m.go": "package m\n"}})
	pull, _ := w.read(checks.Need{})
	for _, c := range pull.Commits {
		if c.SHA == merge && (!c.Merge || !cmp.Equal(c.Parents, []string{mine, w.shop.Branch("main"), side})) {
			t.Errorf("the parents are %q", c.Parents)
		}
	}
	if r := (&checks.NoMergeCommits{AllowBase: true}).Eval(pull); r.State != checks.Unmet || r.Unknown {
		t.Errorf("it is %s: %s", r.State, r.Summary)
	}
}

func TestNumbersThatTextsNameAreFoundOutTogether(t *testing.T) {
	w := newWorld(t)
	issue := w.shop.OpenIssue("bob", "Mend the door")
	closed := w.acme.Repo("other").OpenIssue("bob", "Closed")
	closed.Close("bob")
	hidden := w.gh.Org("evil").Repo("x").OpenIssue("eve", "Hidden")
	pull, _ := w.read(checks.Need{})
	id := func(repo string, n int) string { return fmt.Sprintf("%s#%d", repo, n) }
	ids := []string{id("acme/shop", issue.Number), id("acme/other", closed.Number), id("evil/x", hidden.Number), id("acme/shop", w.pr.Number), "acme/shop#99", "acme/none#1", "odd"}
	w.complete(&pull, checks.Wants{References: ids})
	want := map[string]checks.Reference{
		ids[0]: {Found: true, Issue: checks.Issue{Number: issue.Number, Repo: "acme/shop", Title: "Mend the door", Open: true}},
		ids[1]: {Found: true, Issue: checks.Issue{Number: closed.Number, Repo: "acme/other", Title: "Closed"}},
		ids[3]: {PullRequest: true}, ids[2]: {}, ids[4]: {}, ids[5]: {}, ids[6]: {},
	}
	if d := cmp.Diff(want, pull.References); d != "" || w.asked("references") != 1 {
		t.Errorf("%s in %d requests", d, w.asked("references"))
	}
	w.complete(&pull, checks.Wants{References: []string{"odd2"}})
	if len(pull.References) != 8 || w.asked("references") != 1 {
		t.Errorf("%v after %d requests", pull.References, w.asked("references"))
	}
}
