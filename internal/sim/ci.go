package sim

import (
	"cmp"
	"fmt"
	"slices"
)

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

// Press is Act for somebody who sees the run's page: it is an error for who may not
// write here, and for a button that the run does not have.
func (run *CheckRun) Press(by, identifier string) error {
	run.repo.gh.mu.Lock()
	defer run.repo.gh.mu.Unlock()
	who := run.repo.gh.account(by)
	if rank(run.repo.permission(who)) < rank("write") {
		return fmt.Errorf("press %s: %s may not write to %s", identifier, by, run.repo.fullName())
	}
	if !slices.Contains(run.view().Actions, identifier) {
		return fmt.Errorf("press %s: check-run %d has no such button", identifier, run.ID)
	}
	run.told("requested_action", who, m{"requested_action": m{"identifier": identifier}})
	return nil
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
