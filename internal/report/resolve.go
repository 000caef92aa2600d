package report

import (
	"path"
	"slices"
	"strings"
)

// Limits of what is tried for one report. What is beyond them is not resolved.
const (
	maxBases    = 100
	longestPath = 4096 // bytes
	deepestPath = 64
)

// Place is where a path of a report is in the repository.
type Place struct {
	Path string // as the report has it, cleaned
	File string // of the repository, "" when unknown
	Odd  string // why it is unknown
	firm bool   // the report or the policy says so
}

// resolver finds the files of the repository that one report speaks of.
//
// No file may be given another's coverage. So a path counts as it is, or under a
// directory that the policy or the report names, if that makes one file; else by
// its last segments, if they are those of one file only and what is left of the
// path before them is known as the directory of the checkout.
type resolver struct {
	tree  *Index
	bases []string // directories, "" or with a slash at the end
}

// Resolve places the paths of one report, in their order. own are directories
// that the report names, declared those of the policy.
func (x *Index) Resolve(paths, own, declared []string) []Place {
	places := make([]Place, len(paths))
	for i, p := range paths {
		places[i].Path = cleanPath(p)
		if len(p) > longestPath || strings.Count(p, "/") > deepestPath {
			places[i].Odd = oddLong
		}
	}
	v := resolver{tree: x}
	v.bases = v.basesOf(own, declared, places)
	v.firm(places)
	v.loose(places)
	return places
}

// cleanPath is a path without "." and inner ".." segments.
func cleanPath(p string) string {
	if p == "" {
		return ""
	}
	return path.Clean(Slashes(p))
}

// absolute says whether a path begins at the top of some file system.
func absolute(p string) bool {
	return strings.HasPrefix(p, "/") || len(p) > 2 && p[1] == ':' && p[2] == '/'
}

// basesOf are the directories of the repository to which the paths of a report
// may be relative.
func (v *resolver) basesOf(own, declared []string, places []Place) []string {
	bases := []string{""}
	add := func(dir string) {
		dir = strings.TrimPrefix(path.Clean(dir), "./") + "/"
		if dir == "./" {
			dir = ""
		}
		if len(bases) < maxBases && !slices.Contains(bases, dir) {
			bases = append(bases, dir)
		}
	}
	for _, d := range declared {
		add(strings.TrimPrefix(d, "/"))
	}
	for _, root := range own {
		root = cleanPath(root)
		if absolute(root) {
			if dir, ok := v.checkout(root, places); ok {
				add(dir)
			}
			continue
		}
		add(root)
		for _, d := range declared {
			add(path.Join(strings.TrimPrefix(d, "/"), root))
		}
	}
	return bases
}

// checkout is the directory of the repository that an absolute root of a report
// is: the one under which most of the report's paths are files that end alike.
func (v *resolver) checkout(root string, places []Place) (string, bool) {
	if len(root) > longestPath || v.tree.cut {
		return "", false
	}
	votes := map[string]int{}
	for _, p := range places[:min(len(places), 1000)] {
		if p.Odd != "" || absolute(p.Path) {
			continue
		}
		full := path.Join(root, p.Path)
		file, n, rival := v.tree.tail(full)
		if rival == "" && n >= len(p.Path) && strings.HasSuffix(file, p.Path) {
			votes[strings.TrimSuffix(file, p.Path)]++
		}
	}
	best, most, tie := "", 0, false
	for dir, n := range votes {
		switch {
		case n > most:
			best, most, tie = dir, n, false
		case n == most:
			tie = true
		}
	}
	return best, most > 0 && !tie
}

// firm places the paths that are files under the bases.
func (v *resolver) firm(places []Place) {
	hits := make([]int, len(v.bases))
	both := map[[2]int]int{}
	several := map[int][]int{} // by place
	for i := range places {
		p := &places[i]
		if p.Odd != "" || absolute(p.Path) {
			continue
		}
		found := v.under(p.Path)
		for n, a := range found {
			hits[a]++
			for _, b := range found[:n] {
				both[[2]int{b, a}]++
			}
		}
		switch len(found) {
		case 0:
		case 1:
			p.File, p.firm = path.Clean(v.bases[found[0]]+p.Path), true
		default:
			several[i] = found
		}
	}
	for i, found := range several {
		v.choose(&places[i], found, hits, both)
	}
}

// under are the bases under which there is a file of that path, each file once.
func (v *resolver) under(p string) []int {
	var found []int
	var files []string
	for i, base := range v.bases {
		file := p
		if base != "" {
			file = path.Clean(base + p)
		}
		if v.tree.has(file) && !slices.Contains(files, file) {
			found, files = append(found, i), append(files, file)
		}
	}
	return found
}

// choose takes the base that holds every file of the report that each of the
// others holds, and more: then the report was plainly made there.
func (v *resolver) choose(p *Place, found, hits []int, both map[[2]int]int) {
	for _, a := range found {
		wins := true
		for _, b := range found {
			if a != b && (hits[a] <= hits[b] || both[[2]int{min(a, b), max(a, b)}] != hits[b]) {
				wins = false
			}
		}
		if wins {
			p.File = path.Clean(v.bases[a] + p.Path)
			return
		}
	}
	p.Odd = ambiguous(v.bases[found[0]]+p.Path, v.bases[found[1]]+p.Path)
}

// loose places what is left by how the paths end.
func (v *resolver) loose(places []Place) {
	votes := map[placement]int{}
	for i := range places {
		p := &places[i]
		if p.File != "" || p.Odd != "" {
			continue
		}
		file, n, rival := v.tree.tail(p.Path)
		switch {
		case n == 0:
		case rival != "":
			p.Odd = ambiguous(file, rival)
		case n == len(p.Path):
			p.File = file
		default:
			// A name alone says nothing of a directory, unless it is the whole path.
			at := placementOf(p.Path, file, n)
			if named := at.to == "" || strings.Contains(p.Path[len(at.from):], "/"); named && !isForeign(at.from) {
				votes[at]++
			}
		}
	}
	checkouts := v.accepted(votes, places)
	for i := range places {
		p := &places[i]
		if p.File == "" && p.Odd != oddLong {
			v.apply(p, checkouts)
		}
	}
}

// parent is the directory above one that ends in a slash, "" when there is none.
func parent(dir string) string {
	return dir[:strings.LastIndexByte(strings.TrimSuffix(dir, "/"), '/')+1]
}

// apply places a path by the checkouts that it lies under.
func (v *resolver) apply(p *Place, checkouts map[string][]string) {
	var file string
	for dir := parent(p.Path); dir != ""; dir = parent(dir) {
		for _, to := range checkouts[dir] {
			at := to + p.Path[len(dir):]
			if !v.tree.has(at) || at == file {
				continue
			}
			if file != "" {
				p.File, p.Odd = "", ambiguous(file, at)
				return
			}
			file = at
		}
	}
	if file != "" {
		p.File, p.Odd = file, ""
	} else if p.Odd == "" {
		p.Odd = OddAbsent
	}
}
