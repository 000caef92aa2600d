package sim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
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
	if merge, known := p.testMerge(); !p.merged && known {
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

// commitPulls lists the pull requests that a commit belongs to.
func (c *call) commitPulls() {
	okPage(c, c.repo.associated(c.repo.resolve(c.r.PathValue("sha"))), func(p *Pull) m { return c.gh.pullJSON(p, false) })
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

// bot is the App's own account, which acts.
func (c *call) bot() *Account { return c.token.install.app.bot() }
