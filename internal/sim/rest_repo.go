package sim

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (c *call) getRepo() {
	out := c.gh.repoJSON(c.repo)
	out["network_count"], out["subscribers_count"] = 0, 0
	c.ok(out)
}

func (c *call) listPulls() {
	q := c.r.URL.Query()
	state := cmp.Or(q.Get("state"), "open")
	var all []*Pull
	for n := c.repo.number; n > 0; n-- {
		p := c.repo.pulls[n]
		if p == nil || (state != "all" && p.state != state) || (q.Get("base") != "" && p.base != q.Get("base")) ||
			(q.Get("head") != "" && p.headOf.Login+":"+p.headRef != q.Get("head")) {
			continue
		}
		all = append(all, p)
	}
	if q.Get("direction") == "asc" {
		slices.Reverse(all)
	}
	okPage(c, all, func(p *Pull) m { return c.gh.pullJSON(p, false) })
}

func (c *call) getPull() {
	p := c.pull()
	if p == nil {
		return
	}
	out := c.gh.pullJSON(p, true)
	if merge := p.testMerge(); !p.merged {
		out["mergeable"], out["merge_commit_sha"] = merge != "", orNull(merge)
		out["mergeable_state"] = bool2(merge != "", "clean", "dirty")
	}
	c.ok(out)
}

// maxFiles and maxCompare are GitHub's limits for files of a pull request and
// of a comparison, maxCommits for commits of a pull request.
const maxFiles, maxCompare, maxCommits = 3000, 300, 250

func (c *call) pullFiles() {
	if p := c.pull(); p != nil {
		files := p.comparison().files
		okPage(c, files[:min(len(files), maxFiles)], func(f fileDiff) m { return c.repo.fileJSON(f, p.head) })
	}
}

func (c *call) pullCommits() {
	if p := c.pull(); p != nil {
		all := p.comparison().commits
		okPage(c, all[:min(len(all), maxCommits)], c.repo.commitJSON)
	}
}

func (c *call) pullReviews() {
	if p := c.pull(); p != nil {
		okPage(c, p.reviews, func(rv *Review) m {
			out := c.gh.reviewJSON(rv)
			out["state"], out["body"] = rv.state, rv.body
			return out
		})
	}
}

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
		files = append(files, r.fileJSON(f, h.sha))
	}
	for _, x := range page(c, d.commits, 250) {
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
	const most = 100000 // GitHub's limit of a recursive answer
	c.ok(m{"sha": sha, "url": c.repo.api() + "/git/trees/" + sha, "tree": all[:min(len(all), most)], "truncated": len(all) > most})
}

