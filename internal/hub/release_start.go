package hub

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opStart = "start workflow"
	// startPages is how many hundreds of started runs are looked at for one of ours.
	startPages = 2
	// workflowsDir is where workflows are in a repository (GitHub Docs, "Workflow syntax
	// for GitHub Actions").
	workflowsDir = ".github/workflows/"
)

// startRequest starts a workflow ("Create a workflow dispatch event", REST docs). A
// server that does not know return_run_details says so, without starting it.
type startRequest struct {
	Ref     string            `json:"ref"`
	Inputs  map[string]string `json:"inputs,omitempty"`
	Details bool              `json:"return_run_details,omitempty"`
}

// start starts a stage's workflow on the tag, which must still be where it was, unless
// a run of it that we started is there and not accounted for: then its answer was lost.
func (p *releasing) start(ctx context.Context, i int) error {
	w := p.actions[i].Start
	if !workflowName(w.Workflow) || w.Ref != p.r.Tag.Name {
		return &Error{Op: opStart, What: "the plan does not name a workflow's file, or another tag"}
	}
	if err := p.unchanged(ctx); err != nil {
		return err
	}
	lost, err := p.lostStart(ctx, w)
	if err != nil {
		return err
	}
	if lost != 0 {
		p.outcomes[i].Number, p.outcomes[i].At = lost, p.r.At
		return nil
	}
	var made struct {
		ID int64 `json:"workflow_run_id"`
	}
	where := resource{p.s, opStart, "actions/workflows/" + url.PathEscape(w.Workflow) + "/dispatches"}
	ask := startRequest{Ref: w.Ref, Inputs: w.Inputs, Details: true}
	err = p.write(ctx, i, http.MethodPost, where, ask, &made)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusUnprocessableEntity && strings.Contains(e.What, "return_run_details") {
		ask.Details = false
		err = p.write(ctx, i, http.MethodPost, where, ask, &made)
	}
	if err != nil {
		return explainWrite(err, "this App may not start workflows; grant it actions: write",
			"there is no workflow "+harmless(w.Workflow)+" in "+workflowsDir+", or this App may not start it")
	}
	p.outcomes[i].Number = made.ID
	return nil
}

// workflowName says whether a text is the name of a workflow's file.
func workflowName(name string) bool {
	return (strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")) && !strings.ContainsAny(name, "/\\?#%")
}

// lostStart is a run of a workflow that we started since the candidate began, and that
// is not on record; 0 for none.
func (p *releasing) lostStart(ctx context.Context, w *checks.WorkflowStart) (int64, error) {
	var since time.Time
	for _, c := range p.r.Memory.Candidates { // the same may have come again
		if c.Digest == w.Candidate && c.Since.After(since) {
			since = c.Since
		}
	}
	if since.IsZero() {
		return 0, nil
	}
	runs, err := p.h.started(ctx, p.s, w.Workflow, since)
	if err != nil {
		return 0, err
	}
	unseen := 0 // on record without a number: one of the runs is theirs
	for _, d := range p.r.Dispatched {
		if d.RunID == 0 && d.Workflow == w.Workflow {
			unseen++
		}
		runs = slices.DeleteFunc(runs, func(r runAnswer) bool { return r.ID == d.RunID })
	}
	runs = slices.DeleteFunc(runs, func(r runAnswer) bool { return r.SHA != p.r.Tag.Commit })
	if len(runs) <= unseen {
		return 0, nil
	}
	return runs[len(runs)-1].ID, nil
}

// started are the runs of a workflow that we started on the subject's tag since a
// moment of our clock, the oldest first.
func (h *Hub) started(ctx context.Context, s checks.Subject, workflow string, since time.Time) ([]runAnswer, error) {
	us, err := h.App(ctx)
	if err != nil {
		return nil, err
	}
	since = since.Add(-leeway)
	q := url.Values{"event": {"workflow_dispatch"}, "branch": {s.Name}, "created": {">=" + since.UTC().Format(time.RFC3339)}}
	list, _, err := h.listRuns(ctx, s, q, startPages)
	if err != nil {
		return nil, err
	}
	var out []runAnswer
	for _, r := range list {
		ours := r.Actor.Type == "Bot" && strings.EqualFold(r.Actor.Login, us.Slug+"[bot]")
		if ours && r.Event == "workflow_dispatch" && r.Branch == s.Name && workflowFile(r.Path) == workflowsDir+workflow && !r.Created.Before(since) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b runAnswer) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// StartedRun is how a workflow that a stage started is doing. Where GitHub did not say
// which run it is, it is the first that we started on the tag since; until there is
// one, d is returned as it is. A run that GitHub has no more is completed and stale:
// nobody can tell any more how it went.
func (h *Hub) StartedRun(ctx context.Context, s checks.Subject, d checks.Dispatched) (checks.Dispatched, error) {
	if d.RunID == 0 {
		list, err := h.started(ctx, s, d.Workflow, d.At)
		if err != nil || len(list) == 0 {
			return d, err
		}
		d.RunID, d.Status, d.Conclusion = list[0].ID, list[0].Status, list[0].Conclusion
		return d, nil
	}
	run, err := h.WorkflowRun(ctx, s, d.RunID)
	if _, gone := errors.AsType[*Fault](err); gone {
		d.Status, d.Conclusion = "completed", "stale"
		return d, nil
	}
	if err != nil {
		return d, err
	}
	if run.Event != "workflow_dispatch" || run.Path != workflowsDir+d.Workflow || run.Branch != s.Name {
		return d, &Fault{"the run is none of the workflow that the stage started"}
	}
	d.Status, d.Conclusion = run.Status, run.Conclusion
	return d, nil
}
