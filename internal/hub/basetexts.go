package hub

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// baseTextLimit is up to how many bytes a file of the base branch is read; it is our
// own, since every snapshot that needs the file keeps its text.
const baseTextLimit = 256 << 10

// modeLink is git's mode of a symbolic link, whose content is no text of its own.
const modeLink = 0o120000

const opTexts = "texts"

// fileAnswer is a file with its mode.
type fileAnswer struct {
	Mode int `json:"mode"`
	textAnswer
}

// baseTexts reads files of the base branch, at the commit that the snapshot
// names, a hundred to a request, but those that are kept. What cannot be read whole
// as text is Cut.
func (h *Hub) baseTexts(ctx context.Context, c *client, s checks.Subject, pull *checks.Pull, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	pull.Texts = copied(pull.Texts)
	commit := pull.Base.SHA
	key := func(path string) shelfKey { return shelfKey{s.RepoID, commit, path} }
	var missing []string
	for _, p := range paths {
		kept, ok := h.shelf.take(key(p))
		switch {
		case !isCommit(commit): // the branch is gone
			pull.Texts[p] = checks.Text{Cut: true}
		case ok:
			pull.Texts[p] = kept
		default:
			missing = append(missing, p)
		}
	}
	for part := range slices.Chunk(missing, chunk) {
		found, err := h.filesAt(ctx, c, s, commit, part)
		if err != nil {
			return err
		}
		for i, p := range part {
			text, err := h.textOf(ctx, c, s, found[fmt.Sprintf("f%d", i)])
			if err != nil {
				return err
			}
			pull.Texts[p] = text
			h.shelf.put(key(p), text)
		}
	}
	return nil
}

// filesAt are files at a commit, by "f" and the index of their path; one that is
// not there has none.
func (h *Hub) filesAt(ctx context.Context, c *client, s checks.Subject, commit string, paths []string) (map[string]*fileAnswer, error) {
	var vars, fields strings.Builder
	values := map[string]any{"owner": s.Owner, "name": s.Repo, "oid": commit}
	for i, p := range paths {
		fmt.Fprintf(&vars, " $p%d: String!", i)
		fmt.Fprintf(&fields, " f%d: file(path: $p%d) { mode ...Text }", i, i)
		values[fmt.Sprintf("p%d", i)] = p
	}
	text := h.text.complete("query Texts($owner: String!, $name: String!, $oid: GitObjectID!" + vars.String() + ") { rateLimit { ...Rate } repository(owner: $owner, name: $name) {" +
		" base: object(oid: $oid) { ... on Commit {" + fields.String() + " } } } }")
	var a struct {
		rate
		Repository *struct {
			Base map[string]*fileAnswer `json:"base"`
		} `json:"repository"`
	}
	_, fails, err := h.ask(ctx, c, question{op: opTexts, text: text, vars: values}, &a)
	if err != nil {
		return nil, err
	}
	err = accept(opTexts, fails, func(path []string, f failure) bool {
		return f.Type == notFound && len(path) == 3 && path[1] == "base"
	})
	if err != nil {
		return nil, err
	}
	if a.Repository == nil || a.Repository.Base == nil {
		return nil, &Error{Op: opTexts, Status: http.StatusOK, What: "GitHub does not show the base commit"}
	}
	if len(a.Repository.Base) != len(paths) {
		return nil, &Error{Op: opTexts, Status: http.StatusOK, What: "GitHub left a file out"}
	}
	return a.Repository.Base, nil
}

// textOf is the text of a file.
func (h *Hub) textOf(ctx context.Context, c *client, s checks.Subject, f *fileAnswer) (checks.Text, error) {
	switch {
	case f == nil:
		return checks.Text{Absent: true}, nil
	case f.Mode == modeLink:
		return checks.Text{Cut: true}, nil
	}
	text, broken, err := h.blob(ctx, c, s, &f.textAnswer, baseTextLimit)
	if err != nil {
		return checks.Text{}, err
	}
	if broken != "" || !utf8.ValidString(text) { // a record could not keep it as it is
		return checks.Text{Cut: true}, nil
	}
	return checks.Text{Text: text}, nil
}
