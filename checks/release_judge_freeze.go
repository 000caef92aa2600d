package checks

import (
	"strconv"
	"time"
)

// freeze judges the windows in which nothing is promoted.
func (x *releasing) freeze() Result {
	parts := make([]Result, 0, len(x.rules.Freeze))
	ids := map[string]bool{}
	for i := range x.rules.Freeze {
		r := x.window(&x.rules.Freeze[i])
		if ids[r.ID] {
			r.ID, r.Name = r.ID+"-"+strconv.Itoa(i+1), r.Name+" (organisation floor)"
		}
		ids[r.ID] = true
		parts = append(parts, r)
	}
	r := Combine(IDReleaseFreeze, "Freeze", parts)
	switch {
	case len(parts) == 0:
		r.Summary = "The policy names no time in which nothing is promoted."
	case r.State == Met:
		r.Summary = "No freeze holds it up now."
	}
	return r
}

// window judges one of them. What its role signs after it has begun lets the release
// through.
func (x *releasing) window(w *FreezeWindow) Result {
	r := Result{ID: slug(IDReleaseFreeze+"/", w.Name), Name: w.Name, State: Met}
	if x.r.At.IsZero() {
		fault{"it is not known when this was read", operators}.fill(&r)
		return r
	}
	s, now := w.around(x.r.At)
	switch {
	case now:
		why := "Frozen until " + utcMinute(s.end) + ": " + phrase(w.Reason) + "."
		r.State, r.Until = Waiting, s.end
		by := x.letThrough(w, s.begin)
		switch {
		case by != nil:
			r.State, r.Summary = Met, "Let through by "+Plain(by.By.Login)+". "+why
			r.Evidence = []Evidence{by.evidence(x.r.Tag.Commit)}
		case w.Role == "":
			r.Summary, r.Can = why+" Nobody can let it through before.", []string{policyChangers}
		default:
			r.Can = []string{x.rules.holders(w.Role)}
			r.Summary = why + " " + upperFirst(x.rules.holders(w.Role)) + " can let it through by a comment with the line \"" + signCommand + " " + string(w.Role) + "\"."
		}
	case s.begin.IsZero():
		r.Summary = "It was over on " + utcMinute(s.end) + "."
	default:
		r.Until = s.begin
		r.Summary = "It begins on " + utcMinute(s.begin) + " and ends on " + utcMinute(s.end) + ": " + phrase(w.Reason) + "."
	}
	return r
}

// letThrough is the sign-off by which a freeze that began at a moment lets the release
// through, nil for none.
func (x *releasing) letThrough(w *FreezeWindow, begin time.Time) *Act {
	if w.Role == "" {
		return nil
	}
	for i := range x.signs {
		if s := &x.signs[i]; s.named == w.Role && !s.act.At.Before(begin) {
			return s.act
		}
	}
	return nil
}

// frozenAt is the end of a freeze that held at a moment and does not now, zero for none.
func (x *releasing) frozenAt(at time.Time) (end time.Time) {
	for i := range x.rules.Freeze {
		s, then := x.rules.Freeze[i].around(at)
		if then && !s.holds(x.r.At) && s.end.After(end) {
			end = s.end
		}
	}
	return end
}

// freezeRoles are the roles whose holders let a release through a freeze.
func (r *ReleaseRules) freezeRoles() (out []RoleName) {
	for i := range r.Freeze {
		if role := r.Freeze[i].Role; role != "" {
			out = united(out, []RoleName{role})
		}
	}
	return out
}
