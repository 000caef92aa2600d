package checks

import (
	"slices"
	"strconv"
)

// approvedBy says who has approved, and what of it holds only because what
// they have seen is still the same.
func (h *hearing) approvedBy(t *tally, by []string) (summary string, notes []string) {
	summary = "Approved by " + list(by, 5)
	var commits, who []string
	for i := range t.counted {
		if w := &t.counted[i]; w.carried && !t.spent[i] {
			if who == nil {
				commits, who = make([]string, 0, len(by)), make([]string, 0, len(by))
			}
			commits, who = append(commits, short(w.commit)), append(who, w.who.login)
		}
	}
	switch {
	case len(who) == 0:
		return summary + ".", nil
	case len(who) == len(by):
		summary += "; "
	case len(who) == 1:
		summary += "; " + who[0] + "'s approval is "
	default:
		summary += "; the approvals of " + list(who, 5) + " are "
	}
	if commits = sorted(commits); len(commits) > 1 {
		notes = h.carriedOver(t) // each by itself
	}
	return summary + "carried over from " + list(commits, 3) + ": your " + filesAre(h.filesIn(&t.scope)) + " identical.", notes
}

// carriedOver says which approvals hold only because what they have seen is
// still the same.
func (h *hearing) carriedOver(t *tally) []string {
	var out []string
	for i := range t.counted {
		head := &t.counted[i]
		if !head.carried || slices.ContainsFunc(t.counted[:i], func(w weighed) bool { return w.carried && w.commit == head.commit }) {
			continue
		}
		var who []string
		for _, w := range t.counted[i:] {
			if w.carried && w.commit == head.commit {
				who = append(who, w.who.login)
			}
		}
		text := head.name() + " is"
		if len(who) > 1 {
			text = "The approvals of " + list(who, 5) + " are"
		}
		out = append(out, text+" carried over from "+short(head.commit)+": your "+filesAre(h.filesIn(&t.scope))+" identical.")
	}
	return out
}

// filesIn is how many files at the head are in a scope.
func (h *hearing) filesIn(s *scope) int {
	switch {
	case s.book != nil:
		return s.files
	case s.globs == nil && s.paths == nil:
		return len(h.pull.Files)
	}
	n := 0
	for i := range h.pull.Files {
		if s.covers(&h.pull.Files[i]) {
			n++
		}
	}
	return n
}

func filesAre(n int) string {
	if n == 1 {
		return "1 file is"
	}
	return strconv.Itoa(n) + " files are"
}
