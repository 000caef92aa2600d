package checks

import (
	"strings"
	"unicode/utf8"
)

// ownerLine is one rule of a CODEOWNERS file.
type ownerLine struct {
	number  int // counts from 1
	pattern ownerPattern
	owners  []owner // nobody owns these files where it is empty
	bad     string  // why GitHub ignores the line; "" when it does not
}

// parseOwners reads a CODEOWNERS file. A line that is wrong does not disable
// the others, as GitHub does it (GitHub Docs, "About code owners").
func parseOwners(text string) []ownerLine {
	book := make([]ownerLine, 0, strings.Count(text, "\n")+1)
	owners := make([]owner, 0, strings.Count(text, "@"))
	text = strings.TrimPrefix(text, "\ufeff")
	for number := 1; text != ""; number++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		end := patternEnd(line)
		l := ownerLine{number: number}
		l.pattern, l.bad = shapeOfOwned(line[:end])
		first := len(owners)
		for text := range strings.FieldsSeq(line[end:]) {
			o := owner{kindOfOwner(text), text}
			if o.kind == noOwner && l.bad == "" {
				l.bad = text + " is neither @login, @organisation/team nor an e-mail address"
			}
			owners = append(owners, o)
		}
		l.owners = owners[first:len(owners):len(owners)]
		book = append(book, l)
	}
	return book
}

// patternEnd is where the pattern of a line ends: at the first blank that has
// no backslash before it.
func patternEnd(line string) int {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case ' ', '\t':
			return i
		}
	}
	return len(line)
}

// decides is the index of the line that decides who owns a path: the last that
// matches; -1 when none does.
func decides(book []ownerLine, path string) int {
	for i := len(book) - 1; i >= 0; i-- {
		if book[i].bad == "" && book[i].pattern.match(path) {
			return i
		}
	}
	return -1
}

// owner is one owner on a line, as it is written there.
type owner struct {
	kind ownerKind
	text string
}

// name is a login, or a team as "org/slug".
func (o *owner) name() string { return strings.TrimPrefix(o.text, "@") }

// who are the owners of a line, in words.
func (l *ownerLine) who() string {
	words := make([]string, len(l.owners))
	for i, o := range l.owners {
		words[i] = o.text
	}
	return Plain(strings.Join(words, " or "))
}

type ownerKind int

const (
	noOwner ownerKind = iota
	userOwner
	teamOwner
	mailOwner
)

func kindOfOwner(s string) ownerKind {
	at := strings.IndexByte(s, '@')
	switch {
	case at < 0:
		return noOwner
	case at > 0:
		if dot := strings.LastIndexByte(s, '.'); dot < at+2 || dot > len(s)-3 || !all(s[at+1:], mailHostByte) || !all(s[:at], mailNameByte) {
			return noOwner
		}
		return mailOwner
	}
	org, team, isTeam := strings.Cut(s[1:], "/")
	switch {
	case !isTeam && org != "" && all(org, loginByte):
		return userOwner
	case isTeam && org != "" && team != "" && all(org, orgByte) && all(team, loginByte):
		return teamOwner
	}
	return noOwner
}

func all(s string, ok func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func orgByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-'
}
func loginByte(c byte) bool    { return orgByte(c) || c == '_' }
func mailHostByte(c byte) bool { return orgByte(c) || c == '.' }
func mailNameByte(c byte) bool { return loginByte(c) || strings.IndexByte(".%+", c) >= 0 }

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
		i := strings.Index(path[at:], p.text)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(p.text)
		if (end == len(path) || path[end] == '/') && (p.shape == ownsSuffix || at == 0 || path[at-1] == '/') {
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
