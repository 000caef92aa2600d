package sim

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
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
		"has_issues": true, "has_projects": false, "has_wiki": false, "has_pages": false, "has_downloads": true,
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

func (gh *GitHub) labelJSON(l *label) m {
	var description any
	if l.description != "" {
		description = l.description
	}
	return m{"id": l.id, "node_id": l.node(), "url": l.repo.api() + "/labels/" + strings.ReplaceAll(l.name, " ", "%20"),
		"name": l.name, "color": l.color, "default": false, "description": description}
}

func (gh *GitHub) labelsJSON(p *Pull) []m {
	all := []m{}
	for _, l := range p.labels {
		all = append(all, gh.labelJSON(l))
	}
	return all
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

// sideJSON is the head or base of a pull request.
func (gh *GitHub) sideJSON(r *Repo, owner *Account, branch, sha string) m {
	out := m{"label": owner.Login + ":" + branch, "ref": branch, "sha": sha, "user": gh.userJSON(owner), "repo": nil}
	if r != nil {
		side := gh.repoJSON(r)
		for _, k := range []string{"allow_squash_merge", "allow_merge_commit", "allow_rebase_merge"} {
			side[k] = true
		}
		for _, k := range []string{"allow_auto_merge", "delete_branch_on_merge", "allow_update_branch", "use_squash_pr_title_as_default"} {
			side[k] = false
		}
		side["squash_merge_commit_message"], side["squash_merge_commit_title"] = "COMMIT_MESSAGES", "COMMIT_OR_PR_TITLE"
		side["merge_commit_message"], side["merge_commit_title"] = "PR_TITLE", "MERGE_MESSAGE"
		out["repo"] = side
	}
	return out
}

// pullJSON is a pull request; full adds the counts, which lists and reviews'
// webhooks lack.
func (gh *GitHub) pullJSON(p *Pull, full bool) m {
	r, n := p.repo, itoa(p.Number)
	api, issue, html := r.api()+"/pulls/"+n, r.api()+"/issues/"+n, r.url()+"/pull/"+n
	var body, mergeSHA, mergedBy any
	if p.body != "" {
		body = p.body
	}
	if p.mergeCommit != "" {
		mergeSHA = p.mergeCommit
	}
	mergedBy = gh.userOrNil(p.mergedBy)
	people, teams := []m{}, []m{}
	for _, a := range p.people {
		people = append(people, gh.userJSON(a))
	}
	for _, t := range p.teams {
		teams = append(teams, gh.teamJSON(t))
	}
	statuses := r.api() + "/statuses/" + p.head
	out := m{
		"id": p.ID, "node_id": p.node(), "number": p.Number, "state": p.state, "locked": false, "active_lock_reason": nil,
		"title": p.title, "body": body, "user": gh.userJSON(p.author), "draft": p.draft, "labels": gh.labelsJSON(p), "milestone": nil,
		"assignee": nil, "assignees": []m{}, "requested_reviewers": people, "requested_teams": teams,
		"created_at": date(p.created), "updated_at": date(p.updated), "closed_at": date(p.closed), "merged_at": date(p.mergedAt),
		"merge_commit_sha": mergeSHA, "author_association": r.association(p.author), "auto_merge": nil,
		"head": gh.sideJSON(p.headRepo, p.headOf, p.headRef, p.head), "base": gh.sideJSON(r, r.owner, p.base, p.baseWas),
		"url": api, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch", "issue_url": issue,
		"commits_url": api + "/commits", "review_comments_url": api + "/comments", "comments_url": issue + "/comments",
		"review_comment_url": r.api() + "/pulls/comments{/number}", "statuses_url": statuses,
		"_links": m{"self": m{"href": api}, "html": m{"href": html}, "issue": m{"href": issue},
			"comments": m{"href": issue + "/comments"}, "review_comments": m{"href": api + "/comments"},
			"review_comment": m{"href": r.api() + "/pulls/comments{/number}"}, "commits": m{"href": api + "/commits"},
			"statuses": m{"href": statuses}},
	}
	if full {
		c := p.comparison()
		maps.Copy(out, m{"merged": p.merged, "mergeable": nil, "rebaseable": nil, "mergeable_state": "unknown", "merged_by": mergedBy,
			"comments": len(p.comments), "review_comments": 0, "maintainer_can_modify": false, "commits": len(c.commits),
			"additions": c.adds, "deletions": c.dels, "changed_files": len(c.files)})
	}
	return out
}

func reactions(url string) m {
	out := m{"url": url + "/reactions", "total_count": 0}
	for _, k := range []string{"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"} {
		out[k] = 0
	}
	return out
}

func (gh *GitHub) issueJSON(p *Pull) m {
	r, n := p.repo, itoa(p.Number)
	api, pull, html := r.api()+"/issues/"+n, r.api()+"/pulls/"+n, r.url()+"/pull/"+n
	var body any
	if p.body != "" {
		body = p.body
	}
	return m{
		"id": p.ID, "node_id": p.node(), "number": p.Number, "title": p.title, "body": body, "state": p.state, "state_reason": nil,
		"user": gh.userJSON(p.author), "labels": gh.labelsJSON(p), "locked": false, "active_lock_reason": nil, "assignee": nil,
		"assignees": []m{}, "milestone": nil, "comments": len(p.comments), "draft": p.draft, "author_association": r.association(p.author),
		"created_at": date(p.created), "updated_at": date(p.updated), "closed_at": date(p.closed), "reactions": reactions(api),
		"url": api, "repository_url": r.api(), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "html_url": html, "timeline_url": api + "/timeline", "performed_via_github_app": nil,
		"pull_request": m{"url": pull, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch", "merged_at": date(p.mergedAt)},
	}
}

func (gh *GitHub) commentJSON(c *Comment) m {
	r := c.pull.repo
	api := r.api() + "/issues/comments/" + itoa(int(c.ID))
	updated := c.created
	if !c.edited.IsZero() {
		updated = c.edited
	}
	return m{"id": c.ID, "node_id": c.node(), "url": api, "html_url": r.url() + "/pull/" + itoa(c.pull.Number) + "#issuecomment-" + itoa(int(c.ID)),
		"issue_url": r.api() + "/issues/" + itoa(c.pull.Number), "user": gh.userOrNil(c.author), "body": c.body,
		"created_at": date(c.created), "updated_at": date(updated), "author_association": r.association(c.author),
		"reactions": reactions(api), "performed_via_github_app": nil}
}

func (gh *GitHub) reviewJSON(rv *Review) m {
	r, n := rv.pull.repo, itoa(rv.pull.Number)
	html, pull := r.url()+"/pull/"+n+"#pullrequestreview-"+itoa(int(rv.ID)), r.api()+"/pulls/"+n
	var body any
	if rv.body != "" {
		body = rv.body
	}
	return m{"id": rv.ID, "node_id": rv.node(), "user": gh.userOrNil(rv.author), "body": body, "state": strings.ToLower(rv.state),
		"commit_id": rv.commit, "submitted_at": date(rv.submitted), "author_association": r.association(rv.author),
		"html_url": html, "pull_request_url": pull, "_links": m{"html": m{"href": html}, "pull_request": m{"href": pull}}}
}

func (gh *GitHub) appJSON(a *App) m {
	permissions := m{}
	for k, v := range a.permissions {
		permissions[k] = v
	}
	return m{"id": a.ID, "slug": a.Slug, "node_id": a.node(), "client_id": "Iv1." + a.Slug, "name": a.Slug, "description": "",
		"owner": gh.userJSON(gh.account(a.Slug + "-owner")), "external_url": gh.base, "html_url": gh.base + "/apps/" + a.Slug,
		"created_at": date(a.created), "updated_at": date(a.created), "permissions": permissions, "events": list(a.events)}
}

func (gh *GitHub) installationJSON(in *Installation) m {
	permissions := m{}
	for k, v := range in.app.permissions {
		permissions[k] = v
	}
	api := gh.api() + "/app/installations/" + itoa(int(in.ID))
	target := "User"
	if in.account.Kind == "Organization" {
		target = "Organization"
	}
	out := m{"id": in.ID, "account": gh.userJSON(in.account), "repository_selection": in.selection(), "app_id": in.app.ID,
		"app_slug": in.app.Slug, "target_id": in.account.ID, "target_type": target, "permissions": permissions,
		"events": list(in.app.events), "access_tokens_url": api + "/access_tokens", "repositories_url": gh.api() + "/installation/repositories",
		"html_url":   gh.base + "/organizations/" + in.account.Login + "/settings/installations/" + itoa(int(in.ID)),
		"created_at": date(in.created), "updated_at": date(in.created), "single_file_name": nil, "has_multiple_single_files": false,
		"single_file_paths": []string{}, "suspended_by": nil, "suspended_at": nil}
	if !in.suspended.IsZero() {
		out["suspended_at"], out["suspended_by"] = date(in.suspended), gh.userJSON(in.account)
	}
	return out
}

func (in *Installation) reposJSON(repos []*Repo) []m {
	all := []m{}
	for _, r := range repos {
		all = append(all, m{"id": r.ID, "node_id": r.node(), "name": r.name, "full_name": r.fullName(), "private": r.private})
	}
	return all
}

func identityJSON(s signature) m {
	return m{"name": s.name, "email": s.email, "date": date(s.at)}
}

func (r *Repo) pushCommitJSON(c *commit) m {
	who := func(s signature) m {
		out := m{"name": s.name, "email": s.email, "date": date(s.at)}
		if a := r.gh.byMail(s.email); a != nil {
			out["username"] = a.Login
		}
		return out
	}
	added, removed, modified := []string{}, []string{}, []string{}
	if len(c.parents) == 1 && r.objects.commits[c.parents[0]] != nil {
		for _, f := range r.objects.diff(r.objects.commits[c.parents[0]].tree, c.tree) {
			switch f.status {
			case "added":
				added = append(added, f.path)
			case "removed":
				removed = append(removed, f.path)
			case "renamed":
				added, removed = append(added, f.path), append(removed, f.previous)
			default:
				modified = append(modified, f.path)
			}
		}
	}
	return m{"id": c.sha, "tree_id": c.tree, "distinct": true, "message": strings.TrimRight(c.message, "\n"),
		"timestamp": date(c.committer.at), "url": r.url() + "/commit/" + c.sha, "author": who(c.author), "committer": who(c.committer),
		"added": added, "removed": removed, "modified": modified}
}

func (r *Repo) simpleCommitJSON(c *commit) m {
	return m{"id": c.sha, "tree_id": c.tree, "message": strings.TrimRight(c.message, "\n"), "timestamp": date(c.committer.at),
		"author": m{"name": c.author.name, "email": c.author.email}, "committer": m{"name": c.committer.name, "email": c.committer.email}}
}

// byMail is whose address it is; nil for nobody.
func (gh *GitHub) byMail(address string) *Account { return gh.emails[strings.ToLower(address)] }

// pullRefJSON is a pull request as check-runs' and suites' webhooks name it.
func (gh *GitHub) pullRefJSON(p *Pull) m {
	short := func(r *Repo) m { return m{"id": r.ID, "url": r.api(), "name": r.name} }
	return m{"id": p.ID, "number": p.Number, "url": p.repo.api() + "/pulls/" + itoa(p.Number),
		"head": m{"ref": p.headRef, "sha": p.head, "repo": short(p.headRepo)},
		"base": m{"ref": p.base, "sha": p.baseWas, "repo": short(p.repo)}}
}

func (gh *GitHub) suiteJSON(s *suite) m {
	status, conclusion := s.verdict()
	pulls := []m{}
	for _, p := range s.pulls() {
		pulls = append(pulls, gh.pullRefJSON(p))
	}
	api := s.repo.api() + "/check-suites/" + itoa(int(s.id))
	return m{"id": s.id, "node_id": s.node(), "head_branch": orNull(s.branch), "head_sha": s.sha, "status": status, "conclusion": orNull(conclusion),
		"url": api, "check_runs_url": api + "/check-runs", "before": orNull(s.before), "after": s.sha, "pull_requests": pulls, "app": gh.appJSON(s.app),
		"created_at": date(s.created), "updated_at": date(s.updated), "latest_check_runs_count": len(s.runs()),
		"head_commit": s.repo.simpleCommitJSON(s.repo.objects.commits[s.sha]), "rerequestable": true, "runs_rerequestable": true}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// runJSON is a check-run; a webhook's has the whole suite, an answer's its id.
func (gh *GitHub) runJSON(run *CheckRun, hook bool) m {
	r := run.repo
	api := r.api() + "/check-runs/" + itoa(int(run.ID))
	pulls := []m{}
	for _, p := range run.suite.pulls() {
		pulls = append(pulls, gh.pullRefJSON(p))
	}
	html := r.url() + "/runs/" + itoa(int(run.ID))
	out := m{"id": run.ID, "node_id": run.node(), "head_sha": run.sha, "external_id": run.externalID, "url": api, "html_url": html,
		"details_url": cmp.Or(run.details, html), "status": run.status, "conclusion": orNull(run.conclusion),
		"started_at": date(run.started), "completed_at": date(run.completed), "name": run.name, "app": gh.appJSON(run.app),
		"pull_requests": pulls, "check_suite": m{"id": run.suite.id},
		"output": m{"title": orNull(run.output.title), "summary": orNull(run.output.summary), "text": orNull(run.output.text),
			"annotations_count": len(run.annotations), "annotations_url": api + "/annotations"}}
	if hook {
		out["check_suite"] = gh.suiteJSON(run.suite)
	}
	return out
}

func (gh *GitHub) statusJSON(s *status) m {
	return m{"id": s.id, "node_id": nodeID("SC", s.id), "url": s.repo.api() + "/statuses/" + s.sha, "avatar_url": gh.base + "/avatars/" + itoa(int(s.creator.ID)),
		"state": s.state, "description": orNull(s.description), "target_url": orNull(s.url), "context": s.context,
		"created_at": date(s.created), "updated_at": date(s.created)}
}

func (r *Repo) statusEvent(s *status) m {
	branches := []m{}
	for _, name := range sortedKeys(r.branches) {
		if r.branches[name] == s.sha && len(branches) < 10 {
			branches = append(branches, m{"name": name, "protected": false, "commit": m{"sha": s.sha, "url": r.api() + "/commits/" + s.sha}})
		}
	}
	out := m{"id": s.id, "sha": s.sha, "name": r.fullName(), "context": s.context, "state": s.state, "description": orNull(s.description),
		"target_url": orNull(s.url), "branches": branches, "created_at": date(s.created), "updated_at": date(s.created),
		"avatar_url": r.gh.base + "/avatars/" + itoa(int(s.creator.ID))}
	if c := r.objects.commits[s.sha]; c != nil {
		out["commit"] = r.commitJSON(c)
	}
	return out
}

// commitJSON is a commit as REST has it in lists.
func (r *Repo) commitJSON(c *commit) m {
	api := r.api() + "/commits/" + c.sha
	parents := []m{}
	for _, p := range c.parents {
		parents = append(parents, m{"sha": p, "url": r.api() + "/commits/" + p, "html_url": r.url() + "/commit/" + p})
	}
	verification := m{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
	if r.objects.signed[c.sha] {
		verification = m{"verified": true, "reason": "valid", "signature": "simulated", "payload": c.sha, "verified_at": date(c.committer.at)}
	}
	return m{"sha": c.sha, "node_id": "C_" + c.sha, "url": api, "html_url": r.url() + "/commit/" + c.sha, "comments_url": api + "/comments",
		"author": r.gh.userOrNil(r.gh.byMail(c.author.email)), "committer": r.gh.userOrNil(r.gh.byMail(c.committer.email)), "parents": parents,
		"commit": m{"author": identityJSON(c.author), "committer": identityJSON(c.committer), "message": strings.TrimRight(c.message, "\n"),
			"tree": m{"sha": c.tree, "url": r.api() + "/git/trees/" + c.tree}, "url": r.api() + "/git/commits/" + c.sha, "comment_count": 0,
			"verification": verification}}
}

// fileJSON is a changed file as pulls/N/files and compare have it.
func (r *Repo) fileJSON(f fileDiff, head string) m {
	sha := cmp.Or(f.after.sha, f.before.sha)
	path := strings.ReplaceAll(f.path, " ", "%20")
	out := m{"sha": sha, "filename": f.path, "status": f.status, "additions": f.adds, "deletions": f.dels, "changes": f.adds + f.dels,
		"blob_url": r.url() + "/blob/" + head + "/" + path, "raw_url": r.url() + "/raw/" + head + "/" + path,
		"contents_url": r.api() + "/contents/" + path + "?ref=" + head}
	if f.previous != "" {
		out["previous_filename"] = f.previous
	}
	if f.patch != "" && utf8.ValidString(f.patch) {
		out["patch"] = f.patch
	}
	return out
}
