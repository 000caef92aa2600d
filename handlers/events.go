package handlers

import "time"

const (
	// soon is how long a person's event waits for others, such as the label
	// that comes with a new pull request.
	soon = 100 * time.Millisecond
	// burst is how long a machine's event waits for others, since a head's
	// check-runs come and go by the dozen, and how long one waits that touches
	// many pull requests at once.
	burst = 2 * time.Second
)

// rule is what intake does with an event besides keeping it.
type rule struct {
	// read adds what the event touches and tells; nil means nothing.
	read func(*event)
	// needs is the permission without which GitHub does not let an App
	// subscribe, by its name in an App manifest (each event's page of "Webhook
	// events and payloads"). "" means that every App is sent the event and none
	// can subscribe to it.
	needs string
}

// rules is the table of events: every one that GitHub publishes, and what it
// touches. The App manifest subscribes to those that touch something.
func rules() map[string]rule {
	all := map[string]rule{
		"pull_request":                {pullRequest, "pull_requests"},
		"pull_request_review":         {pullReview, "pull_requests"},
		"pull_request_review_comment": {aboutPull, "pull_requests"},
		"pull_request_review_thread":  {aboutPull, "pull_requests"},
		"issue_comment":               {issueComment, "issues"},
		"label":                       {repoLabel, "metadata"},

		"check_run":    {checkRun, "checks"},
		"check_suite":  {checkSuite, "checks"},
		"workflow_run": {workflowRun, "actions"},
		"status":       {commitStatus, "statuses"},

		// GitHub's own alerts, where it was granted to read them.
		"code_scanning_alert":   {codeAlert, "security_events"},
		"secret_scanning_alert": {secretAlert, "secret_scanning_alerts"},

		"merge_group": {mergeGroup, "merge_queues"},

		"push":    {branchPush, "contents"},
		"create":  {tagMade, "contents"},
		"delete":  {tagMade, "contents"},
		"release": {releasePage, "contents"},
		"issues":  {issueChanged, "issues"},

		"deployment_status":          {deploymentStatus, "deployments"},
		"deployment_protection_rule": {protectionRule, "deployments"},

		"repository": {repository, "metadata"},
		// Which checks a branch requires is part of a snapshot. These two need
		// more than handrail asks for; they are heeded where it was granted.
		"branch_protection_rule": {ruleset, "administration"},
		"repository_ruleset":     {ruleset, "administration"},

		"member":       {collaborator, "members"},
		"membership":   {teamMember, "members"},
		"organization": {organization, "members"},
		"team":         {teamChange, "members"},
		"team_add":     {teamChange, "members"},

		"installation":              {installation, ""},
		"installation_repositories": {installationRepos, ""},
	}
	for _, name := range untouching() {
		all[name] = rule{}
	}
	return all
}

// untouching are the events that no verdict depends on yet. They are kept, when
// an App is subscribed to them.
//
// How a deployment goes is said by its status. A workflow's jobs are check-runs. That a
// repository is public now is said by repository too.
func untouching() []string {
	return []string{
		"branch_protection_configuration", "bypass_request_secret_scanning", "cache_sync", "commit_comment", "custom_property", "custom_property_values", "dependabot_alert", "deploy_key",
		"deployment", "deployment_review", "discussion",
		"discussion_comment", "dismissal_request_code_scanning", "dismissal_request_secret_scanning", "enterprise",
		"exemption_request_push_ruleset", "fork", "github_app_authorization", "gollum", "installation_target",
		"issue_dependencies", "marketplace_purchase", "meta", "milestone", "org_block",
		"organization_custom_property", "organization_custom_property_values", "package", "page_build",
		"personal_access_token_request", "ping", "project", "project_card", "project_column", "projects_v2",
		"projects_v2_item", "projects_v2_status_update", "public", "registry_package", "repository_advisory",
		"repository_dispatch", "repository_import", "repository_vulnerability_alert",
		"secret_scanning_alert_location", "secret_scanning_scan", "security_advisory", "security_and_analysis",
		"sponsorship", "star", "sub_issues", "user", "watch", "workflow_dispatch", "workflow_job",
	}
}
