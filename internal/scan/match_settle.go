package scan

import (
	"cmp"
	"slices"
	"sort"
)

// settled takes out of hits what says the same twice: a strong one within another
// strong one, and a weak one that touches a strong one or is within another weak
// one. Of two at one place the one stays whose rule comes first. What is in code is
// within nothing: its place is all of the code.
func settled(hits []hit) []hit {
	if len(hits) < 2 {
		return hits
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	strong := outermost(hits, false)
	var ends []hit // not in code: both their starts and their ends rise
	for _, h := range strong {
		if !h.coded {
			ends = append(ends, h)
		}
	}
	kept := strong
	for _, h := range outermost(hits, true) {
		i := sort.Search(len(ends), func(i int) bool { return ends[i].end > h.start })
		if i == len(ends) || ends[i].start >= h.end {
			kept = append(kept, h)
		}
	}
	slices.SortStableFunc(kept, func(a, b hit) int { return cmp.Compare(a.start, b.start) })
	return kept
}

// outermost are the hits of one kind, in order, that are not within another one.
func outermost(hits []hit, weak bool) (kept []hit) {
	end := 0
	for _, h := range hits {
		switch {
		case h.weak != weak || !h.coded && h.end <= end:
			continue
		case !h.coded:
			end = h.end
		}
		kept = append(kept, h)
	}
	return kept
}
