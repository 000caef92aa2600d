package report

import (
	"slices"
	"strings"
)

// OddAbsent is the plain reason why a path of a report is no file of the
// repository.
const OddAbsent = "no such file in the repository"

const oddLong = "the path is too long"

// ambiguous says that a path may be either file.
func ambiguous(a, b string) string {
	a, b = min(a, b), max(a, b)
	return "may be " + Clip(a) + " or " + Clip(b)
}

// Oddities are some paths that were not found, with the reason: first those of
// which there is more to say than that.
func Oddities(odd map[string]string) []string {
	const shown = 20
	paths := make([]string, 0, len(odd))
	for p := range odd {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int {
		if x, y := odd[a] == OddAbsent, odd[b] == OddAbsent; x != y {
			if y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var out []string
	for _, p := range paths[:min(len(paths), shown)] {
		out = append(out, Clip(p)+": "+odd[p])
	}
	return out
}
