package sim

import (
	"cmp"
	"slices"
	"strings"
)

func appFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(a *App) any { return a.node() }),
		"databaseId": get(func(a *App) any { return a.ID }),
		"slug":       get(func(a *App) any { return a.Slug }),
		"name":       get(func(a *App) any { return a.Slug }),
	}
}

func suiteFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(s *suite) any { return s.node() }),
		"databaseId":  get(func(s *suite) any { return s.id }),
		"app":         get(func(s *suite) any { return s.app }),
		"status":      get(func(s *suite) any { st, _ := s.verdict(); return strings.ToUpper(st) }),
		"conclusion":  get(func(s *suite) any { _, c := s.verdict(); return text(strings.ToUpper(c)) }),
		"commit":      get(func(s *suite) any { return commitOf{s.repo, s.repo.objects.commits[s.sha]} }),
		"createdAt":   get(func(s *suite) any { return s.created }),
		"workflowRun": get(func(s *suite) any { return s.workflow }),
		"checkRuns": on(func(_ *execution, s *suite, a args) (any, error) {
			name := a.object("filterBy").text("checkName")
			all := s.runs()
			if a.object("filterBy").text("checkType") == "ALL" {
				all = slices.DeleteFunc(slices.Clone(s.repo.on(s.sha).runs), func(run *CheckRun) bool { return run.suite != s })
			}
			all = slices.DeleteFunc(slices.Clone(all), func(run *CheckRun) bool { return name != "" && run.name != name })
			return connection{kind: "CheckRun", items: items(all)}, nil
		}),
	}
}

func workflowRunFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(w *WorkflowRun) any { return w.node() }),
		"databaseId": get(func(w *WorkflowRun) any { return w.id }),
		"runNumber":  get(func(w *WorkflowRun) any { return w.number }),
		"event":      get(func(w *WorkflowRun) any { return w.event }),
		"createdAt":  get(func(w *WorkflowRun) any { return w.created }),
		"updatedAt":  get(func(w *WorkflowRun) any { return w.updated }),
		"checkSuite": get(func(w *WorkflowRun) any { return w.suite }),
		"url":        get(func(w *WorkflowRun) any { return w.repo.url() + "/actions/runs/" + itoa(int(w.id)) }),
		"workflow": get(func(w *WorkflowRun) any {
			return object{"Workflow", m{"id": w.workflow.node(), "databaseId": w.workflow.id, "name": w.workflow.name, "state": "ACTIVE"}}
		}),
	}
}

func runFields() map[string]resolver {
	link := func(run *CheckRun) string { return run.repo.url() + "/runs/" + itoa(int(run.ID)) }
	return map[string]resolver{
		"id":          get(func(run *CheckRun) any { return run.node() }),
		"databaseId":  get(func(run *CheckRun) any { return run.ID }),
		"externalId":  get(func(run *CheckRun) any { return text(run.externalID) }),
		"name":        get(func(run *CheckRun) any { return run.name }),
		"status":      get(func(run *CheckRun) any { return strings.ToUpper(run.status) }),
		"conclusion":  get(func(run *CheckRun) any { return text(strings.ToUpper(run.conclusion)) }),
		"startedAt":   get(func(run *CheckRun) any { return run.started }),
		"completedAt": get(func(run *CheckRun) any { return run.completed }),
		"permalink":   get(func(run *CheckRun) any { return link(run) }),
		"url":         get(func(run *CheckRun) any { return link(run) }),
		"detailsUrl":  get(func(run *CheckRun) any { return cmp.Or(run.details, link(run)) }),
		"title":       get(func(run *CheckRun) any { return text(run.output.title) }),
		"summary":     get(func(run *CheckRun) any { return text(run.output.summary) }),
		"text":        get(func(run *CheckRun) any { return text(run.output.text) }),
		"checkSuite":  get(func(run *CheckRun) any { return run.suite }),
		"repository":  get(func(run *CheckRun) any { return run.repo }),
		"isRequired": on(func(_ *execution, run *CheckRun, a args) (any, error) {
			return run.repo.requires(a.int("pullRequestNumber"), run.name, run.app.ID), nil
		}),
	}
}

func (r *Repo) requires(number int, name string, app int64) bool {
	p := r.pulls[number]
	return p != nil && slices.ContainsFunc(r.rules[p.base].Checks, func(c RequiredCheck) bool {
		return c.Name == name && (c.App == 0 || c.App == app)
	})
}

func statusFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(s *status) any { return nodeID("SC", s.id) }),
		"context":     get(func(s *status) any { return s.context }),
		"state":       get(func(s *status) any { return strings.ToUpper(s.state) }),
		"description": get(func(s *status) any { return text(s.description) }),
		"targetUrl":   get(func(s *status) any { return text(s.url) }),
		"createdAt":   get(func(s *status) any { return s.created }),
		"creator":     get(func(s *status) any { return actor(s.creator) }),
		"isRequired": on(func(_ *execution, s *status, a args) (any, error) {
			return s.repo.requires(a.int("pullRequestNumber"), s.context, 0), nil
		}),
	}
}

func rollupOf(r *Repo, sha string) any {
	if on := r.on(sha); len(on.runs)+len(on.statuses) == 0 {
		return nil
	}
	return rollup{r, sha}
}

func rollupFields() map[string]resolver {
	return map[string]resolver{
		"id":    get(func(v rollup) any { return "SCR_" + v.sha }),
		"state": get(func(v rollup) any { return v.state() }),
		"commit": get(func(v rollup) any {
			return commitOf{v.r, v.r.objects.commits[v.sha]}
		}),
		"contexts": get(func(v rollup) any {
			on := v.r.on(v.sha)
			return connection{kind: "StatusCheckRollupContext", items: append(items(on.newest()), items(on.newestStatus())...)}
		}),
	}
}

func (v rollup) state() string {
	on := v.r.on(v.sha)
	state := "SUCCESS"
	for _, run := range on.newest() {
		switch {
		case run.status != "completed":
			state = "PENDING"
		case !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion):
			return "FAILURE"
		}
	}
	for _, s := range on.newestStatus() {
		switch s.state {
		case "failure", "error":
			return "FAILURE"
		case "pending":
			state = "PENDING"
		}
	}
	return state
}
