package sim

import (
	"cmp"
	"fmt"
	"path"
	"strings"
	"time"
)

// workflow is a workflow's file, by which its runs are counted.
type workflow struct {
	id         int64
	path, name string
	runs       int
	inputs     map[string]bool // whether each is required; nil: it cannot be started by hand
	created    time.Time
}

func (w *workflow) node() string { return nodeID("W", w.id) }

// aim finds what the run is for.
func (w *WorkflowRun) aim(n NewWorkflowRun) error {
	r := w.repo
	if t, there := r.tags[n.Tag]; n.Pull == nil && there {
		w.event, w.branch, w.headRepo, w.actor = cmp.Or(n.Event, "push"), n.Tag, r, r.boss()
		w.head, w.tested, w.ref = t.sha, t.sha, tagsPrefix+n.Tag
	} else if n.Pull == nil {
		w.event, w.branch, w.headRepo, w.actor = cmp.Or(n.Event, "push"), cmp.Or(n.Branch, r.main), r, r.boss()
		w.head = cmp.Or(n.SHA, r.branches[w.branch])
		w.tested, w.ref = w.head, "refs/heads/"+w.branch
	} else {
		p := n.Pull
		if p.repo != r {
			return fmt.Errorf("pull request #%d is of another repository", p.Number)
		}
		w.event, w.branch, w.head, w.headRepo, w.actor = cmp.Or(n.Event, "pull_request"), p.headRef, p.head, p.headRepo, p.author
		switch w.event {
		case "push":
			w.tested, w.ref = p.head, "refs/heads/"+p.headRef
		case "pull_request_target":
			w.tested, w.ref, w.onto = r.branches[p.base], "refs/heads/"+p.base, p.base
		default:
			w.tested, w.ref, w.onto = p.tryMerge(), fmt.Sprintf("refs/pull/%d/merge", p.Number), p.base
		}
		if w.tested == "" {
			return fmt.Errorf("pull request #%d conflicts with its base", p.Number)
		}
	}
	if r.objects.commits[w.head] == nil {
		return fmt.Errorf("no commit %q", w.head)
	}
	return nil
}

// workflow finds the workflow of a file, and makes it if there is none.
func (r *Repo) workflow(n NewWorkflowRun) *workflow {
	file := n.Workflow
	for _, end := range []string{".yml@", ".yaml@"} {
		if i := strings.LastIndex(file, end); i >= 0 {
			file = file[:i+len(end)-1]
		}
	}
	base := path.Base(file)
	name := cmp.Or(n.Name, strings.TrimSuffix(base, path.Ext(base)))
	for _, w := range r.workflows {
		if w.path == file {
			w.name = cmp.Or(n.Name, w.name)
			return w
		}
	}
	w := &workflow{id: r.gh.id(), path: file, name: name, created: r.gh.now()}
	r.workflows = append(r.workflows, w)
	return w
}
