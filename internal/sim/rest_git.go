package sim

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"strings"
)

func (c *call) compare() {
	base, head, ok := strings.Cut(c.r.PathValue("range"), "...")
	r := c.repo
	b, h := r.objects.commits[r.resolve(base)], r.objects.commits[r.resolve(head)]
	if !ok || b == nil || h == nil {
		c.missing()
		return
	}
	d := r.objects.compare(b.sha, h.sha)
	mb := r.objects.commits[d.mergeBase]
	if mb == nil {
		c.refuse(http.StatusNotFound, "No common ancestor between "+base+" and "+head+".")
		return
	}
	status := "diverged"
	switch {
	case d.ahead == 0 && d.behind == 0:
		status = "identical"
	case d.behind == 0:
		status = "ahead"
	case d.ahead == 0:
		status = "behind"
	}
	files, commits := []m{}, []m{}
	for _, f := range d.files[:min(len(d.files), maxCompare)] {
		// Files are on the first page only (REST docs, "Compare two commits").
		if n := c.r.URL.Query().Get("page"); n == "" || n == "1" {
			files = append(files, r.fileJSON(f, h.sha))
		}
	}
	for _, x := range c.comparePage(d.commits) {
		commits = append(commits, r.commitJSON(x))
	}
	header := c.res.header
	api := r.api() + "/compare/" + base + "..." + head
	html := r.url() + "/compare/" + base + "..." + head
	c.ok(m{"url": api, "html_url": html, "permalink_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch",
		"base_commit": r.commitJSON(b), "merge_base_commit": r.commitJSON(mb), "status": status, "ahead_by": d.ahead,
		"behind_by": d.behind, "total_commits": d.ahead, "commits": commits, "files": files})
	c.res.header = header
}

// comparePage is a page of a comparison's commits, the oldest first; to who does not
// ask for pages, the newest 250 (REST docs, "Compare two commits").
func (c *call) comparePage(all []*commit) []*commit {
	if q := c.r.URL.Query(); q.Get("page") == "" && q.Get("per_page") == "" {
		return all[max(0, len(all)-250):]
	}
	return page(c, all, 100)
}

func (c *call) getTree() {
	o := c.repo.objects
	sha := c.r.PathValue("sha")
	if x := o.commits[c.repo.resolve(sha)]; x != nil {
		sha = x.tree
	}
	if o.trees[sha] == nil {
		c.missing()
		return
	}
	all := []m{}
	add := func(path string, e entry) {
		kind := bool2(e.mode == modeTree, "tree", bool2(e.mode == modeSubmodule, "commit", "blob"))
		x := m{"path": path, "mode": strings.Repeat("0", 6-len(e.mode)) + e.mode, "type": kind, "sha": e.sha}
		if kind != "commit" {
			x["url"] = c.repo.api() + "/git/" + kind + "s/" + e.sha
		}
		if kind == "blob" {
			x["size"] = len(o.blobs[e.sha])
		}
		all = append(all, x)
	}
	if c.r.URL.Query().Get("recursive") != "" {
		o.walk(sha, "", add)
	} else {
		for _, e := range o.trees[sha] {
			add(e.name, e)
		}
	}
	most := cmp.Or(c.gh.limits.TreeEntries, 100000) // GitHub's limit of a recursive answer
	c.ok(m{"sha": sha, "url": c.repo.api() + "/git/trees/" + sha, "tree": all[:min(len(all), most)], "truncated": len(all) > most})
}

func (c *call) getBlob() {
	text, ok := c.repo.objects.blobs[c.r.PathValue("sha")]
	if !ok {
		c.missing()
		return
	}
	if strings.Contains(c.r.Header.Get("Accept"), "raw") {
		c.ok(text)
		return
	}
	sha := c.r.PathValue("sha")
	c.ok(m{"sha": sha, "node_id": "B_" + sha, "size": len(text), "url": c.repo.api() + "/git/blobs/" + sha,
		"content": base64.StdEncoding.EncodeToString(text), "encoding": "base64"})
}

func (c *call) getContents() {
	r, ref := c.repo, c.r.URL.Query().Get("ref")
	path := strings.Trim(c.r.PathValue("path"), "/")
	x := r.objects.commits[r.resolve(ref)]
	if x == nil {
		c.refuse(http.StatusNotFound, "No commit found for the ref "+ref)
		return
	}
	e, ok := r.objects.at(x.tree, path)
	if !ok {
		c.missing()
		return
	}
	if e.mode != modeTree {
		out := c.contentJSON(path, e, cmp.Or(ref, r.main))
		text := r.objects.blobs[e.sha]
		out["content"], out["encoding"] = base64.StdEncoding.EncodeToString(text), "base64"
		if len(text) > 1<<20 { // GitHub gives no content over 1 MB this way
			out["content"], out["encoding"] = "", "none"
		}
		if strings.Contains(c.r.Header.Get("Accept"), "raw") {
			c.ok(text)
			return
		}
		c.ok(out)
		return
	}
	all := []m{}
	for _, sub := range r.objects.trees[e.sha] {
		all = append(all, c.contentJSON(strings.TrimPrefix(path+"/"+sub.name, "/"), sub, cmp.Or(ref, r.main)))
	}
	c.ok(all)
}

func (c *call) contentJSON(path string, e entry, ref string) m {
	r := c.repo
	kind := map[string]string{modeTree: "dir", modeSubmodule: "submodule", modeLink: "symlink"}[e.mode]
	kind = cmp.Or(kind, "file")
	self, git, html := r.api()+"/contents/"+path+"?ref="+ref, r.api()+"/git/blobs/"+e.sha, r.url()+"/blob/"+ref+"/"+path
	return m{"name": path[strings.LastIndex(path, "/")+1:], "path": path, "sha": e.sha, "size": len(r.objects.blobs[e.sha]), "type": kind,
		"url": self, "git_url": git, "html_url": html, "download_url": bool2[any](kind == "file", r.url()+"/raw/"+ref+"/"+path, nil),
		"_links": m{"self": self, "git": git, "html": html}}
}

func (c *call) getCommit() {
	x := c.repo.objects.commits[c.repo.resolve(c.r.PathValue("sha"))]
	if x == nil {
		c.refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.r.PathValue("sha"))
		return
	}
	out := c.repo.commitJSON(x)
	all, adds, dels := c.repo.commitDiff(x), 0, 0
	for _, f := range all {
		adds, dels = adds+f.adds, dels+f.dels
	}
	files := []m{}
	for _, f := range pageOf(c, all[:min(len(all), maxFiles)], maxCompare, maxCompare) {
		files = append(files, c.repo.fileJSON(f, x.sha))
	}
	out["files"], out["stats"] = files, m{"additions": adds, "deletions": dels, "total": adds + dels}
	c.res = answer{status: http.StatusOK, header: c.res.header, body: out}
}

// commitDiff is what a commit changes as compared with its first parent.
func (r *Repo) commitDiff(x *commit) []fileDiff {
	from := ""
	if len(x.parents) > 0 && r.objects.commits[x.parents[0]] != nil {
		from = r.objects.commits[x.parents[0]].tree
	}
	return r.objects.diff(from, x.tree)
}
