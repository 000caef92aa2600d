package sim

import (
	"fmt"
	"slices"
	"time"
)

// Deployment is a deployment of a commit to an environment: of a workflow's job, or
// of somebody else's.
type Deployment struct {
	repo     *Repo
	run      *WorkflowRun // nil for somebody else's
	id       int64
	env      *environment
	sha, ref string // ref is a branch, a tag or the commit
	creator  *Account
	statuses []*deployStatus // oldest first
	gate     *gate           // nil where no rule guards the environment

	created, updated time.Time
}

type deployStatus struct {
	id          int64
	state       string
	description string
	creator     *Account
	created     time.Time
}

// environment is what is deployed to. rule is the id of the App's protection rule, 0
// for none.
type environment struct {
	id, rule int64
	name     string
	created  time.Time
}

func (e *environment) node() string { return nodeID("EN", e.id) }

func (r *Repo) environment(name string) *environment {
	for _, e := range r.environments {
		if e.name == name {
			return e
		}
	}
	e := &environment{id: r.gh.id(), name: name, created: r.gh.now()}
	r.environments = append(r.environments, e)
	return e
}

// deploy makes a deployment and tells of it.
func (r *Repo) deploy(by *Account, e *environment, sha, ref string, run *WorkflowRun) *Deployment {
	d := &Deployment{repo: r, run: run, id: r.gh.id(), env: e, sha: sha, ref: ref, creator: by, created: r.gh.now(), updated: r.gh.now()}
	r.deployments = append(r.deployments, d)
	r.gh.nodes[d.node()] = d
	d.tell("deployment", nil)
	return d
}

// Deploy makes a deployment as somebody does who deploys by other means than GitHub's
// workflows: ref is a branch, a tag or a commit.
func (r *Repo) Deploy(by, environment, ref string) (*Deployment, error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	sha := r.resolve(ref)
	if r.objects.commits[sha] == nil {
		return nil, fmt.Errorf("deploy %s of %s: no such ref", ref, r.fullName())
	}
	return r.deploy(r.gh.account(by), r.environment(environment), sha, ref, nil), nil
}

// Deployments are all deployments of the repository, the oldest first.
func (r *Repo) Deployments() []*Deployment {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return slices.Clone(r.deployments)
}

// SetStatus says how the deployment goes: queued, in_progress, pending, success,
// failure, error or inactive, of which nobody is told. A success makes those before
// in the environment inactive.
func (d *Deployment) SetStatus(by, state string) {
	d.do(by, func(who *Account) { d.say(who, state) })
}

func (d *Deployment) say(by *Account, state string) {
	gh := d.repo.gh
	s := &deployStatus{id: gh.id(), state: state, creator: by, created: gh.now()}
	d.statuses, d.updated = append(d.statuses, s), gh.now()
	gh.nodes[nodeID("DES", s.id)] = deployStatusOf{d, s}
	gh.changed(Change{Kind: "deployment", Repo: d.repo.fullName(), SHA: d.sha, By: by.Login, Name: d.env.name, Value: state})
	if state != "inactive" {
		d.tell("deployment_status", s)
	}
	if state != "success" {
		return
	}
	for _, o := range d.repo.deployments {
		if o != d && o.env == d.env && o.state() == "success" {
			o.say(by, "inactive")
		}
	}
}

func (d *Deployment) state() string {
	if n := len(d.statuses); n > 0 {
		return d.statuses[n-1].state
	}
	return ""
}

// over says whether the deployment has come to an end.
func (d *Deployment) over() bool {
	return slices.Contains([]string{"success", "failure", "error", "inactive"}, d.state())
}

func (d *Deployment) tell(name string, s *deployStatus) {
	gh := d.repo.gh
	body := m{"deployment": gh.deploymentJSON(d), "workflow": nil, "workflow_run": nil}
	if d.run != nil {
		body["workflow"], body["workflow_run"] = d.repo.workflowJSON(d.run.workflow), gh.deployRunJSON(d.run)
	}
	by := d.creator
	if s != nil {
		body["deployment_status"], by = gh.deployStatusJSON(d, s), s.creator
		if d.run == nil {
			delete(body, "workflow")
		}
	}
	d.repo.emit(event{name: name, action: "created", sender: by, body: body})
}

func (d *Deployment) node() string { return nodeID("DE", d.id) }

// do runs what somebody does to the deployment under the lock.
func (d *Deployment) do(by string, f func(who *Account)) {
	d.repo.gh.mu.Lock()
	defer d.repo.gh.mu.Unlock()
	f(d.repo.gh.account(by))
}

// DeploymentState is a deployment as it is at one moment.
type DeploymentState struct {
	ID                    int64
	Environment, SHA, Ref string
	State                 string   // its last status; "" for none
	Gate                  string   // waiting, approved, rejected, bypassed or over; "" without a rule
	Comments              []string // that the App put on the gate
}

// Now is the deployment as it is.
func (d *Deployment) Now() (s DeploymentState) {
	d.do("ghost", func(*Account) {
		s = DeploymentState{ID: d.id, Environment: d.env.name, SHA: d.sha, Ref: d.ref, State: d.state()}
		if d.gate != nil {
			s.Gate, s.Comments = d.gate.state, slices.Clone(d.gate.comments)
		}
	})
	return s
}
