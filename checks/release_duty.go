package checks

import "strings"

// stageRoles are the roles that some stage asks for, each once, in their order.
func (r *ReleaseRules) stageRoles() (out []RoleName) {
	for i := range r.Stages {
		out = united(out, r.Stages[i].roles())
	}
	return out
}

func (s *Stage) roles() (out []RoleName) {
	for i := range s.SignOffs {
		out = united(out, []RoleName{s.SignOffs[i].Role})
	}
	return out
}

// duty is what somebody must hold to do something about a release: one role of each
// list. Of rules that are made of two texts each has a say, but that what a repository
// leaves out is left to the floor.
type duty [][]RoleName

// all are the roles of a duty, each once.
func (d duty) all() (out []RoleName) {
	for _, names := range d {
		out = united(out, names)
	}
	return out
}

// of is a duty by what each text says: named is the role that it names, usual are those
// that hold where it names none.
func (r *ReleaseRules) of(named func(*ReleaseRules) RoleName, usual func(*ReleaseRules) []RoleName) (out duty) {
	texts := r.texts()
	for i, t := range texts {
		switch name := named(t); {
		case name != "":
			out = append(out, []RoleName{name})
		case i == len(texts)-1: // the floor, or the only text
			out = append(out, usual(t))
		}
	}
	return out
}

// promotion is whose holders may promote.
func (r *ReleaseRules) promotion() duty {
	return r.of(func(t *ReleaseRules) RoleName { return t.Promoter }, (*ReleaseRules).stageRoles)
}

// acceptance is whose holders accept exceptions in the evidence.
func (r *ReleaseRules) acceptance() duty {
	return r.of(func(t *ReleaseRules) RoleName { return t.Evidence.Role }, func(t *ReleaseRules) []RoleName {
		if len(t.Stages) == 0 {
			return nil
		}
		return t.Stages[len(t.Stages)-1].roles()
	})
}

// followUp is whose holders follow up an emergency, and what was published by hand.
func (r *ReleaseRules) followUp() duty {
	return r.of(func(t *ReleaseRules) RoleName { return t.Emergency.FollowUpRole }, func(t *ReleaseRules) []RoleName {
		if t.Emergency.Role != "" {
			return []RoleName{t.Emergency.Role}
		}
		return t.promotion().all()
	})
}

// promoters are the roles that take part in who may promote, acceptors those in who
// accepts exceptions, followers those in who follows up.
func (r *ReleaseRules) promoters() []RoleName { return r.promotion().all() }
func (r *ReleaseRules) acceptors() []RoleName { return r.acceptance().all() }
func (r *ReleaseRules) followers() []RoleName { return r.followUp().all() }

// definitions are what the policy's texts call a role, each as it has it.
func (r *ReleaseRules) definitions(name RoleName) []Role {
	var out []Role
	for _, t := range r.texts() {
		if role, ok := (&ReviewRules{roles: t.roles}).role(name); ok {
			out = append(out, role)
		}
	}
	return out
}

// holdersOf are who holds any of some roles, each role's as one.
func (r *ReleaseRules) holdersOf(names ...RoleName) (out []string) {
	for _, name := range names {
		for _, role := range r.definitions(name) {
			out = union(out, []string{role.holders()})
		}
	}
	if len(out) == 0 {
		return []string{policyChangers}
	}
	return out
}

// holders is who holds any of some roles, as a sentence names them.
func (r *ReleaseRules) holders(names ...RoleName) string { return either(r.holdersOf(names...)) }

// whose is who holds what a duty takes, as a sentence names them.
func (r *ReleaseRules) whose(d duty) string {
	var out []string
	for _, names := range d {
		out = union(out, []string{r.holders(names...)})
	}
	return strings.Join(out, ", if also of ")
}
