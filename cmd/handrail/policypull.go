package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/values"
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
		Title: or(p.Title, "A change"), Body: p.Description, Author: actor(or(p.Author, "dev")), Open: true, Draft: p.Draft,
		CreatedAt: now.Add(-24 * time.Hour), UpdatedAt: now, Labels: p.Labels, AppID: 1,
		Base:      checks.Ref{Name: or(p.Base, "main"), SHA: caseBase, RepoID: 1},
		Head:      checks.Ref{Name: or(p.Branch, "topic"), SHA: caseHead, RepoID: 1},
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

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// actor is an account by its login; those of Apps end in "[bot]".
func actor(login string) checks.Actor {
	return checks.Actor{Login: login, ID: int64(len(login))<<32 + int64(login[0]), Bot: strings.HasSuffix(login, "[bot]")}
}

func (s *staging) changes() {
	changes := s.pull.Files
	if len(changes) == 0 {
		changes = []caseChange{{Path: "main.go"}}
	}
	for i, c := range changes {
		f := checks.File{
			Path: c.Path, Previous: c.Previous, Status: or(c.Status, "modified"), Mode: "100644", SHA: fmt.Sprintf("%040x", i+1),
			Additions: max(c.Added, 1), Deletions: c.Removed, LinesKnown: true,
		}
		text := ""
		if c.Before != nil || c.After != nil {
			text = replaced(&f, c)
		} else {
			f.Added = checks.Spans{{Start: 1, End: f.Additions}}
			text = hunk(0, nil, 0, make([]string, f.Additions))
			if f.Deletions > 0 {
				f.Removed = checks.Spans{{Start: 1, End: f.Deletions}}
				text = hunk(1, make([]string, f.Deletions), 1, make([]string, f.Additions))
			}
		}
		s.out.Files = append(s.out.Files, f)
		s.out.Lines += f.Additions + f.Deletions
		s.patch.Files = append(s.patch.Files, checks.PatchFile{File: f, Text: text})
	}
	s.out.FileCount = len(s.out.Files)
}

// replaced fills in what changes from one text to another: the lines between
// those that both begin with and those that both end with.
func replaced(f *checks.File, c caseChange) (patch string) {
	old, now := caseLines(c.Before), caseLines(c.After)
	switch {
	case c.Status != "":
	case c.Before == nil:
		f.Status = "added"
	case c.After == nil:
		f.Status = "removed"
	}
	from := 0
	for from < len(old) && from < len(now) && old[from] == now[from] {
		from++
	}
	till := 0
	for till < len(old)-from && till < len(now)-from && old[len(old)-1-till] == now[len(now)-1-till] {
		till++
	}
	gone, come := old[from:len(old)-till], now[from:len(now)-till]
	f.Additions, f.Deletions = len(come), len(gone)
	if len(come) > 0 {
		f.Added = checks.Spans{{Start: from + 1, End: from + len(come)}}
	}
	if len(gone) > 0 {
		f.Removed = checks.Spans{{Start: from + 1, End: from + len(gone)}}
	}
	return hunk(from+1, gone, from+1, come)
}

func caseLines(text *string) []string {
	if text == nil || *text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(*text, "\n"), "\n")
}

// hunk is GitHub's patch that replaces some lines by others.
func hunk(oldStart int, gone []string, newStart int, come []string) string {
	if len(gone)+len(come) == 0 {
		return ""
	}
	if len(gone) == 0 {
		oldStart = max(oldStart-1, 0)
	}
	if len(come) == 0 {
		newStart = max(newStart-1, 0)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@", oldStart, len(gone), max(newStart, min(1, len(come))), len(come))
	for _, l := range gone {
		b.WriteString("\n-" + l)
	}
	for _, l := range come {
		b.WriteString("\n+" + l)
	}
	return b.String()
}

func (s *staging) commits() {
	commits := s.pull.Commits
	if len(commits) == 0 {
		commits = []caseCommit{{}}
	}
	for i, c := range commits {
		by := actor(or(c.Author, s.out.Author.Login))
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
			SHA: sha, Message: or(c.Message, "Work"), Author: who, Committer: committer, Merge: c.Merge, Verified: c.Signed, GitHubSigned: c.Signed && by.Bot,
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
			ID: id, Author: actor(or(r.By, "nobody")), State: strings.ToUpper(or(r.State, "approved")), Body: r.Say, Commit: head, Submitted: at,
		})
		s.seen("review/", id, r.Say, head)
	}
	for i, c := range s.pull.Comments {
		at, head := s.when(c.Ago, c.Stale)
		id := int64(2000 + i)
		s.out.Comments = append(s.out.Comments, checks.Comment{ID: id, Author: actor(or(c.By, "nobody")), Body: c.Say, Created: at})
		s.seen("comment/", id, c.Say, head)
	}
}

