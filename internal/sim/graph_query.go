package sim

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var errWrongType = errors.New("sim: a resolver met a value of another type")

// resolvers is the whole of GraphQL that the stand-in knows.
func (gh *GitHub) resolvers() resolvers {
	all := resolvers{
		"Query": queryFields(), "Mutation": mutationFields(), "Repository": repoFields(), "PullRequest": pullFields(),
		"Organization": orgFields(), "Team": teamFields(), "Label": labelFields(), "PullRequestReview": reviewFields(),
		"IssueComment": commentFields(), "CheckRun": runFields(), "CheckSuite": suiteFields(), "StatusContext": statusFields(),
		"App": appFields(), "Commit": commitFields(), "Tree": treeFields(), "TreeEntry": entryFields(), "Blob": blobFields(),
		"GitActor": gitActorFields(), "Ref": refFields(), "StatusCheckRollup": rollupFields(),
		"User": accountFields(), "Bot": accountFields(),
		"PullRequestReviewThread": {}, "Issue": plain("number", "title", "state", "repository"),
		"CreateCheckRunPayload": plain("checkRun", "clientMutationId"), "UpdateCheckRunPayload": plain("checkRun", "clientMutationId"),
		"AddLabelsToLabelablePayload": plain("labelable", "clientMutationId"), "RemoveLabelsFromLabelablePayload": plain("labelable", "clientMutationId"),
		"CreateLabelPayload": plain("label", "clientMutationId"), "AddCommentPayload": plain("commentEdge", "subject", "clientMutationId"),
		"PullRequestCommit":      {"commit": get(func(v pullCommit) any { return v.c })},
		"PullRequestChangedFile": fileFields(),
		"RateLimit":              plain("cost", "limit", "nodeCount", "remaining", "resetAt", "used"),
		"PageInfo":               plain("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"),
		"GpgSignature":           plain("isValid", "state", "verifiedAt", "wasSignedByGitHub", "signer", "email", "signature", "payload"),
		"ReviewRequest":          plain("asCodeOwner", "requestedReviewer"),
		"RepositoryRule":         plain("type", "parameters", "repositoryRuleset", "id"),
		"RepositoryRuleset":      plain("databaseId", "name", "enforcement", "target"),
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
		"ReviewRequest", "GitActor", "Commit", "Team", "RepositoryRule", "Ref", "Repository"} {
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
	case *Review:
		r = v.pull.repo
	case *Comment:
		r = v.pull.repo
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

func repoFields() map[string]resolver {
	return map[string]resolver{
		"id":            get(func(r *Repo) any { return r.node() }),
		"databaseId":    get(func(r *Repo) any { return r.ID }),
		"name":          get(func(r *Repo) any { return r.name }),
		"nameWithOwner": get(func(r *Repo) any { return r.fullName() }),
		"owner":         get(func(r *Repo) any { return bool2[any](r.org != nil, r.org, r.owner) }),
		"isPrivate":     get(func(r *Repo) any { return r.private }),
		"isArchived":    get(func(r *Repo) any { return r.archived }),
		"isDisabled":    get(func(*Repo) any { return false }),
		"isFork":        get(func(r *Repo) any { return r.parent != nil }),
		"url":           get(func(r *Repo) any { return r.url() }),
		"defaultBranchRef": get(func(r *Repo) any {
			return refOf{r, r.main}
		}),
		"object": on((*execution).object),
		"ref": on(func(x *execution, r *Repo, a args) (any, error) {
			name := strings.TrimPrefix(a.text("qualifiedName"), "refs/heads/")
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
		"pullRequests":  on((*execution).pullRequests),
		"collaborators": on((*execution).collaborators),
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

func accountFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(u *Account) any { return u.node() }),
		"databaseId": get(func(u *Account) any { return u.ID }),
		// A bot's login has no "[bot]" in GraphQL, as it has in REST.
		"login": get(func(u *Account) any { return strings.TrimSuffix(u.Login, "[bot]") }),
		"name":  get(func(u *Account) any { return text(u.Name) }),
		"url":   get(func(u *Account) any { return u.gh.base + "/" + u.Login }),
	}
}

func orgFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(o *Org) any { return o.node() }),
		"databaseId": get(func(o *Org) any { return o.ID }),
		"login":      on(func(_ *execution, o *Org, _ args) (any, error) { return o.Login, nil }),
		"name":       get(func(o *Org) any { return o.Name }),
		"team": on(func(x *execution, o *Org, a args) (any, error) {
			if err := x.needs("members", "read"); err != nil {
				return nil, err
			}
			if t := o.team(a.text("slug")); t != nil && !t.secret && x.call.token.install.account == o.Account {
				return t, nil
			}
			return nil, nil
		}),
	}
}

