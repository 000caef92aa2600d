package sim

import (
	"strings"
	"time"
)

// Installation is the App on an account.
type Installation struct {
	gh        *GitHub
	ID        int64
	app       *App
	account   *Account
	repos     map[*Repo]bool // nil is all
	created   time.Time
	suspended time.Time
}

// Install installs the App under test on the account: on all its repositories,
// or on those given. An account has one installation: a second call finds it.
func (a *Account) Install(repos ...*Repo) *Installation {
	gh := a.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	if in := gh.installationOf(gh.app, a); in != nil {
		return in
	}
	in := &Installation{gh: gh, ID: gh.id(), app: gh.app, account: a, created: gh.now()}
	if len(repos) > 0 {
		in.repos = map[*Repo]bool{}
		for _, r := range repos {
			in.repos[r] = true
		}
	}
	gh.installs = append(gh.installs, in)
	in.tell("installation", "created", m{"repositories": in.reposJSON(in.list()), "requester": nil})
	return in
}

func (in *Installation) tell(name, action string, body m) {
	body["installation"] = in.gh.installationJSON(in)
	who := in.account
	if o := in.gh.orgs[strings.ToLower(who.Login)]; o != nil {
		who = o.boss()
	}
	in.gh.emit(event{name: name, action: action, sender: who, install: in, body: body})
}

// AddRepo puts a repository into the installation.
func (in *Installation) AddRepo(r *Repo) {
	in.gh.mu.Lock()
	defer in.gh.mu.Unlock()
	if in.repos != nil {
		in.repos[r] = true
	}
	in.tell("installation_repositories", "added", m{"repository_selection": in.selection(), "requester": nil,
		"repositories_added": in.reposJSON([]*Repo{r}), "repositories_removed": []m{}})
}

// RemoveRepo takes a repository out of the installation.
func (in *Installation) RemoveRepo(r *Repo) {
	in.gh.mu.Lock()
	defer in.gh.mu.Unlock()
	if in.repos == nil {
		in.repos = map[*Repo]bool{}
		for _, x := range in.gh.repos {
			in.repos[x] = x.owner == in.account
		}
	}
	delete(in.repos, r)
	in.tell("installation_repositories", "removed", m{"repository_selection": in.selection(), "requester": nil,
		"repositories_added": []m{}, "repositories_removed": in.reposJSON([]*Repo{r})})
}

// Suspend suspends the installation, or ends that.
func (in *Installation) Suspend(on bool) {
	in.gh.mu.Lock()
	defer in.gh.mu.Unlock()
	action := "suspend"
	if in.suspended = in.gh.now(); !on {
		action, in.suspended = "unsuspend", time.Time{}
	}
	in.tell("installation", action, m{"repositories": in.reposJSON(in.list()), "requester": nil})
}

// Uninstall removes the App from the account.
func (in *Installation) Uninstall() {
	gh := in.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	in.tell("installation", "deleted", m{"repositories": in.reposJSON(in.list()), "requester": nil})
	for i, x := range gh.installs {
		if x == in {
			gh.installs = append(gh.installs[:i:i], gh.installs[i+1:]...)
			break
		}
	}
}

func (in *Installation) selection() string {
	if in.repos == nil {
		return "all"
	}
	return "selected"
}

func (in *Installation) has(r *Repo) bool {
	return r != nil && r.owner == in.account && (in.repos == nil || in.repos[r])
}

// list is every repository of the installation, by id.
func (in *Installation) list() []*Repo {
	var all []*Repo
	for _, r := range in.gh.repos {
		if in.has(r) {
			all = append(all, r)
		}
	}
	sortByID(all)
	return all
}

func (gh *GitHub) installation(app *App, r *Repo) *Installation {
	for _, in := range gh.installs {
		if in.app == app && in.has(r) {
			return in
		}
	}
	return nil
}

func (gh *GitHub) installationOf(app *App, a *Account) *Installation {
	for _, in := range gh.installs {
		if in.app == app && in.account == a {
			return in
		}
	}
	return nil
}
