package checks

import (
	"slices"
	"strconv"
	"strings"
)

// holds says whether somebody holds a role now, or why not as the end of a sentence. A
// role that both policy texts define is held by both.
func (x *releasing) holds(name RoleName, who Actor) access {
	key, known := account(who), false
	if gone(key) {
		return access{unknown: true, why: "the account is deleted"}
	}
	for _, h := range x.texts {
		role, ok := h.rules.role(name)
		if !ok {
			continue
		}
		known = true
		if f := h.fault(&role); f.why != "" {
			return access{unknown: true, why: f.why}
		}
		acc := h.admits(&role, key, who.Login)
		if acc.outside {
			acc.why = role.excludes(key, Plain(who.Login))
		}
		if !acc.ok {
			return acc
		}
	}
	if !known {
		return access{unknown: true, why: "there is no role " + quoted(string(name))}
	}
	return access{ok: true}
}

// holdsAny is the first of some roles that somebody holds, or why they hold none.
func (x *releasing) holdsAny(names []RoleName, who Actor) (RoleName, access) {
	last := access{why: "the policy names no role that may"}
	for _, name := range names {
		acc := x.holds(name, who)
		if acc.ok {
			return name, acc
		}
		acc.unknown = acc.unknown || last.unknown
		last = acc
	}
	return "", last
}

// holders is who holds any of some roles, as a sentence names them.
func (x *releasing) holders(names ...RoleName) string {
	var out []string
	for _, name := range names {
		for _, h := range x.texts {
			if role, ok := h.rules.role(name); ok {
				out = union(out, []string{role.holders()})
			}
		}
	}
	if len(out) == 0 {
		return policyChangers
	}
	return strings.Join(out, " or ")
}

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

// may says whether somebody holds what a duty takes, or why not as the end of a sentence.
func (x *releasing) may(d duty, who Actor) access {
	out := access{ok: true}
	for _, names := range d {
		if _, acc := x.holdsAny(names, who); !acc.ok {
			acc.unknown = acc.unknown || out.unknown
			out = acc
		}
	}
	if len(d) == 0 {
		return access{why: "the policy names no role that may"}
	}
	return out
}

// whose is who holds what a duty takes, as a sentence names them.
func (x *releasing) whose(d duty) string {
	var out []string
	for _, names := range d {
		out = union(out, []string{x.holders(names...)})
	}
	return strings.Join(out, ", as far as among ")
}

// barred says, as the end of a sentence, why somebody may grant nothing about this
// release whatever roles they hold; "" when they may.
func (x *releasing) barred(who Actor) string {
	login := Plain(who.Login)
	switch {
	case sameAccount(who, x.r.Tag.Pusher):
		return login + " put the tag there"
	case sameAccount(who, x.r.Tag.Named):
		return login + " is named by the tag as who made it"
	}
	if f := x.unseparated(); f.why != "" {
		return f.why
	}
	if x.rules.Separation != SeparationStrict {
		return ""
	}
	did := ""
	for i := range x.r.Evidence.Contributors {
		if c := &x.r.Evidence.Contributors[i]; sameAccount(who, Actor{Login: c.Login, ID: c.ID}) {
			if how := login + " " + c.how(); did == "" || how < did {
				did = how
			}
		}
	}
	return did
}

// how is what somebody did in the range, as the end of a sentence.
func (c *RangeContributor) how() string {
	switch {
	case c.Commit != "":
		return "worked on commit " + short(c.Commit) + ", which it brings"
	case c.Pull != 0:
		return "opened #" + strconv.Itoa(c.Pull) + ", which it brings"
	}
	return "worked on what it brings"
}

// unseparated says why nobody can be told from those who may not sign.
func (x *releasing) unseparated() fault {
	e := &x.r.Evidence
	switch block := x.rules.Unattributed != UnattributedAllow; {
	case block && x.r.Tag.Pusher.Login == "":
		return fault{"it is not known who put the tag there, so that nobody can be told from them", "whoever may put the tag there anew"}
	case x.rules.Separation != SeparationStrict:
	case !e.Done || e.Head != x.r.Tag.Commit:
		return fault{"it is not known yet who worked on what it brings", operators}
	case block && (e.NamelessCount != 0 || len(e.Nameless) > 0):
		n := max(e.NamelessCount, len(e.Nameless))
		return fault{namelessText(e.Nameless, n), "whoever may release without " + plural(n, "this commit", "these commits")}
	}
	return fault{}
}

func namelessText(some []string, n int) string {
	text := count(n, "commit") + " that it brings " + plural(n, "belongs", "belong") + " to no GitHub account"
	if len(some) > 0 {
		text += ", such as " + short(slices.Min(some))
	}
	return text + ", so that who worked on " + plural(n, "it", "them") + " is not known"
}

// sameAccount says whether two accounts may be one. An App is itself with and without
// "[bot]", since git has its name both ways; a deleted account is nobody.
func sameAccount(a, b Actor) bool {
	ka, kb := account(a), account(b)
	switch {
	case a.ID != 0 && a.ID == b.ID:
		return true
	case ka == "" || kb == "":
		return false
	}
	return strings.TrimSuffix(ka, "[bot]") == strings.TrimSuffix(kb, "[bot]")
}

// persons numbers people: two actors are one person where their login, or the number of
// their account, is the same.
type persons struct {
	number map[string]int
	one    []int // another number of the same person, or the same number
}

func (p *persons) keys(a Actor) (out []string) {
	if key := account(a); key != "" {
		out = append(out, key)
	}
	if a.ID != 0 {
		out = append(out, strconv.FormatInt(a.ID, 10)+" id") // no login has a blank
	}
	return out
}

// meet takes note of an actor.
func (p *persons) meet(a Actor) {
	if p.number == nil {
		p.number = map[string]int{}
	}
	first := -1
	for _, key := range p.keys(a) {
		n, known := p.number[key]
		if !known {
			n = len(p.one)
			p.number[key], p.one = n, append(p.one, n)
		}
		if first >= 0 {
			p.one[p.root(n)] = p.root(first)
		}
		first = n
	}
}

func (p *persons) root(n int) int {
	for p.one[n] != n {
		n = p.one[n]
	}
	return n
}

// of is the number of somebody who was met.
func (p *persons) of(a Actor) int {
	for _, key := range p.keys(a) {
		if n, known := p.number[key]; known {
			return p.root(n)
		}
	}
	return -1
}
