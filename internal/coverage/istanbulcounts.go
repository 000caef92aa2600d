package coverage

import (
	"cmp"
	"slices"
)

// located is where a statement or a branch begins.
type located struct{ id, line int32 }

// counted is twice a statement's or a branch's number, and one more when it was
// run, or all its paths were taken.
type counted uint32

func (c counted) id() int32 { return int32(c >> 1) }

// meet says for each place that has a count whether any of its counts is yes.
func meet(places []located, counts []counted, say func(line int, yes bool)) {
	slices.SortFunc(places, func(a, b located) int { return cmp.Compare(a.id, b.id) })
	slices.Sort(counts)
	for _, at := range places {
		for len(counts) > 0 && counts[0].id() < at.id {
			counts = counts[1:]
		}
		if len(counts) == 0 || counts[0].id() != at.id {
			continue
		}
		last := 0
		for last+1 < len(counts) && counts[last+1].id() == at.id {
			last++
		}
		counts = counts[last:] // a yes is above a no
		say(int(at.line), counts[0]&1 == 1)
	}
}
