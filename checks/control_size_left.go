package checks

import (
	"path"
	"slices"
	"strings"
)

// leftOut is what of a change does not count for its size.
type leftOut struct {
	marked   extent   // by attributes
	excluded extent   // by the policy
	wanted   []string // attribute files that were not asked for yet
	unread   []string // directories whose attribute files could not be read
	deep     bool     // there are too many directories to read the attributes of all
	cut      bool     // GitHub does not list every changed file
}

// leaveOut finds the changed files that are excluded, or generated or vendored.
func leaveOut(pull *Pull, exclude []Glob) leftOut {
	out := leftOut{cut: pull.FileCount > len(pull.Files)}
	globs := shapes(exclude)
	var rest []*File
	var paths []string
	for i := range pull.Files {
		f := &pull.Files[i]
		if anyGlob(globs, f.Path) && (f.Previous == "" || anyGlob(globs, f.Previous)) {
			out.excluded.add(f)
			continue
		}
		rest, paths = append(rest, f), append(paths, f.Path)
		if f.Previous != "" {
			paths = append(paths, f.Previous)
		}
	}
	out.wanted, out.deep = attributePaths(paths)
	out.wanted = slices.DeleteFunc(out.wanted, func(name string) bool { _, asked := pull.Texts[name]; return asked })
	// In a fixed order, since matching ends where it would take too long.
	slices.SortFunc(rest, func(a, b *File) int { return strings.Compare(a.Path+"\x00"+a.Previous, b.Path+"\x00"+b.Previous) })
	a := attributesOf(pull.Texts)
	for _, f := range rest {
		if a.generated(f.Path) && (f.Previous == "" || a.generated(f.Previous)) {
			out.marked.add(f)
		}
	}
	for name := range a.cut {
		out.unread = append(out.unread, path.Dir(name))
	}
	slices.Sort(out.unread)
	return out
}

func (e *extent) add(f *File) {
	e.lines += linesOf(f)
	e.files++
}

// aside says, behind a number, that some is left out of it.
func (l *leftOut) aside() string {
	if n := l.marked.files + l.excluded.files; n > 0 {
		return " (" + count(n, "file") + " not counted)"
	}
	return ""
}

// notes say what is left out, and what could not be.
func (l *leftOut) notes() []string {
	var out []string
	add := func(e extent, why string) {
		if e.files > 0 {
			out = append(out, "Not counted: "+count(e.files, "file")+" with "+count(e.lines, "changed line")+" that "+why+".")
		}
	}
	add(l.marked, plural(l.marked.files, "is", "are")+" generated or vendored, as "+AttributesName+" of the base branch says")
	add(l.excluded, "the policy excludes")
	for _, dir := range l.unread[:min(len(l.unread), remarkLimit)] {
		where := "of " + quoted(dir)
		if dir == "." {
			where = "of the root"
		}
		out = append(out, "The "+AttributesName+" "+where+" could not be read, so every file below it is counted.")
	}
	if l.deep {
		out = append(out, "The changed files are in more directories than attributes are read of; those in the others are counted.")
	}
	if l.cut {
		out = append(out, "GitHub does not list every changed file; those that it does not list are counted.")
	}
	return out
}
