package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Release is a release of a repository: a draft, a pre-release or a whole one.
type Release struct {
	repo              *Repo
	ID                int64
	tag               string // a draft's need not be there
	target            string // branch or SHA of a tag that is to be made
	name, body        string
	draft, prerelease bool
	immutable         bool
	author            *Account
	assets            []*Asset

	created, updated, published time.Time
}

// NewRelease is a release to be made. Tag is made at Target (a branch or a SHA; the
// default branch when empty) if it is not there, unless it is a draft's.
type NewRelease struct {
	By, Tag, Target, Name, Body string
	Draft, Prerelease           bool
}

// releaseChange is what a request wants of a release; nil fields stay.
type releaseChange struct {
	tag, target, name, body *string
	draft, prerelease       *bool
	latest                  string // make_latest; "" is not said
}

// flaw is what GitHub finds wrong with a request, by field.
type flaw struct{ resource, field, code, message string }

func (f flaw) Error() string { return cmp.Or(f.message, f.field+" "+f.code) }

// NewRelease makes a release as somebody does on its page. It is told as created,
// and unless it is a draft as published and released (or prereleased) at once.
func (r *Repo) NewRelease(n NewRelease) (*Release, error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	rel, err := r.makeRelease(r.gh.account(n.By), n, "true")
	if err != nil {
		return nil, fmt.Errorf("make release %s of %s: %w", n.Tag, r.fullName(), err)
	}
	return rel, nil
}

// SetImmutableReleases says whether releases that are published from now on are
// immutable: their tags stay where they are, their assets as they are, and their tags'
// names are used up.
func (r *Repo) SetImmutableReleases(on bool) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.immutable = on
}

func (r *Repo) makeRelease(by *Account, n NewRelease, latest string) (*Release, error) {
	now := r.gh.now()
	rel := &Release{repo: r, tag: n.Tag, target: cmp.Or(n.Target, r.main), name: n.Name, body: n.Body, draft: true, prerelease: n.Prerelease,
		author: by, created: now, updated: now}
	if err := rel.check(rel.tag, n.Draft); err != nil {
		return nil, err
	}
	rel.ID = r.gh.id()
	r.releases = append(r.releases, rel)
	r.gh.nodes[rel.node()] = rel
	if n.Draft {
		rel.tell("created", by, nil)
		return rel, nil
	}
	rel.publish(by, false, latest)
	return rel, nil
}

// check refuses what GitHub refuses of a release that gets a tag.
func (rel *Release) check(name string, draft bool) error {
	r := rel.repo
	switch {
	case name == "":
		return flaw{"Release", "tag_name", "missing_field", ""}
	case draft:
		return nil
	case slices.ContainsFunc(r.releases, func(o *Release) bool { return o != rel && !o.draft && o.tag == name }):
		return flaw{"Release", "tag_name", "already_exists", ""}
	case r.lockedTag(name) != nil && !rel.immutable:
		return flaw{"Release", "tag_name", "custom", "tag_name was used by an immutable release"}
	case r.tags[name] == tag{} && r.objects.commits[r.resolve(rel.target)] == nil:
		return flaw{"Release", "target_commitish", "invalid", ""}
	}
	return nil
}

// publish makes a release public, and its tag if that is not there. A draft that
// becomes a pre-release is told as published only (docs, "Events that trigger
// workflows", release).
func (rel *Release) publish(by *Account, wasDraft bool, latest string) {
	rel.draft, rel.published, rel.immutable = false, rel.repo.gh.now(), rel.repo.immutable
	rel.tagged(by)
	if !wasDraft {
		rel.tell("created", by, nil)
	}
	rel.tell("published", by, nil)
	rel.beLatest(latest)
	switch {
	case !rel.prerelease:
		rel.tell("released", by, nil)
	case !wasDraft:
		rel.tell("prereleased", by, nil)
	}
}

// tagged makes the tag of a published release if it is not there. created_at is the
// date of its commit from then on (REST docs, "Get the latest release").
func (rel *Release) tagged(by *Account) {
	r := rel.repo
	if r.tags[rel.tag] == (tag{}) {
		sha := r.resolve(rel.target)
		r.putTag(by, rel.tag, tag{sha, sha}, true)
	}
	if c := r.objects.commits[r.tags[rel.tag].sha]; c != nil {
		rel.created = c.committer.at
	}
}

func (rel *Release) beLatest(word string) {
	if !rel.prerelease && !rel.draft && word != "false" {
		rel.repo.latest = rel
	}
}

// untagged makes the release of a tag that was deleted a draft, of which GitHub tells
// nobody.
func (r *Repo) untagged(name string) {
	for _, rel := range r.releases {
		if !rel.draft && rel.tag == name {
			rel.draft = true
		}
		if r.latest == rel && rel.draft {
			r.latest = nil
		}
	}
}

func (rel *Release) node() string { return nodeID("RE", rel.ID) }

// tell tells of a release, also in OnChange, with the action as its value.
func (rel *Release) tell(action string, by *Account, extra m) {
	gh := rel.repo.gh
	rel.updated = gh.now()
	gh.changed(Change{Kind: "release", Repo: rel.repo.fullName(), SHA: rel.repo.tags[rel.tag].sha, By: by.Login, Name: rel.tag, Value: action})
	body := m{"release": gh.releaseJSON(rel, true)}
	for k, v := range extra {
		body[k] = v
	}
	rel.repo.emit(event{name: "release", action: action, sender: by, body: body})
}

// do runs a step of the release under the lock.
func (rel *Release) do(by string, f func(who *Account)) {
	rel.repo.gh.mu.Lock()
	defer rel.repo.gh.mu.Unlock()
	f(rel.repo.gh.account(by))
}
