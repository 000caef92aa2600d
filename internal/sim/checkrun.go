package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// checks is what is known of one commit in one repository.
type checks struct {
	suites   []*suite
	runs     []*CheckRun
	statuses []*status
}

// suite is an App's check-suite on a commit.
type suite struct {
	repo             *Repo
	id               int64
	app              *App
	sha, branch      string
	before           string
	created, updated time.Time
}

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

type status struct {
	repo             *Repo
	id               int64
	context, state   string // state in lower case
	description, url string
	creator          *Account
	created          time.Time
	sha              string
}

// Run is a check-run as it is at one moment.
type Run struct {
	ID                               int64
	App                              int64
	Name, SHA                        string
	Status, Conclusion               string // as REST has them: "completed", "success"
	ExternalID                       string
	Title, Summary, Text, DetailsURL string
	Annotations                      int
	Actions                          []string // identifiers
}

// GitHub's published limits of a check-run.
const (
	maxOutput      = 65535
	maxAnnotations = 50
	maxActions     = 3
	maxRunsOfName  = 1000
)

func (r *Repo) on(sha string) *checks {
	c := r.commits[sha]
	if c == nil {
		c = &checks{}
		r.commits[sha] = c
	}
	return c
}

// requestSuites makes the suites of a pushed commit, one for each App that may
// write checks and is installed here, and asks the Apps for checks.
func (r *Repo) requestSuites(by *Account, branch, was, sha string) {
	for _, app := range r.gh.apps {
		if in := r.gh.installation(app, r); in == nil || rank(app.permissions["checks"]) < rank("write") {
			continue
		}
		s := r.suite(app, sha)
		s.branch, s.before = branch, was
		r.emit(event{name: "check_suite", action: "requested", sender: by, only: app, body: m{"check_suite": r.gh.suiteJSON(s)}})
	}
}

func (r *Repo) suite(app *App, sha string) *suite {
	c := r.on(sha)
	for _, s := range c.suites {
		if s.app == app {
			return s
		}
	}
	s := &suite{repo: r, id: r.gh.id(), app: app, sha: sha, created: r.gh.now(), updated: r.gh.now()}
	for name, at := range r.branches {
		if at == sha && (s.branch == "" || name < s.branch) {
			s.branch = name
		}
	}
	c.suites = append(c.suites, s)
	r.gh.nodes[s.node()] = s
	return s
}

func (s *suite) node() string { return nodeID("CS", s.id) }

// runs of the suite, the newest of each name.
func (s *suite) runs() []*CheckRun {
	var list []*CheckRun
	for _, run := range s.repo.on(s.sha).newest() {
		if run.suite == s {
			list = append(list, run)
		}
	}
	return list
}

func (s *suite) verdict() (status, conclusion string) {
	runs := s.runs()
	if len(runs) == 0 {
		return "queued", ""
	}
	conclusion = "success"
	for _, run := range runs {
		if run.status != "completed" {
			return "in_progress", ""
		}
		if !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion) {
			conclusion = run.conclusion
		}
	}
	return "completed", conclusion
}

// newest is the newest run of each (App, name), in the order they were made.
func (c *checks) newest() []*CheckRun {
	var list []*CheckRun
	for i, run := range c.runs {
		later := slices.ContainsFunc(c.runs[i+1:], func(o *CheckRun) bool { return o.app == run.app && o.name == run.name })
		if !later {
			list = append(list, run)
		}
	}
	return list
}

// newestStatus is the newest status of each context.
func (c *checks) newestStatus() []*status {
	var list []*status
	for i, s := range c.statuses {
		if !slices.ContainsFunc(c.statuses[i+1:], func(o *status) bool { return strings.EqualFold(o.context, s.context) }) {
			list = append(list, s)
		}
	}
	return list
}

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
			if n := utf8.RuneCountInString(fmt.Sprint(a[field])); n > limit || a[field] == nil {
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
	same := 0
	for _, run := range r.on(sha).runs {
		if run.app == app && run.name == *c.name {
			same++
		}
	}
	if same >= maxRunsOfName {
		return nil, fmt.Errorf("a check-suite takes at most %d runs of one name", maxRunsOfName)
	}
	run := &CheckRun{repo: r, suite: r.suite(app, sha), ID: r.gh.id(), app: app, name: *c.name, sha: sha, status: "queued", started: r.gh.now()}
	r.on(sha).runs = append(r.on(sha).runs, run)
	r.gh.nodes[run.node()] = run
	run.set(c)
	run.told("created", by, nil)
	if run.status == "completed" {
		run.told("completed", by, nil)
	}
	return run, nil
}

func (run *CheckRun) node() string { return nodeID("CR", run.ID) }