func teamFields() map[string]resolver {
	return map[string]resolver{
		"id":           get(func(t *Team) any { return t.node() }),
		"databaseId":   get(func(t *Team) any { return t.ID }),
		"slug":         get(func(t *Team) any { return t.Slug }),
		"name":         get(func(t *Team) any { return t.Name }),
		"combinedSlug": get(func(t *Team) any { return t.org.Login + "/" + t.Slug }),
		"organization": get(func(t *Team) any { return t.org }),
		"members": on(func(x *execution, t *Team, a args) (any, error) {
			if err := x.needs("members", "read"); err != nil {
				return nil, err
			}
			all := t.all()
			if a.text("membership") == "IMMEDIATE" {
				all = byLogin(t.members)
			}
			return connection{kind: "TeamMember", items: items(all), edge: func(any) m { return m{"role": "MEMBER"} }}, nil
		}),
	}
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
		"name":   get(func(v refOf) any { return v.name }),
		"prefix": get(func(refOf) any { return "refs/heads/" }),
		"target": get(func(v refOf) any {
			c := v.r.objects.commits[v.r.branches[v.name]]
			if c == nil {
				return nil
			}
			return commitOf{v.r, c}
		}),
		"rules": get(func(v refOf) any { return connection{kind: "RepositoryRule", items: v.r.rulesOf(v.name)} }),
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
	rules, ok := r.rules[branch]
	if !ok {
		return nil
	}
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
	if rules.Approvals > 0 || rules.CodeOwners || rules.Conversation {
		add("PULL_REQUEST", object{"PullRequestParameters", m{"requiredApprovingReviewCount": rules.Approvals, "dismissStaleReviewsOnPush": false,
			"requireCodeOwnerReview": rules.CodeOwners, "requireLastPushApproval": false, "requiredReviewThreadResolution": rules.Conversation}})
	}
	return out
}

