package hub

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// whole says whether a list of collaborators has everybody.
func (p *peopleAnswer) whole() bool { return p.TotalCount <= len(p.Edges) }

// of is the permission of a login in the list; "" when it is not there.
func (p *peopleAnswer) of(login string) string {
	for _, e := range p.Edges {
		if e != nil && e.Node != nil && strings.EqualFold(e.Node.Login, login) {
			return strings.ToLower(e.Permission)
		}
	}
	return ""
}

// outsider is the permission of somebody who is not a collaborator: everybody
// may read a public repository.
func outsider(private bool) string {
	if private {
		return "none"
	}
	return "read"
}

// people is what the answer says about everyone whose word may count.
func (r *reading) people(pull checks.Pull) map[string]checks.Person {
	out := map[string]checks.Person{}
	for i, l := range r.logins {
		p := r.answer.People[fmt.Sprintf("u%d", i)]
		if p == nil {
			continue
		}
		out[l] = checks.Person{Login: l, Permission: p.of(l)}
		if out[l].Permission == "" {
			out[l] = checks.Person{Login: l, Permission: outsider(pull.Repo.Private)}
		}
	}
	all := r.answer.Repository.Collaborators
	if all == nil {
		return out
	}
	for _, e := range all.Edges {
		if e != nil && e.Node != nil {
			out[strings.ToLower(e.Node.Login)] = checks.Person{Login: e.Node.Login, Permission: strings.ToLower(e.Permission)}
		}
	}
	if !all.whole() {
		return out
	}
	// The list has everybody: whoever is not on it has what outsiders have.
	for _, login := range mentioned(pull, r.need) {
		key := strings.ToLower(login)
		if _, known := out[key]; !known && key != "" {
			out[key] = checks.Person{Login: login, Permission: outsider(pull.Repo.Private)}
		}
	}
	return out
}

// mentioned is everyone whom the judging of a pull request may ask about.
func mentioned(pull checks.Pull, need checks.Need) []string {
	out := append([]string{pull.Author.Login}, need.Users...)
	for _, v := range pull.Reviews {
		out = append(out, v.Author.Login)
	}
	for _, c := range pull.Comments {
		out = append(out, c.Author.Login)
	}
	out = append(out, pull.Requested...)
	for _, t := range pull.Teams {
		out = append(out, t.Members...)
	}
	for _, word := range strings.Fields(pull.Owners.Text) {
		if name, ok := strings.CutPrefix(word, "@"); ok && account(name) && !strings.Contains(name, "/") {
			out = append(out, name)
		}
	}
	return out
}

const opPeople = "people"

// askPeople asks for the permissions and teams of q.
func (h *Hub) askPeople(ctx context.Context, c *client, q *slots) (verdictAnswer, error) {
	a := verdictAnswer{teams: answeredTeams{}}
	_, fails, err := h.ask(ctx, c, question{op: opPeople, text: q.into(h.text, h.text.people), vars: q.vars}, &a)
	if err != nil {
		return a, err
	}
	return a, accept(opPeople, fails, func(path []string, f failure) bool {
		switch {
		case index(path[0], 't'):
			return f.Type == notFound || f.Type == forbidden
		case path[0] == "people":
			return f.Type == forbidden
		}
		return false
	})
}

// chunk is how many fields by index are in one request.
const chunk = 100

// completePeople asks for what is wanted about users and teams.
func (h *Hub) completePeople(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, w checks.Wants) error {
	private := pull.Repo.Private
	var users, teams []string
	for _, u := range w.Users {
		u = strings.ToLower(u)
		if !account(u) {
			pull.People[u] = checks.Person{Login: u, Permission: outsider(private)}
			continue
		}
		users = append(users, u)
	}
	for _, t := range w.Teams {
		t = strings.ToLower(t)
		if org, slug, ok := strings.Cut(t, "/"); !ok || org == "" || slug == "" {
			pull.Teams[t] = checks.Team{Name: t}
			continue
		}
		teams = append(teams, t)
	}
	for len(users) > 0 || len(teams) > 0 {
		u, t := users[:min(chunk, len(users))], teams[:min(chunk, len(teams))]
		users, teams = users[len(u):], teams[len(t):]
		if h.recall(pull.Repo.ID).hidden {
			if err := h.permissions(ctx, c, s, pull, u); err != nil {
				return err
			}
			u = nil
		}
		if len(u) == 0 && len(t) == 0 {
			continue
		}
		if err := h.peopleChunk(ctx, c, s, pull, u, t); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hub) peopleChunk(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, users, teams []string) error {
	q := &slots{vars: map[string]any{"owner": s.Owner, "name": s.Repo}}
	for i, u := range users {
		q.person(i, u)
	}
	for i, t := range teams {
		org, slug, _ := strings.Cut(t, "/")
		q.team(i, org, slug, "")
	}
	a, err := h.askPeople(ctx, c, q)
	if err != nil {
		return err
	}
	var unseen []string
	for i, u := range users {
		p := a.People[fmt.Sprintf("u%d", i)]
		if p == nil {
			unseen = append(unseen, u)
			continue
		}
		perm := p.of(u)
		if perm == "" {
			perm = outsider(pull.Repo.Private)
		}
		pull.People[u] = checks.Person{Login: u, Permission: perm}
	}
	found, err := h.teamsOf(ctx, c, s, a.teams, teams)
	if err != nil {
		return err
	}
	for name, t := range found {
		pull.Teams[name] = t
	}
	return h.permissions(ctx, c, s, pull, unseen)
}

// permissions asks REST about each login: it answers Apps that GraphQL does not
// show the list of collaborators to.
func (h *Hub) permissions(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, users []string) error {
	for _, u := range users {
		perm := "none"
		err := h.rest(ctx, c, "permission", func(ctx context.Context, ses *session) error {
			// A policy may call anything a person; in a URL it is one name.
			level, _, err := ses.rest.Repositories.GetPermissionLevel(ctx, s.Owner, s.Repo, url.PathEscape(u))
			if err != nil {
				return err
			}
			perm = level.GetPermission()
			all := level.GetUser().GetPermissions()
			for _, finer := range []struct{ key, word string }{{"admin", "admin"}, {"maintain", "maintain"}, {"push", "write"}, {"triage", "triage"}} {
				if all[finer.key] {
					perm = finer.word
					break
				}
			}
			return nil
		})
		if err != nil && !missing(err) {
			return err
		}
		if !slices.Contains([]string{"none", "read", "triage", "write", "maintain", "admin"}, perm) {
			perm = ""
		}
		pull.People[u] = checks.Person{Login: u, Permission: perm}
	}
	return nil
}
