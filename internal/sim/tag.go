package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// tag is what a tag's name stands for: a commit, or a tag object (oid) that does. sha
// is "" where it leads to no commit.
type tag struct{ oid, sha string }

// tagsPrefix begins the name of a ref that is a tag.
const tagsPrefix = "refs/tags/"

// NewTag says which tag to make, or to move.
type NewTag struct {
	Name, SHA string // the tag is put on a commit, given by any name that it has
	Annotated bool   // it gets an object of its own
	// Object is what the tag is put on instead of a commit: another tag's object, a
	// tree or a blob, by its SHA.
	Object string
	// Tagger and Message are of an annotated tag: a login, or "Name <address>" (who
	// pushes, when empty), and the tag's name when empty.
	Tagger, Message string
}

// maxTagEvents is how many tags may be pushed at once for events of them to be
// sent (webhook docs, "create", "delete" and "push").
const maxTagEvents = 3

// Tag makes a tag at a commit, or moves it there. Annotated gives it an object of
// its own, which names who pushes as the tagger.
func (r *Repo) Tag(by, name, sha string, annotated bool) error {
	return r.PushTags(by, NewTag{Name: name, SHA: sha, Annotated: annotated})
}

// PushTags makes tags, or moves them, in one push: of more than three nobody is told.
// A tag of an immutable release cannot be moved, which is an error, as it is for a
// commit that is not there; no tag is pushed then.
func (r *Repo) PushTags(by string, tags ...NewTag) error {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	made := make([]tag, len(tags))
	for i, n := range tags {
		on := cmp.Or(n.Object, r.resolve(n.SHA))
		kind, sha := r.objects.peel(on)
		if kind == "" {
			return fmt.Errorf("tag %s of %s: no commit %q", n.Name, r.fullName(), cmp.Or(n.Object, n.SHA))
		}
		if err := r.lockedTag(n.Name); err != nil {
			return fmt.Errorf("tag %s of %s: %w", n.Name, r.fullName(), err)
		}
		if made[i] = (tag{on, sha}); n.Annotated {
			made[i].oid = r.objects.tag(tagObject{name: n.Name, kind: kind, of: on, tagger: r.identity(cmp.Or(n.Tagger, by)), message: cmp.Or(n.Message, n.Name)})
		}
	}
	for i, n := range tags {
		r.putTag(r.gh.account(by), n.Name, made[i], len(tags) <= maxTagEvents)
	}
	return nil
}

func (r *Repo) putTag(by *Account, name string, t tag, told bool) {
	was := r.tags[name]
	if was == t {
		return
	}
	r.tags[name], r.pushed = t, r.gh.now()
	r.gh.changed(Change{Kind: "tag", Repo: r.fullName(), SHA: t.sha, By: by.Login, Name: name})
	if !told {
		return
	}
	if was == (tag{}) {
		r.emitMade(by, name, "create")
	}
	r.emitTag(by, name, was, t)
}

// DeleteTag deletes a tag; one of an immutable release stays.
func (r *Repo) DeleteTag(by, name string) { _ = r.DeleteTags(by, name) }

// DeleteTags deletes tags in one push, with the rules of PushTags. Those that are not
// there do not count.
func (r *Repo) DeleteTags(by string, names ...string) error {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return r.tags[name] == tag{} })
	for _, name := range names {
		if err := r.lockedTag(name); err != nil {
			return fmt.Errorf("delete tag %s of %s: %w", name, r.fullName(), err)
		}
	}
	for _, name := range names {
		was, who := r.tags[name], r.gh.account(by)
		delete(r.tags, name)
		r.untagged(name)
		r.gh.changed(Change{Kind: "tag", Repo: r.fullName(), By: by, Name: name})
		if len(names) <= maxTagEvents {
			r.emitTag(who, name, was, tag{})
			r.emitMade(who, name, "delete")
		}
	}
	return nil
}

var errLockedTag = errors.New("the tag is or was of an immutable release")

// lockedTag refuses to touch the tag of an immutable release, and to make one anew of
// which the release was deleted (docs, "Immutable releases").
func (r *Repo) lockedTag(name string) error {
	_, there := r.tags[name]
	for _, rel := range r.releases {
		if rel.immutable && !rel.draft && rel.tag == name {
			return errLockedTag
		}
	}
	if r.burnt[name] && !there {
		return errLockedTag
	}
	return nil
}

// TagAt is where a tag is: the SHA that the ref has, and the commit. Both are "" if
// there is no such tag, and the same if it is not annotated.
func (r *Repo) TagAt(name string) (oid, commit string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.tags[name].oid, r.tags[name].sha
}

func (r *Repo) emitTag(by *Account, name string, was, now tag) {
	const zero = "0000000000000000000000000000000000000000"
	before, after := cmp.Or(was.oid, zero), cmp.Or(now.oid, zero)
	var head any
	if c := r.objects.commits[now.sha]; c != nil {
		head = r.pushCommitJSON(c)
	}
	r.emit(event{name: "push", sender: by, body: m{
		"ref": tagsPrefix + name, "before": before, "after": after, "base_ref": nil,
		"created": was == tag{}, "deleted": now == tag{}, "forced": was != tag{} && now != tag{},
		"compare": r.url() + "/compare/" + before[:12] + "..." + after[:12], "commits": list([]m{}), "head_commit": head,
		"pusher": m{"name": by.Login, "email": by.mail()},
	}})
}

// emitMade tells of a tag that was made or deleted.
func (r *Repo) emitMade(by *Account, name, what string) {
	body := m{"ref": name, "ref_type": "tag", "pusher_type": "user"}
	if what == "create" {
		body["master_branch"], body["description"] = r.main, nil
	}
	r.emit(event{name: what, sender: by, body: body})
}

// tagRefs are the tags whose names hold a text.
func (r *Repo) tagRefs(query string) []any {
	var all []any
	for _, name := range sortedKeys(r.tags) {
		if strings.Contains(name, query) {
			all = append(all, refOf{r, tagsPrefix + name})
		}
	}
	return all
}

// target is what a ref points at.
func (v refOf) target() any {
	sha := v.r.branches[v.name]
	if name, ok := strings.CutPrefix(v.name, tagsPrefix); ok {
		sha = v.r.tags[name].oid
	}
	return v.r.gitObject(sha)
}
