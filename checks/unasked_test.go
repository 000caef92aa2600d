package checks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// known is a snapshot of which everything was asked that a policy needs: a bot's or a
// person's change that is in order in every way.
func known(rules checks.Policy, author string) checks.Pull {
	const head, base = "aaaa111aaaa111aaaa111aaaa111aaaa111aaaa1", "0000000000000000000000000000000000000000"
	bot := strings.HasSuffix(author, "[bot]")
	by := checks.Signature{Name: author, Email: author + "@users.noreply.github.com", Bot: bot, Account: author}
	if !bot {
		by.Login = author
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	message := "Raise it\n\nSigned-off-by: " + by.Name + " <" + by.Email + ">"
	if bot {
		message = "Bump it\n\n---\nupdated-dependencies:\n- dependency-name: lodash\n  update-type: version-update:semver-patch\n..."
	}
	p := checks.Pull{
		At: at.Add(3 * time.Hour), Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"}, Number: 7, ID: "PR_7",
		Title: "Raise it, for #12", Body: "- [x] Tests exist <!-- handrail:tests -->", Author: checks.Actor{Login: author, ID: 5, Bot: bot}, Open: true, CreatedAt: at,
		Base: checks.Ref{Name: "main", SHA: base, RepoID: 1}, Head: checks.Ref{Name: "raise", SHA: head, RepoID: 1}, AppID: 99,
		FilesRead: true, AccountsRead: true, ThreadsRead: true, FileCount: 1, Lines: 600, CommitCount: 1,
		Files: []checks.File{{Path: "web/package-lock.json", Status: "modified", Mode: "100644", SHA: "f1", Additions: 600}},
		Commits: []checks.Commit{{
			SHA: head, Message: message, Author: by, Committer: checks.Signature{Name: "GitHub", Email: "noreply@github.com"},
			Parents: []string{base}, Web: true, GitHubSigned: true, Verified: true,
		}},
		Reviews: []checks.Review{{ID: 1, Author: checks.Actor{Login: "bob", ID: 6}, State: "APPROVED", Commit: head, Submitted: at.Add(time.Hour)}},
		People:  map[string]checks.Person{"bob": {Login: "bob", Permission: "write"}, author: {Login: author, Permission: "write"}},
		Teams:   map[string]checks.Team{"acme/platform": {Name: "acme/platform", Found: true, Members: []string{"bob"}}},
		Behind:  &checks.Behind{Base: base, Head: head, Known: true},
		Texts: map[string]checks.Text{
			"list.md": {Text: "- [ ] Tests exist <!-- handrail:tests -->"}, "web": {Cut: true},
			".gitattributes": {Text: "*-lock.json linguist-generated"}, "web/.gitattributes": {Absent: true},
		},
		References: map[string]checks.Reference{"acme/shop#12": {Found: true, Issue: checks.Issue{Repo: "acme/shop", Number: 12}}},
		Values:     map[string]checks.Values{},
	}
	p.Memory.Heads = []checks.Head{{SHA: head, Since: at, Sender: author, SenderID: 5, Bot: bot}}
	p.Memory.Changes = map[string]checks.Change{head: {Base: "main", Files: p.Files, Whole: true}}
	for _, v := range rules.Need().Values {
		p.Values[v.Key()] = checks.Values{Files: []checks.ValueFile{{Path: "web/package-lock.json"}}}
	}
	return p
}

// Each way in which something of a snapshot is not there: it was not asked for, or
// GitHub has given a part of it.
var (
	noFiles  = func(p *checks.Pull) { p.Files, p.FilesRead = nil, false }
	noCount  = func(p *checks.Pull) { p.Files, p.FilesRead, p.FileCount, p.Lines = nil, false, 0, 0 }
	cutFiles = func(p *checks.Pull) { p.FileCount = 3001 }
	noTexts  = func(p *checks.Pull) { p.Texts = nil }
	cutTexts = func(p *checks.Pull) {
		p.Texts = map[string]checks.Text{"list.md": {Cut: true}, ".gitattributes": {Cut: true}}
	}
	noThreads = func(p *checks.Pull) { p.ThreadsRead = false }
	noBehind  = func(p *checks.Pull) { p.Behind = nil }
	untold    = func(p *checks.Pull) { p.Behind = &checks.Behind{Base: p.Base.SHA, Head: p.Head.SHA} }
	oldBehind = func(p *checks.Pull) { p.Behind = &checks.Behind{Base: "1111", Head: p.Head.SHA, Known: true} }
	noCommits = func(p *checks.Pull) { p.Commits, p.CommitCount = nil, 0 }
	cutList   = func(p *checks.Pull) { p.CommitCount = 251 }
	noValues  = func(p *checks.Pull) { p.Values = nil }
	noFileOf  = func(p *checks.Pull) {
		for key := range p.Values {
			p.Values[key] = checks.Values{}
		}
	}
	noPeople  = func(p *checks.Pull) { p.People = nil }
	noTeams   = func(p *checks.Pull) { p.Teams = nil }
	noNumbers = func(p *checks.Pull) { p.References = nil }
	noHeads   = func(p *checks.Pull) { p.Memory.Heads = nil }
	noBase    = func(p *checks.Pull) { p.Base.Name = "" }
	noTime    = func(p *checks.Pull) { p.At = time.Time{} }
)

type lack = func(*checks.Pull)

func TestNoControlPassesByWhatWasNotAskedFor(t *testing.T) {
	const alone = "version: 1\nroles: {platform: {team: acme/platform}}\nreview: {sign_offs: []}\nstatus:\ncompliance:\n  "
	const window = "[{name: Audit, from: '2026-03-01T00:00:00Z', until: '2026-03-03T00:00:00Z', reason: Audit, "
	for name, test := range map[string]struct {
		author, policy string
		lacks          []lack
	}{
		"conversations":          {"alice", alone + "conversations_resolved: true", []lack{noThreads, func(p *checks.Pull) { p.ThreadCount = 1 }}},
		"up to date":             {"alice", alone + "up_to_date: true", []lack{noBehind, untold, oldBehind}},
		"linear":                 {"alice", alone + "linear: true", []lack{noBehind, untold, oldBehind, noCommits, cutList}},
		"merge commits":          {"alice", alone + "no_merge_commits: {allow_base: true}", []lack{noCommits, cutList}},
		"signatures":             {"alice", alone + "signed_commits: true", []lack{noCommits, cutList}},
		"sign-off":               {"alice", alone + "sign_off: true", []lack{noCommits, cutList}},
		"sign-off of a bot":      {"dependabot[bot]", alone + "sign_off: true", []lack{noCommits, cutList, func(p *checks.Pull) { p.AccountsRead, p.Commits[0].Author.Bot = false, false }}},
		"checklist":              {"alice", alone + "checklist: {templates: [{file: list.md}]}", []lack{noTexts, cutTexts, func(p *checks.Pull) { p.Body = "" }}},
		"checklist of a service": {"alice", alone + "checklist: {new_service: {directories: ['*'], files: ['*/service.yaml']}, templates: [{file: none.md, when: {new_service: true}}]}", []lack{func(p *checks.Pull) { noFiles(p); noTexts(p) }, noCount, cutFiles}},
		"size with attributes":   {"alice", alone + "size: {count: 2}", []lack{noFiles, noCount, cutFiles, noTexts, cutTexts}},
		"paths elsewhere":        {"alice", alone + "paths: [{name: Deploy, files: ['deploy/**'], role: platform, count: 2}]", []lack{noFiles, noCount, cutFiles}},
		"paths signed":           {"alice", alone + "paths: [{name: Web, files: ['web/**'], role: platform}]", []lack{noFiles, noCount, noPeople, noTeams, noCommits, cutList}},
		"freeze of other files":  {"alice", alone + "freeze: " + window + "files: ['deploy/**']}]", []lack{noFiles, noCount, cutFiles}},
		"freeze of a branch":     {"alice", alone + "freeze: " + window + "branches: ['release/*']}]", []lack{noBase}},
		"freeze that is over":    {"alice", alone + "freeze: [{name: Audit, from: '2026-02-01T00:00:00Z', until: '2026-02-02T00:00:00Z', reason: Audit}]", []lack{noTime}},
		"freeze let through":     {"alice", alone + "freeze: " + window + "role: platform}]", []lack{noPeople, noTeams, noCommits, cutList}},
		"limits":                 {"alice", alone + "limits: [{name: Memory, files: ['web/**'], key: '**.memory', over: 1Gi, role: platform}]", []lack{noFiles, noCount, cutFiles, noValues, noFileOf}},
		"limits elsewhere":       {"alice", alone + "limits: [{name: Memory, files: ['deploy/**'], key: '**.memory', over: 1Gi, role: platform}]", []lack{noFiles, noCount, cutFiles}},
		"separation":             {"alice", alone + "separation: true", []lack{noPeople, noCommits, cutList}},
		"mentioned issue":        {"alice", alone + "ticket: {references: true}", []lack{noNumbers}},
		"change without ticket":  {"alice", alone + "ticket: {closing: true, unless: {only_files: ['web/**']}}", []lack{noFiles, noCount, cutFiles}},
		"bot without ticket":     {"dependabot[bot]", alone + "ticket: {closing: true, unless: {dependency_update: true}}\n  dependency_bot: true", []lack{noFiles, noCount, cutFiles, noCommits, cutList, noHeads}},
		"branch name":            {"alice", alone + "branch_name: {pattern: '^r'}", []lack{func(p *checks.Pull) { p.Head.Name = "" }}},
	} {
		t.Run(name, func(t *testing.T) {
			rules := policy(t, test.policy)
			if v := checks.Judge(rules, known(rules, test.author)); !v.State.Passes() {
				t.Fatalf("with everything known it is %s: %s", v.State, encode(v.Results))
			}
			for i, take := range test.lacks {
				p := known(rules, test.author)
				take(&p)
				if v := checks.Judge(rules, p); v.State.Passes() {
					t.Errorf("lack %d: it passes: %s", i, encode(v.Results))
				}
			}
		})
	}
}
