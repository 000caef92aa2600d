package checks

import (
	"slices"
	"strings"
	"time"
)

// Override is the section `override`: who may let a requirement pass that is not
// met, by a comment with the line "/override REQUIREMENT REASON". An override holds
// for the commit that was the head when it was spoken and until its end, and is
// shown with its reason wherever the requirement is. Without the section nothing can
// be overridden. What the organisation's floor asks for can be overridden by the
// floor's own section alone, whatever a repository's says.
//
// Never overridden are a policy that is invalid, a draft, and what another pull
// request with the same commit lacks.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, NIST CM-3 and CM-5(1).
type Override struct {
	// Role whose holders may override. An App never may, and nobody who worked on the
	// change. Default: nobody may.
	Role RoleName `yaml:"role" tighten:"beside"`
	// Valid is how long an override holds at most, counted from when it was spoken,
	// and how long one does that names no time: "/override review/qa 2h REASON" holds
	// two hours. Default: 24h.
	Valid Duration `yaml:"valid" tighten:"beside"`
	// Requirements are the ids that can be overridden, as the table prints them,
	// globs among them: review/code-review, coverage/**. Default: all of them.
	Requirements []Glob `yaml:"requirements" tighten:"beside"`
	// Self: those who worked on the change may override, too. Default: false.
	Self bool `yaml:"self" tighten:"beside"`
	// Second says what two people must override.
	Second SecondPerson `yaml:"second" tighten:"beside"`
	// BreakGlass says who may override everything at once, in an emergency.
	BreakGlass BreakGlass `yaml:"break_glass" tighten:"beside"`

	roles map[RoleName]Role
}

// SecondPerson says which requirements two different people must override, each by a
// comment of their own.
type SecondPerson struct {
	// Role that one of the two must hold; the other holds the role of the section.
	// Default: nobody does, so that what For names cannot be overridden at all.
	Role RoleName `yaml:"role" tighten:"beside"`
	// For are the ids that need two people, globs among them: security/**. Default:
	// security/secrets, since whoever has read a secret has it for good, and
	// security/scan, which stands while it is not known whether there is one.
	For []Glob `yaml:"for" tighten:"beside"`
}

// BreakGlass says who may override everything that can be overridden at once, by a
// comment with the line "/break-glass REASON", and who looks at it afterwards. What
// two people must override still needs both.
type BreakGlass struct {
	// Role whose holders may. Default: nobody may.
	Role RoleName `yaml:"role" tighten:"beside"`
	// Valid is how long it holds at most, counted from when it was spoken. Default: 4h.
	Valid Duration `yaml:"valid" tighten:"beside"`
	// Self: those who worked on the change may break the glass, too. Default: false.
	Self bool `yaml:"self" tighten:"beside"`
	// FollowUp is how soon after the merge somebody else must have looked at what was
	// merged and said so on the pull request: "/follow-up" and what came of it. After
	// that it is a finding. Default: 7d.
	FollowUp Duration `yaml:"follow_up" tighten:"beside"`
	// FollowUpRole is the role whose holders may do that, unless they broke the glass
	// or worked on the change. Default: the role that may break the glass.
	FollowUpRole RoleName `yaml:"follow_up_role" tighten:"beside"`
}

// The defaults of overrides.
const (
	overrideUsual = 24 * time.Hour
	glassUsual    = 4 * time.Hour
	followUsual   = 7 * day
)

// NewOverride is the section with its defaults.
func NewOverride() *Override {
	return &Override{
		Valid: Duration(overrideUsual), Requirements: []Glob{"**"},
		Second:     SecondPerson{For: []Glob{"security/secrets", "security/scan"}},
		BreakGlass: BreakGlass{Valid: Duration(glassUsual), FollowUp: Duration(followUsual)},
	}
}

// UseRoles hands over the policy's roles.
func (o *Override) UseRoles(roles map[RoleName]Role) { o.roles = roles }

// Faults says what of the section can do nothing.
func (o *Override) Faults() []Fault {
	var out []Fault
	if o.Role == "" && o.BreakGlass.Role == "" {
		out = append(out, Fault{Key: "role", Message: "It names no role, so nobody can override anything: name one, or leave the section out."})
	}
	if len(o.Requirements) == 0 && o.Role != "" {
		out = append(out, Fault{Key: "requirements", Message: "It names no requirement, so nothing can be overridden.", Warning: true})
	}
	if o.Second.Role != "" && len(o.Second.For) == 0 {
		out = append(out, Fault{Key: "second.for", Message: "It names no requirement, so the second person is never asked for.", Warning: true})
	}
	if g := &o.BreakGlass; g.Role == "" && g.FollowUpRole != "" {
		out = append(out, Fault{Key: "break_glass.role", Message: "It names no role, so nobody can break the glass.", Warning: true})
	}
	return out
}

// rules are the roles in use, as the review section would ask for them.
func (o *Override) asReview() *ReviewRules {
	r := &ReviewRules{roles: o.roles}
	for _, name := range []RoleName{o.Role, o.Second.Role, o.BreakGlass.Role, o.BreakGlass.FollowUpRole} {
		if name != "" {
			r.SignOffs = append(r.SignOffs, SignOff{Role: name})
		}
	}
	return r
}

// Need asks for the members of the roles' teams and the permission of their users.
func (o *Override) Need() Need {
	if o == nil {
		return Need{}
	}
	n := o.asReview().Need()
	n.Files = false
	return n
}

// Wants is what must be known of those who have overridden something.
func (o *Override) Wants(pull Pull) Wants { return o.wants(&pull, ordersIn(&pull)) }

func (o *Override) wants(pull *Pull, orders []order) (w Wants) {
	if o != nil {
		newAuthority(o, false, pull, orders, &w)
		w.settle()
	}
	return w
}

// followUpRole is whose holders may follow up.
func (g *BreakGlass) followUpRole() RoleName {
	if g.FollowUpRole != "" {
		return g.FollowUpRole
	}
	return g.Role
}

// floorID says whether a result's id is one of the organisation's floor.
func floorID(id string) bool {
	_, rest, _ := strings.Cut(id, "/")
	return rest == "floor" || strings.HasPrefix(rest, "floor/")
}

// plainID is an id as it is without the floor, or beside it: patterns of ids are about
// both.
func plainID(id string) string {
	section, rest, found := strings.Cut(id, "/")
	if !found {
		return id
	}
	for _, part := range []string{"floor", "repository"} {
		if rest == part {
			return section
		}
		if after, ok := strings.CutPrefix(rest, part+"/"); ok {
			return section + "/" + after
		}
	}
	return id
}

// names says whether some pattern is about a requirement.
func namesID(globs []Glob, id string) bool {
	plain := plainID(id)
	return slices.ContainsFunc(globs, func(g Glob) bool { return g.Match(id) || g.Match(plain) })
}

// withinID says whether an id is another one or below it, in any case of letters.
func withinID(id, of string) bool {
	return len(id) >= len(of) && strings.EqualFold(id[:len(of)], of) && (len(id) == len(of) || id[len(of)] == '/')
}