// update changes a check-run; annotations are added to those it has.
func (run *CheckRun) update(by *Account, c runChange) error {
	if err := c.check(run); err != nil {
		return err
	}
	was := run.status
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

// pulls are the open pull requests that GitHub names in a run's webhooks: those
// from a branch of the same repository.
func (s *suite) pulls() []*Pull {
	var list []*Pull
	for _, branch := range sortedKeys(s.repo.byHead) {
		for _, p := range s.repo.byHead[branch] {
			if p.head == s.sha && p.headRepo == s.repo && p.repo == s.repo {
				list = append(list, p)
			}
		}
	}
	return list
}

// NewRun is a check-run of another App, such as a CI system.
type NewRun struct {
	App        string // slug; default "github-actions"
	SHA        string
	Name       string
	Conclusion string // success, failure, …; "" leaves it in progress
	Title      string
	Summary    string
}

// StartRun makes a check-run as another App does.
func (r *Repo) StartRun(n NewRun) (*CheckRun, error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	app := r.gh.makeApp(0, cmp.Or(n.App, "github-actions"))
	c := runChange{name: &n.Name, status: ref("in_progress")}
	if n.Conclusion != "" {
		c.status, c.conclusion = ref("completed"), &n.Conclusion
	}
	if n.Summary != "" {
		c.output = &output{title: cmp.Or(n.Title, n.Name), summary: n.Summary}
	}
	return r.createRun(app, app.bot(), n.SHA, c)
}

// Finish completes the run of another App.
func (run *CheckRun) Finish(conclusion string) error {
	run.repo.gh.mu.Lock()
	defer run.repo.gh.mu.Unlock()
	return run.update(run.app.bot(), runChange{status: ref("completed"), conclusion: &conclusion})
}

// Rerequest is the button "Re-run" of a check-run.
func (run *CheckRun) Rerequest(by string) {
	run.repo.gh.mu.Lock()
	defer run.repo.gh.mu.Unlock()
	run.told("rerequested", run.repo.gh.account(by), nil)
}

// Act is one of the run's own buttons.
func (run *CheckRun) Act(by, identifier string) {
	run.repo.gh.mu.Lock()
	defer run.repo.gh.mu.Unlock()
	run.told("requested_action", run.repo.gh.account(by), m{"requested_action": m{"identifier": identifier}})
}

// RerequestSuite is the button "Re-run all checks" for the App under test.
func (r *Repo) RerequestSuite(by, sha string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	s := r.suite(r.gh.app, sha)
	r.emit(event{name: "check_suite", action: "rerequested", sender: r.gh.account(by), only: r.gh.app, body: m{"check_suite": r.gh.suiteJSON(s)}})
}

// Age makes an incomplete run stale, as GitHub does after 14 days.
func (run *CheckRun) Age() {
	run.repo.gh.mu.Lock()
	defer run.repo.gh.mu.Unlock()
	if run.status != "completed" {
		run.status, run.conclusion, run.completed = "completed", "stale", run.repo.gh.now()
	}
}

// Now is the run as it is.
func (run *CheckRun) Now() Run {
	run.repo.gh.mu.Lock()
	defer run.repo.gh.mu.Unlock()
	return run.view()
}

func (run *CheckRun) view() Run {
	v := Run{ID: run.ID, App: run.app.ID, Name: run.name, SHA: run.sha, Status: run.status, Conclusion: run.conclusion,
		ExternalID: run.externalID, Title: run.output.title, Summary: run.output.summary, Text: run.output.text,
		DetailsURL: run.details, Annotations: len(run.annotations)}
	for _, a := range run.actions {
		v.Actions = append(v.Actions, fmt.Sprint(a["identifier"]))
	}
	return v
}

// Runs are all check-runs on a commit, oldest first, those overtaken by a newer
// one of the same name included.
func (r *Repo) Runs(sha string) []Run {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	var list []Run
	for _, run := range r.on(sha).runs {
		list = append(list, run.view())
	}
	return list
}

// Run is the newest run of a name on the pull request's head, made by the App
// under test; ok is false when there is none.
func (p *Pull) Run(name string) (run Run, ok bool) {
	gh := p.repo.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	for _, r := range p.repo.on(p.head).newest() {
		if r.name == name && r.app == gh.app {
			run, ok = r.view(), true
		}
	}
	return run, ok
}

// FindRun is the run with that id, to press its buttons; nil if there is none.
func (gh *GitHub) FindRun(id int64) *CheckRun {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	run, _ := gh.nodes[nodeID("CR", id)].(*CheckRun)
	return run
}

// SetStatus sets a commit status as somebody else's CI does: state is pending,
// success, failure or error.
func (r *Repo) SetStatus(by, sha, context, state, description string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.setStatus(r.gh.account(by), sha, status{context: context, state: state, description: description})
}

func (r *Repo) setStatus(by *Account, sha string, s status) *status {
	s.repo, s.id, s.creator, s.created, s.sha = r, r.gh.id(), by, r.gh.now(), sha
	r.on(sha).statuses = append(r.on(sha).statuses, &s)
	r.gh.nodes[nodeID("SC", s.id)] = &s
	r.gh.changed(Change{Kind: "status", Repo: r.fullName(), SHA: sha, By: by.Login, Name: s.context, Value: s.state})
	r.emit(event{name: "status", sender: by, body: r.statusEvent(&s)})
	return &s
}

func ref[T any](v T) *T { return &v }