func commitFields() map[string]resolver {
	headline := func(v commitOf) string { s, _, _ := strings.Cut(v.c.message, "\n"); return s }
	return map[string]resolver{
		"id":              get(func(v commitOf) any { return "C_" + v.c.sha }),
		"oid":             get(func(v commitOf) any { return v.c.sha }),
		"abbreviatedOid":  get(func(v commitOf) any { return v.c.sha[:7] }),
		"authoredDate":    get(func(v commitOf) any { return v.c.author.at }),
		"committedDate":   get(func(v commitOf) any { return v.c.committer.at }),
		"message":         get(func(v commitOf) any { return strings.TrimRight(v.c.message, "\n") }),
		"messageHeadline": get(func(v commitOf) any { return headline(v) }),
		"messageBody": get(func(v commitOf) any {
			_, rest, _ := strings.Cut(v.c.message, "\n")
			return strings.TrimSpace(rest)
		}),
		"committedViaWeb":     get(func(v commitOf) any { return v.r.objects.signed[v.c.sha] }),
		"authoredByCommitter": get(func(v commitOf) any { return v.c.author.email == v.c.committer.email }),
		"author":              get(func(v commitOf) any { return signature2{v.r.gh, v.c.author} }),
		"committer":           get(func(v commitOf) any { return signature2{v.r.gh, v.c.committer} }),
		"authors": get(func(v commitOf) any {
			return connection{kind: "GitActor", items: items(v.r.authors(v.c))}
		}),
		"parents": get(func(v commitOf) any {
			var all []any
			for _, p := range v.c.parents {
				if c := v.r.objects.commits[p]; c != nil {
					all = append(all, commitOf{v.r, c})
				}
			}
			return connection{kind: "Commit", items: all}
		}),
		"tree": get(func(v commitOf) any { return treeOf{v.r, v.c.tree} }),
		"file": on(func(_ *execution, v commitOf, a args) (any, error) {
			e, ok := v.r.objects.at(v.c.tree, a.text("path"))
			if !ok {
				return nil, nil
			}
			return entryOf{v.r, a.text("path"), e}, nil
		}),
		"signature": get(func(v commitOf) any {
			if !v.r.objects.signed[v.c.sha] {
				return nil
			}
			return object{"GpgSignature", m{"isValid": true, "state": "VALID", "verifiedAt": v.c.committer.at, "wasSignedByGitHub": true,
				"signer": v.r.gh.accounts["web-flow"], "email": "noreply@github.com", "signature": "simulated", "payload": v.c.sha}}
		}),
		"statusCheckRollup": get(func(v commitOf) any { return rollupOf(v.r, v.c.sha) }),
		"associatedPullRequests": get(func(v commitOf) any {
			return connection{kind: "PullRequest", items: items(v.r.associated(v.c.sha))}
		}),
		"checkSuites": on(func(_ *execution, v commitOf, a args) (any, error) {
			var all []*suite
			for _, s := range v.r.on(v.c.sha).suites {
				if f := a.object("filterBy"); f.int("appId") == 0 || int64(f.int("appId")) == s.app.ID {
					all = append(all, s)
				}
			}
			return connection{kind: "CheckSuite", items: items(all)}, nil
		}),
		"repository": get(func(v commitOf) any { return v.r }),
	}
}

// associated are the pull requests a commit belongs to: open ones that have it,
// merged ones that brought it.
func (r *Repo) associated(sha string) []*Pull {
	var all []*Pull
	for n := 1; n <= r.number; n++ {
		p := r.pulls[n]
		if p != nil && (p.head == sha || slices.ContainsFunc(p.comparison().commits, func(c *commit) bool { return c.sha == sha })) {
			all = append(all, p)
		}
	}
	return all
}

// authors are the author and those of Co-authored-by trailers.
func (r *Repo) authors(c *commit) []signature2 {
	all := []signature2{{r.gh, c.author}}
	for line := range strings.Lines(c.message) {
		const key = "co-authored-by:"
		if len(line) < len(key) || !strings.EqualFold(line[:len(key)], key) {
			continue
		}
		name, rest, ok := strings.Cut(strings.TrimSpace(line[len(key):]), " <")
		if !ok {
			continue
		}
		all = append(all, signature2{r.gh, signature{name, strings.TrimSuffix(rest, ">"), c.author.at}})
	}
	return all
}

func gitActorFields() map[string]resolver {
	return map[string]resolver{
		"name":  get(func(v signature2) any { return v.s.name }),
		"email": get(func(v signature2) any { return v.s.email }),
		"date":  get(func(v signature2) any { return v.s.at.Format(time.RFC3339) }),
		// Only people are users here; GitHub has no user for a bot's address.
		"user": get(func(v signature2) any {
			if a := v.gh.byMail(v.s.email); a != nil && a.Kind == "User" {
				return a
			}
			return nil
		}),
	}
}

