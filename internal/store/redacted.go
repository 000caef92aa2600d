package store

import (
	"regexp"
	"strings"
)

// redacted is what stands in a text in the place of a secret.
var redacted = regexp.MustCompile(`\[redacted: [a-z0-9-]+\]`)

// alike says whether two texts are the same but for what was taken out of one as a
// secret and not of the other: what is taken out changes with the rules, and no
// text is edited by that. GitHub tells of edits besides.
func alike(a, b string) bool { return a == b || isRest(a, b) || isRest(b, a) }

// isRest says whether a text is what is left of another.
func isRest(rest, of string) bool {
	parts := redacted.Split(rest, -1)
	last := len(parts) - 1
	if last == 0 || !strings.HasPrefix(of, parts[0]) {
		return false
	}
	of = of[len(parts[0]):]
	for _, p := range parts[1:last] {
		_, after, found := strings.Cut(of, p)
		if !found {
			return false
		}
		of = after
	}
	return strings.HasSuffix(of, parts[last])
}
