package checks

import (
	"path"
	"strconv"
	"strings"
)

// workflowDir is where GitHub looks for workflows.
const workflowDir = ".github/workflows/"

// selection is what reports are asked for, in one form however it was written.
func (c *CoverageRules) selection() Selection {
	s := Selection{Ignore: c.Ignore, Base: c.Project != nil && c.Project.MaxDrop != nil, Reports: byFile(c.Reports)}
	for _, dir := range c.Roots {
		if dir = path.Clean(dir); dir != "." {
			s.Roots = append(s.Roots, dir)
		}
	}
	return s
}

// byFile are producers with the paths of their workflows.
func byFile(rules []ReportRule) []ReportRule {
	var out []ReportRule
	for _, r := range rules {
		r.Workflow = workflowFile(r.Workflow)
		out = append(out, r)
	}
	return out
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
	f := faulty{}
	if p := c.Project; p != nil && p.Min == nil && p.MaxDrop == nil {
		f.add("project", "Nothing is asked of the project: set min, max_drop or both.")
	}
	f.reports("reports", c.Reports)
	for i, dir := range c.Roots {
		if !isDir(dir) {
			f.add("roots."+strconv.Itoa(i), "%q is no directory of the repository: write one such as services/shop.", dir)
		}
	}
	for i, g := range c.Ignore {
		if everything(g) {
			f.add("ignore."+strconv.Itoa(i), "%q ignores every file, so that nothing is measured.", string(g))
		}
	}
	return f.found
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
