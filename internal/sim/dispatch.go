package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// WorkflowFile is a workflow that can be started by hand. Inputs are those that it
// takes, and whether each is required.
type WorkflowFile struct {
	Path   string // ".github/workflows/promote.yml"
	Inputs map[string]bool
}

// maxInputs and maxInputText are GitHub's limits of workflow_dispatch (docs, "Events that
// trigger workflows").
const maxInputs, maxInputText = 25, 65535

// AddWorkflow makes a workflow that can be started by hand.
func (r *Repo) AddWorkflow(f WorkflowFile) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	w := r.workflow(NewWorkflowRun{Workflow: f.Path})
	if w.inputs = maps.Clone(f.Inputs); w.inputs == nil {
		w.inputs = map[string]bool{}
	}
}

// WorkflowRuns are all runs of the repository, the oldest first.
func (r *Repo) WorkflowRuns() []*WorkflowRun {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return slices.Clone(r.workflowRuns)
}

// File is the file of the run's workflow, and Inputs what it was started with by hand.
func (w *WorkflowRun) File() string { return w.workflow.path }

// Inputs are those of workflow_dispatch; nil for other runs.
func (w *WorkflowRun) Inputs() map[string]string { return maps.Clone(w.inputs) }

// Head is the commit that the run is for; Ref the full name of the branch or tag.
func (w *WorkflowRun) Head() string { return w.head }

// Ref is the full name of the branch or tag that the run is for.
func (w *WorkflowRun) Ref() string { return w.ref }

// dispatch starts a run by hand.
func (r *Repo) dispatch(by *Account, file *workflow, ref string, inputs map[string]string) (*WorkflowRun, error) {
	n := NewWorkflowRun{Workflow: file.path, Event: "workflow_dispatch", By: by.Login}
	short := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), tagsPrefix)
	switch _, tagged := r.tags[short]; {
	case file.inputs == nil:
		return nil, githubSays("Workflow does not have 'workflow_dispatch' trigger")
	case tagged && !strings.HasPrefix(ref, "refs/heads/"):
		n.Tag = short
	case r.branches[short] != "" && !strings.HasPrefix(ref, tagsPrefix):
		n.Branch = short
	default:
		return nil, githubSays("No ref found for: " + ref)
	}
	if err := file.takes(inputs); err != nil {
		return nil, err
	}
	r.emit(event{name: "workflow_dispatch", sender: by, body: m{"inputs": inputs, "ref": "refs/" + bool2(n.Tag != "", "tags/", "heads/") + short, "workflow": file.path}})
	return r.startWorkflow(n, inputs)
}

// takes refuses inputs that the workflow does not take, and misses those it needs.
func (w *workflow) takes(inputs map[string]string) error {
	size := 0
	for _, name := range sortedKeys(inputs) {
		if _, ok := w.inputs[name]; !ok {
			return githubSays(fmt.Sprintf("Unexpected inputs provided: [%q]", name))
		}
		size += len(name) + len(inputs[name])
	}
	for _, name := range sortedKeys(w.inputs) {
		if w.inputs[name] && inputs[name] == "" {
			return githubSays("Required input '" + name + "' not provided")
		}
	}
	if len(inputs) > maxInputs || size > maxInputText {
		return githubSays("inputs are too large.")
	}
	return nil
}

func (rt route) dispatches() {
	rt.on("GET /repos/{owner}/{repo}/actions/workflows", "actions:read", (*call).listWorkflows)
	rt.on("POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", "actions:write", (*call).postDispatch)
}

func (c *call) listWorkflows() { okCounted(c, "workflows", c.repo.workflows, c.repo.workflowJSON) }

// postDispatch starts a run of a workflow that is named by its id or its file's name.
func (c *call) postDispatch() {
	name := c.r.PathValue("workflow")
	i := slices.IndexFunc(c.repo.workflows, func(w *workflow) bool {
		return path.Base(w.path) == name || strconv.FormatInt(w.id, 10) == name
	})
	if i < 0 {
		c.missing()
		return
	}
	var ask struct {
		Ref     string
		Inputs  map[string]json.RawMessage
		Details bool `json:"return_run_details"`
	}
	if !c.decode(&ask) {
		return
	}
	inputs := map[string]string{}
	for k, raw := range ask.Inputs {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw) // a number or a boolean
		}
		inputs[k] = s
	}
	run, err := c.repo.dispatch(c.bot(), c.repo.workflows[i], ask.Ref, inputs)
	switch {
	case err != nil:
		c.refuse(http.StatusUnprocessableEntity, err.Error())
	case ask.Details:
		c.ok(m{"workflow_run_id": run.id, "run_url": run.api(), "html_url": c.repo.url() + "/actions/runs/" + itoa(int(run.id))})
	default:
		c.res = answer{status: http.StatusNoContent}
	}
}
