package sim

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// mutationFields are the mutations; each checks its own permission, since each
// may fail alone.
func mutationFields() map[string]resolver {
	return map[string]resolver{
		"createCheckRun":            mutation("CreateCheckRunPayload", "checks", createCheckRun),
		"updateCheckRun":            mutation("UpdateCheckRunPayload", "checks", updateCheckRun),
		"addLabelsToLabelable":      mutation("AddLabelsToLabelablePayload", "", addLabels),
		"removeLabelsFromLabelable": mutation("RemoveLabelsFromLabelablePayload", "", removeLabels),
		"createLabel":               mutation("CreateLabelPayload", "pull_requests", createLabel),
		"enqueuePullRequest":        mutation("EnqueuePullRequestPayload", "merge_queues", enqueuePull),
		"dequeuePullRequest":        mutation("DequeuePullRequestPayload", "merge_queues", dequeuePull),
		"addComment":                mutation("AddCommentPayload", "", addComment),
		"createIssue":               mutation("CreateIssuePayload", "issues", createIssue),
		"updateIssue":               mutation("UpdateIssuePayload", "issues", updateIssue),
		"closeIssue":                mutation("CloseIssuePayload", "issues", setIssue(false)),
		"reopenIssue":               mutation("ReopenIssuePayload", "issues", setIssue(true)),
		"updateIssueComment":        mutation("UpdateIssueCommentPayload", "", updateComment),
		"resolveReviewThread":       mutation("ResolveReviewThreadPayload", "pull_requests", markThread(true)),
		"unresolveReviewThread":     mutation("UnresolveReviewThreadPayload", "pull_requests", markThread(false)),
	}
}

// mutation is a resolver that needs write and takes its arguments from input.
// kind is the type of what it returns. Without a permission it checks that by itself.
func mutation(kind, permission string, f func(x *execution, in args) (m, error)) resolver {
	return func(x *execution, _ any, a args) (any, error) {
		if permission != "" {
			if err := x.needs(permission, "write"); err != nil {
				return nil, err
			}
		}
		in := a.object("input")
		out, err := f(x, in)
		if err != nil {
			return nil, err
		}
		out["clientMutationId"] = in["clientMutationId"]
		return object{kind, out}, nil
	}
}

func (x *execution) repoByID(id string) (*Repo, error) {
	r, _ := x.gh.nodes[id].(*Repo)
	if !x.call.token.sees(r) {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", id)
	}
	if r.archived {
		return nil, graphError{"FORBIDDEN", "Repository was archived so is read-only."}
	}
	return r, nil
}

// runInput is what createCheckRun and updateCheckRun have in common.
func runInput(in args) (runChange, error) {
	var c runChange
	opt := func(name string, to **string, f func(string) string) {
		if in.has(name) {
			s := f(in.text(name))
			*to = &s
		}
	}
	same := func(s string) string { return s }
	opt("name", &c.name, same)
	opt("status", &c.status, strings.ToLower)
	opt("conclusion", &c.conclusion, strings.ToLower)
	opt("externalId", &c.externalID, same)
	opt("detailsUrl", &c.details, same)
	for name, to := range map[string]**time.Time{"startedAt": &c.started, "completedAt": &c.completed} {
		if in.has(name) {
			t, err := time.Parse(time.RFC3339, in.text(name))
			if err != nil {
				return c, errors.New(name + " is no DateTime")
			}
			*to = &t
		}
	}
	if in.has("output") {
		o := in.object("output")
		c.output = &output{o.text("title"), o.text("summary"), o.text("text")}
		c.annotations = inputList(o, "annotations", annotationInput)
	}
	c.actions = inputList(in, "actions", func(a args) m {
		return m{"label": a["label"], "description": a["description"], "identifier": a["identifier"]}
	})
	return c, nil
}

func inputList(in args, name string, form func(args) m) []m {
	all, there := in[name].([]any)
	if !there {
		return nil
	}
	out := []m{}
	for _, v := range all {
		o, _ := v.(map[string]any)
		out = append(out, form(o))
	}
	return out
}

