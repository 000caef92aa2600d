package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// you are who runs this.
const you = "you"

// reviewer is who stands for all that may give a review on GitHub.
const reviewer = "somebody"

// securityReview is the result that only people on GitHub can meet.
const securityReview = "security/review"

// judgeSecurity judges what the scan finds. What only GitHub knows is left out:
// its alerts, and who has given a review.
func (c *localCheck) judgeSecurity(ctx context.Context, policy checks.Policy) (checks.Verdict, error) {
	given := sectionOf[*checks.SecurityRules](policy)
	switch {
	case len(policy.Sections) == 0:
		fmt.Fprintf(c.say, "There is no %s, neither on %s nor here: secrets and hidden characters are looked for.\n", checks.PolicyPath, c.base)
	case given == nil:
		fmt.Fprintln(c.say, "The policy has no section \"security\": secrets and hidden characters are looked for all the same.")
	}
	rules := localRules(given)
	if rules.SARIF == nil && len(c.findingReports) > 0 {
		rules.SARIF = &checks.SARIFRules{SelfDeclared: checks.SelfDeclaredAccept}
	}
	findings, err := c.findings(ctx, rules)
	if err != nil {
		return checks.Verdict{}, err
	}
	pull := c.asPull()
	for _, scanning := range rules.Need().Scans {
		s, written, err := c.scan(ctx, c.tell, c.scanner, scanning.Patterns)
		if err != nil {
			return checks.Verdict{}, err
		}
		s.SARIF, pull.Redacted = findings, written
		s.Scanned = max(s.Scanned, len(pull.Commits)) // what is not committed yet is to be one
		pull.Scans = map[string]checks.Scan{scanning.Key(): s}
	}
	somebody(&pull, rules.Need())
	v := checks.Judge(checks.Policy{Roles: policy.Roles, Sections: []checks.Section{{Name: "security", Checks: []checks.Check{rules}}}}, pull)
	for i := range v.Results {
		onGitHub(&v.Results[i], rules.Role)
	}
	return v, nil
}

// localRules are a policy's rules as far as they can be judged here. Without any
// they are what nobody would want to push: secrets, and characters that hide
// something.
func localRules(given *checks.SecurityRules) *checks.SecurityRules {
	if given == nil {
		rules := checks.NewSecurity()
		rules.Watch.Defaults = false
		rules.Suppressions, rules.Opaque = checks.RespondOff, checks.RespondOff
		rules.Alerts.Kinds = []checks.AlertKind{}
		rules.UseRoles(map[checks.RoleName]checks.Role{rules.Role: {Name: rules.Role}})
		return rules
	}
	rules := *given
	rules.Alerts.Kinds, rules.Alerts.Require = []checks.AlertKind{}, nil
	if rules.SARIF != nil {
		sarif := *rules.SARIF
		// Here the reports are those that are named, not what workflows leave.
		sarif.Reports, sarif.SelfDeclared = nil, checks.SelfDeclaredAccept
		rules.SARIF = &sarif
	}
	return &rules
}

// asPull is the working copy as if it were a pull request's head, all of it by
// whoever looks at it.
func (w *workCopy) asPull() checks.Pull {
	by := checks.Signature{Login: you}
	commits := []checks.Commit{{SHA: w.head, Author: by, Committer: by}}
	if len(w.files) == 0 && w.head == w.from {
		commits = nil
	}
	return checks.Pull{
		At: time.Now(), Repo: checks.Repo{ID: here}, Open: true, Author: checks.Actor{Login: you},
		Commits: commits, CommitCount: len(commits),
		Base: checks.Ref{Name: w.base, SHA: w.from}, Head: checks.Ref{SHA: w.head, RepoID: here},
		Files: slices.Clone(w.files), FilesRead: true, FileCount: len(w.files),
	}
}

// somebody answers for GitHub that those who are asked for are there, since
// whether they are is not to be judged here.
func somebody(pull *checks.Pull, need checks.Need) {
	pull.Teams, pull.People = map[string]checks.Team{}, map[string]checks.Person{reviewer: {Login: reviewer, Permission: "admin"}}
	for _, t := range need.Teams {
		pull.Teams[t] = checks.Team{Name: t, Found: true, Members: []string{reviewer}}
	}
	for _, u := range need.Users {
		pull.People[u] = checks.Person{Login: u, Permission: "admin"}
	}
}

// onGitHub says of a review that is needed where it can be had; the rest can be
// mended here.
func onGitHub(r *checks.Result, role checks.RoleName) {
	holder := fmt.Sprintf("the role %s, on GitHub", role)
	for i, who := range r.Can {
		switch who {
		case "@" + you:
			r.Can[i] = you
		case "@" + reviewer:
			r.Can[i] = holder
		}
	}
	for i, note := range r.Notes {
		if strings.HasPrefix(note, "If it is no danger after all") && strings.Contains(note, "/suppress ") {
			r.Notes[i] = "If it is no danger after all, it can be let pass on GitHub, by the id that is shown there: here it has another one each time."
		}
	}
	if r.ID == securityReview && !r.State.Passes() {
		r.Can = []string{holder}
	}
	for i := range r.Parts {
		onGitHub(&r.Parts[i], role)
	}
}

