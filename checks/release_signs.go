package checks

import (
	"slices"
	"strings"
	"time"
)

// signature is a sign-off that counts, for one of the roles that it may stand for.
type signature struct {
	act   *Act
	who   int      // person
	stage int      // in the policy's order; -1 for none, where it lets through a freeze alone
	roles []int    // sign-offs of the stage that it may count for
	named RoleName // that was spoken; "" on a button
	until time.Time
}

// hearSign takes note of a sign-off, or refuses it.
func (x *releasing) hearSign(a *Act) {
	s := signature{act: a, who: x.people.of(a.By), stage: -1, named: a.Role, until: a.At.Add(time.Duration(x.rules.Valid))}
	wants, asked := x.meant(a)
	if !asked {
		return
	}
	can := "Somebody else can sign: " + x.rules.holders(wants...)
	var last access
	var held []RoleName
	for _, role := range wants {
		if last = x.holds(role, a.By); last.ok {
			held = append(held, role)
		}
	}
	switch {
	case len(held) == 0:
		x.refuse(a, last.why, can)
	case x.barred(a.By) != "":
		x.refuse(a, x.barred(a.By), can)
	case !s.until.After(x.r.At):
		x.refuse(a, "it held until "+minute(s.until), "It can be signed anew")
	default:
		x.sign(s, held)
	}
}

// meant are the roles that a sign-off may be for.
func (x *releasing) meant(a *Act) (roles []RoleName, ok bool) {
	every := united(x.rules.stageRoles(), x.rules.freezeRoles())
	i := slices.IndexFunc(x.rules.Stages, func(s Stage) bool { return s.is(a.Stage) })
	switch {
	case a.Stage != "" && i < 0:
		x.refuse(a, "there is no stage "+quoted(a.Stage), "The stages are "+x.stageNames())
		return nil, false
	case a.Stage != "":
		every = x.rules.Stages[i].roles()
	case a.Role == "":
		x.refuse(a, "it names no role", "Write it with one, such as \""+signCommand+" "+nameOf(every)+"\"")
		return nil, false
	}
	if a.Role == "" {
		return every, true
	}
	if !slices.Contains(every, a.Role) {
		x.refuse(a, "nobody is asked to sign as "+quoted(string(a.Role)), "The roles are "+roleList(every))
		return nil, false
	}
	return []RoleName{a.Role}, true
}

// sign notes a sign-off for a stage: for that of the button or, where none is named, the
// first that lacks the role.
func (x *releasing) sign(s signature, held []RoleName) {
	if s.act.Stage != "" {
		s.stage = slices.IndexFunc(x.rules.Stages, func(g Stage) bool { return g.is(s.act.Stage) })
	} else {
		s.stage = x.lacking(s.named)
	}
	if s.stage >= 0 {
		for i, so := range x.rules.Stages[s.stage].SignOffs {
			if slices.Contains(held, so.Role) {
				s.roles = append(s.roles, i)
			}
		}
	}
	x.signs = append(x.signs, s)
}

// lacking is the first stage that asks for a role and has not enough people who have
// signed as such; where all have, the last one.
func (x *releasing) lacking(name RoleName) int {
	last := -1
	for i := range x.rules.Stages {
		if !slices.Contains(x.rules.Stages[i].roles(), name) {
			continue
		}
		if last = i; x.rules.asked(name) == 1 {
			break
		}
		for _, f := range x.seat(i) {
			if x.rules.Stages[i].SignOffs[f.rule].Role == name && len(f.counted) < f.need {
				return i
			}
		}
	}
	return last
}

// asked is how many stages ask for a role.
func (r *ReleaseRules) asked(name RoleName) (n int) {
	for i := range r.Stages {
		if slices.Contains(r.Stages[i].roles(), name) {
			n++
		}
	}
	return n
}

// hearRevoke takes back what somebody has signed, accepted or rejected.
func (x *releasing) hearRevoke(a *Act) {
	word := string(a.Role)
	switch {
	case gone(account(a.By)):
		x.refuse(a, "the account is deleted", "Everybody takes back what they have signed themselves")
	case strings.TrimSpace(a.Reason) == "":
		x.refuse(a, "a reason is required to reject, revoke or break glass", "Write it anew with one")
	case strings.EqualFold(word, rejectionWord):
		x.takeBackRejection(a)
	case x.takeBack(a):
	case word == "" && a.Stage == "":
		x.refuse(a, "it names no role", "Write \""+revokeCommand+" ROLE REASON\"")
	default:
		x.refuse(a, Plain(a.By.Login)+" has signed nothing that it is about", "Everybody takes back what they have signed themselves")
	}
}

// takeBack takes back sign-offs and acceptances, and says whether there were any.
func (x *releasing) takeBack(a *Act) bool {
	who, before := x.people.of(a.By), len(x.signs)+len(x.accepts)
	x.signs = slices.DeleteFunc(x.signs, func(s signature) bool {
		if s.who != who || a.Stage != "" && (s.stage < 0 || !x.rules.Stages[s.stage].is(a.Stage)) {
			return false
		}
		return a.Role == "" && a.Stage != "" || a.Role != "" && (s.named == a.Role || x.standsFor(&s, a.Role))
	})
	if strings.EqualFold(string(a.Role), IDReleaseEvidence) {
		x.accepts = slices.DeleteFunc(x.accepts, func(c acceptance) bool { return x.people.of(c.act.By) == who })
	}
	return len(x.signs)+len(x.accepts) < before
}

// standsFor says whether a sign-off may count for a role.
func (x *releasing) standsFor(s *signature, role RoleName) bool {
	return slices.ContainsFunc(s.roles, func(i int) bool { return x.rules.Stages[s.stage].SignOffs[i].Role == role })
}

func (x *releasing) stageNames() string {
	var out []string
	for i := range x.rules.Stages {
		out = append(out, Plain(x.rules.Stages[i].Name))
	}
	return list(out, 8)
}

func roleList(names []RoleName) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return list(out, 8)
}

// nameOf is the first of some roles, for an example.
func nameOf(names []RoleName) string {
	if len(names) == 0 {
		return "ROLE"
	}
	return string(names[0])
}
