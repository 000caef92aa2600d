package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func (rt route) actions() {
	rt.on("GET /repos/{owner}/{repo}/actions/runs", "actions:read", (*call).listWorkflowRuns)
	rt.on("GET /repos/{owner}/{repo}/actions/runs/{id}", "actions:read", (*call).getWorkflowRun)
	rt.on("GET /repos/{owner}/{repo}/actions/runs/{id}/artifacts", "actions:read", (*call).listArtifacts)
	rt.on("GET /repos/{owner}/{repo}/actions/artifacts/{id}", "actions:read", (*call).getArtifact)
	rt.on("GET /repos/{owner}/{repo}/actions/artifacts/{id}/zip", "actions:read", (*call).downloadArtifact)
}

// maxRuns is how many runs GitHub lists of a search.
const maxRuns = 1000

// listWorkflowRuns lists runs by what the query asks for, newest first.
func (c *call) listWorkflowRuns() {
	q := c.r.URL.Query()
	made, ok := parseSpan(q.Get("created"))
	if !ok {
		c.refuse(http.StatusUnprocessableEntity, "sim: created is no date or range of dates")
		return
	}
	is := func(name, value string) bool { return q.Get(name) == "" || q.Get(name) == value }
	var all []*WorkflowRun
	for _, w := range slices.Backward(c.repo.workflowRuns) {
		if is("head_sha", w.head) && is("branch", w.branch) && is("event", w.event) && is("actor", w.actor.Login) &&
			is("check_suite_id", itoa(int(w.suite.id))) && (is("status", w.status) || is("status", w.conclusion)) && made.has(w.created) {
			all = append(all, w)
		}
	}
	slices.SortStableFunc(all, func(a, b *WorkflowRun) int { return b.created.Compare(a.created) })
	okCounted(c, "workflow_runs", all[:min(len(all), maxRuns)], c.workflowRunForm())
	if body, ok := c.res.body.(m); ok {
		body["total_count"] = len(all)
	}
}

// workflowRunForm is how the query wants runs told.
func (c *call) workflowRunForm() func(*WorkflowRun) m {
	return func(w *WorkflowRun) m {
		out := c.gh.workflowRunJSON(w, false)
		if c.r.URL.Query().Get("exclude_pull_requests") == "true" {
			out["pull_requests"] = []m{}
		}
		return out
	}
}

// workflowRun is the route's run; nil when answered with 404.
func (c *call) workflowRun() *WorkflowRun {
	w, _ := c.gh.nodes[nodeID("WFR", c.number("id"))].(*WorkflowRun)
	if w == nil || w.repo != c.repo {
		c.missing()
		return nil
	}
	return w
}

func (c *call) getWorkflowRun() {
	if w := c.workflowRun(); w != nil {
		c.ok(c.workflowRunForm()(w))
	}
}

// listArtifacts lists those of all attempts, newest first.
func (c *call) listArtifacts() {
	w := c.workflowRun()
	if w == nil {
		return
	}
	q := c.r.URL.Query()
	all := slices.DeleteFunc(slices.Clone(w.artifacts), func(a *Artifact) bool { return q.Get("name") != "" && a.name != q.Get("name") })
	if q.Get("direction") != "asc" {
		slices.Reverse(all)
	}
	okCounted(c, "artifacts", all, c.gh.artifactJSON)
}

// artifact is the route's artifact; nil when answered with 404.
func (c *call) artifact() *Artifact {
	a, _ := c.gh.nodes[nodeID("AF", c.number("id"))].(*Artifact)
	if a == nil || a.run.repo != c.repo || !slices.Contains(a.run.artifacts, a) {
		c.missing()
		return nil
	}
	return a
}

func (c *call) getArtifact() {
	if a := c.artifact(); a != nil {
		c.ok(c.gh.artifactJSON(a))
	}
}

// downloadArtifact says where the archive can be fetched for a minute.
func (c *call) downloadArtifact() {
	a := c.artifact()
	switch {
	case a == nil:
		return
	case a.expired():
		c.refuse(http.StatusGone, "Artifact has expired")
		return
	}
	where, err := c.gh.blobs.sign(a)
	if err != nil {
		c.refuse(http.StatusInternalServerError, err.Error())
		return
	}
	if c.gh.redirect != nil {
		where = c.gh.redirect(where)
	}
	c.res = answer{status: http.StatusFound, header: http.Header{"Location": {where}}}
}

// timeSpan is a range of GitHub's search syntax, both ends included; zero is
// open.
type timeSpan struct{ from, to time.Time }

func (s timeSpan) has(t time.Time) bool {
	return (s.from.IsZero() || !t.Before(s.from)) && (s.to.IsZero() || !t.After(s.to))
}

// parseSpan reads ">=T", ">T", "<=T", "<T", "T..T" with "*" for an open end, or
// one T (docs, "Understanding the search syntax"): a day or a second.
func parseSpan(text string) (s timeSpan, ok bool) {
	if text == "" {
		return s, true
	}
	if from, to, ok := strings.Cut(text, ".."); ok {
		a, _, ok1 := parseWhen(from)
		_, b, ok2 := parseWhen(to)
		return timeSpan{a, b}, ok1 && ok2
	}
	bare := strings.TrimLeft(text, "<>=")
	a, b, ok := parseWhen(bare)
	switch strings.TrimSuffix(text, bare) {
	case ">=":
		return timeSpan{from: a}, ok
	case ">":
		return timeSpan{from: b.Add(time.Second)}, ok
	case "<=":
		return timeSpan{to: b}, ok
	case "<":
		return timeSpan{to: a.Add(-time.Second)}, ok
	case "":
		return timeSpan{a, b}, ok
	}
	return s, false
}

// parseWhen is the first and the last second of a day or a second.
func parseWhen(text string) (first, last time.Time, ok bool) {
	if text == "*" {
		return first, last, true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t, true
	}
	t, err := time.Parse(time.DateOnly, text)
	return t, t.Add(24*time.Hour - time.Second), err == nil
}
