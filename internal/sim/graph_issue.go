package sim

import (
	"slices"
	"strings"
)

func issueFields() map[string]resolver {
	return map[string]resolver{
		"id":                get(func(i *Issue) any { return i.node() }),
		"databaseId":        get(func(i *Issue) any { return i.ID }),
		"number":            get(func(i *Issue) any { return i.Number }),
		"title":             get(func(i *Issue) any { return i.title }),
		"body":              get(func(i *Issue) any { return i.body }),
		"state":             get(func(i *Issue) any { return strings.ToUpper(i.state()) }),
		"stateReason":       get(func(i *Issue) any { return text(strings.ToUpper(i.reason)) }),
		"closed":            get(func(i *Issue) any { return !i.open }),
		"closedAt":          get(func(i *Issue) any { return i.closed }),
		"createdAt":         get(func(i *Issue) any { return i.created }),
		"updatedAt":         get(func(i *Issue) any { return i.updated }),
		"lastEditedAt":      get(func(i *Issue) any { return i.edited }),
		"url":               get(func(i *Issue) any { return i.repo.url() + "/issues/" + itoa(i.Number) }),
		"repository":        get(func(i *Issue) any { return i.repo }),
		"author":            get(func(i *Issue) any { return actor(i.author) }),
		"editor":            get(func(i *Issue) any { return actor(i.editor) }),
		"authorAssociation": get(func(i *Issue) any { return i.repo.association(i.author) }),
		"viewerDidAuthor":   on(func(x *execution, i *Issue, _ args) (any, error) { return i.author == x.call.bot(), nil }),
		"labels":            get(func(i *Issue) any { return connection{kind: "Label", items: items(i.labels)} }),
		"comments":          get(func(i *Issue) any { return connection{kind: "IssueComment", items: items(i.comments)} }),
	}
}

// issueOrPull is what a number of a repository is.
func (x *execution) issueOrPull(r *Repo, a args) (any, error) {
	n := a.int("number")
	if p := r.pulls[n]; p != nil {
		return p, x.needs("pull_requests", "read")
	}
	if i := r.issues[n]; i != nil {
		return i, x.needs("issues", "read")
	}
	return nil, notFound("Could not resolve to an issue or pull request with the number of %d.", n)
}

func (x *execution) issue(r *Repo, a args) (any, error) {
	if err := x.needs("issues", "read"); err != nil {
		return nil, err
	}
	if i := r.issues[a.int("number")]; i != nil {
		return i, nil
	}
	return nil, notFound("Could not resolve to an Issue with the number of %d.", a.int("number"))
}

// issues are a repository's, without its pull requests.
func (x *execution) issues(r *Repo, a args) (any, error) {
	if err := x.needs("issues", "read"); err != nil {
		return nil, err
	}
	by, order := a.object("filterBy").text("createdBy"), a.object("orderBy")
	all := slices.DeleteFunc(r.issueList(), func(i *Issue) bool {
		return len(a.texts("states")) > 0 && !slices.Contains(a.texts("states"), strings.ToUpper(i.state())) ||
			by != "" && !named(i.author, by) && !named(i.author, by+"[bot]") ||
			len(a.texts("labels")) > 0 && !slices.ContainsFunc(a.texts("labels"), func(name string) bool { return labelled(i.labels, []string{name}) })
	})
	if order.text("field") == "UPDATED_AT" {
		slices.SortStableFunc(all, func(i, j *Issue) int { return i.updated.Compare(j.updated) })
	}
	if order.text("direction") == "DESC" {
		slices.Reverse(all)
	}
	return connection{kind: "Issue", items: items(all)}, nil
}

// issueByID is an issue that the token may write.
func (x *execution) issueByID(id string) (*Issue, error) {
	i, _ := x.gh.nodes[id].(*Issue)
	if i == nil || !x.call.token.sees(i.repo) {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", id)
	}
	if i.repo.archived {
		return nil, graphError{"FORBIDDEN", "Repository was archived so is read-only."}
	}
	return i, nil
}

func createIssue(x *execution, in args) (m, error) {
	r, err := x.repoByID(in.text("repositoryId"))
	if err != nil {
		return nil, err
	}
	if r.noIssues {
		return nil, unprocessable(errNoIssues)
	}
	if err := checkIssue(in.text("title"), in.text("body")); err != nil {
		return nil, unprocessable(err)
	}
	labels, err := x.labelsOf(r, in)
	if err != nil {
		return nil, err
	}
	return m{"issue": r.openIssue(x.call.bot(), in.text("title"), in.text("body"), labels)}, nil
}

func updateIssue(x *execution, in args) (m, error) {
	i, err := x.issueByID(in.text("id"))
	if err != nil {
		return nil, err
	}
	var c issueChange
	for name, to := range map[string]**string{"title": &c.title, "body": &c.body} {
		if in.has(name) {
			*to = ref(in.text(name))
		}
	}
	if in.has("state") {
		c.open = ref(in.text("state") == "OPEN")
	}
	if in.has("labelIds") {
		labels, err := x.labelsOf(i.repo, in)
		if err != nil {
			return nil, err
		}
		c.labels = &labels
	}
	if err := i.change(x.call.bot(), c); err != nil {
		return nil, unprocessable(err)
	}
	return m{"issue": i, "actor": x.call.bot()}, nil
}

// setIssue is closeIssue and reopenIssue.
func setIssue(open bool) func(*execution, args) (m, error) {
	return func(x *execution, in args) (m, error) {
		i, err := x.issueByID(in.text("issueId"))
		if err != nil {
			return nil, err
		}
		i.set(x.call.bot(), open, strings.ToLower(in.text("stateReason")))
		return m{"issue": i}, nil
	}
}

func updateComment(x *execution, in args) (m, error) {
	c, _ := x.gh.nodes[in.text("id")].(*Comment)
	if c == nil || !x.call.token.sees(c.on.home()) {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", in.text("id"))
	}
	if err := x.mayTalk(c.on); err != nil {
		return nil, err
	}
	if err := checkIssue("x", in.text("body")); err != nil || in.text("body") == "" {
		return nil, unprocessable(githubSays("Body cannot be blank, or longer than 65536 characters"))
	}
	c.edit(x.call.bot(), in.text("body"))
	return m{"issueComment": c}, nil
}

// mayTalk refuses who may not write there.
func (x *execution) mayTalk(on conversation) error {
	if on.home().archived {
		return graphError{"FORBIDDEN", "Repository was archived so is read-only."}
	}
	return x.needs(on.home().talkPermission(on.num()), "write")
}
