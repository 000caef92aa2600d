package sim

import (
	"cmp"
	"fmt"
	"strings"
)

// tag is what a tag's name stands for: a commit, or a tag object (oid) that does.
type tag struct{ oid, sha string }

// tagsPrefix begins the name of a ref that is a tag.
const tagsPrefix = "refs/tags/"

// Tag makes a tag at a commit, or moves it there. Annotated gives it an object of
// its own.
func (r *Repo) Tag(by, name, sha string, annotated bool) error {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	c := r.objects.commits[r.resolve(sha)]
	if c == nil {
		return fmt.Errorf("tag %s of %s: no commit %q", name, r.fullName(), sha)
	}
	was, t := r.tags[name], tag{c.sha, c.sha}
	if annotated {
		t.oid = r.objects.blob([]byte("object " + c.sha + "\ntype commit\ntag " + name + "\n"))
	}
	r.tags[name] = t
	who := r.gh.account(by)
	if was == (tag{}) {
		r.emitMade(who, name, "create")
	}
	r.emitTag(who, name, was, t)
	return nil
}

// DeleteTag deletes a tag.
func (r *Repo) DeleteTag(by, name string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	was, there := r.tags[name]
	if !there {
		return
	}
	delete(r.tags, name)
	who := r.gh.account(by)
	r.emitTag(who, name, was, tag{})
	r.emitMade(who, name, "delete")
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
		t := v.r.tags[name]
		if sha = t.sha; t.oid != t.sha && v.r.objects.commits[sha] != nil {
			return object{"Tag", m{"oid": t.oid, "name": name, "target": commitOf{v.r, v.r.objects.commits[sha]}}}
		}
	}
	c := v.r.objects.commits[sha]
	if c == nil {
		return nil
	}
	return commitOf{v.r, c}
}
