package checks

import "slices"

// signing hears who signs what a control asks for besides the review section's
// rules. The same laws hold: who worked on the change signs nothing, and an
// approval lasts as long as what it has seen.
type signing struct {
	h    hearing
	asks int
}

// signingOf hears everybody for some sign-offs. w, if not nil, takes what would
// have to be asked to know more.
func signingOf(pull *Pull, w *Wants, roles map[RoleName]Role, rules ...SignOff) *signing {
	r := &ReviewRules{SignOffs: rules, roles: roles}
	s := &signing{h: hearing{pull: pull, rules: r, wants: w, roles: r.inUse()}}
	s.h.listen()
	s.h.gather()
	return s
}

// signed judges the sign-off of a number. id and name are the result's, why is
// the sentence that says what asks for it. It is about some changed files, by
// their new path; nil is the whole change.
func (s *signing) signed(rule int, id, name, why string, files map[string]bool) Result {
	return s.together(rule, []Result{{ID: id, Name: name}}, why, files)[0]
}

// together judges sign-offs of several roles about the same, from a number on; as
// has their ids and names. Nobody counts for two of them where one of the roles is
// distinct.
func (s *signing) together(first int, as []Result, why string, files map[string]bool) []Result {
	about := scope{}
	if files != nil {
		s.asks++
		about = scope{id: s.asks, paths: files}
	}
	tallies, apart := make([]tally, len(as)), false
	for i := range tallies {
		t := &tallies[i]
		t.rule, t.result, t.scope = &s.h.rules.SignOffs[first+i], as[i], about
		s.h.weigh(t)
		apart = apart || !t.done && t.distinct()
	}
	if apart {
		seat(tallies)
	}
	out := make([]Result, len(tallies))
	for i := range tallies {
		s.h.finish(&tallies[i])
		if out[i] = tallies[i].result; out[i].State != Met && why != "" {
			out[i].Summary = why + " " + out[i].Summary
		}
	}
	return out
}

// settle puts what is wanted in order.
func (w *Wants) settle() {
	slices.Sort(w.Users)
	slices.Sort(w.Teams)
	slices.Sort(w.Changes)
	slices.Sort(w.Texts)
	for _, paths := range w.Modes {
		slices.Sort(paths)
	}
}

// signingNeed is what must be known of those who hold some roles.
func signingNeed(roles map[RoleName]Role, rules ...SignOff) Need {
	return (&ReviewRules{SignOffs: rules, roles: roles}).Need()
}
