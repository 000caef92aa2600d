package coverage

import "slices"

// normal puts runs in order; where they overlap, the highest state holds. It
// may use runs' memory.
func normal(runs []Run) []Run {
	ordered := true
	for i := 1; i < len(runs) && ordered; i++ {
		ordered = runs[i-1].End < runs[i].Start
	}
	if ordered {
		return join(runs)
	}
	return join(sweep(runs, highest))
}

// join makes one of neighbours of the same state.
func join(runs []Run) []Run {
	out := runs[:0]
	for _, r := range runs {
		if n := len(out); n > 0 && out[n-1].State == r.State && out[n-1].End+1 == r.Start {
			out[n-1].End = r.End
			continue
		}
		out = append(out, r)
	}
	return slices.Clip(out)
}

// edge is where a run begins, or where it has ended.
type edge struct {
	at    int32
	state State
	begin bool
}

// highest is the state of a line on which so many runs of each state lie.
func highest(open *[Hit + 1]int) State {
	for s := Hit; s > Absent; s-- {
		if open[s] > 0 {
			return s
		}
	}
	return Absent
}

// sweep goes over all lines at which something begins or ends. state says what
// a line is on which so many runs of each state lie.
func sweep(runs []Run, state func(open *[Hit + 1]int) State) []Run {
	edges := edgesOf(runs)
	var open [Hit + 1]int
	var out []Run
	for i := 0; i < len(edges); {
		at, before := edges[i].at, state(&open)
		for ; i < len(edges) && edges[i].at == at; i++ {
			if edges[i].begin {
				open[edges[i].state]++
			} else {
				open[edges[i].state]--
			}
		}
		now := state(&open)
		if now == before {
			continue
		}
		if before != Absent {
			out[len(out)-1].End = at - 1
		}
		if now != Absent {
			out = append(out, Run{at, at, now})
		}
	}
	return out
}

// edgesOf is where runs begin and end, in order.
func edgesOf(runs []Run) []edge {
	edges := make([]edge, 0, 2*len(runs))
	for _, r := range runs {
		edges = append(edges, edge{r.Start, r.State, true}, edge{r.End + 1, r.State, false})
	}
	slices.SortFunc(edges, func(a, b edge) int { return int(a.at) - int(b.at) })
	return edges
}
