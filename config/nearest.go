package config

import (
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
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
		n := checks.Slips(flat.Replace(got), flat.Replace(strings.ToLower(k)))
		if limit := max(1, (len(k)+1)/3); n <= limit && (best == "" || n < least || n == least && k < best) {
			best, least = k, n
		}
	}
	return best
}
