package sim

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// Repo is a repository.
type Repo struct {
	gh           *GitHub
	ID           int64
	owner        *Account
	org          *Org // nil when a person owns it
	name         string
	private      bool
	archived     bool
	main         string // default branch
	parent       *Repo  // of a fork
	objects      *objects
	branches     map[string]string
	tags         map[string]tag
	burnt        map[string]bool // names of tags that immutable releases had
	releases     []*Release      // oldest first
	latest       *Release
	immutable    bool // so are releases that are published
	people       map[*Account]string
	labels       []*label
	pulls        map[int]*Pull
	brought      map[string][]*Pull // merged ones, by the commits that came by them
	unmerged     []*Pull            // the rest, and perhaps some that were merged since
	issues       map[int]*Issue
	noIssues     bool
	environments []*environment
	deployments  []*Deployment // oldest first
	attestations []Attestation // oldest first
	number       int
	commits      map[string]*checks
	workflows    []*workflow
	workflowRuns []*WorkflowRun // oldest first
	rules        map[string]Rules
	queues       map[string]*mergeQueue // by branch
	lacks        map[Feature]bool
	analyses     []*analysis // oldest first
	codeAlerts   []*codeAlert
	secretAlerts []*secretAlert
	dependabot   int // alerts so far
	created      time.Time
	pushed       time.Time
	// byHead finds open pull requests by the branch they come from, byBase by
	// the one they go to.
	byHead, byBase map[string][]*Pull
}

// Repo finds the account's repository of that name, and makes one if there is
// none: private, with a README on the branch main.
func (a *Account) Repo(name string) *Repo {
	gh := a.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	if r := gh.repos[repoKey(a.Login, name)]; r != nil {
		return r
	}
	r := gh.makeRepo(a, name, newObjects())
	r.private = true
	tree := r.objects.build(map[string]file{"README.md": {modeFile, r.objects.blob([]byte("# " + name + "\n"))}})
	who := r.identity("web-flow")
	r.branches["main"] = r.objects.commit(commit{tree: tree, author: who, committer: who, message: "Initial commit\n"}, true)
	r.emit(event{name: "repository", action: "created", sender: r.boss()})
	for _, in := range gh.installs {
		if in.repos == nil && in.account == a {
			in.tell("installation_repositories", "added", m{"repository_selection": "all", "requester": nil,
				"repositories_added": in.reposJSON([]*Repo{r}), "repositories_removed": []m{}})
		}
	}
	return r
}

// Repo finds a repository by "owner/name"; nil if there is none.
func (gh *GitHub) Repo(fullName string) *Repo {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.repos[strings.ToLower(fullName)]
}

// Fork makes the account's fork of a repository, with all its branches.
func (a *Account) Fork(r *Repo) *Repo {
	a.gh.mu.Lock()
	defer a.gh.mu.Unlock()
	f := a.gh.makeRepo(a, r.name, r.objects)
	f.parent, f.private, f.branches = r, r.private, maps.Clone(r.branches)
	return f
}

func (gh *GitHub) makeRepo(owner *Account, name string, o *objects) *Repo {
	r := &Repo{gh: gh, ID: gh.id(), owner: owner, org: gh.orgs[strings.ToLower(owner.Login)], name: name, main: "main",
		objects: o, branches: map[string]string{}, tags: map[string]tag{}, burnt: map[string]bool{}, people: map[*Account]string{}, pulls: map[int]*Pull{}, brought: map[string][]*Pull{}, issues: map[int]*Issue{},
		commits: map[string]*checks{}, rules: map[string]Rules{}, created: gh.now(), pushed: gh.now(),
		byHead: map[string][]*Pull{}, byBase: map[string][]*Pull{}}
	gh.repos[repoKey(owner.Login, name)] = r
	gh.nodes[r.node()] = r
	return r
}

func repoKey(owner, name string) string { return strings.ToLower(owner + "/" + name) }

func (r *Repo) node() string { return nodeID("R", r.ID) }

