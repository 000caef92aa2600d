package checks

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// workflowDir is where GitHub looks for workflows.
const workflowDir = ".github/workflows/"

// selection is what reports are asked for, in one form however it was written.
func (c *CoverageRules) selection() Selection {
	s := Selection{Ignore: c.Ignore, Base: c.Project != nil && c.Project.MaxDrop != nil}
	for _, r := range c.Reports {
		r.Workflow = workflowFile(r.Workflow)
		s.Reports = append(s.Reports, r)
	}
	for _, dir := range c.Roots {
		if dir = path.Clean(dir); dir != "." {
			s.Roots = append(s.Roots, dir)
		}
	}
	return s
}

// workflowFile is the path of a workflow that is written as its name alone.
func workflowFile(name string) string {
	if name != "" && !strings.Contains(name, "/") {
		return workflowDir + name
	}
	return name
}

// workflowName is a workflow as sentences call it.
func workflowName(file string) string { return Plain(strings.TrimPrefix(file, workflowDir)) }

// Faults finds workflows that cannot be one, are listed twice or test different
// commits, directories that are none of the repository's, and sections that ask
// for nothing.
func (c *CoverageRules) Faults() []Fault {
	var out []Fault
	add := func(key, format string, args ...any) {
		out = append(out, Fault{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if p := c.Project; p != nil && p.Min == nil && p.MaxDrop == nil {
		add("project", "Nothing is asked of the project: set min, max_drop or both.")
	}
	for i, r := range c.Reports {
		at := "reports." + strconv.Itoa(i)
		same := func(o ReportRule) bool { return workflowFile(o.Workflow) == workflowFile(r.Workflow) }
		switch {
		case r.Workflow == "":
			add(at, "A producer of reports needs its workflow, for example .github/workflows/ci.yml.")
		case !isWorkflow(workflowFile(r.Workflow)):
			add(at+".workflow", "%q is no workflow: write its file, for example .github/workflows/ci.yml.", r.Workflow)
		case slices.ContainsFunc(c.Reports[:i], same):
			add(at+".workflow", "%q is listed twice.", r.Workflow)
		case c.Reports[0].ofHead() != r.ofHead():
			add(at+".checkout", "All workflows must test the same commit, since the line numbers of the head and of its merge with the base differ.")
		}
	}
	for i, dir := range c.Roots {
		if !isDir(dir) {
			add("roots."+strconv.Itoa(i), "%q is no directory of the repository: write one such as services/shop.", dir)
		}
	}
	for i, g := range c.Ignore {
		if g == "**" || g == "**/*" {
			add("ignore."+strconv.Itoa(i), "%q ignores every file, so that nothing is measured.", string(g))
		}
	}
	return out
}

// ofHead says whether the workflow tests the head itself.
func (r ReportRule) ofHead() bool { return r.Checkout == CheckoutHead }

func isWorkflow(file string) bool {
	name, ok := strings.CutPrefix(file, workflowDir)
	stem, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	return ok && stem != "" && !strings.ContainsAny(name, "/\\*?[]{}@") && (ext == ".yml" || ext == ".yaml")
}

// isDir says whether a path can be a directory of a repository: relative, and
// not out of it.
func isDir(dir string) bool {
	clean := path.Clean(dir)
	return dir != "" && clean != "." && !path.IsAbs(dir) && clean != ".." && !strings.HasPrefix(clean, "../") && !strings.ContainsAny(dir, "\\:*?")
}
