package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// CheckRun is a check-run on a commit.
type CheckRun struct {
	repo        *Repo
	suite       *suite
	ID          int64
	app         *App
	name        string
	sha         string
	status      string // queued, in_progress, completed, in lower case
	conclusion  string // in lower case; "" until completed
	externalID  string
	details     string
	started     time.Time
	completed   time.Time
	output      output
	annotations []m
	actions     []m
}

type output struct{ title, summary, text string }

// GitHub's published limits of a check-run.
const (
	maxOutput      = 65535
	maxAnnotations = 50
	maxActions     = 3
	maxRunsOfName  = 1000
)

// runChange is what a request wants of a check-run; nil fields stay.
type runChange struct {
	name, status, conclusion, externalID, details *string
	started, completed                            *time.Time
	output                                        *output
	annotations, actions                          []m
}

// check refuses what GitHub refuses.
func (c runChange) check(now *CheckRun) error {
	if c.output != nil {
		for what, text := range map[string]string{"summary": c.output.summary, "text": c.output.text, "title": c.output.title} {
			if utf8.RuneCountInString(text) > maxOutput {
				return fmt.Errorf("%s exceeds a maximum bytesize of %d", what, maxOutput)
			}
		}
		if c.output.title == "" || c.output.summary == "" {
			return fmt.Errorf("output needs a title and a summary")
		}
	}
	if len(c.annotations) > maxAnnotations {
		return fmt.Errorf("annotations exceeds a maximum quantity of %d", maxAnnotations)
	}
	if len(c.actions) > maxActions {
		return fmt.Errorf("actions exceeds a maximum quantity of %d", maxActions)
	}
	for _, a := range c.actions {
		for field, limit := range map[string]int{"label": 20, "description": 40, "identifier": 20} {
			if n := utf8.RuneCountInString(fmt.Sprint(a[field])); n < 1 || n > limit || a[field] == nil {
				return fmt.Errorf("action %s must have 1 to %d characters", field, limit)
			}
		}
	}
	if c.conclusion != nil && !slices.Contains([]string{"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}, *c.conclusion) {
		return fmt.Errorf("conclusion %q is not one of those a check-run may have", *c.conclusion)
	}
	if c.status != nil && !slices.Contains([]string{"queued", "in_progress", "completed", "waiting", "requested", "pending"}, *c.status) {
		return fmt.Errorf("status %q is not one of those a check-run may have", *c.status)
	}
	if c.status != nil && *c.status == "completed" && c.conclusion == nil && (now == nil || now.conclusion == "") {
		return fmt.Errorf("a completed check-run needs a conclusion")
	}
	if now != nil && now.status == "completed" && ((c.status != nil && *c.status != "completed") || (c.conclusion != nil && *c.conclusion != now.conclusion)) {
		return fmt.Errorf("check-run %d is completed: it cannot change its status or conclusion; create a new one", now.ID)
	}
	return nil
}

// createRun makes a check-run of an App.
func (r *Repo) createRun(app *App, by *Account, sha string, c runChange) (*CheckRun, error) {
	if r.objects.commits[sha] == nil {
		return nil, fmt.Errorf("no commit found for SHA: %s", sha)
	}
	if c.name == nil || *c.name == "" {
		return nil, fmt.Errorf("name is missing")
	}
	if err := c.check(nil); err != nil {
		return nil, err
	}
	s, same := r.suite(app, sha), 0
	for _, run := range r.on(sha).runs {
		if run.suite == s && run.name == *c.name {
			same++
		}
	}
	if same >= maxRunsOfName {
		return nil, fmt.Errorf("a check-suite takes at most %d runs of one name", maxRunsOfName)
	}
	return r.addRun(s, by, c), nil
}

// addRun adds a check-run to a suite.
func (r *Repo) addRun(s *suite, by *Account, c runChange) *CheckRun {
	run := &CheckRun{repo: r, suite: s, ID: r.gh.id(), app: s.app, name: *c.name, sha: s.sha, status: "queued", started: r.gh.now()}
	r.on(s.sha).runs = append(r.on(s.sha).runs, run)
	r.gh.nodes[run.node()] = run
	run.set(c)
	run.told("created", by, nil)
	if run.status == "completed" {
		run.told("completed", by, nil)
	}
	r.heard(run.sha)
	return run
}

func (run *CheckRun) node() string { return nodeID("CR", run.ID) }

// update changes a check-run; annotations are added to those it has.
func (run *CheckRun) update(by *Account, c runChange) error {
	if err := c.check(run); err != nil {
		return err
	}
	was := run.status
	defer func() { run.repo.heard(run.sha) }()
	run.set(c)
	if was != "completed" && run.status == "completed" {
		run.told("completed", by, nil)
		return nil
	}
	run.note(by)
	return nil
}

func (run *CheckRun) set(c runChange) {
	put := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	put(&run.name, c.name)
	put(&run.status, c.status)
	put(&run.conclusion, c.conclusion)
	put(&run.externalID, c.externalID)
	put(&run.details, c.details)
	if c.conclusion != nil {
		run.status = "completed"
	}
	if c.started != nil {
		run.started = *c.started
	}
	if c.output != nil {
		run.output = *c.output
	}
	if c.actions != nil {
		run.actions = c.actions
	}
	run.annotations = append(run.annotations, c.annotations...)
	if run.status == "completed" && run.completed.IsZero() {
		run.completed = run.repo.gh.now()
		if c.completed != nil {
			run.completed = *c.completed
		}
	}
	run.suite.updated = run.repo.gh.now()
}

// note reports the run's state to OnChange.
func (run *CheckRun) note(by *Account) {
	run.repo.gh.changed(Change{Kind: "check_run", Repo: run.repo.fullName(), SHA: run.sha, By: by.Login, Name: run.name,
		Value: strings.TrimSuffix(run.status+"/"+run.conclusion, "/")})
}

func (run *CheckRun) told(action string, by *Account, extra m) {
	if action == "created" || (action == "completed" && run.status == "completed") {
		run.note(by)
	}
	body := m{"check_run": run.repo.gh.runJSON(run, true)}
	for k, v := range extra {
		body[k] = v
	}
	e := event{name: "check_run", action: action, sender: by, body: body}
	if action == "rerequested" || action == "requested_action" {
		e.only = run.app
	}
	run.repo.emit(e)
	if status, _ := run.suite.verdict(); action == "completed" && status == "completed" {
		run.repo.emit(event{name: "check_suite", action: "completed", sender: by, body: m{"check_suite": run.repo.gh.suiteJSON(run.suite)}})
	}
}

func ref[T any](v T) *T { return &v }
