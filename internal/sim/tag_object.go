package sim

import (
	"fmt"
	"strings"
)

// tagObject is the object of an annotated tag. Anybody can write any tagger there.
type tagObject struct {
	oid, name string
	kind, of  string // what it is put on: commit, tag, tree or blob
	tagger    signature
	message   string
}

// tagOf is a tag object of a repository.
type tagOf struct {
	r *Repo
	*tagObject
}

// tag stores the object of an annotated tag; of the same content it is the same
// object, as in git.
func (o *objects) tag(t tagObject) string {
	t.message = strings.TrimRight(t.message, "\n")
	t.oid = gitSHA("tag", fmt.Appendf(nil, "object %s\ntype %s\ntag %s\ntagger %s\n\n%s\n", t.of, t.kind, t.name, t.tagger, t.message))
	o.tagged[t.oid] = &t
	return t.oid
}

// peel is what kind of object a SHA is of, "" for none, and the commit that it leads
// to, "" for none.
func (o *objects) peel(sha string) (kind, commit string) {
	if t := o.tagged[sha]; t != nil {
		_, commit = o.peel(t.of)
		return "tag", commit
	}
	if o.commits[sha] != nil {
		return "commit", sha
	}
	if o.trees[sha] != nil {
		return "tree", ""
	}
	if _, there := o.blobs[sha]; there {
		return "blob", ""
	}
	return "", ""
}

// gitObject is an object for GraphQL; nil for none.
func (r *Repo) gitObject(sha string) any {
	switch kind, _ := r.objects.peel(sha); kind {
	case "tag":
		return tagOf{r, r.objects.tagged[sha]}
	case "commit":
		return commitOf{r, r.objects.commits[sha]}
	case "tree":
		return treeOf{r, sha}
	case "blob":
		return blobOf{r, sha}
	}
	return nil
}

func tagFields() map[string]resolver {
	return map[string]resolver{
		"id":             get(func(v tagOf) any { return "TA_" + v.oid }),
		"oid":            get(func(v tagOf) any { return v.oid }),
		"abbreviatedOid": get(func(v tagOf) any { return v.oid[:7] }),
		"name":           get(func(v tagOf) any { return v.name }),
		"message":        get(func(v tagOf) any { return text(v.message) }),
		"tagger":         get(func(v tagOf) any { return signature2{v.r.gh, v.tagger} }),
		"target":         get(func(v tagOf) any { return v.r.gitObject(v.of) }),
		"repository":     get(func(v tagOf) any { return v.r }),
	}
}

// getRef answers with a branch or a tag, of an annotated one with its object.
func (c *call) getRef() {
	r, name := c.repo, c.r.PathValue("ref")
	sha := ""
	if branch, ok := strings.CutPrefix(name, "heads/"); ok {
		sha = r.branches[branch]
	}
	if t, ok := strings.CutPrefix(name, "tags/"); ok {
		sha = r.tags[t].oid
	}
	kind, _ := r.objects.peel(sha)
	if kind == "" {
		c.missing()
		return
	}
	c.ok(m{"ref": "refs/" + name, "node_id": "REF_" + name, "url": r.api() + "/git/refs/" + name,
		"object": m{"sha": sha, "type": kind, "url": r.api() + "/git/" + kind + "s/" + sha}})
}

func (c *call) getTag() {
	r := c.repo
	t := r.objects.tagged[c.r.PathValue("sha")]
	if t == nil {
		c.missing()
		return
	}
	c.ok(m{"node_id": "TA_" + t.oid, "sha": t.oid, "url": r.api() + "/git/tags/" + t.oid, "tag": t.name, "message": t.message,
		"tagger": identityJSON(t.tagger), "object": m{"sha": t.of, "type": t.kind, "url": r.api() + "/git/" + t.kind + "s/" + t.of},
		"verification": m{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}})
}

// listTags lists tags by name, the last first; of annotated ones it has the commit.
func (c *call) listTags() {
	r := c.repo
	var names []string
	for _, name := range sortedKeys(r.tags) {
		if r.tags[name].sha != "" {
			names = append([]string{name}, names...)
		}
	}
	okPage(c, names, func(name string) m {
		sha := r.tags[name].sha
		return m{"name": name, "commit": m{"sha": sha, "url": r.api() + "/commits/" + sha}, "node_id": "REF_" + tagsPrefix + name,
			"zipball_url": r.api() + "/zipball/" + tagsPrefix + name, "tarball_url": r.api() + "/tarball/" + tagsPrefix + name}
	})
}

func (rt route) tags() {
	rt.on("GET /repos/{owner}/{repo}/git/ref/{ref...}", "contents:read", (*call).getRef)
	rt.on("GET /repos/{owner}/{repo}/git/tags/{sha}", "contents:read", (*call).getTag)
	rt.on("GET /repos/{owner}/{repo}/tags", "metadata:read", (*call).listTags)
}
