package checks

import (
	"slices"
	"strconv"
	"time"
)

// roleResult judges one sign-off of a stage.
func (x *releasing) roleResult(f *roleFill) Result {
	name := x.roleOf(f)
	r := Result{ID: x.rules.Stages[f.stage].id(string(name)), Name: string(name), State: Waiting}
	var by []string
	for _, s := range f.counted {
		by = append(by, Plain(s.act.By.Login))
		r.Evidence = append(r.Evidence, s.act.evidence(x.r.Tag.Commit))
		if u := x.heldUntil(s); r.Until.IsZero() || u.Before(r.Until) {
			r.Until = u
		}
	}
	left, closed := x.left(f, name)
	switch fault := x.roleFault(name); {
	case name == "":
		r.State, r.Unknown, r.Summary, r.Can = Unmet, true, "Cannot be met: the policy names no role.", []string{policyChangers}
	case fault.why != "":
		fault.fill(&r)
	case len(f.counted) >= f.need:
		r.State, r.Summary = Met, "Signed by "+list(by, 5)+"."
		return r
	case closed && len(left)+len(f.counted) < f.need:
		r.State, r.Can = Unmet, []string{"whoever may add somebody to the role " + string(name), policyChangers}
		r.Summary = x.nobodyLeft(f, name, left)
	default:
		r.Summary, r.Can = x.lackOf(f, name), x.canSign(left, closed, name)
	}
	return r
}

// heldUntil is until when somebody's sign-off holds: the last of those for the same.
func (x *releasing) heldUntil(s *signature) (at time.Time) {
	for i := range x.signs {
		if o := &x.signs[i]; o.who == s.who && o.stage == s.stage && slices.Equal(o.roles, s.roles) && o.until.After(at) {
			at = o.until
		}
	}
	return at
}

// roleFault says why nobody can sign as a role at all.
func (x *releasing) roleFault(name RoleName) fault {
	known := false
	for _, h := range x.texts {
		role, ok := h.rules.role(name)
		if !ok {
			continue
		}
		known = true
		if f := h.fault(&role); f.why != "" {
			return f
		}
	}
	if !known {
		return fault{"there is no role " + quoted(string(name)), policyChangers}
	}
	return x.unseparated()
}

// left are the accounts that may still sign as a role, where it names all of its
// holders, without those who are counted for this or another role of the stage.
func (x *releasing) left(f *roleFill, name RoleName) (keys []string, closed bool) {
	for _, h := range x.texts {
		role, ok := h.rules.role(name)
		if !ok {
			continue
		}
		these, open := h.left(&role, false)
		switch {
		case open:
		case closed:
			keys = slices.DeleteFunc(keys, func(k string) bool { return !slices.Contains(these, k) })
		default:
			keys, closed = these, true
		}
	}
	keys = slices.DeleteFunc(keys, func(k string) bool {
		return gone(k) || slices.ContainsFunc(x.fills, func(o roleFill) bool {
			return o.stage == f.stage && slices.ContainsFunc(o.counted, func(s *signature) bool { return account(s.act.By) == k })
		})
	})
	return keys, closed
}

// nobodyLeft says that too few may sign, and why.
func (x *releasing) nobodyLeft(f *roleFill, name RoleName, left []string) string {
	why := "whoever has put the tag there"
	if x.rules.Separation == SeparationStrict {
		why += " or worked on what it brings"
	}
	text := "Nobody is left who may sign as " + string(name)
	if n := len(left) + len(f.counted); n > 0 {
		text = "Only " + strconv.Itoa(n) + " of " + count(f.need, "person") + " needed " + plural(n, "is", "are") + " left who may sign as " + string(name)
	}
	return text + ": " + why + ", has signed for another role of the stage or has too little access signs nothing, and this is not relaxed; add somebody to the role."
}

// lackOf says which sign-offs a role lacks.
func (x *releasing) lackOf(f *roleFill, name RoleName) string {
	if f.need == 1 {
		return "Needs a sign-off as " + string(name) + " by " + x.rules.holders(name) + "."
	}
	return strconv.Itoa(len(f.counted)) + " of " + count(f.need, "sign-off") + " as " + string(name) + " by " + x.rules.holders(name) + "."
}

// canSign is who can sign now: people by name where they are few.
func (x *releasing) canSign(left []string, closed bool, name RoleName) []string {
	if closed && len(left) <= canLimit && len(left) > 0 {
		out := make([]string, len(left))
		for i, key := range left {
			out[i] = "@" + key
		}
		return sorted(out)
	}
	return x.rules.holdersOf(name)
}
