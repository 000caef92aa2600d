package coverage

import (
	"slices"
	"strings"
)

// Why a path of a report is no file of the repository.
const (
	oddAbsent = "no such file in the repository"
	oddLong   = "the path is too long"
)

// ambiguous says that a path may be either file.
func ambiguous(a, b string) string {
	a, b = min(a, b), max(a, b)
	return "may be " + clip(a) + " or " + clip(b)
}

// oddities are some paths that were not found, with the reason: first those of
// which there is more to say than that.
func oddities(odd map[string]string) []string {
	const shown = 20
	paths := make([]string, 0, len(odd))
	for p := range odd {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int {
		if x, y := odd[a] == oddAbsent, odd[b] == oddAbsent; x != y {
			if y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var out []string
	for _, p := range paths[:min(len(paths), shown)] {
		out = append(out, clip(p)+": "+odd[p])
	}
	return out
}

// brief shortens a sentence.
func brief(s string) string {
	const most = 400
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "")
}

// clip shortens a name from a report for people.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		s = "…" + s[len(s)-most:]
	}
	return strings.ToValidUTF8(s, "�")
}
