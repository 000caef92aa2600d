package sim

import (
	"fmt"
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
