package checks

import (
	"slices"
	"strconv"
	"strings"
)

// ReviewRules is the section review: whose approval a pull request needs.
type ReviewRules struct {
	// CodeOwners: each changed file that CODEOWNERS of the base branch gives to
	// somebody must be approved by one of its owners. Default: false. Changes of
	// the policy and of CODEOWNERS need their owners in any case.
	CodeOwners bool `yaml:"codeowners" tighten:"on"`
	// SignOffs are the approvals that are needed. Default: one approval by
	// somebody with the role reviewer.
	SignOffs []SignOff `yaml:"sign_offs" tighten:"beside"`

	roles map[RoleName]Role
	// beside are the roles of the other policy file that holds: who names one of them
	// has named a role, though none that signs here.
	beside map[RoleName]Role
	terms  *Terms
}

// NewReview is the section's default: one approval by somebody with write
// access.
func NewReview() *ReviewRules {
	return &ReviewRules{SignOffs: []SignOff{{Name: "Code review", Role: reviewerRole}}}
}

const reviewerRole RoleName = "reviewer"

// UseRoles hands over the policy's roles.
func (r *ReviewRules) UseRoles(roles map[RoleName]Role) { r.roles = roles }

// UseRolesBeside hands over the roles of the other policy file that holds.
func (r *ReviewRules) UseRolesBeside(roles map[RoleName]Role) { r.beside = roles }

// namesBeside says whether a command names a role of the other file, in any case.
func (r *ReviewRules) namesBeside(name string) bool {
	for known := range r.beside {
		if strings.EqualFold(string(known), name) {
			return true
		}
	}
	return false
}

// UseTerms hands over what the policy defines for its conditions.
func (r *ReviewRules) UseTerms(terms *Terms) { r.terms = terms }

// role is a role by its name; "reviewer" is always there.
func (r *ReviewRules) role(name RoleName) (Role, bool) {
	role, ok := r.roles[name]
	if !ok && name == reviewerRole {
		role, ok = BuiltinRole(), true
	}
	role.Name = name
	return role, ok
}

// roleCalled finds a role by the name in a command, in any case.
func (r *ReviewRules) roleCalled(name string) (found RoleName, ok bool) {
	if _, ok := r.role(RoleName(name)); ok {
		return RoleName(name), true
	}
	if strings.EqualFold(name, string(reviewerRole)) {
		found, ok = reviewerRole, true
	}
	for known := range r.roles {
		if strings.EqualFold(string(known), name) && (!ok || known < found) {
			found, ok = known, true
		}
	}
	return found, ok
}

// inUse are the roles that some rule asks for, by name.
func (r *ReviewRules) inUse() []Role {
	out := make([]Role, 0, len(r.SignOffs)+1)
	add := func(name RoleName) {
		for i := range out {
			if out[i].Name == name {
				return
			}
		}
		if role, ok := r.role(name); ok {
			out = append(out, role)
		}
	}
	add(reviewerRole) // an owner's plain approval is one as reviewer
	for i := range r.SignOffs {
		if name := r.SignOffs[i].Role; name != "" {
			add(name)
		}
	}
	slices.SortFunc(out, func(a, b Role) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return out
}

// Need asks for the members of the roles' teams and the permission of their
// users, and for the changed files: an approval is remembered with the files
// it has seen.
func (r *ReviewRules) Need() Need {
	n := Need{Files: true, Owners: r.CodeOwners}
	add := func(name RoleName) {
		role, _ := r.role(name)
		if role.Team != "" {
			n.Teams = union(n.Teams, []string{strings.ToLower(strings.TrimPrefix(role.Team, "@"))})
		}
		for _, u := range role.Users {
			if key := strings.ToLower(u); !isApp(key) {
				n.Users = union(n.Users, []string{key})
			}
		}
	}
	for i := range r.SignOffs {
		s := &r.SignOffs[i]
		n.Owners = n.Owners || s.CodeOwners
		add(s.Role)
		for _, c := range []*Condition{s.When, s.Unless} {
			if c != nil && c.AuthorRole != "" {
				add(c.AuthorRole)
			}
		}
	}
	return n
}

// Eval judges.
func (r *ReviewRules) Eval(p Pull) Result { return r.judge(&p, nil) }

// Wants is what judging runs into that was not asked: the permission of those
// who said something that may count, the teams that own changed files, what an
// approval at an earlier commit has seen, and file modes where nothing else
// tells two commits apart.
func (r *ReviewRules) Wants(p Pull) Wants {
	var w Wants
	r.judge(&p, &w)
	w.settle()
	return w
}

func (r *ReviewRules) judge(p *Pull, w *Wants) Result {
	h := hearing{pull: p, rules: r, wants: w, roles: r.inUse()}
	h.listen()
	h.gather()
	parts := make([]Result, 0, len(r.SignOffs)+2)
	if blocked, ok := h.changesRequested(); ok {
		parts = append(parts, blocked)
	}
	parts = append(parts, h.signOffs()...)
	if owned, ok := h.owned(); ok {
		parts = append(parts, owned)
	}
	out := Combine("review", "Review", parts)
	out.Summary = summarise(parts)
	out.Notes = h.remarks()
	for i := range h.voices {
		if v := &h.voices[i]; v.latest != nil && v.latest.State == "DISMISSED" {
			out.Evidence = append(out.Evidence, Evidence{
				Kind: "review", ID: evidenceID(v.latest.ID), Login: v.login, Commit: v.latest.Commit,
				Text: strings.TrimSpace("dismissed by " + v.latest.DismissedBy),
			})
		}
	}
	return out
}

// summarise names the rules that are not met.
func summarise(parts []Result) string {
	var open []string
	met := 0
	for _, p := range parts {
		switch {
		case !p.State.Passes():
			open = append(open, p.Name)
		case p.State == Met:
			met++
		}
	}
	switch {
	case len(open) == 1:
		for _, p := range parts {
			if !p.State.Passes() {
				return p.Name + ": " + p.Summary
			}
		}
	case len(open) > 1:
		return missingWord + list(open, 4) + "."
	case met == 0:
		return "No approval is needed."
	}
	return "Everything that is needed is approved."
}

// remarks are what concerns no single rule.
func (h *hearing) remarks() []string {
	var out []string
	for i := range h.voices {
		v := &h.voices[i]
		if r := v.latest; r != nil && r.State == "DISMISSED" {
			by := ""
			if r.DismissedBy != "" {
				by = " by " + r.DismissedBy
			}
			out = append(out, first(v.login)+"'s review was dismissed"+by+" and says nothing any more.")
		}
		if v.blocks() {
			if b := h.weighBlock(v); !b.blocks {
				out = append(out, first(v.login)+" asks for changes; it does not block, since "+b.why+".")
			}
		}
		for _, m := range v.misses {
			if m.role == "" {
				out = append(out, v.login+"'s line \""+Plain(m.line)+"\" names no role; the roles are "+h.roleNames()+".")
			}
		}
	}
	for i := range h.unknown {
		u := &h.unknown[i]
		out = append(out, "Commit "+short(u.sha)+" by "+u.who+" belongs to no GitHub account.")
	}
	out = sorted(out)
	if len(out) > remarkLimit {
		out = append(out[:remarkLimit], strconv.Itoa(len(out)-remarkLimit)+" more remarks are left out.")
	}
	return out
}

// remarkLimit is how many remarks of a kind a reader is shown.
const remarkLimit = 20

func (h *hearing) roleNames() string {
	names := []string{string(reviewerRole)}
	for n := range h.rules.roles {
		names = append(names, string(n))
	}
	return list(sorted(names), 8)
}
