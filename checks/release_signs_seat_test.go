package checks

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestLawMostSignOffsAreMet compares the choice of who is counted for what with all
// choices that there are.
func TestLawMostSignOffsAreMet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s seats
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			by := rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 0, 5, rapid.ID[int]).Draw(t, "by")
			s.rules = append(s.rules, seatRule{stage: rapid.IntRange(0, 2).Draw(t, "stage"), need: rapid.IntRange(1, 3).Draw(t, "need"), apart: rapid.IntRange(0, 3).Draw(t, "apart") == 0, by: by})
		}
		met := s.fill()
		full := 0
		for i := range s.rules {
			r := &s.rules[i]
			if len(r.taken) >= r.need {
				full++
			}
			for k, p := range r.taken {
				if !slices.Contains(r.by, p) || slices.Contains(r.taken[:k], p) || len(r.taken) > r.need {
					t.Fatalf("counted are %v of %v", r.taken, r.by)
				}
				for j := range s.rules[:i] {
					o := &s.rules[j]
					if slices.Contains(o.taken, p) && (o.stage == r.stage || o.apart || r.apart) {
						t.Fatalf("%d is counted twice: %+v", p, s.rules)
					}
				}
			}
		}
		if best := bestOf(s.rules, 0, map[int][]int{}); met != best || full != met {
			t.Fatalf("%d are met, %d could be: %+v", met, best, s.rules)
		}
	})
}

// bestOf tries every set of people for every rule.
func bestOf(rules []seatRule, k int, taken map[int][]int) int {
	if k == len(rules) {
		return 0
	}
	best := bestOf(rules, k+1, taken)
	r := &rules[k]
	for set := range 1 << len(r.by) {
		var people []int
		for i, p := range r.by {
			if set>>i&1 == 1 {
				people = append(people, p)
			}
		}
		clash := slices.ContainsFunc(people, func(p int) bool {
			for j, had := range taken {
				if slices.Contains(had, p) && (rules[j].stage == r.stage || rules[j].apart || r.apart) {
					return true
				}
			}
			return false
		})
		if len(people) != r.need || clash {
			continue
		}
		taken[k] = people
		best = max(best, 1+bestOf(rules, k+1, taken))
		delete(taken, k)
	}
	return best
}

// TestACrowdIsSeatedInTime: whoever may sign many times over does not hold it up.
func TestACrowdIsSeatedInTime(t *testing.T) {
	var s seats
	for i := range 12 {
		r := seatRule{stage: i / 4, need: 3, apart: i%2 == 0}
		for p := range 200 {
			r.by = append(r.by, p)
		}
		s.rules = append(s.rules, r)
	}
	s.rules = append(s.rules, seatRule{need: 2, by: []int{1}}) // never met
	if met := s.fill(); met != 12 {
		t.Errorf("%d of 12 are met", met)
	}
	if s.steps > 2*seatingSteps {
		t.Errorf("it took %d steps", s.steps)
	}
}
