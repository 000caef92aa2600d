package checks

import (
	"path"
	"slices"
	"strings"
)

// Terms are what the words of conditions mean that each policy defines for
// itself: the organisation's floor and a repository's file each have their own.
type Terms struct {
	// Service says what a new service is; nil when the policy does not.
	Service *NewService
	// Bot says what a dependency update is; nil when the policy does not.
	Bot *DependencyBot
}

// TermUser is a Check that has conditions; package config hands it the terms of
// its own policy file once, when all of the file is read and before it asks for
// faults.
type TermUser interface {
	UseTerms(*Terms)
}

// TermMaker is a Check whose settings define terms.
type TermMaker interface {
	DefineTerms(*Terms)
}

// NewService says which change brings a new service.
type NewService struct {
	// Files that a service has one of: a file that matches one of these globs
	// and is new, or has got its present path, means a new service. For example
	// services/*/service.yaml. Default: none.
	Files []Glob `yaml:"files" tighten:"beside"`
	// Directories of which each holds a service, for example services/*: one that
	// the base branch does not have means a new service. Default: none.
	Directories []Glob `yaml:"directories" tighten:"beside"`
}

// newDirectoryLimit is up to how many directories are asked for; a change of more
// is so large that it can be taken for a new service.
const newDirectoryLimit = 50

// faults finds a definition that defines nothing, or everything.
func (n *NewService) faults(key string) []Fault {
	f := faulty{}
	if len(n.Files)+len(n.Directories) == 0 {
		f.add(key, "It takes files or directories to tell a new service: for example files: [services/*/service.yaml].")
	}
	return f.found
}

// brought says whether a change brings a new service, and by what, as a
// sentence ends. w, if not nil, takes which directories must be looked for.
func (n *NewService) brought(pull *Pull, w *Wants) (truth, string) {
	files, whole := shapes(n.Files), pull.FilesRead && !filesCut(pull)
	for _, f := range byPath(pull.Files) {
		if arrived(&f) && anyGlob(files, f.Path) {
			return holds, Plain(f.Path) + " is new"
		}
	}
	out, why := n.broughtDirectory(pull, w)
	switch {
	case out == holds:
		return out, why
	case !whole:
		return holdsMaybe, cutList
	case slices.ContainsFunc(pull.Files, func(f File) bool { return f.Status == "" && anyGlob(files, f.Path) }):
		return holdsMaybe, "GitHub does not say which files are new"
	}
	return out, why
}

// arrived says whether a file has its path only since this change.
func arrived(f *File) bool {
	return f.Status == "added" || f.Status == "renamed" || f.Status == "copied"
}

// broughtDirectory looks for the directories of arrived files on the base
// branch, where a directory is no text: it reads as [Text.Cut].
func (n *NewService) broughtDirectory(pull *Pull, w *Wants) (truth, string) {
	out, why := holdsNot, "it brings no new service"
	for i, dir := range n.arrivedIn(pull) {
		text, asked := pull.Texts[dir]
		switch {
		case asked && text.Absent, wasFile(pull, dir):
			return holds, "the directory " + Plain(dir) + " is new"
		case asked:
		case i >= newDirectoryLimit:
			out, why = holdsMaybe, "too many directories are changed to look for each of them"
		default:
			out, why = holdsMaybe, "the base branch was not asked for the directory "+Plain(dir)
			if w != nil {
				w.Texts = union(w.Texts, []string{dir})
			}
		}
	}
	return out, why
}

// wasFile says whether a file of a name went with the change: what has its name now is
// no directory that the base branch had.
func wasFile(pull *Pull, name string) bool {
	return slices.ContainsFunc(pull.Files, func(f File) bool { return f.Status == "removed" && f.Path == name || movedFrom(&f) == name })
}

// arrivedIn are the directories in question, sorted, in which some file arrived
// and none was before, as far as the changed files tell.
func (n *NewService) arrivedIn(pull *Pull) []string {
	if len(n.Directories) == 0 {
		return nil
	}
	globs, found, old := shapes(n.Directories), map[string]bool{}, map[string]bool{}
	note := func(into map[string]bool, file string) {
		for dir := path.Dir(file); dir != "." && dir != "/"; dir = path.Dir(dir) {
			if anyGlob(globs, dir) {
				into[dir] = true
			}
		}
	}
	for i := range pull.Files {
		f := &pull.Files[i]
		if arrived(f) || f.Status == "" {
			note(found, f.Path)
		} else {
			note(old, f.Path)
		}
		if f.Previous != "" {
			note(old, f.Previous)
		}
	}
	var out []string
	for dir := range found {
		if !old[dir] {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}

// byPath is a list of files in an order of its own.
func byPath(files []File) []File {
	out := slices.Clone(files)
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// newServiceHolds says whether the change brings a new service.
func newServiceHolds(h *hearing, c *Condition) (truth, string) {
	t := h.rules.terms
	if t == nil || t.Service == nil {
		return holdsMaybe, "the policy does not say what a new service is"
	}
	out, why := t.Service.brought(h.pull, h.wants)
	if out == holdsMaybe {
		return out, "it is not known whether this is a new service: " + why
	}
	return asked(out, *c.NewService), why
}

// dependencyUpdateHolds says whether it is proved that the pull request is a
// dependency update by a bot alone.
func dependencyUpdateHolds(h *hearing, c *Condition) (truth, string) {
	t := h.rules.terms
	if t == nil || t.Bot == nil {
		return holdsMaybe, "the policy does not say what a dependency update is"
	}
	p := t.Bot.proof(h.pull)
	switch p.truth {
	case holdsMaybe:
		return p.truth, "it is not proved to be a dependency update: " + p.why
	case holdsNot:
		return asked(p.truth, *c.DependencyUpdate), "it is no dependency update: " + p.why
	}
	return asked(p.truth, *c.DependencyUpdate), "it is a dependency update"
}

// asked turns an answer round where a condition asks for the opposite.
func asked(t truth, want bool) truth {
	if want {
		return t
	}
	return holds - t
}

// undefined finds conditions whose terms the policy does not define. A policy
// without terms at all is not one that config has made.
func (c *Condition) undefined(t *Terms) []Fault {
	var f faulty
	if c == nil || t == nil {
		return nil
	}
	if c.NewService != nil && t.Service == nil {
		f.add(".new_service", "Nothing says what a new service is: define it in compliance.checklist.new_service.")
	}
	if c.DependencyUpdate != nil && t.Bot == nil {
		f.add(".dependency_update", "Nothing says what a dependency update is: set compliance.dependency_bot.")
	}
	return f.found
}