func (r *Repo) fullName() string { return r.owner.Login + "/" + r.name }

// FullName is "owner/name".
func (r *Repo) FullName() string {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.fullName()
}

// Publish makes the repository public.
func (r *Repo) Publish() *Repo {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.private = false
	return r
}

// Archive makes the repository read-only.
func (r *Repo) Archive(archived bool) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.archived = archived
	action := "archived"
	if !archived {
		action = "unarchived"
	}
	r.emit(event{name: "repository", action: action, sender: r.boss()})
}

// Rename gives the repository another name; its id stays.
func (r *Repo) Rename(by, name string) {
	gh := r.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	old := r.name
	gh.moved[repoKey(r.owner.Login, r.name)] = r
	delete(gh.repos, repoKey(r.owner.Login, r.name))
	r.name = name
	gh.repos[repoKey(r.owner.Login, name)] = r
	r.emit(event{name: "repository", action: "renamed", sender: gh.account(by), body: m{
		"changes": m{"repository": m{"name": m{"from": old}}}}})
}

// Delete takes the repository away; GitHub does not tell Apps.
func (r *Repo) Delete() {
	gh := r.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	delete(gh.repos, repoKey(r.owner.Login, r.name))
	delete(gh.nodes, r.node())
	for _, other := range gh.repos {
		for _, p := range other.pulls {
			if p.headRepo == r {
				p.headRepo = nil
			}
		}
	}
}

func (r *Repo) boss() *Account {
	if r.org != nil {
		return r.org.boss()
	}
	return r.owner
}

// Branch is the commit a branch is at; "" if there is no such branch.
func (r *Repo) Branch(name string) string {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.branches[name]
}

// Read is the text at a path of a branch or commit.
func (r *Repo) Read(ref, path string) (string, error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	c := r.objects.commits[r.resolve(ref)]
	if c == nil {
		return "", fmt.Errorf("read %s: no commit %q", path, ref)
	}
	e, ok := r.objects.at(c.tree, path)
	if !ok || e.mode == modeTree {
		return "", fmt.Errorf("read %s: no such file at %s", path, ref)
	}
	return string(r.objects.blobs[e.sha]), nil
}

// resolve is the commit that a name stands for: a branch, a full ref, a SHA or
// the beginning of one, HEAD.
func (r *Repo) resolve(ref string) string {
	if ref == "" || ref == "HEAD" {
		ref = r.main
	}
	short := strings.TrimPrefix(ref, "refs/heads/")
	short = strings.TrimPrefix(short, "heads/")
	if sha := r.branches[short]; sha != "" {
		return sha
	}
	var n int
	if _, err := fmt.Sscanf(strings.TrimPrefix(ref, "refs/"), "pull/%d/head", &n); err == nil && r.pulls[n] != nil {
		return r.pulls[n].head
	}
	if _, err := fmt.Sscanf(strings.TrimPrefix(ref, "refs/"), "pull/%d/merge", &n); err == nil && r.pulls[n] != nil {
		return r.pulls[n].mergeRef()
	}
	if t, there := r.tags[strings.TrimPrefix(strings.TrimPrefix(ref, "refs/"), "tags/")]; there {
		return t.sha
	}
	if r.objects.commits[ref] != nil {
		return ref
	}
	if len(ref) >= 7 && len(ref) < 40 {
		for sha := range r.objects.commits {
			if strings.HasPrefix(sha, ref) {
				return sha
			}
		}
	}
	return ""
}

// Rules are what a branch's rules ask for before merging.
type Rules struct {
	Checks       []RequiredCheck
	Approvals    int
	CodeOwners   bool
	Conversation bool
	Strict       bool
}

// RequiredCheck is a check by name; App 0 is any App.
type RequiredCheck struct {
	Name string
	App  int64
}

// SetRules replaces the rules of a branch.
func (r *Repo) SetRules(branch string, rules Rules) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.rules[branch] = rules
}
