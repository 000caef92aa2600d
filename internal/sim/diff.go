package sim

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// fileDiff is one changed file, in GitHub's words.
type fileDiff struct {
	path, previous string
	status         string // added, removed, modified, renamed, changed
	before, after  file
	adds, dels     int
	patch          string // "" for binary, unchanged or very long content
}

// diff is what changed from one tree to the other ("" is empty), sorted by path.
func (o *objects) diff(from, to string) []fileDiff {
	var added, removed, list []fileDiff
	o.diffTrees(from, to, "", func(p string, a, b file) {
		d := fileDiff{path: p, before: a, after: b}
		switch {
		case a.mode == "":
			d.status = "added"
			added = append(added, d)
		case b.mode == "":
			d.status = "removed"
			removed = append(removed, d)
		default:
			d.status = "modified"
			if a.sha == b.sha || a.mode[:2] != b.mode[:2] {
				d.status = "changed"
			}
			list = append(list, d)
		}
	})
	list = append(list, o.renames(added, removed)...)
	for i := range list {
		o.lines(&list[i])
	}
	slices.SortFunc(list, func(a, b fileDiff) int { return strings.Compare(a.path, b.path) })
	return list
}

// diffTrees reports every path that differs, without entering equal trees.
func (o *objects) diffTrees(from, to, prefix string, visit func(path string, a, b file)) {
	if from == to {
		return
	}
	names := map[string][2]entry{}
	for _, e := range o.trees[from] {
		names[e.name] = [2]entry{e, {}}
	}
	for _, e := range o.trees[to] {
		names[e.name] = [2]entry{names[e.name][0], e}
	}
	for name, pair := range names {
		a, b := pair[0], pair[1]
		if a == b {
			continue
		}
		var fa, fb file
		var ta, tb string
		if a.mode == modeTree {
			ta = a.sha
		} else {
			fa = file{a.mode, a.sha}
		}
		if b.mode == modeTree {
			tb = b.sha
		} else {
			fb = file{b.mode, b.sha}
		}
		if fa != fb {
			visit(prefix+name, fa, fb)
		}
		if ta != tb {
			o.diffTrees(ta, tb, prefix+name+"/", visit)
		}
	}
}

// renames pairs removed with added files as git's -M does: equal content
// first, then more than half alike; what is left stays added and removed.
func (o *objects) renames(added, removed []fileDiff) []fileDiff {
	byPath := func(a, b fileDiff) int { return strings.Compare(a.path, b.path) }
	slices.SortFunc(added, byPath)
	slices.SortFunc(removed, byPath)
	var list []fileDiff
	pair := func(i, j int) {
		d := added[i]
		d.status, d.previous, d.before = "renamed", removed[j].path, removed[j].before
		list = append(list, d)
		added[i].status, removed[j].status = "", ""
	}
	for _, sameName := range []bool{true, false} {
		for i := range added {
			for j := range removed {
				a, b := added[i], removed[j]
				if a.status != "" && b.status != "" && a.after.sha == b.before.sha && a.after.mode[:2] == b.before.mode[:2] &&
					(!sameName || path.Base(a.path) == path.Base(b.path)) {
					pair(i, j)
					break
				}
			}
		}
	}
	o.similar(added, removed, pair)
	for _, d := range slices.Concat(added, removed) {
		if d.status != "" {
			list = append(list, d)
		}
	}
	return list
}

func (o *objects) similar(added, removed []fileDiff, pair func(i, j int)) {
	type match struct{ i, j, score int }
	var found []match
	if len(added)*len(removed) > 10000 {
		return
	}
	for i, a := range added {
		for j, b := range removed {
			if a.status == "" || b.status == "" || a.after.mode[:2] != "10" || b.before.mode[:2] != "10" {
				continue
			}
			if s := similarity(o.blobs[b.before.sha], o.blobs[a.after.sha]); s >= 50 {
				found = append(found, match{i, j, s})
			}
		}
	}
	slices.SortStableFunc(found, func(x, y match) int { return y.score - x.score })
	for _, f := range found {
		if added[f.i].status != "" && removed[f.j].status != "" {
			pair(f.i, f.j)
		}
	}
}

// similarity is how many per cent of the larger text is in both, by lines.
func similarity(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	have := map[string]int{}
	for l := range bytes.Lines(a) {
		have[string(l)]++
	}
	same := 0
	for l := range bytes.Lines(b) {
		if have[string(l)] > 0 {
			have[string(l)]--
			same += len(l)
		}
	}
	return same * 100 / max(len(a), len(b))
}

// lines counts changed lines and writes the patch.
func (o *objects) lines(d *fileDiff) {
	a, b := o.content(d.before), o.content(d.after)
	if isBinary(a) || isBinary(b) || bytes.Equal(a, b) {
		return
	}
	d.patch, d.adds, d.dels = unified(string(a), string(b))
	// GitHub leaves the patch of a file over 20,000 lines or 1 MB out.
	if d.adds+d.dels > 20000 || len(d.patch) > 1<<20 {
		d.patch = ""
	}
}

// content is what git diffs: a submodule is one line that names its commit.
func (o *objects) content(f file) []byte {
	if f.mode == modeSubmodule {
		return []byte("Subproject commit " + f.sha + "\n")
	}
	return o.blobs[f.sha]
}

// isBinary is git's rule: a NUL in the first 8,000 bytes.
func isBinary(b []byte) bool { return bytes.IndexByte(b[:min(len(b), 8000)], 0) >= 0 }
