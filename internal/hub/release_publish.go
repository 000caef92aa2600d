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
