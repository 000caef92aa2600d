package checks

import (
	"cmp"
	"slices"
	"strings"
)

// likeness is what a comparison of two differences comes to.
type likeness int

const (
	unlike likeness = iota
	unsure          // alike but for file modes that were not asked for
	alike
)

// scope says which files a rule is about; the zero value is every file.
type scope struct {
	id    int // told apart by it; 0 is every file
	globs []shapedGlob
	book  []ownerLine // with line, the files that this line of CODEOWNERS decides
	line  int
	files int             // how many the line decides about
	paths map[string]bool // new paths, one by one
}

// covers says whether a file is in the scope by its new or its old path.
func (s *scope) covers(f *File) bool {
	switch {
	case s.paths != nil:
		return s.paths[f.Path]
	case s.globs != nil:
		return anyGlob(s.globs, f.Path) || movedFrom(f) != "" && anyGlob(s.globs, f.Previous)
	case s.book != nil:
		return decides(s.book, f.Path) == s.line || movedFrom(f) != "" && decides(s.book, f.Previous) == s.line
	}
	return true
}

// movedFrom is the path that a file left; a copied one left none.
func movedFrom(f *File) string {
	if f.Status == "copied" {
		return ""
	}
	return f.Previous
}

// likened is one comparison, kept since several rules ask for the same.
type likened struct {
	commit, base string
	scope        int
	like         likeness
	known        bool
}

// headWhole says whether the difference at the head is known in full.
func (h *hearing) headWhole() bool {
	return h.pull.FilesRead && h.pull.FileCount <= len(h.pull.Files)
}

// changeAt is the pull request's difference at a commit, where it is known.
func (h *hearing) changeAt(sha string) (c Change, known bool) {
	if sha == h.pull.Head.SHA && h.headWhole() {
		return Change{Base: h.pull.Base.Name, Files: h.pull.Files, Whole: true}, true
	}
	c, known = h.pull.Memory.Changes[sha]
	return c, known
}

// likeHead compares what was seen at a commit, against a base branch, with the
// head within a scope. known is false when the difference at the commit was
// never read; it is then asked for.
func (h *hearing) likeHead(commit, base string, s *scope) (like likeness, known bool) {
	for _, l := range h.likened {
		if l.commit == commit && l.base == base && (l.scope == s.id || l.scope == 0 && l.like == alike) {
			return l.like, l.known
		}
	}
	if s.id != 0 {
		// What is alike as a whole is alike in each of its parts.
		if like, known := h.likeHead(commit, base, &scope{}); like == alike || !known {
			return like, known
		}
	}
	then, known := h.pull.Memory.Changes[commit]
	switch {
	case !h.headWhole():
		known = true // asking for the other side would not help
	case !known && base == h.pull.Base.Name:
		if h.wants != nil {
			h.wants.Changes = union(h.wants.Changes, []string{commit})
		}
	case then.Whole && then.Base == base:
		like = compareFiles(then.Files, h.pull.Files, s)
		if like == unsure && h.wants != nil {
			h.wantModes(commit, then.Files, s)
			h.wantModes(h.pull.Head.SHA, h.pull.Files, s)
		}
	}
	h.likened = append(h.likened, likened{commit, base, s.id, like, known})
	return like, known
}

// sameChange says whether the difference is the same at two commits. Modes are
// asked for only when it matters, which is when that person has said something.
func (h *hearing) sameChange(before, after, login string) bool {
	a, knownA := h.changeAt(before)
	b, knownB := h.changeAt(after)
	if !knownA || !knownB || !a.Whole || !b.Whole || a.Base != b.Base {
		return false
	}
	like := compareFiles(a.Files, b.Files, &scope{})
	if like == unsure && h.wants != nil && h.spoke(strings.ToLower(login)) {
		h.wantModes(before, a.Files, &scope{})
		h.wantModes(after, b.Files, &scope{})
	}
	return like == alike
}

func (h *hearing) wantModes(sha string, files []File, s *scope) {
	var paths []string
	for i := range files {
		if f := &files[i]; f.Mode == "" && f.Status != "removed" && s.covers(f) {
			paths = append(paths, f.Path)
		}
	}
	if len(paths) == 0 {
		return
	}
	*h.wants = h.wants.add(Wants{Modes: map[string][]string{sha: paths}})
}

// compareFiles compares two differences within a scope as sets of (path,
// previous path, status, mode, blob). What is not known equals nothing.
func compareFiles(a, b []File, s *scope) likeness {
	out := alike
	every := s.globs == nil && s.book == nil && s.paths == nil
	i, j := 0, 0
	for {
		for !every && i < len(a) && !s.covers(&a[i]) {
			i++
		}
		for !every && j < len(b) && !s.covers(&b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			break
		}
		like := compareFile(&a[i], &b[j])
		if like == unlike {
			return compareSets(within(a, s), within(b, s))
		}
		out = min(out, like)
		i, j = i+1, j+1
	}
	if i < len(a) || j < len(b) {
		return unlike
	}
	return out
}

// compareSets is the slow way, for lists in different orders.
func compareSets(a, b []File) likeness {
	if len(a) != len(b) {
		return unlike
	}
	out := alike
	for i := range a {
		if out = min(out, compareFile(&a[i], &b[i])); out == unlike {
			break
		}
	}
	return out
}

func compareFile(a, b *File) likeness {
	if a.SHA != b.SHA || a.Path != b.Path || a.Status != b.Status || a.Previous != b.Previous || a.SHA == "" {
		return unlike
	}
	switch {
	case a.Mode == "?" || b.Mode == "?":
		return unlike
	case a.Status == "removed":
		return alike // a file that is gone has no mode
	case a.Mode == "" || b.Mode == "":
		return unsure
	case a.Mode != b.Mode:
		return unlike
	}
	return alike
}

// within is the files of a scope, sorted.
func within(files []File, s *scope) []File {
	out := make([]File, 0, len(files))
	for i := range files {
		if s.covers(&files[i]) {
			out = append(out, files[i])
		}
	}
	slices.SortFunc(out, func(a, b File) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Previous, b.Previous),
			strings.Compare(a.Status, b.Status), strings.Compare(a.SHA, b.SHA), strings.Compare(a.Mode, b.Mode))
	})
	return out
}

// since says which files differ between a commit and the head, as words.
func (h *hearing) since(commit, base string, s *scope) []string {
	then, ok := h.pull.Memory.Changes[commit]
	if !ok || !then.Whole || !h.headWhole() {
		return nil
	}
	a, b := within(then.Files, s), within(h.pull.Files, s)
	var out []string
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Path < b[0].Path:
			out = append(out, Plain(a[0].Path)+" is no longer changed")
			a = a[1:]
		case len(a) == 0 || b[0].Path < a[0].Path:
			out = append(out, Plain(b[0].Path)+" is new")
			b = b[1:]
		default:
			if compareFile(&a[0], &b[0]) == unlike { // a mode that nobody asked for is no change
				out = append(out, Plain(b[0].Path)+" changed")
			}
			a, b = a[1:], b[1:]
		}
	}
	return out
}
