package checks

import (
	"strconv"
	"strings"
)

// templateChangers is who can mend a template.
const templateChangers = "whoever may change the template"

// PullTemplatePaths are the places where GitHub looks for the one template of pull
// requests, in any case of the letters; these are the usual spellings. The first
// that exists counts (GitHub Docs, "Creating a pull request template for your
// repository").
var PullTemplatePaths = []string{
	".github/pull_request_template.md", ".github/PULL_REQUEST_TEMPLATE.md",
	"pull_request_template.md", "PULL_REQUEST_TEMPLATE.md",
	"docs/pull_request_template.md", "docs/PULL_REQUEST_TEMPLATE.md",
}

// template is a checklist as it is on the base branch.
type template struct {
	path  string
	tasks []task          // those with an id, each id once
	words map[string]bool // of those
	bad   string          // what is wrong with it, as a sentence
	fault fault           // what makes it impossible to read
}

// templateOf finds a checklist in a snapshot: the first of some paths that is
// there.
func templateOf(pull *Pull, paths []string) template {
	for _, p := range paths {
		switch text, read := pull.Texts[p]; {
		case !read:
			return template{path: p, fault: fault{"the template " + Plain(p) + " has not been read yet", operators}}
		case text.Cut:
			return template{path: p, fault: fault{"the template " + Plain(p) + " on the base branch is no text that could be read whole", templateChangers}}
		case !text.Absent:
			return readTemplate(p, text.Text)
		}
	}
	if len(paths) > 1 {
		return template{fault: fault{"the base branch has no template of pull requests, such as " + paths[0] + "; add one, or name another file in the policy", policyChangers}}
	}
	return template{fault: fault{"the base branch has no file " + Plain(list(paths, 1)) + ", which the policy names as a template; add it, or name another one", policyChangers}}
}

func readTemplate(path, text string) template {
	t := template{path: path, words: map[string]bool{}}
	seen := map[string]bool{}
	for _, line := range tasksOf(text) {
		switch {
		case len(line.ids) == 0:
		case len(line.ids) > 1:
			t.bad = "The template " + Plain(path) + " has several ids on one line, “" + quoted(line.text) + "”; give every task a line of its own."
		case seen[line.ids[0]]:
			t.bad = "The template " + Plain(path) + " has the id " + Plain(line.ids[0]) + " twice; give every task an id of its own."
		default:
			seen[line.ids[0]] = true
			t.words[line.words] = true
			t.tasks = append(t.tasks, line)
		}
	}
	if len(t.tasks) == 0 && t.bad == "" {
		t.bad = "The template " + Plain(path) + " has no task with an id, so that nothing can be ticked off; " +
			"write one behind each, as in “- [ ] Alerts exist <!-- handrail:orr/alerts -->”."
	}
	return t
}

// fill answers a template in a result: each of its tasks must be in the
// description, and ticked or said not to apply, wherever it stands.
func (t *template) fill(r *Result, body string) {
	switch {
	case t.fault.why != "":
		t.fault.fill(r)
		return
	case t.bad != "":
		r.State, r.Summary, r.Can = Unmet, t.bad, []string{templateChangers}
		return
	}
	r.Evidence = []Evidence{{Kind: "file", ID: t.path}}
	d := describe(body)
	var count checklistCount
	for i := range t.tasks {
		t.answer(&t.tasks[i], &d, &count)
	}
	count.fill(r, t)
}

// described are the tasks of a description.
type described struct {
	body string
	byID map[string][]task
	bare map[string]bool // the words of those that have no id and are not ticked
}

func describe(body string) described {
	d := described{body: strings.ToLower(body), byID: map[string][]task{}, bare: map[string]bool{}}
	for _, line := range tasksOf(body) {
		for _, id := range line.ids {
			d.byID[id] = append(d.byID[id], line)
		}
		if len(line.ids) == 0 && !line.ticked {
			d.bare[line.words] = true
		}
	}
	return d
}

// answer finds out what the description says of one task. Of several lines
// that are about it the worst counts; one that has its words and no id, and is
// not ticked, is such a line, since a reader takes it for the task.
func (t *template) answer(question *task, d *described, c *checklistCount) {
	id, worst, reason := question.ids[0], doneTask, ""
	if d.bare[question.words] {
		worst = openTask
	}
	for _, line := range d.byID[id] {
		a, why := line.answered(question.text)
		if len(line.ids) > 1 || line.words != question.words && t.words[line.words] {
			a = spuriousTask
		}
		if a < worst {
			worst, reason = a, why
		}
	}
	name := "“" + quoted(question.text) + "”"
	switch {
	case len(d.byID[id]) > 0:
		c.add(worst, name, id, reason)
		return
	case strings.Contains(d.body, idMark+id+" "), strings.Contains(d.body, idMark+id+"-->"):
		c.notes = append(c.notes, name+" is not found as a task: its id "+id+" stands in code, in a quote, or on a line that is no item of a task list.")
	}
	c.missing = append(c.missing, name)
}

// checklistCount is what came out for all tasks of a template.
type checklistCount struct {
	missing, open, struck, unsaid []string // their names
	spurious                      []string
	done                          int
	notes, reasons                []string
}

func (c *checklistCount) add(a answer, name, id, reason string) {
	switch a {
	case doneTask:
		c.done++
	case notForUs:
		c.reasons = append(c.reasons, name+" is not for this change: "+quoted(reason)+".")
	case unsaidTask:
		c.unsaid = append(c.unsaid, name)
	case struckTask:
		c.struck = append(c.struck, name)
	case spuriousTask:
		c.spurious = append(c.spurious, name)
		c.notes = append(c.notes, name+" is not found: its id "+id+" stands on a line that is about another task, or that has a second id.")
	default:
		c.open = append(c.open, name)
	}
}

// checklistNames is how many tasks a sentence names.
const checklistNames = 3

// fill writes what came out.
func (c *checklistCount) fill(r *Result, t *template) {
	all, left := len(t.tasks), len(t.tasks)-c.done-len(c.reasons)
	r.Notes = append(limited(c.notes, "remarks"), limited(c.reasons, "reasons")...)
	if left == 0 {
		r.State, r.Summary = Met, "Every task of "+Plain(t.path)+" is done: "+strconv.Itoa(all)+"."
		if n := len(c.reasons); n > 0 {
			r.Summary = "Every task of " + Plain(t.path) + " is done or does not apply: " + strconv.Itoa(c.done) + " ticked, " + strconv.Itoa(n) + " with a reason why not."
		}
		return
	}
	say := []string{strconv.Itoa(left) + " of " + count(all, "task") + " of " + Plain(t.path) + " " + plural(left, "is", "are") + " not done."}
	if len(c.open) > 0 {
		say = append(say, "Tick "+list(c.open, checklistNames)+" in the description when it is done, or write “n/a:” and why not.")
	}
	if words := append(c.unsaid, c.struck...); len(words) > 0 {
		say = append(say, "Say why "+list(words, checklistNames)+" "+plural(len(words), "does", "do")+" not apply: “n/a:” and the reason.")
	}
	if lost := append(c.missing, c.spurious...); len(lost) > 0 {
		say = append(say, "Put "+list(lost, checklistNames)+" back into the description, as the template has "+plural(len(lost), "it", "them")+", with the comment behind "+plural(len(lost), "it", "them")+".")
	}
	r.State, r.Summary, r.Can = Unmet, strings.Join(say, " "), []string{theAuthor}
}
