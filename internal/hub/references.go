package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

const opReferences = "references"

type referenceAnswer struct {
	Issue *struct {
		Type string `json:"__typename"`
		issueAnswer
	} `json:"issueOrPullRequest"`
}

// references finds out what numbers are, "owner/name#number" each: issues, pull
// requests, or nothing that is shown to us.
func (h *Hub) references(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	q := "query References("
	fields := ""
	vars := map[string]any{}
	pull.References = copied(pull.References)
	for i, id := range ids {
		pull.References[id] = checks.Reference{}
		repo, number, _ := strings.Cut(id, "#")
		owner, name, _ := strings.Cut(repo, "/")
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || owner == "" || name == "" {
			continue
		}
		q += fmt.Sprintf("$o%d: String!, $n%d: String!, $i%d: Int!, ", i, i, i)
		fields += fmt.Sprintf(" r%d: repository(owner: $o%d, name: $n%d) { issueOrPullRequest(number: $i%d) { __typename ... on Issue { number title closed repository { name owner { login } } } } }", i, i, i, i)
		vars[fmt.Sprintf("o%d", i)], vars[fmt.Sprintf("n%d", i)], vars[fmt.Sprintf("i%d", i)] = owner, name, n
	}
	if fields == "" {
		return nil
	}
	var a referencesAnswer
	text := h.text.complete(strings.TrimSuffix(q, ", ") + ") { rateLimit { ...Rate }" + fields + " }")
	_, fails, err := h.ask(ctx, c, question{op: opReferences, text: text, vars: vars}, &a)
	if err != nil {
		return err
	}
	err = accept(opReferences, fails, func(path []string, f failure) bool {
		return index(path[0], 'r') && (f.Type == notFound || f.Type == forbidden)
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		if r := a.found[fmt.Sprintf("r%d", i)]; r != nil && r.Issue != nil {
			pull.References[id] = r.reference()
		}
	}
	return nil
}

func (r *referenceAnswer) reference() checks.Reference {
	i := r.Issue
	switch {
	case i.Type == "PullRequest":
		return checks.Reference{PullRequest: true}
	case i.Type != "Issue" || i.Repository == nil:
		return checks.Reference{}
	}
	return checks.Reference{Found: true, Issue: i.issue()}
}

func (i *issueAnswer) issue() checks.Issue {
	return checks.Issue{Number: i.Number, Repo: i.Repository.Owner.Login + "/" + i.Repository.Name, Title: i.Title, Open: !i.Closed}
}

// referencesAnswer is the answer to what numbers are, by "r" and their index.
type referencesAnswer struct {
	rate
	found map[string]*referenceAnswer
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *referencesAnswer) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	a.found = map[string]*referenceAnswer{}
	for name, raw := range fields {
		switch {
		case name == "rateLimit":
			if err := json.Unmarshal(raw, &a.RateLimit); err != nil {
				return err
			}
		case index(name, 'r'):
			var r *referenceAnswer
			if err := json.Unmarshal(raw, &r); err != nil {
				return err
			}
			a.found[name] = r
		}
	}
	return nil
}
