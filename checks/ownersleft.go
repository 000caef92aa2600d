package checks

import (
	"strconv"
	"strings"
)

// ownersLeft are the accounts that may still approve as owners of a line, how
// to name those who can act, and what is wrong with owners that cannot be found.
func (h *hearing) ownersLeft(l *ownerLine, self bool) (left, can, faults []string) {
	for _, o := range l.owners {
		name := o.name()
		if o.kind == mailOwner {
			faults = append(faults, "owner "+Plain(o.text)+" is an e-mail address, which cannot be matched with an account")
			continue
		}
		if o.kind == userOwner {
			if key := strings.ToLower(name); h.mayOwn(key, self) {
				left, can = append(left, key), append(can, "@"+key)
			}
			continue
		}
		switch team, asked := h.team(name); {
		case !asked:
			faults = append(faults, "owner team "+name+" has not been read yet")
		case !team.Found:
			faults = append(faults, "owner team "+name+" does not exist or cannot be seen")
		case len(team.Members) == 0:
			faults = append(faults, "owner team "+name+" has no members")
		default:
			n := len(left)
			for _, m := range team.Members {
				if key := strings.ToLower(m); h.mayOwn(key, self) {
					left = append(left, key)
				}
			}
			if len(left) > n {
				can = append(can, "@"+name)
			}
		}
	}
	return left, can, faults
}

// ownerMissing fills in the result of a line that no owner has approved.
func (h *hearing) ownerMissing(r *Result, t *tally, l *ownerLine, files int, only func(string) bool) {
	left, can, faults := h.ownersLeft(l, t.rule.Self)
	what := h.examples(t, files, only)
	who := l.who()
	switch {
	case len(left) == 0 && len(faults) > 0:
		r.State, r.Unknown, r.Can = Unmet, true, []string{ownersChangers}
		r.Summary = what + " cannot be approved by an owner: " + list(faults, 3)
	case len(left) == 0:
		r.State, r.Can = Unmet, []string{ownersChangers}
		r.Summary = what + ": nobody is left who may approve as an owner, since all of " + who + " worked on this change or have no write access"
		if len(l.owners) == 1 && l.owners[0].kind == userOwner {
			r.Summary = what + ": nobody is left who may approve as an owner, since " + who + " worked on this change or has no write access"
		}
	default:
		r.State = Waiting
		r.Summary = what + " still needs an approval of " + who
		if files > 1 {
			r.Summary = what + " still need an approval of " + who
		}
		r.Summary += reason(t.remarks)
		for _, m := range t.remarks {
			if m.who != "" {
				can = append(can, "@"+m.who)
			}
		}
		r.Can = can
	}
	for _, f := range faults {
		r.Notes = append(r.Notes, "CODEOWNERS line "+strconv.Itoa(l.number)+": "+f+".")
	}
}

// mayOwn says whether somebody may still approve as an owner, as far as known.
func (h *hearing) mayOwn(key string, self bool) bool {
	if !self && h.contribution(key, 0) != nil {
		return false
	}
	p, asked := h.pull.People[key]
	return !asked || rank(p.Permission) < 0 || Permission(p.Permission).AtLeast("write")
}

// examples names some of the files that a line decides about.
func (h *hearing) examples(t *tally, files int, only func(string) bool) string {
	var paths []string
	take := func(path string) {
		if path != "" && (only == nil || only(path)) && decides(t.scope.book, path) == t.scope.line {
			paths = append(paths, Plain(path))
		}
	}
	for i := range h.pull.Files {
		f := &h.pull.Files[i]
		take(f.Path)
		take(movedFrom(f))
	}
	return count(files, "file") + " (" + list(sorted(paths), 2) + ")"
}
