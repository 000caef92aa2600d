package checks

import (
	"strconv"
	"strings"
)

// sameAccount says whether two accounts may be one. An App is itself with and without
// "[bot]", since git has its name both ways; a deleted account is nobody.
func sameAccount(a, b Actor) bool {
	ka, kb := account(a), account(b)
	switch {
	case a.ID != 0 && a.ID == b.ID:
		return true
	case ka == "" || kb == "":
		return false
	}
	return strings.TrimSuffix(ka, "[bot]") == strings.TrimSuffix(kb, "[bot]")
}

// persons numbers people: two actors are one person where their login, or the number of
// their account, is the same.
type persons struct {
	number map[string]int
	one    []int // another number of the same person, or the same number
}

func (p *persons) keys(a Actor) (out []string) {
	if key := account(a); key != "" {
		out = append(out, key)
	}
	if a.ID != 0 {
		out = append(out, strconv.FormatInt(a.ID, 10)+" id") // no login has a blank
	}
	return out
}

// meet takes note of an actor.
func (p *persons) meet(a Actor) {
	if p.number == nil {
		p.number = map[string]int{}
	}
	first := -1
	for _, key := range p.keys(a) {
		n, known := p.number[key]
		if !known {
			n = len(p.one)
			p.number[key], p.one = n, append(p.one, n)
		}
		if first >= 0 {
			p.one[p.root(n)] = p.root(first)
		}
		first = n
	}
}

func (p *persons) root(n int) int {
	for p.one[n] != n {
		n = p.one[n]
	}
	return n
}

// of is the number of somebody who was met.
func (p *persons) of(a Actor) int {
	for _, key := range p.keys(a) {
		if n, known := p.number[key]; known {
			return p.root(n)
		}
	}
	return -1
}
