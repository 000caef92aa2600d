package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/coverage"
)

// localOptions are the flags of a check in a working copy.
type localOptions struct {
	reports []string
	base    string
	policy  string
	json    bool
}

// checkLocally judges a working copy by what can be known without GitHub: the
// policy's own text, and the coverage that local reports tell of. What is no
// part of the verdict goes to say when that is printed as JSON.
func checkLocally(ctx context.Context, out, say io.Writer, o localOptions) error {
	if !o.json {
		say = out
	}
	w, err := readWorkCopy(ctx, ".", o.base)
	if err != nil {
		return err
	}
	policy, text, err := w.policy(ctx, o.policy)
	if err != nil {
		return err
	}
	if bad := w.proposed(out, o, text); bad {
		return errNo
	}
	rules := coverageRules(policy)
	if rules == nil {
		return w.nothingAsked(o.policy)
	}
	v, err := w.judgeCoverage(ctx, say, *rules, o.reports)
	if err != nil {
		return err
	}
	if o.json {
		if err := printJSON(out, v, "  "); err != nil {
			return err
		}
	} else {
		w.print(out, v)
	}
	if !v.State.Passes() {
		return errNo
	}
	return nil
}

// policy is what the base branch is judged by, or else the working copy's own
// text, or the file that was named.
func (w *workCopy) policy(ctx context.Context, file string) (checks.Policy, string, error) {
	source := checks.Source{Path: checks.PolicyPath}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return checks.Policy{}, "", fmt.Errorf("read policy: %w", err)
		}
		source.Path, source.Text = file, string(text)
	} else if text, err := w.git(ctx, "show", w.base+":"+checks.PolicyPath); err == nil {
		source.Text = string(text)
	} else if text, err := os.ReadFile(filepath.Join(w.dir, checks.PolicyPath)); err == nil {
		source.Text = string(text)
	} else {
		return checks.Policy{}, "", fmt.Errorf("there is no %s, neither on %s nor here: name a policy by --policy", checks.PolicyPath, w.base)
	}
	p := config.Policy([]checks.Source{source}, config.Defaults{})
	if p.Invalid() {
		var wrong []string
		for _, q := range p.Problems {
			wrong = append(wrong, oneLine(q.String()))
		}
		return p, "", fmt.Errorf("the policy is not valid, so that nothing passes:\n%s", strings.Join(wrong, "\n"))
	}
	return p, source.Text, nil
}

// proposed says what is wrong with a policy that the working copy changes.
func (w *workCopy) proposed(out io.Writer, o localOptions, now string) bool {
	text, err := os.ReadFile(filepath.Join(w.dir, checks.PolicyPath))
	if err != nil || string(text) == now || o.policy != "" || o.json {
		return false
	}
	return printProblems(out, checks.PolicyPath, string(text))
}

// nothingAsked is the error of a policy that asks for no coverage. One that is
// about to be introduced can be tried.
func (w *workCopy) nothingAsked(file string) error {
	if text, err := os.ReadFile(filepath.Join(w.dir, checks.PolicyPath)); err == nil && file == "" {
		if coverageRules(config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: string(text)}}, config.Defaults{})) != nil {
			return fmt.Errorf("the policy on %s has no section \"coverage\"; to judge by the one here: --policy %s", w.base, fromHere(filepath.Join(w.dir, checks.PolicyPath)))
		}
	}
	return errors.New("the policy has no section \"coverage\", and the rest is known to GitHub only: handrail check OWNER/REPO#NUMBER")
}

func coverageRules(p checks.Policy) *checks.CoverageRules {
	for _, s := range p.Sections {
		for _, c := range s.Checks {
			if r, ok := c.(*checks.CoverageRules); ok {
				return r
			}
		}
	}
	return nil
}

// here is the number of the repository that a working copy is of, and of the run
// that its reports are said to come from; GitHub's own are not known.
const here = 1

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
		found, err := findReports(w.dir)
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
	// As if one workflow had sent them all.
	c.Runs, c.Uploads = []checks.WorkflowRun{{
		ID: here, Path: ".github/workflows/local.yml", SHA: w.head, HeadRepo: here, Event: "push", Status: "completed", Conclusion: "success",
	}}, []int64{here}
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

// fromHere is a path as it is written in the present directory.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil {
		return short
	}
	return path
}

// print says what holds, then each place that no test runs, as compilers do.
func (w *workCopy) print(out io.Writer, v checks.Verdict) {
	fmt.Fprintf(out, "\nThe working copy at %.7s, compared with %s at %.7s, is %s.\n", w.head, w.base, w.from, v.State)
	if len(w.files) == 0 {
		fmt.Fprintln(out, "Nothing is changed, so that only what is asked of the whole project is looked at.")
	}
	fmt.Fprintln(out)
	printResults(out, v)
	for _, r := range v.Results {
		printPlaces(out, r)
	}
}

func printPlaces(out io.Writer, r checks.Result) {
	for _, a := range r.Annotations {
		lines := strconv.Itoa(a.Start)
		if a.End != a.Start {
			lines += "-" + strconv.Itoa(a.End)
		}
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s:%s: %s", a.Path, lines, a.Message)))
	}
	for _, p := range r.Parts {
		printPlaces(out, p)
	}
}
