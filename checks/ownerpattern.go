package checks

import (
	"strings"
	"unicode/utf8"
)

// ownerPattern is a CODEOWNERS pattern: gitignore's rules without negation and
// character classes. Most have one of a few shapes that are quick to match.
type ownerPattern struct {
	shape ownedShape
	text  string
}

type ownedShape int

const (
	ownsNone     ownedShape = iota
	ownsAll                 // "*", "**"
	ownsUnder               // "/dir/": everything under it
	ownsPath                // "/path": it and everything under it
	ownsSuffix              // "*.go": every file, or directory, of such a name
	ownsName                // "Makefile": every file or directory of that name
	ownsSegments            // all else, by segments
)

// shapeOfOwned reads a pattern; bad says why it is none.
func shapeOfOwned(p string) (pat ownerPattern, bad string) {
	switch {
	case p == "/":
		return ownerPattern{}, "" // stands for no file
	case strings.Contains(p, "***"):
		return ownerPattern{}, "three asterisks in a row match nothing"
	case p[0] == '!':
		return ownerPattern{}, "a pattern cannot be negated with !"
	case strings.ContainsAny(p, "[]"):
		return ownerPattern{}, "character classes in [] are not supported"
	case p == "*", p == "**", p == "/**":
		return ownerPattern{ownsAll, ""}, ""
	}
	wild := strings.ContainsAny(p, `*?\`)
	if p[0] == '/' && !wild {
		if strings.HasSuffix(p, "/") {
			return ownerPattern{ownsUnder, p[1:]}, ""
		}
		return ownerPattern{ownsPath, p[1:]}, ""
	}
	if strings.HasPrefix(p, "*") && !strings.ContainsAny(p[1:], `*?\/`) {
		return ownerPattern{ownsSuffix, p[1:]}, ""
	}
	if !wild && strings.IndexByte(p, '/') < 0 {
		return ownerPattern{ownsName, p}, ""
	}
	// Without a slash but at its end, a pattern is for any depth.
	rooted := strings.IndexByte(strings.TrimSuffix(p, "/"), '/') >= 0
	p = strings.TrimPrefix(p, "/")
	if strings.HasSuffix(p, "/") {
		p += "**"
	}
	if !rooted && !strings.HasPrefix(p, "**/") {
		p = "**/" + p
	}
	return ownerPattern{ownsSegments, p}, ""
}

func (p *ownerPattern) match(path string) bool {
	switch p.shape {
	case ownsAll:
		return path != ""
	case ownsUnder:
		return strings.HasPrefix(path, p.text)
	case ownsPath:
		return strings.HasPrefix(path, p.text) && (len(path) == len(p.text) || path[len(p.text)] == '/')
	case ownsSuffix, ownsName:
		return p.matchName(path)
	case ownsSegments:
		return matchSegments(p.text, path)
	}
	return false
}

// matchName says whether a segment of the path is the text, or ends in it.
func (p *ownerPattern) matchName(path string) bool {
	for at := 0; ; at++ {
		// Byte by byte: most paths do not hold the first one at all.
		i := strings.IndexByte(path[at:], p.text[0])
		if i < 0 {
			return false
		}
		at += i
		end := at + len(p.text)
		if strings.HasPrefix(path[at:], p.text) && (end == len(path) || path[end] == '/') && (p.shape == ownsSuffix || at == 0 || path[at-1] == '/') {
			return true
		}
	}
}

// matchSegments matches a path segment by segment. "**" stands for any number
// of segments, at the end for one at least; a pattern that ends otherwise also
// covers what lies under what it names, unless it ends in "*".
func matchSegments(pattern, path string) bool {
	var retryPattern, retryPath string
	retry := false
	for {
		seg, restPattern, morePattern := strings.Cut(pattern, "/")
		if seg == "**" {
			if !morePattern {
				return path != ""
			}
			retry, retryPattern, retryPath = true, restPattern, path
			pattern = restPattern
			continue
		}
		name, restPath, morePath := strings.Cut(path, "/")
		if matchSegment(seg, name) {
			switch {
			case !morePattern && (seg != "*" || !morePath):
				return true
			case morePattern && morePath:
				pattern, path = restPattern, restPath
				continue
			}
		}
		// Only the latest "**" needs another try: what an earlier one could
		// still take, this one can too.
		if !retry {
			return false
		}
		_, next, more := strings.Cut(retryPath, "/")
		if !more {
			return false
		}
		retryPath, pattern, path = next, retryPattern, next
	}
}

// matchSegment matches one name: "*" is any characters, "?" is one, a
// backslash takes the next character as it is.
func matchSegment(pattern, name string) bool {
	if pattern == "*" {
		return name != ""
	}
	retryPattern, retryName := "", ""
	retry := false
	for {
		if pattern == "" && name == "" {
			return true
		}
		if pattern != "" && pattern[0] == '*' {
			pattern = pattern[1:]
			retry, retryPattern, retryName = true, pattern, name
			continue
		}
		if p, n, ok := matchOne(pattern, name); ok {
			pattern, name = p, n
			continue
		}
		if !retry || retryName == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(retryName)
		retryName = retryName[size:]
		pattern, name = retryPattern, retryName
	}
}

// matchOne matches one character and returns what is left of both.
func matchOne(pattern, name string) (string, string, bool) {
	if pattern == `\` {
		return "", name, true // a backslash before nothing is nothing
	}
	if pattern == "" || name == "" {
		return "", "", false
	}
	if pattern[0] == '?' {
		_, size := utf8.DecodeRuneInString(name)
		return pattern[1:], name[size:], true
	}
	if pattern[0] == '\\' {
		pattern = pattern[1:]
	}
	if pattern[0] != name[0] {
		return "", "", false
	}
	return pattern[1:], name[1:], true
}
