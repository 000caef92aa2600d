package sim

import (
	"slices"
	"strings"
)

// Org is an organisation.
type Org struct {
	*Account
	members map[*Account]string // member or admin
	teams   []*Team
}

// Org finds the organisation of that name, and makes one if there is none.
func (gh *GitHub) Org(login string) *Org {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	key := strings.ToLower(login)
	if o := gh.orgs[key]; o != nil {
		return o
	}
	a := &Account{gh: gh, ID: gh.id(), Login: login, Name: login, Kind: "Organization", created: gh.now()}
	gh.accounts[key] = a
	o := &Org{Account: a, members: map[*Account]string{}}
	gh.orgs[key] = o
	gh.nodes[a.node()] = o
	return o
}

// AddMember makes people members, which gives them read on its repositories.
func (o *Org) AddMember(logins ...string) {
	o.gh.mu.Lock()
	defer o.gh.mu.Unlock()
	for _, l := range logins {
		o.join(o.gh.account(l), "member")
	}
}

// AddOwner makes somebody an owner, who has admin on all its repositories.
func (o *Org) AddOwner(login string) {
	o.gh.mu.Lock()
	defer o.gh.mu.Unlock()
	o.join(o.gh.account(login), "admin")
}

func (o *Org) join(a *Account, role string) {
	if o.members[a] == role {
		return
	}
	known := o.members[a] != ""
	o.members[a] = role
	if !known {
		o.gh.emit(event{name: "organization", action: "member_added", org: o, sender: o.boss(), body: m{
			"membership": o.membershipJSON(a, role)}})
	}
}

// RemoveMember removes somebody from the organisation and all its teams.
func (o *Org) RemoveMember(login string) {
	gh := o.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	a := gh.account(login)
	role := o.members[a]
	if role == "" {
		return
	}
	delete(o.members, a)
	for _, t := range o.teams {
		t.remove(a)
	}
	gh.emit(event{name: "organization", action: "member_removed", org: o, sender: o.boss(), body: m{
		"membership": o.membershipJSON(a, role)}})
}

func (o *Org) membershipJSON(a *Account, role string) m {
	api := o.gh.api()
	return m{
		"url":   api + "/orgs/" + o.Login + "/memberships/" + a.Login,
		"state": "active", "role": role, "organization_url": api + "/orgs/" + o.Login,
		"user": o.gh.userJSON(a),
	}
}

// boss is who appears as the sender of what nobody in particular did.
func (o *Org) boss() *Account {
	for a, role := range o.members {
		if role == "admin" {
			return a
		}
	}
	return o.gh.account(strings.ToLower(o.Login) + "-admin")
}

func byLogin(set map[*Account]bool) []*Account {
	list := make([]*Account, 0, len(set))
	for a := range set {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *Account) int {
		return strings.Compare(strings.ToLower(a.Login), strings.ToLower(b.Login))
	})
	return list
}
