package report

import (
	"cmp"
	"slices"
	"strings"
)

// placement is a directory of a report, and the directory of the repository that
// it is. Both are "" or end in a slash.
type placement struct{ from, to string }

// placementOf is what makes file of path, whose last n bytes are the same.
func placementOf(path, file string, n int) placement {
	return placement{path[:len(path)-n], file[:len(file)-n]}
}

// foreign are directories into which package managers and compilers put what is
// not the repository's.
var foreign = []string{
	"/node_modules/", "/site-packages/", "/dist-packages/", "/.cargo/", "/.rustup/", "/.m2/", "/.gradle/",
	"/pkg/mod/", "/_deps/", "/usr/include/", "/usr/lib/", "/usr/local/include/", "/usr/local/lib/",
}

func isForeign(dir string) bool {
	dir = "/" + dir
	return slices.ContainsFunc(foreign, func(f string) bool { return strings.Contains(dir, f) })
}

// accepted are the placements that can be believed, by directory of the report.
func (v *resolver) accepted(votes map[placement]int, places []Place) map[string][]string {
	var paths []string
	firm := false // some relative path is known, and with it where the others begin
	for _, p := range places {
		if p.Odd != oddLong && !isForeign(parent(p.Path)) {
			paths = append(paths, p.Path)
		}
		firm = firm || p.firm
	}
	slices.Sort(paths)
	e := evidence{support: map[placement]int{}, from: map[string]int{}, to: map[string]int{}, half: map[string]int{}}
	for _, at := range likely(votes) {
		if under := beneath(paths, at.from); !firm || absolute(at.from) {
			e.add(at, v.support(at, under), len(under))
		}
	}
	out := map[string][]string{}
	for at, n := range e.support {
		if e.speaksFor(at, n) {
			out[at.from] = append(out[at.from], at.to)
		}
	}
	return out
}

// evidence is how many paths of a report each placement would make files: the
// most for a directory of the report, and for one of the repository; half is
// half of the paths in a directory of the report.
type evidence struct {
	support        map[placement]int
	from, to, half map[string]int
}

func (e *evidence) add(at placement, support, paths int) {
	e.support[at] = support
	e.from[at.from] = max(e.from[at.from], support)
	e.to[at.to] = max(e.to[at.to], support)
	e.half[at.from] = (paths + 1) / 2
}

// speaksFor says whether a placement can be believed: at least half of the paths
// in that directory would be files; no other directory would be the same one of
// the repository with more than twice as many, for then this is a stranger whose
// files end alike; and no directory above it is as well attested, for then the
// paths are known to be something else under the checkout.
func (e *evidence) speaksFor(at placement, n int) bool {
	if n < e.half[at.from] || 2*n < e.to[at.to] {
		return false
	}
	for up := parent(at.from); up != ""; up = parent(up) {
		if e.from[up] >= n {
			return false
		}
	}
	return true
}

// likely are, for each directory of the report, those placements that most
// endings speak for; few, so that a hostile report cannot make many.
func likely(votes map[placement]int) []placement {
	const few = 3
	all := make([]placement, 0, len(votes))
	for at := range votes {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b placement) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(votes[b], votes[a]), cmp.Compare(a.to, b.to))
	})
	out := all[:0]
	n := 0
	for i, at := range all {
		if i > 0 && len(out) > 0 && out[len(out)-1].from == at.from {
			n++
		} else {
			n = 0
		}
		if n < few {
			out = append(out, at)
		}
	}
	return out
}

// support is how many paths are files if a placement is right.
func (v *resolver) support(at placement, paths []string) int {
	n := 0
	for _, p := range paths {
		if v.tree.has(at.to + p[len(at.from):]) {
			n++
		}
	}
	return n
}

// beneath are those of the sorted paths that begin with dir.
func beneath(paths []string, dir string) []string {
	from, _ := slices.BinarySearch(paths, dir)
	to, _ := slices.BinarySearch(paths, dir+"\xFF")
	return paths[from:to]
}
