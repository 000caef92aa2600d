package checks

import (
	"strconv"
	"strings"
)

// account is how a person or an App is told from all others: the login in lower
// case. An App's ends in "[bot]" whatever GitHub's interface left away, so that
// it is never taken for a person of the same name. A deleted account has none.
func account(a Actor) string {
	if a.Login == "" {
		return ""
	}
	key := strings.ToLower(a.Login)
	if a.Bot && !strings.HasSuffix(key, "[bot]") {
		key += "[bot]"
	}
	return key
}

// gone says whether an account is deleted; each such one has a key of its own.
func gone(key string) bool { return key == "" || strings.HasPrefix(key, deletedAccount) }

// deletedAccount begins the keys of deleted accounts; no login has a bracket.
const deletedAccount = "(deleted "

// nobody is how a sentence calls one.
const nobody = "a deleted account"

func isApp(key string) bool { return strings.HasSuffix(key, "[bot]") }

// access is what came of asking whether somebody holds a role.
type access struct {
	ok      bool
	unknown bool   // could not be found out, which counts as no
	outside bool   // not among those the role names; [Role.excludes] says it
	why     string // else, unless ok, the end of a sentence: "bob has read access, write is needed"
}

// permission is somebody's permission now; "" when GitHub could not say it or
// was not asked.
func (h *hearing) permission(key string) string {
	p, asked := h.pull.People[key]
	if !asked {
		h.wantUser(key)
	}
	return p.Permission
}

// team is what GitHub says about a team, and whether it was asked.
func (h *hearing) team(name string) (Team, bool) {
	key := strings.ToLower(strings.TrimPrefix(name, "@"))
	t, asked := h.pull.Teams[key]
	if !asked && h.wants != nil {
		h.wants.Teams = union(h.wants.Teams, []string{key})
	}
	return t, asked
}

// admits says whether somebody holds a role now.
func (h *hearing) admits(role *Role, key, login string) access {
	if gone(key) {
		return access{unknown: true, why: "the account is deleted"}
	}
	named := role.names(key)
	if isApp(key) {
		// GitHub gives Apps no permission that could be asked for: the policy's
		// word is what lets one in.
		if named {
			return access{ok: true}
		}
		return access{outside: true}
	}
	if !named && role.Team != "" {
		t, _ := h.team(role.Team)
		named = t.Found && member(t, key)
	}
	if !named && (role.Team != "" || len(role.Users) > 0) {
		return access{outside: true}
	}
	return h.may(key, login, role.needs())
}

// excludes says that somebody is not among those the role names.
func (r *Role) excludes(key, login string) string {
	if isApp(key) {
		return login + " is an App, and the policy does not name it"
	}
	return login + " is not " + r.within()
}

// may says whether somebody has a permission at least.
func (h *hearing) may(key, login string, min Permission) access {
	have := h.permission(key)
	switch {
	case Permission(have).AtLeast(min):
		return access{ok: true}
	case rank(have) < 0:
		return access{unknown: true, why: "the permission of " + login + " could not be read"}
	}
	return access{why: login + " has " + plainPermission(have) + " access, " + string(min) + " is needed"}
}

func plainPermission(p string) string {
	if p == "none" {
		return "no"
	}
	return p
}

func member(t Team, key string) bool {
	for _, m := range t.Members {
		if strings.EqualFold(m, key) {
			return true
		}
	}
	return false
}

// names says whether the role lists an account; an App by "name[bot]".
func (r *Role) names(key string) bool {
	for _, u := range r.Users {
		if strings.EqualFold(u, key) {
			return true
		}
	}
	return false
}

// needs is the permission that a holder needs at least.
func (r *Role) needs() Permission {
	if r.Permission == "" {
		return "write"
	}
	return r.Permission
}

// signsByReview says whether an approval in GitHub's review form signs it.
func (r *Role) signsByReview() bool { return r.GitHubReview || len(r.Say) == 0 }

// within is where one must be to hold the role: "in @acme/qa".
func (r *Role) within() string {
	if r.Team != "" {
		return "in @" + strings.TrimPrefix(r.Team, "@")
	}
	return "among " + list(r.Users, 3)
}

// holders is who holds the role, as a sentence names them.
func (r *Role) holders() string {
	switch {
	case r.Team != "" && len(r.Users) > 0:
		return "@" + strings.TrimPrefix(r.Team, "@") + " or " + list(r.Users, 3)
	case r.Team != "":
		return "@" + strings.TrimPrefix(r.Team, "@")
	case len(r.Users) > 0:
		return list(r.Users, 3)
	}
	return "people with " + string(r.needs()) + " access"
}

// holder is one of those.
func (r *Role) holder() string {
	switch {
	case r.Team == "" && len(r.Users) == 0:
		return "somebody with " + string(r.needs()) + " access"
	case r.Team == "" && len(r.Users) > 1:
		return "one of " + list(r.Users, 3)
	}
	return r.holders()
}

// fault says what is wrong with who holds the role, since a team that nobody
// can see is satisfied by nobody.
func (h *hearing) fault(role *Role) fault {
	if role.Team != "" {
		name := strings.TrimPrefix(role.Team, "@")
		switch t, asked := h.team(role.Team); {
		case !asked:
			return fault{"team " + name + " has not been read yet", operators}
		case !t.Found:
			return fault{"team " + name + " does not exist or cannot be seen", policyChangers}
		case len(t.Members) == 0:
			return fault{"team " + name + " has no members", "whoever may add somebody to " + name}
		}
	}
	for _, u := range role.Users {
		key := strings.ToLower(u)
		if !isApp(key) && rank(h.permission(key)) < 0 {
			return fault{"user " + u + " does not exist or cannot be seen", policyChangers}
		}
	}
	return fault{}
}

// left are the accounts that may still sign, sorted, when the role names all of
// its holders; open says that it does not.
func (h *hearing) left(role *Role, self bool) (keys []string, open bool) {
	if role.Team == "" && len(role.Users) == 0 {
		return nil, true
	}
	add := func(login string) {
		key := strings.ToLower(login)
		if !self && h.contribution(key, 0) != nil {
			return
		}
		if p, asked := h.pull.People[key]; asked && !isApp(key) && rank(p.Permission) >= 0 && !Permission(p.Permission).AtLeast(role.needs()) {
			return
		}
		keys = append(keys, key)
	}
	if role.Team != "" {
		t, _ := h.team(role.Team)
		for _, m := range t.Members {
			add(m)
		}
	}
	for _, u := range role.Users {
		add(u)
	}
	return sorted(keys), false
}

// wantUser asks for somebody's permission.
func (h *hearing) wantUser(key string) {
	if h.wants != nil && !gone(key) && !isApp(key) {
		h.wants.Users = union(h.wants.Users, []string{key})
	}
}

func evidenceID(id int64) string { return strconv.FormatInt(id, 10) }
