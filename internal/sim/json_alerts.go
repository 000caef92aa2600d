package sim

func (r *Repo) codeAlertJSON(a *codeAlert, i *instance) m {
	n := itoa(a.number)
	api, html := r.api()+"/code-scanning/alerts/"+n, r.url()+"/security/code-scanning/"+n
	rule := m{"id": a.at.Rule, "name": a.at.Rule, "severity": a.at.Severity, "description": a.at.Rule, "tags": []string{"security"}}
	if a.at.Level != "" {
		rule["security_severity_level"] = a.at.Level
	}
	return m{"number": a.number, "created_at": date(a.created), "updated_at": date(a.created), "url": api, "html_url": html,
		"instances_url": api + "/instances", "state": a.state(i), "fixed_at": nil, "dismissed_by": nil, "dismissed_at": nil,
		"dismissed_reason": nil, "dismissed_comment": nil, "rule": rule, "tool": m{"name": a.tool, "version": nil, "guid": nil},
		"most_recent_instance": m{"ref": i.ref, "analysis_key": i.category, "environment": "{}", "category": i.category, "state": a.state(i),
			"commit_sha": i.sha, "message": m{"text": i.at.Text}, "classifications": []string{},
			"location": m{"path": i.at.Path, "start_line": i.at.Line, "end_line": i.at.Line, "start_column": 1, "end_column": 1}}}
}

func (r *Repo) analysisJSON(a *analysis) m {
	s := a.scan
	id := itoa(int(a.id))
	return m{"ref": s.Ref, "commit_sha": s.SHA, "analysis_key": s.Category, "environment": "{}", "category": s.Category, "error": "",
		"created_at": date(a.created), "results_count": len(s.Alerts), "rules_count": len(s.Alerts), "id": a.id,
		"url": r.api() + "/code-scanning/analyses/" + id, "sarif_id": "sarif-" + id, "tool": m{"name": s.Tool, "version": nil, "guid": nil},
		"deletable": true, "warning": ""}
}

func (r *Repo) secretAlertJSON(a *secretAlert) m {
	n := itoa(a.number)
	api := r.api() + "/secret-scanning/alerts/" + n
	out := m{"number": a.number, "created_at": date(a.created), "updated_at": date(a.created), "url": api,
		"html_url": r.url() + "/security/secret-scanning/" + n, "locations_url": api + "/locations", "state": "open", "resolution": nil,
		"resolved_at": date(a.resolved), "resolved_by": nil, "resolution_comment": nil, "secret_type": a.Type, "secret_type_display_name": a.Name,
		"secret": a.Secret, "validity": "unknown", "push_protection_bypassed": false, "push_protection_bypassed_by": nil,
		"push_protection_bypassed_at": nil, "publicly_leaked": false, "multi_repo": false, "has_more_locations": len(a.Places) > 1}
	if !a.resolved.IsZero() {
		out["state"], out["resolution"] = "resolved", "revoked"
	}
	if len(a.Places) > 0 {
		out["first_location_detected"] = r.placeJSON(a.Places[0])["details"]
	}
	return out
}

// placeJSON is where a secret is.
func (r *Repo) placeJSON(p SecretPlace) m {
	switch {
	case p.Comment != nil:
		n := itoa(int(p.Comment.ID))
		return m{"type": "pull_request_comment", "details": m{"pull_request_comment_url": r.api() + "/issues/comments/" + n,
			"html_url": p.Comment.page()}}
	case p.Pull != nil:
		n := itoa(p.Pull.Number)
		return m{"type": "pull_request_body", "details": m{"pull_request_body_url": r.api() + "/pulls/" + n, "html_url": r.url() + "/pull/" + n}}
	}
	blob := ""
	if c := r.objects.commits[p.Commit]; c != nil {
		e, _ := r.objects.at(c.tree, p.Path)
		blob = e.sha
	}
	return m{"type": "commit", "details": m{"path": p.Path, "start_line": p.Line, "end_line": p.Line, "start_column": 1, "end_column": 2,
		"blob_sha": blob, "blob_url": r.api() + "/git/blobs/" + blob, "commit_sha": p.Commit, "commit_url": r.api() + "/git/commits/" + p.Commit,
		"html_url": r.url() + "/blob/" + p.Commit + "/" + p.Path}}
}

// dependabotJSON is an alert about a package on the default branch.
func (r *Repo) dependabotJSON(number int, d dependency, v Vulnerability) m {
	n, now := itoa(number), date(r.gh.now())
	severity := bool2(v.Severity == "moderate", "medium", v.Severity)
	of := m{"ecosystem": bool2(d.ecosystem == "gomod", "go", d.ecosystem), "name": d.name}
	bad := m{"package": of, "severity": severity, "vulnerable_version_range": "= " + v.Version, "first_patched_version": nil}
	return m{"number": number, "state": "open", "dependency": m{"package": of, "manifest_path": d.manifest, "scope": "runtime"},
		"security_advisory": m{"ghsa_id": v.Advisory, "cve_id": nil, "summary": v.Summary, "description": v.Summary, "vulnerabilities": []m{bad},
			"severity": severity, "cvss": m{"score": 0, "vector_string": nil}, "cwes": []m{}, "identifiers": []m{{"type": "GHSA", "value": v.Advisory}},
			"references": []m{}, "published_at": now, "updated_at": now, "withdrawn_at": nil},
		"security_vulnerability": bad, "url": r.api() + "/dependabot/alerts/" + n, "html_url": r.url() + "/security/dependabot/" + n,
		"created_at": now, "updated_at": now, "dismissed_at": nil, "dismissed_by": nil, "dismissed_reason": nil, "dismissed_comment": nil,
		"fixed_at": nil}
}