func (s *staging) when(ago string, stale bool) (at time.Time, head string) {
	d, err := time.ParseDuration(or(ago, "1h"))
	if err != nil {
		d = time.Hour
	}
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
			ID: fmt.Sprintf("CR_%d", i), DatabaseID: int64(i + 1), Name: c.Name, App: or(c.App, "github-actions"), AppID: 15368,
			Status: "completed", Conclusion: or(c.Conclusion, "success"), Started: at, Completed: at.Add(time.Minute),
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

// answer gives a policy all that it wants to know of the snapshot, and puts in
// what the case says of it as the record would.
func (s *staging) answer(ctx context.Context, policy checks.Policy) (checks.Pull, error) {
	if err := s.overlay(); err != nil {
		return s.out, err
	}
	for range 10 {
		w := policy.Wants(s.out)
		if w.None() {
			return s.out, nil
		}
		if err := s.fill(ctx, w); err != nil {
			return s.out, err
		}
	}
	return s.out, fmt.Errorf("the policy asks for what a case cannot say: %+v", policy.Wants(s.out))
}

// overlay puts the case's own snapshot over what was made.
func (s *staging) overlay() error {
	if len(s.pull.Snapshot) == 0 {
		return nil
	}
	text, err := json.Marshal(s.pull.Snapshot)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.out); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// fill answers what is wanted.
func (s *staging) fill(ctx context.Context, w checks.Wants) error {
	for _, t := range w.Teams {
		team := checks.Team{Name: t}
		for name, members := range s.file.Teams {
			if strings.EqualFold(name, t) {
				team.Found, team.Members = true, members
			}
		}
		put(&s.out.Teams, t, team)
	}
	for _, u := range w.Users {
		may := checks.Permission("write")
		for login, p := range s.file.People {
			if strings.EqualFold(login, u) {
				may = p
			}
		}
		put(&s.out.People, u, checks.Person{Login: u, Permission: string(may)})
	}
	for _, path := range w.Texts {
		text, there := s.file.Texts[path]
		put(&s.out.Texts, path, checks.Text{Text: text, Absent: !there})
	}
	for _, ref := range w.References {
		put(&s.out.References, ref, reference(ref))
	}
	for _, v := range w.Values {
		put(&s.out.Values, v.Key(), s.values(v))
	}
	for _, sel := range w.Coverage {
		put(&s.out.Coverage, sel.Key(), s.coverage())
	}
	for _, sel := range w.Scans {
		found, err := s.scan(ctx, sel)
		if err != nil {
			return err
		}
		put(&s.out.Scans, sel.Key(), found)
	}
	return nil
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}

// values reads the values of the files whose texts the case has.
func (s *staging) values(v checks.Valuation) checks.Values {
	out := checks.Values{Engine: values.Engine}
	for i, f := range s.out.Files {
		c := caseChange{}
		if i < len(s.pull.Files) {
			c = s.pull.Files[i]
		}
		wanted := false
		for _, g := range v.Files {
			wanted = wanted || g.Match(f.Path) || f.Previous != "" && g.Match(f.Previous)
		}
		if !wanted || c.Before == nil && c.After == nil {
			continue
		}
		one := checks.ValueFile{Path: f.Path, Previous: f.Previous}
		if c.Before != nil {
			read := values.Read(or(f.Previous, f.Path), []byte(*c.Before), v.Keys)
			one.Format, one.Base, one.BaseFault = read.Format, read.Values, read.Fault
		}
		if c.After != nil {
			read := values.Read(f.Path, []byte(*c.After), v.Keys)
			one.Format, one.Head, one.HeadFault = read.Format, read.Values, read.Fault
		}
		out.Files = append(out.Files, one)
	}
	return out
}

// scan is what the security scan finds in the texts of the case.
func (s *staging) scan(ctx context.Context, sel checks.Scanning) (checks.Scan, error) {
	whole, err := s.scanner.Patch(ctx, s.patch, sel.Patterns)
	if err != nil {
		return checks.Scan{}, err
	}
	out := checks.Scan{Engine: s.scanner.Engine(), Whole: &whole, Scanned: len(s.out.Commits)}
	if sel.SARIF != nil {
		out.SARIF = &checks.Findings{Gathering: s.gathering("scan.sarif", "SARIF"), Tools: []checks.ToolRun{{Tool: "scanner"}}, Against: caseBase}
		for i, f := range s.pull.Findings {
			tenths := map[checks.Severity]int{checks.SeverityCritical: 95, checks.SeverityHigh: 80, checks.SeverityMedium: 50, checks.SeverityLow: 20}[f.Severity]
			out.SARIF.New = append(out.SARIF.New, checks.Finding{
				ID: fmt.Sprintf("f-%012d", i+1), Tool: or(f.Tool, "scanner"), Rule: or(f.Rule, "rule"), Path: f.Path, Severity: tenths, Rated: true, Line: 1, AtHead: true,
			})
		}
	}
	for _, kind := range sel.Alerts {
		out.Alerts = append(out.Alerts, checks.Alerts{Kind: kind})
	}
	return out, nil
}

// gathering says that one workflow has left one report about the head.
func (s *staging) gathering(file, format string) checks.Gathering {
	at := s.out.At.Add(-2 * time.Hour)
	return checks.Gathering{
		Runs: []checks.WorkflowRun{{
			ID: 1, Attempt: 1, Number: 1, Path: ".github/workflows/ci.yml", Name: "ci", Event: "pull_request", SHA: caseHead,
			Branch: s.out.Head.Name, HeadRepo: 1, Status: "completed", Conclusion: "success", Created: at,
		}},
		Read: true, Tested: caseHead, Resolved: len(s.out.Files),
		Reports: []checks.Report{{Run: 1, Artifact: 1, Name: "report", File: file, Format: format, Files: len(s.out.Files)}},
	}
}

// coverage is what the case says of it; a case that says nothing has no report.
func (s *staging) coverage() checks.Coverage {
	out := checks.Coverage{Gathering: s.gathering("cover.out", "Go cover profile")}
	c := s.pull.Coverage
	if c == nil {
		out.Reports = nil
		return out
	}
	hit, all := 0, 0
	if _, err := fmt.Sscanf(c.Patch, "%d/%d", &hit, &all); err != nil {
		hit, all = 1, 1
	}
	for i, f := range s.out.Files {
		one := checks.FileCoverage{Path: f.Path, Measured: true, AtHead: true, Empty: all == 0 || i > 0}
		if !one.Empty {
			one.Added = all
			one.Hit, one.Miss = spanOf(1, hit), spanOf(hit+1, all)
		}
		out.Files = append(out.Files, one)
	}
	base := c.Base
	if base == 0 {
		base = c.Project
	}
	out.Total = checks.Totals{All: 10000, Hit: int64(c.Project)}
	out.Base = &checks.BaseCoverage{Start: caseBase, Commit: caseBase, Searched: 1, Total: checks.Totals{All: 10000, Hit: int64(base)}}
	return out
}

func spanOf(from, to int) checks.Spans {
	if to < from {
		return nil
	}
	return checks.Spans{{Start: from, End: to}}
}

// reference is an open issue of a number that a text names.
func reference(name string) checks.Reference {
	repo, digits, _ := strings.Cut(name, "#")
	number, _ := strconv.Atoi(digits)
	return checks.Reference{Found: true, Issue: checks.Issue{Number: number, Repo: repo, Title: "An issue", Open: true}}
}