// annotationInput is an annotation in REST's form, as it is kept.
func annotationInput(a args) m {
	at := a.object("location")
	out := m{"path": a["path"], "annotation_level": strings.ToLower(a.text("annotationLevel")), "message": a["message"],
		"title": a["title"], "raw_details": a["rawDetails"], "start_line": at["startLine"], "end_line": at["endLine"],
		"start_column": at["startColumn"], "end_column": at["endColumn"]}
	return out
}

func createCheckRun(x *execution, in args) (m, error) {
	r, err := x.repoByID(in.text("repositoryId"))
	if err != nil {
		return nil, err
	}
	c, err := runInput(in)
	if err != nil {
		return nil, unprocessable(err)
	}
	run, err := r.createRun(x.call.token.install.app, x.call.bot(), in.text("headSha"), c)
	if err != nil {
		return nil, unprocessable(err)
	}
	return m{"checkRun": run}, nil
}

func updateCheckRun(x *execution, in args) (m, error) {
	r, err := x.repoByID(in.text("repositoryId"))
	if err != nil {
		return nil, err
	}
	run, _ := x.gh.nodes[in.text("checkRunId")].(*CheckRun)
	if run == nil || run.repo != r {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", in.text("checkRunId"))
	}
	if run.app != x.call.token.install.app {
		return nil, errForbidden
	}
	c, err := runInput(in)
	if err != nil {
		return nil, unprocessable(err)
	}
	if err := run.update(x.call.bot(), c); err != nil {
		return nil, unprocessable(err)
	}
	return m{"checkRun": run}, nil
}

// labelable is the issue or pull request and the labels of a label mutation.
func (x *execution) labelable(in args) (conversation, []*label, error) {
	on, _ := x.gh.nodes[in.text("labelableId")].(conversation)
	if on == nil || !x.call.token.sees(on.home()) {
		return nil, nil, notFound("Could not resolve to a node with the global id of '%s'", in.text("labelableId"))
	}
	if err := x.mayTalk(on); err != nil {
		return nil, nil, err
	}
	all, err := x.labelsOf(on.home(), in)
	return on, all, err
}

// labelsOf are the labels of a repository that labelIds names.
func (x *execution) labelsOf(r *Repo, in args) ([]*label, error) {
	var all []*label
	for _, id := range in.texts("labelIds") {
		l, _ := x.gh.nodes[id].(*label)
		if l == nil || l.repo != r || !slices.Contains(r.labels, l) {
			return nil, notFound("Could not resolve to a node with the global id of '%s'", id)
		}
		all = append(all, l)
	}
	return all, nil
}

func addLabels(x *execution, in args) (m, error) {
	p, all, err := x.labelable(in)
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		p.setLabel(x.call.bot(), l)
	}
	return m{"labelable": p}, nil
}

func removeLabels(x *execution, in args) (m, error) {
	p, all, err := x.labelable(in)
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		p.dropLabel(x.call.bot(), l)
	}
	return m{"labelable": p}, nil
}

func createLabel(x *execution, in args) (m, error) {
	r, err := x.repoByID(in.text("repositoryId"))
	if err != nil {
		return nil, err
	}
	if in.text("name") == "" || r.label(in.text("name")) != nil {
		return nil, unprocessable(githubSays("Name has already been taken"))
	}
	return m{"label": r.makeLabel(x.call.bot(), in.text("name"), in.text("color"), in.text("description"))}, nil
}

func addComment(x *execution, in args) (m, error) {
	on, _ := x.gh.nodes[in.text("subjectId")].(conversation)
	if on == nil || !x.call.token.sees(on.home()) {
		return nil, notFound("Could not resolve to a node with the global id of '%s'", in.text("subjectId"))
	}
	if err := x.mayTalk(on); err != nil {
		return nil, err
	}
	if in.text("body") == "" {
		return nil, unprocessable(githubSays("Body cannot be blank"))
	}
	if utf8.RuneCountInString(in.text("body")) > maxBodyText {
		return nil, unprocessable(githubSays("Body is too long (maximum is 65536 characters)"))
	}
	c := comment(on, x.call.bot(), in.text("body"))
	edge := object{"IssueCommentEdge", m{"cursor": cursor(len(*on.said()) - 1), "node": c}}
	return m{"commentEdge": edge, "subject": on}, nil
}