func entryFields() map[string]resolver {
	return map[string]resolver{
		"mode": get(func(v entryOf) any { return modeNumber(v.e.mode) }),
		"name": get(func(v entryOf) any { return v.e.name }),
		"oid":  get(func(v entryOf) any { return v.e.sha }),
		"path": get(func(v entryOf) any { return v.path }),
		"type": get(func(v entryOf) any {
			return bool2(v.e.mode == modeTree, "tree", bool2(v.e.mode == modeSubmodule, "commit", "blob"))
		}),
		"object": get(func(v entryOf) any {
			switch v.e.mode {
			case modeTree:
				return treeOf{v.r, v.e.sha}
			case modeSubmodule:
				return nil
			}
			return blobOf{v.r, v.e.sha}
		}),
	}
}

// modeNumber is a mode as GraphQL has it: the number that git writes in octal.
func modeNumber(mode string) int {
	n := 0
	for _, d := range mode {
		n = n*8 + int(d-'0')
	}
	return n
}

func treeFields() map[string]resolver {
	return map[string]resolver{
		"id":  get(func(v treeOf) any { return "T_" + v.sha }),
		"oid": get(func(v treeOf) any { return v.sha }),
		"entries": get(func(v treeOf) any {
			all := []any{}
			for _, e := range v.r.objects.trees[v.sha] {
				all = append(all, entryOf{v.r, e.name, e})
			}
			return all
		}),
	}
}

func blobFields() map[string]resolver {
	body := func(v blobOf) []byte { return v.r.objects.blobs[v.sha] }
	// GitHub cuts text over 512,000 bytes.
	const most = 512000
	return map[string]resolver{
		"id":          get(func(v blobOf) any { return "B_" + v.sha }),
		"oid":         get(func(v blobOf) any { return v.sha }),
		"byteSize":    get(func(v blobOf) any { return len(body(v)) }),
		"isBinary":    get(func(v blobOf) any { return isBinary(body(v)) }),
		"isTruncated": get(func(v blobOf) any { return len(body(v)) > most }),
		"text": get(func(v blobOf) any {
			b := body(v)
			if isBinary(b) || !utf8.Valid(b) {
				return nil
			}
			return string(bytes.ToValidUTF8(b[:min(len(b), most)], nil))
		}),
	}
}

func appFields() map[string]resolver {
	return map[string]resolver{
		"id":         get(func(a *App) any { return a.node() }),
		"databaseId": get(func(a *App) any { return a.ID }),
		"slug":       get(func(a *App) any { return a.Slug }),
		"name":       get(func(a *App) any { return a.Slug }),
	}
}

func suiteFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(s *suite) any { return s.node() }),
		"databaseId":  get(func(s *suite) any { return s.id }),
		"app":         get(func(s *suite) any { return s.app }),
		"status":      get(func(s *suite) any { st, _ := s.verdict(); return strings.ToUpper(st) }),
		"conclusion":  get(func(s *suite) any { _, c := s.verdict(); return text(strings.ToUpper(c)) }),
		"commit":      get(func(s *suite) any { return commitOf{s.repo, s.repo.objects.commits[s.sha]} }),
		"createdAt":   get(func(s *suite) any { return s.created }),
		"workflowRun": get(func(*suite) any { return nil }),
		"checkRuns": on(func(_ *execution, s *suite, a args) (any, error) {
			name := a.object("filterBy").text("checkName")
			all := s.runs()
			if a.object("filterBy").text("checkType") == "ALL" {
				all = slices.DeleteFunc(slices.Clone(s.repo.on(s.sha).runs), func(run *CheckRun) bool { return run.suite != s })
			}
			all = slices.DeleteFunc(slices.Clone(all), func(run *CheckRun) bool { return name != "" && run.name != name })
			return connection{kind: "CheckRun", items: items(all)}, nil
		}),
	}
}

