package checks

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// watchedFiles finds the changed files that are watched for what they are.
func (x *scrutiny) watchedFiles() {
	w := &x.rules.Watch
	exclude, own := shapes(w.Exclude), shapes(w.Files)
	kinds := defaultShapes(w.Defaults)
	for i := range x.pull.Files {
		f := &x.pull.Files[i]
		for _, at := range []string{f.Path, movedFrom(f)} {
			if at == "" || anyGlob(exclude, at) {
				continue
			}
			if why := watchedFor(at, own, kinds); why != "" {
				x.ask(f.Path, Plain(at)+" "+why)
			}
		}
	}
	if w.Defaults {
		x.watchedLocks(exclude)
	}
}

// shapedKind is a [watchedKind] whose globs are quick to match.
type shapedKind struct {
	what  string
	globs []shapedGlob
	code  bool
}

var shapedKinds = func() []shapedKind {
	out := make([]shapedKind, len(watchedKinds))
	for i, k := range watchedKinds {
		out[i] = shapedKind{k.what, shapes(k.globs), k.code}
	}
	return out
}()

func defaultShapes(on bool) []shapedKind {
	if !on {
		return nil
	}
	return shapedKinds
}

// watchedFor is why a file is watched, as a sentence goes on behind its path; ""
// if it is not.
func watchedFor(file string, own []shapedGlob, kinds []shapedKind) string {
	for i := range own {
		if own[i].match(file) {
			return "is watched by the policy (" + Plain(string(own[i].glob)) + ")"
		}
	}
	for i := range kinds {
		if k := &kinds[i]; anyGlob(k.globs, file) && !(k.code && isDocument(file)) {
			return k.what
		}
	}
	return ""
}

// watchedLocks finds lockfiles that are changed without their manifest beside
// them. One that is taken away is no longer read by anything.
func (x *scrutiny) watchedLocks(exclude []shapedGlob) {
	var changed map[string][]string // names, by directory
	for i := range x.pull.Files {
		f := &x.pull.Files[i]
		dir, name := path.Split(f.Path)
		k := slices.IndexFunc(lockfiles, func(l lockfile) bool { return l.name == name })
		if k < 0 || f.Status == "removed" || anyGlob(exclude, f.Path) {
			continue
		}
		if changed == nil {
			changed = namesByDir(x.pull.Files)
		}
		if manifests := lockfiles[k].manifests; !slices.ContainsFunc(changed[dir], func(n string) bool { return isOne(n, manifests) }) {
			x.ask(f.Path, Plain(f.Path)+" is changed without "+strings.Replace(list(manifests, 3), " and ", " or ", 1)+" beside it")
		}
	}
}

func namesByDir(files []File) map[string][]string {
	out := map[string][]string{}
	for i := range files {
		dir, name := path.Split(files[i].Path)
		out[dir] = append(out[dir], name)
	}
	return out
}

// isOne says whether a name is one of some, of which "*" may stand for a part.
func isOne(name string, of []string) bool {
	return slices.ContainsFunc(of, func(s string) bool { return Glob(s).Match(name) })
}

// watchedLines finds the watched code in the lines that are added and removed.
func (x *scrutiny) watchedLines() {
	for _, group := range grouped(x.scan.Whole.Watched) {
		s := group[0]
		text := Plain(s.Path) + " " + watchedVerb(&s) + " “" + quoted(s.What) + "”"
		if s.Gone {
			text = Plain(s.Path) + " loses what " + watchedVerb(&s) + " “" + quoted(s.What) + "”"
		}
		x.ask(s.Path, text+onLines(group))
		for _, s := range group {
			if !s.Gone {
				x.mark(s.Path, s.Line, "notice", "Watched code: "+watchedVerb(&s)+" “"+quoted(s.What)+"”.")
			}
		}
	}
}

func watchedVerb(s *Spot) string {
	switch s.Kind {
	case "function":
		return "calls"
	case "class":
		return "uses the class"
	}
	return "says"
}

// grouped puts spots together that differ in their lines alone, by path.
func grouped(spots []Spot) [][]Spot {
	all := slices.Clone(spots)
	slices.SortFunc(all, compareSpots)
	all = slices.Compact(all)
	var out [][]Spot
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Path == all[0].Path && all[n].Kind == all[0].Kind && all[n].What == all[0].What && all[n].Gone == all[0].Gone {
			n++
		}
		out, all = append(out, all[:n]), all[n:]
	}
	return out
}

// onLines says on which lines spots are: " on line 3", " on lines 3, 8 and 2
// more".
func onLines(spots []Spot) string {
	var lines []string
	for _, s := range spots {
		if s.Line > 0 {
			lines = append(lines, strconv.Itoa(s.Line))
		}
	}
	switch {
	case len(lines) == 0:
		return ""
	case spots[0].Gone:
		return " (" + plural(len(lines), "line ", "lines ") + list(lines, 4) + " before)"
	}
	return " on " + plural(len(lines), "line ", "lines ") + list(lines, 4)
}
