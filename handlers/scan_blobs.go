package handlers

import (
	"cmp"
	"context"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// filesFetched is how many files of one difference are fetched whole since
	// GitHub shows no lines of them, bytesFetched how large they may be together,
	// as they are and as they were, and fileFetched how large each may be, in bytes.
	filesFetched = 50
	bytesFetched = 40 << 20
	fileFetched  = 5 << 20
)

// fill fetches the files of a patch of which GitHub shows no lines, as they are
// and as they were; before is the tree that says the latter, and is asked for only
// if it is needed. What cannot be fetched says why. It counts those that were. How
// many there are is up to who wrote the change, so these requests yield.
func (k *inspection) fill(ctx context.Context, p *checks.Patch, before func(context.Context) (checks.Tree, error)) (fetched int, err error) {
	bytes := 0
	before = once(before)
	for i := range p.Files {
		f := &p.Files[i]
		if !hasUnshown(f.File) {
			continue
		}
		f.Text = "" // a part is not read
		if fetched == filesFetched || bytes >= bytesFetched {
			f.Unread = fmt.Sprintf("it is one of more than %d files, or %d MiB, whose lines GitHub does not show", filesFetched, bytesFetched>>20)
			continue
		}
		asked, err := k.fetch(k.patches.After(ctx), f, before)
		if err != nil {
			return fetched, fmt.Errorf("%s: %w", f.SHA, err)
		}
		if asked {
			fetched++
		}
		bytes += len(f.New) + len(f.Old)
	}
	return fetched, nil
}

// once asks once.
func once(ask func(context.Context) (checks.Tree, error)) func(context.Context) (checks.Tree, error) {
	var known *checks.Tree
	return func(ctx context.Context) (checks.Tree, error) {
		if known != nil {
			return *known, nil
		}
		t, err := ask(ctx)
		if err == nil {
			known = &t
		}
		return t, err
	}
}

// hasUnshown says whether a file may have lines of its change that GitHub does not
// show.
func hasUnshown(f checks.File) bool {
	switch f.Status {
	case "removed", "unchanged":
		return false
	}
	return !f.LinesKnown || lineless(f)
}

// fetch fetches a file as it is, and as it was unless it is new. asked says whether
// GitHub was asked for its content.
func (k *inspection) fetch(ctx context.Context, f *checks.PatchFile, before func(context.Context) (checks.Tree, error)) (asked bool, err error) {
	old := ""
	if f.Status != "added" {
		tree, err := before(ctx)
		if err != nil {
			return false, err
		}
		old = tree.Files[cmp.Or(f.Previous, f.Path)]
		switch old {
		case "":
			f.Unread = "GitHub does not show what it was before"
			return false, nil
		case f.SHA: // only its name or its mode changed
			if f.LinesKnown = true; f.Status == "modified" {
				f.Status = "changed" // GitHub's word for it
			}
			return false, nil
		}
	}
	f.New, f.Unread, err = k.blob(ctx, f.SHA)
	if err != nil || f.Unread != "" {
		return true, err
	}
	if old != "" {
		if f.Old, f.Unread, err = k.blob(ctx, old); err != nil || f.Unread != "" {
			f.New = nil
			return true, err
		}
	}
	f.Fetched = true
	return true, nil
}

func (k *inspection) blob(ctx context.Context, sha string) (data []byte, why string, err error) {
	data, err = k.actions.Blob(ctx, k.s, sha, fileFetched)
	if why, is := unusable(err); is {
		return nil, why, nil
	}
	return data, "", err
}