func runFields() map[string]resolver {
	link := func(run *CheckRun) string { return run.repo.url() + "/runs/" + itoa(int(run.ID)) }
	return map[string]resolver{
		"id":          get(func(run *CheckRun) any { return run.node() }),
		"databaseId":  get(func(run *CheckRun) any { return run.ID }),
		"externalId":  get(func(run *CheckRun) any { return text(run.externalID) }),
		"name":        get(func(run *CheckRun) any { return run.name }),
		"status":      get(func(run *CheckRun) any { return strings.ToUpper(run.status) }),
		"conclusion":  get(func(run *CheckRun) any { return text(strings.ToUpper(run.conclusion)) }),
		"startedAt":   get(func(run *CheckRun) any { return run.started }),
		"completedAt": get(func(run *CheckRun) any { return run.completed }),
		"permalink":   get(func(run *CheckRun) any { return link(run) }),
		"url":         get(func(run *CheckRun) any { return link(run) }),
		"detailsUrl":  get(func(run *CheckRun) any { return cmp.Or(run.details, link(run)) }),
		"title":       get(func(run *CheckRun) any { return text(run.output.title) }),
		"summary":     get(func(run *CheckRun) any { return text(run.output.summary) }),
		"text":        get(func(run *CheckRun) any { return text(run.output.text) }),
		"checkSuite":  get(func(run *CheckRun) any { return run.suite }),
		"repository":  get(func(run *CheckRun) any { return run.repo }),
		"isRequired": on(func(_ *execution, run *CheckRun, a args) (any, error) {
			return run.repo.requires(a.int("pullRequestNumber"), run.name, run.app.ID), nil
		}),
	}
}

func (r *Repo) requires(number int, name string, app int64) bool {
	p := r.pulls[number]
	return p != nil && slices.ContainsFunc(r.rules[p.base].Checks, func(c RequiredCheck) bool {
		return c.Name == name && (c.App == 0 || c.App == app)
	})
}

func statusFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(s *status) any { return nodeID("SC", s.id) }),
		"context":     get(func(s *status) any { return s.context }),
		"state":       get(func(s *status) any { return strings.ToUpper(s.state) }),
		"description": get(func(s *status) any { return text(s.description) }),
		"targetUrl":   get(func(s *status) any { return text(s.url) }),
		"createdAt":   get(func(s *status) any { return s.created }),
		"creator":     get(func(s *status) any { return actor(s.creator) }),
		"isRequired": on(func(_ *execution, s *status, a args) (any, error) {
			return s.repo.requires(a.int("pullRequestNumber"), s.context, 0), nil
		}),
	}
}

func rollupOf(r *Repo, sha string) any {
	if on := r.on(sha); len(on.runs)+len(on.statuses) == 0 {
		return nil
	}
	return rollup{r, sha}
}

func rollupFields() map[string]resolver {
	return map[string]resolver{
		"id":    get(func(v rollup) any { return "SCR_" + v.sha }),
		"state": get(func(v rollup) any { return v.state() }),
		"commit": get(func(v rollup) any {
			return commitOf{v.r, v.r.objects.commits[v.sha]}
		}),
		"contexts": get(func(v rollup) any {
			on := v.r.on(v.sha)
			return connection{kind: "StatusCheckRollupContext", items: append(items(on.newest()), items(on.newestStatus())...)}
		}),
	}
}

func (v rollup) state() string {
	on := v.r.on(v.sha)
	state := "SUCCESS"
	for _, run := range on.newest() {
		switch {
		case run.status != "completed":
			state = "PENDING"
		case !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion):
			return "FAILURE"
		}
	}
	for _, s := range on.newestStatus() {
		switch s.state {
		case "failure", "error":
			return "FAILURE"
		case "pending":
			state = "PENDING"
		}
	}
	return state
}

func fileFields() map[string]resolver {
	return map[string]resolver{
		"path":      get(func(v changedFile) any { return v.f.path }),
		"additions": get(func(v changedFile) any { return v.f.adds }),
		"deletions": get(func(v changedFile) any { return v.f.dels }),
		"changeType": get(func(v changedFile) any {
			return bool2(v.f.status == "removed", "DELETED", strings.ToUpper(v.f.status))
		}),
		"viewerViewedState": get(func(changedFile) any { return "UNVIEWED" }),
	}
}
