package checks_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// commitControls are controls on commits, branches and conversations, each row
// from the loosest to the tightest.
var commitControls = [][]string{
	{"signed_commits: {merges: false}", "signed_commits: true", "signed_commits: {github: false}"},
	{"sign_off: true", "sign_off: {merges: true}", "sign_off: {merges: true, bots: true}"},
	{"up_to_date: {behind: 3}", "up_to_date: {behind: 1}", "up_to_date: true", "linear: true"},
	{"no_merge_commits: {allow_base: true}", "no_merge_commits: true", "linear: true"},
	{"branch_name: {pattern: '^topic', authors: ['dave', 'bot[bot]']}", "branch_name: {pattern: '^topic'}", "branch_name: {pattern: '^topic', forks: true}"},
	{"conversations_resolved: {outdated: false}", "conversations_resolved: true"},
	{"ticket: {references: true, key: 'ABC-\\d+', unless: {only_files: ['docs/**']}}", "ticket: {references: true}", "ticket: true"},
}

var signers = []checks.Signature{
	{Name: "Alice", Email: "alice@example.org", Login: "alice"}, {Name: "Bob", Email: "bob@example.org", Login: "bob"},
	{Name: "bot[bot]", Email: "bot@example.org", Bot: true, Account: "bot[bot]"}, {Name: "GitHub", Email: "noreply@github.com", Login: "web-flow"}, {},
}

// committed is a snapshot with what those controls look at.
func committed(t *rapid.T) checks.Pull {
	p := snapshot(t)
	p.Title, p.Body = pick(t, []string{"x", "ABC-1", "#12"}, "title"), pick(t, []string{"", "see acme/shop#3", "#13"}, "body")
	p.Head.Name, p.Head.RepoID = pick(t, []string{"topic", "wild", "12-mend", ""}, "branch"), pick(t, []int64{0, 1, 1, 2}, "head repository")
	p.Author = checks.Actor{Login: pick(t, []string{"alice", "dave", "bot[bot]", ""}, "author")}
	p.AccountsRead, p.ThreadsRead = rapid.Bool().Draw(t, "accounts"), rapid.IntRange(0, 9).Draw(t, "threads read") > 0
	for i := range p.Commits {
		c := &p.Commits[i]
		c.Author, c.Committer = pick(t, signers, "signer"), pick(t, signers, "committer")
		c.Parents = distinct(some(t, 2, "parents", func() string { return pick(t, append(shas, "base"), "parent") }), func(s string) string { return s })
		c.Merge, c.Verified = len(c.Parents) > 1, c.GitHubSigned || rapid.Bool().Draw(t, "verified")
		c.Message = "Work\n\n" + pick(t, []string{"", "Signed-off-by: Alice <alice@example.org>", "Signed-off-by: Bob <BOB@example.org>\nFixes: #1", "Signed-off-by: Eve <eve@example.org>"}, "trailer")
	}
	p.CommitCount = len(p.Commits) + pick(t, []int{0, 0, 0, 0, 1}, "cut commits")
	p.Threads = some(t, 3, "threads", func() checks.Thread {
		return checks.Thread{Path: pick(t, paths, "path"), Line: rapid.IntRange(0, 2).Draw(t, "line"), Resolved: rapid.Bool().Draw(t, "resolved"), Outdated: rapid.Bool().Draw(t, "outdated")}
	})
	p.ThreadCount = len(p.Threads) + pick(t, []int{0, 0, 0, 1}, "cut threads")
	if rapid.IntRange(0, 9).Draw(t, "asked") > 0 {
		p.Behind = &checks.Behind{
			Base: pick(t, []string{p.Base.SHA, p.Base.SHA, p.Base.SHA, "old"}, "compared with"), Head: p.Head.SHA,
			By: rapid.IntRange(0, 4).Draw(t, "behind"), Known: rapid.IntRange(0, 9).Draw(t, "known") > 0,
		}
	}
	p.References = map[string]checks.Reference{"acme/shop#13": {PullRequest: true}}
	if rapid.Bool().Draw(t, "issue") {
		p.References["acme/shop#12"] = checks.Reference{Found: true, Issue: checks.Issue{Number: 12, Repo: "acme/shop"}}
	}
	return p
}

func TestLawTighterControlsOnCommitsNeverHelp(t *testing.T) {
	met := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		row, p := pick(t, commitControls, "control"), committed(t)
		at := rapid.IntRange(1, len(row)-1).Draw(t, "tighter")
		loose, tight := controlResult(t, row[at-1], p), controlResult(t, row[at], p)
		if tight.State.Passes() && !loose.State.Passes() {
			t.Fatalf("%s: %s\n%s: %s", row[at-1], encode(loose), row[at], encode(tight))
		}
		if tight.State.Passes() {
			met[row[at]] = true
		}
	})
	if len(met) < 5 {
		t.Errorf("only %v were ever met, so the law was hardly tried", met)
	}
}

func controlResult(t *rapid.T, control string, p checks.Pull) checks.Result {
	v := checks.Judge(policy(t, "version: 1\nreview: {sign_offs: []}\nstatus:\ncompliance: {"+control+"}\n"), p)
	for _, r := range v.Results {
		for _, part := range r.Parts {
			if strings.HasPrefix(part.ID, "compliance/") {
				return part
			}
		}
		if strings.HasPrefix(r.ID, "compliance/") {
			return r
		}
	}
	t.Fatalf("%s has no result", control)
	return checks.Result{}
}

func TestLawControlsOnCommitsSayTheSameOfTheSameInAnyOrderAndExplainIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		control, p := pick(t, pick(t, commitControls, "row"), "control"), committed(t)
		first := controlResult(t, control, p)
		explained(t, first)
		var again checks.Pull
		if err := json.Unmarshal([]byte(encode(p)), &again); err != nil {
			t.Fatal(err)
		}
		seed := rapid.Int64().Draw(t, "seed")
		again = shuffled(again, seed)
		again.Threads = mixed(rand.New(rand.NewSource(seed)), again.Threads)
		if a, b := encode(first), encode(controlResult(t, control, again)); a != b {
			t.Fatalf("%s:\n%s\n%s", control, a, b)
		}
		if first.Unknown && first.State.Passes() {
			t.Fatalf("unknown passes: %s", encode(first))
		}
		key, _, _ := strings.Cut(control, ":")
		if cut := strings.Contains("signed_commits sign_off no_merge_commits linear", key) && p.CommitCount > len(p.Commits); cut && first.State.Passes() {
			t.Fatalf("a cut list passes: %s", encode(first))
		}
		if w := policy(t, fmt.Sprintf("version: 1\ncompliance: {%s}\n", control)).Wants(p); w.Accounts && p.AccountsRead || w.Threads && p.ThreadsRead || w.Behind && p.Behind != nil {
			t.Fatalf("asks again: %+v", w)
		}
	})
}
