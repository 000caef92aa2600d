package hub

import (
	"context"
	"errors"

	"github.com/handrail-bot/handrail/checks"
)

var errSoon = errors.New("not written yet")

func (h *Hub) Release(ctx context.Context, s checks.Subject, issue int) (checks.Release, []checks.Source, error) {
	return checks.Release{}, nil, errSoon
}

func (h *Hub) CompleteRelease(ctx context.Context, s checks.Subject, r *checks.Release, w checks.Wants) error {
	return errSoon
}

func (h *Hub) RangePage(ctx context.Context, s checks.Subject, base, head string, page int) (commits []checks.RangeCommit, total, next int, err error) {
	return nil, 0, 0, errSoon
}

func (h *Hub) RangePulls(ctx context.Context, s checks.Subject, shas []string) (map[string]checks.RangeCommit, error) {
	return nil, errSoon
}

func (h *Hub) Published(ctx context.Context, s checks.Subject, after string) (list []checks.Out, next string, err error) {
	return nil, "", errSoon
}

func (h *Hub) ReleaseGlances(ctx context.Context, installation int64, repo checks.Repo) ([]checks.ReleaseGlance, error) {
	return nil, errSoon
}

func (h *Hub) PublishRelease(ctx context.Context, s checks.Subject, r checks.Release, plan []checks.Action) ([]checks.Outcome, error) {
	return nil, errSoon
}

func (h *Hub) StartedRun(ctx context.Context, s checks.Subject, d checks.Dispatched) (checks.Dispatched, error) {
	return d, errSoon
}

func (h *Hub) Deployments(ctx context.Context, s checks.Subject, sha string) ([]checks.Deployment, error) {
	return nil, errSoon
}

func (h *Hub) Whose(ctx context.Context, token string) (checks.Actor, error) {
	return checks.Actor{}, errSoon
}

func (h *Hub) May(ctx context.Context, owner, repo, login string) (permission string, s checks.Subject, err error) {
	return "", checks.Subject{}, errSoon
}
