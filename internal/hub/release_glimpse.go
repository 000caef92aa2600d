package hub

import (
	"context"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// GlimpseRelease reads just enough of a release to say on it that it could not be
// judged: where its tag is, our newest check-run of each name on its commit, and the
// tracking issue without its comments; 0 is none.
func (h *Hub) GlimpseRelease(ctx context.Context, s checks.Subject, issue int) (checks.Release, error) {
	var a releaseAnswer
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.Release{}, err
	}
	vars := map[string]any{"owner": s.Owner, "name": s.Repo, "ref": "refs/tags/" + s.Name, "app": h.cfg.AppID, "issue": issue, "hasIssue": issue > 0}
	at, fails, err := h.ask(ctx, c, question{op: opRelease, text: h.text.releaseGlimpse, vars: vars}, &a)
	if err != nil {
		return checks.Release{}, err
	}
	if err := accept(opRelease, fails, func(path []string, f failure) bool { return path[len(path)-1] == "issue" && f.Type == notFound }); err != nil {
		return checks.Release{}, err
	}
	repo := a.Repository
	if repo == nil || s.RepoID != 0 && repo.DatabaseID != s.RepoID {
		return checks.Release{}, anotherRepository(opRelease)
	}
	h.remember(repo.DatabaseID, func(ids *repoIDs) { ids.node = repo.ID })
	out := checks.Release{
		At: at, AppID: h.cfg.AppID,
		Repo: checks.Repo{ID: repo.DatabaseID, Owner: repo.Owner.Login, Name: repo.Name, Archived: repo.IsArchived},
	}
	out.Issue = (&releaseReading{h: h, c: c, s: s, answer: a}).tracking()
	if out.Tag, err = repo.Ref.tag(opRelease, s.Name); err != nil || out.Tag.Commit == "" {
		return out, err
	}
	out.Runs, err = repo.Ref.Target.commit().ours(h.cfg.AppID)
	return out, err
}

// ours are our newest check-runs on a commit.
func (o *taggedObject) ours(app int64) ([]checks.Run, error) {
	if o.Suites == nil {
		return nil, releaseFault("GitHub gave no list of check suites")
	}
	var out []checks.Run
	for _, suite := range o.Suites.Nodes {
		if err := suite.Runs.whole(opRelease, "check-runs"); err != nil {
			return nil, err
		}
		if suite.Runs.PageInfo.HasNextPage {
			return nil, releaseFault(fmt.Sprintf("there are more check-runs of ours than the %d that GitHub lists at once", len(suite.Runs.Nodes)))
		}
		for _, n := range suite.Runs.Nodes {
			out = append(out, n.run(app))
		}
	}
	return out, nil
}
