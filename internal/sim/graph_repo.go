package sim

import (
	"slices"
	"strings"
)

func repoFields() map[string]resolver {
	return map[string]resolver{
		"id":               get(func(r *Repo) any { return r.node() }),
		"databaseId":       get(func(r *Repo) any { return r.ID }),
		"name":             get(func(r *Repo) any { return r.name }),
		"nameWithOwner":    get(func(r *Repo) any { return r.fullName() }),
		"owner":            get(func(r *Repo) any { return bool2[any](r.org != nil, r.org, r.owner) }),
		"isPrivate":        get(func(r *Repo) any { return r.private }),
		"isArchived":       get(func(r *Repo) any { return r.archived }),
		"isDisabled":       get(func(*Repo) any { return false }),
		"isFork":           get(func(r *Repo) any { return r.parent != nil }),
		"url":              get(func(r *Repo) any { return r.url() }),
		"defaultBranchRef": get(func(r *Repo) any { return bool2[any](r.branches[r.main] != "", refOf{r, r.main}, nil) }),
		"object":           on((*execution).object),
		"ref": on(func(x *execution, r *Repo, a args) (any, error) {
			name := strings.TrimPrefix(a.text("qualifiedName"), "refs/heads/")
			if name, ok := strings.CutPrefix(name, "refs/tags/"); ok {
				_, there := r.tags[name]
				return bool2[any](there, refOf{r, tagsPrefix + name}, nil), nil
			}
			if r.branches[name] == "" {
				return nil, nil
			}
			return refOf{r, name}, nil
		}),
		"label": on(func(x *execution, r *Repo, a args) (any, error) { return r.label(a.text("name")), nil }),
		"labels": on(func(x *execution, r *Repo, a args) (any, error) {
			return connection{kind: "Label", items: items(r.labels)}, nil
		}),
		"pullRequest": on(func(x *execution, r *Repo, a args) (any, error) {
			if err := x.needs("pull_requests", "read"); err != nil {
				return nil, err
			}
			p := r.pulls[a.int("number")]
			if p == nil {
				return nil, notFound("Could not resolve to a PullRequest with the number of %d.", a.int("number"))
			}
			return p, nil
		}),
		"issueOrPullRequest": on((*execution).issueOrPull),
		"issue":              on((*execution).issue),
		"issues":             on((*execution).issues),
		"hasIssuesEnabled":   get(func(r *Repo) any { return !r.noIssues }),
		"pullRequests":       on((*execution).pullRequests),
		"collaborators":      on((*execution).collaborators),
		"mergeQueue":         on((*execution).mergeQueue),
		"refs":               on((*execution).refs),
		"releases":           on((*execution).releases),
		"release":            on((*execution).release),
		"latestRelease":      on((*execution).latestRelease),
		"deployments":        on(func(x *execution, r *Repo, a args) (any, error) { return x.deploymentsOf(r, "", a) }),
	}
}

// object finds what an expression means: "REF", "SHA" or either with ":path".
func (x *execution) object(r *Repo, a args) (any, error) {
	if err := x.needs("contents", "read"); err != nil {
		return nil, err
	}
	ref, path, ok := strings.Cut(a.text("expression"), ":")
	if oid := a.text("oid"); oid != "" {
		ref, ok = oid, false
		if _, there := r.objects.blobs[oid]; there {
			return blobOf{r, oid}, nil
		}
		if _, there := r.objects.trees[oid]; there {
			return treeOf{r, oid}, nil
		}
	}
	c := r.objects.commits[r.resolve(ref)]
	if c == nil {
		return nil, nil
	}
	if !ok {
		return commitOf{r, c}, nil
	}
	e, found := r.objects.at(c.tree, path)
	switch {
	case !found || e.mode == modeSubmodule:
		return nil, nil
	case e.mode == modeTree:
		return treeOf{r, e.sha}, nil
	}
	return blobOf{r, e.sha}, nil
}

