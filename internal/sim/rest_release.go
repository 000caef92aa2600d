package sim

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
)

func (rt route) releases() {
	rt.on("GET /repos/{owner}/{repo}/releases", "contents:read", (*call).listReleases)
	rt.on("POST /repos/{owner}/{repo}/releases", "contents:write", (*call).postRelease)
	rt.on("GET /repos/{owner}/{repo}/releases/latest", "contents:read", (*call).latestRelease)
	rt.on("GET /repos/{owner}/{repo}/releases/tags/{tag...}", "contents:read", (*call).releaseOfTag)
	rt.on("GET /repos/{owner}/{repo}/releases/{id}", "contents:read", (*call).getRelease)
	rt.on("PATCH /repos/{owner}/{repo}/releases/{id}", "contents:write", (*call).patchRelease)
	rt.on("DELETE /repos/{owner}/{repo}/releases/{id}", "contents:write", (*call).deleteRelease)
	rt.on("GET /repos/{owner}/{repo}/releases/{id}/assets", "contents:read", (*call).releaseAssets)
	rt.on("GET /repos/{owner}/{repo}/releases/assets/{id}", "contents:read", (*call).getAsset)
	rt.on("GET /repos/{owner}/{repo}/immutable-releases", "administration:read", (*call).immutableReleases)
}

// visible are the releases that a token may see, the newest first: drafts need push
// access.
func (r *Repo) visible(t *token) []*Release {
	all := slices.DeleteFunc(slices.Clone(r.releases), func(rel *Release) bool { return rel.draft && !t.may("contents", "write") })
	slices.SortStableFunc(all, func(a, b *Release) int { return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.ID, a.ID)) })
	return all
}

func (c *call) releaseForm(rel *Release) m { return c.gh.releaseJSON(rel, false) }

func (c *call) listReleases() { okPage(c, c.repo.visible(c.token), c.releaseForm) }

// giveRelease answers with the first release that fits, or with 404.
func (c *call) giveRelease(fits func(*Release) bool) {
	all := c.repo.visible(c.token)
	if i := slices.IndexFunc(all, fits); i >= 0 {
		c.ok(c.releaseForm(all[i]))
		return
	}
	c.missing()
}

func (c *call) latestRelease() {
	c.giveRelease(func(rel *Release) bool { return rel == c.repo.latest })
}

func (c *call) releaseOfTag() {
	c.giveRelease(func(rel *Release) bool { return !rel.draft && rel.tag == c.r.PathValue("tag") })
}

func (c *call) getRelease() {
	c.giveRelease(func(rel *Release) bool { return rel.ID == c.number("id") })
}

// release is the route's release; nil when answered with 404.
func (c *call) release() *Release {
	rel, _ := c.gh.nodes[nodeID("RE", c.number("id"))].(*Release)
	if rel == nil || rel.repo != c.repo || rel.draft && !c.token.may("contents", "write") {
		c.missing()
		return nil
	}
	return rel
}

// restRelease is the body of POST and PATCH releases.
type restRelease struct {
	Tag        *string `json:"tag_name"`
	Target     *string `json:"target_commitish"`
	Name, Body *string
	Draft      *bool
	Prerelease *bool
	Latest     string `json:"make_latest"`
}

func (c *call) postRelease() {
	var ask restRelease
	if !c.decode(&ask) {
		return
	}
	on := func(b *bool) bool { return b != nil && *b }
	rel, err := c.repo.makeRelease(c.bot(), NewRelease{Tag: put("", ask.Tag), Target: put("", ask.Target), Name: put("", ask.Name), Body: put("", ask.Body),
		Draft: on(ask.Draft), Prerelease: on(ask.Prerelease)}, ask.Latest)
	if err != nil {
		c.flawed(err)
		return
	}
	c.created(c.releaseForm(rel))
}

func (c *call) patchRelease() {
	rel := c.release()
	var ask restRelease
	if rel == nil || !c.decode(&ask) {
		return
	}
	if err := rel.edit(c.bot(), releaseChange{tag: ask.Tag, target: ask.Target, name: ask.Name, body: ask.Body, draft: ask.Draft,
		prerelease: ask.Prerelease, latest: ask.Latest}); err != nil {
		c.flawed(err)
		return
	}
	c.ok(c.releaseForm(rel))
}

func (c *call) deleteRelease() {
	if rel := c.release(); rel != nil {
		rel.remove(c.bot())
		c.res = answer{status: http.StatusNoContent}
	}
}

func (c *call) releaseAssets() {
	if rel := c.release(); rel != nil {
		okPage(c, rel.assets, c.gh.assetJSON)
	}
}

func (c *call) getAsset() {
	a, _ := c.gh.nodes[nodeID("RA", c.number("id"))].(*Asset)
	if a == nil || a.release.repo != c.repo || a.release.draft && !c.token.may("contents", "write") {
		c.missing()
		return
	}
	c.ok(c.gh.assetJSON(a))
}

func (c *call) immutableReleases() {
	if !c.repo.immutable {
		c.missing()
		return
	}
	c.ok(m{"enabled": true, "enforced_by_owner": false})
}

// flawed answers with what is wrong, by field.
func (c *call) flawed(err error) {
	var f flaw
	if !errors.As(err, &f) {
		c.invalid(err)
		return
	}
	e := m{"resource": f.resource, "code": f.code, "field": f.field}
	if f.message != "" {
		e["message"] = f.message
	}
	c.res = answer{status: http.StatusUnprocessableEntity, body: m{"message": "Validation Failed", "errors": []m{e},
		"documentation_url": "https://docs.github.com/rest", "status": "422"}}
}
