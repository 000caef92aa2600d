package sim

import "net/url"

func (gh *GitHub) deploymentJSON(d *Deployment) m {
	api := d.repo.api() + "/deployments/" + itoa(int(d.id))
	return m{"url": api, "id": d.id, "node_id": d.node(), "sha": d.sha, "ref": d.ref, "task": "deploy", "payload": m{}, "original_environment": d.env.name,
		"environment": d.env.name, "description": nil, "creator": gh.userJSON(d.creator), "created_at": date(d.created), "updated_at": date(d.updated),
		"statuses_url": api + "/statuses", "repository_url": d.repo.api(), "transient_environment": false,
		"production_environment": d.env.name == "production", "performed_via_github_app": nil}
}

func (gh *GitHub) deployStatusJSON(d *Deployment, s *deployStatus) m {
	api, page := d.repo.api()+"/deployments/"+itoa(int(d.id)), ""
	if d.run != nil {
		page = d.repo.url() + "/actions/runs/" + itoa(int(d.run.id))
	}
	return m{"url": api + "/statuses/" + itoa(int(s.id)), "id": s.id, "node_id": nodeID("DES", s.id), "state": s.state, "creator": gh.userJSON(s.creator),
		"description": s.description, "environment": d.env.name, "target_url": page, "created_at": date(s.created), "updated_at": date(s.created),
		"deployment_url": api, "repository_url": d.repo.api(), "environment_url": "", "log_url": page, "performed_via_github_app": nil}
}

// deployRunJSON is a run as a deployment's webhook has it.
func (gh *GitHub) deployRunJSON(w *WorkflowRun) m {
	out := gh.workflowRunJSON(w, true)
	delete(out, "head_commit")
	delete(out, "previous_attempt_url")
	return out
}

func (r *Repo) environmentJSON(e *environment) m {
	return m{"id": e.id, "node_id": e.node(), "name": e.name, "url": r.api() + "/environments/" + url.PathEscape(e.name),
		"html_url": r.url() + "/deployments/activity_log?environments_filter=" + url.QueryEscape(e.name)}
}
