package checks

import (
	"strconv"
	"strings"
)

// Condition says which pull requests a rule is for. All keys that are set must
// hold; of a list, one member is enough. Globs are doublestar patterns against
// the whole path.
type Condition struct {
	// Files: some changed file matches one of these, by its new or its old path.
	Files []Glob `yaml:"files" tighten:"wider"`
	// OnlyFiles: every changed file matches one of these, by its new and its old
	// path.
	OnlyFiles []Glob `yaml:"only_files" tighten:"wider"`
	// NotFiles: no changed file matches any of these.
	NotFiles []Glob `yaml:"not_files" tighten:"narrower"`
	// Authors: the pull request was opened by one of these logins; an App is
	// named as "name[bot]".
	Authors []string `yaml:"authors" tighten:"wider"`
	// AuthorRole: whoever opened the pull request holds this role.
	AuthorRole RoleName `yaml:"author_role" tighten:"role"`
	// Branches: the base branch matches one of these.
	Branches []Glob `yaml:"branches" tighten:"wider"`
	// Labels: the pull request has one of these. Since anybody may set a label,
	// it can only make a rule apply, never lift one: it is refused under unless.
	Labels []string `yaml:"labels" tighten:"wider"`
	// LinesOver: more lines than this were added and removed together.
	LinesOver *int `yaml:"lines_over" tighten:"down"`
	// FilesOver: more files than this are changed.
	FilesOver *int `yaml:"files_over" tighten:"down"`
	// Draft: the pull request is, or is not, a draft.
	Draft *bool `yaml:"draft" tighten:"same"`
	// SecurityFinding: the security scan found, or did not find, something: a
	// secret, hidden characters, watched code, a new finding or alert. The policy
	// needs the section security for it.
	SecurityFinding *bool `yaml:"security_finding" tighten:"same"`
	// NewService: the change brings, or does not bring, a new service, which is
	// defined in compliance.checklist.new_service.
	NewService *bool `yaml:"new_service" tighten:"same"`
	// DependencyUpdate: the pull request is, or is not, proved to be an update of
	// dependencies by a bot alone, as compliance.dependency_bot defines it. What
	// is not proved is no ground for leaving a rule away, either way.
	DependencyUpdate *bool `yaml:"dependency_update" tighten:"same"`
}

// truth is an answer that may be missing. The order makes the least of several
// answers what they come to together.
type truth int

const (
	holdsNot truth = iota
	holdsMaybe
	holds
)

func truthOf(b bool) truth {
	if b {
		return holds
	}
	return holdsNot
}

// empty says whether no key is set.
func (c *Condition) empty() bool {
	return len(c.Files) == 0 && len(c.OnlyFiles) == 0 && len(c.NotFiles) == 0 && len(c.Authors) == 0 && c.AuthorRole == "" &&
		len(c.Branches) == 0 && len(c.Labels) == 0 && c.LinesOver == nil && c.FilesOver == nil && c.Draft == nil &&
		c.SecurityFinding == nil && c.NewService == nil && c.DependencyUpdate == nil
}

// fulfils says whether a pull request is what the condition describes. why is the
// key that decided, as a sentence's end, for when it does not, or when it
// cannot be known.
func (h *hearing) fulfils(c *Condition) (truth, string) {
	out, why := holds, ""
	for _, k := range [...]struct {
		set  bool
		test func(*hearing, *Condition) (truth, string)
	}{
		{len(c.Branches) > 0, branchHolds},
		{len(c.Authors) > 0, authorHolds},
		{len(c.Labels) > 0, labelHolds},
		{c.LinesOver != nil, linesHold},
		{c.FilesOver != nil, countHolds},
		{c.Draft != nil, draftHolds},
		{len(c.Files) > 0, filesHold},
		{len(c.OnlyFiles) > 0, onlyFilesHold},
		{len(c.NotFiles) > 0, notFilesHold},
		{c.AuthorRole != "", authorRoleHolds},
		{c.SecurityFinding != nil, findingHolds},
		{c.NewService != nil, newServiceHolds},
		{c.DependencyUpdate != nil, dependencyUpdateHolds},
	} {
		if !k.set || out == holdsNot {
			continue
		}
		if t, w := k.test(h, c); t < out {
			out, why = t, w
		}
	}
	return out, why
}

// applies says whether a rule is for this pull request: what cannot be known
// applies.
func (h *hearing) applies(when, unless *Condition) (ok bool, why string) {
	if when != nil {
		t, w := h.fulfils(when)
		if t == holdsNot {
			return false, w
		}
		why = w
	}
	if unless != nil && !unless.empty() && len(unless.Labels) == 0 {
		t, w := h.fulfils(unless)
		if t == holds {
			return false, unless.words()
		}
		if t == holdsMaybe && why == "" {
			why = w
		}
	}
	return true, why
}

