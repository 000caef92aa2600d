package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Account is a person, a bot or an organisation.
type Account struct {
	gh      *GitHub
	ID      int64
	Login   string // a bot's ends in "[bot]"
	Name    string
	Kind    string // User, Bot, Organization
	deleted bool
	created time.Time
	app     *App // of a bot
}

// User finds the person of that name, and makes one if there is none. A login
// that ends in "[bot]" is a bot. Commits by LOGIN@example.com and by the
// account's users.noreply.github.com addresses are theirs.
func (gh *GitHub) User(login string) *Account {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.account(login)
}

func (gh *GitHub) account(login string) *Account {
	key := strings.ToLower(login)
	if a := gh.accounts[key]; a != nil {
		return a
	}
	a := &Account{gh: gh, ID: gh.id(), Login: login, Name: login, Kind: "User", created: gh.now()}
	if strings.HasSuffix(key, "[bot]") {
		a.Kind = "Bot"
	}
	gh.accounts[key] = a
	gh.nodes[a.node()] = a
	for _, mail := range []string{key + "@example.com", a.mail(), key + "@users.noreply.github.com"} {
		gh.emails[mail] = a
	}
	return a
}

// Email says that commits with that address belong to the account.
func (a *Account) Email(address string) *Account {
	a.gh.mu.Lock()
	defer a.gh.mu.Unlock()
	a.gh.emails[strings.ToLower(address)] = a
	return a
}

// Delete makes the account a ghost: what it wrote stays, its author is null.
func (a *Account) Delete() {
	gh := a.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	a.deleted = true
	for mail, who := range gh.emails {
		if who == a {
			delete(gh.emails, mail)
		}
	}
	delete(gh.accounts, strings.ToLower(a.Login))
	delete(gh.nodes, a.node())
	for _, r := range gh.repos {
		delete(r.people, a)
	}
	for _, o := range gh.orgs {
		delete(o.members, a)
		for _, t := range o.teams {
			delete(t.members, a)
		}
	}
	gh.changed(Change{Kind: "account_deleted", By: a.Login})
}

// mail is the address the web interface uses for the account's commits.
func (a *Account) mail() string {
	return strings.ToLower(fmt.Sprintf("%d+%s@users.noreply.github.com", a.ID, a.Login))
}

func (a *Account) node() string {
	switch a.Kind {
	case "Bot":
		return nodeID("BOT", a.ID)
	case "Organization":
		return nodeID("O", a.ID)
	}
	return nodeID("U", a.ID)
}

func nodeID(kind string, id int64) string { return fmt.Sprintf("%s_kw%d", kind, id) }

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
