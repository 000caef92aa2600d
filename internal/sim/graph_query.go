package sim

import (
	"errors"
	"strings"
)

var errWrongType = errors.New("sim: a resolver met a value of another type")

// resolvers is the whole of GraphQL that the stand-in knows.
func (gh *GitHub) resolvers() resolvers {
	all := resolvers{
		"Query": queryFields(), "Mutation": mutationFields(), "Repository": repoFields(), "PullRequest": pullFields(),
		"Organization": orgFields(), "Team": teamFields(), "Label": labelFields(), "PullRequestReview": reviewFields(),
		"IssueComment": commentFields(), "CheckRun": runFields(), "CheckSuite": suiteFields(), "WorkflowRun": workflowRunFields(), "StatusContext": statusFields(),
		"App": appFields(), "Commit": commitFields(), "Tree": treeFields(), "TreeEntry": entryFields(), "Blob": blobFields(),
		"GitActor": gitActorFields(), "Ref": refFields(), "StatusCheckRollup": rollupFields(),
		"User": accountFields(), "Bot": accountFields(),
		"PullRequestReviewThread": threadFields(), "PullRequestReviewComment": reviewCommentFields(), "Issue": issueFields(),
		"ResolveReviewThreadPayload": plain("thread", "clientMutationId"), "UnresolveReviewThreadPayload": plain("thread", "clientMutationId"),
		"CreateCheckRunPayload": plain("checkRun", "clientMutationId"), "UpdateCheckRunPayload": plain("checkRun", "clientMutationId"),
		"AddLabelsToLabelablePayload": plain("labelable", "clientMutationId"), "RemoveLabelsFromLabelablePayload": plain("labelable", "clientMutationId"),
		"CreateIssuePayload": plain("issue", "clientMutationId"), "UpdateIssuePayload": plain("issue", "actor", "clientMutationId"),
		"CloseIssuePayload": plain("issue", "clientMutationId"), "ReopenIssuePayload": plain("issue", "clientMutationId"),
		"UpdateIssueCommentPayload": plain("issueComment", "clientMutationId"),
		"CreateLabelPayload":        plain("label", "clientMutationId"), "AddCommentPayload": plain("commentEdge", "subject", "clientMutationId"),
		"MergeQueue": queueFields(), "MergeQueueEntry": queueEntryFields(),
		"MergeQueueParameters": plain("checkResponseTimeoutMinutes", "groupingStrategy", "maxEntriesToBuild", "maxEntriesToMerge", "mergeMethod",
			"minEntriesToMerge", "minEntriesToMergeWaitMinutes"),
		"EnqueuePullRequestPayload": plain("mergeQueueEntry", "clientMutationId"), "DequeuePullRequestPayload": plain("mergeQueueEntry", "clientMutationId"),
		"PullRequestCommit":      {"commit": get(func(v pullCommit) any { return v.c })},
		"PullRequestChangedFile": fileFields(),
		"RateLimit":              plain("cost", "limit", "nodeCount", "remaining", "resetAt", "used"),
		"PageInfo":               plain("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"),
		"Tag":                    tagFields(), "Deployment": deploymentFields(), "DeploymentStatus": deployStatusFields(), "Release": releaseFields(), "ReleaseAsset": assetFields(),
		"GpgSignature":      plain("isValid", "state", "verifiedAt", "wasSignedByGitHub", "signer", "email", "signature", "payload"),
		"ReviewRequest":     plain("asCodeOwner", "requestedReviewer"),
		"RepositoryRule":    plain("type", "parameters", "repositoryRuleset", "id"),
		"RepositoryRuleset": plain("databaseId", "name", "enforcement", "target"),
		"Workflow":          plain("id", "databaseId", "name", "state"),
		"StatusCheckConfiguration": plain("context",
			"integrationId"),
		"RequiredStatusChecksParameters": plain("requiredStatusChecks", "strictRequiredStatusChecksPolicy"),
		"PullRequestParameters": plain("requiredApprovingReviewCount", "dismissStaleReviewsOnPush", "requireCodeOwnerReview",
			"requireLastPushApproval", "requiredReviewThreadResolution"),
		"RefUpdateRule": plain("requiredStatusCheckContexts", "requiredApprovingReviewCount", "requiresCodeOwnerReviews",
			"requiresConversationResolution", "requiresSignatures", "requiresLinearHistory", "allowsDeletions", "allowsForcePushes"),
	}
	for _, edge := range []string{"Label", "PullRequestChangedFile", "PullRequestCommit", "PullRequestReview", "IssueComment", "PullRequest",
		"TeamMember", "RepositoryCollaborator", "StatusCheckRollupContext", "PullRequestTimelineItems", "CheckRun", "CheckSuite",
		"ReviewRequest", "GitActor", "Commit", "Team", "RepositoryRule", "Ref", "Repository", "Issue", "PullRequestReviewThread", "PullRequestReviewComment", "MergeQueueEntry",
		"Release", "ReleaseAsset", "Deployment", "DeploymentStatus"} {
		all[edge+"Edge"] = plain("cursor", "node", "permission", "role")
	}
	for kind, fields := range timelineFields() {
		all[kind] = fields
	}
	return all
}

