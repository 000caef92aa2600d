package sim

import (
	"fmt"
	"slices"
)

// ReleaseState is a release as it is at one moment.
type ReleaseState struct {
	Tag, Name, Body              string
	Draft, Prerelease, Immutable bool
	Deleted                      bool
	Assets                       []string // names, the oldest first
}

// Now is the release as it is.
func (rel *Release) Now() (s ReleaseState) {
	rel.do("ghost", func(*Account) {
		s = ReleaseState{Tag: rel.tag, Name: rel.name, Body: rel.body, Draft: rel.draft, Prerelease: rel.prerelease, Immutable: rel.immutable,
			Deleted: !slices.Contains(rel.repo.releases, rel)}
		for _, a := range rel.assets {
			s.Assets = append(s.Assets, a.name)
		}
	})
	return s
}

// Release finds the newest release of a tag's name, drafts too; nil if there is none.
func (r *Repo) Release(tag string) *Release {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	for _, rel := range slices.Backward(r.releases) {
		if rel.tag == tag {
			return rel
		}
	}
	return nil
}

// Publish publishes a draft; it is an error for what is published already.
func (rel *Release) Publish(by string) error {
	return rel.change(by, releaseChange{draft: ref(false)}, rel.isDraft, "it is no draft")
}

// Promote makes a pre-release a whole release, and publishes it if it is a draft.
func (rel *Release) Promote(by string) error {
	return rel.change(by, releaseChange{draft: ref(false), prerelease: ref(false)}, nil, "")
}

// Unpublish makes a published release a draft again.
func (rel *Release) Unpublish(by string) error {
	return rel.change(by, releaseChange{draft: ref(true)}, nil, "")
}

// SetPrerelease makes the release a pre-release, or a whole one.
func (rel *Release) SetPrerelease(by string, on bool) error {
	return rel.change(by, releaseChange{prerelease: &on}, nil, "")
}

// SetTag gives the release another tag, which is made if a published one's is not there.
func (rel *Release) SetTag(by, tag string) error {
	return rel.change(by, releaseChange{tag: &tag}, nil, "")
}

// SetName changes the title; SetBody the notes. Both may be changed of immutable ones.
func (rel *Release) SetName(by, name string) error {
	return rel.change(by, releaseChange{name: &name}, nil, "")
}

// SetBody changes the notes.
func (rel *Release) SetBody(by, body string) error {
	return rel.change(by, releaseChange{body: &body}, nil, "")
}

func (rel *Release) isDraft() bool { return rel.draft }

func (rel *Release) change(by string, c releaseChange, only func() bool, why string) (err error) {
	rel.do(by, func(who *Account) {
		if only != nil && !only() {
			err = fmt.Errorf("change release %s: %s", rel.tag, why)
			return
		}
		err = rel.edit(who, c)
	})
	return err
}

// edit changes a release. Of an immutable one only title and notes change (docs,
// "Immutable releases").
func (rel *Release) edit(by *Account, c releaseChange) error {
	pick := func(now bool, to *bool) bool { return to != nil && *to || to == nil && now }
	tagName, draft, pre := rel.tag, pick(rel.draft, c.draft), pick(rel.prerelease, c.prerelease)
	if c.tag != nil {
		tagName = *c.tag
	}
	if rel.immutable && (tagName != rel.tag || draft || pre != rel.prerelease) {
		return flaw{"Release", "tag_name", "custom", "Only the title and notes of an immutable release can be changed"}
	}
	was := *rel
	rel.target = put(rel.target, c.target)
	if err := rel.check(tagName, draft); err != nil {
		rel.target = was.target
		return err
	}
	rel.tag, rel.name, rel.body, rel.prerelease = tagName, put(rel.name, c.name), put(rel.body, c.body), pre
	rel.follow(by, was, draft, c.latest)
	return nil
}

// follow sends what follows from a change, and publishes or unpublishes.
func (rel *Release) follow(by *Account, was Release, draft bool, latest string) {
	changes := m{}
	for field, pair := range map[string][2]string{"name": {was.name, rel.name}, "body": {was.body, rel.body}, "tag_name": {was.tag, rel.tag}} {
		if pair[0] != pair[1] {
			changes[field] = m{"from": pair[0]}
		}
	}
	whole := !draft && !was.draft && was.prerelease && !rel.prerelease
	if len(changes) > 0 || was.prerelease != rel.prerelease && !was.draft {
		rel.tell("edited", by, m{"changes": changes})
	}
	switch {
	case was.draft && !draft:
		rel.publish(by, true, latest)
	case !was.draft && draft:
		rel.draft, rel.published = true, was.published
		if rel.repo.latest == rel {
			rel.repo.latest = nil
		}
		rel.tell("unpublished", by, nil)
	case !draft:
		rel.tagged(by)
		rel.beLatest(latest)
	}
	if whole {
		rel.tell("released", by, nil)
	}
}

func put(now string, to *string) string {
	if to != nil {
		return *to
	}
	return now
}

// Delete deletes the release; its tag stays.
func (rel *Release) Delete(by string) { rel.do(by, rel.remove) }

func (rel *Release) remove(by *Account) {
	r := rel.repo
	if !slices.Contains(r.releases, rel) {
		return
	}
	r.releases = slices.DeleteFunc(r.releases, func(o *Release) bool { return o == rel })
	delete(r.gh.nodes, rel.node())
	if rel.immutable {
		r.burnt[rel.tag] = true
	}
	if r.latest == rel {
		r.latest = nil
	}
	rel.tell("deleted", by, nil)
}
