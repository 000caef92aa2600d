package hub

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opPublished = "published"
	opGlances   = "release glances"
)

// Published are the releases of a repository that are out: neither drafts nor
// pre-releases, which wait to become releases. The newest come first, a hundred
// looked at in one request; those whose tag is gone are left out. after is "" for the
// first, then the next of the answer before; next is "" when there are no more.
func (h *Hub) Published(ctx context.Context, s checks.Subject, after string) (list []checks.Out, next string, err error) {
	type published struct {
		TagName      string     `json:"tagName"`
		IsDraft      bool       `json:"isDraft"`
		IsPrerelease bool       `json:"isPrerelease"`
		PublishedAt  *time.Time `json:"publishedAt"`
		Commit       *oidField  `json:"tagCommit"`
	}
	var a struct {
		rate
		Repository *struct {
			DatabaseID int64                  `json:"databaseId"`
			Releases   *connection[published] `json:"releases"`
		} `json:"repository"`
	}
	vars := map[string]any{"owner": s.Owner, "name": s.Repo}
	if after != "" {
		vars["after"] = after
	}
	if err := h.askOf(ctx, s.Installation, question{op: opPublished, text: h.text.published, vars: vars}, &a); err != nil {
		return nil, "", err
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return nil, "", anotherRepository(opPublished)
	}
	if err := a.Repository.Releases.whole(opPublished, "releases"); err != nil {
		return nil, "", err
	}
	for _, n := range a.Repository.Releases.Nodes {
		if !n.IsDraft && !n.IsPrerelease && n.PublishedAt != nil && n.Commit != nil && n.Commit.OID != "" {
			list = append(list, checks.Out{Tag: n.TagName, Commit: n.Commit.OID, At: *n.PublishedAt})
		}
	}
	if p := a.Repository.Releases.PageInfo; p.HasNextPage && p.EndCursor != nil {
		next = *p.EndCursor
	}
	return list, next, nil
}

// askOf asks a question as an installation, and takes no failure for an answer.
func (h *Hub) askOf(ctx context.Context, installation int64, q question, out any) error {
	c, err := h.client(installation)
	if err != nil {
		return err
	}
	_, fails, err := h.ask(ctx, c, q, out)
	if err != nil {
		return err
	}
	return accept(q.op, fails, func([]string, failure) bool { return false })
}

// anotherRepository is that what was asked about is gone, and its name taken.
func anotherRepository(op string) *Error {
	return &Error{Op: op, Status: http.StatusOK, What: "another repository has this name now", gone: true}
}

// glancesAnswer is the answer to release_glances.graphql.
type glancesAnswer struct {
	rate
	Repository *struct {
		DatabaseID int64                      `json:"databaseId"`
		Refs       *connection[refAnswer]     `json:"refs"`
		Releases   *connection[glanceRelease] `json:"releases"`
	} `json:"repository"`
}

type glanceRelease struct {
	DatabaseID   int64     `json:"databaseId"`
	TagName      string    `json:"tagName"`
	IsDraft      bool      `json:"isDraft"`
	IsPrerelease bool      `json:"isPrerelease"`
	UpdatedAt    time.Time `json:"updatedAt"`
	Assets       *struct {
		TotalCount int `json:"totalCount"`
		Nodes      []*struct {
			UpdatedAt time.Time `json:"updatedAt"`
		} `json:"nodes"`
	} `json:"releaseAssets"`
}

// ReleaseGlances are the tags of a repository, one glance each, with GitHub's release
// and the waiting jobs of each. It takes one request for a hundred tags and a hundred
// releases, one to ask for waiting workflow runs, and where there are some those of
// [Hub.WaitingGates].
func (h *Hub) ReleaseGlances(ctx context.Context, installation int64, repo checks.Repo) ([]checks.ReleaseGlance, error) {
	s := checks.Subject{Installation: installation, RepoID: repo.ID, Owner: repo.Owner, Repo: repo.Name}
	var out []checks.ReleaseGlance
	releases := map[string]*glanceRelease{}
	vars := map[string]any{"owner": repo.Owner, "name": repo.Name, "moreTags": true, "moreReleases": true}
	for n := 0; vars["moreTags"] == true || vars["moreReleases"] == true; n++ {
		if n >= pageLimit {
			return nil, &Error{Op: opGlances, What: fmt.Sprintf("the repository has more than %d pages of tags or releases", pageLimit)}
		}
		tags, err := h.glancePage(ctx, s, vars, releases)
		if err != nil {
			return nil, err
		}
		for _, t := range tags {
			out = append(out, checks.ReleaseGlance{Tag: t.Name, OID: t.OID, Commit: t.SHA})
		}
	}
	tagged := make(map[string]bool, len(out))
	for _, g := range out {
		tagged[g.Commit] = true
	}
	gates, err := h.WaitingGates(ctx, s, func(commit string) bool { return tagged[commit] })
	if err != nil {
		return nil, err
	}
	for i := range out {
		g := &out[i]
		if r := releases[g.Tag]; r != nil {
			r.glance(g)
		}
		for _, w := range gates {
			if w.Commit != "" && w.Commit == g.Commit {
				g.Gates = append(g.Gates, w.Gate)
			}
		}
	}
	return out, nil
}

// glancePage reads a page of tags and of releases, as far as vars ask for them, and
// makes vars those of the next.
func (h *Hub) glancePage(ctx context.Context, s checks.Subject, vars map[string]any, releases map[string]*glanceRelease) (tags []checks.TagState, err error) {
	var a glancesAnswer
	if err := h.askOf(ctx, s.Installation, question{op: opGlances, text: h.text.releaseGlances, vars: vars}, &a); err != nil {
		return nil, err
	}
	if a.Repository == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return nil, anotherRepository(opGlances)
	}
	if vars["moreTags"] == true {
		next := ""
		if tags, next, err = refList(opGlances, a.Repository.Refs); err != nil {
			return nil, err
		}
		vars["tags"], vars["moreTags"] = next, next != ""
	}
	if vars["moreReleases"] != true {
		return tags, nil
	}
	list := a.Repository.Releases
	if err := list.whole(opGlances, "releases"); err != nil {
		return nil, err
	}
	for _, n := range list.Nodes {
		if old := releases[n.TagName]; old == nil || old.IsDraft && !n.IsDraft {
			releases[n.TagName] = n
		}
	}
	p := list.PageInfo
	vars["releases"], vars["moreReleases"] = text(p.EndCursor), p.HasNextPage && p.EndCursor != nil
	return tags, nil
}

// glance fills in what a sweep sees of the release.
func (r *glanceRelease) glance(g *checks.ReleaseGlance) {
	g.Page, g.Draft, g.Prerelease, g.Updated = r.DatabaseID, r.IsDraft, r.IsPrerelease, r.UpdatedAt
	if r.Assets == nil {
		return
	}
	g.Assets = r.Assets.TotalCount
	for _, a := range r.Assets.Nodes {
		if a != nil && a.UpdatedAt.After(g.Updated) {
			g.Updated = a.UpdatedAt
		}
	}
}
