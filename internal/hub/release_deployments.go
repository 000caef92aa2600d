package hub

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const opDeployments = "deployments"

// Deployments are the newest hundred deployments of a commit, in one request; none where
// this App may not see any, which then is told of none by events either.
func (h *Hub) Deployments(ctx context.Context, s checks.Subject, sha string) ([]checks.Deployment, error) {
	if !isCommit(sha) {
		return nil, &Error{Op: opDeployments, What: "asked for the deployments of what is no commit"}
	}
	type deployed struct {
		DatabaseID  int64     `json:"databaseId"`
		Environment string    `json:"environment"`
		CreatedAt   time.Time `json:"createdAt"`
		Status      *struct {
			State     string    `json:"state"`
			CreatedAt time.Time `json:"createdAt"`
		} `json:"latestStatus"`
	}
	var a struct {
		rate
		Repository *struct {
			DatabaseID int64 `json:"databaseId"`
			Object     *struct {
				OID         string                `json:"oid"`
				Deployments *connection[deployed] `json:"deployments"`
			} `json:"object"`
		} `json:"repository"`
	}
	vars := map[string]any{"owner": s.Owner, "name": s.Repo, "oid": sha}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	_, fails, err := h.ask(ctx, c, question{op: opDeployments, text: h.text.deployments, vars: vars}, &a)
	if err != nil {
		return nil, err
	}
	denied := func(path []string, f failure) bool { return f.Type == forbidden && path[len(path)-1] == "deployments" }
	if err := accept(opDeployments, fails, denied); err != nil {
		return nil, err
	}
	if len(fails) > 0 {
		return nil, nil
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return nil, anotherRepository(opDeployments)
	}
	if a.Repository.Object == nil || a.Repository.Object.OID != sha {
		return nil, &Error{Op: opDeployments, Status: http.StatusOK, What: "GitHub does not show the commit", Moved: true}
	}
	list := a.Repository.Object.Deployments
	if err := list.whole(opDeployments, "deployments"); err != nil {
		return nil, err
	}
	var out []checks.Deployment
	for _, n := range list.Nodes {
		d := checks.Deployment{ID: n.DatabaseID, Environment: n.Environment, State: "pending", At: n.CreatedAt}
		if n.Status != nil {
			d.State, d.At = strings.ToLower(n.Status.State), n.Status.CreatedAt
		}
		out = append(out, d)
	}
	return out, nil
}
