package hub

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

const notTried = "not tried"

// PublishRelease carries out the plan of a release, in four steps whatever its order.
// First what takes away and what shows: labels that go and the check-runs, in one
// request. Then what tells: the tracking issue, its comments, answers to jobs that let
// nothing through. Then, if every check-run was confirmed, what grants: the release is
// published, jobs are let through, workflows started. Last, if all that was confirmed,
// labels are given. Nothing that tells holds up anything else.
//
// Each action has its outcome; the error is non-nil when any of them is not confirmed,
// other than a job that waits no more (Gone). Nothing is tried twice: after an error it
// is unknown what happened. What must not be done twice is looked for before it is
// done: an issue of ours, a comment, a workflow's run.
func (h *Hub) PublishRelease(ctx context.Context, s checks.Subject, r checks.Release, plan []checks.Action) ([]checks.Outcome, error) {
	p := releasing{publishing: publishing{
		h: h, s: s, pull: checks.Pull{ID: r.Issue.NodeID, Repo: r.Repo}, actions: plan, outcomes: make([]checks.Outcome, len(plan)),
	}, r: r}
	for i, a := range plan {
		p.outcomes[i] = checks.Outcome{Kind: a.Kind, Name: releaseActionName(a), RunID: a.RunID, Error: notTried}
	}
	var err error
	if p.c, err = h.client(s.Installation); err == nil && len(plan) > 0 {
		err = p.all(ctx)
	}
	if err != nil {
		for i, o := range p.outcomes {
			if o.Error == notTried {
				p.outcomes[i].Error = notTried + ": " + err.Error()
			}
		}
		return p.outcomes, err
	}
	return p.outcomes, p.end()
}

// releaseActionName is what an outcome calls an action.
func releaseActionName(a checks.Action) string {
	switch {
	case a.Kind == checks.CreateRun || a.Kind == checks.UpdateRun:
		return a.Run.Name
	case a.Kind == checks.CreateIssue || a.Kind == checks.UpdateIssue:
		return "tracking issue"
	case a.Kind == checks.CommentIssue:
		return "comment"
	case a.Kind == checks.PublishRelease:
		return "release page"
	case a.Gate != nil:
		return "gate " + harmless(a.Gate.Environment)
	case a.Start != nil:
		return "workflow " + harmless(a.Start.Workflow)
	}
	return a.Label
}

// releasing is the carrying out of a release's plan.
type releasing struct {
	publishing
	r checks.Release
	// moved says that something was not done since the release is another by now.
	moved bool
}

// all takes the four steps. Its error is that nothing more can be tried.
func (p *releasing) all(ctx context.Context) error {
	if err := p.show(ctx); err != nil {
		return err
	}
	shown := len(p.refused) == 0
	if err := p.tell(ctx); err != nil {
		return err
	}
	if !shown {
		p.leave("the check-runs before it were not confirmed", checks.PublishRelease, checks.AnswerGate, checks.StartWorkflow)
	} else if err := p.grant(ctx); err != nil {
		return err
	}
	if !shown || !p.granted() {
		p.leave("what comes before it was not confirmed", checks.AddLabel)
		return nil
	}
	return p.label(ctx)
}

// step does one action by itself and notes its outcome. The error ends the whole
// plan: a limit is reached, or there is no time left.
func (p *releasing) step(ctx context.Context, i int, do func(context.Context, int) error) error {
	err := do(ctx, i)
	o := &p.outcomes[i]
	if o.Error = ""; err == nil {
		return nil
	}
	o.Error = plainly(err)
	e, ok := errors.AsType[*Error](err)
	if ok && e.Moved {
		p.moved = true
	}
	if !o.Gone {
		p.refused = append(p.refused, o.Name+": "+o.Error)
	}
	if ok && e.Limited || ctx.Err() != nil {
		return err
	}
	return nil
}

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

// grant lets through and publishes.
func (p *releasing) grant(ctx context.Context) error {
	for i, a := range p.actions {
		var do func(context.Context, int) error
		switch {
		case a.Kind == checks.PublishRelease:
			do = p.publishPage
		case a.Kind == checks.AnswerGate && a.Gate != nil && a.Gate.State == gateApproved:
			do = p.answerGate
		case a.Kind == checks.StartWorkflow && a.Start != nil:
			do = p.start
		default:
			continue
		}
		if err := p.step(ctx, i, do); err != nil {
			return err
		}
	}
	return nil
}

// granted says whether everything that grants was confirmed.
func (p *releasing) granted() bool {
	return !slices.ContainsFunc(p.outcomes, func(o checks.Outcome) bool {
		grants := o.Kind == checks.PublishRelease || o.Kind == checks.AnswerGate || o.Kind == checks.StartWorkflow
		return grants && o.Error != "" && !o.Gone
	})
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

// leave notes that some kinds of action were not tried, and why.
func (p *releasing) leave(why string, kinds ...checks.Kind) {
	for i, o := range p.outcomes {
		if slices.Contains(kinds, o.Kind) && o.Error == notTried {
			p.outcomes[i].Error = notTried + ": " + why
		}
	}
}

// end is the error that tells of what was not confirmed.
func (p *releasing) end() error {
	for i, o := range p.outcomes {
		if o.Error == notTried {
			p.outcomes[i].Error = "handrail does not know how to do this"
			p.refused = append(p.refused, o.Name+": "+p.outcomes[i].Error)
		}
	}
	if len(p.refused) == 0 {
		return nil
	}
	e := &Error{Op: opPublish, Status: http.StatusOK, What: "not confirmed: " + strings.Join(p.refused, "; "), Moved: p.moved}
	if p.limited != nil && p.limited.Limited {
		e.Limited, e.retryAt = true, p.limited.retryAt
	}
	return e
}

// plainly is GitHub's own sentence of an error, without the operation's name and the
// status.
func plainly(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.What
	}
	return err.Error()
}
