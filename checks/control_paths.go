package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Paths is the control `compliance: {paths: […]}`: who must sign off a change of
// which files. Every rule that any changed file matches asks for its own sign-off,
// whatever other rules ask; a file that was renamed matches by its old name, too.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32 and A.5.3, PCI DSS 6.5, NIST CM-3,
// CM-5, AC-5.
type Paths struct {
	// Rules are the list itself. Default: none.
	Rules []PathRule `yaml:",list" tighten:"beside"`

	roles map[RoleName]Role
}

// PathRule is one rule of [Paths].
type PathRule struct {
	// Name is what the table calls the rule. In lower case with dashes it is a part
	// of the rule's id: Production is compliance/paths/production. It is needed.
	Name string `yaml:"name" tighten:"-"`
	// Files: the rule is for changes of files that match one of these globs, by
	// their new or their old path. It is needed.
	Files []Glob `yaml:"files" tighten:"wider"`
	// Role whose holders sign; nobody can who worked on the change. What was signed
	// holds while the files of the rule stay the same, whatever else changes. Either
	// this or roles is needed.
	Role RoleName `yaml:"role" tighten:"role"`
	// Roles that must all sign, instead of one. Default: none.
	Roles []RoleName `yaml:"roles" tighten:"wider"`
	// Count is how many different people must sign, of each role. Default: 1.
	Count int `yaml:"count" tighten:"up|1"`
}

// NewPaths is the control with its defaults: no rule.
func NewPaths() *Paths { return &Paths{} }

// UseRoles hands over the policy's roles.
func (p *Paths) UseRoles(roles map[RoleName]Role) { p.roles = roles }

// signers are the roles that must sign.
func (r *PathRule) signers() []RoleName {
	if r.Role != "" {
		return []RoleName{r.Role}
	}
	return r.Roles
}

// rules are the sign-offs of all rules, in their order.
func (p *Paths) rules() []SignOff {
	var out []SignOff
	for i := range p.Rules {
		for _, role := range p.Rules[i].signers() {
			out = append(out, SignOff{Name: p.Rules[i].Name, Role: role, Count: p.Rules[i].Count})
		}
	}
	return out
}

// Faults finds rules that ask for nothing, that nobody can meet, or that have the
// same id.
func (p *Paths) Faults() []Fault {
	var out []Fault
	names := ruleNames{what: "rule"}
	for i := range p.Rules {
		r := &p.Rules[i]
		add := func(key, message string) {
			out = append(out, Fault{Key: fmt.Sprint(i, key), Message: message})
		}
		if f, bad := names.fault(i, r.Name); bad {
			out = append(out, f)
		}
		switch {
		case len(r.Files) == 0:
			add("", "A rule about paths needs files.")
		case matchesAll(r.Files):
			out = append(out, Fault{Key: fmt.Sprint(i, ".files"), Message: "Every file matches, so every change needs this; a sign-off of the section review says that more plainly.", Warning: true})
		}
		switch {
		case r.Role == "" && len(r.Roles) == 0:
			add("", "A rule about paths needs a role, or roles.")
		case r.Role != "" && len(r.Roles) > 0:
			add(".roles", "A rule about paths has either a role or roles.")
		}
		for n, role := range r.signers() {
			if slices.Contains(r.signers()[:n], role) {
				add(fmt.Sprint(".roles.", n), fmt.Sprintf("The role %q is listed twice.", role))
			}
			for _, f := range signFaults(p.roles, role, r.Count, ".count") {
				add(f.Key, f.Message)
			}
		}
	}
	if len(p.Rules) == 0 {
		out = append(out, Fault{Message: "No rule about paths is given."})
	}
	return out
}

// Need asks for the changed files, and for who holds the roles.
func (p *Paths) Need() Need {
	n := signingNeed(p.roles, p.rules()...)
	n.Files = true
	return n
}

// Eval judges each rule.
func (p *Paths) Eval(pull Pull) Result { return p.judge(&pull, nil) }

// Wants is what must be known of those who may have signed for rules that apply.
func (p *Paths) Wants(pull Pull) Wants {
	var w Wants
	p.judge(&pull, &w)
	w.settle()
	return w
}

func (p *Paths) judge(pull *Pull, w *Wants) Result {
	r := Result{ID: "compliance/paths", Name: "Paths", State: Unmet}
	if !pull.FilesRead {
		fault{"the changed files have not been read yet", operators}.fill(&r)
		return r
	}
	s := signingOf(pull, w, p.roles, p.rules()...)
	parts := make([]Result, len(p.Rules))
	at := 0 // of the sign-offs
	for i := range p.Rules {
		rule := &p.Rules[i]
		parts[i] = rule.judge(pull, s, at)
		at += len(rule.signers())
	}
	r = Combine(r.ID, r.Name, parts)
	if len(parts) > 0 && r.State == Exempt {
		r.Summary = "No changed file needs a sign-off of its own."
	}
	return r
}

// judge judges a rule whose sign-offs begin at a number.
func (r *PathRule) judge(pull *Pull, s *signing, at int) Result {
	id := slug("compliance/paths/", r.Name)
	files, named := r.touched(pull)
	switch {
	case named == "" && pull.FileCount <= len(pull.Files):
		return Result{ID: id, Name: r.Name, State: Exempt, Summary: "Does not apply: no changed file matches " + globList(r.Files) + "."}
	case pull.FileCount > len(pull.Files):
		files, named = nil, cutList+", so some may be this rule's."
	}
	roles := r.signers()
	switch len(roles) {
	case 0:
		return Result{ID: id, Name: r.Name, State: Unmet, Summary: "The rule names no role.", Can: []string{policyChangers}}
	case 1:
		return s.signed(at, id, r.Name, named, files)
	}
	parts := make([]Result, len(roles))
	for i, role := range roles {
		parts[i] = Result{ID: slug(id+"/", string(role)), Name: r.Name + " (" + string(role) + ")"}
	}
	return Combine(id, r.Name, s.together(at, parts, named, files))
}

// touched are the changed files that a rule is about, by their new path, and a
// sentence that names them; "" when there are none.
func (r *PathRule) touched(pull *Pull) (files map[string]bool, named string) {
	sc := scope{globs: shapes(r.Files)}
	files = map[string]bool{}
	var names []string
	for i := range pull.Files {
		if f := &pull.Files[i]; sc.covers(f) {
			files[f.Path] = true
			names = append(names, quoted(calledIn(f, &sc)))
		}
	}
	if len(names) == 0 {
		return nil, ""
	}
	slices.Sort(names)
	return files, "It changes " + list(names, 3) + "."
}

// calledIn is a file by the name that is in a scope.
func calledIn(f *File, s *scope) string {
	if from := movedFrom(f); from != "" && !anyGlob(s.globs, f.Path) {
		return from + " → " + f.Path
	}
	return strings.TrimSpace(f.Path)
}
