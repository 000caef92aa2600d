package checks

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// overriding lets results pass that somebody has overridden.
type overriding struct {
	pull  *Pull
	by    []*authority // the floor's first
	used  map[*waiver]bool
	open  []string // what is missing and can be overridden
	two   []string // those of them that take two people
	count int
	until time.Time // when the first override ends
}

// overrides hears who has overridden something under a policy.
func overrides(policy *Policy, pull *Pull, orders []order) *overriding {
	x := &overriding{pull: pull, used: map[*waiver]bool{}}
	if o := policy.FloorOverride; o != nil {
		x.by = append(x.by, newAuthority(o, true, pull, orders, nil))
	}
	if o := policy.Override; o != nil {
		x.by = append(x.by, newAuthority(o, false, pull, orders, nil))
	}
	return x
}

// applyAll lets what the sections ask for pass; what concerns the whole is never
// overridden.
func (x *overriding) applyAll(results []Result) {
	for i := range results {
		if len(x.by) > 0 && hasRun(results[i].ID) {
			x.apply(&results[i])
		}
	}
}

// apply lets a section's result, or parts of it, pass. What is only shown needs no
// override.
func (x *overriding) apply(r *Result) {
	switch {
	case r.Observed:
	case len(r.Parts) == 0:
		x.let(r)
	default:
		before, n := stateOf(r.Parts), x.count
		for i := range r.Parts {
			x.apply(&r.Parts[i])
		}
		if x.count > n {
			x.rejoin(r, before)
		}
	}
}

// stateOf is the worst of parts, as [Combine] has it.
func stateOf(parts []Result) State {
	s := Exempt
	for i := range parts {
		if !parts[i].Observed {
			s = worse(s, parts[i].State)
		}
	}
	return s
}

// rejoin makes a result anew of its parts, of which some pass now. A result that was
// worse than its parts has a fault of its own, which stays.
func (x *overriding) rejoin(r *Result, before State) {
	if r.State < before {
		return
	}
	anew := Combine(r.ID, r.Name, r.Parts)
	r.State, r.Unknown, r.Can, r.Summary = anew.State, anew.Unknown, anew.Can, anew.Summary
	if r.State == Overridden {
		r.Summary = "Nothing else is missing than what is overridden: " + list(overriddenIn(r.Parts, nil), 4) + "."
	}
	if !anew.Until.IsZero() && (r.Until.IsZero() || anew.Until.Before(r.Until)) {
		r.Until = anew.Until
	}
}

// overriddenIn names the parts that pass by an override only.
func overriddenIn(parts []Result, names []string) []string {
	for i := range parts {
		switch p := &parts[i]; {
		case p.Observed || p.State != Overridden:
		case len(p.Parts) > 0:
			names = overriddenIn(p.Parts, names)
		default:
			names = append(names, p.Name)
		}
	}
	return names
}

// let lets a result pass if somebody who may has overridden it.
func (x *overriding) let(r *Result) {
	if r.State.Passes() {
		return
	}
	var best pair
	for _, a := range x.by {
		p, lacks := a.lets(r.ID)
		if p.first != nil && (best.first == nil || p.until().After(best.until())) {
			best = p
		}
		if p.first == nil && lacks != nil {
			x.used[lacks] = true
			r.Notes = append(slices.Clip(r.Notes), a.lacksText(lacks))
		}
	}
	if best.first == nil {
		x.note(r.ID)
		return
	}
	x.count++
	x.override(r, best)
}

// note notes that something is missing that can be overridden.
func (x *overriding) note(id string) {
	for _, a := range x.by {
		if ok, two := a.allows(id); ok && (a.rules.Role != "" || a.rules.BreakGlass.Role != "") {
			if x.open = append(x.open, id); two {
				x.two = append(x.two, id)
			}
			return
		}
	}
}

func (x *overriding) override(r *Result, p pair) {
	until := p.until()
	who := Plain(p.first.by.Login)
	reason := p.first.reason
	r.Evidence = append(slices.Clip(r.Evidence), p.first.evidence(x.pull))
	x.used[p.first] = true
	if p.second != nil {
		who += " and " + Plain(p.second.by.Login)
		if p.second.reason != reason {
			reason += " / " + p.second.reason
		}
		r.Evidence = append(r.Evidence, p.second.evidence(x.pull))
		x.used[p.second] = true
	}
	missing := strings.TrimRight(clean(r.Summary, overriddenLimit), " .")
	r.Summary = "Let pass by " + who + " until " + minute(until) + ": " + reason + ". What was not met: " + cmp.Or(missing, r.State.String()) + "."
	r.State, r.Unknown, r.Can = Overridden, false, nil
	if r.Until.IsZero() || !r.Until.After(x.pull.At) || until.Before(r.Until) {
		r.Until = until
	}
	if x.until.IsZero() || until.Before(x.until) {
		x.until = until
	}
}

