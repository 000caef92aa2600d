package sim

import (
	"cmp"
)

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
