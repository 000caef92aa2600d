package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/values"
)

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
			read := values.Read(cmp.Or(f.Previous, f.Path), []byte(*c.Before), v.Keys)
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
				ID: fmt.Sprintf("f-%012d", i+1), Tool: cmp.Or(f.Tool, "scanner"), Rule: cmp.Or(f.Rule, "rule"), Path: f.Path, Severity: tenths, Rated: true, Line: 1, AtHead: true,
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
	hit, all, said := c.patch()
	if !said {
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
