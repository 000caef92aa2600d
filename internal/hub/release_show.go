package hub

import (
	"context"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// show takes labels away and makes the check-runs.
func (p *releasing) show(ctx context.Context) error {
	b := &batch{}
	for i, a := range p.actions {
		switch a.Kind {
		case checks.RemoveLabel:
			if err := p.unlabel(ctx, b, i, a.Label); err != nil {
				return err
			}
		case checks.UpdateIssue:
			if a.Issue != nil && has(p.r.Issue.Labels, checks.LabelRelease) && !has(a.Issue.Labels, checks.LabelRelease) {
				if err := p.unlabel(ctx, b, i, checks.LabelRelease); err != nil {
					return err
				}
			}
		case checks.UpdateRun, checks.CreateRun:
			if err := p.know(ctx); err != nil {
				return err
			}
			in := p.run(a.Run, 0)
			if a.Kind == checks.UpdateRun {
				in["checkRunId"] = a.RunID
				b.add(i, "UpdateCheckRunInput", "updateCheckRun", runFields, in)
				continue
			}
			in["name"], in["headSha"] = a.Run.Name, a.Run.Head
			b.add(i, "CreateCheckRunInput", "createCheckRun", runFields, in)
		}
	}
	if err := p.sendTimed(ctx, b); err != nil {
		return err
	}
	return p.annotate(ctx)
}

// know finds the repository's node id out, where no read has brought it.
func (p *releasing) know(ctx context.Context) error {
	if p.repo = p.h.recall(p.pull.Repo.ID).node; p.repo != "" {
		return nil
	}
	_, err := p.lookup(ctx, checks.LabelRelease)
	p.repo = p.h.recall(p.pull.Repo.ID).node
	return err
}

// unlabel takes a label off the tracking issue. One that the repository does not have
// is not set, nor is one where there is no issue.
func (p *releasing) unlabel(ctx context.Context, b *batch, i int, name string) error {
	if p.pull.ID == "" {
		p.outcomes[i].Error = ""
		return nil
	}
	id, err := p.publishing.label(ctx, name)
	if err != nil {
		return err
	}
	if id == "" {
		if p.actions[i].Kind == checks.RemoveLabel {
			p.outcomes[i].Error = ""
		}
		return nil
	}
	b.add(i, "RemoveLabelsFromLabelableInput", "removeLabelsFromLabelable", "clientMutationId",
		map[string]any{"labelableId": p.pull.ID, "labelIds": []string{id}})
	return nil
}

// sendTimed does a batch and notes GitHub's clock at what it confirmed. An action that
// failed in an earlier batch has failed.
func (p *releasing) sendTimed(ctx context.Context, b *batch) error {
	failed := map[int]string{}
	for _, i := range b.of {
		if i >= 0 && !strings.HasPrefix(p.outcomes[i].Error, notTried) {
			failed[i] = p.outcomes[i].Error
		}
	}
	err := p.send(ctx, b)
	for _, i := range b.of {
		if i < 0 {
			continue
		}
		if o := &p.outcomes[i]; failed[i] != "" {
			o.Error = failed[i]
		} else if o.Error == "" {
			o.At = p.at
		} else {
			o.Error = permitted(p.actions[i].Kind, o.Error)
		}
	}
	return err
}

// permitted makes GitHub's refusal a sentence that says what the operator can do.
func permitted(kind checks.Kind, why string) string {
	if !strings.HasPrefix(why, forbidden) && !strings.Contains(why, "Resource not accessible by integration") {
		return why
	}
	switch kind {
	case checks.CreateRun, checks.UpdateRun:
		return "this App may not write check-runs; grant it checks: write"
	case checks.CreateIssue, checks.UpdateIssue, checks.CommentIssue, checks.AddLabel, checks.RemoveLabel:
		return "this App may not write issues; grant it issues: write"
	}
	return why
}

// label gives labels to the tracking issue.
func (p *releasing) label(ctx context.Context) error {
	b := &batch{}
	for i, a := range p.actions {
		names := []string{a.Label}
		switch {
		case a.Kind == checks.CreateIssue && a.Issue != nil:
			names = a.Issue.Labels
		case a.Kind == checks.UpdateIssue && a.Issue != nil:
			names = slices.DeleteFunc(slices.Clone(a.Issue.Labels), func(l string) bool { return has(p.r.Issue.Labels, l) })
		case a.Kind != checks.AddLabel:
			continue
		}
		for _, name := range names {
			if p.pull.ID == "" {
				p.outcomes[i].Error = "there is no tracking issue to label"
				p.refused = append(p.refused, p.outcomes[i].Name+": "+p.outcomes[i].Error)
				continue
			}
			id, err := p.labelMade(ctx, name)
			if err != nil {
				return err
			}
			p.addLabel(b, i, id)
		}
	}
	return p.sendTimed(ctx, b)
}

// has says whether a label is among some; GitHub's labels are the same in any case.
func has(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
}
