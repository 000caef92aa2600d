package hub

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/handrail-bot/handrail/checks"
)

const opAccounts = "accounts"

// accounts finds out which commits have a bot's e-mail for their author's. GraphQL
// names people only; REST's list of at most 250 commits names every account. What is
// not on it stays nobody's.
func (h *Hub) accounts(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull) error {
	type authored struct {
		SHA    string `json:"sha"`
		Author *struct {
			Login string `json:"login"`
			Type  string `json:"type"`
		} `json:"author"`
	}
	bots := map[string]string{}
	r := resource{s: s, op: opAccounts, path: fmt.Sprintf("pulls/%d/commits", s.Number)}
	for page := 1; page != 0 && page <= pageLimit; {
		var list []authored
		next, err := h.get(ctx, c, r, url.Values{"per_page": {"100"}, "page": {strconv.Itoa(page)}}, into(&list))
		if err != nil {
			return err
		}
		for _, a := range list {
			if a.Author != nil && a.Author.Type == "Bot" && a.Author.Login != "" {
				bots[a.SHA] = a.Author.Login
			}
		}
		page = next
	}
	pull.Commits, pull.AccountsRead = slices.Clone(pull.Commits), true
	for i := range pull.Commits {
		if login, ok := bots[pull.Commits[i].SHA]; ok {
			pull.Commits[i].Author.Bot, pull.Commits[i].Author.Account = true, login
		}
	}
	return nil
}