// overriddenLimit is how many characters of what was not met are said again.
const overriddenLimit = 400

// evidence is the comment that a requirement passes by.
func (w *waiver) evidence(pull *Pull) Evidence {
	text := "override"
	if w.glass {
		text = glassEvidence
	}
	return Evidence{Kind: "comment", ID: evidenceID(w.id), Login: w.by.Login, Commit: pull.Head.SHA, Text: text + " until " + w.until.UTC().Format(time.RFC3339)}
}

// lacksText says whom an override still needs.
func (a *authority) lacksText(w *waiver) string {
	name := a.rules.Second.Role
	if !w.first && w.second {
		if name = a.rules.Role; w.glass {
			name = a.rules.BreakGlass.Role
		}
	}
	role, _ := a.h.rules.role(name)
	return Plain(w.by.Login) + "'s \"" + w.words() + "\" does not do alone: somebody else, of " + role.holders() + ", must override it as well."
}

// words are the command as a note calls it.
func (w *waiver) words() string {
	if w.glass {
		return glassCommand
	}
	return strings.TrimSpace(overrideCommand + " " + quoted(w.requirement))
}

// notes are what is to be said below the table: who has broken the glass, how what is
// missing could be overridden, and what of those who tried to does not count.
func (x *overriding) notes(passes bool) []string {
	out := x.glassNotes()
	if passes {
		return out
	}
	if len(x.open) > 0 {
		out = append(out, x.hint())
	}
	var said []string
	for _, a := range x.by {
		for i := range a.waivers {
			if w := &a.waivers[i]; !x.used[w] {
				said = append(said, x.astray(a, w)...)
			}
		}
	}
	return append(out, limited(slices.Compact(sorted(said)), "overrides")...)
}

// astray says why a command lets nothing pass. What strangers write is not explained
// to everybody, unless it is about something that is missing.
func (x *overriding) astray(a *authority, w *waiver) []string {
	about := slices.ContainsFunc(x.open, func(id string) bool { ok, _ := a.allows(id); return ok && w.covers(id) })
	about = about || w.requirement == "" && !w.glass && (w.first || w.second)
	begin := Plain(w.by.Login) + "'s \"" + w.words() + "\" "
	switch {
	case w.glass && a.rules.BreakGlass.Role == "" || !w.glass && a.rules.Role == "":
		return nil // the other section's, if anybody's
	case w.why != "" && about:
		return []string{begin + "does not count: " + w.why + "."}
	case w.why == "" && about && !w.first:
		return []string{begin + "does not count: " + w.lacks + "."}
	case w.why != "" || w.glass || about:
		return nil
	case len(x.open) == 0:
		return []string{begin + "lets nothing pass: nothing that is missing can be overridden."}
	}
	return []string{begin + "lets nothing pass: nothing of that name is missing that it may be about. What can be overridden now: " + list(x.open, 12) + "."}
}

// hint says how what is missing could be overridden.
func (x *overriding) hint() string {
	var who, also []string
	valid := time.Duration(0)
	for _, a := range x.by {
		if a.rules.Role == "" || !slices.ContainsFunc(x.open, func(id string) bool { ok, _ := a.allows(id); return ok }) {
			continue
		}
		text := a.rules.holders(a.rules.Role)
		if a.floor {
			text += " (for everything)"
		}
		who = union(who, []string{text})
		valid = max(valid, time.Duration(a.rules.Valid))
		if slices.ContainsFunc(x.two, func(id string) bool { ok, _ := a.allows(id); return ok }) {
			also = union(also, []string{a.rules.holders(a.rules.Second.Role)})
		}
	}
	if len(who) == 0 {
		return "In an emergency what is missing can be let pass by a comment with the line \"" + glassCommand + " REASON\"."
	}
	out := "What is missing can be let pass, for " + Duration(valid).String() + " at most and for this commit only, by " + list(who, 2) +
		": a comment with the line \"" + overrideCommand + " REQUIREMENT REASON\", where REQUIREMENT is an id of the table, such as " + x.open[0] + "."
	if len(also) > 0 {
		out += " For " + list(x.two, 4) + " somebody else, of " + list(also, 2) + ", must write the same."
	}
	return out
}
