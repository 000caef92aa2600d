package checks

import (
	"slices"
	"strconv"
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
