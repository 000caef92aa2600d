package checks

// seating decides for which rule people are counted where one person may not
// stand for two: it looks for the choice by which most rules are met.
type seating struct {
	apart  []*tally // rules whose people count for no other
	shared []*tally
	used   map[string]bool // people counted for one of apart
	best   map[*tally][]string
	score  int
	steps  int
}

// seatingSteps bounds the search. Whatever it finds is a choice that keeps the
// rules, so giving up early can only make a verdict worse.
const seatingSteps = 20000

// seat marks, in each rule, the people who are counted for another.
func seat(tallies []tally) {
	s := seating{used: map[string]bool{}, score: -1}
	for i := range tallies {
		t := &tallies[i]
		switch {
		case t.done:
		case t.distinct():
			s.apart = append(s.apart, t)
		default:
			s.shared = append(s.shared, t)
		}
	}
	s.search(0, map[*tally][]string{})
	taken := map[string]*tally{}
	for t, keys := range s.best {
		for _, k := range keys {
			taken[k] = t
		}
	}
	for _, t := range s.apart {
		// A rule that was not met still shows the people nobody else needs.
		for i := range t.counted {
			if k := t.counted[i].who.key; taken[k] == nil && len(s.best[t]) == 0 && !s.needed(k) {
				taken[k] = t
			}
		}
	}
	for i := range tallies {
		t := &tallies[i]
		for j := range t.counted {
			owner := taken[t.counted[j].who.key]
			t.spent[j] = owner != nil && owner != t || owner == nil && !t.done && t.distinct() && len(s.best[t]) == 0
		}
	}
}

// needed says whether a rule that shares its people counts somebody.
func (s *seating) needed(key string) bool {
	for _, t := range s.shared {
		for i := range t.counted {
			if t.counted[i].who.key == key {
				return true
			}
		}
	}
	return false
}

// search seats the rules from the k-th on.
func (s *seating) search(k int, chosen map[*tally][]string) {
	if s.steps++; s.steps > seatingSteps || s.score == len(s.apart)+len(s.shared) {
		return
	}
	if k == len(s.apart) {
		s.keep(chosen)
		return
	}
	t := s.apart[k]
	s.choose(k, t, 0, nil, chosen)
	s.search(k+1, chosen) // without this rule
}

// choose takes as many people for a rule as it needs, from the i-th on.
func (s *seating) choose(k int, t *tally, i int, keys []string, chosen map[*tally][]string) {
	if len(keys) == t.rule.count() {
		chosen[t] = keys
		s.search(k+1, chosen)
		delete(chosen, t)
		return
	}
	for ; i < len(t.counted) && s.steps <= seatingSteps; i++ {
		key := t.counted[i].who.key
		if s.used[key] {
			continue
		}
		s.used[key] = true
		s.choose(k, t, i+1, append(keys[:len(keys):len(keys)], key), chosen)
		s.used[key] = false
	}
}

// keep remembers a choice when more rules are met by it than by those before.
func (s *seating) keep(chosen map[*tally][]string) {
	score := len(chosen)
	for _, t := range s.shared {
		n := 0
		for i := range t.counted {
			if !s.used[t.counted[i].who.key] {
				n++
			}
		}
		if n >= t.rule.count() {
			score++
		}
	}
	if score <= s.score {
		return
	}
	s.score = score
	s.best = make(map[*tally][]string, len(chosen))
	for t, keys := range chosen {
		s.best[t] = keys
	}
}