func branchHolds(h *hearing, c *Condition) (truth, string) {
	b := h.pull.Base.Name
	if b == "" {
		return holdsMaybe, "the base branch is not known"
	}
	for _, g := range c.Branches {
		if g.Match(b) {
			return holds, ""
		}
	}
	return holdsNot, "the base branch is " + Plain(b)
}

func authorHolds(h *hearing, c *Condition) (truth, string) {
	key := account(h.pull.Author)
	if key == "" {
		return holdsMaybe, "the author's account is deleted"
	}
	for _, l := range c.Authors {
		if strings.EqualFold(l, key) {
			return holds, ""
		}
	}
	return holdsNot, "the author is " + h.pull.Author.Login
}

func authorRoleHolds(h *hearing, c *Condition) (truth, string) {
	role, ok := h.rules.role(c.AuthorRole)
	if !ok {
		return holdsMaybe, "there is no role " + string(c.AuthorRole)
	}
	if f := h.fault(&role); f.why != "" {
		return holdsMaybe, f.why
	}
	a := h.admits(&role, account(h.pull.Author), h.pull.Author.Login)
	if a.unknown {
		return holdsMaybe, a.why
	}
	return truthOf(a.ok), "the author does not hold the role " + string(c.AuthorRole)
}

func labelHolds(h *hearing, c *Condition) (truth, string) {
	for _, want := range c.Labels {
		for _, l := range h.pull.Labels {
			if strings.EqualFold(want, l) {
				return holds, ""
			}
		}
	}
	return holdsNot, "there is no label " + list(c.Labels, 3)
}

func linesHold(h *hearing, c *Condition) (truth, string) {
	if h.pull.Lines > *c.LinesOver {
		return holds, ""
	}
	return holdsNot, strconv.Itoa(h.pull.Lines) + " changed lines are not over " + strconv.Itoa(*c.LinesOver)
}

func countHolds(h *hearing, c *Condition) (truth, string) {
	n := max(h.pull.FileCount, len(h.pull.Files))
	if n > *c.FilesOver {
		return holds, ""
	}
	return holdsNot, count(n, "changed file") + " are not over " + strconv.Itoa(*c.FilesOver)
}

func draftHolds(h *hearing, c *Condition) (truth, string) {
	if h.pull.Draft {
		return truthOf(*c.Draft), "it is a draft"
	}
	return truthOf(!*c.Draft), "it is no draft"
}

const cutList = "GitHub does not list every changed file"

func filesHold(h *hearing, c *Condition) (truth, string) {
	s := scope{globs: shapes(c.Files)}
	for i := range h.pull.Files {
		if s.covers(&h.pull.Files[i]) {
			return holds, ""
		}
	}
	if !h.headWhole() {
		return holdsMaybe, cutList
	}
	return holdsNot, "no changed file matches " + globList(c.Files)
}

func onlyFilesHold(h *hearing, c *Condition) (truth, string) {
	globs := shapes(c.OnlyFiles)
	for i := range h.pull.Files {
		f := &h.pull.Files[i]
		if !anyGlob(globs, f.Path) || movedFrom(f) != "" && !anyGlob(globs, f.Previous) {
			return holdsNot, "not every changed file matches " + globList(c.OnlyFiles)
		}
	}
	if !h.headWhole() || len(h.pull.Files) == 0 {
		return holdsMaybe, cutList
	}
	return holds, ""
}

func notFilesHold(h *hearing, c *Condition) (truth, string) {
	s := scope{globs: shapes(c.NotFiles)}
	for i := range h.pull.Files {
		if s.covers(&h.pull.Files[i]) {
			return holdsNot, "a changed file matches " + globList(c.NotFiles)
		}
	}
	if !h.headWhole() {
		return holdsMaybe, cutList
	}
	return holds, ""
}

// words says what the condition describes, for when it holds.
func (c *Condition) words() string {
	switch {
	case c.DependencyUpdate != nil && *c.DependencyUpdate:
		return "it is proved to be a dependency update"
	case len(c.OnlyFiles) > 0:
		return "every changed file matches " + globList(c.OnlyFiles)
	case len(c.NotFiles) > 0:
		return "no changed file matches " + globList(c.NotFiles)
	case len(c.Files) > 0:
		return "a changed file matches " + globList(c.Files)
	case len(c.Authors) > 0:
		return "the author is among " + list(c.Authors, 3)
	case c.AuthorRole != "":
		return "the author holds the role " + string(c.AuthorRole)
	case len(c.Branches) > 0:
		return "the base branch matches " + globList(c.Branches)
	case c.Draft != nil && *c.Draft:
		return "it is a draft"
	case c.NewService != nil && !*c.NewService:
		return "it brings no new service"
	}
	return "the rule's condition holds"
}
