package hub

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// teamsOf makes the teams of an answer's fields by index, and reads on where a
// team has more than a hundred members.
func (h *Hub) teamsOf(ctx context.Context, c *client, s checks.Subject, answers map[string]*teamAnswer, names []string) (map[string]checks.Team, error) {
	out := map[string]checks.Team{}
	type rest struct{ name, after string }
	var more []rest
	add := func(answers map[string]*teamAnswer, names []string) error {
		more = nil
		for i, name := range names {
			a := answers[fmt.Sprintf("t%d", i)]
			if a == nil || a.Team == nil {
				out[name] = checks.Team{Name: name}
				continue
			}
			if err := a.Team.Members.whole(opPeople, "team members"); err != nil {
				return err
			}
			t := out[name]
			t.Name, t.Found = name, true
			for _, m := range a.Team.Members.Nodes {
				t.Members = append(t.Members, m.Login)
			}
			out[name] = t
			switch p := a.Team.Members.PageInfo; {
			case p.HasNextPage && p.EndCursor != nil:
				more = append(more, rest{name, *p.EndCursor})
			case len(t.Members) < a.Team.Members.TotalCount:
				return &Error{Op: opPeople, Status: http.StatusOK, What: "GitHub listed fewer members of a team than it has"}
			}
		}
		return nil
	}
	if err := add(answers, names); err != nil {
		return nil, err
	}
	for n := 0; len(more) > 0; n++ {
		if n >= pageLimit {
			return nil, &Error{Op: opPeople, What: fmt.Sprintf("a team is longer than %d pages", pageLimit)}
		}
		q := &slots{vars: map[string]any{"owner": s.Owner, "name": s.Repo}}
		names = names[:0:0]
		for i, m := range more {
			org, slug, _ := strings.Cut(m.name, "/")
			q.team(i, org, slug, m.after)
			names = append(names, m.name)
		}
		a, err := h.askPeople(ctx, c, q)
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			if t := a.teams[fmt.Sprintf("t%d", i)]; t == nil || t.Team == nil {
				return nil, &Error{Op: opPeople, What: "team " + harmless(name) + " went away while it was read", Moved: true}
			}
		}
		if err := add(a.teams, names); err != nil {
			return nil, err
		}
	}
	return out, nil
}
