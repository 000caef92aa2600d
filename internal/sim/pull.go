package sim

import (
	"fmt"
	"slices"
	"time"
)

// Pull is a pull request.
type Pull struct {
	repo     *Repo
	Number   int
	ID       int64
	title    string
	body     string
	author   *Account
	base     string // branch
	baseWas  string // commit of base when opened or last retargeted
	headRepo *Repo  // nil when the fork was deleted
	headOf   *Account
	headRef  string
	head     string
	state    string // open, closed
	draft    bool
	merged   bool
	labels   []*label
	reviews  []*Review
	comments []*Comment
	threads  []*Thread
	timeline []*happening
	people   []*Account // review requested
	teams    []*Team

	created, updated, edited, closed, mergedAt time.Time
	mergedBy                                   *Account
	mergeCommit                                string
	landedOn                                   string   // base's commit just before merging
	rebased                                    []string // its commits as they came upon the base
	trial                                      trial
	tested                                     string      // where refs/pull/N/merge is
	entry                                      *queueEntry // in a merge queue; nil when it is in none
}

// happening is a timeline item; kind is its GraphQL type.
type happening struct {
	kind  string
	id    int64
	at    time.Time
	by    *Account
	extra m
}

// NewPull says what to open. Head is a branch, of From if that is set (a fork),
// else of the repository itself. Base is the default branch when empty.
type NewPull struct {
	By, Title, Body, Head, Base string
	From                        *Repo
	Draft                       bool
}

// OpenPull opens a pull request.
func (r *Repo) OpenPull(n NewPull) (*Pull, error) {
	gh := r.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	if n.From == nil {
		n.From = r
	}
	if n.Base == "" {
		n.Base = r.main
	}
	head, base := n.From.branches[n.Head], r.branches[n.Base]
	if head == "" || base == "" {
		return nil, fmt.Errorf("open pull request in %s: no branch %q or no branch %q", r.fullName(), n.Head, n.Base)
	}
	r.number++
	now := gh.now()
	p := &Pull{repo: r, Number: r.number, ID: gh.id(), title: n.Title, body: n.Body, author: gh.account(n.By),
		base: n.Base, baseWas: base, headRepo: n.From, headOf: n.From.owner, headRef: n.Head, head: head,
		state: "open", draft: n.Draft, created: now, updated: now}
	if p.title == "" {
		p.title = "Pull request " + fmt.Sprint(p.Number)
	}
	r.pulls[p.Number] = p
	r.unmerged = append(r.unmerged, p)
	gh.nodes[p.node()] = p
	p.index()
	p.act("opened", p.author, nil)
	if n.From != r {
		r.requestSuites(p.author, n.Head, base, head)
	}
	return p, nil
}

// Pull finds a pull request by number; nil if there is none.
func (r *Repo) Pull(number int) *Pull {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.pulls[number]
}

func (p *Pull) node() string { return nodeID("PR", p.ID) }

// index keeps open pull requests findable by the branches they join.
func (p *Pull) index() {
	p.repo.byBase[p.base] = append(p.repo.byBase[p.base], p)
	if p.headRepo != nil {
		p.headRepo.byHead[p.headRef] = append(p.headRepo.byHead[p.headRef], p)
	}
}

func (p *Pull) unindex() {
	drop := func(all []*Pull) []*Pull { return slices.DeleteFunc(all, func(q *Pull) bool { return q == p }) }
	p.repo.byBase[p.base] = drop(p.repo.byBase[p.base])
	if p.headRepo != nil {
		p.headRepo.byHead[p.headRef] = drop(p.headRepo.byHead[p.headRef])
	}
}

// act reports an action on the pull request itself.
func (p *Pull) act(action string, by *Account, extra m) {
	p.updated = p.repo.gh.now()
	p.repo.gh.changed(Change{Kind: "pull", Repo: p.repo.fullName(), Pull: p.Number, SHA: p.head, By: by.Login, Value: action})
	body := m{"number": p.Number, "pull_request": p.repo.gh.pullJSON(p, true)}
	for k, v := range extra {
		body[k] = v
	}
	p.repo.emit(event{name: "pull_request", action: action, sender: by, body: body})
}

func (p *Pull) happened(kind string, by *Account, extra m) {
	p.timeline = append(p.timeline, &happening{kind: kind, id: p.repo.gh.id(), at: p.repo.gh.now(), by: by, extra: extra})
}

// do runs an action of a person under the lock.
func (p *Pull) do(by string, f func(who *Account)) {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	f(p.repo.gh.account(by))
}

func (p *Pull) synchronize(by *Account, was, sha string, forced bool) {
	p.head = sha
	if forced {
		p.happened("HeadRefForcePushedEvent", by, m{"before": was, "after": sha})
	}
	p.act("synchronize", by, m{"before": was, "after": sha})
	p.leaveQueue(by, "MANUAL")
	if p.headRepo != p.repo {
		p.repo.requestSuites(by, p.headRef, was, sha)
	}
}

// Head is the commit the pull request is at.
func (p *Pull) Head() string {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	return p.head
}

// State is "open", "closed" or "merged".
func (p *Pull) State() string {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	if p.merged {
		return "merged"
	}
	return p.state
}

// Repo is the repository it wants to be merged into.
func (p *Pull) Repo() *Repo { return p.repo }

// Path is where its page is under URL.
func (p *Pull) Path() string {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	return p.pagePath()
}
