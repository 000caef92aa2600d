package checks

import (
	"slices"
	"strings"
	"time"
)

// authority is one override section, and what was said under it.
type authority struct {
	rules   *Override
	floor   bool // the floor's, whose word counts for everything
	pull    *Pull
	h       *hearing
	waivers []waiver
	revokes []revoke
	// concerned: there is something that could be taken back.
	concerned bool
}

// waiver is one command by which requirements pass.
type waiver struct {
	moment
	requirement string // its id; "" where the glass is broken
	glass       bool
	by          Actor
	reason      string
	until       time.Time
	first       bool   // by the role of the section
	lacks       string // why not, as the end of a sentence
	second      bool   // by the role of the second person
	why         string // why it does not count, as the end of a sentence; "" if it does
	stale       bool   // it was spoken at another commit
}

// revoke takes waivers back.
type revoke struct {
	moment
	requirement string
	by          Actor
	holder      bool
	edited      bool // whatever its time is, it may have been said later
}

// newAuthority hears everybody. w, if not nil, takes what would have to be asked to
// know more.
func newAuthority(rules *Override, floor bool, pull *Pull, orders []order, w *Wants) *authority {
	r := rules.asReview()
	a := &authority{rules: rules, floor: floor, pull: pull, h: &hearing{pull: pull, rules: r, wants: w, roles: r.inUse()}}
	isOurs := func(o order) bool {
		return o.verb == overrideCommand || o.verb == glassCommand || o.verb == revokeCommand || o.verb == followCommand
	}
	if !slices.ContainsFunc(orders, isOurs) {
		return a
	}
	a.h.gather()
	a.concerned = slices.ContainsFunc(pull.Comments, func(c Comment) bool {
		text := strings.ToLower(c.Body)
		return strings.Contains(text, overrideCommand) || strings.Contains(text, glassCommand)
	})
	for i := range orders {
		switch o := &orders[i]; {
		case o.verb == revokeCommand && a.concerned: // nobody is asked about for a word that is about a role
			a.hearRevoke(o)
		case !o.past && (o.verb == overrideCommand || o.verb == glassCommand):
			a.hearWaiver(o)
		case !o.past && o.verb == followCommand && rules.BreakGlass.Role != "":
			a.holds(rules.BreakGlass.followUpRole(), o.comment.Author) // whether they may is to be known
		}
	}
	for i := range a.waivers {
		a.takeBack(&a.waivers[i])
	}
	return a
}

// hearWaiver reads one command.
func (a *authority) hearWaiver(o *order) {
	w := waiver{moment: o.moment, glass: o.verb == glassCommand, by: o.comment.Author}
	rest := o.rest
	if !w.glass {
		w.requirement, rest = firstWord(rest)
		w.requirement = strings.Trim(w.requirement, "`")
	}
	most := a.rules.Valid
	if w.glass {
		most = a.rules.BreakGlass.Valid
	}
	asked := most
	if word, after := firstWord(rest); asked.UnmarshalText([]byte(word)) == nil {
		rest = after
	} else {
		asked = most
	}
	w.until, w.reason = o.at.Add(time.Duration(min(asked, most))), phrase(rest)
	role := a.rules.Role
	if w.glass {
		role = a.rules.BreakGlass.Role
	}
	w.why = a.barred(&w, o, role)
	switch {
	case w.why != "":
	case asked > most:
		w.why = "at most " + most.String() + " can be asked for"
	case w.requirement == "" && !w.glass:
		w.why = "it names no requirement"
	case w.reason == "":
		w.why = "it gives no reason"
	case !w.until.After(a.pull.At):
		w.why = "it ended on " + minute(w.until)
	}
	a.waivers = append(a.waivers, w)
}

// barred says why somebody's command does not count; "" when it does. It fills in
// which of the roles they hold.
func (a *authority) barred(w *waiver, o *order, role RoleName) string {
	key, login := o.key(), w.by.Login
	self := a.rules.Self
	if w.glass {
		self = a.rules.BreakGlass.Self
	}
	first, second := a.holds(role, w.by), a.holds(a.rules.Second.Role, w.by)
	w.first, w.lacks, w.second = first.ok, first.why, second.ok
	if !self {
		if work := a.h.contribution(key, w.by.ID); work != nil {
			return login + " " + work.how()
		}
		if f := a.h.cutFault(); f.why != "" {
			return f.why
		}
	}
	if !first.ok && !second.ok {
		return first.why
	}
	seen := a.pull.Memory.Seen["comment/"+evidenceID(o.comment.ID)]
	base := a.h.baseThen(&utterance{moment: o.moment, base: seen.Base})
	switch {
	case !o.comment.Edited.IsZero() || seen.Edited:
		return "the text was edited: write it anew"
	case seen.Head == "" || base == "":
		return "it is not known which commit it was written for: write it anew"
	case seen.Head != a.pull.Head.SHA:
		w.stale = true
		return "it was written for " + short(seen.Head) + ", and the head is now " + short(a.pull.Head.SHA)
	case base != a.pull.Base.Name:
		w.stale = true
		return "the base branch was changed since"
	}
	return ""
}

