package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NewWorkflowRun is a run of a GitHub Actions workflow, as an event starts it.
type NewWorkflowRun struct {
	// Workflow is its file, ".github/workflows/ci.yml". With "@ref" behind it the
	// run's path is told so too, as GitHub sometimes does.
	Workflow string
	Name     string // of the workflow; default: its file's name, "ci"
	Job      string // the name of its one job's check-run; default: Name
	// Event that started it: "pull_request" when Pull is set, else "push", unless
	// said otherwise. A "push" with Pull is one to the pull request's branch.
	Event string
	Pull  *Pull
	// Branch and SHA are what it runs for when there is no pull request: the
	// default branch and its commit when empty.
	Branch, SHA string
	// Tag is the tag that it runs for instead.
	Tag string
	By  string // who started it; default: the pull request's author, or an owner
	// Uses are workflows that it calls: files of the same repository, or
	// "owner/name/path@ref".
	Uses    []string
	Started bool // false: queued
}

// WorkflowRun is a run of a GitHub Actions workflow, with all its attempts.
type WorkflowRun struct {
	repo     *Repo
	workflow *workflow
	suite    *suite
	job      *CheckRun // of this attempt; nil before it starts
	jobName  string

	id              int64
	number, attempt int
	path            string // as told: perhaps with "@ref"
	event           string
	pull            *Pull
	branch, head    string
	onto            string // base branch of the pull request
	headRepo        *Repo
	tested, ref     string // GITHUB_SHA and GITHUB_REF
	actor, trigger  *Account
	uses            []string

	status, conclusion      string
	created, begun, updated time.Time
	artifacts               []*Artifact
	deployments             []*Deployment
	inputs                  map[string]string // of workflow_dispatch
	bearer                  string            // of its requests for OIDC tokens
}

// StartWorkflow starts a run as GitHub does when something happens: its suite
// is made, and the Apps are told; its job's check-run is made when the attempt
// starts, as that of a run that waits for its turn. Where the pull request conflicts with its
// base there is no test merge, and no run: an error, as it is for a commit that
// is not there.
func (r *Repo) StartWorkflow(n NewWorkflowRun) (*WorkflowRun, error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.startWorkflow(n, nil)
}

func (r *Repo) startWorkflow(n NewWorkflowRun, inputs map[string]string) (*WorkflowRun, error) {
	w := &WorkflowRun{repo: r, inputs: inputs, event: n.Event, pull: n.Pull, uses: slices.Clone(n.Uses), path: n.Workflow, status: "queued", attempt: 1}
	if err := w.aim(n); err != nil {
		return nil, fmt.Errorf("start workflow %s of %s: %w", n.Workflow, r.fullName(), err)
	}
	w.workflow = r.workflow(n)
	w.workflow.runs++
	w.id, w.number, w.jobName = r.gh.id(), w.workflow.runs, cmp.Or(n.Job, w.workflow.name)
	if n.By != "" {
		w.actor = r.gh.account(n.By)
	}
	w.trigger, w.bearer = w.actor, r.gh.guid()
	w.created, w.begun, w.updated = r.gh.now(), r.gh.now(), r.gh.now()
	w.suite = &suite{repo: r, id: r.gh.id(), app: r.gh.makeApp(0, "github-actions"), sha: w.head, branch: w.branch, workflow: w,
		created: w.created, updated: w.created}
	r.on(w.head).suites = append(r.on(w.head).suites, w.suite)
	r.gh.nodes[w.suite.node()], r.gh.nodes[w.node()] = w.suite, w
	r.workflowRuns = append(r.workflowRuns, w)
	w.told("requested")
	if n.Started {
		w.start()
	}
	return w, nil
}

func (w *WorkflowRun) node() string { return nodeID("WFR", w.id) }

// do runs a step of the run under the lock.
func (w *WorkflowRun) do(f func()) {
	w.repo.gh.mu.Lock()
	defer w.repo.gh.mu.Unlock()
	f()
}

// ID is the run's id, the same for all attempts.
func (w *WorkflowRun) ID() int64 { return w.id }

// Attempt counts the attempts, from 1.
func (w *WorkflowRun) Attempt() (n int) {
	w.do(func() { n = w.attempt })
	return n
}

// Tested is GITHUB_SHA: for a pull request its test merge as it was when the run
// was first started, for "pull_request_target" the base branch's commit then,
// for "push" the head.
func (w *WorkflowRun) Tested() string { return w.tested }

// Start begins the attempt, also of a run that was held back for approval
// ("action_required"); it does nothing when that has begun already.
func (w *WorkflowRun) Start() { w.do(w.start) }

func (w *WorkflowRun) start() {
	if w.status != "queued" && w.conclusion != "action_required" {
		return
	}
	w.status, w.conclusion, w.updated = "in_progress", "", w.repo.gh.now()
	if w.job == nil || w.job.status == "completed" {
		w.makeJob()
	}
	w.told("in_progress")
}

// makeJob makes the check-run of the attempt's job, in progress.
func (w *WorkflowRun) makeJob() {
	name := w.jobName
	w.job = w.repo.addRun(w.suite, w.suite.app.bot(), runChange{name: &name, status: ref("in_progress")})
}

// jobless are conclusions of runs that never get to a job.
var jobless = [...]string{"action_required", "startup_failure"}

// Finish completes the attempt: success, failure, cancelled, skipped,
// timed_out, …; "action_required" holds a first-time contributor's run back,
// and "startup_failure" is a file that is no workflow. An attempt that is
// completed stays as it is.
func (w *WorkflowRun) Finish(conclusion string) {
	w.do(func() { w.finish(conclusion) })
}

func (w *WorkflowRun) finish(conclusion string) {
	if w.status == "completed" {
		return
	}
	if w.job == nil && !slices.Contains(jobless[:], conclusion) {
		w.makeJob()
	}
	w.status, w.conclusion, w.updated = "completed", conclusion, w.repo.gh.now()
	bot := w.suite.app.bot()
	if w.job != nil {
		// GitHub itself completes it, with any word.
		w.job.set(runChange{status: ref("completed"), conclusion: &conclusion})
		w.job.told("completed", bot, nil)
	} else {
		w.repo.emit(event{name: "check_suite", action: "completed", sender: bot, body: m{"check_suite": w.repo.gh.suiteJSON(w.suite)}})
	}
	w.endDeployments()
	w.told("completed")
}

// Rerun makes the next attempt, queued, of a run that is completed: of the same
// commit, whatever has moved since.
func (w *WorkflowRun) Rerun(by string) {
	w.do(func() {
		if w.status != "completed" {
			return
		}
		w.attempt++
		w.status, w.conclusion, w.job, w.trigger = "queued", "", nil, w.repo.gh.account(by)
		w.begun, w.updated, w.bearer = w.repo.gh.now(), w.repo.gh.now(), w.repo.gh.guid()
		w.told("requested")
	})
}

func (w *WorkflowRun) told(action string) {
	gh, n := w.repo.gh, 0
	if w.pull != nil {
		n = w.pull.Number
	}
	gh.changed(Change{Kind: "workflow_run", Repo: w.repo.fullName(), Pull: n, SHA: w.head, By: w.trigger.Login, Name: w.workflow.path,
		Value: strings.TrimSuffix(w.status+"/"+w.conclusion, "/")})
	w.repo.emit(event{name: "workflow_run", action: action, sender: w.trigger, body: m{
		"workflow_run": gh.workflowRunJSON(w, true), "workflow": w.repo.workflowJSON(w.workflow)}})
}
