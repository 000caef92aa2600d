package hub

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opTree = "tree"
	// treeRequests is how many requests a tree may take that GitHub does not
	// list at once (over 100,000 entries or 7 MB: REST docs, "Get a tree").
	treeRequests = 20
)

// Tree is the ordinary files of a repository at a commit: no symbolic links, no
// submodules. One that is too large to be listed at once is read directory by
// directory, in at most 20 requests; then it is cut.
func (h *Hub) Tree(ctx context.Context, s checks.Subject, commit string) (checks.Tree, error) {
	if !isCommit(commit) {
		return checks.Tree{}, &Error{Op: opTree, What: "asked for the files of what is no commit"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.Tree{}, err
	}
	w := treeWalk{h: h, c: c, s: s, left: treeRequests, out: checks.Tree{Files: map[string]string{}}}
	todo := []directory{{sha: commit}}
	for len(todo) > 0 && !w.out.Cut {
		more, err := w.whole(ctx, todo[0])
		if err != nil {
			return checks.Tree{}, err
		}
		todo = append(todo[1:], more...)
	}
	return w.out, nil
}

// treeWalk is one reading of a tree.
type treeWalk struct {
	h    *Hub
	c    *client
	s    checks.Subject
	left int // requests
	out  checks.Tree
}

// directory is a tree within another; path is "" or ends with a slash.
type directory struct{ sha, path string }

// whole reads a directory with all below it. Where GitHub does not list that at
// once, it reads what stands in the directory itself, and returns those below.
func (w *treeWalk) whole(ctx context.Context, d directory) (below []directory, err error) {
	_, truncated, err := w.list(ctx, d, true)
	if err != nil || !truncated {
		return nil, err
	}
	below, truncated, err = w.list(ctx, d, false)
	w.out.Cut = w.out.Cut || truncated
	return below, err
}

// list makes one request. When there are none left the tree is cut.
func (w *treeWalk) list(ctx context.Context, d directory, recursive bool) (dirs []directory, truncated bool, err error) {
	if w.left == 0 {
		w.out.Cut = true
		return nil, false, nil
	}
	w.left--
	var q url.Values
	if recursive {
		q = url.Values{"recursive": {"1"}}
	}
	_, err = w.h.get(ctx, w.c, resource{w.s, opTree, "git/trees/" + d.sha}, q, func(body io.Reader) error {
		dirs = nil
		var err error
		truncated, err = readTree(body, func(e treeEntry) {
			switch {
			case e.Type == "tree":
				dirs = append(dirs, directory{e.SHA, d.path + e.Path + "/"})
			case e.Type == "blob" && e.Mode != "120000":
				w.out.Files[d.path+e.Path] = e.SHA
			}
		})
		return err
	})
	return dirs, truncated, err
}

type treeEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	SHA  string `json:"sha"`
}

var errTree = errors.New("the answer is no tree")

// readTree reads a tree entry by entry: the whole answer may be tens of
// megabytes, most of them addresses.
func readTree(body io.Reader, each func(treeEntry)) (truncated bool, err error) {
	d := json.NewDecoder(body)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false, cmp.Or(err, errTree)
	}
	listed, said := false, false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false, err
		}
		switch key {
		case "tree":
			listed = true
			err = readEntries(d, each)
		case "truncated":
			said = true
			err = d.Decode(&truncated)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return false, err
		}
	}
	if _, err := d.Token(); err != nil {
		return false, err
	}
	if !listed || !said {
		return false, errTree
	}
	return truncated, nil
}

func readEntries(d *json.Decoder, each func(treeEntry)) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return cmp.Or(err, errTree)
	}
	for d.More() {
		var e treeEntry
		if err := d.Decode(&e); err != nil {
			return err
		}
		if e.Path == "" || e.SHA == "" || e.Type == "" {
			return errTree
		}
		each(e)
	}
	_, err := d.Token()
	return err
}