func (c *call) getBlob() {
	text, ok := c.repo.objects.blobs[c.r.PathValue("sha")]
	if !ok {
		c.missing()
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
	files, adds, dels := []m{}, 0, 0
	from := ""
	if len(x.parents) > 0 && c.repo.objects.commits[x.parents[0]] != nil {
		from = c.repo.objects.commits[x.parents[0]].tree
	}
	for _, f := range c.repo.objects.diff(from, x.tree) {
		files = append(files, c.repo.fileJSON(f, x.sha))
		adds, dels = adds+f.adds, dels+f.dels
	}
	out["files"], out["stats"] = files, m{"additions": adds, "deletions": dels, "total": adds + dels}
	c.ok(out)
}

func (c *call) collaborator() {
	a := c.gh.accounts[strings.ToLower(c.r.PathValue("user"))]
	if a == nil || a.Kind == "Organization" {
		c.refuse(http.StatusNotFound, c.r.PathValue("user")+" is not a user")
		return
	}
	role := c.repo.permission(a)
	user := c.gh.userJSON(a)
	n := rank(role)
	user["permissions"] = m{"pull": n > 0, "triage": n > 1, "push": n > 2, "maintain": n > 3, "admin": n > 4}
	user["role_name"] = role
	legacy := map[string]string{"maintain": "write", "triage": "read"}[role]
	c.ok(m{"permission": cmp.Or(legacy, role), "role_name": role, "user": user})
}

func (c *call) listLabels() { okPage(c, c.repo.labels, c.gh.labelJSON) }

func (c *call) getLabel() {
	if l := c.repo.label(c.r.PathValue("name")); l != nil {
		c.ok(c.gh.labelJSON(l))
		return
	}
	c.missing()
}

func (c *call) postLabel() {
	var ask struct{ Name, Color, Description string }
	if !c.decode(&ask) {
		return
	}
	if ask.Name == "" || c.repo.label(ask.Name) != nil {
		c.res = answer{status: http.StatusUnprocessableEntity, body: m{"message": "Validation Failed", "status": "422",
			"errors": []m{{"resource": "Label", "code": "already_exists", "field": "name"}}, "documentation_url": "https://docs.github.com/rest"}}
		return
	}
	c.created(c.gh.labelJSON(c.repo.makeLabel(c.bot(), ask.Name, cmp.Or(ask.Color, "ededed"), ask.Description)))
}

// bot is the App's own account, which acts.
func (c *call) bot() *Account { return c.token.install.app.bot() }

func (c *call) pullLabels() {
	if p := c.pull(); p != nil {
		okPage(c, p.labels, c.gh.labelJSON)
	}
}

// addLabels takes {"labels": [...]} and a bare array, as GitHub does.
func (c *call) addLabels() {
	p := c.pull()
	if p == nil {
		return
	}
	var names []string
	if strings.HasPrefix(strings.TrimSpace(string(c.body)), "[") {
		if !c.decode(&names) {
			return
		}
	} else {
		var ask struct{ Labels []string }
		if !c.decode(&ask) {
			return
		}
		names = ask.Labels
	}
	for _, name := range names {
		l := c.repo.label(name)
		if l == nil {
			l = c.repo.makeLabel(c.bot(), name, "ededed", "")
		}
		p.setLabel(c.bot(), l)
	}
	c.ok(c.gh.labelsJSON(p))
}

func (c *call) removeLabel() {
	p := c.pull()
	if p == nil {
		return
	}
	l := c.repo.label(c.r.PathValue("name"))
	if l == nil || !slices.Contains(p.labels, l) {
		c.refuse(http.StatusNotFound, "Label does not exist")
		return
	}
	p.dropLabel(c.bot(), l)
	c.ok(c.gh.labelsJSON(p))
}

func (c *call) listComments() {
	if p := c.pull(); p != nil {
		okPage(c, p.comments, c.gh.commentJSON)
	}
}

func (c *call) postComment() {
	p := c.pull()
	var ask struct{ Body string }
	if p == nil || !c.decode(&ask) {
		return
	}
	if ask.Body == "" {
		c.invalid(errors.New("body cannot be blank"))
		return
	}
	c.created(c.gh.commentJSON(p.comment(c.bot(), ask.Body)))
}

// restRun is the body of POST and PATCH check-runs.
type restRun struct {
	Name, Status, Conclusion *string
	HeadSHA                  string     `json:"head_sha"`
	ExternalID               *string    `json:"external_id"`
	DetailsURL               *string    `json:"details_url"`
	StartedAt                *time.Time `json:"started_at"`
	CompletedAt              *time.Time `json:"completed_at"`
	Output                   *struct {
		Title, Summary, Text string
		Annotations          []m
	}
	Actions []m
}

func (ask restRun) change() runChange {
	ch := runChange{name: ask.Name, status: ask.Status, conclusion: ask.Conclusion, externalID: ask.ExternalID, details: ask.DetailsURL,
		started: ask.StartedAt, completed: ask.CompletedAt, actions: ask.Actions}
	if ask.Output != nil {
		ch.output = &output{ask.Output.Title, ask.Output.Summary, ask.Output.Text}
		ch.annotations = ask.Output.Annotations
	}
	return ch
}

func (c *call) postRun() {
	var ask restRun
	if !c.decode(&ask) {
		return
	}
	run, err := c.repo.createRun(c.token.install.app, c.bot(), ask.HeadSHA, ask.change())
	if err != nil {
		c.invalid(err)
		return
	}
	c.created(c.gh.runJSON(run, false))
}

// run is the route's check-run; nil when answered with 404.
func (c *call) run() *CheckRun {
	run, _ := c.gh.nodes[nodeID("CR", c.number("id"))].(*CheckRun)
	if run == nil || run.repo != c.repo {
		c.missing()
		return nil
	}
	return run
}

func (c *call) getRun() {
	if run := c.run(); run != nil {
		c.ok(c.gh.runJSON(run, false))
	}
}

func (c *call) patchRun() {
	run := c.run()
	var ask restRun
	if run == nil || !c.decode(&ask) {
		return
	}
	if run.app != c.token.install.app {
		c.refuse(http.StatusForbidden, "Invalid app_id `"+itoa(int(c.token.install.app.ID))+"` - check run can only be modified by the GitHub App that created it.")
		return
	}
	if err := run.update(c.bot(), ask.change()); err != nil {
		c.invalid(err)
		return
	}
	c.ok(c.gh.runJSON(run, false))
}

func (c *call) runAnnotations() {
	if run := c.run(); run != nil {
		okPage(c, run.annotations, func(a m) m {
			out := m{"path": a["path"], "start_line": a["start_line"], "end_line": a["end_line"], "start_column": a["start_column"],
				"end_column": a["end_column"], "annotation_level": a["annotation_level"], "title": a["title"], "message": a["message"],
				"raw_details": a["raw_details"], "blob_href": c.repo.url() + "/blob/" + run.sha}
			return out
		})
	}
}

func (c *call) commitRuns() {
	sha := c.repo.resolve(c.r.PathValue("sha"))
	q := c.r.URL.Query()
	on := c.repo.on(sha)
	runs := on.newest()
	if q.Get("filter") == "all" {
		runs = on.runs
	}
	runs = slices.DeleteFunc(slices.Clone(runs), func(run *CheckRun) bool {
		return q.Get("check_name") != "" && run.name != q.Get("check_name") || q.Get("app_id") != "" && itoa(int(run.app.ID)) != q.Get("app_id")
	})
	okCounted(c, "check_runs", runs, func(run *CheckRun) m { return c.gh.runJSON(run, false) })
}

func (c *call) commitStatus() {
	sha := c.repo.resolve(c.r.PathValue("sha"))
	all := c.repo.on(sha).newestStatus()
	okPage(c, all, c.gh.statusJSON)
	c.res.body = m{"state": combined(all), "statuses": c.res.body, "sha": sha, "total_count": len(all), "repository": c.gh.repoJSON(c.repo),
		"commit_url": c.repo.api() + "/commits/" + sha, "url": c.repo.api() + "/commits/" + sha + "/status"}
}

func combined(all []*status) string {
	state := "success"
	for _, s := range all {
		switch s.state {
		case "failure", "error":
			return "failure"
		case "pending":
			state = "pending"
		}
	}
	if len(all) == 0 {
		return "pending"
	}
	return state
}

func (c *call) postStatus() {
	var ask struct {
		State, Description, Context string
		TargetURL                   string `json:"target_url"`
	}
	sha := c.r.PathValue("sha")
	if !c.decode(&ask) {
		return
	}
	if c.repo.objects.commits[sha] == nil || !slices.Contains([]string{"error", "failure", "pending", "success"}, ask.State) {
		c.invalid(errors.New("no commit found for SHA, or no such state"))
		return
	}
	s := c.repo.setStatus(c.bot(), sha, status{context: cmp.Or(ask.Context, "default"), state: ask.State, description: ask.Description, url: ask.TargetURL})
	out := c.gh.statusJSON(s)
	out["creator"] = c.gh.userJSON(s.creator)
	c.created(out)
}