// holds says whether somebody holds a role, or why not as the end of a sentence.
func (a *authority) holds(name RoleName, who Actor) access {
	if name == "" {
		return access{why: "the policy names no role that may"}
	}
	role, known := a.h.rules.role(name)
	if !known {
		return access{unknown: true, why: "there is no role " + Plain(string(name))}
	}
	if f := a.h.fault(&role); f.why != "" {
		return access{unknown: true, why: f.why}
	}
	key := account(who)
	if gone(key) || isApp(key) {
		return access{why: "no App may"}
	}
	acc := a.h.admits(&role, key, who.Login)
	if acc.outside {
		acc.why = role.excludes(key, who.Login)
	}
	return acc
}

func (a *authority) hearRevoke(o *order) {
	id, _ := firstWord(o.rest)
	r := revoke{moment: o.moment, requirement: strings.Trim(id, "`"), by: o.comment.Author}
	r.edited = !o.comment.Edited.IsZero() || a.pull.Memory.Seen["comment/"+evidenceID(o.comment.ID)].Edited
	if r.requirement == "" {
		return
	}
	for _, role := range []RoleName{a.rules.Role, a.rules.Second.Role, a.rules.BreakGlass.Role} {
		r.holder = r.holder || a.holds(role, r.by).ok
	}
	a.revokes = append(a.revokes, r)
}

// takeBack marks a waiver that was taken back, in the same second or later, by who
// gave it or anybody who could have.
func (a *authority) takeBack(w *waiver) {
	for i := range a.revokes {
		if w.why != "" {
			return
		}
		if r := &a.revokes[i]; w.before(r.moment) && w.named(r.requirement) && (r.holder || samePerson(w.by, r.by)) {
			w.why = Plain(r.by.Login) + " took it back"
		}
	}
}

// named says whether a requirement's name is about the waiver: it, what is above it, or
// what is below it.
func (w *waiver) named(requirement string) bool {
	if w.glass {
		return "/"+strings.ToLower(requirement) == glassCommand
	}
	return withinID(w.requirement, requirement) || withinID(requirement, w.requirement)
}

// covers says whether a waiver is about a requirement.
func (w *waiver) covers(id string) bool {
	return w.glass || w.requirement != "" && withinID(id, w.requirement)
}

func samePerson(a, b Actor) bool {
	return account(a) == account(b) || a.ID != 0 && a.ID == b.ID
}

// pair is who lets a requirement pass: one person, or two.
type pair struct{ first, second *waiver }

func (p pair) until() time.Time {
	if p.second != nil && p.second.until.Before(p.first.until) {
		return p.second.until
	}
	return p.first.until
}

// allows says whether the section is about a requirement at all, and whether it takes
// two people.
func (a *authority) allows(id string) (ok, two bool) {
	if !a.floor && floorID(id) || !namesID(a.rules.Requirements, id) {
		return false, false
	}
	two = namesID(a.rules.Second.For, id)
	return !two || a.rules.Second.Role != "", two
}

// lets finds who lets a requirement pass for longest. lacks is a waiver that would,
// were there a second person.
func (a *authority) lets(id string) (best pair, lacks *waiver) {
	ok, two := a.allows(id)
	if !ok {
		return pair{}, nil
	}
	for i := range a.waivers {
		w := &a.waivers[i]
		switch {
		case w.why != "" || !w.covers(id):
		case two:
			lacks = w
			for j := range a.waivers {
				v := &a.waivers[j]
				if w.first && v.why == "" && v.second && v.covers(id) && !samePerson(w.by, v.by) {
					best = best.better(pair{w, v})
				}
			}
		case w.first:
			best = best.better(pair{first: w})
		}
	}
	return best, lacks
}

// better is the pair that holds longer; of two alike, the one that was there first.
func (p pair) better(q pair) pair {
	if p.first == nil || q.until().After(p.until()) {
		return q
	}
	return p
}

// firstWord cuts a text at its first blanks.
func firstWord(s string) (word, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// minute is a moment as sentences say it.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }

// namesRequirement says whether a word that is taken back may be a requirement rather
// than a role: no role's name has a slash.
func namesRequirement(name string) bool {
	return strings.Contains(name, "/") || strings.EqualFold("/"+name, glassCommand) ||
		slices.ContainsFunc(All, func(e Entry) bool { section, _, _ := strings.Cut(e.Name, "/"); return strings.EqualFold(section, name) })
}
