package sim

import "strings"

// repoLiteJSON is the repository as a workflow run has it.
func (gh *GitHub) repoLiteJSON(r *Repo) m {
	if r == nil || gh.nodes[r.node()] == nil { // a fork that was deleted
		return nil
	}
	out := m{}
	for k, v := range gh.repoJSON(r) {
		if strings.HasSuffix(k, "_url") && k != "git_url" && k != "ssh_url" && k != "clone_url" && k != "svn_url" && k != "mirror_url" {
			out[k] = v
		}
	}
	for _, k := range []string{"id", "node_id", "name", "full_name", "owner", "private", "description", "fork", "url"} {
		out[k] = gh.repoJSON(r)[k]
	}
	return out
}

func (r *Repo) workflowJSON(w *workflow) m {
	file := r.url() + "/blob/" + r.main + "/" + w.path
	return m{"id": w.id, "node_id": w.node(), "name": w.name, "path": w.path, "state": "active", "created_at": date(w.created),
		"updated_at": date(w.created), "url": r.api() + "/actions/workflows/" + itoa(int(w.id)), "html_url": file,
		"badge_url": r.url() + "/workflows/" + strings.ReplaceAll(w.name, " ", "%20") + "/badge.svg"}
}

// workflowRunJSON is a run in its newest attempt.
func (gh *GitHub) workflowRunJSON(w *WorkflowRun, hook bool) m {
	r := w.repo
	api, suite := r.api()+"/actions/runs/"+itoa(int(w.id)), r.api()+"/check-suites/"+itoa(int(w.suite.id))
	html := r.url() + "/actions/runs/" + itoa(int(w.id))
	pulls := []m{}
	for _, p := range w.suite.pulls() {
		pulls = append(pulls, gh.pullRefJSON(p))
	}
	uses := []m{}
	for _, path := range w.uses {
		uses = append(uses, w.usedJSON(path))
	}
	c := r.objects.commits[w.head]
	title, _, _ := strings.Cut(c.message, "\n")
	if w.pull != nil {
		title = w.pull.title
	}
	var before any
	if w.attempt > 1 {
		before = api + "/attempts/" + itoa(w.attempt-1)
	}
	out := m{"id": w.id, "node_id": w.node(), "name": w.workflow.name, "check_suite_id": w.suite.id, "check_suite_node_id": w.suite.node(),
		"head_branch": orNull(w.branch), "head_sha": w.head, "path": w.path, "run_number": w.number, "run_attempt": w.attempt,
		"referenced_workflows": uses, "event": w.event, "display_title": title, "status": w.status, "conclusion": orNull(w.conclusion),
		"workflow_id": w.workflow.id, "url": api, "html_url": html, "pull_requests": pulls, "created_at": date(w.created),
		"updated_at": date(w.updated), "run_started_at": date(w.begun), "actor": gh.userJSON(w.actor), "triggering_actor": gh.userJSON(w.trigger),
		"check_suite_url": suite, "workflow_url": r.api() + "/actions/workflows/" + itoa(int(w.workflow.id)), "previous_attempt_url": before,
		"head_commit": r.simpleCommitJSON(c), "repository": gh.repoLiteJSON(r), "head_repository": nil}
	if head := gh.repoLiteJSON(w.headRepo); head != nil {
		out["head_repository"] = head
		if !hook {
			out["head_repository_id"] = w.headRepo.ID
		}
	}
	return urls(out, api, "jobs", "logs", "artifacts", "cancel", "rerun")
}

// usedJSON is a workflow that the run called.
func (w *WorkflowRun) usedJSON(path string) m {
	if strings.Contains(path, "@") {
		return m{"path": path, "sha": w.tested}
	}
	return m{"path": w.repo.fullName() + "/" + path + "@" + w.ref, "sha": w.tested, "ref": w.ref}
}

func (gh *GitHub) artifactJSON(a *Artifact) m {
	w := a.run
	api := w.repo.api() + "/actions/artifacts/" + itoa(int(a.id))
	of := m{"id": w.id, "repository_id": w.repo.ID, "head_branch": w.branch, "head_sha": w.head}
	if w.headRepo != nil {
		of["head_repository_id"] = w.headRepo.ID
	}
	return m{"id": a.id, "node_id": a.node(), "name": a.name, "size_in_bytes": len(a.archive), "url": api, "archive_download_url": api + "/zip",
		"expired": a.expired(), "created_at": date(a.created), "updated_at": date(a.created), "expires_at": date(a.expires),
		"digest": a.digest(), "workflow_run": of}
}