func (x *execution) pullRequests(r *Repo, a args) (any, error) {
	if err := x.needs("pull_requests", "read"); err != nil {
		return nil, err
	}
	states, order := a.texts("states"), a.object("orderBy")
	var all []*Pull
	for n := 1; n <= r.number; n++ {
		p := r.pulls[n]
		if p == nil || (len(states) > 0 && !slices.Contains(states, p.graphState())) ||
			(a.has("headRefName") && p.headRef != a.text("headRefName")) || (a.has("baseRefName") && p.base != a.text("baseRefName")) {
			continue
		}
		all = append(all, p)
	}
	if order.text("field") == "UPDATED_AT" {
		slices.SortStableFunc(all, func(p, q *Pull) int { return p.updated.Compare(q.updated) })
	}
	if order.text("direction") == "DESC" {
		slices.Reverse(all)
	}
	return connection{kind: "PullRequest", items: items(all)}, nil
}

// collaborators is who may do something here: by login, by the beginning of a
// login, or all.
func (x *execution) collaborators(r *Repo, a args) (any, error) {
	var all []*Account
	for _, u := range r.collaborators() {
		login, query := strings.ToLower(a.text("login")), strings.ToLower(a.text("query"))
		if (login == "" || strings.ToLower(u.Login) == login) && strings.Contains(strings.ToLower(u.Login), query) && u.Kind == "User" {
			all = append(all, u)
		}
	}
	return connection{kind: "RepositoryCollaborator", items: items(all), edge: func(v any) m {
		u, _ := v.(*Account)
		return m{"permission": strings.ToUpper(r.permission(u))}
	}}, nil
}

func labelFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(l *label) any { return l.node() }),
		"name":        get(func(l *label) any { return l.name }),
		"color":       get(func(l *label) any { return l.color }),
		"description": get(func(l *label) any { return text(l.description) }),
	}
}

func refFields() map[string]resolver {
	return map[string]resolver{
		"id":     get(func(v refOf) any { return "REF_" + v.name }),
		"name":   get(func(v refOf) any { return strings.TrimPrefix(v.name, tagsPrefix) }),
		"prefix": get(func(v refOf) any { return bool2(strings.HasPrefix(v.name, tagsPrefix), tagsPrefix, "refs/heads/") }),
		"target": get(refOf.target),
		"rules":  get(func(v refOf) any { return connection{kind: "RepositoryRule", items: v.r.rulesOf(v.name)} }),
		"refUpdateRule": get(func(v refOf) any {
			rules, ok := v.r.rules[v.name]
			if !ok {
				return nil
			}
			names := []any{}
			for _, c := range rules.Checks {
				names = append(names, c.Name)
			}
			return object{"RefUpdateRule", m{"requiredStatusCheckContexts": names, "requiredApprovingReviewCount": rules.Approvals,
				"requiresCodeOwnerReviews": rules.CodeOwners, "requiresConversationResolution": rules.Conversation,
				"requiresSignatures": false, "requiresLinearHistory": false, "allowsDeletions": false, "allowsForcePushes": false}}
		}),
	}
}

// rulesOf are a branch's rules in the form of a ruleset.
func (r *Repo) rulesOf(branch string) []any {
	rules := r.rules[branch]
	set := object{"RepositoryRuleset", m{"databaseId": r.ID, "name": "rules of " + branch, "enforcement": "ACTIVE", "target": "BRANCH"}}
	var out []any
	add := func(kind string, parameters object) {
		out = append(out, object{"RepositoryRule", m{"id": "RR_" + kind, "type": kind, "parameters": parameters, "repositoryRuleset": set}})
	}
	if len(rules.Checks) > 0 {
		var all []any
		for _, c := range rules.Checks {
			all = append(all, object{"StatusCheckConfiguration", m{"context": c.Name, "integrationId": bool2[any](c.App != 0, c.App, nil)}})
		}
		add("REQUIRED_STATUS_CHECKS", object{"RequiredStatusChecksParameters", m{"requiredStatusChecks": all, "strictRequiredStatusChecksPolicy": rules.Strict}})
	}
	if q, ok := r.queueRule(branch); ok {
		add("MERGE_QUEUE", q)
	}
	if rules.Approvals > 0 || rules.CodeOwners || rules.Conversation {
		add("PULL_REQUEST", object{"PullRequestParameters", m{"requiredApprovingReviewCount": rules.Approvals, "dismissStaleReviewsOnPush": false,
			"requireCodeOwnerReview": rules.CodeOwners, "requireLastPushApproval": false, "requiredReviewThreadResolution": rules.Conversation}})
	}
	return out
}
