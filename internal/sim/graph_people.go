package sim

import (
	"strings"
)

func accountFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(u *Account) any { return u.node() }),
		"databaseId": get(func(u *Account) any { return u.ID }),
		// A bot's login has no "[bot]" in GraphQL, as it has in REST.
		"login": get(func(u *Account) any { return strings.TrimSuffix(u.Login, "[bot]") }),
		"name":  get(func(u *Account) any { return text(u.Name) }),
		"url":   get(func(u *Account) any { return u.gh.base + "/" + u.Login }),
	}
}

func orgFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(o *Org) any { return o.node() }),
		"databaseId": get(func(o *Org) any { return o.ID }),
		"login":      on(func(_ *execution, o *Org, _ args) (any, error) { return o.Login, nil }),
		"name":       get(func(o *Org) any { return o.Name }),
		"team": on(func(x *execution, o *Org, a args) (any, error) {
			if err := x.needs("members", "read"); err != nil {
				return nil, err
			}
			if t := o.team(a.text("slug")); t != nil && !t.secret && x.call.token.install.account == o.Account {
				return t, nil
			}
			return nil, nil
		}),
	}
}

func teamFields() map[string]resolver {
	return map[string]resolver{
		"id":           get(func(t *Team) any { return t.node() }),
		"databaseId":   get(func(t *Team) any { return t.ID }),
		"slug":         get(func(t *Team) any { return t.Slug }),
		"name":         get(func(t *Team) any { return t.Name }),
		"combinedSlug": get(func(t *Team) any { return t.org.Login + "/" + t.Slug }),
		"organization": get(func(t *Team) any { return t.org }),
		"members": on(func(x *execution, t *Team, a args) (any, error) {
			if err := x.needs("members", "read"); err != nil {
				return nil, err
			}
			all := t.all()
			if a.text("membership") == "IMMEDIATE" {
				all = byLogin(t.members)
			}
			return connection{kind: "TeamMember", items: items(all), edge: func(any) m { return m{"role": "MEMBER"} }}, nil
		}),
	}
}
