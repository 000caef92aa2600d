package sim

import (
	"slices"
	"strings"
)

func (rt route) deployments() {
	rt.on("GET /repos/{owner}/{repo}/deployments", "deployments:read", (*call).listDeployments)
	rt.on("GET /repos/{owner}/{repo}/deployments/{id}", "deployments:read", (*call).getDeployment)
	rt.on("GET /repos/{owner}/{repo}/deployments/{id}/statuses", "deployments:read", (*call).deploymentStatuses)
	rt.on("GET /repos/{owner}/{repo}/environments", "actions:read", (*call).listEnvironments)
	rt.on("GET /repos/{owner}/{repo}/environments/{name}/deployment_protection_rules", "actions:read", (*call).protectionRules)
	rt.on("GET /repos/{owner}/{repo}/actions/runs/{id}/pending_deployments", "actions:read", (*call).pendingDeployments)
	rt.on("POST /repos/{owner}/{repo}/actions/runs/{id}/deployment_protection_rule", "deployments:write", (*call).answerGate)
}

// listDeployments lists deployments, the newest first.
func (c *call) listDeployments() {
	q := c.r.URL.Query()
	is := func(name, value string) bool { return q.Get(name) == "" || q.Get(name) == value }
	all := slices.DeleteFunc(slices.Clone(c.repo.deployments), func(d *Deployment) bool {
		return !is("sha", d.sha) || !is("ref", d.ref) || !is("environment", d.env.name) || !is("task", "deploy")
	})
	slices.Reverse(all)
	okPage(c, all, c.gh.deploymentJSON)
}

// deployment is the route's deployment; nil when answered with 404.
func (c *call) deployment() *Deployment {
	d, _ := c.gh.nodes[nodeID("DE", c.number("id"))].(*Deployment)
	if d == nil || d.repo != c.repo {
		c.missing()
		return nil
	}
	return d
}

func (c *call) getDeployment() {
	if d := c.deployment(); d != nil {
		c.ok(c.gh.deploymentJSON(d))
	}
}

func (c *call) deploymentStatuses() {
	if d := c.deployment(); d != nil {
		all := slices.Clone(d.statuses)
		slices.Reverse(all)
		okPage(c, all, func(s *deployStatus) m { return c.gh.deployStatusJSON(d, s) })
	}
}

func (c *call) listEnvironments() {
	okCounted(c, "environments", c.repo.environments, func(e *environment) m {
		out := c.repo.environmentJSON(e)
		out["created_at"], out["updated_at"], out["deployment_branch_policy"], out["protection_rules"] = date(e.created), date(e.created), nil, []m{}
		return out
	})
}

// protectionRules lists the custom rules of an environment: there is only the App's.
func (c *call) protectionRules() {
	i := slices.IndexFunc(c.repo.environments, func(e *environment) bool { return strings.EqualFold(e.name, c.r.PathValue("name")) })
	if i < 0 {
		c.missing()
		return
	}
	all := []m{}
	if e := c.repo.environments[i]; e.rule != 0 {
		app := c.gh.app
		all = append(all, m{"id": e.rule, "node_id": nodeID("GA", e.rule), "enabled": true, "app": m{"id": app.ID, "slug": app.Slug, "node_id": app.node(),
			"integration_url": c.gh.api() + "/apps/" + app.Slug}})
	}
	c.ok(m{"total_count": len(all), "custom_deployment_protection_rules": all})
}

func (c *call) pendingDeployments() {
	w := c.workflowRun()
	if w == nil {
		return
	}
	all := []m{}
	for _, d := range w.deployments {
		if d.gate != nil && d.gate.state == waiting {
			all = append(all, m{"environment": c.repo.environmentJSON(d.env), "wait_timer": 0, "wait_timer_started_at": nil, "current_user_can_approve": false,
				"reviewers": []m{}})
		}
	}
	c.ok(all)
}
