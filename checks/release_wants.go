package checks

import (
	"slices"
	"strings"
)

// ReleaseWants is what the snapshot still lacks before it can be judged: the members of
// the roles' teams, the access of those who are named and of those who did something,
// and the attestations of artifacts. It does not ask twice for what was answered.
func ReleaseWants(p Policy, r Release) Wants {
	rules := p.ReleaseRules()
	if rules == nil {
		return Wants{}
	}
	n := rules.Need()
	w := Wants{Teams: notAsked(n.Teams, r.Teams), Users: notAsked(n.Users, r.People)}
	x := newReleasing(p, r, &w)
	r.Acts = append(slices.Clip(r.Acts), hearRelease(x)...)
	x = newReleasing(p, r, &w)
	if !x.v.Invalid {
		x.judge()
	}
	pull := x.spokenTo()
	w = w.add(commandWants(&pull, ordersIn(&pull)))
	if slices.ContainsFunc(rules.Stages, func(s Stage) bool { return s.Attested }) {
		for i := range r.Artifacts {
			if a := &r.Artifacts[i]; a.Digest != "" && !a.AttestedRead && !a.AttestedDenied {
				w.Attested = union(w.Attested, []string{a.Digest})
			}
		}
	}
	slices.Sort(w.Attested)
	w.settle()
	return w
}

// Need asks for the members of the roles' teams, and for the permission of the users
// that they name.
func (r *ReleaseRules) Need() (n Need) {
	if r == nil {
		return n
	}
	for _, t := range r.texts() {
		rules := &ReviewRules{roles: t.roles}
		for _, name := range r.everyRole() {
			role, ok := rules.role(name)
			if !ok {
				continue
			}
			if role.Team != "" {
				n.Teams = union(n.Teams, []string{strings.ToLower(strings.TrimPrefix(role.Team, "@"))})
			}
			for _, u := range role.Users {
				if key := strings.ToLower(u); !isApp(key) {
					n.Users = union(n.Users, []string{key})
				}
			}
		}
	}
	return n
}
