package hub

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const opPublish = "publish"

// Publish does what a plan says: one request for the labels' removal and the
// check-runs, in the order of the plan, and a second one that gives labels. The
// label "Merge Requirements Met" is given only when GitHub confirmed every run;
// "Security Review Required", which grants nothing, goes along with the runs
// unless it must be made first. A comment is written at the very end, in a request of
// its own, since nothing waits for it. Each action has its outcome; the error
// is non-nil when any of them is not confirmed. Nothing is tried twice: after
// an error it is unknown what happened, and reading again tells.
func (h *Hub) Publish(ctx context.Context, s checks.Subject, pull checks.Pull, actions []checks.Action) ([]checks.Outcome, error) {
	p := publishing{h: h, s: s, pull: pull, actions: actions, outcomes: make([]checks.Outcome, len(actions))}
	for i, a := range actions {
		p.outcomes[i] = checks.Outcome{Kind: a.Kind, Name: a.Label, RunID: a.RunID, Error: "not tried"}
		switch a.Kind {
		case checks.UpdateRun, checks.CreateRun:
			p.outcomes[i].Name = a.Run.Name
		case checks.AddComment:
			p.outcomes[i].Name = "answer"
		}
	}
	var err error
	if p.c, err = h.client(s.Installation); err == nil && len(actions) > 0 {
		err = p.all(ctx)
	}
	if err != nil {
		for i, o := range p.outcomes {
			if o.Error == "not tried" {
				p.outcomes[i].Error = "not tried: " + err.Error()
			}
		}
	}
	return p.outcomes, err
}

type publishing struct {
	h        *Hub
	c        *client
	s        checks.Subject
	pull     checks.Pull
	actions  []checks.Action
	outcomes []checks.Outcome
	repo     string   // node id
	refused  []string // what GitHub did not confirm
	limited  *Error
	at       time.Time // GitHub's clock at the last answer
}

func (p *publishing) all(ctx context.Context) error {
	if p.repo = p.h.recall(p.pull.Repo.ID).node; p.repo == "" {
		if _, err := p.lookup(ctx, checks.LabelMet); err != nil {
			return err
		}
		p.repo = p.h.recall(p.pull.Repo.ID).node
	}
	first, later := &batch{}, []int{}
	for i, a := range p.actions {
		switch a.Kind {
		case checks.AddLabel:
			alone, err := p.warn(ctx, first, i)
			if err != nil {
				return err
			}
			if !alone {
				later = append(later, i)
			}
		case checks.RemoveLabel:
			id, err := p.label(ctx, a.Label)
			switch {
			case err != nil:
				return err
			case id == "":
				p.outcomes[i].Error = "" // a label that the repository does not have is not set
				continue
			}
			first.add(i, "RemoveLabelsFromLabelableInput", "removeLabelsFromLabelable", "clientMutationId",
				map[string]any{"labelableId": p.pull.ID, "labelIds": []string{id}})
		case checks.AddComment:
		case checks.UpdateRun:
			in := p.run(a.Run, 0)
			in["checkRunId"] = a.RunID
			first.add(i, "UpdateCheckRunInput", "updateCheckRun", runFields, in)
		case checks.CreateRun:
			in := p.run(a.Run, 0)
			in["name"], in["headSha"] = a.Run.Name, a.Run.Head
			first.add(i, "CreateCheckRunInput", "createCheckRun", runFields, in)
		}
	}
	for _, i := range later {
		p.wantLabel(first, p.actions[i].Label)
	}
	if err := p.send(ctx, first); err != nil {
		return err
	}
	if err := p.annotate(ctx); err != nil {
		return err
	}
	if len(p.refused) > 0 {
		later = slices.DeleteFunc(later, func(i int) bool { return p.actions[i].Label != checks.LabelSecurity })
	}
	if err := p.give(ctx, later); err != nil {
		return err
	}
	if err := p.answer(ctx); err != nil {
		return err
	}
	return p.result()
}

// warn gives a label that grants nothing along with the runs, if it is there.
func (p *publishing) warn(ctx context.Context, b *batch, i int) (done bool, err error) {
	name := p.actions[i].Label
	if name != checks.LabelSecurity {
		return false, nil
	}
	id, err := p.label(ctx, name)
	if err != nil || id == "" {
		return false, err
	}
	p.addLabel(b, i, id)
	return true, nil
}

func (p *publishing) addLabel(b *batch, i int, id string) {
	b.add(i, "AddLabelsToLabelableInput", "addLabelsToLabelable", "clientMutationId",
		map[string]any{"labelableId": p.pull.ID, "labelIds": []string{id}})
}

const runFields = "checkRun { id status conclusion }"

// annotate adds the annotations that did not fit with their runs.
func (p *publishing) annotate(ctx context.Context) error {
	for n := 1; ; n++ {
		b := &batch{}
		for i, a := range p.actions {
			if n*annotationBatch < len(a.Run.Annotations) && p.outcomes[i].Error == "" && p.outcomes[i].RunID != "" {
				in := p.run(a.Run, n)
				in["checkRunId"] = p.outcomes[i].RunID
				b.add(i, "UpdateCheckRunInput", "updateCheckRun", runFields, in)
			}
		}
		if len(b.of) == 0 {
			return nil
		}
		if err := p.send(ctx, b); err != nil {
			return err
		}
	}
}

// give gives labels.
func (p *publishing) give(ctx context.Context, labels []int) error {
	b := &batch{}
	for _, i := range labels {
		id, err := p.labelMade(ctx, p.actions[i].Label)
		if err != nil {
			return err
		}
		p.addLabel(b, i, id)
	}
	return p.send(ctx, b)
}

// result is the error that tells of what was not confirmed.
func (p *publishing) result() error {
	if len(p.refused) == 0 {
		return nil
	}
	for i, o := range p.outcomes {
		if o.Error == "not tried" {
			p.outcomes[i].Error = "not tried: the check-runs before it were not confirmed"
		}
	}
	e := &Error{Op: opPublish, Status: http.StatusOK, What: "not confirmed: " + strings.Join(p.refused, "; ")}
	if p.limited != nil {
		e.Limited, e.retryAt = true, p.limited.retryAt
	}
	return e
}
