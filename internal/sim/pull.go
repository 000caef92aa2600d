package sim

import (
	"fmt"
	"slices"
	"strings"
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
	timeline []*happening
	people   []*Account // review requested
	teams    []*Team

	created, updated, edited, closed, mergedAt time.Time
	mergedBy                                   *Account
	mergeCommit                                string
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
	if p.headRepo != p.repo {
		p.repo.requestSuites(by, p.headRef, was, sha)
	}
}

// UpdateBranch merges the base into the head as the page's button does: the
// committer is GitHub, the author who pressed it.
func (p *Pull) UpdateBranch(by string) (sha string, err error) {
	p.do(by, func(who *Account) {
		o, base := p.repo.objects, p.repo.branches[p.base]
		if p.headRepo == nil {
			err = fmt.Errorf("update branch of #%d: its repository was deleted", p.Number)
			return
		}
		tree, conflict := o.merge(p.head, base)
		if conflict {
			err = fmt.Errorf("update branch of #%d: merge conflict", p.Number)
			return
		}
		msg := fmt.Sprintf("Merge branch '%s' into %s", p.base, p.headRef)
		sha = o.commit(commit{tree: tree, parents: []string{p.head, base}, author: p.repo.identity(by),
			committer: p.repo.identity("web-flow"), message: msg}, true)
		err = p.headRepo.move(who, p.headRef, sha)
	})
	return sha, err
}

// Merge merges the pull request with a merge commit.
func (p *Pull) Merge(by string) (sha string, err error) {
	p.do(by, func(who *Account) {
		o, base := p.repo.objects, p.repo.branches[p.base]
		tree, conflict := o.merge(base, p.head)
		if conflict || p.state != "open" {
			err = fmt.Errorf("merge #%d: conflict or closed", p.Number)
			return
		}
		msg := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.headOf.Login, p.headRef, p.title)
		sha = o.commit(commit{tree: tree, parents: []string{base, p.head}, author: p.repo.identity(by),
			committer: p.repo.identity("web-flow"), message: msg}, true)
		err = p.repo.move(who, p.base, sha)
	})
	return sha, err
}

// land closes the pull request as merged, once its base holds its head.
func (p *Pull) land(by *Account, sha string) {
	p.unindex()
	p.state, p.merged, p.mergedBy, p.mergeCommit = "closed", true, by, sha
	p.closed, p.mergedAt = p.repo.gh.now(), p.repo.gh.now()
	p.happened("MergedEvent", by, m{})
	p.happened("ClosedEvent", by, m{})
	p.act("closed", by, nil)
}

// Close closes the pull request without merging.
func (p *Pull) Close(by string) { p.do(by, p.close) }

func (p *Pull) close(by *Account) {
	if p.state != "open" {
		return
	}
	p.unindex()
	p.state, p.closed = "closed", p.repo.gh.now()
	p.happened("ClosedEvent", by, m{})
	p.act("closed", by, nil)
}

// Reopen opens a closed pull request again, at its branch as it is now.
func (p *Pull) Reopen(by string) error {
	var err error
	p.do(by, func(who *Account) {
		if p.merged || p.state == "open" || p.headRepo == nil || p.headRepo.branches[p.headRef] == "" {
			err = fmt.Errorf("reopen #%d: it is merged, open or without a branch", p.Number)
			return
		}
		p.state, p.closed, p.head = "open", time.Time{}, p.headRepo.branches[p.headRef]
		p.index()
		p.happened("ReopenedEvent", who, m{})
		p.act("reopened", who, nil)
	})
	return err
}

// SetTitle changes the title.
func (p *Pull) SetTitle(by, title string) {
	p.do(by, func(who *Account) {
		was := p.title
		p.title, p.edited = title, p.repo.gh.now()
		p.happened("RenamedTitleEvent", who, m{"previous": was, "current": title})
		p.act("edited", who, m{"changes": m{"title": m{"from": was}}})
	})
}

// SetBody changes the description.
func (p *Pull) SetBody(by, body string) {
	p.do(by, func(who *Account) {
		was := p.body
		p.body, p.edited = body, p.repo.gh.now()
		p.act("edited", who, m{"changes": m{"body": m{"from": was}}})
	})
}

// Retarget changes the base branch.
func (p *Pull) Retarget(by, base string) error {
	var err error
	p.do(by, func(who *Account) {
		if p.repo.branches[base] == "" {
			err = fmt.Errorf("retarget #%d: no branch %q", p.Number, base)
			return
		}
		was, sha := p.base, p.baseWas
		p.unindex()
		p.base, p.baseWas = base, p.repo.branches[base]
		p.index()
		p.happened("BaseRefChangedEvent", who, m{"previous": was, "current": base})
		p.act("edited", who, m{"changes": m{"base": m{"ref": m{"from": was}, "sha": m{"from": sha}}}})
	})
	return err
}

// SetDraft makes it a draft, or ready for review.
func (p *Pull) SetDraft(by string, draft bool) {
	p.do(by, func(who *Account) {
		if p.draft == draft {
			return
		}
		if p.draft = draft; draft {
			p.happened("ConvertToDraftEvent", who, m{})
			p.act("converted_to_draft", who, nil)
			return
		}
		p.happened("ReadyForReviewEvent", who, m{})
		p.act("ready_for_review", who, nil)
	})
}

// RequestReview asks somebody, or a team by "org/slug", to review.
func (p *Pull) RequestReview(by, reviewer string) {
	p.do(by, func(who *Account) { p.request(who, reviewer, true) })
}

// UnrequestReview takes that back.
func (p *Pull) UnrequestReview(by, reviewer string) {
	p.do(by, func(who *Account) { p.request(who, reviewer, false) })
}

func (p *Pull) request(who *Account, reviewer string, wanted bool) {
	gh, action := p.repo.gh, "review_requested"
	if !wanted {
		action = "review_request_removed"
	}
	if org, slug, ok := strings.Cut(reviewer, "/"); ok {
		o := gh.orgs[strings.ToLower(org)]
		if o == nil || o.team(slug) == nil {
			return
		}
		t := o.team(slug)
		if p.teams = slices.DeleteFunc(p.teams, func(x *Team) bool { return x == t }); wanted {
			p.teams = append(p.teams, t)
		}
		p.act(action, who, m{"requested_team": gh.teamJSON(t)})
		return
	}
	a := gh.account(reviewer)
	if p.people = slices.DeleteFunc(p.people, func(x *Account) bool { return x == a }); wanted {
		p.people = append(p.people, a)
	}
	p.act(action, who, m{"requested_reviewer": gh.userJSON(a)})
}

// testMerge is the commit GitHub tries the merge with; "" on conflict.
func (p *Pull) testMerge() string {
	o, base := p.repo.objects, p.repo.branches[p.base]
	if p.merged || base == "" || p.head == "" {
		return p.mergeCommit
	}
	tree, conflict := o.merge(base, p.head)
	if conflict {
		return ""
	}
	at := o.commits[p.head].committer.at
	who := signature{"GitHub", "noreply@github.com", at}
	return o.commit(commit{tree: tree, parents: []string{base, p.head}, author: who, committer: who,
		message: fmt.Sprintf("Merge %s into %s", p.head, base)}, true)
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

func (p *Pull) comparison() *comparison {
	return p.repo.objects.compare(p.repo.branches[p.base], p.head)
}

// Path is where its page is under URL.
func (p *Pull) Path() string {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	return p.pagePath()
}
