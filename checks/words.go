package checks

import (
	"slices"
	"strconv"
	"strings"
)

func sortStrings(s []string) { slices.Sort(s) }

// count is a number with its noun in the right form, for nouns that take an s.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// first begins a sentence with what may be no name.
func first(s string) string {
	if strings.HasPrefix(s, nobody) {
		return "A" + s[1:]
	}
	return s
}

// title makes a section's name readable: "security-scan" is "Security scan".
func title(name string) string {
	if name == "" {
		return ""
	}
	b := []byte(name)
	if b[0] >= 'a' && b[0] <= 'z' {
		b[0] -= 'a' - 'A'
	}
	for i := range b {
		if b[i] == '-' {
			b[i] = ' '
		}
	}
	return string(b)
}

// list joins words as a sentence does, naming at most limit of them.
func list(words []string, limit int) string {
	if len(words) > limit {
		return strings.Join(words[:limit], ", ") + " and " + strconv.Itoa(len(words)-limit) + " more"
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// either joins words of which one will do.
func either(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// short is a commit as people write it.
func short(sha string) string {
	if len(sha) > 7 {
		return sha[:7]
	}
	return sha
}
