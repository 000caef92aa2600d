package config

import (
	"slices"
	"strings"
)

// meant suggests what somebody meant who wrote got where one of known was
// needed: the nearest, or all of them.
func meant(got string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	if hint := didYouMean(got, known); hint != "" {
		return hint
	}
	known = slices.Clone(known)
	slices.Sort(known)
	if len(known) > 20 {
		known = append(known[:20], "…")
	}
	return "Known here: " + strings.Join(known, ", ") + "."
}

// didYouMean suggests the nearest of known, "" when none is near.
func didYouMean(got string, known []string) string {
	if best := nearest(got, known); best != "" {
		return `Did you mean "` + best + `"?`
	}
	return ""
}

// nearest is the known word that takes the fewest slips to become got, "" when
// even that one takes more than a third of its letters.
func nearest(got string, known []string) string {
	got = strings.ToLower(got)
	if len(got) > 64 {
		return ""
	}
	flat := strings.NewReplacer("-", "_", " ", "_")
	best, least := "", 0
	for _, k := range known {
		n := distance(flat.Replace(got), flat.Replace(strings.ToLower(k)))
		if limit := max(1, (len(k)+1)/3); n <= limit && (best == "" || n < least || n == least && k < best) {
			best, least = k, n
		}
	}
	return best
}

// distance counts the slips between two words: a letter missing, too many,
// wrong, or swapped with its neighbour (optimal string alignment).
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