func queryFields() map[string]resolver {
	return map[string]resolver{
		"rateLimit": func(x *execution, _ any, _ args) (any, error) {
			b := x.gh.budget(x.call.req.Installation, "graphql")
			return object{"RateLimit", m{"cost": x.call.req.Cost, "limit": b.limit, "nodeCount": x.nodes,
				"remaining": b.remaining(), "resetAt": b.reset, "used": b.used}}, nil
		},
		"viewer": func(x *execution, _ any, _ args) (any, error) { return x.call.bot(), nil },
		"repository": func(x *execution, _ any, a args) (any, error) {
			name := a.text("owner") + "/" + a.text("name")
			r := x.gh.repos[strings.ToLower(name)]
			if r == nil {
				r = x.gh.moved[strings.ToLower(name)] // GitHub follows renames
			}
			if !x.call.token.sees(r) {
				return nil, notFound("Could not resolve to a Repository with the name '%s'.", name)
			}
			return r, nil
		},
		"organization": func(x *execution, _ any, a args) (any, error) {
			o := x.gh.orgs[strings.ToLower(a.text("login"))]
			if o == nil {
				return nil, notFound("Could not resolve to an Organization with the login of '%s'.", a.text("login"))
			}
			return o, nil
		},
		"user": func(x *execution, _ any, a args) (any, error) {
			u := x.gh.accounts[strings.ToLower(a.text("login"))]
			if u == nil || u.Kind != "User" {
				return nil, notFound("Could not resolve to a User with the login of '%s'.", a.text("login"))
			}
			return u, nil
		},
		"node": func(x *execution, _ any, a args) (any, error) { return x.node(a.text("id")) },
		"nodes": func(x *execution, _ any, a args) (any, error) {
			var out []any
			for _, id := range a.texts("ids") {
				v, err := x.node(id)
				if err != nil {
					return nil, err
				}
				out = append(out, v)
			}
			return out, nil
		},
	}
}

// node finds anything by its id that the token may see.
func (x *execution) node(id string) (any, error) {
	v := x.gh.nodes[id]
	var r *Repo
	switch v := v.(type) {
	case *Repo:
		r = v
	case *Pull:
		r = v.repo
	case *label:
		r = v.repo
	case *CheckRun:
		r = v.repo
	case *suite:
		r = v.repo
	case *WorkflowRun:
		r = v.repo
	case *Review:
		r = v.pull.repo
	case *Comment:
		r = v.on.home()
	case *Thread:
		r = v.pull.repo
	case *ReviewComment:
		r = v.thread.pull.repo
	case *Issue:
		r = v.repo
	case *Deployment:
		r = v.repo
	case deployStatusOf:
		r = v.d.repo
	case *Release:
		if r = v.repo; v.draft && !x.call.token.may("contents", "write") {
			r = nil
		}
	case *Account, *Org, *Team:
		return v, nil
	}
	if !x.call.token.sees(r) {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", id)
	}
	return v, nil
}

func (x *execution) needs(permission, level string) error {
	if !x.call.token.may(permission, level) {
		return errForbidden
	}
	return nil
}
