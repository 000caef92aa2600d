package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	opAnswer     = "answer gate"
	gateApproved = "approved"
	gateRejected = "rejected"
	// gateComment is how many characters a comment on a waiting job may have.
	gateComment = 1024
)

// gateReview is the answer to a deployment protection rule ("Review custom deployment
// protection rules for a workflow run", REST docs). Without a state it is a comment on
// how it stands.
type gateReview struct {
	Environment string `json:"environment_name"`
	State       string `json:"state,omitempty"`
	Comment     string `json:"comment"`
}

// answerGate answers a job that waits for an environment of ours. The address is made
// of our own settings, never of what an event says. Approved is told only where the
// plan says so in that word. That the job waits no more, which is found out by asking,
// is Gone and never taken for an approval.
func (p *releasing) answerGate(ctx context.Context, i int) error {
	g := p.actions[i].Gate
	if g == nil || g.RunID <= 0 || g.Environment == "" || g.State != "" && g.State != gateApproved && g.State != gateRejected || g.State == "" && g.Comment == "" {
		return &Error{Op: opAnswer, What: "the plan does not say what to answer"}
	}
	review := gateReview{Environment: g.Environment, State: g.State, Comment: characters(g.Comment, gateComment)}
	where := resource{p.s, opAnswer, fmt.Sprintf("actions/runs/%d/deployment_protection_rule", g.RunID)}
	err := p.write(ctx, i, http.MethodPost, where, review, nil)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Op != opAnswer || e.Status != http.StatusNotFound && e.Status != http.StatusUnprocessableEntity {
		return explainWrite(err, "this App may not answer deployment protection rules; grant it deployments: write", "")
	}
	names, asked := p.h.PendingGates(ctx, p.s, g.RunID)
	if asked != nil {
		return asked
	}
	// GitHub keeps one review of ours: having it, it waits for others' rules only.
	reviewed := g.State != "" && strings.Contains(strings.ToLower(e.What), "already")
	if slices.Contains(names, g.Environment) && !reviewed {
		e.What = "GitHub did not take the answer, and the job still waits: " + e.What
		return e
	}
	p.outcomes[i].Gone = true
	e.What = "the job waits for no answer of handrail's any more; this did not approve it"
	return e
}
