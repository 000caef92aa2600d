package checks

import (
	"fmt"
	"strconv"
)

// Size is the control `compliance: {size: …}`: a change that is larger than people
// look through with care needs a second review, or the sign-off of a role. Files are
// not counted that are generated or vendored, as .gitattributes files of the base
// branch say (linguist-generated, linguist-vendored), nor those that exclude names;
// one that was renamed only if both of its names are. What GitHub does not list is
// counted. `size: true` takes the defaults.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.2.3, NIST CM-3, CM-4.
type Size struct {
	// Lines is up to how many lines may be added and removed together. Default:
	// 500.
	Lines int `yaml:"lines" tighten:"down"`
	// Files is up to how many files may be changed. Default: 50.
	Files int `yaml:"files" tighten:"down"`
	// Role whose holders sign a change that is over one of the limits; nobody can
	// who worked on it. Default: reviewer.
	Role RoleName `yaml:"role" tighten:"role"`
	// Count is how many different people must sign it. Default: 2.
	Count int `yaml:"count" tighten:"up"`
	// Exclude are files that are not counted either. Default: none.
	Exclude []Glob `yaml:"exclude" tighten:"lifts"`

	roles map[RoleName]Role
}

// NewSize is the control with its defaults.
func NewSize() *Size { return &Size{Lines: 500, Files: 50, Role: reviewerRole, Count: 2} }

// UseRoles hands over the policy's roles.
func (s *Size) UseRoles(roles map[RoleName]Role) { s.roles = roles }

// Faults finds sign-offs that nobody can give, and a list of exclusions by which
// nothing would be counted.
func (s *Size) Faults() []Fault {
	var out []Fault
	if s.Count == 0 {
		out = append(out, Fault{Key: "count", Message: "0 approvals cannot be asked for."})
	}
	if len(s.Exclude) > 0 && matchesAll(s.Exclude) {
		out = append(out, Fault{Key: "exclude", Message: "Every file is excluded, so no change would ever be too large."})
	}
	return append(out, signFaults(s.roles, s.Role, s.Count, "count")...)
}

func (s *Size) rule() SignOff { return SignOff{Name: "Size", Role: s.Role, Count: s.Count} }

// Need asks for the changed files, and for who holds the role.
func (s *Size) Need() Need {
	n := signingNeed(s.roles, s.rule())
	n.Files = true
	return n
}

// Eval counts.
func (s *Size) Eval(pull Pull) Result { return s.judge(&pull, nil) }

// Wants is, of a change that is over a limit with all that is in it, the attribute
// files that say what is generated; and, of one that still is, what must be known of
// those who may have signed it.
func (s *Size) Wants(pull Pull) Wants {
	var w Wants
	s.judge(&pull, &w)
	w.settle()
	return w
}

func (s *Size) judge(pull *Pull, w *Wants) Result {
	r := Result{ID: "compliance/size", Name: "Size", State: Met}
	if !pull.FilesRead {
		fault{"the changed files have not been read yet", operators}.fill(&r)
		return r
	}
	all := sizeOf(pull)
	if s.over(all) == "" {
		r.Summary = all.are() + " not over " + s.limits() + "."
		return r
	}
	left := leaveOut(pull, s.Exclude)
	if w != nil && len(left.wanted) > 0 {
		w.Texts = left.wanted
		return r
	}
	rest := extent{all.lines - left.marked.lines - left.excluded.lines, all.files - left.marked.files - left.excluded.files}
	over := s.over(rest)
	if over == "" {
		r.Summary, r.Notes = rest.are()+" not over "+s.limits()+left.aside()+".", left.notes()
		return r
	}
	why := rest.are() + " over " + over + left.aside() + "."
	r = signingOf(pull, w, s.roles, s.rule()).signed(0, r.ID, r.Name, why, nil)
	if r.State == Met {
		r.Notes = append([]string{why}, r.Notes...)
	} else {
		r.Notes = append(r.Notes, "A change that is split into smaller pull requests needs no such sign-off.")
	}
	r.Notes = append(r.Notes, left.notes()...)
	return r
}

// over is the limit that something is over, as a sentence has it; "" for none.
func (s *Size) over(e extent) string {
	switch lines, files := e.lines > s.Lines, e.files > s.Files; {
	case lines && files:
		return s.limits()
	case lines:
		return "the limit of " + count(s.Lines, "line")
	case files:
		return "the limit of " + count(s.Files, "file")
	}
	return ""
}

func (s *Size) limits() string {
	return fmt.Sprintf("the limits of %s and %s", count(s.Lines, "line"), count(s.Files, "file"))
}

// extent is how much is changed.
type extent struct{ lines, files int }

// are begins a sentence.
func (e extent) are() string {
	return strconv.Itoa(e.lines) + " changed " + plural(e.lines, "line", "lines") + " in " + count(e.files, "file") + " " + plural(e.lines, "is", "are")
}

// sizeOf is the whole change, with what GitHub counts and does not list.
func sizeOf(pull *Pull) extent {
	e := extent{files: max(pull.FileCount, len(pull.Files))}
	for i := range pull.Files {
		e.lines += linesOf(&pull.Files[i])
	}
	e.lines = max(e.lines, pull.Lines)
	return e
}

func linesOf(f *File) int { return max(f.Additions, 0) + max(f.Deletions, 0) }
