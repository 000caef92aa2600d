package sim

import (
	"strings"
)

// Team is a team of an organisation; its child teams' members count as its own.
type Team struct {
	org     *Org
	ID      int64
	Slug    string
	Name    string
	parent  *Team
	members map[*Account]bool
	grants  map[*Repo]string
	secret  bool
}

// Team finds the team of that slug, and makes one if there is none; people
// named are added to it.
func (o *Org) Team(slug string, logins ...string) *Team {
	o.gh.mu.Lock()
	defer o.gh.mu.Unlock()
	t := o.team(slug)
	if t == nil {
		t = &Team{org: o, ID: o.gh.id(), Slug: slug, Name: slug, members: map[*Account]bool{}, grants: map[*Repo]string{}}
		o.teams = append(o.teams, t)
		o.gh.nodes[t.node()] = t
		o.gh.emit(event{name: "team", action: "created", org: o, sender: o.boss(), body: m{"team": o.gh.teamJSON(t)}})
	}
	for _, l := range logins {
		t.add(o.gh.account(l))
	}
	return t
}

func (o *Org) team(slug string) *Team {
	for _, t := range o.teams {
		if strings.EqualFold(t.Slug, slug) {
			return t
		}
	}
	return nil
}

func (t *Team) node() string { return nodeID("T", t.ID) }

// Add puts people into the team, and into the organisation.
func (t *Team) Add(logins ...string) {
	t.org.gh.mu.Lock()
	defer t.org.gh.mu.Unlock()
	for _, l := range logins {
		t.add(t.org.gh.account(l))
	}
}

func (t *Team) add(a *Account) {
	if t.members[a] {
		return
	}
	if t.org.members[a] == "" {
		t.org.join(a, "member")
	}
	t.members[a] = true
	t.org.gh.changed(Change{Kind: "team", By: a.Login, Name: t.Slug, Value: "added"})
	t.org.gh.emit(event{name: "membership", action: "added", org: t.org, sender: t.org.boss(), body: t.membership(a)})
}

// Remove takes people out of the team.
func (t *Team) Remove(logins ...string) {
	t.org.gh.mu.Lock()
	defer t.org.gh.mu.Unlock()
	for _, l := range logins {
		t.remove(t.org.gh.account(l))
	}
}

func (t *Team) remove(a *Account) {
	if !t.members[a] {
		return
	}
	delete(t.members, a)
	t.org.gh.changed(Change{Kind: "team", By: a.Login, Name: t.Slug, Value: "removed"})
	t.org.gh.emit(event{name: "membership", action: "removed", org: t.org, sender: t.org.boss(), body: t.membership(a)})
}

func (t *Team) membership(a *Account) m {
	return m{"scope": "team", "member": t.org.gh.userJSON(a), "team": t.org.gh.teamJSON(t)}
}

// Under makes the team a child of parent.
func (t *Team) Under(parent *Team) *Team {
	gh := t.org.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	t.parent = parent
	gh.emit(event{name: "team", action: "edited", org: t.org, sender: t.org.boss(), body: m{
		"team": gh.teamJSON(t), "changes": m{"name": m{"from": t.Name}}}})
	return t
}

// Grant gives the team a permission (read, triage, write, maintain, admin) on a
// repository; "" takes it away.
func (t *Team) Grant(r *Repo, permission string) *Team {
	gh := t.org.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	action := "added_to_repository"
	if t.grants[r] = permission; permission == "" {
		action = "removed_from_repository"
		delete(t.grants, r)
	}
	gh.emit(event{name: "team", action: action, org: t.org, repo: r, sender: t.org.boss(), body: m{"team": gh.teamJSON(t)}})
	return t
}

// Hide makes the team secret: the App sees it as if it did not exist.
func (t *Team) Hide() {
	t.org.gh.mu.Lock()
	defer t.org.gh.mu.Unlock()
	t.secret = true
}

// all are the members of the team and of its children, sorted by login.
func (t *Team) all() []*Account {
	seen := map[*Account]bool{}
	for _, u := range t.org.teams {
		if u.within(t) {
			for a := range u.members {
				seen[a] = true
			}
		}
	}
	return byLogin(seen)
}

func (t *Team) within(top *Team) bool {
	for u := t; u != nil; u = u.parent {
		if u == top {
			return true
		}
	}
	return false
}
