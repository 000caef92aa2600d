package checks

import (
	"slices"
	"strings"
)

// Separation is the control `compliance: {separation: true}`: who approved is not
// who wrote. At least one approval must count, for whatever role, that is by a person
// with write access who took no part in the change: opened it, wrote, committed or
// pushed nothing of it (review.md, C1 to C4). It holds also where the rules of the
// section review let people approve their own work, or ask for roles that need less
// access. Whose account merged is recorded with the verdict, and is not judged here.
//
// Evidence for SOC 2 CC8.1 and CC6.3, ISO 27001 A.5.3, PCI DSS 6.2.3, NIST AC-5,
// CM-5.
type Separation struct {
	// Count is how many such people there must be. Default: 1.
	Count int `yaml:"count" tighten:"up"`

	roles map[RoleName]Role
}

// NewSeparation is the control with its defaults.
func NewSeparation() *Separation { return &Separation{Count: 1} }

// UseRoles hands over the policy's roles. They are held to write access here, and to
// people: an App is nobody who could answer for a change.
func (s *Separation) UseRoles(roles map[RoleName]Role) {
	s.roles = map[RoleName]Role{}
	for name, role := range roles {
		apps := slices.DeleteFunc(slices.Clone(role.Users), func(u string) bool { return !isApp(strings.ToLower(u)) })
		if len(apps) > 0 && len(apps) == len(role.Users) && role.Team == "" {
			continue
		}
		role.Users = slices.DeleteFunc(slices.Clone(role.Users), func(u string) bool { return isApp(strings.ToLower(u)) })
		if !role.needs().AtLeast(writeAccess) {
			role.Permission = writeAccess
		}
		s.roles[name] = role
	}
}

const writeAccess Permission = "write"

// Faults finds a number that asks for nobody.
func (s *Separation) Faults() []Fault {
	if s.Count < 1 {
		return []Fault{{Key: "count", Message: "Fewer than one approval separates nobody."}}
	}
	return nil
}

// rules are a sign-off of every role, the built-in one first.
func (s *Separation) rules() []SignOff {
	out := []SignOff{{Name: "Separation of duties", Role: reviewerRole, Count: s.Count}}
	for name := range s.roles {
		if name != reviewerRole {
			out = append(out, SignOff{Name: "Separation of duties", Role: name, Count: s.Count})
		}
	}
	slices.SortFunc(out[1:], func(a, b SignOff) int { return strings.Compare(string(a.Role), string(b.Role)) })
	return out
}

// Need asks for who holds the roles.
func (s *Separation) Need() Need { return signingNeed(s.roles, s.rules()...) }

// Eval judges.
func (s *Separation) Eval(pull Pull) Result { return s.judge(&pull, nil) }

// Wants is what must be known of those who approved.
func (s *Separation) Wants(pull Pull) Wants {
	var w Wants
	s.judge(&pull, &w)
	w.settle()
	return w
}

// judge hears everybody for every role, and counts each person once.
func (s *Separation) judge(pull *Pull, w *Wants) Result {
	x := signingOf(pull, w, s.roles, s.rules()...)
	h := &x.h
	all := tally{}
	for i := range h.rules.SignOffs {
		t := tally{rule: &h.rules.SignOffs[i], result: Result{ID: "compliance/separation", Name: "Separation of duties"}}
		h.weigh(&t)
		if i == 0 {
			all = t
			continue
		}
		all.join(&t)
	}
	h.finish(&all)
	if all.result.State == Waiting {
		all.result.Summary = "Whoever worked on a change cannot be all who approve it. " + all.result.Summary
	}
	return all.result
}

// join adds those who approved for another role, and were not counted yet. A role
// that cannot be judged adds nobody.
func (t *tally) join(o *tally) {
	if o.done {
		return
	}
	if t.done {
		*t, *o = *o, *t
		return
	}
	for i := range o.counted {
		key := o.counted[i].who.key
		at := slices.IndexFunc(t.counted, func(w weighed) bool { return w.who.key == key })
		switch {
		case at < 0:
			t.counted, t.spent = append(t.counted, o.counted[i]), append(t.spent, false)
		case o.counted[i].atHead && !t.counted[at].atHead:
			t.counted[at] = o.counted[i]
		}
	}
	for _, m := range o.remarks {
		if !slices.Contains(t.remarks, m) {
			t.remarks = append(t.remarks, m)
		}
	}
	slices.SortFunc(t.counted, func(a, b weighed) int { return strings.Compare(a.who.key, b.who.key) })
}
