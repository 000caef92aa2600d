package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opGates = "gates"
	// waitingPages is how many hundreds of waiting workflow runs are listed, the newest
	// first, and waitingLooked of how many of them it is asked what they wait for.
	waitingPages, waitingLooked = 3, 50
)

// pendingGate is a job of a run that waits for its environment ("Get pending
// deployments for a workflow run", REST docs).
type pendingGate struct {
	Environment struct {
		Name string `json:"name"`
	} `json:"environment"`
}

// WaitingGates are the jobs, of runs at the commits that are asked for, that wait for a
// protection rule of ours, the newest run first, of the newest 300 runs that wait those of
// 50. Asked is when the run was made. It takes one request for a hundred waiting runs, one
// for each of these that is at such a commit, and one for each environment that any of
// them waits for.
func (h *Hub) WaitingGates(ctx context.Context, s checks.Subject, at func(commit string) bool) ([]checks.GateGlance, error) {
	runs, _, err := h.listRuns(ctx, s, url.Values{"status": {"waiting"}}, waitingPages)
	if err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(runs, func(r runAnswer) bool { return !at(r.SHA) })
	var out []checks.GateGlance
	ours := map[string]bool{}
	for _, r := range runs[:min(len(runs), waitingLooked)] {
		names, err := h.PendingGates(ctx, s, r.ID)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			guarded, asked := ours[name]
			if !asked {
				if guarded, err = h.guards(ctx, s, name); err != nil {
					return nil, err
				}
				ours[name] = guarded
			}
			if guarded {
				out = append(out, checks.GateGlance{Gate: checks.Gate{RunID: r.ID, Environment: name, Asked: r.Created.UTC().Truncate(time.Second)}, Commit: r.SHA})
			}
		}
	}
	return out, nil
}

// PendingGates are the environments that the jobs of a workflow run wait for, by
// whichever rule. A run that is not there waits for none.
func (h *Hub) PendingGates(ctx context.Context, s checks.Subject, run int64) ([]string, error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	var list []pendingGate
	_, err = h.get(ctx, c, resource{s, opGates, fmt.Sprintf("actions/runs/%d/pending_deployments", run)}, nil, into(&list))
	if _, none := missingAt(opGates, err); none {
		return nil, nil
	}
	if err == nil && list == nil {
		err = &Error{Op: opGates, Status: http.StatusOK, What: "GitHub gave no list of pending deployments"}
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range list {
		if p.Environment.Name != "" && !slices.Contains(names, p.Environment.Name) {
			names = append(names, p.Environment.Name)
		}
	}
	return names, nil
}

// guards says whether a protection rule of ours is on an environment.
func (h *Hub) guards(ctx context.Context, s checks.Subject, environment string) (bool, error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return false, err
	}
	var a struct {
		Rules []struct {
			Enabled bool `json:"enabled"`
			App     struct {
				ID int64 `json:"id"`
			} `json:"app"`
		} `json:"custom_deployment_protection_rules"`
	}
	path := "environments/" + url.PathEscape(environment) + "/deployment_protection_rules"
	_, err = h.get(ctx, c, resource{s, opGates, path}, nil, into(&a))
	if _, none := missingAt(opGates, err); none {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, r := range a.Rules {
		if r.Enabled && r.App.ID == h.cfg.AppID {
			return true, nil
		}
	}
	return false, nil
}
