package sim

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"
)

// restRun is the body of POST and PATCH check-runs.
type restRun struct {
	Name, Status, Conclusion *string
	HeadSHA                  string     `json:"head_sha"`
	ExternalID               *string    `json:"external_id"`
	DetailsURL               *string    `json:"details_url"`
	StartedAt                *time.Time `json:"started_at"`
	CompletedAt              *time.Time `json:"completed_at"`
	Output                   *struct {
		Title, Summary, Text string
		Annotations          []m
	}
	Actions []m
}

func (ask restRun) change() runChange {
	ch := runChange{name: ask.Name, status: ask.Status, conclusion: ask.Conclusion, externalID: ask.ExternalID, details: ask.DetailsURL,
		started: ask.StartedAt, completed: ask.CompletedAt, actions: ask.Actions}
	if ask.Output != nil {
		ch.output = &output{ask.Output.Title, ask.Output.Summary, ask.Output.Text}
		ch.annotations = ask.Output.Annotations
	}
	return ch
}

func (c *call) postRun() {
	var ask restRun
	if !c.decode(&ask) {
		return
	}
	run, err := c.repo.createRun(c.token.install.app, c.bot(), ask.HeadSHA, ask.change())
	if err != nil {
		c.invalid(err)
		return
	}
	c.created(c.gh.runJSON(run, false))
}

// run is the route's check-run; nil when answered with 404.
func (c *call) run() *CheckRun {
	run, _ := c.gh.nodes[nodeID("CR", c.number("id"))].(*CheckRun)
	if run == nil || run.repo != c.repo {
		c.missing()
		return nil
	}
	return run
}

func (c *call) getRun() {
	if run := c.run(); run != nil {
		c.ok(c.gh.runJSON(run, false))
	}
}

func (c *call) patchRun() {
	run := c.run()
	var ask restRun
	if run == nil || !c.decode(&ask) {
		return
	}
	if run.app != c.token.install.app {
		c.refuse(http.StatusForbidden, "Invalid app_id `"+itoa(int(c.token.install.app.ID))+"` - check run can only be modified by the GitHub App that created it.")
		return
	}
	if err := run.update(c.bot(), ask.change()); err != nil {
		c.invalid(err)
		return
	}
	c.ok(c.gh.runJSON(run, false))
}

func (c *call) runAnnotations() {
	if run := c.run(); run != nil {
		okPage(c, run.annotations, func(a m) m {
			out := m{"path": a["path"], "start_line": a["start_line"], "end_line": a["end_line"], "start_column": a["start_column"],
				"end_column": a["end_column"], "annotation_level": a["annotation_level"], "title": a["title"], "message": a["message"],
				"raw_details": a["raw_details"], "blob_href": c.repo.url() + "/blob/" + run.sha}
			return out
		})
	}
}

func (c *call) commitRuns() {
	sha := c.repo.resolve(c.r.PathValue("sha"))
	q := c.r.URL.Query()
	on := c.repo.on(sha)
	runs := on.newest()
	if q.Get("filter") == "all" {
		runs = on.runs
	}
	runs = slices.DeleteFunc(slices.Clone(runs), func(run *CheckRun) bool {
		return q.Get("check_name") != "" && run.name != q.Get("check_name") || q.Get("app_id") != "" && itoa(int(run.app.ID)) != q.Get("app_id")
	})
	okCounted(c, "check_runs", runs, func(run *CheckRun) m { return c.gh.runJSON(run, false) })
}

func (c *call) commitStatus() {
	sha := c.repo.resolve(c.r.PathValue("sha"))
	all := c.repo.on(sha).newestStatus()
	okPage(c, all, c.gh.statusJSON)
	c.res.body = m{"state": combined(all), "statuses": c.res.body, "sha": sha, "total_count": len(all), "repository": c.gh.repoJSON(c.repo),
		"commit_url": c.repo.api() + "/commits/" + sha, "url": c.repo.api() + "/commits/" + sha + "/status"}
}

func combined(all []*status) string {
	state := "success"
	for _, s := range all {
		switch s.state {
		case "failure", "error":
			return "failure"
		case "pending":
			state = "pending"
		}
	}
	if len(all) == 0 {
		return "pending"
	}
	return state
}

func (c *call) postStatus() {
	var ask struct {
		State, Description, Context string
		TargetURL                   string `json:"target_url"`
	}
	sha := c.r.PathValue("sha")
	if !c.decode(&ask) {
		return
	}
	if c.repo.objects.commits[sha] == nil || !slices.Contains([]string{"error", "failure", "pending", "success"}, ask.State) {
		c.invalid(errors.New("no commit found for SHA, or no such state"))
		return
	}
	s := c.repo.setStatus(c.bot(), sha, status{context: cmp.Or(ask.Context, "default"), state: ask.State, description: ask.Description, url: ask.TargetURL})
	out := c.gh.statusJSON(s)
	out["creator"] = c.gh.userJSON(s.creator)
	c.created(out)
}
