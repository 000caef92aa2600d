package checks

import "strings"

// inClass says whether a character is in the bracket expression whose inside begins
// at p, and where its bracket closes. One that is never closed, or names a class that
// there is not, holds nothing (git's wildmatch.c).
func inClass(pattern string, p int, c byte) (in bool, end int) {
	negated := p < len(pattern) && (pattern[p] == '!' || pattern[p] == '^')
	if negated {
		p++
	}
	var before byte // the character that a range may begin with
	for first := true; first || p < len(pattern) && pattern[p] != ']'; first = false {
		m, next, ok := classMember(pattern, p, before)
		if !ok {
			return false, p
		}
		in = in || m.holds(c)
		before, p = m.begins, next
	}
	return in != negated && p < len(pattern), p
}

// classPart is one part of a bracket expression: a character, a range, or a class.
type classPart struct {
	low, high byte
	class     func(byte) bool
	begins    byte // a range that comes after it; 0 if none can
}

func (m classPart) holds(c byte) bool {
	if m.class != nil {
		return m.class(c)
	}
	return m.low <= c && c <= m.high
}

// classMember is the part at p, and where the next one begins.
func classMember(pattern string, p int, before byte) (m classPart, next int, ok bool) {
	if p >= len(pattern) {
		return m, p, false
	}
	rest := pattern[p:]
	switch {
	case rest[0] == '-' && before != 0 && len(rest) > 1 && rest[1] != ']':
		c, n, ok := classLetter(rest[1:])
		return classPart{low: before, high: c}, p + 1 + n, ok
	case strings.HasPrefix(rest, "[:"):
		name, _, closed := strings.Cut(rest[2:], "]")
		if !closed {
			return m, p, false
		}
		if name, is := strings.CutSuffix(name, ":"); is {
			class := classes[name]
			return classPart{class: class}, p + len("[::]") + len(name), class != nil
		}
	}
	c, n, ok := classLetter(rest)
	return classPart{low: c, high: c, begins: c}, p + n, ok
}

// classLetter is a character, which a backslash may stand before, and its length.
func classLetter(s string) (c byte, n int, ok bool) {
	if s[0] != '\\' {
		return s[0], 1, true
	}
	if len(s) < 2 {
		return 0, 1, false
	}
	return s[1], 2, true
}

func byteRange(low, high byte) func(byte) bool {
	return func(c byte) bool { return low <= c && c <= high }
}

func anyOf(classes ...func(byte) bool) func(byte) bool {
	return func(c byte) bool {
		for _, in := range classes {
			if in(c) {
				return true
			}
		}
		return false
	}
}

// classes are POSIX's, of ASCII, with what git takes for space.
var classes = func() map[string]func(byte) bool {
	digit, lower, upper := byteRange('0', '9'), byteRange('a', 'z'), byteRange('A', 'Z')
	alpha, punct := anyOf(lower, upper), anyOf(byteRange('!', '/'), byteRange(':', '@'), byteRange('[', '`'), byteRange('{', '~'))
	return map[string]func(byte) bool{
		"digit": digit, "lower": lower, "upper": upper, "alpha": alpha, "alnum": anyOf(alpha, digit), "punct": punct,
		"xdigit": anyOf(digit, byteRange('a', 'f'), byteRange('A', 'F')), "graph": byteRange('!', '~'), "print": byteRange(' ', '~'),
		"blank": anyOf(byteRange(' ', ' '), byteRange('\t', '\t')), "space": anyOf(byteRange('\t', '\n'), byteRange('\r', '\r'), byteRange(' ', ' ')),
		"cntrl": anyOf(byteRange(0, 0x1f), byteRange(0x7f, 0x7f)),
	}
}()
