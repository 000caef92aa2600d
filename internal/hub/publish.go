package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// textLimit is how many characters a check-run's summary may have, and
	// annotationBatch how many annotations one request may bring (REST docs,
	// "Create a check run").
	textLimit       = 65535
	annotationBatch = 50
)

const opPublish = "publish"

// Publish does what a plan says: one request for the label's removal and the
// check-runs, in the order of the plan, and a second one that gives the label,
// only when GitHub confirmed every run. Each action has its outcome; the error
// is non-nil when any of them is not confirmed. Nothing is tried twice: after
// an error it is unknown what happened, and reading again tells.
func (h *Hub) Publish(ctx context.Context, s checks.Subject, pull checks.Pull, actions []checks.Action) ([]checks.Outcome, error) {
	p := publishing{h: h, s: s, pull: pull, actions: actions, outcomes: make([]checks.Outcome, len(actions))}
	for i, a := range actions {
		p.outcomes[i] = checks.Outcome{Kind: a.Kind, Name: a.Label, RunID: a.RunID, Error: "not tried"}
		if a.Kind == checks.UpdateRun || a.Kind == checks.CreateRun {
			p.outcomes[i].Name = a.Run.Name
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
}

func (p *publishing) all(ctx context.Context) error {
	if p.repo = p.h.recall(p.pull.Repo.ID).node; p.repo == "" {
		if _, err := p.lookup(ctx, checks.LabelMet); err != nil {
			return err
		}
		p.repo = p.h.recall(p.pull.Repo.ID).node
	}
	first, grants := &batch{}, []int{}
	for i, a := range p.actions {
		switch a.Kind {
		case checks.AddLabel:
			grants = append(grants, i)
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
	for _, i := range grants {
		p.wantLabel(first, p.actions[i].Label)
	}
	if err := p.send(ctx, first); err != nil {
		return err
	}
	if err := p.annotate(ctx); err != nil {
		return err
	}
	if len(p.refused) == 0 && len(grants) > 0 {
		if err := p.grant(ctx, grants); err != nil {
			return err
		}
	}
	return p.result()
}

const runFields = "checkRun { id status conclusion }"

// run is the input of a check-run with its n-th batch of annotations. The
// external id says that all is there, so it goes with the last batch only:
// until then the next evaluation finds the run unfinished.
func (p *publishing) run(o checks.Output, n int) map[string]any {
	in := map[string]any{"repositoryId": p.repo}
	if n == 0 {
		in["status"] = strings.ToUpper(o.Status)
		if o.Conclusion != "" {
			in["conclusion"] = strings.ToUpper(o.Conclusion)
		}
	}
	last := (n+1)*annotationBatch >= len(o.Annotations)
	if last {
		in["externalId"] = o.ExternalID
	} else {
		in["externalId"] = "incomplete"
	}
	out := map[string]any{"title": o.Title, "summary": summary(o)}
	var list []map[string]any
	for _, a := range o.Annotations[min(n*annotationBatch, len(o.Annotations)):min((n+1)*annotationBatch, len(o.Annotations))] {
		entry := map[string]any{
			"path": a.Path, "message": a.Message, "annotationLevel": strings.ToUpper(a.Level),
			"location": map[string]any{"startLine": a.Start, "endLine": a.End},
		}
		if a.Title != "" {
			entry["title"] = a.Title
		}
		list = append(list, entry)
	}
	if len(list) > 0 {
		out["annotations"] = list
	}
	in["output"] = out
	return in
}

// summary is the text with its footer, within GitHub's limit: it is the text
// that is cut.
func summary(o checks.Output) string {
	if o.Footer == "" {
		return cut(o.Summary, textLimit)
	}
	foot := cut("\n\n"+o.Footer, textLimit/2)
	return cut(o.Summary, textLimit-len(foot)) + foot
}

// cut shortens a text to a number of bytes without splitting a character.
// GitHub counts characters, which are never more than bytes.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

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

// grant gives the labels.
func (p *publishing) grant(ctx context.Context, grants []int) error {
	b := &batch{}
	for _, i := range grants {
		id, err := p.labelMade(ctx, p.actions[i].Label)
		if err != nil {
			return err
		}
		b.add(i, "AddLabelsToLabelableInput", "addLabelsToLabelable", "clientMutationId",
			map[string]any{"labelableId": p.pull.ID, "labelIds": []string{id}})
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

// batch is one mutation request; its fields are named by index.
type batch struct {
	vars, fields strings.Builder
	values       map[string]any
	of           []int // the action of each field; -1 for the making of a label
	labels       []string
}

func (b *batch) add(action int, input, mutation, selection string, value any) {
	n := len(b.of)
	fmt.Fprintf(&b.vars, " $m%d: %s!", n, input)
	fmt.Fprintf(&b.fields, " m%d: %s(input: $m%d) { %s }", n, mutation, n, selection)
	if b.values == nil {
		b.values = map[string]any{}
	}
	b.values[fmt.Sprintf("m%d", n)] = value
	b.of = append(b.of, action)
	b.labels = append(b.labels, "")
}

func (b *batch) text() string {
	return "mutation Publish(" + strings.TrimSpace(b.vars.String()) + ") {" + b.fields.String() + " }"
}

// confirmation is what a mutation answers.
type confirmation struct {
	CheckRun *struct {
		ID         string  `json:"id"`
		Status     string  `json:"status"`
		Conclusion *string `json:"conclusion"`
	} `json:"checkRun"`
	Label *labelAnswer `json:"label"`
}

// send does a batch and notes each outcome. After an error the outcome of all
// of it is unknown.
func (p *publishing) send(ctx context.Context, b *batch) error {
	if len(b.of) == 0 {
		return nil
	}
	answer := map[string]*confirmation{}
	_, fails, err := p.h.ask(ctx, p.c, question{op: opPublish, text: b.text(), vars: b.values, mutation: true}, &answer)
	for n, i := range b.of {
		name := fmt.Sprintf("m%d", n)
		why := ""
		switch {
		case err != nil:
			why = err.Error()
		case failureAt(fails, name) != "":
			why = failureAt(fails, name)
		case answer[name] == nil:
			why = "GitHub did not confirm it"
		}
		if i < 0 {
			p.labelAnswer(b.labels[n], answer[name], why)
			continue
		}
		if why == "" {
			why = p.confirm(i, answer[name])
		}
		p.outcomes[i].Error = why
		if why != "" {
			p.refused = append(p.refused, p.outcomes[i].Name+": "+why)
		}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		p.limited = e
	}
	return err
}

// confirm compares what GitHub says about a run with what was asked.
func (p *publishing) confirm(i int, c *confirmation) string {
	a := p.actions[i]
	if a.Kind != checks.CreateRun && a.Kind != checks.UpdateRun {
		return ""
	}
	switch r := c.CheckRun; {
	case r == nil || r.ID == "":
		return "GitHub did not confirm it"
	case !strings.EqualFold(r.Status, a.Run.Status) || !strings.EqualFold(text(r.Conclusion), a.Run.Conclusion):
		return "GitHub shows it as " + harmless(strings.ToLower(r.Status+" "+text(r.Conclusion)))
	default:
		p.outcomes[i].RunID = r.ID
	}
	return ""
}

// failureAt is what failed about a field; "" for nothing. A failure without a
// path is about every field.
func failureAt(fails []failure, field string) string {
	for _, f := range fails {
		at, _, _ := strings.Cut(f.at(), ".")
		if at == field || at == "" {
			return harmless(strings.TrimSpace(f.Type + " " + f.Message))
		}
	}
	return ""
}
