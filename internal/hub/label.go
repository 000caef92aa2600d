package hub

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const opLabel = "label"

// labelLook is how a label of ours is made where a repository lacks it.
func labelLook(name string) (colour, description string) {
	switch name {
	case checks.LabelMet:
		return "0e8a16", "Everything this repository asks of a pull request is met. Set by handrail."
	case checks.LabelSecurity:
		return "b60205", "Somebody of the security role must look at this before it may be merged. Set by handrail."
	case checks.LabelRelease:
		return "0e8a16", "Everything that this release's policy asks for is there. Set by handrail."
	}
	return "d93f0b", "Set by handrail."
}

// label is a label's node id; "" when the repository has no such label.
func (p *publishing) label(ctx context.Context, name string) (string, error) {
	if id, known := p.h.recall(p.pull.Repo.ID).labels[strings.ToLower(name)]; known {
		return id, nil
	}
	return p.lookup(ctx, name)
}

// lookup asks GitHub for the node ids of the repository and a label.
func (p *publishing) lookup(ctx context.Context, name string) (string, error) {
	var a struct {
		rate
		Repository *struct {
			ID         string       `json:"id"`
			DatabaseID int64        `json:"databaseId"`
			Label      *labelAnswer `json:"label"`
		} `json:"repository"`
	}
	_, fails, err := p.h.ask(ctx, p.c, question{op: opLabel, text: p.h.text.label, vars: map[string]any{
		"owner": p.s.Owner, "name": p.s.Repo, "label": name,
	}}, &a)
	if err != nil {
		return "", err
	}
	if err := accept(opLabel, fails, func([]string, failure) bool { return false }); err != nil {
		return "", err
	}
	if a.Repository == nil || a.Repository.ID == "" || a.Repository.DatabaseID != p.pull.Repo.ID {
		return "", anotherRepository(opLabel)
	}
	id := ""
	if a.Repository.Label != nil {
		id = a.Repository.Label.ID
	}
	p.h.remember(p.pull.Repo.ID, func(r *repoIDs) {
		r.node = a.Repository.ID
		r.labels[strings.ToLower(name)] = id
	})
	return id, nil
}

// wantLabel has a label made along with the runs when it is known to be
// missing, which saves a request.
func (p *publishing) wantLabel(b *batch, name string) {
	if id, known := p.h.recall(p.pull.Repo.ID).labels[strings.ToLower(name)]; !known || id != "" {
		return
	}
	colour, description := labelLook(name)
	b.add(-1, "CreateLabelInput", "createLabel", "label { id name }", map[string]any{
		"repositoryId": p.repo, "name": name, "color": colour, "description": description,
	})
	b.labels[len(b.labels)-1] = name
}

// labelAnswer notes what became of making a label; where it failed the label is
// looked up before it is given.
func (p *publishing) labelAnswer(name string, c *confirmation, why string) {
	p.h.remember(p.pull.Repo.ID, func(r *repoIDs) {
		delete(r.labels, strings.ToLower(name))
		if why == "" && c.Label != nil && c.Label.ID != "" {
			r.labels[strings.ToLower(name)] = c.Label.ID
		}
	})
}

// labelMade is the node id of a label that is there afterwards. REST makes it
// where GraphQL would not.
func (p *publishing) labelMade(ctx context.Context, name string) (string, error) {
	id, err := p.label(ctx, name)
	if err != nil || id != "" {
		return id, err
	}
	colour, description := labelLook(name)
	err = p.h.call(ctx, request{c: p.c, op: Operation{REST, opLabel}, points: 5, do: func(ctx context.Context, s *session) (int, error) {
		l, _, err := s.rest.Issues.CreateLabel(ctx, p.s.Owner, p.s.Repo, &github.Label{Name: &name, Color: &colour, Description: &description})
		id = l.GetNodeID()
		return 0, err
	}})
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusUnprocessableEntity || err == nil && id == "" {
		id, err = p.lookup(ctx, name) // somebody was faster
	}
	if err == nil && id == "" {
		err = &Error{Op: opLabel, What: "the label " + harmless(name) + " cannot be made"}
	}
	if err != nil {
		return "", err
	}
	p.h.remember(p.pull.Repo.ID, func(r *repoIDs) { r.labels[strings.ToLower(name)] = id })
	return id, nil
}
