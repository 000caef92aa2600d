package hub

import (
	"context"
	"net/http"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const opGroup = "group"

type groupAnswer struct {
	rate
	Repository *struct {
		ID         string     `json:"id"`
		DatabaseID int64      `json:"databaseId"`
		Name       string     `json:"name"`
		Owner      loginField `json:"owner"`
		IsArchived bool       `json:"isArchived"`
		Base       *struct {
			Target *oidField `json:"target"`
		} `json:"base"`
		Group *struct {
			Target *groupCommit `json:"target"`
		} `json:"group"`
		Queue *struct {
			Entries *connection[queueEntry] `json:"entries"`
		} `json:"mergeQueue"`
	} `json:"repository"`
}

type groupCommit struct {
	OID    string `json:"oid"`
	Suites *struct {
		Nodes []struct {
			Runs *connection[glimpsedRun] `json:"checkRuns"`
		} `json:"nodes"`
	} `json:"checkSuites"`
}

// Group reads a merge group: where it is, our check-runs on it, and the numbers of
// the pull requests in it, but nothing more of those. It is an error, which trying
// again soon may end, when GitHub does not say of all commits between the group and
// its base which pull request they come from.
func (h *Hub) Group(ctx context.Context, s checks.Subject) (checks.Group, error) {
	a, at, err := h.askGroup(ctx, s, true)
	if err != nil {
		return checks.Group{}, err
	}
	out, err := a.group(s, at, h.cfg.AppID)
	if err != nil || out.Gone {
		return out, err
	}
	numbers, err := a.members(out)
	for _, n := range numbers {
		out.Members = append(out.Members, checks.Member{Number: n})
	}
	return out, err
}

// GlimpseGroup reads just enough of a merge group to say on it that it could not be
// judged. It does not ask for the queue, which may be what cannot be read.
func (h *Hub) GlimpseGroup(ctx context.Context, s checks.Subject) (checks.Group, error) {
	a, at, err := h.askGroup(ctx, s, false)
	if err != nil {
		return checks.Group{}, err
	}
	return a.group(s, at, h.cfg.AppID)
}

func (h *Hub) askGroup(ctx context.Context, s checks.Subject, queue bool) (groupAnswer, time.Time, error) {
	var a groupAnswer
	c, err := h.client(s.Installation)
	if err != nil {
		return a, time.Time{}, err
	}
	base := checks.GroupBase(s.Name)
	if base == "" {
		return a, time.Time{}, groupFault(harmless(s.Name) + " is not the name of a merge group")
	}
	vars := map[string]any{
		"owner": s.Owner, "name": s.Repo, "group": "refs/heads/" + s.Name, "base": "refs/heads/" + base, "branch": base,
		"app": h.cfg.AppID, "queue": queue,
	}
	at, fails, err := h.ask(ctx, c, question{op: opGroup, text: h.text.group, vars: vars}, &a)
	if err != nil {
		return a, at, err
	}
	for _, f := range fails {
		if f.at() == "repository.mergeQueue" && f.Type == forbidden {
			return a, at, groupFault("this App may not see what is in the merge queue; grant it merge_queues: read")
		}
	}
	if err := accept(opGroup, fails, func([]string, failure) bool { return false }); err != nil {
		return a, at, err
	}
	repo := a.Repository
	if repo == nil || s.RepoID != 0 && repo.DatabaseID != s.RepoID {
		return a, at, anotherRepository(opGroup)
	}
	h.remember(repo.DatabaseID, func(ids *repoIDs) { ids.node = repo.ID })
	return a, at, nil
}

func groupFault(what string) *Error {
	return &Error{Op: opGroup, Status: http.StatusOK, What: what}
}

// group is all that the answer says of the group itself.
func (a groupAnswer) group(s checks.Subject, at time.Time, app int64) (checks.Group, error) {
	repo := a.Repository
	out := checks.Group{
		At: at, Name: s.Name, AppID: app,
		Repo: checks.Repo{ID: repo.DatabaseID, Owner: repo.Owner.Login, Name: repo.Name, Archived: repo.IsArchived},
		Base: checks.Ref{Name: checks.GroupBase(s.Name), RepoID: repo.DatabaseID},
	}
	if repo.Group == nil {
		out.Gone = true
		return out, nil
	}
	if repo.Group.Target == nil || repo.Group.Target.OID == "" || repo.Group.Target.Suites == nil {
		return out, groupFault("GitHub did not say where the merge group is")
	}
	if repo.Base == nil || repo.Base.Target == nil || repo.Base.Target.OID == "" {
		return out, groupFault("GitHub did not say where the base branch is")
	}
	out.Head, out.Base.SHA = repo.Group.Target.OID, repo.Base.Target.OID
	for _, suite := range repo.Group.Target.Suites.Nodes {
		if err := suite.Runs.whole(opGroup, "check-runs"); err != nil {
			return out, err
		}
		if suite.Runs.PageInfo.HasNextPage {
			return out, groupFault("there are more check-runs of ours than GitHub lists at once")
		}
		for _, r := range suite.Runs.Nodes {
			out.Runs = append(out.Runs, r.run(app))
		}
	}
	return out, nil
}
