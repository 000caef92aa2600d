package oracle

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// paths are those of GitHub's REST description that are held against; a request
// to any other is a mistake, of the product or of this list.
func paths() []string {
	return strings.Fields(`
		/app
		/app/hook/deliveries
		/app/hook/deliveries/{delivery_id}
		/app/hook/deliveries/{delivery_id}/attempts
		/app/installations
		/app/installations/{installation_id}
		/app/installations/{installation_id}/access_tokens
		/installation/repositories
		/orgs/{org}/installation
		/orgs/{org}/teams/{team_slug}
		/orgs/{org}/teams/{team_slug}/members
		/orgs/{org}/teams/{team_slug}/memberships/{username}
		/rate_limit
		/repos/{owner}/{repo}
		/repos/{owner}/{repo}/actions/artifacts/{artifact_id}
		/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}
		/repos/{owner}/{repo}/actions/runs
		/repos/{owner}/{repo}/actions/runs/{run_id}
		/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts
		/repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule
		/repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments
		/repos/{owner}/{repo}/actions/workflows
		/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches
		/repos/{owner}/{repo}/attestations/{subject_digest}
		/repos/{owner}/{repo}/check-runs
		/repos/{owner}/{repo}/check-runs/{check_run_id}
		/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations
		/repos/{owner}/{repo}/collaborators/{username}/permission
		/repos/{owner}/{repo}/code-scanning/alerts
		/repos/{owner}/{repo}/code-scanning/analyses
		/repos/{owner}/{repo}/commits
		/repos/{owner}/{repo}/commits/{ref}
		/repos/{owner}/{repo}/commits/{ref}/check-runs
		/repos/{owner}/{repo}/commits/{commit_sha}/pulls
		/repos/{owner}/{repo}/commits/{ref}/status
		/repos/{owner}/{repo}/compare/{basehead}
		/repos/{owner}/{repo}/contents/{path}
		/repos/{owner}/{repo}/dependency-graph/compare/{basehead}
		/repos/{owner}/{repo}/deployments
		/repos/{owner}/{repo}/deployments/{deployment_id}
		/repos/{owner}/{repo}/deployments/{deployment_id}/statuses
		/repos/{owner}/{repo}/environments
		/repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules
		/repos/{owner}/{repo}/git/blobs/{file_sha}
		/repos/{owner}/{repo}/git/ref/{ref}
		/repos/{owner}/{repo}/git/tags/{tag_sha}
		/repos/{owner}/{repo}/git/trees/{tree_sha}
		/repos/{owner}/{repo}/immutable-releases
		/repos/{owner}/{repo}/installation
		/repos/{owner}/{repo}/issues
		/repos/{owner}/{repo}/issues/comments/{comment_id}
		/repos/{owner}/{repo}/issues/{issue_number}
		/repos/{owner}/{repo}/issues/{issue_number}/comments
		/repos/{owner}/{repo}/issues/{issue_number}/labels
		/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}
		/repos/{owner}/{repo}/labels
		/repos/{owner}/{repo}/labels/{name}
		/repos/{owner}/{repo}/pulls
		/repos/{owner}/{repo}/pulls/{pull_number}
		/repos/{owner}/{repo}/pulls/{pull_number}/comments
		/repos/{owner}/{repo}/pulls/{pull_number}/commits
		/repos/{owner}/{repo}/pulls/{pull_number}/files
		/repos/{owner}/{repo}/pulls/{pull_number}/reviews
		/repos/{owner}/{repo}/releases
		/repos/{owner}/{repo}/releases/assets/{asset_id}
		/repos/{owner}/{repo}/releases/latest
		/repos/{owner}/{repo}/releases/tags/{tag}
		/repos/{owner}/{repo}/releases/{release_id}
		/repos/{owner}/{repo}/releases/{release_id}/assets
		/repos/{owner}/{repo}/secret-scanning/alerts
		/repos/{owner}/{repo}/secret-scanning/alerts/{alert_number}/locations
		/repos/{owner}/{repo}/statuses/{sha}
		/repos/{owner}/{repo}/tags
		/user`)
}

// mend puts right what GitHub's description gets wrong of GitHub.
func mend(doc *openapi3.T) {
	doc.Servers = nil // it is the stand-in that is asked
	refusal := doc.Components.Responses["not_found"]
	for name, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			// Any request may be refused, in the one form errors have.
			op.Responses.Set("4XX", refusal)
			for status, r := range op.Responses.Map() {
				if status[0] == '4' && len(r.Value.Content) == 0 { // described in words only
					op.Responses.Set(status, refusal)
				}
			}
		}
		// These placeholders stand for slashes too, for which OpenAPI has no word.
		if stem, ok := strings.CutSuffix(name, "}"); ok && (slices.ContainsFunc([]string{"{path", "{basehead", "{ref", "{tag"}, func(end string) bool { return strings.HasSuffix(stem, end) })) {
			doc.Paths.Delete(name)
			doc.Paths.Set(stem+"*}", item)
		}
	}
	// An installation's account is a user or an enterprise, and cannot be both.
	list := doc.Paths.Value("/app/installations").Get.Responses.Value("200").Value.Content["application/json"].Schema.Value
	account := list.Items.Value.Properties["account"].Value
	account.AnyOf, account.AllOf = account.AllOf, nil
	// Labels may come as a bare array, as GitHub says in words and as go-github
	// sends them.
	add := doc.Paths.Value("/repos/{owner}/{repo}/issues/{issue_number}/labels").Post
	labels := add.RequestBody.Value.Content["application/json"].Schema.Value
	labels.OneOf = append(labels.OneOf, labels.OneOf[0].Value.Properties["labels"])
	// A file is also given as it is, to who asks so.
	for _, name := range []string{"/repos/{owner}/{repo}/contents/{path*}", "/repos/{owner}/{repo}/git/blobs/{file_sha}"} {
		file := doc.Paths.Value(name).Get.Responses.Value("200").Value
		file.Content["application/vnd.github.raw+json"] = openapi3.NewMediaType()
	}
	// Runs and pull requests outlive the fork that they are from, and then have
	// no head repository.
	runs := doc.Paths.Value("/repos/{owner}/{repo}/actions/runs").Get
	orNull(runs.Responses.Value("200").Value.Content["application/json"].Schema.Value.Properties["workflow_runs"].Value.Items.Value, "head_repository")
	pulls := doc.Paths.Value("/repos/{owner}/{repo}/pulls").Get.Responses.Value("200").Value.Content["application/json"].Schema.Value
	orNull(pulls.Items.Value.Properties["head"].Value, "repo")
	// Runs are searched by a range of dates, as GitHub says in words.
	runs.Parameters.GetByInAndName(openapi3.ParameterInQuery, "created").Schema.Value.Format = ""
}

// orNull lets a property of an object be null.
func orNull(object *openapi3.Schema, name string) {
	s := openapi3.NewSchema()
	s.Nullable, s.AllOf = true, openapi3.SchemaRefs{object.Properties[name]}
	object.Properties[name] = s.NewRef()
}
