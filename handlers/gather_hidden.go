package handlers

import (
	"cmp"
	"context"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// hidden finds out of changed files of which GitHub shows no line, and counts
// none, whether their content is what it was before: then only the name or the
// mode changed. Otherwise the lines are there and not shown, as of a file that
// is binary, or that .gitattributes calls so.
func (g *gathering) hidden(ctx context.Context, files []checks.File, before func() (string, error)) ([]checks.File, error) {
	if !slices.ContainsFunc(files, lineless) {
		return files, nil
	}
	commit, err := before()
	if err != nil {
		return nil, err
	}
	var tree checks.Tree
	if commit != "" {
		if tree, err = g.tree(ctx, commit); err != nil {
			return nil, err
		}
	}
	files = slices.Clone(files)
	for i := range files {
		if f := &files[i]; lineless(*f) {
			was := tree.Files[cmp.Or(f.Previous, f.Path)]
			f.LinesKnown = was != "" && was == f.SHA
		}
	}
	return files, nil
}

// lineless says whether it is open whether a file has changed lines.
func lineless(f checks.File) bool {
	if f.Additions != 0 || f.Deletions != 0 {
		return false
	}
	switch f.Status {
	case "renamed", "copied":
		return true
	case "modified", "changed":
		return !f.LinesKnown
	}
	return false
}
