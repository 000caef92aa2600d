package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// staging makes a snapshot of a case, and answers what a policy wants to know of
// it.
type staging struct {
	file    *caseFile
	pull    *casePull
	scanner *scan.Scanner
	out     checks.Pull
	patch   checks.Patch
}

// The commits of a case: the head, the one before it, and the base.
var (
	caseHead   = strings.Repeat("a", 40)
	caseBefore = strings.Repeat("b", 40)
	caseBase   = strings.Repeat("c", 40)
)

// noon is when cases are judged that do not say when.
var noon = time.Date(2026, 1, 7, 12, 0, 0, 0, time.UTC)

// caseOf makes the snapshot without what only some policies ask for.
func caseOf(f *caseFile, p *casePull, scanner *scan.Scanner) *staging {
	s := &staging{file: f, pull: p, scanner: scanner}
	now := p.Now
	if now.IsZero() {
		now = noon
	}
	s.out = checks.Pull{
		At: now, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"}, Number: 1, ID: "PR_1",
		Title: cmp.Or(p.Title, "A change"), Body: p.Description, Author: actor(cmp.Or(p.Author, "dev")), Open: true, Draft: p.Draft,
		CreatedAt: now.Add(-24 * time.Hour), UpdatedAt: now, Labels: p.Labels, AppID: 1,
		Base:      checks.Ref{Name: cmp.Or(p.Base, "main"), SHA: caseBase, RepoID: 1},
		Head:      checks.Ref{Name: cmp.Or(p.Branch, "topic"), SHA: caseHead, RepoID: 1},
		FilesRead: true, Owners: checks.OwnersFile{Text: f.CodeOwners},
	}
	if f.CodeOwners != "" {
		s.out.Owners.Path = checks.OwnersPaths[0]
	}
	s.changes()
	s.commits()
	s.speech()
	s.machines()
	return s
}

// actor is an account by its login; those of Apps end in "[bot]".
func actor(login string) checks.Actor {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(login)))
	return checks.Actor{Login: login, ID: 1 + int64(h.Sum32()), Bot: strings.HasSuffix(login, "[bot]")}
}

func (s *staging) commits() {
	commits := s.pull.Commits
	if len(commits) == 0 {
		commits = []caseCommit{{}}
	}
	for i, c := range commits {
		by := actor(cmp.Or(c.Author, s.out.Author.Login))
		who := checks.Signature{Name: by.Login, Email: by.Login + "@example.com", Login: by.Login, Bot: by.Bot}
		committer := who
		if by.Bot && c.Signed {
			committer = checks.Signature{Name: "GitHub", Email: "noreply@github.com", Login: "web-flow"} // as GitHub does for Apps
		}
		sha := caseHead
		if left := len(commits) - 1 - i; left > 0 {
			sha = fmt.Sprintf("%040x", 1<<32+left)
		}
		s.out.Commits = append(s.out.Commits, checks.Commit{
			SHA: sha, Message: cmp.Or(c.Message, "Work"), Author: who, Committer: committer, Merge: c.Merge, Verified: c.Signed, GitHubSigned: c.Signed && by.Bot,
		})
	}
	s.out.CommitCount, s.out.AccountsRead = len(s.out.Commits), true
	heads := []checks.Head{
		{SHA: caseBefore, Since: s.out.At.Add(-20 * time.Hour), Sender: s.out.Author.Login, SenderID: s.out.Author.ID, Bot: s.out.Author.Bot},
		{SHA: caseHead, Since: s.out.At.Add(-10 * time.Hour), Sender: s.out.Author.Login, SenderID: s.out.Author.ID, Bot: s.out.Author.Bot},
	}
	whole := checks.Change{Base: s.out.Base.Name, Files: s.out.Files, Whole: true}
	before := checks.Change{Base: s.out.Base.Name, Whole: true}
	for _, f := range s.out.Files {
		f.SHA = strings.Repeat("f", 40)
		before.Files = append(before.Files, f)
	}
	s.out.Memory = checks.Memory{
		Heads: heads, Changes: map[string]checks.Change{caseHead: whole, caseBefore: before}, Seen: map[string]checks.Seen{},
	}
}

// speech is what people have said, each an hour ago unless it is stale or says
// otherwise.
func (s *staging) speech() {
	reviews := s.pull.Reviews
	for _, by := range s.pull.Approvals {
		reviews = append(reviews, caseReview{By: by})
	}
	for i, r := range reviews {
		at, head := s.when("", r.Stale)
		id := int64(1000 + i)
		s.out.Reviews = append(s.out.Reviews, checks.Review{
			ID: id, Author: actor(cmp.Or(r.By, "nobody")), State: strings.ToUpper(cmp.Or(r.State, "approved")), Body: r.Say, Commit: head, Submitted: at,
		})
		s.seen("review/", id, r.Say, head)
	}
	for i, c := range s.pull.Comments {
		at, head := s.when(c.Ago, c.Stale)
		id := int64(2000 + i)
		s.out.Comments = append(s.out.Comments, checks.Comment{ID: id, Author: actor(cmp.Or(c.By, "nobody")), Body: c.Say, Created: at})
		s.seen("comment/", id, c.Say, head)
	}
}

func (s *staging) when(ago string, stale bool) (at time.Time, head string) {
	d, _ := time.ParseDuration(cmp.Or(ago, "1h")) // it was tried when the case was read
	if at = s.out.At.Add(-d); stale {
		return s.out.At.Add(-15 * time.Hour), caseBefore
	}
	return at, caseHead
}

func (s *staging) seen(kind string, id int64, text, head string) {
	s.out.Memory.Seen[kind+strconv.FormatInt(id, 10)] = checks.Seen{Text: text, Head: head, Base: s.out.Base.Name, Permission: "write"}
}

func (s *staging) machines() {
	at := s.out.At.Add(-time.Hour)
	for i, c := range s.pull.Checks {
		r := checks.Run{
			ID: fmt.Sprintf("CR_%d", i), DatabaseID: int64(i + 1), Name: c.Name, App: cmp.Or(c.App, "github-actions"), AppID: 15368,
			Status: "completed", Conclusion: cmp.Or(c.Conclusion, "success"), Started: at, Completed: at.Add(time.Minute),
		}
		if c.Running {
			r.Status, r.Conclusion, r.Completed = "in_progress", "", time.Time{}
		}
		s.out.Runs = append(s.out.Runs, r)
	}
	for _, name := range s.pull.Required {
		s.out.BranchRequires = append(s.out.BranchRequires, checks.Required{Name: name})
	}
	for _, n := range s.pull.Closes {
		s.out.Closing = append(s.out.Closing, checks.Issue{Number: n, Repo: s.out.Repo.String(), Title: "An issue", Open: true})
	}
	for _, t := range s.pull.Conversations {
		s.out.Threads = append(s.out.Threads, checks.Thread{Path: t.Path, Resolved: t.Resolved, Outdated: t.Outdated, Author: actor("reviewer")})
	}
	s.out.ThreadsRead, s.out.ThreadCount = true, len(s.out.Threads)
	s.out.Behind = &checks.Behind{Base: caseBase, Head: caseHead, By: s.pull.Behind, Known: true}
}
