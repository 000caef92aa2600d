package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (c *call) getApp() {
	out := c.gh.appJSON(c.app)
	out["installations_count"] = len(c.gh.installs)
	c.ok(out)
}

func (c *call) mine() []*Installation {
	return slices.DeleteFunc(slices.Clone(c.gh.installs), func(in *Installation) bool { return in.app != c.app })
}

func (c *call) listInstallations() { okPage(c, c.mine(), c.gh.installationJSON) }

// install is the route's installation; nil when answered with 404.
func (c *call) install() *Installation {
	for _, in := range c.mine() {
		if in.ID == c.number("id") {
			return in
		}
	}
	c.missing()
	return nil
}

func (c *call) getInstallation() {
	if in := c.install(); in != nil {
		c.ok(c.gh.installationJSON(in))
	}
}

func (c *call) found(in *Installation) {
	if in == nil {
		c.missing()
		return
	}
	c.ok(c.gh.installationJSON(in))
}

func (c *call) repoInstallation() {
	c.found(c.gh.installation(c.app, c.gh.repos[repoKey(c.r.PathValue("owner"), c.r.PathValue("repo"))]))
}

func (c *call) orgInstallation() {
	c.found(c.gh.installationOf(c.app, c.gh.accounts[strings.ToLower(c.r.PathValue("org"))]))
}

// mintToken makes an installation token, for fewer repositories or permissions
// if asked.
func (c *call) mintToken() {
	in := c.install()
	if in == nil {
		return
	}
	if !in.suspended.IsZero() {
		c.refuse(http.StatusForbidden, "This installation has been suspended")
		return
	}
	var ask struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}
	if !c.decode(&ask) {
		return
	}
	s, t := c.gh.mint(in)
	permissions := m{}
	for k, v := range in.app.permissions {
		permissions[k] = v
	}
	if len(ask.Permissions) > 0 {
		t.permissions, permissions = ask.Permissions, m{}
		for k, v := range ask.Permissions {
			if permissions[k] = v; rank(in.app.permissions[k]) < rank(v) {
				delete(c.gh.tokens, s)
				c.refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
				return
			}
		}
	}
	out := m{"token": s, "expires_at": t.expires.UTC().Format(time.RFC3339), "permissions": permissions, "repository_selection": in.selection()}
	if len(ask.Repositories)+len(ask.RepositoryIDs) > 0 {
		t.repos = map[*Repo]bool{}
		var all []m
		for _, r := range in.list() {
			if slices.Contains(ask.Repositories, r.name) || slices.Contains(ask.RepositoryIDs, r.ID) {
				t.repos[r] = true
				all = append(all, c.gh.repoJSON(r))
			}
		}
		out["repositories"] = list(all)
	}
	c.created(out)
}

// listDeliveries lists attempts, newest first, by cursor.
func (c *call) listDeliveries() {
	q := c.r.URL.Query()
	per, _ := strconv.Atoi(q.Get("per_page"))
	if per <= 0 {
		per = 30
	}
	before, _ := strconv.Atoi(q.Get("cursor"))
	post := c.gh.post
	post.mu.Lock()
	defer post.mu.Unlock()
	out, next := []m{}, 0
	for i := len(post.sent) - 1; i >= 0; i-- {
		d := post.sent[i]
		if before != 0 && i >= before {
			continue
		}
		if f := q.Get("status"); f == "success" && d.status != 200 || f == "failure" && d.status < 400 && d.status != 0 {
			continue
		}
		if len(out) == min(per, 100) {
			next = i + 1
			break
		}
		out = append(out, c.gh.deliveryJSON(d, false))
	}
	c.ok(out)
	if next != 0 {
		q.Set("cursor", itoa(next))
		c.res.header = http.Header{"Link": {"<" + c.gh.api() + c.req.Path + "?" + q.Encode() + `>; rel="next"`}}
	}
}

func (c *call) getDelivery() {
	if d := c.gh.post.find(c.number("id")); d != nil {
		c.ok(c.gh.deliveryJSON(d, true))
		return
	}
	c.missing()
}

func (c *call) redeliver() {
	if !c.gh.redeliver(c.number("id")) {
		c.missing()
		return
	}
	c.res = answer{status: http.StatusAccepted, body: m{}}
}

func (c *call) rateLimit() {
	core, graph := c.gh.budget(c.req.Installation, "core").json(), c.gh.budget(c.req.Installation, "graphql").json()
	search := m{"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"]}
	c.ok(m{"resources": m{"core": core, "graphql": graph, "search": search}, "rate": core})
}

func (c *call) installationRepos() {
	var all []*Repo
	for _, r := range c.token.install.list() {
		if c.token.sees(r) {
			all = append(all, r)
		}
	}
	okCounted(c, "repositories", all, c.gh.repoJSON)
}

// team is the route's team, if the installation may see it; nil when answered
// with 404.
func (c *call) team() *Team {
	o := c.gh.orgs[strings.ToLower(c.r.PathValue("org"))]
	if o == nil || c.token.install.account != o.Account || o.team(c.r.PathValue("team")) == nil || o.team(c.r.PathValue("team")).secret {
		c.missing()
		return nil
	}
	return o.team(c.r.PathValue("team"))
}

func (c *call) getTeam() {
	t := c.team()
	if t == nil {
		return
	}
	out := c.gh.teamJSON(t)
	out["members_count"], out["repos_count"] = len(t.all()), len(t.grants)
	out["created_at"], out["updated_at"] = date(t.org.created), date(t.org.created)
	out["organization"] = c.gh.orgFullJSON(t.org)
	c.ok(out)
}

func (gh *GitHub) orgFullJSON(o *Org) m {
	out := gh.orgJSON(o)
	for _, k := range []string{"public_repos", "public_gists", "followers", "following"} {
		out[k] = 0
	}
	out["has_organization_projects"], out["has_repository_projects"] = true, true
	out["html_url"], out["type"], out["archived_at"] = gh.base+"/"+o.Login, "Organization", nil
	out["created_at"], out["updated_at"] = date(o.created), date(o.created)
	return out
}

func (c *call) teamMembers() {
	if t := c.team(); t != nil {
		okPage(c, t.all(), c.gh.userJSON)
	}
}

func (c *call) teamMembership() {
	t := c.team()
	if t == nil {
		return
	}
	a := c.gh.accounts[strings.ToLower(c.r.PathValue("user"))]
	if a == nil || !slices.Contains(t.all(), a) {
		c.missing()
		return
	}
	role := bool2(t.org.members[a] == "admin", "maintainer", "member")
	c.ok(m{"url": c.gh.api() + "/organizations/" + itoa(int(t.org.ID)) + "/team/" + itoa(int(t.ID)) + "/memberships/" + a.Login, "role": role, "state": "active"})
}
