package sim

import (
	"slices"
)

// Allow gives somebody a permission (read, triage, write, maintain, admin) on
// the repository; "" takes it away.
func (r *Repo) Allow(login, permission string) {
	gh := r.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	a := gh.account(login)
	old := r.people[a]
	e := event{name: "member", action: "added", sender: r.boss(), body: m{"member": gh.userJSON(a), "changes": m{
		"permission": m{"to": permission}}}}
	switch {
	case permission == old:
		return
	case permission == "":
		e.action = "removed"
		delete(e.body, "changes")
		delete(r.people, a)
	case old != "":
		e.action = "edited"
		e.body["changes"] = m{"permission": m{"from": old, "to": permission}}
	}
	if permission != "" {
		r.people[a] = permission
	}
	gh.changed(Change{Kind: "member", Repo: r.fullName(), By: login, Value: permission})
	r.emit(e)
}

var permissionRank = [...]string{"none", "read", "triage", "write", "maintain", "admin"}

// rank orders permissions; 0 is none.
func rank(permission string) int { return max(0, slices.Index(permissionRank[:], permission)) }

// permission is what somebody may do, by themselves, by their teams, as member.
func (r *Repo) permission(a *Account) string {
	best := rank(r.people[a])
	if a == r.owner {
		best = rank("admin")
	}
	if r.org != nil {
		switch r.org.members[a] {
		case "admin":
			best = rank("admin")
		case "member":
			best = max(best, rank("read"))
		}
		for _, t := range r.org.teams {
			for u := t; u != nil; u = u.parent {
				if t.members[a] {
					best = max(best, rank(u.grants[r]))
				}
			}
		}
	}
	if best == 0 && !r.private && !a.deleted {
		best = rank("read")
	}
	return permissionRank[best]
}

// collaborators are all who have a permission of their own, by login.
func (r *Repo) collaborators() []*Account {
	set := map[*Account]bool{}
	for a := range r.people {
		set[a] = true
	}
	if r.org != nil {
		for a := range r.org.members {
			set[a] = true
		}
	} else {
		set[r.owner] = true
	}
	return byLogin(set)
}

func (r *Repo) association(a *Account) string {
	switch {
	case a == nil || a.deleted:
		return "NONE"
	case a == r.owner:
		return "OWNER"
	case r.org != nil && r.org.members[a] != "":
		return "MEMBER"
	case r.people[a] != "":
		return "COLLABORATOR"
	}
	for _, p := range r.pulls {
		if p.merged && p.author == a {
			return "CONTRIBUTOR"
		}
	}
	return "NONE"
}
