package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/coverage"
)

// addCoverage judges the coverage too, where the policy asks for it. The error is
// why it could not be judged, which is none of the rest.
func (c *localCheck) addCoverage(ctx context.Context, v checks.Verdict, policy checks.Policy, file string) (checks.Verdict, error) {
	rules := sectionOf[*checks.CoverageRules](policy)
	if rules == nil && len(c.coverageReports) > 0 {
		return v, c.nothingAsked(file)
	}
	if rules == nil {
		return v, nil
	}
	more, err := c.judgeCoverage(ctx, c.say, *rules, c.coverageReports)
	if err != nil {
		return v, err
	}
	v.Results = append(v.Results, more.Results...)
	v.State = min(v.State, more.State) // the worst
	return v, nil
}

// nothingAsked is the error of a policy that asks for no coverage although a
// report is named. One that is about to be introduced can be tried.
func (c *localCheck) nothingAsked(file string) error {
	if text, err := os.ReadFile(filepath.Join(c.dir, checks.PolicyPath)); err == nil && file == "" {
		if rules := sectionOf[*checks.CoverageRules](config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: string(text)}}, config.Defaults{})); rules != nil {
			return fmt.Errorf("the policy on %s has no section \"coverage\"; to judge by the one here: --policy %s", c.base, fromHere(filepath.Join(c.dir, checks.PolicyPath)))
		}
	}
	return errors.New("a coverage report is named, and the policy has no section \"coverage\": name another one by --policy")
}

// judgeCoverage judges as if the working copy were a head whose workflows have
// left the reports. What only GitHub knows is left out: who approved, and what
// the base branch's reports say.
func (w *workCopy) judgeCoverage(ctx context.Context, say io.Writer, rules checks.CoverageRules, reports []string) (checks.Verdict, error) {
	rules.SelfDeclared = checks.SelfDeclaredAccept
	rules.Reports = nil // here the reports are those that were named, not what workflows leave
	if p := rules.Project; p != nil {
		rules.Project = nil
		if p.Min != nil {
			rules.Project = &checks.ProjectCoverage{Min: p.Min}
		}
	}
	now := time.Now()
	pull := checks.Pull{
		At: now, Repo: checks.Repo{ID: here}, Open: true,
		Base: checks.Ref{Name: w.base, SHA: w.from}, Head: checks.Ref{SHA: w.head, RepoID: here},
		Files: slices.Clone(w.files), FilesRead: true,
	}
	if len(pull.Files) == 0 {
		// What is asked of the whole project holds without any change too, for
		// which this stands.
		pull.Files = []checks.File{{Path: "(the working copy)", Status: "modified", LinesKnown: true}}
	}
	pull.FileCount = len(pull.Files)
	for _, sel := range rules.Need().Coverage {
		c, err := w.coverage(ctx, say, sel, reports, pull.Files)
		if err != nil {
			return checks.Verdict{}, err
		}
		pull.Coverage = map[string]checks.Coverage{sel.Key(): c}
	}
	policy := checks.Policy{Sections: []checks.Section{{Name: "coverage", Checks: []checks.Check{&rules}}}}
	return withoutTrust(checks.Judge(policy, pull)), nil
}

// withoutTrust leaves out who has a say in the reports: whoever runs this has,
// and on GitHub it is judged anew.
func withoutTrust(v checks.Verdict) checks.Verdict {
	for i := range v.Results {
		v.Results[i].Parts = slices.DeleteFunc(v.Results[i].Parts, func(r checks.Result) bool { return r.ID == "coverage/reports" && r.State.Passes() })
	}
	return v
}

// coverage reads the reports, those found by their usual names if none are
// named.
func (w *workCopy) coverage(ctx context.Context, say io.Writer, sel checks.Selection, reports []string, files []checks.File) (checks.Coverage, error) {
	if len(reports) == 0 {
		found, err := findReports(w.dir, reportNames)
		if err != nil {
			return checks.Coverage{}, err
		}
		for _, f := range found {
			reports = append(reports, fromHere(f))
		}
		if len(reports) == 0 {
			return checks.Coverage{}, noReports("run the tests, then name it by --report")
		}
	}
	m := coverage.NewMerge(sel)
	for _, file := range reports {
		if err := readableReport(say, file); err != nil {
			return checks.Coverage{}, err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return checks.Coverage{}, fmt.Errorf("read report: %w", err)
		}
		if err := m.Add(ctx, checks.ReportSource{Run: here, Name: file, Data: data}); err != nil {
			return checks.Coverage{}, err
		}
	}
	set, c, err := m.Done(w.tree)
	if err != nil {
		return c, err
	}
	if c.Files, err = coverage.Changed(set, files, sel); err != nil {
		return c, err
	}
	for i := range c.Files {
		f := &c.Files[i]
		f.AtHead = true
		if !f.Measured {
			text, err := os.ReadFile(filepath.Join(w.dir, f.Path))
			f.Empty = err == nil && coverage.Empty(f.Path, text)
		}
	}
	w.sayOutdated(say, reports, c.Files)
	c.Read, c.Tested = true, w.head
	c.Runs, c.Uploads = localRun(w.head)
	return c, nil
}

// sayOutdated says which changed files are newer than all reports, whose lines
// may be others now. It is no more than a hint: git sets these times too.
func (w *workCopy) sayOutdated(say io.Writer, reports []string, files []checks.FileCoverage) {
	var newest time.Time
	for _, r := range reports {
		if info, err := os.Stat(r); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	for i := range files {
		info, err := os.Stat(filepath.Join(w.dir, files[i].Path))
		if err == nil && files[i].Measured && info.ModTime().After(newest) {
			fmt.Fprintf(say, "%s is newer than the coverage report: run the tests again if it was edited since.\n", oneLine(files[i].Path))
		}
	}
}
