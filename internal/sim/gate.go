package sim

import (
	"fmt"
	"net/http"
	"unicode/utf8"
)

// gate is a job that waits for the App's protection rule.
type gate struct {
	state    string // waiting, approved, rejected, bypassed, over
	comments []string
	statuses int // comments that came without an answer
}

const waiting = "waiting"

// Limits of what the App may say about a gate (docs, "Creating custom deployment
// protection rules").
const maxGateStatuses, maxGateComment = 10, 1024

// Guard puts the protection rule of the App under test on an environment, which is
// made if need be.
func (r *Repo) Guard(environment string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.environment(environment).rule = r.gh.id()
}

// Unguard takes the rule off. Jobs that wait go on waiting.
func (r *Repo) Unguard(environment string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.environment(environment).rule = 0
}

// ForgeCallbacks puts another address of where to answer into what the App is told
// of gates from now on; nil ends that. f is called under the stand-in's lock.
func (gh *GitHub) ForgeCallbacks(f func(url string) string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.forged = f
}

// Deploy has a job of the run need an environment: a deployment is made, and where a
// rule guards the environment the run waits and the App is asked.
func (w *WorkflowRun) Deploy(environment string) (d *Deployment) {
	w.do(func() {
		r := w.repo
		d = r.deploy(w.suite.app.bot(), r.environment(environment), w.head, w.branch, w)
		w.deployments = append(w.deployments, d)
		if d.env.rule == 0 {
			w.start()
			d.say(d.creator, "in_progress")
			return
		}
		d.gate, w.status, w.updated = &gate{state: waiting}, waiting, r.gh.now()
		r.gh.changed(Change{Kind: "workflow_run", Repo: r.fullName(), SHA: w.head, By: w.trigger.Login, Name: w.workflow.path, Value: waiting})
		d.ask()
	})
	return d
}

// ask asks the App under test for its answer.
func (d *Deployment) ask() {
	gh := d.repo.gh
	callback := d.run.api() + "/deployment_protection_rule"
	if gh.forged != nil {
		callback = gh.forged(callback)
	}
	pulls := []m{}
	for _, p := range d.run.suite.pulls() {
		pulls = append(pulls, gh.pullJSON(p, true))
	}
	d.repo.emit(event{name: "deployment_protection_rule", action: "requested", sender: d.run.trigger, only: gh.app, body: m{
		"environment": d.env.name, "event": d.run.event, "deployment_callback_url": callback, "deployment": gh.deploymentJSON(d), "pull_requests": pulls}})
}

// answer takes the App's answer: state is approved, rejected, or "" for a comment.
func (d *Deployment) answer(by *Account, state, comment string) error {
	g := d.gate
	switch {
	case g == nil || g.state != waiting || d.run.status == "completed":
		return fmt.Errorf("no deployment protection rule waits for review in %s", d.env.name)
	case state != "" && state != "approved" && state != "rejected":
		return fmt.Errorf("state %q is not approved or rejected", state)
	case state == "" && comment == "":
		return fmt.Errorf("comment is missing")
	case utf8.RuneCountInString(comment) > maxGateComment:
		return fmt.Errorf("comment is too long (maximum is %d characters)", maxGateComment)
	case state == "" && g.statuses == maxGateStatuses:
		return fmt.Errorf("there are %d status reports already", maxGateStatuses)
	}
	if comment != "" {
		g.comments = append(g.comments, comment)
	}
	d.repo.gh.changed(Change{Kind: "gate", Repo: d.repo.fullName(), SHA: d.sha, By: by.Login, Name: d.env.name, Value: state})
	if state == "" {
		g.statuses++
		return nil
	}
	d.settle(state)
	return nil
}

// settle ends the gate. The run goes on once none waits; rejected, it fails.
func (d *Deployment) settle(state string) {
	d.gate.state = state
	if state == "rejected" {
		d.run.finish("failure")
		return
	}
	for _, o := range d.run.deployments {
		if o.gate != nil && o.gate.state == waiting {
			return
		}
	}
	for _, o := range d.run.deployments {
		if o.gate != nil && !o.over() {
			o.say(o.creator, "in_progress")
		}
	}
	d.run.status = "queued"
	d.run.start()
}

// Bypass lets the job run without the App's answer, as an administrator may.
func (d *Deployment) Bypass(by string) {
	d.do(by, func(*Account) {
		if d.gate != nil && d.gate.state == waiting {
			d.settle("bypassed")
		}
	})
}

// Expire ends the wait as GitHub does after 30 days: the run fails.
func (d *Deployment) Expire() {
	d.do("ghost", func(*Account) {
		if d.gate != nil && d.gate.state == waiting {
			d.gate.state = "over"
			d.run.finish("failure")
		}
	})
}

// endDeployments ends what a run that is completed had under way.
func (w *WorkflowRun) endDeployments() {
	state := map[string]string{"success": "success", "failure": "failure", "timed_out": "failure"}[w.conclusion]
	if state == "" {
		state = "error"
	}
	for _, d := range w.deployments {
		if d.gate != nil && d.gate.state == waiting {
			d.gate.state = "over"
		}
		if !d.over() {
			d.say(d.creator, state)
		}
	}
}

func (w *WorkflowRun) api() string { return w.repo.api() + "/actions/runs/" + itoa(int(w.id)) }

func (c *call) answerGate() {
	w := c.workflowRun()
	var ask struct {
		Environment    string `json:"environment_name"`
		State, Comment string
	}
	if w == nil || !c.decode(&ask) {
		return
	}
	// The newest deployment of the environment is of the newest attempt.
	for i := len(w.deployments) - 1; i >= 0; i-- {
		if d := w.deployments[i]; d.env.name == ask.Environment {
			if err := d.answer(c.bot(), ask.State, ask.Comment); err != nil {
				c.invalid(err)
				return
			}
			c.res = answer{status: http.StatusNoContent}
			return
		}
	}
	c.invalid(fmt.Errorf("the run has no environment %q", ask.Environment))
}