// waitsForReview says whether nothing but a review or a sign-off is missing of a
// result, which can be had only when it is pushed.
func waitsForReview(r checks.Result) bool {
	if r.State.Passes() || r.State == checks.Waiting && (r.ID == securityReview || strings.HasPrefix(r.ID, limitResults+"/")) {
		return true
	}
	return len(r.Parts) > 0 && !slices.ContainsFunc(r.Parts, func(p checks.Result) bool { return !waitsForReview(p) })
}

// blocked says whether something is not met that can be mended here.
func blocked(v checks.Verdict) bool {
	return slices.ContainsFunc(v.Results, func(r checks.Result) bool { return !waitsForReview(r) })
}

// sarifNames are the names of reports that are looked for.
var sarifNames = []string{"*.sarif", "*.sarif.json"}

// isSARIF says whether a report is one of a scanner, by its name or its beginning.
func isSARIF(file string) (bool, error) {
	if strings.HasSuffix(file, ".sarif") || strings.HasSuffix(file, ".sarif.json") {
		return true, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return false, fmt.Errorf("read report: %w", err)
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return false, nil // a directory for instance, of which is said elsewhere what is wrong
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"runs"`)) || bytes.Contains(head, []byte("sarif-schema")), nil
}

// findings reads the reports of scanners that were named, or those found by their
// usual names where the policy asks for some. It is nil, and the rules no longer
// ask for any, where none is here: GitHub then says.
func (c *localCheck) findings(ctx context.Context, rules *checks.SecurityRules) (*checks.Findings, error) {
	if rules.SARIF == nil {
		return nil, nil
	}
	files := c.findingReports
	if len(files) == 0 {
		found, err := findReports(c.dir, sarifNames)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			files = append(files, fromHere(f))
		}
	}
	if len(files) == 0 {
		fmt.Fprintln(c.say, "The policy asks for reports of scanners (SARIF), and none is here: what they find is judged on GitHub.")
		rules.SARIF = nil
		return nil, nil
	}
	r := c.scanner.Reports()
	for _, file := range files {
		data, err := readLimited(file)
		if err != nil {
			return nil, err
		}
		if err := r.Add(ctx, checks.ReportSource{Run: here, Name: file, Data: data}); err != nil {
			return nil, err
		}
	}
	return c.compared(r)
}

// compared tells the findings that are about added lines, since there is no
// report of the base branch to compare with.
func (c *localCheck) compared(r *scan.Reports) (*checks.Findings, error) {
	set, got, err := r.Done(c.tree)
	if err != nil {
		return nil, err
	}
	f, err := scan.Compare(set, nil, c.files)
	if err != nil {
		return nil, err
	}
	f.Gathering, f.Tools, f.Skipped = got.Gathering, got.Tools, got.Skipped
	for i := range f.New {
		f.New[i].AtHead = true
	}
	for _, t := range f.Tools {
		fmt.Fprintln(c.say, oneLine(c.clean(fmt.Sprintf("%s %s: %s", t.Tool, t.Version, plural(t.Results, "finding")))))
	}
	f.Read, f.Tested = true, c.head
	f.Runs, f.Uploads = localRun(c.head)
	return &f, nil
}

func readLimited(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if info.Size() > uploadLimit {
		return nil, fmt.Errorf("%s has %s, more than the %s that are taken", file, megabytes(info.Size()), megabytes(uploadLimit))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return data, nil
}

// localRun is as if one workflow had sent all reports.
func localRun(head string) ([]checks.WorkflowRun, []int64) {
	return []checks.WorkflowRun{{
		ID: here, Path: ".github/workflows/local.yml", SHA: head, HeadRepo: here, Event: "push", Status: "completed", Conclusion: "success",
	}}, []int64{here}
}

// cleaned takes secrets out of every text of a verdict: names of files may hold
// one too.
func cleaned(v checks.Verdict, scanner *scan.Scanner) checks.Verdict {
	clean := func(s *string) { *s, _ = scanner.Scrub(*s) }
	var walk func(rs []checks.Result)
	walk = func(rs []checks.Result) {
		for i := range rs {
			r := &rs[i]
			clean(&r.Summary)
			for i := range r.Notes {
				clean(&r.Notes[i])
			}
			for i := range r.Evidence {
				clean(&r.Evidence[i].Text)
			}
			for i := range r.Annotations {
				a := &r.Annotations[i]
				clean(&a.Path)
				clean(&a.Message)
			}
			walk(r.Parts)
		}
	}
	walk(v.Results)
	return v
}
