package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

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
	Issue *struct {
		ID     string `json:"id"`
		Number int64  `json:"number"`
	} `json:"issue"`
	CommentEdge *struct {
		Node *struct {
			ID string `json:"id"`
		} `json:"node"`
	} `json:"commentEdge"`
}

// send does a batch and notes each outcome. After an error the outcome of all
// of it is unknown.
func (p *publishing) send(ctx context.Context, b *batch) error {
	if len(b.of) == 0 {
		return nil
	}
	answer := map[string]*confirmation{}
	at, fails, err := p.h.ask(ctx, p.c, question{op: opPublish, text: b.text(), vars: b.values, mutation: true}, &answer)
	p.at = at
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
	if (a.Kind == checks.AddComment || a.Kind == checks.CommentIssue) && (c.CommentEdge == nil || c.CommentEdge.Node == nil || c.CommentEdge.Node.ID == "") {
		return "GitHub did not confirm it"
	}
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
