package hub

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// Complete fetches what is wanted and fills it into pull. Everything asked for
// gets an entry, also when the answer is that there is no such thing: a team
// that was not found, a mode "?", a change that is not whole, a text that is not
// there. pull's maps and slices are replaced, never changed, since others may
// share them.
func (h *Hub) Complete(ctx context.Context, s checks.Subject, pull *checks.Pull, w checks.Wants) error {
	c, err := h.client(s.Installation)
	if err != nil {
		return err
	}
	pull.People, pull.Teams = copied(pull.People), copied(pull.Teams)
	pull.Memory.Changes = copied(pull.Memory.Changes)
	if w.Files {
		if err := h.files(ctx, c, s, pull); err != nil {
			return err
		}
	}
	if err := h.completePeople(ctx, c, s, pull, w); err != nil {
		return err
	}
	for _, commit := range w.Changes {
		change, err := h.change(ctx, c, s, pull, commit)
		if err != nil {
			return err
		}
		pull.Memory.Changes[commit] = change
	}
	if err := h.baseTexts(ctx, c, s, pull, w.Texts); err != nil {
		return err
	}
	if err := h.completeCommits(ctx, c, s, pull, w); err != nil {
		return err
	}
	if err := h.references(ctx, c, s, pull, w.References); err != nil {
		return err
	}
	return h.completeModes(ctx, c, s, pull, w.Modes)
}

func copied[K comparable, V any](m map[K]V) map[K]V {
	out := make(map[K]V, len(m))
	maps.Copy(out, m)
	return out
}

// Modes that git does not have; see [checks.File].
const (
	modeGone    = "gone"
	modeUnknown = "?"
)

// place is one path at one commit.
type place struct{ commit, path string }

// completeModes asks for git modes, a hundred paths to a request.
func (h *Hub) completeModes(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, want map[string][]string) error {
	var places []place
	for _, commit := range slices.Sorted(maps.Keys(want)) {
		for _, p := range want[commit] {
			places = append(places, place{commit, p})
		}
	}
	modes := map[place]string{}
	for part := range slices.Chunk(places, chunk) {
		if err := h.modes(ctx, c, s, part, modes); err != nil {
			return err
		}
	}
	for commit := range want {
		if commit == pull.Head.SHA {
			pull.Files = withModes(pull.Files, commit, modes)
		}
		if ch, ok := pull.Memory.Changes[commit]; ok {
			ch.Files = withModes(ch.Files, commit, modes)
			pull.Memory.Changes[commit] = ch
		}
	}
	return nil
}

func withModes(files []checks.File, commit string, modes map[place]string) []checks.File {
	out := slices.Clone(files)
	for i, f := range out {
		m, asked := modes[place{commit, f.Path}]
		switch {
		case !asked:
		case f.Status == "removed":
			out[i].Mode = modeGone
		default:
			out[i].Mode = m
		}
	}
	return out
}

const opModes = "modes"

// modes asks for the modes of some places; one that GitHub does not show is "?".
func (h *Hub) modes(ctx context.Context, c *client, s checks.Subject, places []place, into map[place]string) error {
	var vars, fields strings.Builder
	values := map[string]any{"owner": s.Owner, "name": s.Repo}
	commits := []string{}
	for i, p := range places {
		into[p] = modeUnknown
		if !isCommit(p.commit) {
			continue
		}
		n := slices.Index(commits, p.commit)
		if n < 0 {
			n = len(commits)
			if n > 0 {
				fields.WriteString(" } }")
			}
			commits = append(commits, p.commit)
			fmt.Fprintf(&vars, " $c%d: GitObjectID!", n)
			fmt.Fprintf(&fields, " c%d: object(oid: $c%d) { ... on Commit {", n, n)
			values[fmt.Sprintf("c%d", n)] = p.commit
		}
		fmt.Fprintf(&vars, " $p%d: String!", i)
		fmt.Fprintf(&fields, " f%d: file(path: $p%d) { mode }", i, i)
		values[fmt.Sprintf("p%d", i)] = p.path
	}
	if len(commits) == 0 {
		return nil
	}
	text := h.text.complete("query Modes($owner: String!, $name: String!" + vars.String() + ") { rateLimit { ...Rate } repository(owner: $owner, name: $name) {" +
		fields.String() + " } } } }")
	var a struct {
		rate
		Repository map[string]map[string]*struct {
			Mode int `json:"mode"`
		} `json:"repository"`
	}
	_, fails, err := h.ask(ctx, c, question{op: opModes, text: text, vars: values}, &a)
	if err != nil {
		return err
	}
	err = accept(opModes, fails, func(path []string, f failure) bool {
		return f.Type == notFound && len(path) > 1 && path[0] == "repository"
	})
	if err != nil {
		return err
	}
	if a.Repository == nil {
		return &Error{Op: opModes, Status: http.StatusOK, What: "GitHub gave no repository"}
	}
	for i, p := range places {
		at := a.Repository[fmt.Sprintf("c%d", slices.Index(commits, p.commit))]
		if m := at[fmt.Sprintf("f%d", i)]; m != nil {
			into[p] = fmt.Sprintf("%06o", m.Mode)
		}
	}
	return nil
}
