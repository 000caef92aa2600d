package checks

import "slices"

// roleFill is a sign-off of a stage and who is counted for it.
type roleFill struct {
	stage, rule int
	need        int
	counted     []*signature
	spent       []*signature // signed as well, and counted for another role of the stage
}

// seat decides who is counted for which sign-off: of one stage, or of all where it is
// less than none.
func (x *releasing) seat(stage int) []roleFill {
	var all seats
	var out []roleFill
	for i := range x.rules.Stages {
		if stage >= 0 && stage != i {
			continue
		}
		for j := range x.rules.Stages[i].SignOffs {
			so := &x.rules.Stages[i].SignOffs[j]
			rule := seatRule{stage: i, need: so.count(), apart: x.apart(so.Role)}
			for _, s := range x.signs {
				if s.stage == i && slices.Contains(s.roles, j) && !slices.Contains(rule.by, s.who) {
					rule.by = append(rule.by, s.who)
				}
			}
			all.rules = append(all.rules, rule)
			out = append(out, roleFill{stage: i, rule: j, need: so.count()})
		}
	}
	all.fill()
	for k := range out {
		x.counted(&out[k], &all.rules[k])
	}
	return out
}

// counted fills in the acts of those who are counted: of each the first that holds.
func (x *releasing) counted(f *roleFill, rule *seatRule) {
	for _, p := range rule.by {
		i := slices.IndexFunc(x.signs, func(s signature) bool {
			return s.who == p && s.stage == f.stage && slices.Contains(s.roles, f.rule)
		})
		if slices.Contains(rule.taken, p) {
			f.counted = append(f.counted, &x.signs[i])
		} else {
			f.spent = append(f.spent, &x.signs[i])
		}
	}
}

// apart says whether who signs a role may sign no other.
func (x *releasing) apart(name RoleName) bool {
	return slices.ContainsFunc(x.texts, func(h *hearing) bool {
		role, ok := h.rules.role(name)
		return ok && role.Distinct
	})
}

// refuseUncounted says of sign-offs that hold, and count for nothing at present, why: by
// the same person, for the same role or another one of the stage. Whoever signs where
// enough have is not refused.
func (x *releasing) refuseUncounted() {
	counted := map[*Act]bool{}
	type seated struct{ stage, who int }
	as := map[seated]*roleFill{}
	for i := range x.fills {
		f := &x.fills[i]
		for _, s := range f.counted {
			counted[s.act], as[seated{f.stage, s.who}] = true, f
		}
	}
	for i := range x.signs {
		s := &x.signs[i]
		f := as[seated{s.stage, s.who}]
		if counted[s.act] || s.stage < 0 {
			continue
		}
		can := "Somebody else can sign: " + x.rules.holders(x.rolesOf(s)...)
		switch role := x.elsewhere(s); {
		case f != nil && slices.Contains(s.roles, f.rule):
			x.refuse(s.act, "who signs twice has signed once, and "+Plain(s.act.By.Login)+" has signed as "+string(x.roleOf(f))+" before", can)
		case f != nil:
			x.refuse(s.act, "one person signs for one role of a stage, and "+Plain(s.act.By.Login)+" has signed as "+string(x.roleOf(f)), can)
		case role != "":
			x.refuse(s.act, "who signs as "+string(role)+" signs nothing else, or the other way round", can)
		}
	}
}

// elsewhere is a role of another stage by which somebody is kept from being counted in
// the one of a sign-off, since one of the two roles is distinct; "" for none.
func (x *releasing) elsewhere(s *signature) RoleName {
	mine := slices.ContainsFunc(x.rolesOf(s), x.apart)
	for i := range x.fills {
		f := &x.fills[i]
		if role := x.roleOf(f); f.stage != s.stage && (mine || x.apart(role)) && slices.ContainsFunc(f.counted, func(o *signature) bool { return o.who == s.who }) {
			return role
		}
	}
	return ""
}

func (x *releasing) roleOf(f *roleFill) RoleName {
	return x.rules.Stages[f.stage].SignOffs[f.rule].Role
}

// rolesOf are the roles that a sign-off may count for.
func (x *releasing) rolesOf(s *signature) (out []RoleName) {
	for _, i := range s.roles {
		out = append(out, x.rules.Stages[s.stage].SignOffs[i].Role)
	}
	return out
}
