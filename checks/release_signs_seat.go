package checks

import "slices"

// seatRule is a sign-off of a stage: how many people it takes, and who has signed it,
// by number, whoever is to be counted first before the others.
type seatRule struct {
	stage int
	need  int
	apart bool // whoever is counted for it is counted for nothing else
	by    []int
	taken []int // who is counted, once the seats are filled
}

// seats decides for which sign-off people are counted. Of one stage nobody is counted
// for two. It looks for the choice by which most sign-offs are met; of two such, the
// one that it finds first, which takes the first people for the first rules.
type seats struct {
	rules []seatRule

	used  map[[2]int]bool // by stage and person
	times map[int]int     // how often a person is counted
	alone map[int]bool    // people counted for a rule that is apart
	now   [][]int
	best  [][]int
	score int
	steps int
}

// fill finds the choice and says how many sign-offs are met by it. A rule that is not
// met is given those whom no other needs.
func (s *seats) fill() int {
	s.used, s.times, s.alone = map[[2]int]bool{}, map[int]int{}, map[int]bool{}
	s.now, s.best, s.score, s.steps = make([][]int, len(s.rules)), make([][]int, len(s.rules)), -1, 0
	s.search(0, 0)
	for i, people := range s.best {
		s.rules[i].taken = people
		for _, p := range people {
			s.take(&s.rules[i], p)
		}
	}
	for i := range s.rules {
		r := &s.rules[i]
		for _, p := range r.by {
			if len(r.taken) < r.need && s.free(r, p) {
				s.take(r, p)
				r.taken = append(r.taken, p)
			}
		}
	}
	return s.score
}

// gaveUp says that not every choice was looked at.
func (s *seats) gaveUp() bool { return s.steps > seatingSteps }

// search seats the rules from the k-th on, of which met are met so far.
func (s *seats) search(k, met int) {
	s.steps++
	left := 0
	for i := k; i < len(s.rules); i++ {
		if len(s.rules[i].by) >= s.rules[i].need {
			left++
		}
	}
	if s.gaveUp() && s.score >= 0 || met+left <= s.score {
		return
	}
	if k == len(s.rules) {
		s.score = met
		for i := range s.now {
			s.best[i] = slices.Clone(s.now[i])
		}
		return
	}
	s.choose(k, 0, met)
	s.search(k+1, met) // without this rule
}

// choose takes as many people for a rule as it needs, from the i-th on.
func (s *seats) choose(k, i, met int) {
	r := &s.rules[k]
	s.steps++
	if len(s.now[k]) == r.need {
		s.search(k+1, met+1)
		return
	}
	for ; i < len(r.by) && !s.gaveUp(); i++ {
		p := r.by[i]
		if len(r.by)-i < r.need-len(s.now[k]) {
			return
		}
		if !s.free(r, p) {
			continue
		}
		s.take(r, p)
		s.now[k] = append(s.now[k], p)
		s.choose(k, i+1, met)
		s.now[k] = s.now[k][:len(s.now[k])-1]
		s.leave(r, p)
	}
}

// free says whether a person may still be counted for a rule.
func (s *seats) free(r *seatRule, p int) bool {
	return !s.used[[2]int{r.stage, p}] && !s.alone[p] && !(r.apart && s.times[p] > 0)
}

func (s *seats) take(r *seatRule, p int) {
	s.used[[2]int{r.stage, p}] = true
	s.times[p]++
	if r.apart {
		s.alone[p] = true
	}
}

func (s *seats) leave(r *seatRule, p int) {
	delete(s.used, [2]int{r.stage, p})
	s.times[p]--
	if r.apart {
		delete(s.alone, p)
	}
}
