package hub

import (
	"context"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

const opGroups = "groups"

// Groups lists the merge groups that a repository has now.
func (h *Hub) Groups(ctx context.Context, installation int64, repo checks.Repo) ([]checks.GroupGlance, error) {
	c, err := h.client(installation)
	if err != nil {
		return nil, err
	}
	var out []checks.GroupGlance
	for after := ""; ; {
		page, next, err := h.groupPage(ctx, c, repo, after)
		if err != nil {
			return nil, err
		}
		if out = append(out, page...); next == "" {
			return out, nil
		}
		after = next
	}
}

func (h *Hub) groupPage(ctx context.Context, c *client, repo checks.Repo, after string) (out []checks.GroupGlance, next string, err error) {
	type branch struct {
		Name   string    `json:"name"`
		Target *oidField `json:"target"`
	}
	var a struct {
		rate
		Repository *struct {
			DatabaseID int64               `json:"databaseId"`
			Refs       *connection[branch] `json:"refs"`
		} `json:"repository"`
	}
	vars := map[string]any{"owner": repo.Owner, "name": repo.Name, "query": checks.GroupPrefix}
	if after != "" {
		vars["after"] = after
	}
	_, fails, err := h.ask(ctx, c, question{op: opGroups, text: h.text.groups, vars: vars}, &a)
	if err != nil {
		return nil, "", err
	}
	if err := accept(opGroups, fails, func([]string, failure) bool { return false }); err != nil {
		return nil, "", err
	}
	if a.Repository == nil || repo.ID != 0 && a.Repository.DatabaseID != repo.ID {
		e := groupFault("another repository has this name now")
		e.Op, e.gone = opGroups, true
		return nil, "", e
	}
	refs := a.Repository.Refs
	if err := refs.whole(opGroups, "branches"); err != nil {
		return nil, "", err
	}
	for _, b := range refs.Nodes {
		if b.Target != nil && strings.HasPrefix(b.Name, checks.GroupPrefix) && checks.GroupBase(b.Name) != "" {
			out = append(out, checks.GroupGlance{Name: b.Name, Head: b.Target.OID})
		}
	}
	if refs.PageInfo.HasNextPage && refs.PageInfo.EndCursor != nil {
		next = *refs.PageInfo.EndCursor
	}
	return out, next, nil
}
