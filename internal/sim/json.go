package sim

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The JSON forms that REST answers and webhooks share, as GitHub's OpenAPI
// description has them. All of them are called under the stand-in's lock.

func (gh *GitHub) api() string { return gh.base + "/api/v3" }

func (r *Repo) url() string { return r.gh.base + "/" + r.fullName() }

func (r *Repo) api() string { return r.gh.api() + "/repos/" + r.fullName() }

func itoa(n int) string { return strconv.Itoa(n) }

// list is never nil, since GitHub writes [] and not null.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

func sortedKeys[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }

func sortByID(all []*Repo) {
	slices.SortFunc(all, func(a, b *Repo) int { return cmp.Compare(a.ID, b.ID) })
}

// urls adds what links a thing has: name+"_url" for each path under root.
func urls(out m, root string, paths ...string) m {
	for _, p := range paths {
		name, path, ok := strings.Cut(p, "=")
		if !ok {
			path = "/" + name
		}
		out[name+"_url"] = root + path
	}
	return out
}

func (gh *GitHub) userJSON(a *Account) m {
	if a == nil {
		return nil
	}
	if a.deleted {
		a = &Account{gh: gh, ID: 10137, Login: "ghost", Kind: "User"}
	}
	path := a.Login
	out := m{"login": a.Login, "id": a.ID, "node_id": a.node(), "gravatar_id": "", "type": a.Kind, "site_admin": false,
		"url": gh.api() + "/users/" + path, "html_url": gh.base + "/" + a.Login, "avatar_url": gh.base + "/avatars/" + itoa(int(a.ID)),
		"user_view_type": "public"}
	if a.app != nil {
		out["html_url"] = gh.base + "/apps/" + a.app.Slug
	}
	return urls(out, gh.api()+"/users/"+path, "followers", "following=/following{/other_user}", "gists=/gists{/gist_id}",
		"starred=/starred{/owner}{/repo}", "subscriptions", "organizations=/orgs", "repos", "events=/events{/privacy}", "received_events")
}

// userOrNil is null for nobody and for a deleted account.
func (gh *GitHub) userOrNil(a *Account) any {
	if a == nil || a.deleted {
		return nil
	}
	return gh.userJSON(a)
}

func (gh *GitHub) orgJSON(o *Org) m {
	api := gh.api() + "/orgs/" + o.Login
	return urls(m{"login": o.Login, "id": o.ID, "node_id": o.node(), "url": api, "description": "",
		"avatar_url": gh.base + "/avatars/" + itoa(int(o.ID))}, api, "repos", "events", "hooks", "issues",
		"members=/members{/member}", "public_members=/public_members{/member}")
}

func (gh *GitHub) repoJSON(r *Repo) m {
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	open := 0
	for _, pulls := range r.byBase {
		open += len(pulls)
	}
	html := r.url()
	out := m{
		"id": r.ID, "node_id": r.node(), "name": r.name, "full_name": r.fullName(), "private": r.private,
		"owner": gh.userJSON(r.owner), "html_url": html, "description": nil, "fork": r.parent != nil, "url": r.api(),
		"git_url": "git://" + strings.TrimPrefix(strings.TrimPrefix(html, "http://"), "https://") + ".git",
		"ssh_url": "git@localhost:" + r.fullName() + ".git", "clone_url": html + ".git", "svn_url": html, "mirror_url": nil,
		"homepage": nil, "language": nil, "license": nil, "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers_count": 0,
		"watchers": 0, "size": 0, "default_branch": r.main, "open_issues": open, "open_issues_count": open,
		"has_issues": !r.noIssues, "has_projects": false, "has_wiki": false, "has_pages": false, "has_downloads": true,
		"has_discussions": false, "archived": r.archived, "disabled": false, "visibility": visibility, "topics": []string{},
		"is_template": false, "allow_forking": true, "web_commit_signoff_required": false,
		"pushed_at": date(r.pushed), "created_at": date(r.created), "updated_at": date(r.pushed),
	}
	return urls(out, r.api(), "archive=/{archive_format}{/ref}", "assignees=/assignees{/user}", "blobs=/git/blobs{/sha}",
		"branches=/branches{/branch}", "collaborators=/collaborators{/collaborator}", "comments=/comments{/number}",
		"commits=/commits{/sha}", "compare=/compare/{base}...{head}", "contents=/contents/{+path}", "contributors",
		"deployments", "downloads", "events", "forks", "git_commits=/git/commits{/sha}", "git_refs=/git/refs{/sha}",
		"git_tags=/git/tags{/sha}", "hooks", "issue_comment=/issues/comments{/number}", "issue_events=/issues/events{/number}",
		"issues=/issues{/number}", "keys=/keys{/key_id}", "labels=/labels{/name}", "languages", "merges",
		"milestones=/milestones{/number}", "notifications=/notifications{?since,all,participating}", "pulls=/pulls{/number}",
		"releases=/releases{/id}", "stargazers", "statuses=/statuses/{sha}", "subscribers", "subscription", "tags", "teams",
		"trees=/git/trees{/sha}")
}

// pushRepoJSON is the repository in a push, whose times are seconds.
func (gh *GitHub) pushRepoJSON(r *Repo) m {
	out := gh.repoJSON(r)
	out["created_at"], out["pushed_at"] = r.created.Unix(), r.pushed.Unix()
	out["stargazers"], out["master_branch"] = 0, r.main
	if r.org != nil {
		out["organization"] = r.org.Login
	}
	return out
}

func (gh *GitHub) teamJSON(t *Team) m {
	out := gh.teamSimpleJSON(t)
	out["parent"] = nil
	if t.parent != nil {
		out["parent"] = gh.teamSimpleJSON(t.parent)
	}
	return out
}

func (gh *GitHub) teamSimpleJSON(t *Team) m {
	api := gh.api() + "/organizations/" + itoa(int(t.org.ID)) + "/team/" + itoa(int(t.ID))
	privacy := "closed"
	if t.secret {
		privacy = "secret"
	}
	return m{"name": t.Name, "id": t.ID, "node_id": t.node(), "slug": t.Slug, "description": "", "privacy": privacy,
		"notification_setting": "notifications_enabled", "permission": "pull", "url": api,
		"type": "organization", "organization_id": t.org.ID,
		"html_url":    gh.base + "/orgs/" + t.org.Login + "/teams/" + t.Slug,
		"members_url": api + "/members{/member}", "repositories_url": api + "/repos"}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
