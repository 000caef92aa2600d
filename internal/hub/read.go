package hub

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// aliasLimit is how many logins are asked for along with a read; more are asked
// for when they are wanted. It keeps the query at 3 points.
const aliasLimit = 60

// Read reads a pull request whole, as it is now, and the policy texts that it
// is judged by: the repository's at the base branch's commit, and the
// organisation's floor. logins are people who probably matter; need is what the
// policy asked for last time. In the ordinary case that is one request. Files
// are not read, unless the pull request changes the policy.
//
// The permissions of everybody are there when a repository has up to a hundred
// collaborators; otherwise those of logins, and the rest is to be wanted.
func (h *Hub) Read(ctx context.Context, s checks.Subject, need checks.Need, logins []string) (checks.Pull, []checks.Source, error) {
	var pull checks.Pull
	c, err := h.client(s.Installation)
	if err != nil {
		return pull, nil, err
	}
	r := reading{h: h, c: c, s: s, need: need, ids: h.recall(s.RepoID)}
	for _, l := range append(slices.Clone(logins), need.Users...) {
		r.ask(l)
	}
	if err := r.first(ctx); err != nil {
		return pull, nil, err
	}
	if err := r.rest(ctx); err != nil {
		return pull, nil, err
	}
	r.keep()
	pull, err = r.pull()
	if err != nil {
		return pull, nil, err
	}
	pull.AppID = h.cfg.AppID
	if need.Threads {
		if err := h.threads(ctx, c, &pull, r.answer.Repository.PullRequest.Threads); err != nil {
			return pull, nil, err
		}
	}
	if pull.Teams, err = h.teamsOf(ctx, c, s, r.answer.teams, r.teams); err != nil {
		return pull, nil, err
	}
	sources, err := r.sources(ctx, &pull)
	if err != nil {
		return pull, nil, err
	}
	pull.People = r.people(pull)
	return pull, sources, nil
}

// reading is one read of a pull request.
type reading struct {
	h    *Hub
	c    *client
	s    checks.Subject
	need checks.Need
	ids  repoIDs

	logins []string // asked by index, in lower case
	teams  []string // asked by index, "org/slug"

	at     time.Time
	answer verdictAnswer
	fails  []failure
}

// ask adds a login to those that are asked for by index.
func (r *reading) ask(login string) {
	login = strings.ToLower(login)
	if account(login) && len(r.logins) < aliasLimit && !slices.Contains(r.logins, login) {
		r.logins = append(r.logins, login)
	}
}

// account says whether a login can be a person's: bots and imported authors
// have names with brackets and no permissions of their own, and what a policy
// or CODEOWNERS calls a person must not mean something else in a URL.
func account(login string) bool { return login != "" && !strings.ContainsAny(login, "[] /\\?#%") }

const opVerdict = "verdict"

// first makes the one request, and refuses every answer that is not whole.
func (r *reading) first(ctx context.Context) error {
	q := &slots{vars: map[string]any{
		"owner": r.s.Owner, "name": r.s.Repo, "number": r.s.Number, "label": checks.LabelMet, "security": checks.LabelSecurity,
		"head": fmt.Sprintf("refs/pull/%d/head", r.s.Number), "collaborators": !r.ids.hidden,
	}, threads: r.need.Threads}
	if r.ids.hidden || r.ids.crowded {
		for i, l := range r.logins {
			q.person(i, l)
		}
	} else {
		r.logins = nil // the whole list answers for them
	}
	for _, t := range r.need.Teams {
		if org, slug, ok := strings.Cut(strings.ToLower(t), "/"); ok {
			q.team(len(r.teams), org, slug, "")
			r.teams = append(r.teams, org+"/"+slug)
		}
	}
	if len(r.teams) > 0 {
		r.answer.teams = answeredTeams{}
	}
	var err error
	r.at, r.fails, err = r.h.ask(ctx, r.c, question{op: opVerdict, text: q.into(r.h.text, r.h.text.verdict), vars: q.vars}, &r.answer)
	if err != nil {
		return err
	}
	if err := accept(opVerdict, r.fails, r.tolerate); err != nil {
		return err
	}
	return r.check()
}

// tolerate knows the failures that are answers: a file, a team or a floor that
// is not there, a list of people that is not shown to Apps like ours. All
// others mean that something could not be read.
func (r *reading) tolerate(path []string, f failure) bool {
	at := strings.Join(path, ".")
	switch last := path[len(path)-1]; {
	case at == "floor":
		return f.Type == notFound || f.Type == forbidden
	case path[0] == "floor" && last == "policy", at == "repository.head",
		at == "repository.head.policy", strings.HasPrefix(at, "repository.pullRequest.baseRef.target.") && len(path) == 5:
		return f.Type == notFound
	case index(path[0], 't'):
		return f.Type == notFound || f.Type == forbidden
	case at == "repository.collaborators", path[0] == "people":
		return f.Type == forbidden
	case strings.HasPrefix(at, "repository.pullRequest.closingIssuesReferences."):
		// An issue that is not shown to us can only leave a ticket missing.
		return f.Type == notFound || f.Type == forbidden
	}
	return false
}

const (
	notFound  = "NOT_FOUND"
	forbidden = "FORBIDDEN"
)

// check refuses an answer about something else, or none.
func (r *reading) check() error {
	repo := r.answer.Repository
	switch {
	case repo == nil:
		return r.fault("GitHub gave no repository")
	case r.s.RepoID != 0 && repo.DatabaseID != r.s.RepoID:
		e := r.fault("another repository has this name now")
		e.gone = true
		return e
	case repo.PullRequest == nil || repo.PullRequest.ID == "":
		return r.fault("GitHub gave no pull request")
	case repo.PullRequest.HeadRefOID == "":
		return r.fault("GitHub did not say the head commit")
	}
	p := repo.PullRequest
	if b := p.BaseRef; b != nil && (b.Target == nil || b.Target.OID == "") || b == nil && p.State == "OPEN" {
		return r.fault("GitHub did not say where the base branch is")
	}
	if p.Rollup != nil && p.Rollup.Commit != nil && p.Rollup.Commit.OID != p.HeadRefOID {
		e := r.fault("the checks that GitHub shows are of another commit than the head")
		e.Moved = true
		return e
	}
	return nil
}

func (r *reading) fault(what string) *Error {
	return &Error{Op: opVerdict, Status: http.StatusOK, What: what}
}

// keep remembers what writing will need.
func (r *reading) keep() {
	repo := r.answer.Repository
	r.h.remember(repo.DatabaseID, func(ids *repoIDs) {
		ids.node = repo.ID
		ids.hidden = repo.Collaborators == nil
		ids.crowded = repo.Collaborators != nil && !repo.Collaborators.whole()
		ids.know(checks.LabelMet, repo.Label)
		ids.know(checks.LabelSecurity, repo.Security)
		for _, l := range repo.PullRequest.Labels.Nodes {
			ids.labels[strings.ToLower(l.Name)] = l.ID
		}
	})
}

// know notes what GitHub answered about one label; nil is that there is none.
func (ids *repoIDs) know(name string, l *labelAnswer) {
	ids.labels[strings.ToLower(name)] = ""
	if l != nil {
		ids.labels[strings.ToLower(name)] = l.ID
	}
}
