package hub

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

// App is what GitHub says of the App that we are.
type App struct {
	ID   int64
	Slug string
	Name string
}

// App asks GitHub who we are: the answer proves that the App id, the key and
// the address fit together.
func (h *Hub) App(ctx context.Context) (App, error) {
	var out App
	err := h.rest(ctx, h.app, "app", func(ctx context.Context, s *session) error {
		a, _, err := s.rest.Apps.Get(ctx, "")
		if err == nil {
			out = App{ID: a.GetID(), Slug: a.GetSlug(), Name: a.GetName()}
		}
		return err
	})
	if err == nil && out.ID != h.cfg.AppID {
		err = &Error{Op: "app", Status: http.StatusOK, What: fmt.Sprintf("GitHub says that the key is of App %d, not %d", out.ID, h.cfg.AppID)}
	}
	return out, err
}

// Installations are those of our App that are not suspended.
func (h *Hub) Installations(ctx context.Context) ([]int64, error) {
	var out []int64
	for page := 1; page != 0; {
		err := h.rest(ctx, h.app, "installations", func(ctx context.Context, s *session) error {
			list, resp, err := s.rest.Apps.ListInstallations(ctx, &github.ListOptions{Page: page, PerPage: 100})
			if err != nil {
				return err
			}
			for _, i := range list {
				if i.SuspendedAt == nil {
					out = append(out, i.GetID())
				}
			}
			page = resp.NextPage
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Repos are the repositories that an installation may see.
func (h *Hub) Repos(ctx context.Context, installation int64) ([]checks.Repo, error) {
	c, err := h.client(installation)
	if err != nil {
		return nil, err
	}
	var out []checks.Repo
	for page := 1; page != 0; {
		err := h.rest(ctx, c, "repositories", func(ctx context.Context, s *session) error {
			list, resp, err := s.rest.Apps.ListRepos(ctx, &github.ListOptions{Page: page, PerPage: 100})
			if err != nil {
				return err
			}
			for _, r := range list.Repositories {
				out = append(out, repository(r))
			}
			page = resp.NextPage
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func repository(r *github.Repository) checks.Repo {
	return checks.Repo{
		ID: r.GetID(), Owner: r.GetOwner().GetLogin(), Name: r.GetName(),
		Private: r.GetPrivate(), Archived: r.GetArchived(), DefaultBranch: r.GetDefaultBranch(),
	}
}

// Find makes the subject of a pull request that somebody named: it asks which
// installation sees the repository, and for the repository's id.
func (h *Hub) Find(ctx context.Context, owner, repo string, number int) (checks.Subject, error) {
	s := checks.Subject{Owner: owner, Repo: repo, Number: number}
	err := h.rest(ctx, h.app, "installation", func(ctx context.Context, ses *session) error {
		i, _, err := ses.rest.Apps.FindRepositoryInstallation(ctx, owner, repo)
		s.Installation = i.GetID()
		return err
	})
	if err != nil {
		return s, goneIfMissing(err)
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return s, err
	}
	err = h.rest(ctx, c, "repository", func(ctx context.Context, ses *session) error {
		r, _, err := ses.rest.Repositories.Get(ctx, owner, repo)
		s.RepoID, s.Owner, s.Repo = r.GetID(), r.GetOwner().GetLogin(), r.GetName()
		return err
	})
	return s, goneIfMissing(err)
}

const opOpen = "open"

// OpenPulls lists a repository's open pull requests, a hundred to a request.
// after is "" for the first hundred, then the next of the answer before; next
// is "" when there are no more. With the first comes where the branches and tags
// are, up to a hundred of each; refs is nil with the others.
func (h *Hub) OpenPulls(ctx context.Context, installation int64, repo checks.Repo, after string) (list []checks.Glance, refs *checks.RefGlance, next string, err error) {
	c, err := h.client(installation)
	if err != nil {
		return nil, nil, "", err
	}
	type glance struct {
		Number      int    `json:"number"`
		HeadRefOID  string `json:"headRefOid"`
		BaseRefName string `json:"baseRefName"`
		BaseRef     *struct {
			Target *oidField `json:"target"`
		} `json:"baseRef"`
		UpdatedAt time.Time                `json:"updatedAt"`
		Labels    *connection[labelAnswer] `json:"labels"`
		Rollup    *struct {
			State string `json:"state"`
		} `json:"statusCheckRollup"`
	}
	var a struct {
		rate
		Repository *struct {
			DatabaseID   int64               `json:"databaseId"`
			PullRequests *connection[glance] `json:"pullRequests"`
			refsAnswer
		} `json:"repository"`
	}
	vars := map[string]any{"owner": repo.Owner, "name": repo.Name, "refs": after == ""}
	if after != "" {
		vars["after"] = after
	}
	at, fails, err := h.ask(ctx, c, question{op: opOpen, text: h.text.open, vars: vars}, &a)
	if err != nil {
		return nil, nil, "", err
	}
	if err := accept(opOpen, fails, func([]string, failure) bool { return false }); err != nil {
		return nil, nil, "", err
	}
	if a.Repository == nil || repo.ID != 0 && a.Repository.DatabaseID != repo.ID {
		return nil, nil, "", anotherRepository(opOpen)
	}
	pulls := a.Repository.PullRequests
	if err := pulls.whole(opOpen, "pull requests"); err != nil {
		return nil, nil, "", err
	}
	for _, p := range pulls.Nodes {
		g := checks.Glance{Number: p.Number, Head: p.HeadRefOID, BaseName: p.BaseRefName, UpdatedAt: p.UpdatedAt}
		if p.BaseRef != nil && p.BaseRef.Target != nil {
			g.Base = p.BaseRef.Target.OID
		}
		if err := p.Labels.whole(opOpen, "labels"); err != nil {
			return nil, nil, "", err
		}
		for _, l := range p.Labels.Nodes {
			g.Labelled = g.Labelled || strings.EqualFold(l.Name, checks.LabelMet)
			g.Reviewing = g.Reviewing || strings.EqualFold(l.Name, checks.LabelSecurity)
		}
		if p.Rollup != nil {
			g.Rollup = p.Rollup.State
		}
		list = append(list, g)
	}
	if after == "" {
		refs, err = a.Repository.glance(at, h.cfg.AppID)
	}
	if pulls.PageInfo.HasNextPage && pulls.PageInfo.EndCursor != nil {
		next = *pulls.PageInfo.EndCursor
	}
	return list, refs, next, err
}
