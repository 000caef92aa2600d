package sim

import (
	"net/url"
	"strings"
)

// releaseJSON is a release; a webhook's body is null when empty.
func (gh *GitHub) releaseJSON(rel *Release, hook bool) m {
	r := rel.repo
	api := r.api() + "/releases/" + itoa(int(rel.ID))
	assets := []m{}
	for _, a := range rel.assets {
		assets = append(assets, gh.assetJSON(a))
	}
	out := m{"id": rel.ID, "node_id": rel.node(), "url": api, "assets_url": api + "/assets", "upload_url": gh.base + "/api/uploads/repos/" + r.fullName() +
		"/releases/" + itoa(int(rel.ID)) + "/assets{?name,label}", "html_url": rel.page(), "tag_name": rel.tag, "target_commitish": rel.target,
		"name": orNull(rel.name), "body": orNull(rel.body), "draft": rel.draft, "prerelease": rel.prerelease, "immutable": rel.immutable,
		"created_at": date(rel.created), "updated_at": date(rel.updated), "published_at": date(rel.published), "author": gh.userJSON(rel.author),
		"assets": assets, "tarball_url": nil, "zipball_url": nil}
	if rel.draft {
		out["published_at"] = nil
	} else {
		out["tarball_url"], out["zipball_url"] = r.api()+"/tarball/"+rel.tag, r.api()+"/zipball/"+rel.tag
	}
	if !hook {
		out["body"] = rel.body // null in webhooks when empty
	}
	return out
}

// page is the release's address; a draft's does not name its tag.
func (rel *Release) page() string {
	if rel.draft {
		return rel.repo.url() + "/releases/tag/untagged-" + itoa(int(rel.ID))
	}
	return rel.repo.url() + "/releases/tag/" + strings.ReplaceAll(url.PathEscape(rel.tag), "%2F", "/")
}

func (gh *GitHub) assetJSON(a *Asset) m {
	r := a.release.repo
	var digest any
	if a.ready && !a.old {
		digest = a.Digest()
	}
	return m{"id": a.id, "node_id": a.node(), "url": r.api() + "/releases/assets/" + itoa(int(a.id)), "browser_download_url": a.download(), "name": a.name,
		"label": nil, "state": bool2(a.ready, "uploaded", "open"), "content_type": a.kind, "size": len(a.content), "digest": digest, "download_count": 0,
		"created_at": date(a.created), "updated_at": date(a.updated), "uploader": gh.userJSON(a.by)}
}

func (a *Asset) download() string {
	return strings.Replace(a.release.page(), "/releases/tag/", "/releases/download/", 1) + "/" + url.PathEscape(a.name)
}
