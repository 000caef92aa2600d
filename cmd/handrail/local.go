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
	"github.com/handrail-bot/handrail/internal/scan"
)

// localOptions are the flags of a check in a working copy.
type localOptions struct {
	reports []string
	base    string
	policy  string
	json    bool
}

// checkLocally judges a working copy by what can be known without GitHub: the
// policy's own text, what the security scan finds, values over the limits, and the
// coverage that local reports tell of. What is no part of the verdict goes to say when that is
// printed as JSON; how far it is goes there if it is a terminal.
func checkLocally(ctx context.Context, out, say io.Writer, o localOptions) error {
	tell := say
	if !o.json {
		say = out
	}
	w, err := readWorkCopy(ctx, ".", o.base)
	if err != nil {
		return err
	}
	c := localCheck{workCopy: w, scanner: localScanner(), say: say, tell: tell}
	if err := c.sort(o.reports); err != nil {
		return err
	}
	policy, text, err := c.policy(ctx, o.policy)
	if err != nil {
		return err
	}
	if bad := c.proposed(out, o, text); bad {
		return errNo
	}
	v, err := c.judgeSecurity(ctx, policy)
	if err != nil {
		return err
	}
	v = c.addLimits(ctx, v, policy)
	v, left := c.addCoverage(ctx, v, policy, o.policy)
	if left != nil && (errors.Is(left, errNo) || len(c.coverageReports) > 0) {
		return left
	}
	v = cleaned(v, c.scanner)
	if o.json {
		err = printJSON(out, v, "  ")
	} else {
		w.print(out, v, left == nil)
	}
	switch {
	case err != nil:
		return err
	case blocked(v):
		return errNo
	}
	return left
}

// localCheck is a working copy that is judged.
type localCheck struct {
	*workCopy
	scanner   *scan.Scanner
	say, tell io.Writer
	// coverageReports and findingReports are those that were named.
	coverageReports, findingReports []string
}

// sort tells the reports of scanners from those of coverage.
func (c *localCheck) sort(reports []string) error {
	for _, file := range reports {
		sarif, err := isSARIF(file)
		if err != nil {
			return err
		}
		if sarif {
			c.findingReports = append(c.findingReports, file)
		} else {
			c.coverageReports = append(c.coverageReports, file)
		}
	}
	return nil
}

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

// policy is what the base branch is judged by, or else the working copy's own
// text, or the file that was named.
// Where there is none, nothing is asked for.
func (c *localCheck) policy(ctx context.Context, file string) (checks.Policy, string, error) {
	source := checks.Source{Path: checks.PolicyPath}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return checks.Policy{}, "", fmt.Errorf("read policy: %w", err)
		}
		source.Path, source.Text = file, string(text)
	} else if text, err := c.git(ctx, "show", c.tip+":"+checks.PolicyPath); err == nil {
		source.Text = string(text)
	} else if text, err := os.ReadFile(filepath.Join(c.dir, checks.PolicyPath)); err == nil {
		source.Text = string(text)
	} else {
		return checks.Policy{}, "", nil
	}
	p := config.Policy([]checks.Source{source}, config.Defaults{})
	if p.Invalid() {
		var wrong []string
		for _, q := range p.Problems {
			wrong = append(wrong, oneLine(c.clean(q.String())))
		}
		return p, "", fmt.Errorf("the policy is not valid, so that nothing passes:\n%s", strings.Join(wrong, "\n"))
	}
	return p, source.Text, nil
}

// proposed says what is wrong with a policy that the working copy changes.
func (c *localCheck) proposed(out io.Writer, o localOptions, now string) bool {
	text, err := os.ReadFile(filepath.Join(c.dir, checks.PolicyPath))
	if err != nil || string(text) == now || o.policy != "" || o.json {
		return false
	}
	return printProblems(out, checks.PolicyPath, c.clean(string(text)))
}

// clean takes secrets out of a text that is going to be shown.
func (c *localCheck) clean(text string) string {
	text, _ = c.scanner.Scrub(text)
	return text
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

// sectionOf is the settings of a section, nil where the policy does not have it.
// One that is for information only is judged here like any other.
func sectionOf[C interface {
	*checks.CoverageRules | *checks.SecurityRules | *checks.Limits
	checks.Check
}](p checks.Policy) C {
	for _, s := range p.Sections {
		for _, c := range s.Checks {
			if c, ok := c.(C); ok {
				return c
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

// print says what holds, then each place that it is about, as compilers do. whole
// says that all could be judged.
func (w *workCopy) print(out io.Writer, v checks.Verdict, whole bool) {
	state := v.State.String()
	switch {
	case !v.State.Passes() && !blocked(v):
		state = "met as far as can be known here, and needs " + neededOnGitHub(v) + " on GitHub"
	case v.State.Passes() && !whole:
		state = "met as far as it could be judged"
	}
	fmt.Fprintf(out, "\nThe working copy at %.7s, compared with %s at %.7s, is %s.\n", w.head, w.base, w.from, state)
	switch {
	case len(w.files) > 0:
	case w.head != w.from:
		fmt.Fprintln(out, "All in all no file is changed; what the commits add is looked at, and what is asked of the whole project.")
	default:
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
